"""Blocks of short lines: lists without bullets, addresses, steps, verses, price lists."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ragkit.reading.lines import Line, has_room, jumps

_FREE = 0.5  # share of a block's lines that end before they had to, from which it is a list whatever is around it,
_SOME_FREE = 0.2  # and where wider text stands beside it
_NEAR = 6  # rows before and after a block that show how wide the text is


def find_items(rows: Sequence[Line], pitch: float) -> set[int]:
    """Indices of the rows of a page that stand on lines of their own in blocks of short lines, but for the first of each.

    Wrapped text fills its lines: the first word of the next one would not have fitted. A block in which many would
    have is a list; and so is one beside wider text whose lines all begin anew, or some of whose lines end early.
    """
    items: set[int] = set()
    begin = 0
    for i in range(1, len(rows) + 1):
        if i == len(rows) or not _is_one_block(rows[i - 1], rows[i], pitch):
            if i - begin > 2:
                items |= _items_of(rows, begin, i)
            begin = i
    return items


def _is_one_block(above: Line, line: Line, pitch: float) -> bool:
    if jumps(above, line) or line.base - above.base > 1.35 * pitch * max(line.size, above.size):
        return False
    alike = abs(line.size - above.size) <= 0.08 * above.size and line.bold == above.bold
    return alike and abs(line.x0 - above.x0) < 0.3 * line.size


def _items_of(rows: Sequence[Line], begin: int, end: int) -> set[int]:
    block = rows[begin:end]
    own = max(line.x1 for line in block)
    around = [*rows[max(0, begin - _NEAR) : begin], *rows[end : end + _NEAR]]
    edge = max([own, *(line.x1 for line in around if _is_same_column(line, block[0]))])
    free = sum(has_room(a, b, own) for a, b in pairwise(block))
    wider = all(has_room(a, b, edge) for a, b in pairwise(block))
    anew = all(not line.text[0].islower() for line in block)
    n = len(block) - 1
    if free >= _FREE * n or (wider and edge > own and (anew or free >= _SOME_FREE * n)):
        return {begin + i for i, (a, b) in enumerate(pairwise(block), 1) if has_room(a, b, edge)}
    return set()


def _is_same_column(line: Line, other: Line) -> bool:
    return abs(line.x0 - other.x0) < 3 * other.size and abs(line.size - other.size) <= 0.08 * other.size

"""Blocks of short lines: lists without bullets, addresses, steps, verses, price lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from ragkit.reading.lines import Line, has_room, jumps

# Share of a block's lines that end before they had to, from which it is a list: where all begin anew, where some begin
# with a small letter, and where these stand beside wider text. Chosen on all public documents: none was held out.
_FREE, _FREE_SMALL, _FREE_BESIDE = 0.5, 0.7, 0.3
_FROM_RIGHT = re.compile("[\u0590-\u08ff]")  # Hebrew, Arabic
_NEAR = 6  # rows before and after a block that show how wide the text is


def find_items(rows: Sequence[Line], pitch: float) -> set[int]:
    """Indices of the rows in blocks of short lines that stand on lines of their own, but for the first of a block.

    Wrapped text fills its lines: the first word of the next one would not have fitted. A block in which many would
    have is a list; and so is one beside wider text whose lines all begin anew, or some of whose lines end early.
    """
    items: set[int] = set()
    for begin, end in _blocks(rows, pitch, _begins_alike):
        items |= _items_of(rows, begin, end)
    middle = sum([min(line.x0 for line in rows), max(line.x1 for line in rows)]) / 2 if rows else 0.0
    for begin, end in _blocks(rows, pitch, _ends_alike):
        block = rows[begin:end]
        lefts = {
            round(2 * line.x0 / line.size) for line in block
        }  # two are those of paragraphs and their first lines
        if len(lefts) > 2 / 3 * len(block) and all(line.x0 > middle for line in block):
            items |= set(range(begin + 1, end))
    return items


def _blocks(
    rows: Sequence[Line], pitch: float, alike: Callable[[Line, Line], bool]
) -> Iterator[tuple[int, int]]:
    """Where blocks of three lines and more, each below the last and alike to it, begin and end."""
    begin = 0
    for i in range(1, len(rows) + 1):
        if i == len(rows) or not (alike(rows[i - 1], rows[i]) and _is_one_block(rows[i - 1], rows[i], pitch)):
            if i - begin > 2:
                yield begin, i
            begin = i


def _is_one_block(above: Line, line: Line, pitch: float) -> bool:
    if jumps(above, line) or line.base - above.base > 1.35 * pitch * max(line.size, above.size):
        return False
    if line.cells > 1 or above.cells > 1:
        return False  # rows of a table are on lines of their own anyway
    return abs(line.size - above.size) <= 0.08 * above.size and line.bold == above.bold


def _begins_alike(above: Line, line: Line) -> bool:
    return abs(line.x0 - above.x0) < 0.3 * line.size


def _ends_alike(above: Line, line: Line) -> bool:
    """Whether lines stand at the right: they end at one edge and begin anywhere, as in no text from left to right."""
    level = abs(line.x1 - above.x1) < 0.3 * line.size
    return level and abs(line.x0 - above.x0) > 0.5 * line.size and not _FROM_RIGHT.search(line.text)


def _items_of(rows: Sequence[Line], begin: int, end: int) -> set[int]:
    block = rows[begin:end]
    ends = sorted(line.x1 for line in block)
    if sum(ends[-1] - end < 1 for end in ends) > max(2, len(block) / 3):
        return set()  # set to one length, as prose is
    around = [*rows[max(0, begin - _NEAR) : begin], *rows[end : end + _NEAR]]
    edge = max([ends[-1], *(line.x1 for line in around if _is_same_column(line, block[0]))])
    free = sum(
        has_room(block[i], block[i + 1], max([line.x1 for line in block[max(0, i - 2) : i + 4]]))
        for i in range(len(block) - 1)
    ) / (len(block) - 1)  # beside the lines around: text beside a picture may change its width
    beside = edge > ends[-1] and all(has_room(a, b, edge) for a, b in pairwise(block))
    anew = all(not line.text[0].islower() for line in block)
    if free >= (_FREE if anew else _FREE_SMALL) or (beside and (anew or free >= _FREE_BESIDE)):
        return {begin + i for i, (a, b) in enumerate(pairwise(block), 1) if has_room(a, b, edge)}
    return set()


def _is_same_column(line: Line, other: Line) -> bool:
    return abs(line.x0 - other.x0) < 3 * other.size and abs(line.size - other.size) <= 0.08 * other.size

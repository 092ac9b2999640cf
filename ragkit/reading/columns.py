"""The order of the lines of a page: columns of text, rows of tables."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from math import inf
from statistics import median

from ragkit.reading.lines import Line
from ragkit.reading.raised import is_raised, part_marks, write_raised
from ragkit.reading.sides import cut_in_halves, find_side_column, is_spread, moved, pairs_beside, part_blocks

_MIN_LINES = 4  # of a column of text
_NEAR = 40  # rows back in which a row's other pieces are looked for
_BOXES = tuple("☐☑☒□■❏❑✓✔✗✘")  # to tick, each of a font of its own: the space beside it is lost
_DOTS = tuple("•◦▪‣●○■□")  # before an item of a list; a dash may be a cell


def set_in_order(lines: Sequence[Line], width: float, height: float = inf) -> list[Line]:
    """Rows of a page in reading order, from its lines in file order; text on its side comes first.

    Two pages of a book on one sheet, of `height` points, come one after the other.
    """
    if is_spread(lines, width, height):
        left, right = cut_in_halves(lines, width)
        half = width / 2
        return set_in_order(left, half) + moved(set_in_order(moved(right, -half), half), half)
    upright = [line for line in lines if not line.sideways]
    text = [line for line in upright if not line.table]
    pairs = pairs_beside(text)
    if side := find_side_column(text, pairs, width):
        gutters, ordered = side, _by_bands(upright, side)
    else:
        gutters = find_gutters(text, width)
        ordered = order_columns(upright, gutters) if gutters else part_blocks(upright, pairs)
    rows = merge_rows(ordered, gutters)
    return [line for line in lines if line.sideways] + rows


def find_gutters(lines: Sequence[Line], width: float) -> list[float]:
    """Find the x of the gaps between two or three columns of text, in points; none on a page with one column.

    They are the uprights, near the halves or the thirds of the page, that the fewest lines cross. The cells of
    a table are no columns: they come row by row, and only in text do most lines fill the width.
    """
    best = 0
    gutters: list[float] = []
    for n, share in ((2, 0.5), (3, 0.85)):  # of the lines have to stand in the columns
        wide = [line for line in lines if line.x1 - line.x0 > 0.4 / n * width and len(line.text) > 15]
        if len(wide) < n * _MIN_LINES:
            continue  # most pages of tables
        most = max(share * len(wide), best)
        begin, end = 0.7 * width / n - 4, 1.3 * width / n + 1  # of the places that are tried first
        if len(wide) - sum([line.x0 < begin and line.x1 > end for line in wide]) <= most:
            continue  # most pages of text: so many lines run over all of them
        found = [_least_crossed(wide, k * width / n, 0.3 * width / n) for k in range(1, n)]
        if len(wide) - max(crossing for crossing, *_ in found) <= most:
            continue
        places = [float(place) for *_, place in found]
        columns = _by_column(wide, places)
        held = sum(map(len, columns))
        if held > most and all(map(_is_text_column, columns)):
            best, gutters = held, places
    if not gutters:
        return []
    is_table = _is_row_by_row(lines, gutters) and not all(map(_is_text_column, _by_column(lines, gutters)))
    return [] if is_table else gutters


def _least_crossed(lines: Sequence[Line], middle: float, reach: float) -> tuple[int, float, int]:
    """How many lines cross the upright that the fewest do, the nearest to `middle` of several; how near; its x.

    Those that begin left of it and do not end there cross it. Counted in two sorted lists, gutters are found 3.3 × as
    fast as by asking every line about every place.
    """
    places = range(int(middle - reach), int(middle + reach) + 1, 3)
    begins, ends = sorted([line.x0 for line in lines]), sorted([line.x1 for line in lines])
    return min([(bisect_left(begins, x) - bisect_right(ends, x), abs(x - middle), x) for x in places])


def _column(line: Line, gutters: Sequence[float]) -> int:
    """Index of the column that a line stands in; their number for a line over more than one."""
    column = bisect_right(gutters, line.x0)
    return column if bisect_left(gutters, line.x1) <= column else len(gutters) + 1


def _by_column(lines: Sequence[Line], gutters: Sequence[float]) -> list[list[Line]]:
    columns: list[list[Line]] = [[] for _ in range(len(gutters) + 2)]
    for line in lines:
        columns[_column(line, gutters)].append(line)
    return columns[:-1]  # without what stands in more than one


def _is_row_by_row(lines: Sequence[Line], gutters: Sequence[float]) -> bool:
    sides = [_column(line, gutters) for line in lines]
    changes = sum(a != b and len(gutters) + 1 not in (a, b) for a, b in pairwise(sides))
    return changes > len(lines) / 3


def _is_text_column(lines: Sequence[Line]) -> bool:
    if len(lines) < _MIN_LINES:
        return False
    width = max(line.x1 for line in lines) - min(line.x0 for line in lines)
    return median(line.x1 - line.x0 for line in lines) > 0.75 * width


def order_columns(lines: Sequence[Line], gutters: Sequence[float]) -> list[Line]:
    """Put the lines of a page with columns into reading order where the file has them row by row.

    Lines over several columns part the page into bands; in each, the left column comes first.
    """
    return _by_bands(lines, gutters) if gutters and _is_row_by_row(lines, gutters) else list(lines)


def _by_bands(lines: Sequence[Line], gutters: Sequence[float]) -> list[Line]:
    over = len(gutters) + 1
    sides = [_column(line, gutters) for line in lines]
    bands = sorted(line.base for line, side in zip(lines, sides, strict=True) if side == over)
    keys = [(bisect_left(bands, line.base), side, line.base) for line, side in zip(lines, sides, strict=True)]
    return [lines[i] for i in sorted(range(len(lines)), key=keys.__getitem__)]


def merge_rows(lines: Sequence[Line], gutters: Sequence[float] = ()) -> list[Line]:
    """Merge lines that stand on one baseline: cells of a table row, pieces of a spread line.

    Lines of one text block are merged, and text blocks of a single row that follow each other; never across
    a gutter between columns.
    """
    levels: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        levels[line.block].add(round(line.base / max(line.size, 1)))
    reach = 0.6 * max([line.size for line in lines], default=0.0)
    rows: list[list[Line]] = []
    bases: list[float] = []  # of their first pieces
    of_block: dict[int, list[int]] = defaultdict(list)  # indices of its rows: most rows are of other blocks
    for line in lines:
        last = len(rows) - 1
        near = of_block[line.block][-_NEAR:]
        above = rows[last][0].block if rows else line.block
        if above != line.block and len(levels[line.block]) == len(levels[above]) == 1:
            near.append(last)
        top, bottom = line.base - reach, line.base + reach  # few rows are in between
        for i in reversed([i for i in near if i > last - _NEAR and top <= bases[i] <= bottom]):
            if all(_on_one_row(piece, line, gutters) for piece in rows[i]):
                rows[i].append(line)
                break
        else:
            of_block[line.block].append(len(rows))
            rows.append([line])
            bases.append(line.base)
    return [_merge(row) for row in rows]


def _on_one_row(one: Line, other: Line, gutters: Sequence[float]) -> bool:
    if one.table or other.table:
        return False  # put together already
    if not abs(one.base - other.base) <= 0.5 * max(one.size, other.size):
        return False  # most pairs; asked first, it makes merging 1.5 × as fast
    left, right = sorted((one, other), key=lambda line: line.x0)
    return left.x1 <= right.x0 + 1 and not any(left.x1 <= gutter <= right.x0 for gutter in gutters)


def _merge(pieces: list[Line]) -> Line:
    """One line from the pieces of a row, left to right."""
    if len(pieces) == 1:
        return pieces[0]
    pieces = sorted(pieces, key=lambda line: line.x0)
    main = max(pieces, key=lambda line: len(line.text))
    text, cells = pieces[0].text, 1
    for left, right in pairwise(pieces):
        gap = right.x0 - left.x1
        if gap > 0.15 * right.size or left.text in _BOXES or right.text in _BOXES:
            text += " " + right.text
        else:
            raised = is_raised(main.base - right.base, right.size, main.size)
            text += write_raised(text, right.text) if raised else right.text
        cells += gap > 0.9 * right.size and not (left is pieces[0] and left.text in _DOTS)
    lines = zip(*pieces, strict=True)
    _, x0, y0, x1, y1, *_ = [*lines]
    box = min(x0), min(y0), max(x1), max(y1)
    first, last = pieces[0], pieces[-1]
    labelled = first.labelled or (first.bold and not last.bold and first.text.endswith((":", ".")))
    base, size, bold = main.base, main.size, main.bold
    return Line(part_marks(text), *box, base, size, bold, first.block, cells, labelled=labelled)

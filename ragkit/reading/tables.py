"""Tables: the pieces of a row as one line, its cells parted by " | ", and the heads of its columns.

A table is found by the columns that its words keep: white uprights that the lines of several rows leave free. Ruled
lines are asked for only where words stand in rows; they part rows whose cells have several lines. In doubt there is
no table: lines that stay as they are can still be read, prose that was cut into cells cannot.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from statistics import median

from ragkit.reading.cells import Columns, Row, Table, baselines, column_of, is_title
from ragkit.reading.columns import find_gutters
from ragkit.reading.evidence import count_heads, is_figure, is_note, is_proven, may_be_table
from ragkit.reading.grids import LEAST, MOST, Cut, find_grids, is_ruled_table
from ragkit.reading.lines import Line
from ragkit.reading.rules import Rule, Rules, rules_of
from ragkit.reading.sides import pairs_beside


def set_tables(
    lines: Sequence[Line],
    width: float,
    rules: Callable[..., Rules],
    cut: Cut = lambda line, _: [line],
) -> list[Line]:
    """Put the pieces of every row of a table together, in the place of the table's first piece.

    Parameters
    ----------
    lines : sequence of Line
        Of one page, in file order.
    width : float
        Of the page, in points.
    rules : callable
        Gives the page's ruled lines, or none if it draws fewer or more lines than it is told; called only where
        pieces stand beside each other.
    cut : callable
        Gives the pieces of a line that runs over the line drawn between two cells.
    """
    levels = sorted({round(right.base) for _, right in pairs_beside(lines)})
    if not any(second - first < 90 for first, second in pairwise(levels)) and not _are_beside(lines):
        return list(lines)  # no two rows near each other
    upright = [line for line in lines if not line.sideways]
    order = {id(line): i for i, line in enumerate(lines)}

    def cut_in_order(line: Line, x: float) -> Sequence[Line]:
        parts = cut(line, x)
        order.update((id(part), order[id(line)]) for part in parts)
        return parts

    some = rules(LEAST, MOST)
    tables = list(_ruled_tables(upright, some, cut_in_order))
    if any(third - first < 90 for first, third in zip(levels, levels[2:], strict=False)):
        ruled = {order[id(piece)] for table in tables for row in table.rows for piece in row}
        others = [line for line in upright if order[id(line)] not in ruled]
        drawn = functools.cache(lambda: (some if any(some) else rules()).level)
        tables += _find_tables(others, width, drawn, order)
    at: dict[int, list[Line]] = {}
    members: set[int] = set()
    for number, table in enumerate(tables, 1):
        held = [order[id(piece)] for row in table.rows for piece in row]
        at[min(held)] = table.as_lines(number)
        members.update(held)
    return [row for i, line in enumerate(lines) for row in at.get(i, [] if i in members else [line])]


def _are_beside(lines: Sequence[Line]) -> bool:
    """Whether lines that follow each other in the file stand side by side, if not level: cells around their middles."""
    beside = (
        right.x0 - left.x1 > 0.8 * right.size and right.y0 < left.y1 and left.y0 < right.y1
        for left, right in pairwise(lines)
    )
    return sum(beside) > 1


def _ruled_tables(lines: Sequence[Line], rules: Rules, cut: Cut) -> Iterator[Table]:
    """The tables whose cells are ruled off; a band between two level lines may hold many rows."""
    free = list(lines)
    for grid in find_grids(rules):
        bands = grid.bands(free, cut)
        parted = [row for band in bands for row in _cut_rows(band)]
        n_full = sum(sum(map(bool, grid.cells(row))) > 1 for row in parted)
        rows = bands if n_full <= 1.4 * len(bands) else _join_wrapped(parted, grid, grid.ys)
        cells = [grid.cells(row) for row in rows]
        if is_ruled_table(cells) and grid.fits(rows) and not grid.goes_on_beside(free, len(rows)):
            yield Table(rows, grid, _n_bold(rows, cells) or count_heads(rows, cells, grid.ys))
            free = [line for line in free if grid.row_of(line) < 0]


def _n_bold(rows: Sequence[Sequence[Line]], cells: Sequence[Sequence[str]]) -> int:
    """How many rows at the top of a grid are heads in bold letters: none if all are, and no title of the first rows."""
    bold = [all(piece.bold for piece in row) for row in rows]
    n = bold.index(False) if False in bold else 0
    while n and is_title(cells[n - 1]):
        n -= 1
    return n


def _find_tables(
    lines: Sequence[Line], width: float, rules: Callable[[], Sequence[Rule]], order: Mapping[int, int]
) -> Iterator[Table]:
    page_gutters = find_gutters(lines, width)
    prose = _prose(lines, width) if page_gutters else []
    apart = {id(line) for line in prose}
    rows = baselines([line for line in lines if id(line) not in apart])
    for run in _runs(rows):
        top, bottom = run[0][0].y0, run[-1][0].y1
        beside = any(line.y1 > top and line.y0 < bottom for line in prose)
        for part in _split_run(run, page_gutters) if beside else [run]:
            table = _as_table(part, rules, order)
            if table:
                yield table


def _prose(lines: Sequence[Line], width: float) -> list[Line]:
    """Lines of text in columns: blocks of three or more long lines, and rows of nothing but lines as wide as these."""
    blocks: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        blocks[line.block].append(line)
    paragraphs = [
        block for block in blocks.values()
        if len(block) > 2 and median(len(line.text) for line in block) > 20
    ]  # fmt: skip
    wide = [
        row for row in baselines(lines)
        if all(line.x1 - line.x0 > 0.25 * width for line in row)
    ]  # fmt: skip
    return [line for group in [*paragraphs, *wide] for line in group]


def _split_run(run: Sequence[Row], page_gutters: Sequence[float]) -> Iterator[list[Row]]:
    """The parts of a run in each column of the page."""
    for column in range(len(page_gutters) + 1):
        rows = [Row(piece for piece in row if column_of([piece], page_gutters) == column) for row in run]
        yield from _runs([row for row in rows if row])


def _with_end(run: list[Row], waiting: Sequence[Row], gutters: Sequence[float]) -> list[Row]:
    """A run and the lines right below it: the last row's cells may have several."""
    for row in waiting[:3]:
        if row[0].base - run[-1][0].base > 1.5 * row[0].size or _crosses(row, gutters):
            break
        run = [*run, row]
    return run


def _runs(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows with gaps that follow each other and leave an upright free; lines of one piece may stand between them."""
    run: list[Row] = []
    gapped: list[Row] = []
    waiting: list[Row] = []
    gutters: list[float] = []
    for row in rows:
        far = bool(run) and row[0].base - (waiting or run)[-1][0].base > 3.2 * max(row[0].size, 5)
        if len(row.cells) > 1:
            size = 1.1 * max(row[0].size, run[-1][0].size) if run else 0.0
            heading = any(between[0].size > size for between in waiting)
            if run and not far and not heading and (found := _gutters([*gapped[-8:], row])):
                gutters = found
                run, gapped, waiting = [*run, *waiting, row], [*gapped, row], []
                continue
            if run:
                yield _with_end(run, waiting, gutters)
            run, gapped, waiting, gutters = [row], [row], [], _gutters([row])
        elif run:
            waiting.append(row)
            crossing = [between for between in waiting if _crosses(between, gutters)]
            if far or len(crossing) > 1:
                yield _with_end(run, waiting, gutters)
                run, gapped, waiting = [], [], []
    if run:
        yield _with_end(run, waiting, gutters)


def _crosses(row: Row, gutters: Sequence[float]) -> bool:
    return any(piece.x0 < gutter - 1 and piece.x1 > gutter + 1 for piece in row for gutter in gutters)


def _gutters(rows: Sequence[Row]) -> list[float]:
    """The uprights that nearly all rows leave free, in points: the middles of the free strips."""
    found = [row.spans for row in rows]
    most = max(map(len, found))
    found = [spans for spans in found if len(spans) > most / 2]  # the others are heads over several columns
    over = len(found) // 8  # so many rows may run over a strip
    ends = [end for spans in found for x0, x1 in spans for end in ((x0, -1), (x1, 1))]
    size = median([row[0].size for row in rows])
    gutters: list[float] = []
    covered = 0
    begin: float | None = None
    for x, closing in sorted(ends):  # where one begins and another one ends, the beginning is first
        step = -closing
        if begin is not None and step > 0 and covered + step > over and x - begin > 0.5 * size:
            gutters.append((begin + x) / 2)
        covered += step
        if covered > over:
            begin = None
        elif begin is None:
            begin = x if step < 0 else None
    return gutters


def _as_table(
    run: Sequence[Row], rules: Callable[[], Sequence[Rule]], order: Mapping[int, int]
) -> Table | None:
    """The table that a run of rows is; None where it may be something else."""
    gapped = [row for row in run if len(row.cells) > 1]
    if len(gapped) < 3:
        return None
    gutters = _without_empty(_gutters(gapped), gapped)
    pieces = sorted((piece for row in run for piece in row), key=lambda piece: order[id(piece)])
    rows = _cut_rows(pieces)
    columns = Columns(gutters)
    if not may_be_table(rows, [columns.cells(row) for row in rows], 0):
        return None  # before the page is asked for its rules: it has to be gone through once more for them
    level = rules_of(run, min(row[0].x0 for row in gapped), max(row[-1].x1 for row in gapped), rules())
    rows = _join_wrapped(rows, columns, level)
    cells = [columns.cells(row) for row in rows]
    while cells and is_note(cells[-1]):
        rows.pop(), cells.pop()
    n_heads = count_heads(rows, cells, level)
    is_table = may_be_table(rows, cells, n_heads) and is_proven(rows, cells, n_heads, len(level))
    return Table(rows, columns, n_heads) if is_table else None


def _goes_on(above: Sequence[str], cells: Sequence[str], all_ruled: bool) -> bool:
    """Whether a row is the rest of the one above."""
    if not any(above[1:]) and cells[0][:1].islower() and not above[0].endswith((":", ".")):
        return True
    if all_ruled:
        return not any(
            is_figure(one) and is_figure(other) for one, other in zip(above[1:], cells[1:], strict=True)
        )
    filled = [i for i, cell in enumerate(cells) if cell]
    return len(filled) == 1 and filled[0] > 0 and not is_figure(cells[filled[0]])


def _without_empty(gutters: Sequence[float], rows: Sequence[Row]) -> list[float]:
    """Gutters but for those beside a column that hardly a row fills: it belongs to the next one."""
    filled = Counter(column for row in rows for column in {column_of(cell, gutters) for cell in row.cells})
    empty = [column for column in range(len(gutters) + 1) if filled[column] < max(2, 0.15 * len(rows))]
    return [gutter for column, gutter in enumerate(gutters) if column not in empty or column == 0]


def _cut_rows(pieces: Sequence[Line]) -> list[list[Line]]:
    """Part a table's pieces, in file order, into rows.

    A row ends where all that comes later in the file stands lower on the page: cells of several lines come one after
    the other, and the second begins higher than the first one ends.
    """
    usual = median(piece.size for piece in pieces)
    main = [piece for piece in pieces if piece.size > 0.8 * usual]  # marks of footnotes may come last
    lowest = list(accumulate((piece.base for piece in reversed(main)), min))[::-1]
    rows: list[list[Line]] = [[]]
    highest = 0.0
    for piece, rest in zip(main, lowest, strict=True):
        if rows[-1] and rest > highest + 0.4 * piece.size:
            rows.append([])
        rows[-1].append(piece)
        highest = max(highest, piece.base)
    for piece in pieces:
        if piece.size <= 0.8 * usual:
            min(rows, key=lambda row: min(abs(piece.base - other.base) for other in row)).append(piece)
    return rows


def _join_wrapped(rows: Sequence[list[Line]], columns: Columns, level: Sequence[float]) -> list[list[Line]]:
    """Put rows together that are one: a name of two lines whose second goes on in small letters; text between rules."""
    ruled = [any(a[-1].base - 2 < y < b[0].base for y in level) for a, b in pairwise(rows)]
    n_full = sum(sum(map(bool, columns.cells(row))) > 1 for row in rows)
    all_ruled = n_full <= 1.4 * (sum(ruled) + 1)  # hardly more rows than spaces between rules
    joined = [rows[0]]
    for row, rule in zip(rows[1:], ruled, strict=True):
        far = row[0].base - max(piece.base for piece in joined[-1]) > 1.7 * row[0].size
        goes_on = not far and not rule and _goes_on(columns.cells(joined[-1]), columns.cells(row), all_ruled)
        joined[-1].extend(row) if goes_on else joined.append(row)
    return joined

"""Tables: the pieces of a row as one line, its cells parted by " | ", and the heads of its columns.

A table is found by the columns that its words keep: white uprights that the lines of several rows leave free. Ruled
lines are asked for only where words stand in rows; they part rows whose cells have several lines. In doubt there is
no table: lines that stay as they are can still be read, prose that was cut into cells cannot.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from statistics import median
from typing import NamedTuple

import pymupdf

from ragkit.reading.columns import find_gutters
from ragkit.reading.lines import Line
from ragkit.words.sentences import CELL

_FIGURE = re.compile(  # what a column of numbers holds: 1,200  (3.5)%  $12  2–4  5 kg  —  n/a
    r"[-–—−(<>~≈±+]*[$€£¥]?\s?[-–—−(]?\d[\d.,'’:/%\s–-]*[)%$€£¥]*(?:\s?[a-z]{1,3}\d?|\s?[$€£¥%])?|[-–—−]+|n/?a"
)
_YEAR = re.compile(  # 2018; Dec. 31, 2018; FY2018: the head of a column
    r"(?:(?:fy|fiscal|year|jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)\w*\.?[\s\d,]*)?(?:19|20)\d\d\W*",
    re.IGNORECASE,
)
_OPENS, _CLOSES = re.compile(r"[$€£¥(]{1,2}"), re.compile(r"[)%*†‡]{1,2}")  # signs beside a number
_WORD, _WORD_OR_NUMBER = re.compile(r"[^\W\d_]{2}"), re.compile(r"[^\W\d_]{2}|\d")
_LAST_SIGN = re.compile(r"\s*([$€£¥])$")  # some files write it in one go with the number before
_ENTRY = re.compile(r"(…)?[\s|]*(\d{1,4}|[ivxlc]+)$")  # the end of a line of a table of contents
_MARK = re.compile(
    r"[•◦▪‣●○■□–—*·-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]|\[\w{1,12}\]|\(\d+(?:\.\d+)*[a-z]?\)"
)


Rule = tuple[float, float, float]  # y, and from which x to which x, in points


def find_rules(page: pymupdf.Page, turn: pymupdf.Matrix | None = None) -> list[Rule]:
    """Level ruled lines of a page: thin drawings. MuPDF's log of boxes is faster than its list of drawings."""
    boxes = [box for kind, box in page.get_bboxlog() if kind.endswith("-path")]
    if turn:
        boxes = [tuple(pymupdf.Rect(box) * turn) for box in boxes]
    return [((y0 + y1) / 2, x0, x1) for x0, y0, x1, y1 in boxes if y1 - y0 < 3 and x1 - x0 > 8]


Row = list[Line]  # pieces on one baseline, from left to right


def set_tables(lines: Sequence[Line], width: float, rules: Callable[[], Sequence[Rule]] = list) -> list[Line]:
    """Put the pieces of every row of a table together, in the place of the table's first piece.

    Parameters
    ----------
    lines : sequence of Line
        Of one page, in file order.
    width : float
        Of the page, in points.
    rules : callable
        Gives the page's ruled lines; called only where pieces stand beside each other.
    """
    levels = sorted({round(right.base) for left, right in pairwise(lines) if _is_beside(left, right)})
    if not any(third - first < 90 for first, third in zip(levels, levels[2:], strict=False)):
        return list(lines)  # no three rows near each other
    upright = [line for line in lines if not line.sideways]
    order = {id(line): i for i, line in enumerate(lines)}
    at: dict[int, list[Line]] = {}
    members: set[int] = set()
    drawn = functools.cache(rules)
    for number, table in enumerate(_find_tables(upright, width, drawn, order), 1):
        held = [order[id(piece)] for row in table.rows for piece in row]
        at[min(held)] = table.as_lines(number)
        members.update(held)
    return [row for i, line in enumerate(lines) for row in at.get(i, [] if i in members else [line])]


def carry_heads(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Give a table that goes on at the top of the next page, with as many columns, the heads that it had."""
    carried: list[list[Line]] = []
    heads = ""
    for rows in pages:
        first = [row for row in rows if row.table == rows[0].table] if rows and rows[0].table else []
        own = (
            any(row.heads for row in first)
            or max((row.cells for row in first), default=0) != heads.count(CELL) + 1
        )
        goes_on = {id(row) for row in first} if heads and not own else set()
        carried.append([row._replace(heads=heads) if id(row) in goes_on else row for row in rows])
        heads = carried[-1][-1].heads if rows else ""
    return carried


def _is_beside(left: Line, right: Line) -> bool:
    gap = right.x0 - left.x1
    return gap > 0.8 * right.size and abs(right.base - left.base) < 0.3 * right.size


def _baselines(lines: Sequence[Line]) -> list[Row]:
    """Lines by their baselines, from above; each row from left to right."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: line.base):
        if rows and line.base - rows[-1][-1].base < 0.4 * min(line.size, rows[-1][-1].size):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.x0) for row in rows]


def _cells_of(row: Row) -> list[Row]:
    """Pieces of a row that belong together: no wide gap between them, or a sign beside its number."""
    cells: list[Row] = []
    for piece in row:
        before = cells[-1][-1] if cells else None
        bullet = len(cells) == 1 and _MARK.fullmatch(cells[0][-1].text)
        near = before and piece.x0 - before.x1 < 0.6 * piece.size and not _OPENS.fullmatch(piece.text)
        if before and (near or bullet or _belongs(before, piece)):
            cells[-1].append(piece)
        else:
            cells.append([piece])
    return cells


def _belongs(left: Line, right: Line) -> bool:
    return bool((_OPENS.fullmatch(left.text) and _FIGURE.match(right.text)) or _CLOSES.fullmatch(right.text))


def _text(pieces: Sequence[Line]) -> str:
    """Text of one cell, its lines from above."""
    text = ""
    for row in _baselines(pieces):
        for piece in row:
            if text[-1:] == "-" and text[-2:-1].isalpha() and piece.text[0].islower():
                text = text[:-1] + piece.text
            else:
                text += (" " if text and not _glued(text, piece.text) else "") + piece.text
    return text.replace(" | ", " / ")


def _glued(text: str, after: str) -> bool:
    return bool(re.search(r"[$€£¥(]$", text) or re.fullmatch(r"[)%]+", after))


class Table(NamedTuple):
    """Rows of pieces, the x of the gutters between its columns, and how many rows at its top hold the heads."""

    rows: list[list[Line]]
    gutters: list[float]
    n_heads: int

    def cells(self, row: Sequence[Line]) -> list[str]:
        """Text of a row's cells, one for each column; what runs over several stands in the first of them."""
        columns: list[list[Line]] = [[] for _ in range(len(self.gutters) + 1)]
        for pieces in (cell for level in _baselines(row) for cell in _cells_of(level)):
            columns[_column(pieces, self.gutters)] += pieces
        cells = [_text(column) for column in columns]
        for i in range(len(cells) - 1):
            if cells[i + 1] and (sign := _LAST_SIGN.search(cells[i])):
                cells[i : i + 2] = cells[i][: sign.start()], sign[1] + cells[i + 1]
        return cells

    def as_lines(self, number: int) -> list[Line]:
        """The table's rows as lines of a page; all that come after the heads know them."""
        rows = [
            ([piece for row in self.rows[: self.n_heads] for piece in row], True),
            *((row, False) for row in self.rows[self.n_heads :]),
        ]
        lines, heads = [], ""
        for row, is_head in rows:
            if row:
                line = self._line(row, number, heads)
                heads = line.text if is_head else heads
                lines.append(line)
        return lines

    def _line(self, row: Sequence[Line], number: int, heads: str) -> Line:
        text = re.sub(r"\|\s+(?=\|)", "| ", CELL.join(self.cells(row))).rstrip(" |").lstrip()
        x0, y0 = min(piece.x0 for piece in row), min(piece.y0 for piece in row)
        x1, y1 = max(piece.x1 for piece in row), max(piece.y1 for piece in row)
        first = row[0]
        return Line(
            text, x0, y0, x1, y1, first.base, first.size, first.bold, first.block, max(2, text.count(CELL) + 1),
            table=number, heads=heads,
        )  # fmt: skip


def _column(cell: Sequence[Line], gutters: Sequence[float]) -> int:
    """Index of the column of a cell: where its middle is, or where it begins if it runs over several columns."""
    x0, x1 = cell[0].x0, max(piece.x1 for piece in cell)
    crossed = [gutter for gutter in gutters if x0 < gutter < x1]
    return bisect_right(gutters, x0 if len(crossed) > 1 else (x0 + x1) / 2)


def _find_tables(
    lines: Sequence[Line], width: float, rules: Callable[[], Sequence[Rule]], order: Mapping[int, int]
) -> Iterator[Table]:
    page_gutters = find_gutters(lines, width)
    prose = _prose(lines, width) if page_gutters else []
    apart = {id(line) for line in prose}
    rows = _baselines([line for line in lines if id(line) not in apart])
    for run in map(functools.partial(_without_margins, rows), _runs(rows)):
        top, bottom = run[0][0].y0, run[-1][0].y1
        beside = any(line.y1 > top and line.y0 < bottom for line in prose)
        for part in _split_run(run, page_gutters) if beside else [run]:
            table = _as_table(part, rules, order)
            if table:
                yield table


def _without_margins(page: Sequence[Row], run: list[Row]) -> list[Row]:
    """A run without the page's first and last row where these are set off: a running header or footer."""
    pitches = [below[0].base - above[0].base for above, below in pairwise(run)]
    far = 1.5 * median(pitches) if len(pitches) > 2 else float("inf")
    begin = run[0] is page[0] and bool(pitches) and pitches[0] > far
    end = run[-1] is page[-1] and bool(pitches) and pitches[-1] > far
    return run[begin : len(run) - end]


def _prose(lines: Sequence[Line], width: float) -> list[Line]:
    """Lines of text in columns: blocks of three or more long lines, and rows of nothing but lines as wide as these."""
    blocks: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        blocks[line.block].append(line)
    paragraphs = [
        block for block in blocks.values()
        if len(block) > 2 and median(len(line.text) for line in block) > 20 and len(_baselines(block)) == len(block)
    ]  # fmt: skip
    wide = [
        row for row in _baselines(lines)
        if all(line.x1 - line.x0 > 0.25 * width and len(line.text) > 30 for line in row)
    ]  # fmt: skip
    return [line for group in [*paragraphs, *wide] for line in group]


def _split_run(run: Sequence[Row], page_gutters: Sequence[float]) -> Iterator[list[Row]]:
    """The parts of a run in each column of the page."""
    for column in range(len(page_gutters) + 1):
        rows = [[piece for piece in row if _column([piece], page_gutters) == column] for row in run]
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
        if len(_cells_of(row)) > 1:
            long = sum(sum(len(piece.text) for piece in cell) > 45 for cell in _cells_of(row)) > 1
            size = 1.1 * max(row[0].size, run[-1][0].size) if run else 0.0
            heading = any(between[0].size > size for between in waiting)
            if run and not far and not long and not heading and (found := _gutters([*gapped[-8:], row])):
                gutters = found
                run, gapped, waiting = [*run, *waiting, row], [*gapped, row], []
                continue
            if run:
                yield _with_end(run, waiting, gutters)
            run, gapped, waiting, gutters = [row], [row], [], _gutters([row])
        elif run:
            waiting.append(row)
            crossing = [between for between in waiting if _crosses(between, gutters)]
            if far or len(waiting) > 6 or len(crossing) > 1:
                yield _with_end(run, waiting, gutters)
                run, gapped, waiting = [], [], []
    if run:
        yield _with_end(run, waiting, gutters)


def _crosses(row: Row, gutters: Sequence[float]) -> bool:
    return any(piece.x0 < gutter - 1 and piece.x1 > gutter + 1 for piece in row for gutter in gutters)


def _gutters(rows: Sequence[Row]) -> list[float]:
    """The uprights that nearly all rows leave free, in points: the middles of the free strips."""
    found = [_cells_of(row) for row in rows]
    most = max(map(len, found))
    found = [cells for cells in found if len(cells) > most / 2]  # the others are heads over several columns
    cells = sorted((cell[0].x0, max(piece.x1 for piece in cell)) for cells in found for cell in cells)
    over = len(found) // 8  # so many rows may run over a strip
    events = sorted([(x0, 1) for x0, _ in cells] + [(x1, -1) for _, x1 in cells], key=lambda e: (e[0], -e[1]))
    size = median(row[0].size for row in rows)
    gutters: list[float] = []
    covered = 0
    begin: float | None = None
    for x, step in events:
        if begin is not None and step > 0 and covered + step > over and x - begin > 0.5 * size:
            gutters.append((begin + x) / 2)
        covered += step
        if covered > over:
            begin = None
        elif begin is None:
            begin = x if gutters or step < 0 else None
    return gutters


def _as_table(
    run: Sequence[Row], rules: Callable[[], Sequence[Rule]], order: Mapping[int, int]
) -> Table | None:
    """The table that a run of rows is; None where it may be something else."""
    gapped = [row for row in run if len(_cells_of(row)) > 1]
    gutters = _without_empty(_gutters(gapped), gapped) if len(gapped) > 2 else []
    if not gutters:
        return None
    pieces = sorted((piece for row in run for piece in row), key=lambda piece: order[id(piece)])
    rows = _cut_rows(pieces)
    if not _may_be_table(rows, [Table(rows, gutters, 0).cells(row) for row in rows], 0):
        return None  # before the page is asked for its rules: it has to be gone through once more for them
    level = _rules_of(run, min(row[0].x0 for row in gapped), max(row[-1].x1 for row in gapped), rules())
    rows = _join_wrapped(Table(rows, gutters, 0), level)
    cells = [Table(rows, gutters, 0).cells(row) for row in rows]
    while cells and _is_note(cells[-1]):
        rows.pop(), cells.pop()
    n_heads = _count_heads(rows, cells, level)
    is_table = _may_be_table(rows, cells, n_heads) and _is_proven(rows, cells, n_heads, len(level))
    return Table(rows, gutters, n_heads) if is_table else None


def _goes_on(above: Sequence[str], cells: Sequence[str], all_ruled: bool) -> bool:
    """Whether a row is the rest of the one above."""
    alone = not any(above[1:]) or not any(cells[1:])
    if alone and cells[0][:1].islower() and not above[0].endswith((":", ".")):
        return True
    if all_ruled:
        return not any(
            _is_figure(one) and _is_figure(other) for one, other in zip(above[1:], cells[1:], strict=True)
        )
    filled = [i for i, cell in enumerate(cells) if cell]
    return len(filled) == 1 and filled[0] > 0 and bool(above[filled[0]]) and not _is_figure(cells[filled[0]])


def _without_empty(gutters: Sequence[float], rows: Sequence[Row]) -> list[float]:
    """Gutters but for those beside a column that hardly a row fills: it belongs to the next one."""
    filled = Counter(column for row in rows for column in {_column(cell, gutters) for cell in _cells_of(row)})
    empty = [column for column in range(len(gutters) + 1) if filled[column] < max(2, 0.15 * len(rows))]
    return [gutter for column, gutter in enumerate(gutters) if column not in empty or column == 0]


def _rules_of(run: Sequence[Row], x0: float, x1: float, level: Sequence[Rule]) -> list[float]:
    """The y of the rules that are as wide as a table, and not much wider."""
    top, bottom = run[0][0].y0 - run[0][0].size, run[-1][0].y1 + 4
    return [
        y
        for y, left, right in _whole(level)
        if top < y < bottom and left < x1 and right > x0 and 0.8 < (right - left) / (x1 - x0) < 1.4
    ]


def _whole(level: Sequence[Rule]) -> list[Rule]:
    """Ruled lines whose parts are drawn cell by cell, put together."""
    whole: list[Rule] = []
    for y, x0, x1 in sorted((round(y), x0, x1) for y, x0, x1 in level):
        if whole and abs(y - whole[-1][0]) < 2 and x0 < whole[-1][2] + 8:
            whole[-1] = whole[-1][0], whole[-1][1], max(x1, whole[-1][2])
        else:
            whole.append((y, x0, x1))
    return whole


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


def _join_wrapped(table: Table, level: Sequence[float]) -> list[list[Line]]:
    """Put rows together that are one: a name of two lines whose second goes on in small letters; text between rules."""
    ruled = [any(a[-1].base - 2 < y < b[0].base for y in level) for a, b in pairwise(table.rows)]
    n_full = sum(sum(map(bool, table.cells(row))) > 1 for row in table.rows)
    all_ruled = sum(ruled) > 1 and n_full <= 1.4 * (
        sum(ruled) + 1
    )  # hardly more rows than spaces between rules
    joined = [table.rows[0]]
    for row, rule in zip(table.rows[1:], ruled, strict=True):
        far = row[0].base - max(piece.base for piece in joined[-1]) > 1.7 * row[0].size
        goes_on = not far and not rule and _goes_on(table.cells(joined[-1]), table.cells(row), all_ruled)
        joined[-1].extend(row) if goes_on else joined.append(row)
    return joined


def _is_note(cells: Sequence[str]) -> bool:
    """Whether the last row of a table is none, but the note below it."""
    filled = [cell for cell in cells if cell]
    return len(filled) < 2 or (len(filled) == 2 and bool(_MARK.fullmatch(filled[0])) and len(filled[1]) > 45)


def _count_heads(
    rows: Sequence[Sequence[Line]], cells: Sequence[Sequence[str]], level: Sequence[float]
) -> int:
    """How many rows at the top are the heads of the columns; 0 where nothing shows it."""
    figures = [any(map(_is_figure, row[1:])) for row in cells]
    if sum(figures) > len(rows) / 2:
        named = [i + 1 for i, row in enumerate(cells[: figures.index(True)]) if any(row[1:])]
        return named[-1] if named and named[-1] < 6 else 0
    bold = [all(piece.bold for piece in row) for row in rows]
    n_bold = bold.index(False) if False in bold else 0
    if n_bold and not any(bold[n_bold:]):
        return n_bold if n_bold < 4 else 0
    above = [sum(row[0].base < y + 1 for row in rows) for y in level]
    ruled = [n for n in above if 0 < n < len(rows)]
    return ruled[0] if ruled and ruled[0] < 4 and len(ruled) < 0.4 * len(rows) and 0 in above else 0


def _is_figure(text: str) -> bool:
    return bool(_FIGURE.fullmatch(text)) and not _YEAR.fullmatch(text)


def _may_be_table(rows: Sequence[Sequence[Line]], cells: Sequence[Sequence[str]], n_heads: int) -> bool:
    """Whether rows and columns are not those of a list, contents, formulas, or text in columns."""
    full = [row for row in cells if sum(map(bool, row)) > 1]
    if len(full) < 3:
        return False
    n_columns = len(cells[0])
    if len(full) < 0.3 * len(cells) or max(len(_baselines(row)) for row in rows) > 0.4 * sum(
        len(_baselines(row)) for row in rows
    ):
        return False
    body = [row for row in cells[n_heads:] if sum(map(bool, row)) > 1]
    if not body or sum(bool(cell) for row in full for cell in row) < 0.5 * n_columns * len(full):
        return False
    columns = [[cell for cell in column if cell] for column in zip(*body, strict=True)]
    marks = [
        bool(column) and sum(map(bool, map(_MARK.fullmatch, column))) > 0.7 * len(column)
        for column in columns
    ]
    if n_columns - sum(marks) < 2:
        return False
    if _is_contents(cells):
        return False
    if sum(bool(column) and median(map(len, column)) > 45 for column in columns) > 1:
        return False
    filled = [cell for row in body for cell in row if cell]
    named = sum(bool(_WORD.search(" ".join(row))) for row in body)
    return named > 0.5 * len(body) and sum(bool(_WORD_OR_NUMBER.search(cell)) for cell in filled) > 0.6 * len(
        filled
    )


def _is_proven(
    rows: Sequence[Sequence[Line]], cells: Sequence[Sequence[str]], n_heads: int, n_rules: int
) -> bool:
    """Whether something shows that it is a table: columns of figures, rules, heads in bold letters."""
    body = [row for row in cells[n_heads:] if sum(map(bool, row)) > 1]
    others = [cell for row in body for cell in row[1:] if cell]
    n_columns = len(cells[0])
    if sum(map(_is_figure, others)) > (0.5 if n_columns == 2 else 0.3) * len(others):
        return True
    full = sum(sum(map(bool, row)) > 1 for row in cells)
    if full < 0.6 * len(cells) or (n_columns == 2 and full < 4):
        return False
    return n_rules > 1 or (n_heads > 0 and _is_bold(rows[0]))


def _is_bold(row: Sequence[Line]) -> bool:
    return all(piece.bold for piece in row)


def _is_contents(cells: Sequence[Sequence[str]]) -> bool:
    """Whether rows are those of a table of contents or an index: leaders, or numbers at the end that only rise."""
    ends = [end for row in cells if (end := _ENTRY.search(" ".join(row).strip()))]
    if sum("…" in " ".join(row) for row in cells) > 0.25 * len(cells):
        return True
    others = sum(_is_figure(cell) for row in cells for cell in row[1:]) - len(ends)
    numbers = [int(end[2]) for end in ends if end[2].isdecimal()]
    return len(ends) > max(3, 0.5 * len(cells)) and others < len(ends) / 2 and numbers == sorted(numbers)

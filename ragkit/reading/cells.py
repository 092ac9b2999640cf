"""Cells of a table: what stands on one baseline, which pieces of it belong together, and in which column."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from ragkit.reading.lines import Line
from ragkit.words.sentences import CELL

_OPENS, _CLOSES = re.compile(r"[$€£¥(]{1,2}"), re.compile(r"[)%*†‡]{1,2}")  # signs beside a number
_SIGNS = tuple("$£¥€")
_FIRST_SIGNS = "$£¥"  # those that stand before their number wherever nothing shows otherwise
_NUMBER = re.compile(r"[-–—(]?\d|[-–—](?:\s|$)")  # how a number begins that has no sign yet
MARK = re.compile(
    r"[•◦▪‣●○■□–—*·-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]|\[\w{1,12}\]|\(\d+(?:\.\d+)*[a-z]?\)"
)
FIGURE = re.compile(  # what a column of numbers holds: 1,200  (3.5)%  $12  2–4  5 kg  —  n/a
    r"[-–—−(<>~≈±+]*[$€£¥]?\s?[-–—−(]?\d[\d.,'’:/%\s–-]*[)%$€£¥]*(?:\s?[a-z]{1,3}\d?|\s?[$€£¥%])?|[-–—−]+|n/?a"
)


class Row(list[Line]):
    """Pieces on one baseline, from left to right."""

    @functools.cached_property
    def cells(self) -> list[list[Line]]:
        """Pieces that belong together: no wide gap between them, or a sign beside its number."""
        cells: list[list[Line]] = []
        for piece in self:
            before = cells[-1][-1] if cells else None
            if before and (_is_near(cells[-1], piece) or (len(cells) == 1 and MARK.fullmatch(before.text))):
                cells[-1].append(piece)
            else:
                cells.append([piece])
        return cells

    @functools.cached_property
    def spans(self) -> list[tuple[float, float]]:
        """From which x to which x each cell reaches, in points."""
        return [(cell[0].x0, max([piece.x1 for piece in cell])) for cell in self.cells]


def _is_near(cell: Sequence[Line], right: Line) -> bool:
    left = cell[-1]
    if right.x0 - left.x1 < 0.6 * right.size or (len(right.text) < 3 and _CLOSES.fullmatch(right.text)):
        return True
    # Most pieces are spared the patterns; what follows its number closely is its own sign: 12 €  14 €
    return len(left.text) < 3 and all([_OPENS.fullmatch(piece.text) for piece in cell])


def baselines(lines: Sequence[Line]) -> list[Row]:
    """Lines by their baselines, from above; each row from left to right."""
    rows: list[list[Line]] = []
    above: Line | None = None
    for line in sorted(lines, key=attrgetter("base")) if len(lines) > 1 else lines:
        if above and line.base - above.base < 0.4 * min(line.size, above.size):
            rows[-1].append(line)
        else:
            rows.append([line])
        above = line
    return [Row(sorted(row, key=attrgetter("x0")) if len(row) > 1 else row) for row in rows]


class Columns:
    """The columns of a table, by the x of the gutters between them, and of their edges where these are drawn."""

    def __init__(self, gutters: Sequence[float], edges: tuple[float, ...] = ()) -> None:
        self.gutters, self.edges = gutters, edges
        self._cells: dict[tuple[int, ...], list[str]] = {}  # of rows that were asked for

    def cells(self, row: Sequence[Line]) -> list[str]:
        """Text of a row's cells, one for each column; what runs over several stands in the first of them."""
        pieces = tuple(map(id, row))  # of one page, which outlives its tables
        if pieces not in self._cells:
            self._cells[pieces] = self._read(row)
        return self._cells[pieces]

    def reaching(self, row: Sequence[Line], above: Sequence[str] | None = None) -> list[str]:
        """The same with the text of cells that reach into the row from above; of heads (no `above`), from the left.

        Only lines that are drawn show how far a cell reaches.
        """
        return self.cells(row)

    def _read(self, row: Sequence[Line]) -> list[str]:
        columns: list[list[Line]] = [[] for _ in range(len(self.gutters) + 1)]
        for pieces in (cell for level in baselines(row) for cell in level.cells):
            columns[column_of(pieces, self.gutters)] += pieces
        cells = [text_of(column) for column in columns]
        for i, after in enumerate(cells[1:]):
            if cells[i].endswith(_SIGNS) and _NUMBER.match(after) and _is_of_next(cells, i):
                cells[i : i + 2] = cells[i][:-1].rstrip(), cells[i][-1] + after
        return cells


def _is_of_next(cells: Sequence[str], i: int) -> bool:
    """Whether the sign at a cell's end is that of the next one's number: some files write both in one go."""
    sign = cells[i][-1]
    if cells[i].startswith(sign):
        return True  # one more than its own number has, or alone
    last = next(cell for cell in reversed(cells) if any(map(str.isdigit, cell)) or cell is cells[i])
    return not last.endswith(sign) and (sign in _FIRST_SIGNS or any(cell.startswith(sign) for cell in cells))


def text_of(pieces: Sequence[Line]) -> str:
    """Text of one cell, its lines from above."""
    if len(pieces) == 1:
        return pieces[0].text.replace(CELL, " / ")
    text = ""
    for row in baselines(pieces):
        for piece in row:
            text = add_text(text, piece.text)
    return text.replace(CELL, " / ")


def add_text(text: str, after: str) -> str:
    """Text of a cell that goes on on another line."""
    if text[-1:] == "-" and text[-2:-1].isalpha() and after[0].islower():
        return text[:-1] + after
    return text + (" " if text and not _glued(text, after) else "") + after


def row_text(cells: Sequence[str]) -> str:
    """A row of a table as one line; empty cells at its end are left out."""
    return re.sub(r"\|\s+(?=\|)", "| ", CELL.join(cells)).rstrip(" |").lstrip()


def cells_in(text: str, n_columns: int) -> list[str]:
    """The cells of a row that was made one line.

    >>> cells_in("| a|b | c", 4)
    ['', 'a|b', 'c', '']
    """
    cells = [cell.strip() for cell in re.split(r"(?<!\S)\|(?!\S)", text)]
    return cells + [""] * (n_columns - len(cells))


def _glued(text: str, after: str) -> bool:
    opens = text.endswith("(") or (text.endswith(_SIGNS) and _NUMBER.match(after))
    return bool(opens or re.fullmatch(r"[)%]+", after))


def column_of(cell: Sequence[Line], gutters: Sequence[float]) -> int:
    """Index of the column of a cell: where its middle is, or where it begins if it runs over several columns."""
    x0, x1 = cell[0].x0, max([piece.x1 for piece in cell])
    begin = bisect_right(gutters, x0)
    return begin if bisect_left(gutters, x1) > begin + 1 else bisect_right(gutters, (x0 + x1) / 2)


class Table(NamedTuple):
    """Rows of pieces, its columns, and how many rows at its top hold the heads."""

    rows: list[list[Line]]
    columns: Columns
    n_heads: int

    def as_lines(self, number: int) -> list[Line]:
        """The table's rows as lines of a page; those that come after the heads, or after a section's, know them."""
        named, body = self.rows[: self.n_heads], self.rows[self.n_heads :]
        lines, heads, section = [], "", ""
        if named:
            rows = map(self.columns.reaching if len(named) > 1 else self.columns.cells, named)
            cells = [
                functools.reduce(add_text, filter(None, column), "") for column in zip(*rows, strict=True)
            ]
            lines.append(self._line([piece for row in named for piece in row], cells, number, ""))
            heads = lines[0].text
        some_plain = any(not piece.bold for row in body for piece in row)
        above: list[str] = []
        for row in body:
            is_section = some_plain and all(piece.bold for piece in row) and is_title(self.columns.cells(row))
            above = self.columns.reaching(row, above)
            line = self._line(row, above, number, heads if is_section else f"{heads}\n{section}".strip())
            section = line.text if is_section else section
            lines.append(line)
        return lines

    def _line(self, row: Sequence[Line], cells: Sequence[str], number: int, heads: str) -> Line:
        text = row_text(cells)
        x0, y0 = min(piece.x0 for piece in row), min(piece.y0 for piece in row)
        x1, y1 = max(piece.x1 for piece in row), max(piece.y1 for piece in row)
        first = row[0]
        return Line(
            text, x0, y0, x1, y1, first.base, first.size, first.bold, first.block, max(2, text.count(CELL) + 1),
            table=number, heads=heads, edges=self.columns.edges,
        )  # fmt: skip


def is_title(cells: Sequence[str]) -> bool:
    """Whether a row has only its first cell: if it is in bold letters, the title of the rows below it."""
    return bool(cells[0]) and not any(cells[1:])

"""Cells of a table: what stands on one baseline, which pieces of it belong together, and in which column."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter

from ragkit.reading.lines import Line

_OPENS, _CLOSES = re.compile(r"[$€£¥(]{1,2}"), re.compile(r"[)%*†‡]{1,2}")  # signs beside a number
_LAST_SIGN = tuple("$€£¥")  # some files write it in one go with the number before
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
            if before and (_is_near(before, piece) or (len(cells) == 1 and MARK.fullmatch(before.text))):
                cells[-1].append(piece)
            else:
                cells.append([piece])
        return cells

    @functools.cached_property
    def spans(self) -> list[tuple[float, float]]:
        """From which x to which x each cell reaches, in points."""
        return [(cell[0].x0, max([piece.x1 for piece in cell])) for cell in self.cells]


def _is_near(left: Line, right: Line) -> bool:
    if right.x0 - left.x1 < 0.6 * right.size or (len(right.text) < 3 and _CLOSES.fullmatch(right.text)):
        return True
    return bool(len(left.text) < 3 and _OPENS.fullmatch(left.text))  # most pieces are spared the patterns


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
    """The columns of a table, by the x of the gutters between them."""

    def __init__(self, gutters: Sequence[float]) -> None:
        self.gutters = gutters
        self._cells: dict[tuple[int, ...], list[str]] = {}  # of rows that were asked for

    def cells(self, row: Sequence[Line]) -> list[str]:
        """Text of a row's cells, one for each column; what runs over several stands in the first of them."""
        pieces = tuple(map(id, row))  # of one page, which outlives its tables
        if pieces not in self._cells:
            self._cells[pieces] = self._read(row)
        return self._cells[pieces]

    def _read(self, row: Sequence[Line]) -> list[str]:
        columns: list[list[Line]] = [[] for _ in range(len(self.gutters) + 1)]
        for pieces in (cell for level in baselines(row) for cell in level.cells):
            columns[column_of(pieces, self.gutters)] += pieces
        cells = [_text(column) for column in columns]
        for i in range(len(cells) - 1):
            if cells[i + 1] and cells[i].endswith(_LAST_SIGN):
                cells[i : i + 2] = cells[i][:-1].rstrip(), cells[i][-1] + cells[i + 1]
        return cells


def _text(pieces: Sequence[Line]) -> str:
    """Text of one cell, its lines from above."""
    if len(pieces) == 1:
        return pieces[0].text.replace(" | ", " / ")
    text = ""
    for row in baselines(pieces):
        for piece in row:
            if text[-1:] == "-" and text[-2:-1].isalpha() and piece.text[0].islower():
                text = text[:-1] + piece.text
            else:
                text += (" " if text and not _glued(text, piece.text) else "") + piece.text
    return text.replace(" | ", " / ")


def _glued(text: str, after: str) -> bool:
    return bool(re.search(r"[$€£¥(]$", text) or re.fullmatch(r"[)%]+", after))


def column_of(cell: Sequence[Line], gutters: Sequence[float]) -> int:
    """Index of the column of a cell: where its middle is, or where it begins if it runs over several columns."""
    x0, x1 = cell[0].x0, max([piece.x1 for piece in cell])
    begin = bisect_right(gutters, x0)
    return begin if bisect_left(gutters, x1) > begin + 1 else bisect_right(gutters, (x0 + x1) / 2)

"""Grids: tables whose cells are ruled off, on their sides, too. Where lines are drawn, no gap has to be looked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from statistics import fmean, median

from ragkit.reading.cells import Columns, baselines, text_of
from ragkit.reading.lines import Line
from ragkit.reading.rules import Rule, Rules

_TOUCH = 3.0  # points between lines that meet
LEAST, MOST = 6, 2000  # lines that a page with a grid draws: three in each direction; a map draws more
_MOST = 300  # of them in one direction, when those that are drawn cell by cell are put together
# Shares of a grid that the lines of a table go through: half of the level ones, the upright ones between its columns on
# average. Underlined headings and diagrams' boxes go through less.
_LEVEL, _UPRIGHT = 0.8, 0.5
_LONG = 200  # letters: two columns of cells that are longer are text in columns


Cut = Callable[[Line, float], Sequence[Line]]  # the pieces of a line, of which an upright one at x parts two


class Grid(Columns):
    """The cells of one grid, by the lines that part them.

    Parameters
    ----------
    level, upright : sequence of Rule
        That meet each other, in points.
    """

    def __init__(self, level: Sequence[Rule], upright: Sequence[Rule]) -> None:
        self.level, self.upright = level, upright
        self.xs = _places(upright, [x for _, *ends in level for x in ends])
        self.ys = _places(level, [y for _, *ends in upright for y in ends])
        super().__init__(self.xs[1:-1], tuple(self.xs))

    @property
    def is_full(self) -> bool:
        """Whether its lines go through most of it, and part cells in both directions."""
        width, height = self.xs[-1] - self.xs[0], self.ys[-1] - self.ys[0]
        if len(self.xs) < 3 or len(self.ys) < 3:
            return False
        level, upright = _lengths(self.level, self.ys), _lengths(self.upright, self.xs)[1:-1]
        return median(level) > _LEVEL * width and fmean(upright) > _UPRIGHT * height

    def row_of(self, piece: Line) -> int:
        """Index of the row in which a piece's cell begins; -1 for what stands outside of the grid."""
        x, y = (piece.x0 + piece.x1) / 2, piece.base - 0.3 * piece.size
        if not (self.xs[0] < x < self.xs[-1] and self.ys[0] < y < self.ys[-1]):
            return -1
        return _index(self.ys, _nearest(self.level, y, x, self.ys[0]))

    def crossed_by(self, piece: Line) -> list[float]:
        """The x of the lines that a piece runs over."""
        y = piece.base - 0.3 * piece.size
        return [x for x, y0, y1 in self.upright if piece.x0 + 2 < x < piece.x1 - 2 and y0 < y < y1]

    def parts_of(self, line: Line, cut: Cut) -> list[Line]:
        """A line, cut where it runs over lines between cells."""
        parts = [line]
        for x in self.crossed_by(line):
            parts[-1:] = cut(parts[-1], x)
        return parts

    def bands(self, lines: Sequence[Line], cut: Cut) -> list[list[Line]]:
        """The pieces in each row of cells, in file order."""
        bands: dict[int, list[Line]] = defaultdict(list)
        for line in lines:
            if (row := self.row_of(line)) >= 0:
                bands[row] += self.parts_of(line, cut)
        last = _index(self.ys, max(y for y, *_ in self.level))
        if (
            len(bands[last]) == 1
        ):  # below the last line: a page's number, where a table is cut at the page's end
            bands.pop(last)
        return [bands[row] for row in sorted(bands) if bands[row]]

    def fits(self, rows: Sequence[Sequence[Line]]) -> bool:
        """Whether the pieces stand in its cells: hardly any over a line, and none beside each other in most rows."""
        crossing = sum(bool(self.crossed_by(piece)) for row in rows for piece in row)
        if crossing > 0.1 * sum(map(len, rows)):
            return False
        for column in zip(*map(self._parts, rows), strict=True):
            filled = [cell for cell in column if cell]
            parted = sum(any(len(level.cells) > 1 for level in baselines(cell)) for cell in filled)
            if parted > max(1, 0.5 * len(filled)):
                return False  # some of its columns only are ruled off
        return True

    def goes_on_beside(self, lines: Sequence[Line], n_rows: int) -> bool:
        """Whether its rows go on outside of it, as those of a table in which some columns are framed."""
        beside = [
            (one, other)
            for one, other in pairwise(lines)
            if abs(one.base - other.base) < 0.3 * one.size
            and (self.row_of(one) < 0) != (self.row_of(other) < 0)
        ]
        return len(beside) > 0.5 * n_rows

    def reaching(self, row: Sequence[Line], above: Sequence[str] | None = None) -> list[str]:
        """See `Columns.reaching`."""
        cells, own = list(self.cells(row)), self.row_of(row[0])
        y = row[0].base - 0.3 * row[0].size
        for i, (x0, x1) in enumerate(pairwise(self.xs)):
            x = (x0 + x1) / 2
            if cells[i]:
                continue
            if above and _index(self.ys, _nearest(self.level, y, x, self.ys[0])) < own:
                cells[i] = above[i]
            elif above is None and i and _nearest(self.upright, x, y, self.xs[0]) < x0 - _TOUCH:
                cells[i] = cells[i - 1]
        return cells

    def _parts(self, row: Sequence[Line]) -> list[list[Line]]:
        columns: list[list[Line]] = [[] for _ in range(len(self.gutters) + 1)]
        for piece in row:
            x = piece.x0 + 2 if self.crossed_by(piece) else (piece.x0 + piece.x1) / 2
            left = _nearest(self.upright, x, piece.base - 0.3 * piece.size, self.xs[0])
            columns[min(_index(self.xs, left), len(self.gutters))].append(piece)
        return columns

    def _read(self, row: Sequence[Line]) -> list[str]:
        return [text_of(pieces) for pieces in self._parts(row)]


def find_grids(rules: Rules) -> list[Grid]:
    """The grids that a page's lines make where they meet, the smallest first: one may lie in a cell of another."""
    grids = (Grid(*group) for group in _groups(_joined(rules.level), _joined(rules.upright)))
    return sorted((grid for grid in grids if grid.is_full), key=lambda grid: grid.xs[-1] - grid.xs[0])


def is_ruled_table(cells: Sequence[Sequence[str]]) -> bool:
    """Whether the cells of a grid are those of a table: two rows and columns are filled, and not with text."""
    columns = [[cell for cell in column if cell] for column in zip(*cells, strict=True)]
    full = sum(sum(map(bool, row)) > 1 for row in cells)
    long = sum(bool(column) and median(map(len, column)) > _LONG for column in columns)
    return full > 1 and long < 2


def _joined(rules: Sequence[Rule]) -> list[Rule]:
    """Lines that are drawn cell by cell, or twice, put together."""
    joined: list[Rule] = []
    places: list[list[Rule]] = []
    for rule in sorted(rules):
        if places and rule[0] - places[-1][0][0] < _TOUCH:
            places[-1].append(rule)
        else:
            places.append([rule])
    for place in places:
        at = fmean(rule[0] for rule in place)
        parts: list[Rule] = []
        for _, begin, end in sorted(place, key=lambda rule: rule[1]):
            if parts and begin < parts[-1][2] + _TOUCH:
                parts[-1] = at, parts[-1][1], max(end, parts[-1][2])
            else:
                parts.append((at, begin, end))
        joined += parts
    return joined


def _groups(level: Sequence[Rule], upright: Sequence[Rule]) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """The lines that meet each other, directly or over others."""
    if max(len(level), len(upright)) > _MOST:
        return
    meets = [
        [
            k
            for k, (x, y0, y1) in enumerate(upright)
            if x0 - _TOUCH < x < x1 + _TOUCH and y0 - _TOUCH < y < y1 + _TOUCH
        ]
        for y, x0, x1 in level
    ]
    left = {i for i, found in enumerate(meets) if found}
    while left:
        rows, columns = {min(left)}, set(meets[min(left)])
        while more := {i for i in left - rows if columns.intersection(meets[i])}:
            rows |= more
            columns.update(*(meets[i] for i in more))
        left -= rows
        yield [level[i] for i in sorted(rows)], [upright[k] for k in sorted(columns)]


def _places(rules: Sequence[Rule], ends: Sequence[float]) -> list[float]:
    """Where a grid's lines of one direction stand, and where those of the other end beyond them."""
    places: list[float] = []
    for place in sorted(chain((rule[0] for rule in rules), (min(ends), max(ends)))):
        if not places or place - places[-1] > 2 * _TOUCH:
            places.append(place)
    return places


def _lengths(rules: Sequence[Rule], places: Sequence[float]) -> list[float]:
    """How much is drawn at each of the places."""
    lengths = [0.0] * len(places)
    for at, begin, end in rules:
        lengths[_index(places, at)] += end - begin
    return lengths


def _nearest(rules: Sequence[Rule], before: float, across: float, outer: float) -> float:
    """The last line before a place, of those that reach over it."""
    return max((at for at, begin, end in rules if at < before and begin < across < end), default=outer)


def _index(places: Sequence[float], at: float) -> int:
    return min(range(len(places)), key=lambda i: abs(places[i] - at))

"""What stands side by side on a page without being a table: the two pages of a book on one sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ragkit.reading.labels import (
    DENSITY,
    MIN_REPEATS,
    STEADY,
    WEIGHTS,
    Printed,
    Sighting,
    choose_labels,
    edge_rows,
    find_labels,
)
from ragkit.reading.lines import Line
from ragkit.reading.numbers import numbers_in

# --- two book pages on one sheet ---


class Parts(NamedTuple):
    """The pages of a document, or the halves of its sheets where each holds two pages of a book."""

    lines: list[list[Line]]
    heights: list[float]  # in points
    sheets: list[int]  # the 0-based index of the page in the file that each of them is a part of
    printed: Printed  # the numbers that they print

    @property
    def halved(self) -> bool:
        """Whether there are sheets with two pages of a book."""
        return len(set(self.sheets)) < len(self.sheets)

    def printed_on_sheets(self) -> Printed:
        """The numbers of whole sheets: "12–13" for one with two pages."""
        labels = [""] * (max(self.sheets, default=-1) + 1)
        rows: dict[int, Sighting] = {}
        for part, sheet in enumerate(self.sheets):
            labels[sheet] = "–".join(filter(None, (labels[sheet], self.printed.labels[part])))
            if part in self.printed.rows:
                rows.setdefault(sheet, self.printed.rows[part])
        return Printed(labels, rows)

    def put_together(self, lines: Sequence[Sequence[Line]]) -> list[list[Line]]:
        """The lines of the parts, by sheet: those of its left half come first."""
        sheets: list[list[Line]] = [[] for _ in set(self.sheets)]
        for sheet, rows in zip(self.sheets, lines, strict=True):
            sheets[sheet] += rows
        return sheets


def find_parts(lines: Sequence[list[Line]], sizes: Sequence[tuple[float, float]]) -> Parts:
    """Find the sheets that hold two pages of a book, in documents where several show it by their numbers.

    It takes three sheets, and the share of all broad ones that also proves a numbering, on which the left and the
    right half print a number of one numbering: it rises by two from sheet to sheet.

    Parameters
    ----------
    lines : sequence of list of Line
        Of each page, in reading order.
    sizes : sequence of tuple of float
        Width and height of each page, in points.
    """
    heights = [height for _, height in sizes]
    broad = [page for page, (width, height) in enumerate(sizes) if width > height]
    spreads = [page for page in broad if is_spread(lines[page], *sizes[page])]
    if len(spreads) >= max(MIN_REPEATS, DENSITY * len(broad)):
        halves = [
            (page, half)
            for page, (rows, (width, height)) in enumerate(zip(lines, sizes, strict=True))
            for half in (cut_in_halves(rows, width) if width > height else [rows])
        ]
        sheets, rows = [page for page, _ in halves], [half for _, half in halves]
        printed = find_labels(rows, [heights[page] for page in sheets])
        numbered = Counter(sheets[part] for part in printed.rows)
        if sum(numbered[page] == 2 for page in spreads) >= max(MIN_REPEATS, DENSITY * len(broad)):
            return Parts(rows, [heights[page] for page in sheets], sheets, printed)
    return Parts(list(lines), heights, list(range(len(lines))), find_labels(lines, heights))


def label_sheets(pdf_labels: Sequence[str], parts: Parts) -> tuple[list[str], str, str]:
    """Choose the labels of a document's pages as `choose_labels` does; the rule and the reason name sheets of two."""
    if not parts.halved:
        return choose_labels(pdf_labels, parts.printed)
    labels, rule, reason = choose_labels(pdf_labels, parts.printed_on_sheets())
    if rule != "pdf labels":
        rule += ", two pages a sheet"
        reason = reason.replace("pages print their number", "sheets print the numbers of two pages of a book")
    return labels, rule, reason


def is_spread(lines: Sequence[Line], width: float, height: float) -> bool:
    """Whether a page looks like two of a book: broad, with nothing over its middle, numbered n and n + 1."""
    if width <= height or any(line.x0 < width / 2 < line.x1 for line in lines if not line.sideways):
        return False
    left, right = (
        list(_outer_numbers(half, height, k)) for k, half in enumerate(cut_in_halves(lines, width))
    )
    return any(
        one[:3] == other[:3] and one[3] + 1 == other[3] and abs(one[4] - other[4]) <= STEADY
        for one in left
        for other in right
    )


def _outer_numbers(
    half: Sequence[Line], height: float, is_right: int
) -> Iterator[tuple[str, str, str, int, float]]:
    """The numbers in the margins of a book's page that stand apart, or at the outer end of their lines."""
    for edge in edge_rows(half, height):
        line = half[edge.row]
        for number in numbers_in(line, edge.zone, 0):
            outer = number.end == len(line.text) if is_right else number.start == 0
            if outer or number.beside in WEIGHTS:
                yield edge.zone, number.style, number.prefix, number.value, edge.distance


def cut_in_halves(lines: Sequence[Line], width: float) -> list[list[Line]]:
    """The lines that begin in the left half of a page, and those that begin in the right one."""
    left = [line for line in lines if line.x0 < width / 2]
    return [left, [line for line in lines if line.x0 >= width / 2]]


def moved(lines: Sequence[Line], by: float) -> list[Line]:
    """Lines further to the right by so many points."""
    return [line._replace(x0=line.x0 + by, x1=line.x1 + by) for line in lines]

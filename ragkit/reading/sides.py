"""What stands side by side on a page without being a table: two book pages, narrow columns, signatures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from math import inf
from statistics import fmean, median
from typing import NamedTuple

from ragkit.reading.cells import baselines
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
from ragkit.reading.lines import Line, has_room
from ragkit.reading.numbers import numbers_in

# A column beside the text: this many lines, shares of the page's width; and what share of the text's lines is full,
# of its own lines is close to the next one
MIN_SIDE = 5
MIN_WIDTH, MAX_WIDTH, MIN_TEXT = 0.12, 0.42, 0.35
FILLED, CLOSE = 0.75, 0.6
# Blocks side by side: so many rows with both sides, of which this share says the same on both
MIN_ROWS, MAX_ROWS, ALIKE = 3, 15, 0.3
FAR = 5  # times the font size: rows further below are no part of a block
_WORD, _BLANK = re.compile(r"[^\W\d_]{2}"), re.compile(r"[xX]?[\s_.…‥·—–-]{5,}")

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


# --- what is written row by row, and read side by side ---


def pairs_beside(lines: Sequence[Line]) -> list[tuple[Line, Line]]:
    """Lines that follow each other in the file on one baseline, with a gap between them."""
    return [
        (left, right)
        for left, right in pairwise(lines)
        if right.x0 - left.x1 > 0.8 * right.size and abs(left.base - right.base) < 0.3 * right.size
    ]


def find_side_column(lines: Sequence[Line], pairs: Sequence[tuple[Line, Line]], width: float) -> list[float]:
    """Find the x of the gap between wrapped text and a narrow column beside it, in points; empty where none is.

    The text fills its lines, and the lines of the narrow column follow each other as closely. Beside names and what
    is said of each, or marginal terms, there is no column that could be read without the other.
    """
    (x, n), *_ = Counter(round(right.x0) - 2 for _, right in pairs).most_common(1) or [(0, 0)]
    if n < MIN_SIDE or not MIN_WIDTH * width < min(x, width - x) < MAX_WIDTH * width:
        return []
    left, right = [line for line in lines if line.x1 <= x], [line for line in lines if line.x0 >= x]
    side, text = (left, right) if x < width / 2 else (right, left)
    beside = {id(line) for pair in pairs for line in pair}
    side = [line for line in side if id(line) in beside]
    if len(side) < MIN_SIDE:
        return []
    top, bottom = min(line.y0 for line in side), max(line.y1 for line in side)
    text = [line for line in text if top < line.base < bottom]
    crossing = sum(line.x0 < x < line.x1 and top < line.base < bottom for line in lines)
    if len(text) < MIN_SIDE or crossing > len(text) / 10:
        return []
    is_text = median(line.x1 - line.x0 for line in text) > MIN_TEXT * width and _share_filled(text) > FILLED
    return [float(x)] if is_text and _is_close(side, text) else []


def _share_filled(text: Sequence[Line]) -> float:
    """Share of the lines after which no other word would have fitted."""
    edge = max(line.x1 for line in text)
    rows = sorted(text, key=lambda line: line.base)
    return fmean(not has_room(above, line, edge) for above, line in pairwise(rows))


def _is_close(side: Sequence[Line], text: Sequence[Line]) -> bool:
    """Whether the lines of a narrow column are words that follow each other as those of the text do.

    Where both columns begin anew at the same heights, they are a table's rows.
    """
    pitch = 1.35 * median(b - a for a, b in pairwise(_bases(text)))
    anew, text_anew = ([b for a, b in pairwise(_bases(lines)) if b - a > pitch] for lines in (side, text))
    level = sum(any(abs(base - other) < 2 for other in text_anew) for base in anew)
    words = fmean(bool(_WORD.search(line.text)) for line in side)
    return len(anew) < (1 - CLOSE) * len(side) and words > CLOSE and 2 * level <= len(anew)


def _bases(lines: Sequence[Line]) -> list[float]:
    return sorted(line.base for line in lines)


def part_blocks(lines: Sequence[Line], pairs: Sequence[tuple[Line, Line]]) -> list[Line]:
    """Put blocks that stand side by side, such as two signatures, one after the other.

    They are proven by rows that say the same on both sides: a line to write on, "Name:", "Date:". The lines of a side
    get a text block of their own, and stay on lines of their own.
    """
    if (
        len(pairs) < MIN_ROWS
        or max(Counter(filter(None, map(_label, chain(*pairs)))).values(), default=0) < 2
    ):
        return list(lines)  # most pages
    order = {id(line): i for i, line in enumerate(lines)}
    block = 1 + max(line.block for line in lines)
    placed: dict[int, list[Line]] = {}
    parted: set[int] = set()
    for run in _runs_of_two(lines):
        labels = [[_label(side[0]) for side in row] for row in run if all(row)]
        alike = [left for left, right in labels if left and left == right]
        if MIN_ROWS <= len(labels) <= MAX_ROWS and len(alike) >= max(2 - ("_" in alike), ALIKE * len(labels)):
            sides = [[line for row in run for line in row[k]] for k in (0, 1)]
            members = [id(line) for side in sides for line in side]
            placed[min(map(order.__getitem__, members))] = [
                line._replace(block=block + k, cells=2) for k, side in enumerate(sides) for line in side
            ]
            parted.update(members)
            block += 2
    return [
        row for i, line in enumerate(lines) for row in placed.get(i, [] if id(line) in parted else [line])
    ]


def _label(line: Line) -> str:
    """What a row of a signature says on both sides: "_" for a line to write on, or what stands before a colon."""
    if _BLANK.fullmatch(line.text):
        return "_"
    label, colon, _ = line.text.casefold().partition(":")
    return label if colon and _WORD.search(label) else ""


_Row = tuple[list[Line], list[Line]]  # the lines on one baseline, left and right of a gap


def _runs_of_two(lines: Sequence[Line]) -> Iterator[list[_Row]]:
    """Rows below each other that all leave a strip between left and right free; the last has both sides."""
    run: list[_Row] = []
    end, begin = 0.0, inf  # of the strip
    for level in baselines([line for line in lines if not line.sideways]):
        near = bool(run) and level[0].base - run[-1][bool(not run[-1][0])][0].base < FAR * level[0].size
        row = _split(level, end, begin) if near else None
        if row is None:
            yield _with_both(run)
            run, end, begin = [], 0.0, inf
            row = _split_at_gap(level)
        if row:
            run.append(row)
            end = max([end, *(line.x1 for line in row[0])])
            begin = min([begin, *(line.x0 for line in row[1])])
    yield _with_both(run)


def _split(level: Sequence[Line], end: float, begin: float) -> _Row | None:
    """The lines left and right of a strip; None if one of them runs over it, or is in a table."""
    size = level[0].size
    left = [line for line in level if line.x1 < begin - size]
    right = [line for line in level if line.x0 > end + size and line.x1 >= begin - size]
    split = len(left) + len(right) == len(level) and not any(line.table for line in level)
    return (left, right) if split and _is_one(left) and _is_one(right) else None


def _split_at_gap(level: list[Line]) -> _Row | None:
    """The lines left and right of the widest gap between them; None if there is none."""
    gap, i = max(((b.x0 - a.x1, i) for i, (a, b) in enumerate(pairwise(level), 1)), default=(0.0, 0))
    left, right = level[:i], level[i:]
    split = gap > 2 * level[0].size and not any(line.table for line in level)
    return (left, right) if split and _is_one(left) and _is_one(right) else None


def _is_one(side: Sequence[Line]) -> bool:
    """Whether no wide gap parts what stands on one side: rows of three cells and more are a table's."""
    return all(right.x0 - left.x1 < 3 * left.size for left, right in pairwise(side))


def _with_both(run: list[_Row]) -> list[_Row]:
    """A run without the rows at its end that have one side only."""
    last = max((i for i, row in enumerate(run) if all(row)), default=-1)
    return run[: last + 1]

"""Whether rows and columns are those of a table, and which of its rows are the heads."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from statistics import median

from ragkit.reading.cells import FIGURE, MARK, baselines
from ragkit.reading.lines import Line

_YEAR = re.compile(  # 2018; Dec. 31, 2018; FY2018: the head of a column
    r"(?:(?:fy|fiscal|year|jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)\w*\.?[\s\d,]*)?(?:19|20)\d\d\W*",
    re.IGNORECASE,
)
_WORD, _WORD_OR_NUMBER = re.compile(r"[^\W\d_]{2}"), re.compile(r"[^\W\d_]{2}|\d")
_ENTRY = re.compile(r"(\d{1,4}|[ivxlc]+)$")  # the end of a line of a table of contents


def may_be_table(rows: Sequence[Sequence[Line]], cells: Sequence[Sequence[str]], n_heads: int) -> bool:
    """Whether rows and columns are not those of contents, formulas, or text in columns."""
    heights = [len(baselines(row)) for row in rows]
    if max(heights) > 0.4 * sum(heights) or _is_contents(cells):
        return False
    body = [row for row in cells[n_heads:] if sum(map(bool, row)) > 1]
    columns = [[cell for cell in column if cell] for column in zip(*body, strict=True)]
    if sum(bool(column) and median(map(len, column)) > 45 for column in columns) > 1:
        return False
    filled = [cell for column in columns for cell in column]
    named = sum(bool(_WORD.search(" ".join(row))) for row in body)
    words = sum(bool(_WORD_OR_NUMBER.search(cell)) for cell in filled)
    return named > 0.5 * len(body) and words > 0.6 * len(filled)


def is_proven(
    rows: Sequence[Sequence[Line]], cells: Sequence[Sequence[str]], n_heads: int, n_rules: int
) -> bool:
    """Whether something shows that it is a table: columns of figures, rules, heads in bold letters."""
    body = [row for row in cells[n_heads:] if sum(map(bool, row)) > 1]
    others = [cell for row in body for cell in row[1:] if cell]
    n_columns = len(cells[0])
    if sum(map(is_figure, others)) > (0.5 if n_columns == 2 else 0.3) * len(others):
        return True
    full = sum(sum(map(bool, row)) > 1 for row in cells)
    return (n_columns > 2 or full > 3) and (n_rules > 1 or n_heads > 0)


def _is_contents(cells: Sequence[Sequence[str]]) -> bool:
    """Whether rows are those of a table of contents or an index: leaders, or numbers at the end that only rise."""
    ends = [end for row in cells if (end := _ENTRY.search(" ".join(row).strip()[-4:]))]
    if sum("…" in " ".join(row) for row in cells) > 0.25 * len(cells):
        return True
    others = sum(is_figure(cell) for row in cells for cell in row[1:]) - len(ends)
    numbers = [int(end[1]) for end in ends if end[1].isdecimal()]
    return len(ends) > max(3, 0.5 * len(cells)) and others < len(ends) / 2 and numbers == sorted(numbers)


def count_heads(
    rows: Sequence[Sequence[Line]], cells: Sequence[Sequence[str]], level: Sequence[float]
) -> int:
    """How many rows at the top are the heads of the columns; 0 where nothing shows it."""
    figures = [any(map(is_figure, row[1:])) for row in cells]
    if sum(figures) > len(rows) / 2:
        named = [i + 1 for i, row in enumerate(cells[: figures.index(True)]) if any(row[1:])]
        return named[-1] if named else 0
    bold = [all(piece.bold for piece in row) for row in rows]
    n_bold = bold.index(False) if False in bold else 0
    parted = n_bold > 1 and not any(cells[n_bold - 1][1:])  # by a heading from what stands above it
    if n_bold and not parted and not any(bold[n_bold:]):
        return n_bold
    above = [sum(row[0].base < y + 1 for row in rows) for y in level]
    ruled = [n for n in above if 0 < n < len(rows)]
    return ruled[0] if ruled and len(ruled) < 0.4 * len(rows) and 0 in above else 0


def is_note(cells: Sequence[str]) -> bool:
    """Whether the last row of a table is none, but the note below it."""
    filled = [cell for cell in cells if cell]
    return len(filled) < 2 or (len(filled) == 2 and bool(MARK.fullmatch(filled[0])) and len(filled[1]) > 45)


@functools.lru_cache(maxsize=1000)
def is_figure(text: str) -> bool:
    """Whether a cell is a number, with its sign or unit, and no year."""
    return bool(FIGURE.fullmatch(text)) and not _YEAR.fullmatch(text)

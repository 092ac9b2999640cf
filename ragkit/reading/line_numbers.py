"""The numbers of lines, as drafts and bills have them beside their text."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from ragkit.reading.lines import Line

MIN_STEPS = 9  # equal ones: the rows of a city's maps have six, and are on page after page, too


def find_line_numbers(rows: Sequence[Line]) -> set[int]:
    """Indices of the rows that number a page's lines, as drafts and bills do: in equal steps, beside the text."""
    if sum(row.text.isdecimal() for row in rows) <= MIN_STEPS:
        return set()  # most pages
    text = [row for row in rows if any(map(str.isalpha, row.text)) and not row.sideways]
    half = (max(row.base for row in text) - min(row.base for row in text)) / 2 if text else math.inf
    found: set[int] = set()
    for edge in ("x0", "x1"):
        for column in _columns_of_numbers(rows, edge):
            steps = Counter(int(rows[b].text) - int(rows[a].text) for a, b in pairwise(column))
            step, n_equal = steps.most_common(1)[0] if steps else (0, 0)
            reaches = rows[column[-1]].base - rows[column[0]].base > half
            equal = step > 0 and n_equal >= max(MIN_STEPS, 0.8 * len(column))
            if equal and reaches and _is_beside(column, rows, text):
                found.update(column)
    return found


def _is_beside(column: Sequence[int], rows: Sequence[Line], text: Sequence[Line]) -> bool:
    """Whether numbers stand left or right of all text; those of a table's rows are in line with some of it."""
    left, right = min(rows[i].x0 for i in column), max(rows[i].x1 for i in column)
    return all(line.x0 > left + 1 for line in text) or all(line.x1 < right - 1 for line in text)


def _columns_of_numbers(rows: Sequence[Line], edge: str) -> list[list[int]]:
    """Indices of the rows that are only a number, by where they begin ("x0") or end ("x1"), from above."""
    columns: dict[int, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        if re.fullmatch(r"\d{1,5}", row.text) and not row.sideways:
            columns[round(getattr(row, edge) / 4)].append(i)
    return [sorted(column, key=lambda i: rows[i].base) for column in columns.values()]

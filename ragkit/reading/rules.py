"""Ruled lines: those that part the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence

import pymupdf

from ragkit.reading.lines import Line

Rule = tuple[float, float, float]  # y, and from which x to which x, in points


def find_rules(page: pymupdf.Page, turn: pymupdf.Matrix | None = None) -> list[Rule]:
    """Level ruled lines of a page: thin drawings. MuPDF's log of boxes is faster than its list of drawings."""
    boxes = [box for kind, box in page.get_bboxlog() if kind.endswith("-path")]
    if turn:
        boxes = [tuple(pymupdf.Rect(box) * turn) for box in boxes]
    return [((y0 + y1) / 2, x0, x1) for x0, y0, x1, y1 in boxes if y1 - y0 < 3 and x1 - x0 > 8]


def rules_of(run: Sequence[Sequence[Line]], x0: float, x1: float, level: Sequence[Rule]) -> list[float]:
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

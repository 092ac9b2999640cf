"""Ruled lines: those that part the rows and the columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any, NamedTuple

import pymupdf

from ragkit.reading.lines import Line

# y, and from which x to which x, in points; of an upright line x, and from y to y
Rule = tuple[float, float, float]
_THIN, _SHORT = 3, 8  # points
_bound, _Stroke = pymupdf.mupdf.ll_fz_bound_path, pymupdf.mupdf.fz_stroke_state


# Operators of a page's content: for rectangles and lines, for a form that may hold some
_DRAWN, _FORM = (b" re", b" l\n", b" l ", b" l\r"), b" Do"


class Rules(NamedTuple):
    """The ruled lines of a page."""

    level: list[Rule]
    upright: list[Rule]


class _Paths(pymupdf.mupdf.FzDevice2):
    """What MuPDF draws a page on for its thin lines; it is not asked for text, as PyMuPDF's log of boxes is."""

    def __init__(self) -> None:
        super().__init__()
        self.rules = Rules([], [])
        self.use_virtual_fill_path()
        self.use_virtual_stroke_path()

    def fill_path(self, _context: Any, path: Any, stroke: Any, matrix: Any, *_color: Any) -> None:
        stroke = stroke if isinstance(stroke, _Stroke) else None  # else it says how to fill
        box = _bound(path, stroke, matrix)
        y0, y1 = box.y0, box.y1  # each look at MuPDF's box takes a while
        if y1 - y0 < _THIN:
            if (x1 := box.x1) - (x0 := box.x0) > _SHORT:
                self.rules.level.append(((y0 + y1) / 2, x0, x1))
        elif y1 - y0 > _SHORT and (x1 := box.x1) - (x0 := box.x0) < _THIN:
            self.rules.upright.append(((x0 + x1) / 2, y0, y1))

    stroke_path = fill_path


def find_rules(page: pymupdf.Page, turn: pymupdf.Matrix | None, least: int = 1, most: float = inf) -> Rules:
    """Ruled lines of a page: thin drawings; none are looked for where it draws fewer or more of all kinds."""
    content = page.read_contents()
    n_drawn = sum(map(content.count, _DRAWN))
    if n_drawn > most or (n_drawn < least and _FORM not in content):
        return Rules([], [])  # a tenth of the time
    paths, rotation, turned = _Paths(), page.rotation, turn or pymupdf.Matrix(1, 1)
    if rotation:
        page.set_rotation(0)  # as text is read
    matrix = pymupdf.mupdf.FzMatrix(turned.a, turned.b, turned.c, turned.d, turned.e, turned.f)
    pymupdf.mupdf.fz_run_page(page.this, paths, matrix, pymupdf.mupdf.FzCookie())
    pymupdf.mupdf.fz_close_device(paths)
    if rotation:
        page.set_rotation(rotation)
    return paths.rules


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

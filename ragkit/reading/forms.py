"""What people wrote into a file: the values of form fields, ticks, typed text, notes and comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pymupdf

from ragkit.reading.lines import Line

_BOXES, _VALUES = ("CheckBox", "RadioButton"), ("Text", "ComboBox", "ListBox")
_NOT_SAID = ("FreeText", "Link", "Popup", "Stamp")  # printed, or nobody's words
_BESIDE = 30.0  # points from a box to what it is for


def fill_in(lines: Sequence[Line], page: pymupdf.Page) -> list[Line]:
    """Put the values of a page's fields where they are printed: MuPDF gives them after all else, a tick as a "3"."""
    if not page.first_annot and not page.first_widget:
        return list(lines)
    placed = list(lines)
    typed = [annot.rect for annot in page.annots() if annot.type[1] == "FreeText"]
    for widget in page.widgets():
        if widget.field_type_string in _BOXES:
            _place_box(placed, widget)
        elif widget.field_type_string in _VALUES:
            typed.append(widget.rect)
    for rect in typed:
        _place_text(placed, rect)
    return placed


def _place_text(lines: list[Line], rect: Any) -> None:
    """Move the lines in a field behind its label: what stands before it in its row, or over it."""
    inside: list[Line] = []
    outside: list[Line] = []
    corners: tuple[float, ...] = tuple(rect)  # not asked anew for every line
    for line in lines:
        (inside if _is_inside(line, *corners) else outside).append(line)
    if not inside or not outside:
        return
    first = min(inside, key=lambda line: line.base)
    label, new = _label_before(first, outside), inside
    if label and abs(label.base - first.base) <= 0.8 * label.size:
        new = [
            first._replace(base=label.base, size=label.size),
            *(line for line in inside if line is not first),
        ]
    place = outside.index(label) + 1 if label else sum(line.base <= first.base for line in outside)
    block = label.block if label else first.block
    lines[:] = [*outside[:place], *(line._replace(block=block) for line in new), *outside[place:]]


def _is_inside(line: Line, x0: float, y0: float, x1: float, y1: float) -> bool:
    return x0 <= (line.x0 + line.x1) / 2 < x1 and y0 <= (line.y0 + line.y1) / 2 < y1


def _label_before(value: Line, lines: Sequence[Line]) -> Line | None:
    row = [
        line for line in lines if abs(line.base - value.base) <= 0.8 * line.size and line.x1 <= value.x0 + 2
    ]
    over = [
        line
        for line in lines
        if 0 < value.base - line.base < 2.5 * line.size and line.x0 < value.x1 and value.x0 < line.x1
    ]
    return max(row or over, key=lambda line: (line.base, line.x1), default=None)


def _place_box(lines: list[Line], box: Any) -> None:
    """Write a box as "[x]" or "[ ]" before what it is for; behind it, where nothing follows in the row."""
    rect, middle = box.rect, (box.rect.y0 + box.rect.y1) / 2
    lines[:] = [line for line in lines if len(line.text) > 2 or not _is_inside(line, *rect)]
    row = [line for line in lines if line.y0 <= middle <= line.y1]
    after = [line for line in row if -2 <= line.x0 - rect.x1 < _BESIDE]
    before = [line for line in row if -2 <= rect.x0 - line.x1 < _BESIDE]
    if label := min(after or before, key=lambda line: abs(line.x0 - rect.x1), default=None):
        sign = "[x]" if is_ticked(box) else "[ ]"
        x0, x1 = (min(rect.x0, label.x0 - 4), label.x0 - 3) if after else (label.x1 + 3, rect.x1)
        line = label._replace(text=sign, x0=x0, x1=x1)
        lines.insert(lines.index(label) + (not after), line)


def is_ticked(box: Any) -> bool:
    """Whether a check box or a radio button is on."""
    state = box.parent.parent.xref_get_key(box.xref, "AS")[1]
    if state == "null":  # it is not said how the box looks
        return box.field_value not in ("Off", "", None, False)
    return bool(state != "/Off")


def comments_on(page: pymupdf.Page, block: int) -> list[Line]:
    """Notes and comments on a page, which nobody sees printed: lines of their own, said to be such."""
    found = []
    for annot in page.annots() if page.first_annot else ():
        text = " ".join(annot.info["content"].split())
        if text and annot.type[1] not in _NOT_SAID:
            name = "Note" if annot.type[1] == "Text" else "Comment"
            x0, y0, x1, y1 = annot.rect
            found.append(Line(f"[{name}: {text}]", x0, y0, x1, y1, y1, 10.0, block=block, sideways=True))
    return found

"""Something to look at: HTML for people, and a plain text that is the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, TypeAlias

import pandas as pd

from ragkit.words.places import page_named

Row: TypeAlias = Mapping[str, Any] | pd.Series
# Okabe and Ito, "Color Universal Design" (2008): told apart with every common form of colour blindness.
BLUE, RED, GREEN, ORANGE, SKY, PINK, BLACK, GREY = PALETTE = (
    "#0072b2", "#d55e00", "#009e73", "#e69f00", "#56b4e9", "#cc79a7", "#222222", "#8c8c8c",
)  # fmt: skip
LINE = "1px solid rgba(128,128,128,0.4)"
TINT = "rgba(128,128,128,0.12)"
PROSE = "white-space:pre-wrap;overflow-wrap:break-word;line-height:1.45"


class Display:
    """Something to look at: `text` is its plain form (also its `repr`), `html` what a notebook shows."""

    def __init__(self, text: str, html: str) -> None:
        self.text, self.html = text, html

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f" \n{self.html}"  # JupyterLab shows the first line of an output that is folded


def place(hit: Row) -> str:
    """Name the file and the printed page or pages of a hit, a chunk or a key sentence.

    >>> place({"source": "primer.pdf", "label": "12", "boxes": [{"label": "12"}, {"label": "13"}]})
    'primer.pdf, pp. 12–13'
    >>> place({"source": "primer.pdf", "label": "iv"})
    'primer.pdf, p. iv'
    """
    boxes = hit.get("boxes")
    labels = [hit["label"]] if boxes is None or not len(boxes) else [boxes[0]["label"], boxes[-1]["label"]]
    return f"{hit['source']}, {page_named(labels[0], labels[-1])}"


def in_columns(cells: Iterable[str], width: int = 320) -> str:
    """Lay out side by side; below `width` pixels each, one under another."""
    style = f"flex:1 1 {width}px;min-width:0px"
    inner = "".join(f'<div style="{style}">{cell}</div>' for cell in cells)
    return f'<div style="display:flex;flex-wrap:wrap;gap:16px;margin:4px 0">{inner}</div>'


def heading(text: str) -> str:
    """Write a small heading over a part of a display."""
    return f'<div style="font-weight:600;margin:2px 0 6px 0">{escape(text)}</div>' if text else ""


def panel(title: str, inner: str) -> str:
    """A titled block of text; `inner` is HTML that is already escaped."""
    box = f"border:{LINE};border-radius:6px;padding:8px 12px;{PROSE}"
    return f'{heading(title)}<div style="{box}">{inner}</div>'

"""What all playables share: a drawing with its script and its numbers, as one output of a cell."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from ragkit.show import Display
from ragkit.show.display import BLUE, TINT

FOLDER = Path(__file__).parent


class Bar(NamedTuple):
    """A row of `bars`: where its bar begins and how wide it is, as shares of the row, 0 to 1."""

    name: str
    left: float
    width: float
    text: str
    color: str = BLUE
    strong: bool = True


def playable(settings: str, said: str, drawing: str, script: str, data: Any) -> Display:
    """Join a drawing, HTML that stands without a script, with what makes it move.

    Parameters
    ----------
    settings : str
        How the controls stand at the beginning; the script puts them into its place.
    said : str
        What the drawing says then. Both together are what nbval compares.
    drawing : str
        HTML; parts that the script changes have the attribute `data-part`, or are `bars`.
    script : str
        Name of a file in this folder: a function `play(root, data)`; it may use `frame.js`.
    data : any
        Numbers and texts, for JSON.
    """
    numbers = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    name = f"play-{sha256(numbers.encode()).hexdigest()[:8]}"
    code = "".join((FOLDER / file).read_text(encoding="utf-8") for file in ("frame.js", script))
    # JupyterLab may run a script a moment before its output is in the page.
    find = f'const root=document.getElementById("{name}")'
    start = f"(function start(n){{{find};root?play(root,{numbers}):n&&setTimeout(start,100,n-1)}})(50)"
    style = "max-width:46rem;margin:4px 0;line-height:1.45;print-color-adjust:exact"
    still = f'<div data-part="controls">{escape(settings)}</div><p data-part="count" role="status">{escape(said)}</p>'
    return Display(
        f"{settings}. {said}".rstrip("."),
        f'<div id="{name}" style="{style}">{still}{drawing}</div>'
        f'<script class="playable">{{{code}\n{start}}}</script>',
    )


def bars(rows: Iterable[Bar]) -> str:
    """Draw one bar under another, each with a name before it and a number behind it."""
    line = "display:flex;gap:0.6rem;align-items:center;margin:2px 0"
    return "".join(
        f'<div data-bar style="{line}"><span style="flex:0 0 7rem;overflow-wrap:anywhere">{escape(row.name)}</span>'
        f'<span style="flex:1 1 6rem;min-width:0;background:{TINT}"><span style="display:block;height:1.1em;'
        f"margin-left:{100 * row.left:.2f}%;width:{100 * row.width:.2f}%;opacity:{1 if row.strong else 0.3};"
        f'background:{row.color}"></span></span>'
        f'<span style="flex:0 0 3.5rem;text-align:right">{escape(row.text)}</span></div>'
        for row in rows
    )


def picture(svg: str, alt: str) -> str:
    """Put an SVG into an image, as JupyterLab keeps it in a notebook that it does not trust yet."""
    data = b64encode(svg.encode()).decode("ascii")
    style = "width:100%;height:auto"
    return f'<img data-part="picture" src="data:image/svg+xml;base64,{data}" alt="{escape(alt)}" style="{style}">'

"""What all playables share: a drawing with its script and its numbers, as one output of a cell."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from ragkit.show import Display

FOLDER = Path(__file__).parent


def playable(alt: str, drawing: str, script: str, data: Any) -> Display:
    """Join a drawing, HTML that stands without a script, with what makes it move.

    Parameters
    ----------
    alt : str
        What nbval compares.
    drawing : str
        HTML; parts that the script fills or changes have the attribute `data-part`.
    script : str
        Name of a file in this folder: a function `play(root, data)`.
    data : any
        Numbers and texts, for JSON.
    """
    numbers = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    name = f"play-{sha256(numbers.encode()).hexdigest()[:8]}"
    code = (FOLDER / script).read_text(encoding="utf-8")
    # JupyterLab may run a script a moment before its output is in the page.
    find = f'const root=document.getElementById("{name}")'
    start = f"(function start(n){{{find};root?play(root,{numbers}):n&&setTimeout(start,100,n-1)}})(50)"
    style = "max-width:46rem;margin:4px 0;line-height:1.45"
    return Display(
        alt,
        f'<div id="{name}" style="{style}">{drawing}</div><script class="playable">{{{code}\n{start}}}</script>',
    )


def picture(svg: str, alt: str) -> str:
    """Put an SVG into an image, as JupyterLab keeps it in a notebook that it does not trust yet."""
    data = b64encode(svg.encode()).decode("ascii")
    style = "width:100%;height:auto"
    return f'<img data-part="picture" src="data:image/svg+xml;base64,{data}" alt="{escape(alt)}" style="{style}">'

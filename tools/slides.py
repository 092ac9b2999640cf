"""The workshop's notebook as slides, made by nbconvert from its own cells."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from tools.notebooks import NOTEBOOKS, ROOT, WORKSHOP

FOLDER = "slides"
SCRIPTS = {
    "reveal_url_prefix": "node_modules/reveal.js",
    "require_js_url": "node_modules/requirejs/require.js",
    "jquery_url": "node_modules/jquery/dist/jquery.min.js",
}
"""What turns the pages, by the exporter's names for it: from the network, unless it lies beside the slides."""


def write_slides() -> Path:
    """Write the slides, with what the notebook printed when it was last run, and the pictures inside."""
    from nbconvert import SlidesExporter

    folder = ROOT / FOLDER
    folder.mkdir(exist_ok=True)
    here: dict[str, Any] = {name: file for name, file in SCRIPTS.items() if (folder / file).exists()}
    exporter = SlidesExporter(
        exclude_anchor_links=True,
        reveal_scroll=True,  # a page of a PDF is higher than a slide
        **here,
    )
    path = folder / f"{WORKSHOP}.html"
    source = NOTEBOOKS / f"{WORKSHOP}.ipynb"
    html = re.sub(r'(?<=src=")images/[^"]+\.svg', _inside, exporter.from_filename(str(source))[0])
    path.write_text(html, encoding="utf-8")
    return path


def _inside(address: re.Match[str]) -> str:
    """A picture as a part of the page. (nbconvert's own way takes answers out of what folds them.)"""
    return f"data:image/svg+xml;base64,{base64.b64encode((NOTEBOOKS / address[0]).read_bytes()).decode()}"

"""Notebooks as HTML, without a network and whole without a script: what the HTML edition and a run's report share."""

from __future__ import annotations

import functools
import re
from html import escape, unescape
from pathlib import Path
from typing import Any

STYLE = Path(__file__).with_suffix(".css")
"""The one stylesheet: the edition links to a copy, a report carries it inside."""
_CHECKBOX = (
    '<input class="task-list-item-checkbox"'  # of a list of tasks, beside its text and not in a label with it
)


def read_notebook(path: Path) -> Any:
    """Read a notebook, or a Markdown file as a notebook of one cell."""
    import nbformat

    text = path.read_text(encoding="utf-8")
    return nbformat.reads(text, as_version=4) if path.suffix == ".ipynb" else one_cell(text)


def one_cell(markdown: str) -> Any:
    """Make a notebook of a text."""
    from nbformat.v4 import new_markdown_cell, new_notebook

    return new_notebook(cells=[new_markdown_cell(markdown)])


def notebook_html(notebook: Any) -> str:
    """Convert the cells of a notebook: no frame or prompts, a script only in a playable; wide tables scroll."""
    body = _exporter().from_notebook_node(notebook)[0]
    body = re.sub(r'<script\b(?! class="playable").*?</script>', "", body, flags=re.DOTALL)  # for widgets
    body = body.replace(_CHECKBOX, f'{_CHECKBOX} aria-label="done"')
    return re.sub(r"<table\b.*?</table>", r'<div class="wide">\g<0></div>', body, flags=re.DOTALL)


@functools.cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="basic",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        # For code in colours, all of whose text Pygments has escaped; to parse it again takes as long as the rest.
        filters={"clean_html": lambda html: html},
    )


def title_of(body: str) -> str:
    """Find the first heading of a page, as text; '' if it has none.

    >>> title_of("<p>x</p><h1>Pages &amp; <code>chunks</code></h1>")
    'Pages & chunks'
    """
    found = re.search(r"<h1\b[^>]*>(.*?)</h1>", body, re.DOTALL)
    return text_of(found[1]) if found else ""


def text_of(html: str) -> str:
    """Leave out the tags."""
    return unescape(re.sub(r"<[^>]*>", "", html)).strip()


def frame(title: str, body: str, head: str) -> str:
    """Make a whole page of a body; `head` brings the stylesheet."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )

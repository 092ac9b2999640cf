"""The report of a run: the answer first, then the notebooks, in one HTML page with no other file or script."""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path

from ragkit.notice import RagkitError
from tools.page import STYLE, frame, notebook_html, read_notebook, title_of


def write_report(notebooks: list[Path], path: Path, title: str) -> Path:
    """Write the answer, a table of contents, and the executed notebooks, folded, as one page."""
    bodies = {notebook.stem: _body(notebook, path.parent) for notebook in notebooks}
    titles = {stem: escape(title_of(body) or stem) for stem, body in bodies.items()}
    contents = "".join(f'<li><a href="#{stem}">{titles[stem]}</a></li>' for stem in bodies)
    folded = "".join(
        f'<details id="{stem}"><summary>{titles[stem]}</summary>{body}</details>'
        for stem, body in bodies.items()
    )
    body = (
        f"<main>{answer_output(notebooks[-1])['text/html']}"
        f"<h2>How it was found, step by step</h2><ul>{contents}</ul>{folded}</main>"
    )
    style = f"<style>{STYLE.read_text(encoding='utf-8')}</style>"
    path.write_text(frame(title, body, style), encoding="utf-8")
    return path


def _body(path: Path, folder: Path) -> str:
    """A notebook as HTML without a frame, its drawings inside."""
    notebook = read_notebook(path)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _with_pictures_inside(cell.source, folder)
    return notebook_html(notebook)


def _with_pictures_inside(markdown: str, folder: Path) -> str:
    """Replace links to local SVG files by the files. (nbconvert's own way opens every folded answer.)"""

    def inside(link: re.Match[str]) -> str:
        data = base64.b64encode((folder / link[1]).read_bytes()).decode("ascii")
        return f"](data:image/svg+xml;base64,{data})"

    return re.sub(r"\]\((images/[\w.-]+\.svg)\)", inside, markdown)


def answer_text(notebook: Path) -> str:
    """The answer as text: the output of the cell tagged `answer`."""
    return answer_output(notebook)["text/plain"]


def answer_output(notebook: Path) -> dict[str, str]:
    """What the cell tagged `answer` shows, by its kind: text/plain and text/html.

    Raises
    ------
    RagkitError
        If the notebook has no such cell, or it showed nothing.
    """
    for cell in read_notebook(notebook).cells:
        shown = [output["data"] for output in cell.get("outputs", []) if "data" in output]
        if "answer" in cell.metadata.get("tags", []) and shown:
            return {"text/html": f"<pre>{escape(shown[0]['text/plain'])}</pre>", **shown[0]}
    raise RagkitError(
        f"{notebook.name} has no cell tagged 'answer': run the course from an unchanged notebook 06."
    )

"""The report of a run: the answer first, then the notebooks, in one HTML page with no other file or script."""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path
from typing import Any

from ragkit.notice import RagkitError


def write_report(notebooks: list[Path], path: Path, title: str) -> Path:
    """Write the answer, a table of contents, and the executed notebooks, folded, as one page."""
    from nbconvert import HTMLExporter
    from nbformat.v4 import new_notebook

    frame, _ = HTMLExporter().from_notebook_node(new_notebook(), {"metadata": {"name": title}})
    bodies = [_body(notebook, path.parent) for notebook in notebooks]
    contents = "".join(f'<li><a href="#{n.stem}">{escape(_title(n))}</a></li>' for n in notebooks)
    folded = "".join(
        f'<details id="{notebook.stem}"><summary>{escape(_title(notebook))}</summary>{body}</details>'
        for notebook, body in zip(notebooks, bodies, strict=True)
    )
    page = (
        f'<main style="max-width:70em;margin:auto;padding:1em">{answer_output(notebooks[-1])["text/html"]}'
        f"<h2>How it was found, step by step</h2><ul>{contents}</ul>{folded}</main></body>"
    )
    page = re.sub(r"<main\b.*?</main>\s*</body>", lambda _: page, frame, flags=re.DOTALL)
    # nbconvert's scripts are for formulas and widgets
    path.write_text(re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL), encoding="utf-8")
    return path


def _body(path: Path, folder: Path) -> str:
    """A notebook as HTML without a frame, its drawings inside."""
    from nbconvert import HTMLExporter

    notebook = _read(path)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _with_pictures_inside(cell.source, folder)
    exporter = HTMLExporter(template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True)
    return exporter.from_notebook_node(notebook)[0]


def _read(path: Path) -> Any:
    import nbformat

    return nbformat.read(path, as_version=4)


def _title(notebook: Path) -> str:
    """The first heading of a notebook."""
    texts = [cell.source for cell in _read(notebook).cells if cell.cell_type == "markdown"]
    found = re.search(r"^# (.+)$", "\n".join(texts), re.MULTILINE)
    return found[1] if found else notebook.stem


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
    for cell in _read(notebook).cells:
        shown = [output["data"] for output in cell.get("outputs", []) if "data" in output]
        if "answer" in cell.metadata.get("tags", []) and shown:
            return {"text/html": f"<pre>{escape(shown[0]['text/plain'])}</pre>", **shown[0]}
    raise RagkitError(
        f"{notebook.name} has no cell tagged 'answer': run the course from an unchanged notebook 06."
    )

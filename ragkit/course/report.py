"""Executed notebooks as one HTML page that needs no other file, no network and no script."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from ragkit.notice import RagkitError


def write_report(notebooks: list[Path], path: Path, title: str) -> Path:
    """Write executed notebooks as one HTML page that needs no other file, no network and no script."""
    import nbformat
    from nbconvert import HTMLExporter

    report = nbformat.v4.new_notebook(metadata={"title": title})
    for notebook in notebooks:
        report.cells += nbformat.read(notebook, as_version=4).cells
    for cell in report.cells:
        if cell.cell_type == "markdown":
            cell.source = _with_pictures_inside(cell.source, path.parent)
    exporter = HTMLExporter(exclude_input_prompt=True, exclude_output_prompt=True)
    page, _ = exporter.from_notebook_node(report, {"metadata": {"name": title}})
    static = re.sub(
        r"<script\b.*?</script>", "", page, flags=re.DOTALL
    )  # nbconvert's, for formulas and widgets
    path.write_text(static, encoding="utf-8")
    return path


def _with_pictures_inside(markdown: str, folder: Path) -> str:
    """Replace links to local SVG files by the files. (nbconvert's own way opens every folded answer.)"""

    def inside(link: re.Match[str]) -> str:
        data = base64.b64encode((folder / link[1]).read_bytes()).decode("ascii")
        return f"](data:image/svg+xml;base64,{data})"

    return re.sub(r"\]\((images/[\w.-]+\.svg)\)", inside, markdown)


def answer_text(notebook: Path) -> str:
    """The answer and its key sentences as text: the output of the cell tagged `answer`."""
    import nbformat

    for cell in nbformat.read(notebook, as_version=4).cells:
        if "answer" in cell.metadata.get("tags", []):
            shown = [output["data"]["text/plain"] for output in cell.outputs if "data" in output]
            return "\n".join(shown)
    raise RagkitError(
        f"{notebook.name} has no cell tagged 'answer': run the course from an unchanged notebook 06."
    )

"""Runs the notebooks: over another PDF into `runs/`, or in place, to renew their committed outputs."""

from __future__ import annotations

import base64
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

from ragkit.notice import RagkitError
from ragkit.workspace import open_workspace

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
SAMPLE = NOTEBOOKS / "data" / "nutrition-primer.pdf"
SAMPLE_QUESTION = "What are the functions of the macronutrients?"
ANY_QUESTION = "What is this document about?"
REPORT = "report.html"
QUIET_KERNEL = ["--log-level=ERROR"]  # it warns of unencrypted messages, which do not leave this machine


def notebook_paths() -> list[Path]:
    """The numbered notebooks, in order."""
    return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def run(pdf: str = "", question: str = "") -> int:
    """Execute all notebooks over a PDF, say one line for each, and print the answer.

    Parameters
    ----------
    pdf : str
        A PDF or a folder of PDFs; '' is the sample.
    question : str
        '' asks the sample's question, or what the document is about.

    Returns
    -------
    int
        Exit status: 0, or 1 if a notebook failed (those before it are kept).

    Raises
    ------
    PDFNotFound
        Before anything is executed.
    """
    path = Path(pdf).expanduser().resolve() if pdf else SAMPLE
    question = question or (ANY_QUESTION if pdf else SAMPLE_QUESTION)
    workspace = open_workspace(path, root=os.environ.get("RAGKIT_ARTIFACTS") or NOTEBOOKS / "artifacts")
    folder = ROOT / "runs" / workspace.folder.name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(NOTEBOOKS / "images", folder / "images", dirs_exist_ok=True)
    for old in (*folder.glob("*.ipynb"), folder / REPORT):  # of another question
        old.unlink(missing_ok=True)
    parameters = {"PDF": str(path), "QUESTION": question}
    print(f"{path.name}: {question}\n-> {folder.relative_to(ROOT)}")
    for notebook in notebook_paths():
        if not _run_one(notebook, folder, parameters):
            return 1
    executed = [folder / notebook.name for notebook in notebook_paths()]
    report = write_report(executed, folder / REPORT, title=f"{path.name}: {question}")
    print(f"\n{answer_text(executed[-1])}\n\nAll six notebooks in one page: {report.relative_to(ROOT)}")
    return 0


def _run_one(notebook: Path, folder: Path, parameters: dict[str, Any]) -> bool:
    """Execute one notebook with papermill; say how long it took, or why it failed."""
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    started = time.perf_counter()
    print(f"{notebook.stem:12}", end=" ", flush=True)
    try:
        papermill.execute_notebook(
            notebook,
            folder / notebook.name,
            _known_to(notebook, parameters),
            cwd=NOTEBOOKS,
            kernel_name="python3",
            extra_arguments=QUIET_KERNEL,
            progress_bar=False,
        )
    except PapermillExecutionError as error:
        print(f"stopped in cell {error.exec_count}\n{error.ename}: {error.evalue}")
        print(f"See {(folder / notebook.name).relative_to(ROOT)}")
        return False
    except DeadKernelError:
        print("stopped: Python was ended by the system, most often for lack of memory.")
        print("Close other programs, or choose a smaller model with RAGKIT_LLM or RAGKIT_EMBEDDER.")
        return False
    print(f"{time.perf_counter() - started:6.1f} s")
    return True


def _known_to(notebook: Path, parameters: dict[str, Any]) -> dict[str, Any]:
    """Those of the parameters that the notebook's parameters cell has; papermill warns of the others."""
    import papermill

    known = papermill.inspect_notebook(notebook)
    return {name: value for name, value in parameters.items() if name in known}


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


def render() -> None:
    """Execute the notebooks in place, in order, and keep the outputs that a reader is to see.

    Progress bars and notices (stderr) and times of execution are left out: they differ from run to run.
    """
    import nbformat
    from nbclient import NotebookClient

    for path in notebook_paths():
        started = time.perf_counter()
        notebook = nbformat.read(path, as_version=4)
        place = {"metadata": {"path": str(NOTEBOOKS)}}
        NotebookClient(
            notebook,
            timeout=1200,
            record_timing=False,
            coalesce_streams=True,
            extra_arguments=QUIET_KERNEL,
            resources=place,
        ).execute()
        nbformat.write(without_noise(notebook), path)
        print(f"{path.name:20} {time.perf_counter() - started:6.1f} s")


def without_noise(notebook: Any) -> Any:
    """Take out of a notebook what differs between two runs that did the same."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
            cell.metadata.pop("execution", None)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook

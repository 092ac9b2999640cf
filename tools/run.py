"""The whole course over another PDF: its six steps executed into `runs/`, the answer printed, one report."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

from ragkit.workspace import open_workspace
from tools.notebooks import NOTEBOOKS, QUIET_KERNEL, ROOT, step_paths
from tools.report import answer_text, write_report

SAMPLE = NOTEBOOKS / "data" / "nutrition-primer.pdf"
SAMPLE_QUESTION = "Why does the stomach not digest itself?"
ANY_QUESTION = "What is this document about?"
REPORT = "report.html"


def run_course(pdf: str = "", question: str = "") -> int:
    """Execute the six notebooks over a PDF, say one line for each, and print the answer.

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
    RagkitError
        If ragkit was installed without the notebooks.
    PDFNotFound
        Before anything is executed.
    """
    notebooks = step_paths()
    path = Path(pdf).expanduser().resolve() if pdf else SAMPLE
    asked = bool(
        pdf or question
    )  # else the notebooks ask what they talk about; the last one, SAMPLE_QUESTION
    question = question or (ANY_QUESTION if pdf else SAMPLE_QUESTION)
    workspace = open_workspace(path, root=os.environ.get("RAGKIT_ARTIFACTS") or NOTEBOOKS / "artifacts")
    folder = ROOT / "runs" / workspace.folder.name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(NOTEBOOKS / "images", folder / "images", dirs_exist_ok=True)
    for old in (*folder.glob("*.ipynb"), folder / REPORT):  # of another question
        old.unlink(missing_ok=True)
    parameters = {"PDF": str(path)} | ({"QUESTION": question, "ASKED": question} if asked else {})
    print(f"{path.name}: {question}\n-> {folder.relative_to(ROOT)}")
    for notebook in notebooks:
        if not _run_one(notebook, folder, parameters):
            return 1
    executed = [folder / notebook.name for notebook in notebooks]
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

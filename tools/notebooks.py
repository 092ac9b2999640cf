"""Where the notebooks are, and how they are executed in place, to renew their committed outputs."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from ragkit.notice import RagkitError

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
SECRET = "no secret: for the outputs of the notebooks"
"""The fence of a prompt follows from a secret; with this one, every machine renders the same prompts."""
STEPS = ["01_pdf", "02_chunk", "03_embed", "04_search", "05_prompt", "06_generate"]
"""The notebooks that lead from a PDF to an answer; those after them are for readers who go on."""
WORKSHOP = "00_workshop"
"""Ninety minutes for a room, with cells of its own: no lesson, so without exercises' solutions and a teacher's page."""
QUIET_KERNEL = ["--log-level=ERROR"]  # it warns of unencrypted messages, which do not leave this machine


def notebook_paths() -> list[Path]:
    """The numbered notebooks, in order.

    Raises
    ------
    RagkitError
        If ragkit was installed without them.
    """
    found = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise RagkitError(
            "The notebooks are in ragkit's repository, not in the package: run this from a copy of the repository. "
            'From here, this answers a question: ragkit ask paper.pdf "What is ...?"'
        )
    return found


def lesson_paths() -> list[Path]:
    """The notebooks that a learner works through one after the other."""
    return [path for path in notebook_paths() if path.stem != WORKSHOP]


def solution_paths() -> list[Path]:
    """The notebooks with the solutions of the exercises, each named as its notebook."""
    return [
        path for path in (NOTEBOOKS / "solutions" / each.name for each in notebook_paths()) if path.is_file()
    ]


def step_paths() -> list[Path]:
    """The notebooks from a PDF to an answer: what a run executes."""
    return [path for path in notebook_paths() if path.stem in STEPS]


def render() -> None:
    """Execute the notebooks in place, in order, and keep the outputs that a reader is to see.

    What they keep of a document goes to an empty folder, as in a new copy of the repository. Progress bars and notices
    (stderr) and times of execution are left out: they differ from run to run.
    """
    paths = [*notebook_paths(), *solution_paths()]
    import nbformat
    from nbclient import NotebookClient

    with tempfile.TemporaryDirectory() as artifacts:
        environment = os.environ | {"RAGKIT_SECRET": SECRET, "RAGKIT_ARTIFACTS": artifacts}
        for path in paths:
            started = time.perf_counter()
            notebook = nbformat.read(path, as_version=4)
            NotebookClient(
                notebook,
                timeout=1200,
                record_timing=False,
                coalesce_streams=True,
                extra_arguments=QUIET_KERNEL,
                resources={"metadata": {"path": str(path.parent)}},
            ).execute(env=environment)
            nbformat.write(without_noise(notebook), path)
            print(f"{path.relative_to(NOTEBOOKS).as_posix():30} {time.perf_counter() - started:6.1f} s")


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

"""The exercises in the notebooks: made from the solutions, so that the two cannot part."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ragkit.notice import RagkitError
from tools import notebooks

FIRST, LAST = "## Exercises", "## With your own PDF"
OPENING = """\
## Exercises

Three exercises that check themselves: put your code where `return ...` stands, and run both cells, until the second \
says *correct*. Beside each: its minutes, how hard it is, and whether an aim of this notebook rests on it (*core*) or \
not (*extra*). The solutions are in [solutions/{name}](solutions/{name})."""
STUB = "return ...  # your code"
_SOLUTION = re.compile(r"^( +)# solution\n(?:(?:\1.*|[ ]*)\n)*", re.MULTILINE)


def write_exercises() -> None:
    """Put the exercises of each solutions notebook into its notebook, and say which notebooks changed."""
    import nbformat

    for path in notebooks.solution_paths():
        place = notebooks.NOTEBOOKS / path.name
        notebook = nbformat.read(place, as_version=4)
        cells = with_exercises(notebook.cells, nbformat.read(path, as_version=4).cells, place)
        changed = cells != notebook.cells
        if changed:
            notebook.cells = cells
            nbformat.write(notebook, place)
        print(
            f"{path.name:20} {'new exercises: make notebooks renews their outputs' if changed else 'unchanged'}"
        )


def with_exercises(cells: list[Any], solutions: list[Any], place: Path) -> list[Any]:
    """Replace a notebook's section of exercises by what follows from its solutions.

    Parameters
    ----------
    cells, solutions : list of notebook cells
        Neither is changed.
    place : Path
        Of the notebook.

    Returns
    -------
    list of notebook cells
        One that is the same as before is kept with its outputs.
    """
    first, last = (_find(cells, heading, place) for heading in (FIRST, LAST))
    before = {cell.id: cell for cell in cells[first:last]}
    made = [_keep(before.get(cell.id), cell) for cell in exercise_cells(solutions, place.name)]
    return [*cells[:first], *made, *cells[last:]]


def exercise_cells(solutions: list[Any], name: str) -> list[Any]:
    """The section of exercises of one notebook, without outputs.

    A cell of the solutions that is tagged `solution` becomes a stub; one tagged `only-in-solutions` is left out.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell

    made = [new_markdown_cell(OPENING.format(name=name), id=f"{name[:2]}-exercises")]
    start = next(i for i, cell in enumerate(solutions) if cell.source.startswith("### 1. "))
    for cell in solutions[start:]:
        tags = cell.metadata.get("tags", [])
        if "only-in-solutions" in tags:
            continue
        if cell.cell_type == "markdown":
            made.append(new_markdown_cell(cell.source, id=cell.id))
        else:
            about = {"tags": ["exercise"]} if "solution" in tags else {}
            made.append(new_code_cell(stub_of(cell.source), id=cell.id, metadata=about))
    return made


def stub_of(source: str) -> str:
    """Replace what follows a line `# solution`, as far as it is indented like it.

    >>> stub_of("def double(n):\\n    # solution\\n    two = 2\\n\\n    return two * n")
    'def double(n):\\n    return ...  # your code'
    """
    return _SOLUTION.sub(rf"\1{STUB}\n", source + "\n").rstrip()


def _find(cells: list[Any], heading: str, place: Path) -> int:
    for i, cell in enumerate(cells):
        if cell.cell_type == "markdown" and cell.source.startswith(heading):
            return i
    raise RagkitError(
        f"{place.name} has no text cell that begins with {heading!r}: the exercises go between two such."
    )


def _keep(before: Any, made: Any) -> Any:
    names = ("cell_type", "source", "metadata")
    same = before is not None and all(before[name] == made[name] for name in names)
    return before if same else made

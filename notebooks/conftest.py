"""nbval compares what a cell prints and shows as text, and runs what tests/notebook_values.py asks of the values.

Not compared: stderr (progress bars, notices) and HTML (the same content as the text, with images in it).
"""

import os
from collections import defaultdict
from textwrap import dedent

import pytest
from nbformat.v4 import new_code_cell

from tests.notebook_values import CHECKS

# The fence around the passages of a prompt comes from a secret of the machine. Here all machines have the one that
# the outputs were made with, so that prompts can be compared, too.
os.environ["RAGKIT_SECRET"] = "no secret: for the outputs of the notebooks"
# Their scores are those of float32; a processor with instructions for bfloat16 would take that, and round differently.
os.environ.setdefault("RAGKIT_EMBEDDER_DTYPE", "float32")


def pytest_collectstart(collector):
    """Take stderr and HTML out of the comparison of every notebook."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr", "text/html")


def pytest_collection_modifyitems(items):
    """Put the checks of values behind the cells that they are about."""
    cells = [item for item in items if hasattr(item, "cell")]
    for name, text, check in CHECKS:
        of_notebook = [
            cell for cell in cells if cell.path.stem == name and cell.path.parent.name == "notebooks"
        ]
        if not of_notebook:
            continue
        behind = next((cell for cell in of_notebook if text in cell.cell.source), None)
        if behind is None:
            raise pytest.UsageError(f"{name} has no cell with {text!r}: see tests/notebook_values.py")
        added = type(behind).from_parent(
            behind.parent,
            name=f"{behind.name}, its values",
            cell_num=behind.cell_num,
            cell=new_code_cell(dedent(check)),
            options=defaultdict(bool, check=False),
        )
        items.insert(items.index(behind) + 1, added)

"""nbval compares what a cell prints and shows as text.

Not compared: stderr (progress bars, notices) and HTML (the same content as the text, with images in it).
"""

import os

# The fence around the passages of a prompt comes from a secret of the machine. Here all machines have the one that
# the outputs were made with, so that prompts can be compared, too.
os.environ["RAGKIT_SECRET"] = "no secret: for the outputs of the notebooks"
# Their scores are those of float32; a processor with instructions for bfloat16 would take that, and round differently.
os.environ.setdefault("RAGKIT_EMBEDDER_DTYPE", "float32")


def pytest_collectstart(collector):
    """Take stderr and HTML out of the comparison of every notebook."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr", "text/html")

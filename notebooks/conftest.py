"""nbval compares what a cell prints and shows as text.

Not compared: stderr (progress bars, notices) and HTML (the same content as the text, with images in it).
"""


def pytest_collectstart(collector):
    """Take stderr and HTML out of the comparison of every notebook."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr", "text/html")

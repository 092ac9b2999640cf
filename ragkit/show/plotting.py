"""What all figures share: one look, one size, alt text."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

from ragkit.notice import BadParameter
from ragkit.show.display import BLACK
from ragkit.show.pages import Picture, encode

STYLE: Any = {
    "figure.dpi": 100, "savefig.dpi": 100, "figure.facecolor": "white", "savefig.facecolor": "white",
    "figure.constrained_layout.use": True, "font.family": "DejaVu Sans", "font.size": 10.5,
    "axes.titlesize": 11.5, "axes.titlelocation": "left", "axes.titleweight": "bold", "axes.titlepad": 9,
    "axes.edgecolor": "#666666", "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
    "axes.grid": True, "grid.color": "#e4e4e4", "legend.frameon": False, "text.color": BLACK,
    "text.parse_math": False,  # a PDF's "$5 to $10" is no formula
}  # fmt: skip


def new_figure(height: float, rows: int = 1, columns: int = 1, **shared: Any) -> tuple[Figure, list[Any]]:
    """A figure 8 inches wide that pyplot does not know, so that a notebook does not show it twice."""
    figure = Figure(figsize=(8, height))
    axes = figure.subplots(rows, columns, squeeze=False, **shared)
    return figure, list(axes.flat)


def picture(figure: Figure, alt: str) -> Picture:
    """A figure as a picture with its alt text."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return Picture(encode(Image.open(buffer).convert("RGB"), colours=256), alt, figure)


def need(condition: bool, message: str) -> None:
    """Raise BadParameter where there is nothing to draw."""
    if not condition:
        raise BadParameter(message)


def thousands(value: float, _position: int) -> str:
    """Tick label with thousands set apart: 12,000."""
    return f"{value:,.0f}"

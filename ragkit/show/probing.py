"""Figures of a search in cells: which of them are looked at, and what is missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import rc_context

from ragkit.show.display import BLACK, BLUE, ORANGE, PALETTE
from ragkit.show.pages import Picture
from ragkit.show.plotting import STYLE, need, new_figure, picture


@rc_context(STYLE)
def cells_searched(
    points: np.ndarray,
    centres: np.ndarray,
    cell_of: Sequence[int],
    question: np.ndarray,
    probed: Sequence[int],
) -> Picture:
    """Draw points on a plane by the cells that they belong to; those that are not searched are pale.

    Parameters
    ----------
    points : (n, 2) array
    centres : (c, 2) array
    cell_of : sequence of int
        The cell, 0 to c - 1, of each point.
    question : (2,) array
    probed : sequence of int
        The cells that are searched.
    """
    points, centres, own_cell = np.asarray(points), np.asarray(centres), np.asarray(cell_of)
    need(
        points.shape == (len(own_cell), 2), f"{len(own_cell)} cells do not fit points of shape {points.shape}"
    )
    figure, (axis,) = new_figure(4.4)
    for cell in range(len(centres)):
        own = points[own_cell == cell]
        strength = 1.0 if cell in probed else 0.25
        axis.scatter(*own.T, s=34, color=PALETTE[cell % len(PALETTE)], alpha=strength, linewidths=0)
        axis.annotate(
            str(cell), centres[cell], ha="center", va="center", weight="bold", fontsize=12, color=BLACK
        )
    axis.scatter(
        *np.asarray(question), marker="*", s=260, color=ORANGE, edgecolors=BLACK, zorder=3, label="question"
    )
    nearest = int(((points - question) ** 2).sum(axis=1).argmin())
    axis.scatter(
        *points[nearest], s=150, facecolors="none", edgecolors=BLACK, linewidths=1.6, label="nearest point"
    )
    axis.set_aspect("equal")
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    found = "is" if own_cell[nearest] in probed else "is not"
    searched = np.isin(own_cell, list(probed)).sum()
    alt = f"{len(points)} points in {len(centres)} cells; {len(probed)} searched, with {searched} points: "
    return picture(figure, f"{alt}the nearest point {found} among them.")


@rc_context(STYLE)
def recall_by_probes(recall: Mapping[int, float], rows: Mapping[int, float]) -> Picture:
    """Draw what is found, and what it costs, against the number of cells that are searched.

    Parameters
    ----------
    recall : mapping of int to float
        Probes -> share of the nearest rows that is found, 0 to 1.
    rows : mapping of int to float
        Probes -> share of all rows that is compared, 0 to 1.
    """
    need(bool(recall) and list(recall) == list(rows), "recall and rows need the same numbers of probes")
    figure, (axis,) = new_figure(3.6)
    for values, name, color, marker in ((recall, "found", BLUE, "o"), (rows, "compared", ORANGE, "s")):
        axis.plot(list(values), list(values.values()), color=color, marker=marker, label=name)
    axis.legend(loc="lower right")
    axis.set_xscale("log", base=2)
    axis.set_xticks(list(recall), list(map(str, recall)))
    axis.set_xlabel("cells searched (probes)")
    axis.set_ylim(0, 1.04)
    axis.set_ylabel("share")
    first, last = min(recall), max(recall)
    alt = f"Of the nearest rows, {recall[first]:.0%} are found with {first} cell and {recall[last]:.0%} with {last}"
    return picture(figure, f"{alt}, for {rows[first]:.0%} and {rows[last]:.0%} of all rows compared.")

"""Figures of embeddings and of their scores."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ragkit.show.display import BLACK, BLUE, GREEN, PALETTE, place
from ragkit.show.pages import Picture
from ragkit.show.plotting import STYLE, need, new_figure, picture


@rc_context(STYLE)
def heat_map(matrix: np.ndarray, labels: Sequence[str]) -> Picture:
    """Draw the similarities between texts as colours, with the numbers in the cells.

    Parameters
    ----------
    matrix : (n, n) array
        Similarities, 1 on the diagonal for unit vectors.
    labels : sequence of str
        The n texts; they are numbered, so that the columns need only the number.
    """
    matrix, n = np.asarray(matrix, dtype=float), len(labels)
    need(matrix.shape == (n, n) and n > 0, f"a matrix of {matrix.shape} does not fit {n} labels")
    figure, (axis,) = new_figure(1.0 + 0.58 * n)
    low = min(0.0, matrix.min())
    image = axis.imshow(matrix, cmap="Blues", vmin=low, vmax=1.0, aspect="auto")
    for row, column in np.ndindex(n, n):
        ink = "white" if matrix[row, column] - low > 0.6 * (1 - low) else BLACK
        axis.text(column, row, f"{matrix[row, column]:z.2f}", ha="center", va="center", color=ink)
    names = [f"{number}  {label}" for number, label in enumerate(labels, start=1)]
    axis.set_yticks(range(n), [textwrap.fill(name, 34, max_lines=3, placeholder="…") for name in names])
    axis.set_xticks(range(n), range(1, n + 1))
    axis.grid(visible=False)
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    figure.colorbar(image, ax=axis, label="similarity", pad=0.02).outline.set_visible(False)
    return picture(figure, f"Heat map of the similarities of {n} texts: {_nearest(matrix, labels)}.")


def _nearest(matrix: np.ndarray, labels: Sequence[str]) -> str:
    """Words for the most similar pair, for the alt text."""
    pairs = np.where(np.triu(np.ones_like(matrix), k=1) > 0, matrix, -np.inf)
    row, column = np.unravel_index(pairs.argmax(), pairs.shape)
    if row == column:
        return "only one"
    return f"nearest are “{labels[int(row)]}” and “{labels[int(column)]}” with {matrix[row, column]:.2f}"


def _two_components(embeddings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Principal component analysis: (n, d) to (n, 2) points, and the (2,) shares of the variance, 0 to 1.

    A singular vector's sign is arbitrary; here the largest weight of each is positive.
    """
    centred = np.asarray(embeddings, dtype=np.float64)
    # A row of zeros more changes no direction, and gives even one embedding two of them.
    centred = np.vstack([centred - centred.mean(axis=0), np.zeros((1, centred.shape[1]))])
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    top = directions[:2]
    top = top * np.sign(top[np.arange(2), np.abs(top).argmax(axis=1)])[:, None]
    return centred[:-1] @ top.T, sizes[:2] ** 2 / max((sizes**2).sum(), np.finfo(float).tiny)


@rc_context(STYLE)
def map_2d(embeddings: np.ndarray, groups: Sequence[str], labels: Sequence[str] | None = None) -> Picture:
    """Draw embeddings as points on a plane, coloured by group: their two principal components.

    Parameters
    ----------
    embeddings : (n, d) array
        n of at least 1, d of at least 2.
    groups : sequence of str
        Group of each point, its chapter for instance.
    labels : sequence of str, optional
        Name of each point: a number stands on the point and the name below the map, so that no name covers another.
        An empty one is left out.
    """
    shape, groups = np.shape(embeddings), list(map(str, groups))
    need(len(shape) == 2 and shape[0] >= 1 and shape[1] >= 2, f"no map of embeddings of shape {shape}")
    need(shape[0] == len(groups), f"{shape[0]} embeddings, but {len(groups)} groups: give one group a row")
    points, shares = _two_components(embeddings)
    named = [(label, point) for label, point in zip(labels or [], points, strict=False) if label]
    names = [f"{number} {label}" for number, (label, _) in enumerate(named, start=1)]
    figure, (axis,) = new_figure(4.8 + 0.12 * len(named))
    for number, name in enumerate(dict.fromkeys(groups)):
        own = points[[group == name for group in groups]]
        look = {"color": PALETTE[number % len(PALETTE)], "marker": "osD^vP"[number // len(PALETTE) % 6]}
        axis.scatter(*own.T, s=26, alpha=0.8, linewidths=0, label=textwrap.fill(name, 26), **look)
    first, second = (f"{share:.0%} of the variance" for share in shares)
    axis.set(xlabel=f"first component, {first}", ylabel=f"second component, {second}")
    axis.set_title(f"{shape[1]:,} values a text, drawn along the 2 directions that vary most")
    figure.legend(loc="outside right upper", fontsize=9.5)
    if names:
        _name_points(figure, names, [point for _, point in named])
    alt = f"Map of {shape[0]:,} embeddings in {len(set(groups))} groups; on the axes {first} and {second}."
    return picture(figure, f"{alt} Named: {'; '.join(names)}." if names else alt)


def _name_points(figure: Figure, names: Sequence[str], points: Sequence[np.ndarray]) -> None:
    """Write a number on each point and the names, which begin with it, below the map."""
    disc = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": BLACK}
    for number, (x, y) in enumerate(points, start=1):
        figure.axes[0].text(x, y, str(number), ha="center", va="center", fontsize=9, bbox=disc)
    lines = [
        Line2D([], [], linestyle="", label=textwrap.shorten(name, 52, placeholder="…")) for name in names
    ]
    figure.legend(
        handles=lines, loc="outside lower left", ncols=2, fontsize=9.5, handlelength=0, handletextpad=0
    )


@rc_context(STYLE)
def score_bars(hits: pd.DataFrame, right: Sequence[str] = ()) -> Picture:
    """Draw the scores of hits as bars, best on top, each with its page and how its text begins.

    Parameters
    ----------
    hits : DataFrame
        At least one, best first.
    right : sequence of str
        Printed pages that answer; a hit with words from one of them is marked.
    """
    need(len(hits) > 0, "nothing to draw: there are no hits")
    rows = [row for _, row in hits.iterrows()]
    names = [f"{place(row)}\n{textwrap.shorten(row['text'], 46, placeholder='…')}" for row in rows]
    figure, (axis,) = new_figure(1.0 + 0.52 * len(rows))
    marked = [any(box["label"] in right for box in row["boxes"]) for row in rows]
    marks = [" (right page)" if mark else "" for mark in marked]
    colours = [GREEN if mark else BLUE for mark in marked]
    bars = axis.barh(range(len(rows)), hits["score"], color=colours, height=0.62)
    axis.bar_label(
        bars, [f"{score:.3f}{mark}" for score, mark in zip(hits["score"], marks, strict=True)], padding=4
    )
    axis.set_yticks(range(len(rows)), names, fontsize=9.5)
    axis.set(xlabel="score", xlim=(min(0, hits["score"].min()), 1))
    axis.set_title(f"{len(rows)} hits, from {hits['score'].max():.3f} down to {hits['score'].min():.3f}")
    axis.invert_yaxis()
    axis.grid(visible=False, axis="y")
    axis.tick_params(axis="y", length=0)
    told = "; ".join(f"{row['score']:.3f} {place(row)}{mark}" for row, mark in zip(rows, marks, strict=True))
    return picture(figure, f"Bars of the scores of {len(rows)} hits: {told}.")


@rc_context(STYLE)
def embedding_strip(vector: np.ndarray) -> Picture:
    """Draw the values of one embedding, (d,), as a strip of colours, and how often each value occurs."""
    vector = np.asarray(vector, dtype=float)
    need(vector.ndim == 1 and vector.size > 0, f"an embedding is a vector, not an array of {vector.shape}")
    figure, (strip, counts) = new_figure(3.8, rows=2, height_ratios=[1, 1.6])
    largest = np.abs(vector).max()
    image = strip.imshow(vector[None], cmap="RdBu", vmin=-largest, vmax=largest, aspect="auto")
    strip.set(title=f"{vector.size:,} values, length {np.linalg.norm(vector):.2f}", xlabel="position")
    strip.set_yticks([])
    strip.grid(visible=False)
    figure.colorbar(image, ax=strip, label="value", pad=0.02)
    counts.hist(vector, bins=60, color=BLUE)
    counts.set(title="Most values are close to 0", xlabel="value", ylabel="how many")
    span = f"{vector.size:,} values between {vector.min():.2f} and {vector.max():.2f}"
    return picture(figure, f"An embedding of {span}, as a strip of colours and as a histogram.")

"""A run as a figure: how many times the tutorial's speed each side has, and what the machine allows."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, NullFormatter

from bench.results import OURS, TUTORIAL, Run
from bench.table import number

OTHERS = ["#b6bdc2", "#9aa4ab", "#7e8a92", "#626f78"]
LIMITS = {"memory": "#c2410c", "float32": "#7c3aed", "bfloat16": "#c026d3"}
WORDS = {"memory": "memory bandwidth", "float32": "float32 products", "bfloat16": "bfloat16 products"}
BAR = 0.8  # of the height of a row


def times_tutorial(row: Run, value: float) -> float:
    """How many times better than the tutorial a value of a row is."""
    tutorial = row["medians"][TUTORIAL]
    return value / tutorial if row["better"] == "higher" else tutorial / value


def draw(run: Run, path: Path) -> None:
    """Draw all rows that have a ratio, and write the figure as SVG or PNG."""
    rows = [row for row in run["rows"] if any(row["ratios"].values())]
    sides = [side for side in run["sides"] if side != TUTORIAL]
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ragkit", "font.size": 9.5}):
        figure = Figure(figsize=(9, 1.6 + len(rows) * (0.3 + 0.14 * len(sides))), layout="constrained")
        axes = figure.subplots()
        for place, row in enumerate(rows):
            draw_row(axes, place, row, sides)
        finish(axes, rows, run)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def draw_row(axes: Axes, place: int, row: Run, sides: list[str]) -> None:
    """A bar a side from the tutorial's 1 on, with its value; a line a limit."""
    height = BAR / len(sides)
    for i, side in enumerate(sides):
        if side not in row["medians"]:
            continue
        ratio = row["ratios"].get(side) or 1  # of a value of 0 there is none: its label stands at the line
        middle = place + (i - (len(sides) - 1) / 2) * height
        axes.barh(middle, ratio - 1, height * 0.92, left=1, color=colours(sides)[side])
        left = ratio < 1
        label = f"{number(row['medians'][side])} {row['unit']}"
        axes.annotate(
            label, (ratio, middle), (-3 if left else 3, 0), textcoords="offset points", va="center",
            ha="right" if left else "left", fontsize=7.5, color="#333333",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.4},
        )  # fmt: skip
    for name, value in row["limits"].items():
        axes.vlines(
            times_tutorial(row, value), place - 0.46, place + 0.46, color=colour_of(name), linewidth=2
        )


def colour_of(limit: str) -> str:
    """A colour for each kind of limit."""
    return next(colour for kind, colour in LIMITS.items() if limit.startswith(kind))


def finish(axes: Axes, rows: list[Run], run: Run) -> None:
    """Scale, names of the rows with the tutorial's values, legend."""
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=1)
    names = [f"{row['name']}\n(tutorial: {number(row['medians'][TUTORIAL])} {row['unit']})" for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    low, high = axes.get_xlim()
    axes.set_xlim(low / 3, high * 2.2)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="x", color="#e4e4e4")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("times better than the tutorial's way (log scale)")
    title = f"{run['document']['name']}, {run['machine']['processor']}"
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
    axes.figure.legend(handles=legend(run, rows), loc="outside lower center", ncols=4, frameon=False)


def colours(sides: list[str]) -> dict[str, str]:
    """One colour a side, ragkit's apart from the others'."""
    others = (side for side in sides if side != OURS)
    return {OURS: "#0f6e6e", **dict(zip(others, OTHERS, strict=False))}


def legend(run: Run, rows: list[Run]) -> list[Patch | Line2D]:
    """A patch a side, and a line for each kind of limit that is drawn."""
    sides = [side for side in run["sides"] if side != TUTORIAL]
    patches = [Patch(color=colour, label=side) for side, colour in colours(sides).items()]
    drawn = {colour_of(name) for row in rows for name in row["limits"]}
    limits = [(f"limit: {WORDS[kind]}", colour) for kind, colour in LIMITS.items() if colour in drawn]
    return [*patches, *(Line2D([], [], color=colour, linewidth=2, label=label) for label, colour in limits)]

"""Figures of what is counted and timed: lengths, tokens, seconds."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.ticker import NullFormatter

from ragkit.show.display import BLACK, BLUE, GREEN, PALETTE, RED
from ragkit.show.pages import Picture
from ragkit.show.plotting import STYLE, need, new_figure, picture, thousands


@rc_context(STYLE)
def token_histogram(
    groups: Mapping[str, Sequence[int]], limit: int | None = None, unit: str = "tokens"
) -> Picture:
    """Draw one histogram a group, one under another on a shared axis, with the limit as a line.

    Parameters
    ----------
    groups : dict of str to sequence of int
        Name to the lengths of its texts, in `unit`.
    limit : int, optional
        Longest text that the model reads whole; what is longer is drawn in another colour.

    Raises
    ------
    BadParameter
        If a group is empty.
    """
    need(bool(groups) and all(map(len, groups.values())), "nothing to draw: give every group a length")
    longest = max(limit or 1, *(max(lengths) for lengths in groups.values()))
    step = max(1, -(-longest // 40))
    first = (limit + 1) % step - step if limit else 0  # so that the limit ends a bin
    edges = np.arange(first, longest + 2 * step, step)
    figure, axes = new_figure(0.7 + 1.75 * len(groups), rows=len(groups), sharex=True)
    told = []
    for axis, (name, lengths) in zip(axes, groups.items(), strict=True):
        told.append(_histogram(axis, name, np.asarray(lengths), edges, limit, unit))
    axes[-1].set_xlabel(unit)
    return picture(figure, f"Histograms of {unit}. {'. '.join(told)}.")


def _histogram(
    axis: Any, name: str, lengths: np.ndarray, edges: np.ndarray, limit: int | None, unit: str
) -> str:
    """One panel; gives its title."""
    over = lengths > (limit or np.inf)
    axis.hist([lengths[~over], lengths[over]], bins=edges, color=[BLUE, RED], stacked=True)
    title = f"{name}: {len(lengths):,} texts, median {np.median(lengths):,.0f} {unit}"
    if limit is not None:
        title += f", {over.sum():,} over the limit"
        axis.axvline(limit, color=BLACK, linestyle="--", linewidth=1.5, label=f"limit: {limit:,} {unit}")
        axis.margins(y=0.35)  # room for the legend
        axis.legend(loc="upper right")
    axis.set(title=title, ylabel="texts")
    axis.yaxis.get_major_locator().set_params(integer=True, nbins=4)
    return title


@rc_context(STYLE)
def pages_histogram(pages: pd.DataFrame) -> Picture:
    """Draw how many characters and how many tokens the pages have, from `n_chars` and `n_tokens`."""
    need(len(pages) > 0, "nothing to draw: the table of pages is empty")
    empty = pages["n_chars"] == 0
    figure, axes = new_figure(2.9, columns=2, sharey=True)
    for axis, column, unit in zip(axes, ["n_chars", "n_tokens"], ["characters", "tokens"], strict=True):
        axis.hist(
            [pages.loc[~empty, column], pages.loc[empty, column]],
            bins=30, color=[BLUE, RED], stacked=True, label=["_", f"{empty.sum():,} without text"],
        )  # fmt: skip
        axis.set_title(f"median {pages[column].median():,.0f} {unit} a page")
        axis.set_xlabel(f"{unit} on the page")
        axis.xaxis.set_major_formatter(thousands)
    axes[0].set_ylabel("pages")
    if empty.any():
        axes[0].legend(loc="upper left")
    told = ", ".join(axis.get_title(loc="left") for axis in axes)
    return picture(figure, f"Histograms of {len(pages):,} pages: {told}; {empty.sum():,} without text.")


@rc_context(STYLE)
def batch_times(times: Mapping[str, float]) -> Picture:
    """Draw how long each way of doing the same thing took, in seconds, as bars."""
    need(bool(times) and min(times.values()) > 0, "nothing to draw: give each way's seconds, above 0")
    slow, fast = max(times, key=times.__getitem__), min(times, key=times.__getitem__)
    figure, (axis,) = new_figure(1.0 + 0.5 * len(times))
    colours = [GREEN if name == fast else BLUE for name in times]
    bars = axis.barh(range(len(times)), list(times.values()), color=colours, height=0.65)
    axis.bar_label(bars, [f"{seconds:,.2f} s" for seconds in times.values()], padding=5)
    axis.set_yticks(range(len(times)), [textwrap.fill(name, 28) for name in times])
    axis.set(xlabel="seconds", xlim=(0, times[slow] * 1.15))
    if len(times) > 1:
        axis.set_title(f"{times[slow] / times[fast]:.1f} times as fast: {fast}")
    axis.invert_yaxis()
    axis.grid(visible=False, axis="y")
    axis.tick_params(axis="y", length=0)
    return picture(figure, f"Bars of the seconds that each way took: {', '.join(times)}.")


@rc_context(STYLE)
def speed_curve(sizes: Sequence[int], seconds: Sequence[float]) -> Picture:
    """Draw the time of an exact search over the number of vectors, with a line at 0.1 s.

    A tenth of a second is about the limit for a reaction to feel instant (Miller, "Response time in
    man-computer conversational transactions", 1968).

    Parameters
    ----------
    sizes, seconds : sequences of the same length
        Number of vectors, in rising order, and the seconds that one search took.
    """
    need(len(sizes) == len(seconds) >= 2, "a curve needs two sizes or more, and as many times")
    reach = _size_at(0.1, np.asarray(sizes, dtype=float), np.asarray(seconds, dtype=float))
    figure, (axis,) = new_figure(3.6)
    axis.loglog(sizes, seconds, "o-", color=BLUE, linewidth=2, label="measured")
    axis.axhline(0.1, color=RED, linestyle="--", linewidth=1.5, label="0.1 s: feels instant below")
    axis.xaxis.set_major_formatter(thousands)
    axis.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.set_ylim(min(0.01, 0.7 * min(seconds)), max(1.0, 1.5 * max(seconds)))
    axis.set(xlabel="vectors", ylabel="seconds a search")
    instant = f"Exact search feels instant up to {_round(reach)} vectors{' at least' * (max(seconds) <= 0.1)}"
    axis.set_title(instant if reach else "Even with the fewest vectors, a search takes longer than 0.1 s")
    axis.legend(loc="upper left")
    span = f"{min(sizes):,} to {max(sizes):,} vectors"
    return picture(figure, f"Seconds of an exact search over {span}, both axes logarithmic, line at 0.1 s.")


def _size_at(limit: float, sizes: np.ndarray, seconds: np.ndarray) -> float:
    """Number of vectors at which a search takes `limit` seconds: 0 if all take longer, the most if none does."""
    rising = np.maximum.accumulate(seconds)
    if rising[0] > limit:
        return 0.0
    return float(np.exp(np.interp(np.log(limit), np.log(rising), np.log(sizes))))


def _round(number: float) -> str:
    """Two significant digits, in words where there are many zeros."""
    number = float(f"{number:.1e}")
    return f"{number / 1e6:g} million" if number >= 1e6 else f"{number:,.0f}"


@rc_context(STYLE)
def token_budget(parts: Mapping[str, int], budget: int) -> Picture:
    """Draw where a prompt's tokens go: one bar with a piece for each part, and the budget as a line."""
    used = sum(parts.values())
    need(used > 0 and budget > 0, "nothing to draw: give the tokens of a part, and a budget above 0")
    figure, (axis,) = new_figure(2.1)
    left = 0
    for number, (name, tokens) in enumerate(parts.items()):
        look = {"color": PALETTE[number % len(PALETTE)], "edgecolor": "white"}
        axis.barh(0, tokens, left=left, label=f"{name}: {tokens:,}", **look)
        left += tokens
    line = axis.axvline(budget, color=BLACK, linestyle="--", linewidth=1.5, label=f"budget: {budget:,}")
    rest = f"{budget - used:,} left" if used <= budget else f"{used - budget:,} too many"
    axis.set_title(f"{used:,} of {budget:,} tokens used, {rest}")
    axis.set(xlabel="tokens", yticks=[], ylim=(-0.5, 0.5))
    axis.xaxis.set_major_formatter(thousands)
    axis.set_xlim(0, 1.03 * max(used, budget))
    axis.spines["left"].set_visible(False)
    columns = len(parts) + 1 if len(parts) < 5 else 3
    figure.legend(handles=[*axis.containers, line], loc="outside lower left", ncols=columns, fontsize=9.5)
    told = ", ".join(f"{name} {tokens:,}" for name, tokens in parts.items())
    return picture(figure, f"Bar of a prompt's tokens: {told}; {axis.get_title(loc='left')}.")

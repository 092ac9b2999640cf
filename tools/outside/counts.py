"""Counts with their intervals, and the two measures of a score that tells right from wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from ragkit.evaluate import interval

Z = 1.96  # standard deviations around the mean that hold 95 % of a normal distribution


class Count(NamedTuple):
    """How many of how many."""

    k: int
    n: int


def count(values: Iterable[bool]) -> Count:
    """Count the true ones.

    >>> count([True, False, True])
    Count(k=2, n=3)
    """
    values = list(values)
    return Count(sum(map(bool, values)), len(values))


def wilson(k: int, n: int) -> tuple[float, float]:
    """Where the share lies, k of n having been seen: the 95 % interval of Wilson (1927).

    Unlike the usual one it says something of 0 of n, and never leaves 0 to 1.

    >>> [round(end, 2) for end in wilson(0, 20)]
    [0.0, 0.16]
    """
    if not n:
        return 0.0, 1.0
    share, spread = k / n, Z * Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def balanced_accuracy(labels: Sequence[bool], said: Sequence[bool]) -> tuple[float, float, float]:
    """Mean of the shares of right ones and of wrong ones that are told: 0.5 is chance; with its 95 % interval.

    >>> balanced_accuracy([True, True, True, False], [True, True, True, True])[0]
    0.5
    """
    n, each = len(labels), {label: list(labels).count(label) for label in (True, False)}
    parts = [n / (2 * each[label]) * (label == answer) for label, answer in zip(labels, said, strict=True)]
    return sum(parts) / n, *interval(parts)


def area_under_curve(labels: Sequence[bool], scores: Sequence[float]) -> float:
    """How often a right one scores above a wrong one, of all pairs (ties count half): 0.5 is chance.

    >>> area_under_curve([True, True, False], [0.9, 0.4, 0.4])
    0.75
    """
    ranks = pd.Series(scores).rank()
    right = pd.Series(list(labels))
    n_right, n_wrong = int(right.sum()), int((~right).sum())
    return float((ranks[right].sum() - n_right * (n_right + 1) / 2) / (n_right * n_wrong))

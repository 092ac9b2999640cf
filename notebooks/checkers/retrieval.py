"""Checkers for notebooks 03, 04 and 07: vectors, search, and how good it is."""

from __future__ import annotations

import numpy as np

from checkers.checking import Function, Verdict, check

NAN, INF = float("nan"), float("inf")


def _rows(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def check_mean_of_tokens(function: Function) -> Verdict:
    """03, warm-up: the mean of the tokens' vectors, without the padding."""
    states = _rows([1, 2], [3, 4], [9, 9])
    return check(
        function,
        "mean_of_tokens",
        [
            ((states, np.array([1, 1, 0])), [2.0, 3.0]),
            ((states, np.array([1, 0, 0])), [1.0, 2.0]),
            ((states, np.array([0, 1, 1])), [6.0, 6.5]),
            ((states, np.array([1, 1, 1])), [13 / 3, 5.0]),
        ],
    )


def check_bad_rows(function: Function) -> Verdict:
    """03, core: the rows with a value that is not a finite number."""
    return check(
        function,
        "bad_rows",
        [
            ((_rows([1, 0], [NAN, 1], [0, 1]),), [1]),
            ((_rows([NAN, NAN], [0, 1], [0, NAN]),), [0, 2]),
            ((_rows([1, 0], [0, INF], [-INF, INF]),), [1, 2]),
            ((_rows([0.6, -0.8], [0, 0]),), []),
        ],
    )


def check_near_duplicates(function: Function) -> Verdict:
    """03, stretch: the pairs of rows with at least a given cosine, most alike first."""
    angles = np.radians([0, 90, 30, 50])
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    return check(
        function,
        "near_duplicates",
        [
            ((rows, 0.9), [(2, 3)]),
            ((rows, 0.7), [(2, 3), (0, 2), (1, 3)]),
            ((rows * _rows([1], [2], [3], [5]), 0.9), [(2, 3)]),
            ((_rows([1, 0], [0, 2], [0, 7]), 0.5), [(1, 2)]),
            ((rows[:2], 0.5), []),
        ],
    )


def check_word_share(function: Function) -> Verdict:
    """04, warm-up: the share of a question's different words that a text has."""
    text = "Salt is a mineral; vitamin B12 is not."
    return check(
        function,
        "word_share",
        [
            (("vitamin B12", text), 1.0),
            (("Vitamin C", text), 0.5),
            (("What is salt?", text), 2 / 3),
            (("salt salt salt iron", text), 0.5),
            (("min", text), 0.0),
        ],
    )


def check_nearest(function: Function) -> Verdict:
    """04, core: the rows with the highest cosine to a query, best first."""
    return check(
        function,
        "nearest",
        [
            (([1, 0], [[0, 1], [1, 1], [1, 0]], 2), [2, 1]),
            (([1, 0], [[9, 9], [1, 0]], 1), [1]),
            (([3, 4], [[4, 3], [-3, -4], [3, 4], [0, 1]], 4), [2, 0, 3, 1]),
            (([1, 0], [[-1, 0], [0, 0], [1, 5]], 3), [2, 1, 0]),
            (([1, 0], [[0, 1], [0, 2]], 5), [0, 1]),
        ],
    )


def check_fuse(function: Function) -> Verdict:
    """04, stretch: one ranking from several, by the sums of 1 / (60 + rank)."""
    return check(
        function,
        "fuse",
        [
            (([[7, 3, 5], [3, 5, 7]],), [3, 7, 5]),
            (([[1, 2], [3, 2]],), [2, 1, 3]),
            (([[9, 4], [4, 9]],), [4, 9]),
            (([[8, 1, 2], [5, 2, 1], [2, 6, 1]],), [2, 1, 5, 8, 6]),
            (([[5, 2], []],), [5, 2]),
        ],
    )


def check_recall_at(function: Function) -> Verdict:
    """07, warm-up: the share of questions with the right page among the k best."""
    return check(
        function,
        "recall_at",
        [
            (([1, 3, 2, 7], 1), 0.25),
            (([1, 3, 2, 7], 3), 0.75),
            (([1, None, 5], 5), 2 / 3),
            (([None, None], 5), 0.0),
        ],
    )


def check_mrr(function: Function) -> Verdict:
    """07, core: the mean reciprocal rank of the first right page."""
    return check(
        function,
        "mrr",
        [
            (([["4", "9"], ["7", "8"]], [["4"], ["8"]]), 0.75),
            (([["4", "9"], ["1", "2"]], [["4"], ["8"]]), 0.5),
            (([["3", "5", "6"]], [["6", "5"]]), 0.5),
            (([["1", "2", "3", "2"], ["5"], []], [["3"], ["5"], ["1"]]), 4 / 9),
            (([["12", "1"]], [["1"]]), 0.5),
        ],
    )


def check_chance(function: Function) -> Verdict:
    """07, stretch: how often a fair coin would part two methods at least that far (sign test)."""
    return check(
        function,
        "chance",
        [
            (([1, 1, 1, 1, 1], [0, 0, 0, 0, 0]), 0.0625),
            (([0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1]), 0.0625),
            (([1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 0]), 0.375),
            (([1, 0, 1], [0, 1, 1]), 1.0),
            (([1, 0, 1], [1, 0, 1]), 1.0),
        ],
    )

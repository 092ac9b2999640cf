"""Checkers for notebook 08: what an index misses, and what is new on a shelf."""

from __future__ import annotations

from checkers.checking import Function, Verdict, check


def check_recall_of(function: Function) -> Verdict:
    """08, warm-up: the share of the nearest rows that was found."""
    return check(
        function,
        "recall_of",
        [
            (([1, 2, 3], [1, 2, 3]), 1.0),
            (([3, 9, 1], [1, 2, 3]), 2 / 3),
            (([7, 8], [1, 2, 3, 4]), 0.0),
            (([4, 1], [1, 2, 3, 4]), 0.5),
        ],
    )


def check_to_do(function: Function) -> Verdict:
    """08, core: which files are new or changed, and which are gone."""
    return check(
        function,
        "to_do",
        [
            (({"a": "11"}, {"a": "11"}), ([], [])),
            (({"a": "11"}, {"a": "11", "b": "22"}), (["b"], [])),
            (({"a": "11", "b": "22"}, {"b": "33"}), (["b"], ["a"])),
            (({}, {"d": "1", "c": "1"}), (["c", "d"], [])),
            (({"a": "1", "b": "2", "c": "3"}, {}), ([], ["a", "b", "c"])),
        ],
    )


def check_cells_to_search(function: Function) -> Verdict:
    """08, stretch: the fewest of the nearest cells that together hold at least so many rows."""
    return check(
        function,
        "cells_to_search",
        [
            (([0.9, 0.2, 0.5], [10, 10, 10], 1), [0]),
            (([0.9, 0.2, 0.5], [10, 10, 10], 11), [0, 2]),
            (([0.1, 0.8, 0.4], [5, 1, 3], 4), [1, 2]),
            (([0.1, 0.8, 0.4], [5, 1, 3], 99), [1, 2, 0]),
            (([0.3, 0.6], [0, 0], 1), [1, 0]),
        ],
    )

"""Checkers for notebook 08: what an index misses, and what is new on a shelf."""

from __future__ import annotations

from checkers.checking import Function, Verdict, check


def check_recall_of(function: Function) -> Verdict:
    """08, exercise 1: the share of the nearest rows that was found."""
    return check(
        function,
        "recall_of",
        [
            (([1, 2, 3], [1, 2, 3]), 1.0, "all were found"),
            (([3, 9, 1], [1, 2, 3]), 2 / 3, "the order does not matter"),
            (([7, 8], [1, 2, 3, 4]), 0.0, "none was found"),
            (([4, 1], [1, 2, 3, 4]), 0.5, "it is a share of the nearest, not of the found"),
            (([5, 6, 7, 1], [1, 2]), 0.5, "what else was found does not count, nor where it stands"),
            (([1, 1, 2], [1, 2, 3, 4]), 0.5, "a row that was found twice counts once"),
            (([], [1, 2]), 0.0, "nothing may be found"),
        ],
    )


def check_to_do(function: Function) -> Verdict:
    """08, exercise 2: which files are new or changed, and which are gone."""
    return check(
        function,
        "to_do",
        [
            (({"a": "11"}, {"a": "11"}), ([], []), "two lists, both empty: the same hash, nothing to do"),
            (({"a": "11"}, {"a": "11", "b": "22"}), (["b"], []), "a new file is embedded"),
            (({"a": "11", "b": "22"}, {"b": "33"}), (["b"], ["a"]),
             "a changed file is embedded, one that is gone is removed"),
            (({}, {"d": "1", "c": "1"}), (["c", "d"], []), "the lists are sorted, and two files may have one hash"),
            (({"a": "1", "b": "2", "c": "3"}, {}), ([], ["a", "b", "c"]), "an empty folder removes all"),
            (({"z": "1", "y": "2"}, {}), ([], ["y", "z"]), "what is removed is sorted, too"),
            (({"a": "1", "b": "2"}, {"a": "2", "b": "1"}), (["a", "b"], []), "a hash belongs to its name"),
            (({"a": "11"}, {"b": "11"}), (["b"], ["a"]), "a new name is a new file"),
        ],
    )  # fmt: skip


def check_cells_to_search(function: Function) -> Verdict:
    """08, exercise 3: the fewest of the nearest cells that together hold at least so many rows."""
    return check(
        function,
        "cells_to_search",
        [
            (([0.9, 0.2, 0.5], [10, 10, 10], 1), [0], "the best cell is enough"),
            (([0.9, 0.2, 0.5], [10, 10, 10], 10), [0], "as many rows as asked for are enough"),
            (([0.5, 0.2, 0.9], [10, 10, 10], 11), [2, 0], "the next best follows the best"),
            (([0.1, 0.8, 0.4], [5, 1, 3], 4), [1, 2], "rows are counted, not cells"),
            (([0.1, 0.8, 0.4], [5, 1, 3], 99), [1, 2, 0], "where there are too few rows, all cells"),
            (([0.3, 0.6], [0, 0], 1), [1, 0], "a cell may be empty"),
        ],
    )

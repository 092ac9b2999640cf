"""Checkers for notebooks 03, 04 and 07: vectors, search, and how good it is."""

from __future__ import annotations

import numpy as np

from checkers.checking import Function, Verdict, check

NAN, INF = float("nan"), float("inf")


def _rows(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def _angles(*degrees: float) -> np.ndarray:
    """Vectors of length 1 in these directions."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def check_mean_of_tokens(function: Function) -> Verdict:
    """03, exercise 1: the mean of the tokens' vectors, without the padding."""
    states = _rows([1, 2], [3, 4], [9, 9])
    return check(
        function,
        "mean_of_tokens",
        [
            (
                (states, np.array([1, 1, 0])),
                [2.0, 3.0],
                "(1 + 3) / 2 and (2 + 4) / 2, as the third row is padding",
            ),
            ((states, np.array([1, 0, 0])), [1.0, 2.0], "two rows are padding"),
            ((states, np.array([0, 1, 1])), [6.0, 6.5], "padding may come first"),
            ((states, np.array([1, 1, 1])), [13 / 3, 5.0], "there may be no padding"),
        ],
    )


def check_bad_rows(function: Function) -> Verdict:
    """03, exercise 2: the rows with a value that is not a finite number."""
    return check(
        function,
        "bad_rows",
        [
            ((_rows([1, 0], [NAN, 1], [0, 1]),), [1], "one NaN spoils its row, and rows count from 0"),
            ((_rows([NAN, NAN], [0, 1], [0, NAN]),), [0, 2], "numbers of rows, in order, each once"),
            ((_rows([1, 0], [0, INF], [-INF, INF]),), [1, 2], "infinite values are bad, too"),
            ((_rows([0.6, -0.8], [0, 0]),), [], "all may be good"),
        ],
    )


def check_near_duplicates(function: Function) -> Verdict:
    """03, exercise 3: the pairs of rows with at least a given cosine, most alike first."""
    return check(
        function,
        "near_duplicates",
        [
            ((_angles(0, 90, 30, 50), 0.9), [(2, 3)], "a pair stands once, the lower number first"),
            ((_angles(0, 90, 30, 50), 0.7), [(2, 3), (0, 2), (1, 3)], "all such pairs, most alike first"),
            ((_angles(0, 90, 30, 50) * _rows([1], [2], [3], [5]), 0.9), [(2, 3)], "lengths do not matter"),
            ((_rows([1, 0], [0, 2], [0, 7]), 0.5), [(1, 2)], "lengths do not matter"),
            ((_angles(0, 90), 0.5), [], "there may be no pair"),
            ((_angles(0, 10, 25), 0.9), [(0, 1), (1, 2), (0, 2)], "a row may be in several pairs"),
            ((_angles(0, 180), 0.5), [], "opposite directions are not alike"),
            ((_rows([1, 0], [1, 0]), 1.0), [(0, 1)], "a cosine of just at_least is enough"),
        ],
    )  # fmt: skip


def check_word_share(function: Function) -> Verdict:
    """04, exercise 1: the share of a question's different words that a text has."""
    text = "Salt is a mineral; vitamin B12 is not."
    return check(
        function,
        "word_share",
        [
            (("vitamin B12", text), 1.0, "2 of the question's 2 words are there"),
            (("Vitamin C", text), 0.5, "capitals do not matter"),
            (("What is salt?", text), 2 / 3, "punctuation is no part of a word"),
            (("salt salt salt iron", text), 0.5, "a word counts once"),
            (("min", text), 0.0, "a part of a word is not the word"),
            (("minerals", text), 0.0, "the plural is another word"),
            (("vitamin B6", text), 0.5, "B6 is a word, and not the word B12"),
            (("vitamin B", text), 0.5, "digits belong to a word"),
            (("iron salt is is", "Salt is a mineral."), 2 / 3, "it is a share of the question's words"),
        ],
    )


def check_nearest(function: Function) -> Verdict:
    """04, exercise 2: the rows with the highest cosine to a query, best first."""
    return check(
        function,
        "nearest",
        [
            (([1, 0], [[0, 1], [1, 1], [1, 0]], 2), [2, 1], "best first, and rows count from 0"),
            (([1, 0], [[9, 9], [1, 0]], 1), [1], "a long vector has no advantage"),
            (([3, 4], [[4, 3], [-3, -4], [3, 4], [0, 1]], 4), [2, 0, 3, 1], "opposite directions come last"),
            (([1, 0], [[-1, 0], [0, 0], [1, 5]], 3), [2, 1, 0], "a vector of zeros has cosine 0"),
            (([1, 0], [[0, 1], [0, 2]], 5), [0, 1], "of equals the lower number, and no more than there are"),
        ],
    )


def check_fuse(function: Function) -> Verdict:
    """04, exercise 3: one ranking from several, by the sums of 1 / (60 + rank)."""
    long = list(range(70))
    return check(
        function,
        "fuse",
        [
            (([[7, 3, 5], [3, 5, 7]],), [3, 7, 5], "the highest sum is first"),
            (([[1, 2], [3, 2]],), [2, 1, 3], "2 earns 1/62 twice; a chunk may be missing from a ranking"),
            (([[9, 4], [4, 9]],), [4, 9], "of equals the lower number is first"),
            (([[8, 1, 2], [5, 2, 1], [2, 6, 1]],), [2, 1, 5, 8, 6], "each ranking adds to the sum"),
            (([[5, 2], []],), [5, 2], "a ranking may be empty"),
            (([[100, *long], long],), [*long[:61], 100, *long[61:]],
             "a first place, 1/61, lies between 1/121 + 1/122 and 1/122 + 1/123"),
            (([[4, 5, 2, 6, 7], [8, 9, 2, 1, 4]],), [4, 2, 8, 5, 9, 1, 6, 7],
             "sums of 1 / (60 + rank) are no sums of ranks"),
        ],
    )  # fmt: skip


def check_hit_rate(function: Function) -> Verdict:
    """07, exercise 1: the share of questions with the right page among the k best."""
    return check(
        function,
        "hit_rate",
        [
            (([1, 3, 2, 7], 1), 0.25, "one of four has rank 1"),
            (([7, 9, 3, 1], 3), 0.5, "rank k counts, wherever its question stands"),
            (([1, None, 5], 5), 2 / 3, "a question that found nothing counts among the questions"),
            (([None, None], 5), 0.0, "nothing may be found"),
        ],
    )


def check_mrr(function: Function) -> Verdict:
    """07, exercise 2: the mean reciprocal rank of the first right page."""
    return check(
        function,
        "mrr",
        [
            (([["4", "9"], ["7", "8"]], [["4"], ["8"]]), 0.75, "1 / 1 and 1 / 2"),
            (([["4", "9"], ["1", "2"]], [["4"], ["8"]]), 0.5, "a question that found nothing earns 0"),
            (([["3", "5", "6"]], [["6", "5"]]), 0.5, "the first right page, whichever it is"),
            (
                ([["2", "2", "3"], ["5"], []], [["3"], ["5"], ["1"]]),
                4 / 9,
                "a page that is found twice takes two places, and a question may have no hits",
            ),
            (([["12", "1"]], [["1"]]), 0.5, "12 is not page 1"),
        ],
    )


def check_chance(function: Function) -> Verdict:
    """07, exercise 3: how often a fair coin would part two methods at least that far (sign test)."""
    return check(
        function,
        "chance",
        [
            (([1, 1, 1, 1, 1], [0, 0, 0, 0, 0]), 0.0625, "five heads or five tails: 2 / 32"),
            (([0, 0, 0, 0, 0], [1, 1, 1, 1, 1]), 0.0625, "either of the two may be the better one"),
            (([0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1]), 0.0625, "questions without a difference do not count"),
            (([1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 0]), 0.375, "at least as uneven as 4 to 1: 2 * 6 / 32"),
            (([1, 0, 1], [0, 1, 1]), 1.0, "a chance is at most 1"),
            (([1, 0, 1], [1, 0, 1]), 1.0, "no difference at all"),
        ],
    )

"""Checkers for notebooks 01 and 02: from a PDF to chunks."""

from __future__ import annotations

from checkers.checking import Function, Verdict, check

LABELS = ["i", "ii", "1", "2", "3", "A-1"]
HEADER = "A Short Primer"


def check_find_page(function: Function) -> Verdict:
    """01, warm-up: the index of the page with a printed label, or -1."""
    return check(
        function,
        "find_page",
        [((LABELS, "2"), 3), ((LABELS, "i"), 0), ((LABELS, "A-1"), 5), ((LABELS, "4"), -1), (([], "1"), -1)],
    )


def check_clean_page(function: Function) -> Verdict:
    """01, core: the text of a page from its printed lines."""
    return check(
        function,
        "clean_page",
        [
            ((["Iron carries", "oxygen."], []), "Iron carries oxygen."),
            ((["Most vita-", "mins help."], []), "Most vitamins help."),
            ((["a beneﬁt of ﬂour"], []), "a benefit of flour"),
            (([HEADER, "Salt is", "a mineral."], [HEADER]), "Salt is a mineral."),
            ((["low-fat milk -", "a drink"], []), "low-fat milk - a drink"),
            ((["  Iron ", "", "zinc "], []), "Iron zinc"),
            ((["vita-", HEADER, "mins"], [HEADER]), "vitamins"),
            (([HEADER], [HEADER]), ""),
        ],
    )


def check_running_lines(function: Function) -> Verdict:
    """01, stretch: the first and last lines that at least three pages share, digits masked."""
    pages = [f"My Book\nText {word} here.\n{n}" for n, word in enumerate("abc", start=8)]
    return check(
        function,
        "running_lines",
        [
            ((pages,), {"My Book", "#"}),
            ((pages[:2],), set()),
            ((["\n Primer \nOne.\n \n", "Primer\nTwo.", "Primer\nThree."],), {"Primer"}),
            ((["12", "Salt.", "13", "14", ""],), {"#"}),
            ((["Up\nsame\nDown", "Left\nsame\nRight", "In\nsame\nOut"],), set()),
            ((["Salt\nSalt", "Iron\nSalt", "Zinc\nTin"],), set()),
        ],
    )


def check_lost_tokens(function: Function) -> Verdict:
    """02, warm-up: the tokens that a model with a limit never reads."""
    return check(
        function,
        "lost_tokens",
        [(([100, 400], 384), 16), (([384, 385, 500], 384), 117), (([10, 20], 384), 0), (([], 384), 0)],
    )


def check_pack_with_overlap(function: Function) -> Verdict:
    """02, core: sentences in chunks under a limit, each with the end of the one before."""
    return check(
        function,
        "pack_with_overlap",
        [
            (([4, 3, 5, 2], 8, 0), [[0, 1], [2, 3]]),
            (([4, 4, 4], 8, 0), [[0, 1], [2]]),
            (([4, 3, 5, 2], 8, 1), [[0, 1], [1, 2], [2, 3]]),
            (([2, 2, 2, 2, 2], 8, 2), [[0, 1, 2, 3], [2, 3, 4]]),
            (([2, 6, 4, 3], 8, 2), [[0, 1], [2, 3]]),
            (([3, 20, 3], 8, 1), [[0], [1], [2]]),
            (([], 8, 1), []),
        ],
    )


def check_my_split(function: Function) -> Verdict:
    """02, stretch: sentences, not cut after abbreviations and initials."""
    return check(
        function,
        "my_split",
        [
            (("It is clear. It helps!",), ["It is clear.", "It helps!"]),
            (("See Fig. 3 for details. It is clear.",), ["See Fig. 3 for details.", "It is clear."]),
            (("Smith et al. found no effect. We did.",), ["Smith et al. found no effect.", "We did."]),
            (("J. Lind cured them. How?",), ["J. Lind cured them.", "How?"]),
            (("Salt (approx. 5 g) helps.",), ["Salt (approx. 5 g) helps."]),
            (("Take vit. C, see J. S. Mill.",), ["Take vit. C, see J. S. Mill."]),
            (("There were 5. Nobody died.",), ["There were 5.", "Nobody died."]),
        ],
    )

"""Checkers for notebooks 01 and 02: from a PDF to chunks."""

from __future__ import annotations

from checkers.checking import Function, Verdict, check

LABELS = ["i", "ii", "1", "2", "3", "A-1"]
HEADER = "A Short Primer"


def check_find_page(function: Function) -> Verdict:
    """01, exercise 1: the index of the page with a printed label, or -1."""
    return check(
        function,
        "find_page",
        [
            ((LABELS, "2"), 3, "the index counts from 0"),
            ((LABELS, "i"), 0, "the first page has index 0"),
            ((LABELS, "A-1"), 5, "a label may be any text"),
            ((LABELS, "4"), -1, "where no page has the label, it is -1"),
            (([], "1"), -1, "no pages, no index"),
            ((["21", "12", "2"], "2"), 2, "the whole label has to be the same"),
            ((["I", "i"], "i"), 1, "I and i are two labels"),
            ((["1", "2", "1"], "1"), 0, "of two pages with the label, the first"),
        ],
    )


def check_clean_page(function: Function) -> Verdict:
    """01, exercise 2: the text of a page from its printed lines."""
    return check(
        function,
        "clean_page",
        [
            ((["Iron carries", "oxygen."], []), "Iron carries oxygen.", "lines are joined by a space"),
            ((["Most vita-", "mins help."], []), "Most vitamins help.", "a hyphen at a line's end joins"),
            ((["a beneﬁt of ﬂour"], []), "a benefit of flour", "both ligatures become letters"),
            (([HEADER, "Salt is", "a mineral."], [HEADER]), "Salt is a mineral.", "a running line goes"),
            ((["low-fat milk -", "a drink"], []), "low-fat milk - a drink",
             "only a hyphen that cuts a word joins"),
            ((["  Iron ", "", "zinc "], []), "Iron zinc", "spaces around a line and empty lines go"),
            ((["vita-", HEADER, "mins"], [HEADER]), "vitamins",
             "a running line may stand between the halves of a word"),
            (([HEADER], [HEADER]), "", "nothing but a running line leaves nothing"),
            (([f"Read {HEADER}."], [HEADER]), f"Read {HEADER}.",
             "a line that only contains a running line is text"),
            (([HEADER, "Salt", "12", HEADER], [HEADER, "12"]), "Salt", "every running line goes, each time"),
            ((["See vita-"], []), "See vita-", "at the end of the page there is nothing to join"),
        ],
    )  # fmt: skip


def check_running_lines(function: Function) -> Verdict:
    """01, exercise 3: the first and last lines that at least three pages share, digits masked."""
    pages = [f"My Book\nText {word} here.\n{n}" for n, word in enumerate("abc", start=8)]
    return check(
        function,
        "running_lines",
        [
            ((pages,), {"My Book", "#"}, "three pages are enough, and a number is one # however long it is"),
            ((pages[:2],), set(), "two pages are too few"),
            (([*pages, "Salt", "Zinc", "My Book", "Iron", "Tin"],), {"My Book", "#"},
             "three pages are enough, or four, however many there are"),
            ((["\n Primer \nOne.\n \n", "Primer\nTwo.", "Primer\nThree."],), {"Primer"},
             "empty lines and spaces around a line do not count"),
            ((["12", "Salt.", "13", "14", ""],), {"#"}, "a page may have one line, or none"),
            ((["Up\nsame\nDown", "Left\nsame\nRight", "In\nsame\nOut"],), set(),
             "only the first and the last line count"),
            ((["Salt\nSalt", "Iron\nSalt", "Zinc\nTin"],), set(), "a line counts once a page"),
            ((["Salt", "Salt", "Iron\nZinc"],), set(), "a page of one line counts once"),
            ((["Book\nOne.", "Book\nTwo.", "Three.\nBook"],), {"Book"}, "above and below count together"),
            ((["Book\nOne.", "BOOK\nTwo.", "book\nThree."],), set(), "capitals are kept apart"),
        ],
    )  # fmt: skip


def check_lost_tokens(function: Function) -> Verdict:
    """02, exercise 1: the tokens that a model with a limit never reads."""
    return check(
        function,
        "lost_tokens",
        [
            (([100, 400], 384), 16, "what is over the limit is lost"),
            (([384, 385, 500, 500], 384), 233, "each chunk loses its own, and two may be alike"),
            (([10, 20], 384), 0, "what is below the limit loses nothing"),
            (([], 384), 0, "no chunks, no loss"),
            (([100, 400], 50), 400, "the limit is a parameter"),
            (([600, 100], 512), 88, "room in one chunk does not help another"),
        ],
    )


def check_pack_with_overlap(function: Function) -> Verdict:
    """02, exercise 2: sentences in chunks under a limit, each with the end of the one before."""
    return check(
        function,
        "pack_with_overlap",
        [
            (([4, 3, 5, 2], 8, 0), [[0, 1], [2, 3]], "a chunk takes what still fits, and sentences count from 0"),
            (([4, 4, 4], 8, 0), [[0, 1], [2]], "a chunk may be full to the limit"),
            (([4, 3, 5, 2], 8, 1), [[0, 1], [1, 2], [2, 3]], "a chunk begins with the end of the one before"),
            (([2, 2, 2, 2, 2], 8, 2), [[0, 1, 2, 3], [2, 3, 4]], "two sentences are repeated"),
            (([2, 6, 4, 3], 8, 2), [[0, 1], [2, 3]], "a repeat that does not fit is dropped"),
            (([3, 3, 2, 5], 8, 2), [[0, 1, 2], [2, 3]], "of two repeats, the later may fit alone"),
            (([4, 3, 5, 2], 12, 1), [[0, 1, 2], [2, 3]], "the limit is a parameter"),
            (([3, 20, 3], 8, 1), [[0], [1], [2]], "a sentence over the limit stands alone"),
            (([4, 4, 4], 8, 5), [[0, 1], [1, 2]], "no more can be repeated than there is"),
            (([], 8, 1), [], "no sentences, no chunks"),
        ],
    )  # fmt: skip


def check_my_split(function: Function) -> Verdict:
    """02, exercise 3: sentences, not cut after abbreviations and initials."""
    return check(
        function,
        "my_split",
        [
            (("It is clear. It helps!",), ["It is clear.", "It helps!"], "a sentence keeps its mark"),
            (("See Fig. 3 for details. It is clear.",), ["See Fig. 3 for details.", "It is clear."],
             "an abbreviation may have a capital"),
            (("Smith et al. found no effect. We did.",), ["Smith et al. found no effect.", "We did."],
             "al. ends no sentence"),
            (("J. Lind cured them. How?",), ["J. Lind cured them.", "How?"], "an initial ends no sentence"),
            (("Salt (approx. 5 g) helps.",), ["Salt (approx. 5 g) helps."], "a bracket is no part of the word"),
            (("Take vit. C, see J. S. Mill.",), ["Take vit. C, see J. S. Mill."], "several pieces may belong together"),
            (("There were 5. Nobody died.",), ["There were 5.", "Nobody died."], "a number is no initial"),
            (("It is final. We stop.",), ["It is final.", "We stop."], "final. only ends like al."),
            (("Approx. 5 mg. It helps.",), ["Approx. 5 mg.", "It helps."], "an abbreviation may come first"),
            (("Was it J. Lind? It was.",), ["Was it J. Lind?", "It was."], "after a question mark, a sentence ends"),
        ],
    )  # fmt: skip

"""Words in scripts where MuPDF gives no spaces between them: Hebrew, Arabic, Korean."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

UNSPACED = re.compile("[\u0590-\u08ff\u1100-\u11ff\uac00-\ud7ff\ufb1d-\ufdff\ufe70-\ufefc]")
_DIRECTIONS = {"R": "rtl", "AL": "rtl", "L": "ltr", "EN": "ltr", "AN": "ltr", "NSM": "mark"}
Letter = tuple[str, float, float]  # a character, and where on the line it begins and ends, in points


def space_words(letters: Sequence[Letter], size: float) -> str:
    """Text of a line of `UNSPACED` letters: a space where there is a gap, the words from right to left.

    Parameters
    ----------
    letters : sequence of (character, x0, x1)
        In the order in which MuPDF gives them: right for each run of one direction, but the runs from left to
        right.
    size : float
        Of the font, in points.

    >>> space_words([("가", 0, 10), ("나", 10, 20), ("다", 23, 33)], 10)
    '가나 다'
    >>> space_words([("1", 0, 5), ("2", 5, 10), ("א", 20, 25), ("ב", 15, 20)], 10)
    'אב 12'
    """
    runs = _runs_of_one_direction(letters)
    directions = Counter(unicodedata.bidirectional(character) for character, *_ in letters)
    if directions["R"] + directions["AL"] > directions["L"]:
        runs.sort(key=lambda run: -run[0][1] - run[-1][2])
    ordered = [letter for run in runs for letter in run]
    text = ordered[0][0]
    for (before, x0, x1), (character, left, right) in pairwise(ordered):
        gap = max(left - x1, x0 - right) > 0.12 * size
        spaced = before.isspace() or character.isspace() or not UNSPACED.search(before + character)
        text += character if spaced or not gap else f" {character}"
    return text


def _runs_of_one_direction(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Part the letters of a line where their direction changes; "a.b", left to right, is one run."""
    runs: list[tuple[str, list[Letter]]] = []
    for letter in letters:
        direction = _DIRECTIONS.get(unicodedata.bidirectional(letter[0]), "none")
        if direction == "ltr" and [kind for kind, _ in runs[-2:]] == ["ltr", "none"]:
            runs[-2][1].extend([*runs.pop()[1], letter])
        elif runs and direction in ("mark", runs[-1][0]):
            runs[-1][1].append(letter)
        else:
            runs.append((direction, [letter]))
    return [run for _, run in runs]

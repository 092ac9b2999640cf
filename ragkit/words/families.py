"""Families of words: what a text says in another form than a question, as "Signature" for "sign", "sent" for "send".

More is taken for one family than is one ("sign", "signal"): so this is asked of a few sentences that are near to the
question anyway, and never of a whole document. English only.
"""

from __future__ import annotations

import re

from ragkit.words.keywords import words_of
from ragkit.words.languages import stem

LEAST = 4
"""Letters of a word from which others may be made of it."""

SHARED = 0.7
"""Of the letters of the longer of two stems, the share that they begin with alike: "resolv", "resolut"."""

LEAST_INITIALS = 3
"""Letters of an abbreviation that may be spelt out: of two, some words of any text begin with them."""


def is_said_otherwise(word: str, text: str) -> bool:
    """Whether a text has a word of the same family: made of it, or the same verb at another time.

    >>> [is_said_otherwise("sign", "Signature:"), is_said_otherwise("unlock", "Keys locked")]
    [True, True]
    >>> [is_said_otherwise("break", "He broke it."), is_said_otherwise("sent", "Send it.")]
    [True, True]
    """
    own = stem(word)
    others = {stem(other) for other in words_of(text) if other.isalpha()}
    return word.isalpha() and any(_are_family(own, other) for other in others - {own})


def _are_family(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) < LEAST:
        return False
    alike = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    made_of = long.startswith(short) or long.removeprefix("un") == short
    return (
        made_of
        or (alike > LEAST and alike >= SHARED * len(long))
        or _without_vowels(one) == _without_vowels(other)
    )


def _without_vowels(word: str) -> str:
    """What stays when a verb changes its time, as many English ones do: break and broke, send and sent."""
    return word[0] + re.sub("[aeiou]", "", word[1:]).replace("t", "d")


def is_spelt_out(word: str, text: str) -> bool:
    """Whether the letters of a short word are the first ones of words that stand in a row: "agm".

    >>> is_spelt_out("agm", "The annual general meeting"), is_spelt_out("dob", "Date of birth: 1 May")
    (True, True)
    """
    letters = r"\s+".join(f"{letter}[a-z]+" for letter in word) if word.isalpha() else ""
    return len(word) >= LEAST_INITIALS and bool(letters and re.search(rf"\b{letters}\b", text, re.IGNORECASE))

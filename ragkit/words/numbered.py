"""Things that a question names by a noun and a number: *action 4*, *resolution 83/2*, *pos 1.5*, *teil nr 7*."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ragkit.words.keywords import words_of
from ragkit.words.languages import stem

_NUMBER = r"(?:[A-Z]\.)?\d{1,4}(?:[./]\d{1,4})*"
_THING = re.compile(
    rf"\b(?P<noun>[^\W\d_]{{3,}})\.?\s+(?:(?:no|nr|num)\.?\s+|n[°º]\s?)?(?P<number>{_NUMBER})(?![\w.,/%°€$£]*\w|\s*[%°€$£])",
    re.IGNORECASE,
)


class Thing(NamedTuple):
    """A thing that is named by what it is called and its number."""

    noun: str
    number: str


def things_numbered(question: str) -> list[Thing]:
    """The things that a question names by their numbers.

    >>> things_numbered("When is action 4 due?"), things_numbered("resolution 83/2"), things_numbered("in 30 days")
    ([Thing(noun='action', number='4')], [Thing(noun='resolution', number='83/2')], [])
    """
    found = [Thing(thing["noun"], thing["number"]) for thing in _THING.finditer(question)]
    return [thing for thing in found if words_of(thing.noun)]


def has_thing(text: str, heading: str, things: Sequence[Thing]) -> bool:
    """Whether a text is of one of some things: it says both, one behind the other; or it begins with the number, and
    says what it is called, or its heading does. A number of several parts needs no more.
    """
    for noun, number in things:
        one = re.escape(number)
        of_parts = "" if number.isdigit() else "|"
        called = rf"\b{re.escape(stem(noun))}\w*\W+"
        if re.search(rf"(?:{called}{of_parts})(?<![\w./]){one}(?![\w/]|[.,]\d)", text, re.IGNORECASE):
            return True
        begins = re.match(rf"\W*{one}(?:[.)]\s|\s\|)", text, re.IGNORECASE)
        if begins and stem(noun) in {stem(word) for word in words_of(f"{text} {heading}")}:
            return True
    return False


def without_numbers(question: str, things: Sequence[Thing]) -> str:
    """A question without the numbers of things; what they are called stays."""
    for _, number in things:
        question = re.sub(rf"(?<![\w./]){re.escape(number)}(?![\w/])", " ", question)
    return question

"""Whether a text holds an answer's value, however its numbers and words are written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragkit.words.keywords import words_of
from ragkit.words.languages import stem

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w]|[.,]\d)")
_SIGNS = re.compile(r"^[-$€£\s]+|[%\s]+$")
_UNTOLD = re.compile(r"\d?|yes|no", re.IGNORECASE)


def is_telling(values: Sequence[str]) -> bool:
    """Whether all values can be looked for: "yes" and a number of one digit stand everywhere.

    >>> is_telling(["18078"]), is_telling(["7"]), is_telling(["Running", "Training"])
    (True, False, True)
    """
    return bool(values) and not any(_UNTOLD.fullmatch(value) for value in values)


def holds_value(text: str, value: str) -> bool:
    """Whether a text has a value: a number, whatever its sign, unit and zeros; or the same words in their order.

    The last word may go on if it has four letters and more: some questions ask for *reduc*.

    >>> holds_value("Total current assets  $ 8,802", "8802.00"), holds_value("8,802.5", "8802")
    (True, False)
    >>> holds_value("(the RUNNING, category)", "Running Category")
    True
    """
    number = _as_number(_SIGNS.sub("", value))
    if number is None:
        words = _words(value)
        may_go_on = len(words.split(" ")[-2]) >= 4
        return bool(words.strip()) and (words.rstrip() if may_go_on else words) in _words(text)
    return any(_as_number(each) == number for each in _NUMBER.findall(text))


def _as_number(text: str) -> float | None:
    return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else None


def _words(text: str) -> str:
    """Words in small letters between spaces, without signs."""
    words = " ".join(re.findall(r"[^\W_]+", text.casefold()))
    return f" {words} "


def shares_a_word(line: str, question: str) -> bool:
    """Whether a line has a word of the question that tells something; numbers do not.

    >>> shares_a_word("Total liabilities | 41,190", "What are the liabilities in 2021?")
    True
    """
    words, others = (
        {stem(word) for word in words_of(text) if not word.isdigit()} for text in (line, question)
    )
    return bool(words & others)


def shares_the_years(line: str, question: str) -> bool:
    """Whether a line has the years that a question names, as a row does that is read with its column heads.

    >>> shares_the_years("Total liabilities | 2021: 41,190", "What are they in FY2021?")
    True
    """
    return years_of(question) <= years_of(line)


def years_of(text: str) -> set[str]:
    """The years that a text names."""
    return set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text))

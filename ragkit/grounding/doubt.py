"""Doubt: whether what was found answers the question, may answer it, or is not even near.

There is always a nearest passage, and a small model always writes something. Refusing what is there is the worse error:
who reads the nearest sentences sees for himself that they do not answer. So nothing found is withheld; doubt is said.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import pandas as pd

from ragkit.found import Found
from ragkit.grounding.around import in_full
from ragkit.models.catalogue import MULTILINGUAL
from ragkit.words.families import is_said_otherwise, is_spelt_out
from ragkit.words.keywords import is_code, words_of
from ragkit.words.languages import is_foreign, language_of, stop_words

WEIGHTS = {"near": 3.8, "missing": -2.1}
CONSTANT = -1.3
"""Of a logistic regression over what `Signals` holds; docs/answers.md says on what it was fitted, and how it does on
what it was not."""

ANSWERED, NEAR = 0.42, 0.24
"""From which chance on an answer is not doubted, and below which there is none."""

FAR = 0.3
"""Below which nothing is near at all, whatever words are missing: "move out early" is near to "end the tenancy after
six months" (docs/answers.md)."""

TELLING = 0.7
"""How much the missing words of a question tell, together, before it is refused for them: one of everyday language
("jobs", "start") says too little, as the document may say it in another. docs/answers.md has what it was chosen on.
"""

MOST_NAMED = 3
"""Missing words that a reason names."""


class Signals(NamedTuple):
    """What tells whether sentences answer a question.

    Attributes
    ----------
    near : float
        The best quotation's score, for nearness and words: 0 as near as any two texts, 1 the same without a word.
    missing : float
        How much of the question, by its words' rarity in the language, stands nowhere in what was searched: 0 to 1.
    told : float
        What its words tell that stand nowhere: the sum of their rarities.
    """

    near: float
    missing: float
    told: float

    @property
    def chance(self) -> float:
        """The chance that there is an answer, 0 to 1."""
        total = CONSTANT + sum(weight * getattr(self, name) for name, weight in WEIGHTS.items())
        return 1 / (1 + math.exp(-total))


class Outcome(NamedTuple):
    """What becomes of a question, and why it is not simply answered: the rest of a sentence, or ""."""

    state: Literal["answered", "in doubt", "refused"]
    why: str = ""


def outcome_of(found: Found, quotes: pd.DataFrame) -> Outcome:
    """Tell whether sentences answer the question.

    Parameters
    ----------
    found : Found
        From `find`.
    quotes : DataFrame
        From `quote`: what is shown.
    """
    words = but_in_other_forms(found, quotes)
    signals = signals_of(found, quotes, words)
    chance = signals.chance
    missing = _missing(words)
    codes = [word for word in missing if is_code(word)]
    asked = _another_language(found)
    nothing = chance < NEAR and signals.near < FAR and signals.told >= TELLING
    if nothing and not asked and not found.named.any():
        return Outcome("refused", _nowhere(missing, found.question))
    if chance >= ANSWERED and not codes:
        return Outcome("answered")
    why = asked or _nowhere(codes, found.question) or _nowhere(missing, found.question)
    return Outcome("in doubt", why or "no sentence says all that is asked for")


def signals_of(found: Found, quotes: pd.DataFrame, words: pd.DataFrame) -> Signals:
    """What tells whether these sentences answer the question, whose words are given as by `but_in_other_forms`."""
    near = (float(quotes["score"].max()) - found.far) / (1 - found.far) if len(quotes) else 0.0
    told = float((words["rare"] * words["missing"]).sum())
    return Signals(near, told / (float(words["rare"].sum()) or 1), told)


def but_in_other_forms(found: Found, quotes: pd.DataFrame) -> pd.DataFrame:
    """The question's words, where none is missing that a quotation says in another form or spells out."""
    words = found.words
    nowhere = words.index[words["missing"] > 0]
    if found.language != "english" or not len(nowhere):
        return words
    said = " ".join(in_full(quotes)["text"])
    there = [word for word in nowhere if is_spelt_out(word, said) or is_said_otherwise(word, said)]
    here = words.index.isin(there)
    return words.assign(missing=words["missing"] * ~here, count=words["count"] + here)


def _missing(words: pd.DataFrame) -> list[str]:
    """The words that are nowhere in what was searched, those that tell most first; three at most."""
    nowhere = words[words["count"] == 0]
    return nowhere["rare"].sort_values(ascending=False, kind="stable").index.tolist()[:MOST_NAMED]


def _nowhere(words: list[str], question: str) -> str:
    """That these words of the question, as they stand in it, are nowhere; "" for none."""
    if not words:
        return ""
    asked = {word: piece.strip(".,;:?!\"'()“”") for piece in question.split() for word in words_of(piece)}
    named = " and ".join(f"“{asked.get(word, word)}”" for word in words)
    return f"{named} {'is' if len(words) == 1 else 'are'} nowhere in it"


def _another_language(found: Found) -> str:
    """That question and passages are in two languages, if the one has function words of its own and none of theirs."""
    asked, theirs = language_of(found.question), found.language
    words = found.question.lower().split()
    own, shared = (sum(word in stop_words()[name] for word in words) for name in (asked, theirs))
    if asked == theirs or own < 2 or shared:
        return ""
    why = f"the question is in {asked.capitalize()}, and the document in {theirs.capitalize()}"
    embedder = found.index.embedder
    helps = any(is_foreign(language, embedder.tokenizer) for language in (asked, theirs))
    return (
        why
        + helps
        * f" (an embedder for both may find more: RAGKIT_EMBEDDER={MULTILINGUAL}, from huggingface.co)"
    )

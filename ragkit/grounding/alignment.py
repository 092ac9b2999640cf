"""The words of a claim beside those of the evidence: which are the same, which exclude each other, which are alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ragkit.words.facts import Word

EXACT = ("number", "year", "code")  # no vector tells 12 from 21
CRITICAL = (*EXACT, "name")
ENDS = {"from", "to"}


class Side(NamedTuple):
    """One or more sentences as words.

    Attributes
    ----------
    words : list of Word
    rows : ndarray, int, shape (n,)
        The sentence that each word is in.
    vectors : ndarray, float32, shape (n, d)
        Unit rows: each word in its context.
    """

    words: list[Word]
    rows: np.ndarray
    vectors: np.ndarray


def relate(claim: Sequence[Word], evidence: Sequence[Word]) -> tuple[np.ndarray, np.ndarray]:
    """Which words are the same and which exclude each other, (claim, evidence)."""
    same = np.array([[_is_same(c, e) for e in evidence] for c in claim])
    rival = np.array([[_excludes(c, e) for e in evidence] for c in claim]) & ~same
    said = np.isin([word.key for word in evidence], [word.key for word in claim])
    names = np.array([word.kind == "name" for word in claim])
    rival[names | ~same.any(1)] &= ~said  # what the claim says too stands in nobody's place
    return same, rival


def _is_same(c: Word, e: Word) -> bool:
    """Whether two words are one: in another form, of one side of a set, or "not allowed" and "prohibited"."""
    if c.key == e.key:
        return {c.beside, e.beside} != ENDS
    if c.kind in EXACT or e.kind in EXACT:
        return False
    if c.kind == e.kind == "name":  # Germany, German
        short, long = sorted((c.key, e.key), key=len)
        return len(short) >= 4 and len(long) - len(short) <= 3 and long.startswith(short[:-1])
    return bool(set(c.sides) & set(e.sides)) or (
        _are_opposites(c, e) and bool(c.negation) != bool(e.negation)
    )


def _excludes(c: Word, e: Word) -> bool:
    """Whether one word rules out the other: another number, code or name; another side of a set."""
    if c.kind in CRITICAL and c.kind == e.kind:
        return (
            _shape(c.text) == _shape(e.text)
            if c.kind == "code"
            else c.beside == e.beside or {c.beside, e.beside} <= {"", *ENDS}
        )
    return _are_opposites(c, e) and bool(c.negation) == bool(e.negation) and c.beside == e.beside


def _are_opposites(c: Word, e: Word) -> bool:
    sides = dict(c.sides)
    return not set(c.sides) & set(e.sides) and any(name in sides for name, _ in e.sides)


def agree(c: Word, e: Word) -> bool:
    """Whether two words say the same by themselves: both negated or neither; or opposites, one of them negated."""
    return (bool(c.negation) == bool(e.negation)) != _are_opposites(c, e)


def _shape(code: str) -> str:
    return re.sub(r"[^\W\d_]+", "A", re.sub(r"\d+", "9", code))


def align(
    cosines: np.ndarray, claim: Sequence[Word], evidence: Side, same: np.ndarray, rival: np.ndarray
) -> np.ndarray:
    """How much each word of the claim is each word of the evidence, 0 to 1; shape (claim, evidence).

    Cosines, with 0 at their mean over words that are not the same: what this is differs from embedder to embedder.
    Where a word itself stands in the evidence, no other word there is it, and none in a sentence with one it excludes.
    """
    base = float(cosines[~same].mean()) if not same.all() else 0.0
    alike = np.clip((cosines - base) / (1 - base), 0, 0.99)
    exact = [[word.kind in EXACT for word in words] for words in (claim, evidence.words)]
    alike[np.logical_or.outer(*exact)] = 0
    for row in range(evidence.rows.max() + 1):
        here = evidence.rows == row
        alike[np.ix_(rival[:, here].any(1), here)] = 0
    alike[same.any(1)] = 0  # a text that has both words means two things
    alike[:, same.any(0)] = 0  # what is one word of the claim is no other one, too
    spelled = np.array([[c.key == e.key for e in evidence.words] for c in claim])
    alike[spelled] = 0  # a word that is none of the same: "X than Y", and "Y than X"
    alike[same] = 1
    return alike

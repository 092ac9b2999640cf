"""Whether what a claim says stands in the evidence: its words aligned with the evidence's, and the company they keep.

Each word of the claim is looked for in the evidence: the same word, or one of like vector in its context. That the
words are there is not enough: those that keep company in the claim have to keep company there. Where another number,
name or opposite stands in their company, or a *not* more or less, the claim is contradicted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ragkit.words.facts import Word

EXACT = ("number", "year", "code")  # no vector tells 12 from 21
CRITICAL = (*EXACT, "name")

THERE = 0.5
"""Likeness, 0 to 1, from which a word of the evidence stands for one of the claim."""

OUTSIDE = np.array([[1.0, 0.5], [0.5, 0.2]])
"""What a word is worth that stands outside its company: in the same sentence, in another. Second row: where a word that
the claim lacks may stand in its place."""

INSTEAD = (0.6, 0.65)
"""Share of a word's company in which another number, name or opposite must stand to contradict it: where the word itself
is nowhere in the passages, and where it is, but in less of this company. (Passages are full of names: there, none.)"""

SAYS_NOT = 0.5
"""Share of its company in which a *not* more or less counts."""


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


class Finding(NamedTuple):
    """What the evidence has of a claim. All shares are of its words, numbers and names counting twice.

    Attributes
    ----------
    found : float
        Share that is there, 0 to 1; less for what stands outside its company.
    company : float
        Share that is there in its company.
    alien : float
        How much one word is alien where the others are there in their company, 0 to 0.4.
    scattered : float
        Share of one sentence's words that stand there in other company.
    row : int
        The sentence that has most of it, or contradicts it.
    contradiction : str
        What the evidence says instead, or "".
    missing : list of str
        Numbers, codes and names that are nowhere in the passages.
    """

    found: float
    company: float
    alien: float
    scattered: float
    row: int
    contradiction: str
    missing: list[str]


def examine(claim: Side, evidence: Side, known: frozenset[str]) -> Finding:
    """Look for what a claim says in the evidence.

    Parameters
    ----------
    claim, evidence : Side
        Both with words; the claim is one sentence.
    known : frozenset of str
        The keys of all words of the passages, of which the evidence is a part.
    """
    board = _Board(claim, evidence, known)
    of = np.array([word.segment for word in claim.words])
    worth, company, against = np.zeros(len(of)), 0.0, []
    for segment in np.unique(of):
        part = np.flatnonzero(of == segment)
        worth[part], share = board.place(part)
        company += share * len(part) / len(of)
        against += [found for found in (board.instead(part), board.negated(part)) if found]
    found = float(worth @ board.weights / board.weights.sum())
    in_one = [board.alike[:, evidence.rows == row].max(1).mean() for row in range(evidence.rows.max() + 1)]
    row, contradiction = against[0] if against else (int(np.argmax(in_one)), "")
    return Finding(
        found,
        company,
        max(company - 0.6, 0) * (1 - min(2 * float(worth.min()), 1)),
        max(float(max(in_one)) - found, 0),
        row,
        contradiction,
        [
            word.text
            for word, own in zip(claim.words, board.own, strict=True)
            if not own and _has_to_be_there(word)
        ],
    )


def _has_to_be_there(word: Word) -> bool:
    """Whether what is said cannot be true of the passages without this word; "two friends" may be counted."""
    return word.kind in CRITICAL and not (word.kind == "number" and word.text.isalpha())


class _Board:
    """A claim's words beside the evidence's, by the evidence's segments."""

    def __init__(self, claim: Side, evidence: Side, known: frozenset[str]) -> None:
        self.claim, self.words = claim.words, evidence.words
        same, self.rival = _relations(claim.words, evidence.words)
        self.alike = _alignment(claim, evidence, same, self.rival)
        self.own = np.array([word.key in known for word in claim.words]) | same.any(1)
        self.weights = np.array([2 if w.kind in CRITICAL else 1.5 if w.sides else 1 for w in claim.words])
        ids = [(row, word.segment) for row, word in zip(evidence.rows.tolist(), evidence.words, strict=True)]
        self.segments = [
            np.array([i for i, each in enumerate(ids) if each == one]) for one in dict.fromkeys(ids)
        ]
        self.rows = np.array([evidence.rows[places[0]] for places in self.segments])
        self.there = np.array([self.alike[:, places].max(1) for places in self.segments]).T
        self.rivals = np.array([self.rival[:, places].any(1) for places in self.segments]).T

    def company(self, part: np.ndarray) -> np.ndarray:
        """Share of a part of the claim that stands in each segment."""
        return self.weights[part] @ self.there[part] / self.weights[part].sum()

    def place(self, part: np.ndarray) -> tuple[np.ndarray, float]:
        """Worth of the words of a part, where they fit best, and the share in one segment."""
        company = self.company(part)
        worth = np.array([self._worth(part, segment) for segment in range(len(self.segments))])
        best = int(np.argmax(worth @ self.weights[part] / self.weights[part].sum() + company / 2))
        return worth[best], float(company[best])

    def _worth(self, part: np.ndarray, segment: int) -> np.ndarray:
        """Worth of each word if its company is that segment."""
        alien = int((self.alike[np.ix_(part, self.segments[segment])].max(0) < THERE).any())
        near = self.rows == self.rows[segment]
        outside = [self.there[part][:, rows].max(1, initial=0) for rows in (near, ~near)]
        ruled_out = self.rivals[part, segment] & ~self.own[part]
        return np.where(
            ruled_out,
            0,
            np.maximum(self.there[part, segment], np.max(OUTSIDE[alien][:, None] * outside, axis=0)),
        )

    def instead(self, part: np.ndarray) -> tuple[int, str] | None:
        """What stands in the company of a word of the part where the word itself does not; with its sentence."""
        weights = self.weights[part]
        if len(part) < 2:
            return None
        for k, i in enumerate(part):
            others = (weights @ self.there[part] - weights[k] * self.there[i]) / (weights.sum() - weights[k])
            rival = np.where(self.rivals[i] & (self.there[i] < 1), others, 0)
            mine = np.where(self.there[i] == 1, others, 0).max()
            segment = int(rival.argmax())
            if self.own[i] and self.claim[i].kind == "name":
                continue
            if rival[segment] >= max(INSTEAD[int(self.own[i])], mine + 0.2):
                places = self.segments[segment]
                other = self.words[places[int(self.rival[i, places].argmax())]]
                return int(self.rows[segment]), f"it says “{other.text}”, not “{self.claim[i].text}”"
        return None

    def negated(self, part: np.ndarray) -> tuple[int, str] | None:
        """What only one of the two negates; None if a segment that fits as well agrees."""
        company = self.company(part)
        found = None
        for segment in np.flatnonzero(company >= max(SAYS_NOT, company.max() - 0.05)):
            word = self._negated_at(part, int(segment))
            if not word:
                return None
            found = int(self.rows[segment]), f"only one of the two says not of “{word}”"
        return found

    def _negated_at(self, part: np.ndarray, segment: int) -> str:
        """A word that only one of the two negates: one has a negation more, of what the other says plainly."""
        governed: dict[tuple[int, int], list[tuple[bool, int]]] = {}
        places = self.segments[segment]
        for i in part:
            j = places[self.alike[i, places].argmax()]
            there = self.alike[i, j] >= THERE
            agree = there and _agree(self.claim[i], self.words[j])
            if self.claim[i].negation:
                governed.setdefault((0, self.claim[i].negation), []).append((agree, i))
            if there and self.words[j].negation:
                governed.setdefault((1, self.words[j].negation), []).append((agree, i))
        alone = {side: words for (side, _), words in governed.items() if not any(agree for agree, _ in words)}
        if len(alone) != 1:  # none, or one each: then they say the same in other words
            return ""
        words = [i for words in alone.values() for _, i in words if self.there[i, segment] == 1]
        return self.claim[words[0]].text if words else ""


def _relations(claim: Sequence[Word], evidence: Sequence[Word]) -> tuple[np.ndarray, np.ndarray]:
    """Which words are the same and which exclude each other, (claim, evidence)."""
    same = np.array([[_is_same(c, e) for e in evidence] for c in claim])
    rival = np.array([[_excludes(c, e) for e in evidence] for c in claim]) & ~same
    said = np.isin([word.key for word in evidence], [word.key for word in claim])
    rival[~same.any(1)] &= ~said  # what the claim says too stands in nobody's place
    return same, rival


def _is_same(c: Word, e: Word) -> bool:
    """Whether two words are one: in another form, of one side of a set, or "not allowed" and "prohibited"."""
    if c.key == e.key:
        return True
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
        return _shape(c.text) == _shape(e.text) if c.kind == "code" else c.beside == e.beside
    return _are_opposites(c, e) and bool(c.negation) == bool(e.negation) and c.beside == e.beside


def _are_opposites(c: Word, e: Word) -> bool:
    sides = dict(c.sides)
    return not set(c.sides) & set(e.sides) and any(name in sides for name, _ in e.sides)


def _agree(c: Word, e: Word) -> bool:
    return (bool(c.negation) == bool(e.negation)) != _are_opposites(c, e)


def _shape(code: str) -> str:
    return re.sub(r"[^\W\d_]+", "A", re.sub(r"\d+", "9", code))


def _alignment(claim: Side, evidence: Side, same: np.ndarray, rival: np.ndarray) -> np.ndarray:
    """How much each word of the claim is each word of the evidence, 0 to 1; shape (claim, evidence).

    Cosines, with 0 at their mean over words that are not the same: what this is differs from embedder to embedder.
    Where a word itself stands in a sentence, or one that it excludes, no other word there is it.
    """
    cosines = claim.vectors @ evidence.vectors.T
    base = float(cosines[~same].mean()) if not same.all() else 0.0
    alike = np.clip((cosines - base) / (1 - base), 0, 0.99)
    alike[
        np.logical_or.outer(*([word.kind in EXACT for word in side.words] for side in (claim, evidence)))
    ] = 0
    for row in range(evidence.rows.max() + 1):
        here = evidence.rows == row
        alike[np.ix_((same | rival)[:, here].any(1), here)] = 0
    alike[same] = 1
    return alike

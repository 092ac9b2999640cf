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

from ragkit.facts import Word

EXACT = ("number", "year", "code")  # no vector tells 12 from 21
CRITICAL = (*EXACT, "name")

THERE = 0.5
"""Likeness, 0 to 1, from which a word of the evidence stands for one of the claim."""

OUTSIDE = np.array([[1.0, 0.6], [0.5, 0.4]])
"""What a word is worth that stands outside its company: in the same sentence, in another. Second row: where a word that
the claim lacks may stand in its place."""

COMPANY = (0.5, 0.75)
"""Share of its company that must be there for another number or opposite to contradict: where the claim's own is
nowhere in the passages, and where it is."""

SAYS_NOT = 0.6
"""The same for a *not*."""


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


class _Place(NamedTuple):
    """How a part of a claim fits a segment of the evidence."""

    score: float
    segment: int
    worth: np.ndarray
    company: float
    contradiction: str


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
    parts = [np.flatnonzero(of == segment) for segment in np.unique(of)]
    places = [board.place(part) for part in parts]
    worth = np.concatenate([place.worth for place in places])  # in the order of the words: segments only rise
    found = float(worth @ board.weights / board.weights.sum())
    company = float(sum(place.company * len(part) for place, part in zip(places, parts, strict=True)) / len(of))
    in_one = [board.alike[:, evidence.rows == row].max(1).mean() for row in range(evidence.rows.max() + 1)]
    against = next((place for place in places if place.contradiction), None)
    return Finding(
        found,
        company,
        max(company - 0.6, 0) * (1 - min(2 * float(worth.min()), 1)),
        max(float(max(in_one)) - found, 0),
        int(board.rows[against.segment]) if against else int(np.argmax(in_one)),
        against.contradiction if against else "",
        [word.text for word, own in zip(claim.words, board.own, strict=True) if not own and _has_to_be_there(word)],
    )


def _has_to_be_there(word: Word) -> bool:
    """Whether what is said cannot be true of the passages without this word; "two friends" may be counted."""
    return word.kind in CRITICAL and not (word.kind == "number" and word.text.isalpha())


class _Board:
    """A claim's words beside the evidence's, by the evidence's segments."""

    def __init__(self, claim: Side, evidence: Side, known: frozenset[str]) -> None:
        self.claim, self.words, self.row_of = claim.words, evidence.words, evidence.rows
        same, self.rival = _relations(claim.words, evidence.words)
        self.alike = _alignment(claim, evidence, same, self.rival)
        self.own = np.array([word.key in known for word in claim.words]) | same.any(1)
        self.names = np.array([word.kind == "name" for word in claim.words])
        self.weights = np.array([2 if w.kind in CRITICAL else 1.5 if w.sides else 1 for w in claim.words])
        segments = np.array([word.segment for word in evidence.words])
        self.starts = np.flatnonzero(np.diff(evidence.rows, prepend=-1) | np.diff(segments, prepend=-1))
        self.ends = np.append(self.starts[1:], len(segments))
        self.rows = evidence.rows[self.starts]
        self.there = np.maximum.reduceat(self.alike, self.starts, axis=1)
        self.rivals = np.logical_or.reduceat(self.rival, self.starts, axis=1)

    def place(self, part: np.ndarray) -> _Place:
        """Find the segment that words which keep company fit best."""
        alien = np.maximum.reduceat(self.alike[part].max(0) < THERE, self.starts)
        places = [self._at(part, segment, int(alien[segment])) for segment in range(len(self.starts))]
        return max(places, key=lambda place: place.score)

    def _at(self, part: np.ndarray, segment: int, alien: int) -> _Place:
        weights, own, inside = self.weights[part], self.own[part], self.there[part, segment]
        near = self.rows == self.rows[segment]
        outside = [self.there[part][:, rows].max(1, initial=0) for rows in (near, ~near)]
        worth = np.maximum(inside, (OUTSIDE[alien][:, None] * outside).max(0))
        company = float(inside @ weights / weights.sum())
        others = (inside @ weights - inside * weights) / np.maximum(weights.sum() - weights, 0.01)
        rival = self.rivals[part, segment] & (inside < THERE)
        against = rival & (others >= np.take(COMPANY, own.astype(int))) & ~(own & self.names[part])
        negated = self._negated(part, segment) if company >= SAYS_NOT else ""
        fit = np.where(against, -0.5, np.where(rival & ~own, 0, worth))
        score = float(fit @ weights / weights.sum()) + company / 2 - (0.5 if negated else 0)
        contradiction = self._instead(part[against][0], segment) if against.any() else negated
        return _Place(score, segment, np.maximum(fit, 0), company, contradiction)

    def _instead(self, word: int, segment: int) -> str:
        """What stands in a word's place."""
        start = self.starts[segment]
        other = self.words[start + int(self.rival[word, start : self.ends[segment]].argmax())]
        return f"it says “{other.text}”, not “{self.claim[word].text}”"

    def _negated(self, part: np.ndarray, segment: int) -> str:
        """What only one of the two negates, with the very word; "" if another place of the sentence agrees."""
        governed: dict[tuple[int, int], list[tuple[bool, int]]] = {}
        sentence = np.flatnonzero(self.row_of == self.rows[segment])
        for i in part:
            alike = self.alike[i, sentence]
            best = sentence[alike >= max(THERE, alike.max() - 0.01)]
            here = best[(self.starts[segment] <= best) & (best < self.ends[segment])]
            if not len(here):
                continue
            agree = any(_agree(self.claim[i], self.words[j]) for j in best)
            for side, word in enumerate((self.claim[i], self.words[here[0]])):
                if word.negation:
                    governed.setdefault((side, word.negation), []).append((agree, i))
        for words in governed.values():
            if not any(agree for agree, _ in words) and self.alike[words[0][1]].max() == 1:
                return f"only one of the two says not of “{self.claim[words[0][1]].text}”"
        return ""


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
    return bool(set(c.sides) & set(e.sides)) or (_are_opposites(c, e) and bool(c.negation) != bool(e.negation))


def _excludes(c: Word, e: Word) -> bool:
    """Whether one word rules out the other: another number, code or name; another side of a set."""
    if c.kind in CRITICAL and c.kind == e.kind:
        return _shape(c.text) == _shape(e.text) if c.kind == "code" else c.unit == e.unit
    return _are_opposites(c, e) and bool(c.negation) == bool(e.negation)


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
    alike[np.logical_or.outer(*([word.kind in EXACT for word in side.words] for side in (claim, evidence)))] = 0
    for row in range(evidence.rows.max() + 1):
        here = evidence.rows == row
        alike[np.ix_((same | rival)[:, here].any(1), here)] = 0
    alike[same] = 1
    return alike

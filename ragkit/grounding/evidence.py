"""Whether what a claim says stands in the evidence: its words aligned with the evidence's, and the company they keep.

Each word of the claim is looked for in the evidence: the same word, or one of like vector in its context. That the
words are there is not enough: those that keep company in the claim have to keep company there. Where another number,
name or opposite stands in their company, or a *not* more or less, the claim is contradicted.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from ragkit.grounding.alignment import CRITICAL, EXACT, Side, agree, align, relate
from ragkit.words.facts import Word

THERE = 0.5
"""Likeness, 0 to 1, from which a word of the evidence stands for one of the claim."""

OUTSIDE = np.array([[1.0, 0.5], [0.5, 0.0]])
"""What a word is worth that stands outside its company: in the same sentence, in another. Second row: where a word that
the claim lacks may stand in its place; a word of the question counts in another one all the same."""

INSTEAD = (0.6, 0.65, 0.9)
"""Share of a word's company in which another number, name or opposite must stand to contradict it: where the word is
nowhere in the passages; where it is, but in less of this company; and there for a name, as passages are full of them.
"""

SAYS_NOT = 0.5
"""Share of its company in which a *not* more or less counts."""


class StandIn(NamedTuple):
    """A word of the claim, and the one that stands in its place in the evidence; places in the lists of words."""

    word: int
    other: int


class Finding(NamedTuple):
    """What the evidence has of a claim.

    Attributes
    ----------
    worth : ndarray, float, shape (words,)
        How much of each word is there, 0 to 1; less for what stands outside its company.
    weights : ndarray, float, shape (words,)
        Numbers, codes and names count twice.
    company : float
        Share that is there in its company.
    in_one : float
        Share of the words that one sentence has, whatever their company.
    stand_ins : list of StandIn
        Words that are not there themselves, while their company is.
    row : int
        The sentence that has most of it, or contradicts it.
    contradiction : str
        What the evidence says instead, or "".
    missing : list of str
        Numbers, codes and names that are nowhere in the passages.
    """

    worth: np.ndarray
    weights: np.ndarray
    company: float
    in_one: float
    stand_ins: list[StandIn]
    row: int
    contradiction: str
    missing: list[str]

    @property
    def found(self) -> float:
        """Share that is there, 0 to 1."""
        return float(self.worth @ self.weights / self.weights.sum())

    @property
    def alien(self) -> float:
        """How much one word is alien where the others are there in their company, 0 to 0.4."""
        return max(self.company - 0.6, 0) * (1 - min(2 * float(self.worth.min()), 1))

    @property
    def scattered(self) -> float:
        """Share that stands in one sentence, but in other company."""
        return max(self.in_one - self.found, 0)


def examine(claim: Side, evidence: Side, known: Counter[str], asked: frozenset[str] = frozenset()) -> Finding:
    """Look for what a claim says in the evidence.

    Parameters
    ----------
    claim, evidence : Side
        Both with words; the claim is one sentence.
    known : Counter of str
        In how many sentences of the passages, of which the evidence is a part, the word with a key is.
    asked : frozenset of str
        The keys of the question's words: a document need not repeat what it is about in each sentence.
    """
    board = _Board(claim, evidence, known, asked)
    of = np.array([word.segment for word in claim.words])
    worth, company, against, stand_ins = np.zeros(len(of)), 0.0, [], []
    for segment in np.unique(of):
        part = np.flatnonzero(of == segment)
        place, worth[part], share = board.place(part)
        company += share * len(part) / len(of)
        stand_ins += board.stand_ins(part, place)
        against += [found for found in (board.instead(part), board.negated(part, place, worth)) if found]
    row, contradiction = against[0] if against else (int(board.in_row.argmax()), "")
    needed = [
        word for word, own in zip(claim.words, board.own, strict=True) if not own and _has_to_be_there(word)
    ]
    missing = [word.text for word in needed]
    return Finding(
        worth, board.weights, company, float(board.in_row.max()), stand_ins, row, contradiction, missing
    )


def _has_to_be_there(word: Word) -> bool:
    """Whether what is said cannot be true of the passages without this word; "two friends" may be counted."""
    return word.kind in CRITICAL and not (word.kind == "number" and word.text.isalpha())


class _Board:
    """A claim's words beside the evidence's, by the evidence's segments."""

    def __init__(self, claim: Side, evidence: Side, known: Counter[str], asked: frozenset[str]) -> None:
        self.claim, self.words = claim.words, evidence.words
        same, self.rival = relate(claim.words, evidence.words)
        self.cosines = claim.vectors @ evidence.vectors.T
        self.alike = align(self.cosines, claim.words, evidence, same, self.rival)
        self.own = np.array([word.key in known for word in claim.words]) | same.any(1)
        self.weights = np.array([2 if w.kind in CRITICAL else 1.5 if w.sides else 1 for w in claim.words])
        self.rare = np.array([1 / (1 + np.log(max(known[word.key], 1))) for word in claim.words])
        self.asked = np.array([word.key in asked for word in claim.words])
        self.bound = np.array([word.kind in EXACT or bool(word.sides) for word in claim.words])
        ids = [(row, word.segment) for row, word in zip(evidence.rows.tolist(), evidence.words, strict=True)]
        self.segments = [
            np.array([i for i, each in enumerate(ids) if each == one]) for one in dict.fromkeys(ids)
        ]
        self.rows = np.array([evidence.rows[places[0]] for places in self.segments])
        rows = range(evidence.rows.max() + 1)
        self.by_row = np.array([self.alike[:, evidence.rows == row].max(1) for row in rows]).T
        self.in_row = self.by_row.mean(0)
        self.there = np.array([self.alike[:, places].max(1) for places in self.segments]).T
        self.rivals = np.array([self.rival[:, places].any(1) for places in self.segments]).T
        heads = [self.alike[:, self._head(np.flatnonzero(evidence.rows == row))] for row in rows]
        self.shared = np.maximum(
            self.there, np.array([head.max(1, initial=0) for head in heads])[self.rows].T
        )

    def _head(self, places: np.ndarray) -> np.ndarray:
        """What stands in a sentence before its first number: it is said of all its numbers."""
        numbers = [n for n, place in enumerate(places) if n and self.words[place].kind in ("number", "year")]
        return places[: numbers[0]] if numbers else places[:0]

    def company(self, part: np.ndarray) -> np.ndarray:
        """Share of a part of the claim that stands in each segment."""
        return self.weights[part] @ self.there[part] / self.weights[part].sum()

    def place(self, part: np.ndarray) -> tuple[int, np.ndarray, float]:
        """The segment that a part of the claim fits best; worth of its words there, and the share in it."""
        company = self.company(part)
        aliens = np.array([self._has_alien(part, segment) for segment in range(len(self.segments))])
        elsewhere = self._elsewhere(part, aliens)
        worth = np.array([self._worth(part, n, bool(alien), *elsewhere) for n, alien in enumerate(aliens)])
        best = int(np.argmax(worth @ self.weights[part] / self.weights[part].sum() + company / 2))
        return best, worth[best], float(company[best])

    def stand_ins(self, part: np.ndarray, segment: int) -> list[StandIn]:
        """Words of a part that are not there while their company is, with the likest word there that is in no use."""
        there, weights = self.there[part, segment], self.weights[part]
        company = (there @ weights - there * weights) / np.maximum(weights.sum() - weights, 0.01)
        free = [
            j
            for j in self.segments[segment]
            if self.alike[:, j].max() < 1 and self.words[j].kind not in EXACT
        ]
        sentence = self.there[part][:, self.rows == self.rows[segment]].max(1)
        asked = (company >= SAYS_NOT) & (sentence < 1) & (self.there[part].max(1) > 0)
        found = [
            i for i, is_asked in zip(part, asked, strict=True) if is_asked and self.claim[i].kind not in EXACT
        ]
        return [StandIn(int(i), max(free, key=lambda j: self.cosines[i, j])) for i in found if free]

    def _worth(
        self, part: np.ndarray, segment: int, alien: bool, inside: np.ndarray, outside: np.ndarray
    ) -> np.ndarray:
        """Worth of each word if its company is that segment; what words out of it are worth is from `_elsewhere`."""
        near = self.rows == self.rows[segment]
        others = outside[:, ~near].max(1, initial=0)
        # a number of another sentence is one of something else, and so is a name where this one has another
        others[self.bound[part] | self.rivals[part][:, near].any(1)] = 0
        far = np.where(self.asked[part], OUTSIDE[0, 1], OUTSIDE[int(alien), 1])
        there = self.there[part, segment]
        ruled_out = self.rivals[part, segment] & (self.bound[part] | ~self.own[part]) & (there < 1)
        worth = [there, OUTSIDE[int(alien), 0] * inside[:, near].max(1), far * others]
        return np.max(worth, axis=0) * ~ruled_out

    def _has_alien(self, part: np.ndarray, segment: int) -> bool:
        """Whether a segment has a word that the part lacks."""
        return bool((self.alike[np.ix_(part, self.segments[segment])].max(0) < THERE).any())

    def _elsewhere(self, part: np.ndarray, aliens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How much of each word is in each segment, (part, segments) twice: for others of its sentence, and for those
        of another one.

        Less where the segment has another name; in another sentence nothing where it has another name or number, or
        says the same of something else ("Maria brings the chocolate cake", of a part with "Ben").
        """
        there, weights = self.there[part], self.weights[part][:, None]
        others = (weights * there).sum(0) - weights * there
        company = others / np.maximum(weights.sum() - weights, 0.01)
        parallel = (company >= SAYS_NOT) & (company < 1) & aliens
        anothers = self.rivals[part] & (there < 1)
        names = [self.claim[i].kind == "name" for i in part]
        inside = np.where(anothers[names].any(0), OUTSIDE[1, 0] * there, there)
        return inside, np.where(parallel | anothers.any(0), 0, there)

    def instead(self, part: np.ndarray) -> tuple[int, str] | None:
        """What stands in the company of a word of the part where the word itself does not; with its sentence."""
        weights = self.weights[part] * self.rare[part]
        if len(part) < 2:
            return None
        for k, i in enumerate(part):
            others, in_rows = (
                (weights @ shares[part] - weights[k] * shares[i]) / (weights.sum() - weights[k])
                for shares in (self.shared, self.by_row)
            )
            rival = np.where(self.rivals[i] & (self.there[i] < 1), others, 0)
            mine = np.where(self.there[i] == 1, others, 0).max()
            nearer = np.where(self.by_row[i] == 1, in_rows, 0).max()  # a sentence that says more of it
            segment = int(rival.argmax())
            known = 2 * self.own[i] if self.claim[i].kind == "name" else self.own[i]
            enough = rival[segment] >= max(INSTEAD[int(known)], mine + 0.2)
            if enough and in_rows[self.rows[segment]] >= nearer:
                places = self.segments[segment]
                other = self.words[places[int(self.rival[i, places].argmax())]]
                return int(self.rows[segment]), f"it says “{other.text}”, not “{self.claim[i].text}”"
        return None

    def negated(self, part: np.ndarray, place: int, worth: np.ndarray) -> tuple[int, str] | None:
        """What only one of the two negates; worth nothing, but no contradiction, where another segment agrees."""
        company = self.weights[part] @ self.by_row[part] / self.weights[part].sum()
        best = int(self.rows[place])
        said = {row: self._negated_in(part, row) for row in np.flatnonzero(company >= SAYS_NOT).tolist()}
        for row in sorted(said, key=lambda row: (row != best, -company[row])):
            if (i := said[row]) is None:
                continue
            if not any(other is None and self.by_row[i, n] >= THERE for n, other in said.items()):
                return row, f"only one of the two says not of “{self.claim[i].text}”"
            if row == best:
                worth[i] = 0
        return None

    def _negated_in(self, part: np.ndarray, row: int) -> int | None:
        """A word that only one of the two negates: one has a negation more, of what the other says plainly."""
        governed: dict[tuple[int, int], list[tuple[bool, int]]] = {}
        places = np.concatenate([self.segments[n] for n in np.flatnonzero(self.rows == row)])
        for i in part:
            likest = places[self.alike[i, places] == self.by_row[i, row]]
            there = self.by_row[i, row] >= THERE
            j = max(likest, key=lambda j: agree(self.claim[i], self.words[j]))
            same = there and agree(self.claim[i], self.words[j])
            if self.claim[i].negation:
                governed.setdefault((0, self.claim[i].negation), []).append((same, i))
            if there and self.words[j].negation:
                governed.setdefault((1, self.words[j].negation), []).append((same, i))
        alone = {side: words for (side, _), words in governed.items() if not any(same for same, _ in words)}
        if len(alone) != 1:  # none, or one each: then they say the same in other words
            return None
        words = [i for words in alone.values() for _, i in words if self.by_row[i, row] == 1]
        return int(words[0]) if words else None

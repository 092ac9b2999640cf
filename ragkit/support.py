"""Whether what a claim says stands in the evidence: its words aligned with the evidence's, and the company they keep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ragkit.facts import Word, read

EXACT = ("number", "year", "code")
CRITICAL = ("number", "year", "code", "name")


class Evidence(NamedTuple):
    """Words of the evidence's sentences, one after the other."""

    words: list[Word]
    rows: np.ndarray  # (n,) the sentence of each
    vectors: np.ndarray  # (n, d) unit


def loud(words: Sequence[Word]) -> list[int]:
    return [i for i, word in enumerate(words) if word.kind != "small"]


def align(claim: list[Word], evidence: list[Word], cosines: np.ndarray) -> np.ndarray:
    """How much each word of the claim is each word of the evidence, 0 to 1; shape (claim, evidence)."""
    same = np.array([[is_same(c, e) for e in evidence] for c in claim]).reshape(cosines.shape)
    other = cosines[~same]
    base = float(other.mean()) if other.size else 0.0
    alike = np.clip((cosines - base) / (1 - base), 0, 1)
    exact = np.array([[c.kind in EXACT or e.kind in EXACT for e in evidence] for c in claim]).reshape(cosines.shape)
    alike[exact] = 0
    alike[same] = 1
    return alike


def is_same(c: Word, e: Word) -> bool:
    if c.key == e.key:
        return True
    if c.kind in EXACT or e.kind in EXACT:
        return False
    return bool(c.sides) and any(s in e.sides for s in c.sides)


def is_rival(c: Word, e: Word) -> bool:
    """Whether one word excludes the other: another number, another code, another name, another side of a set."""
    if c.key == e.key:
        return False
    if c.kind in CRITICAL and c.kind == e.kind:
        return c.kind != "code" or shape(c.text) == shape(e.text)
    mine, its = dict(c.sides), dict(e.sides)
    return any(name in its and its[name] != side for name, side in c.sides) and not is_same(c, e)


def shape(code: str) -> str:
    return re.sub(r"[^\W\d_]+", "A", re.sub(r"\d+", "9", code))


def company(at: int, claim: list[Word], places: Sequence[int], alike: np.ndarray, evidence: Evidence, weights: np.ndarray) -> np.ndarray:
    """How much of a claim's word's company stands around each place of the evidence; shape (places,), 0 to 1."""
    others = [i for i in range(len(claim)) if i != at]
    if not others:
        return np.zeros(len(places))
    near = weights[others] / (1 + np.abs(np.array(others) - at)) ** 0.5
    n = np.arange(len(evidence.words))
    found = []
    for place in places:
        reach = np.where(evidence.rows == evidence.rows[place], 1 / (1 + np.abs(n - place) / 4), 0)
        reach[place] = 0
        found.append(float(near @ (alike[others] * reach).max(1) / near.sum()))
    return np.array(found)

"""Search by words: BM25, which finds the names and codes that embeddings blur."""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")
FUNCTION_WORDS = frozenset(
    """
    a about an and any are as at be been but by can could did do does each for from had has have how i if in into is it
    its me my no not of on one or other our should so some such than that the their them then there these they this
    those to two was we were what when where which who whom whose why will with would you your
    """.split()  # noqa: SIM905
)
"""English words that tell nothing about what a text is about."""


def words_of(text: str) -> list[str]:
    """Split a text into the words that it can be found by: small letters, no function words.

    Chinese and Japanese letters stand one by one, as nothing parts the words there.

    >>> words_of("What does the AMDR of vitamin B6 say?")
    ['amdr', 'vitamin', 'b6', 'say']
    """
    return [word for word in _WORD.findall(text.lower()) if word not in FUNCTION_WORDS]


def stem(word: str) -> str:
    """Cut a word's last letters off, so that *cures* and *cured* count as one, and *vitamin* and *vitamins*.

    >>> stem("cures"), stem("iron"), stem("vitamins")
    ('cure', 'iron', 'vita')
    """
    singular = re.sub("(?<![isu])s$", "", word)  # but diagnosis, virus, glass
    return singular[: max(4, len(singular) - 3)]


def abbreviations_of(text: str) -> list[str]:
    """The words of two and more capitals.

    >>> abbreviations_of("What does the abbreviation AMDR stand for?")
    ['AMDR']
    """
    return re.findall(r"\b[A-Z]{2,}\b", text)


def _bm25s() -> Any:
    """Import bm25s without JAX, which it would try out where it is installed: JAX takes three quarters of a GPU."""
    jax = {"jax": sys.modules["jax"]} if sys.modules.get("jax") else {}
    sys.modules["jax"] = None  # type: ignore[assignment]
    try:
        import bm25s
    finally:
        sys.modules.pop("jax", None)  # two threads may be here at once
        sys.modules.update(jax)
    return bm25s


class Keywords:
    """The words of some texts, to score the texts by the words of a question.

    Attributes
    ----------
    counts : Counter
        In how many of the texts each word occurs.
    stems : set of str
        The stems of all the words.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        words = [words_of(text) for text in texts]
        self.counts = Counter(word for each in words for word in set(each))
        self.stems = {stem(word) for word in self.counts}
        self.n, self._bm25 = len(texts), _bm25s().BM25()
        if self.counts:
            self._bm25.index(words, show_progress=False)

    def rarity(self, word: str) -> float:
        """Tell how much a word tells: its inverse document frequency, above 0; most for one that is in no text."""
        return math.log(1 + (self.n - self.counts[word] + 0.5) / (self.counts[word] + 0.5))

    def scores(self, question: str) -> np.ndarray:
        """Score every text by how often it has the question's words, and by how rare these are: BM25.

        Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), in Lucene's form, as
        bm25s computes it; divided by what a text full of all the words would reach.

        Returns
        -------
        ndarray, float32, shape (n,)
            0 to 1; 0 where no word of the question occurs.
        """
        words = words_of(question)
        known = [word for word in words if word in self.counts]
        if not known:
            return np.zeros(self.n, dtype=np.float32)
        return self._bm25.get_scores(known) / np.float32(sum(map(self.rarity, words)))

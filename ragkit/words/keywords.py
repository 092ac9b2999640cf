"""Search by words: BM25, which finds the names and codes that embeddings blur."""

from __future__ import annotations

import functools
import importlib.util
import math
import re
import runpy
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import snowballstemmer

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\d+\.\d+|[^\W_]+")
_WITH_DIGITS = re.compile(r"(?<!\S)(?:[A-Z]{2,4}[ ](?=\d{1,3}\b))?[^\s\d]*\d\S*")
_PIECE = re.compile(r"[A-Z]{2,4}[ ]\d{1,3}\b(?![.,]\d)|\d+(?:[.,]\d+)+|[^\W_]+(?:[-‐‑][^\W_]+)*")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3}){2,}")
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_AMOUNT = re.compile(r"\d+-?[^\W\d_]*[^\W\d_A-Z][^\W\d_]*|[^\W\d_]+-?(?:19|20)\d\d")  # 400mg, 18th; FY2021
_LONGEST_PART = 3  # letters in a row in a code; "omega-3" and "covid-19" are a word and a number
FUNCTION_WORDS = frozenset(
    """
    a about an and any are as at be been but by can could did do does each for from had has have how i if in into is it
    its me my no not of on one or other our should so some such than that the their them then there these they this
    those to two was we were what when where which who whom whose why will with would you your
    """.split()  # noqa: SIM905
)
"""English words that tell nothing about what a text is about."""

_ALSO_ASKED_WITH = {"german": "darf dürfen gibt wann warum wem wen wer wessen wieso woher wohin"}
"""What asks a question, and is in no list of words that are left out of texts."""

_OF_THE_ASKING = """
    allow answer appear come document following format give go kind list many may mean mention much name need page
    picture put say section show slide someone tell text total type yyyy mm dd bedeutet heißt kostet nennen seite viele
"""

ALIKE = 3
"""Letters that the forms of a word begin with."""

TOGETHER = 0.2
"""How much a text has of two sets of words, each beside the text that has most of it, if it speaks of both. Chosen on
30 follow-ups (those that need the question before: 0.34 and more) and 14 changes of subject (seven under 0.1)."""

_LOOKED_AT = 100
"""Words by which a text's language is known: its first ones."""


@functools.cache
def stop_words() -> dict[str, frozenset[str]]:
    """The words of each language that tell nothing: those of bm25s, and for English the ones above."""
    known = {name: words for name, words in _lists().items() if name in snowballstemmer.algorithms()}
    more = {name: frozenset(words.split()) for name, words in _ALSO_ASKED_WITH.items()}
    return {"english": FUNCTION_WORDS} | {
        name: words | more.get(name, frozenset()) for name, words in known.items()
    }


@functools.cache
def _lists() -> dict[str, frozenset[str]]:
    """The lists of bm25s, from the one file that holds them: importing all of it takes longer than searching."""
    package = importlib.util.find_spec("bm25s")
    assert package
    assert package.origin
    lists = runpy.run_path(str(Path(package.origin).with_name("stopwords.py")))
    return {
        name.removeprefix("STOPWORDS_").lower(): frozenset(lists[name]) for name in lists if name.isupper()
    }


def language_of(text: str) -> str:
    """The language most of whose function words stand at the beginning of a text; English where none tell.

    >>> language_of("Was kostet ein Cappuccino?"), language_of("What is the AMDR?"), language_of("88-4425-B")
    ('german', 'english', 'english')
    """
    return _language(words[:_LOOKED_AT] if (words := _WORD.findall(text.lower())) else ())


@functools.cache
def _languages() -> dict[str, list[str]]:
    """Of each function word, the languages that it is one of."""
    found: dict[str, list[str]] = {}
    for name, words in stop_words().items():
        for word in words:
            found.setdefault(word, []).append(name)
    return found


def _language(words: Sequence[str]) -> str:
    known = _languages()
    counts = Counter(name for word in words for name in known.get(word, ()))
    return max(counts, key=lambda name: (counts[name], name == "english")) if counts else "english"


def words_of(text: str) -> list[str]:
    """Split a text into the words that it can be found by: small letters, no function words of its language.

    A code is one word however it is written, a number has one form, and Chinese and Japanese letters stand one by one,
    as nothing parts the words there.

    >>> words_of("What does the AMDR of vitamin B-6 say? IP 44, 88-4425-B, 1,480.")
    ['amdr', 'vitamin', 'b6', 'say', 'ip44', 'ip', '44', '884425b', '1480']
    """
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)  # CO₂
    words = _WORD.findall(_WITH_DIGITS.sub(lambda match: _PIECE.sub(_as_looked_for, match[0]), text).lower())
    left_out = stop_words()[_language(words[:_LOOKED_AT])]
    return [word for word in words if word not in left_out]


def _as_looked_for(match: re.Match[str]) -> str:
    """A number or a code in its one form, in words: "IP 44" is found as IP44, and by IP."""
    text = match[0]
    if " " in text:
        return f"{text.replace(' ', '')} {text}"
    if text[0].isdigit() and ("." in text or "," in text):
        return re.sub("[.,]", "", text) if _GROUPED.fullmatch(text) else text.replace(",", ".")
    parts = _PARTS.findall(text)
    short = all(len(part) <= _LONGEST_PART for part in parts if part.isalpha())
    code = is_code(text) and short and not _AMOUNT.fullmatch(text)
    return ("" if code else " ").join(parts)


def is_code(word: str) -> bool:
    """Whether a word names one thing of many: letters with digits.

    >>> is_code("b12"), is_code("1480"), is_code("iron")
    (True, False, False)
    """
    return any(sign.isdigit() for sign in word) and any(sign.isalpha() for sign in word)


@functools.lru_cache(maxsize=50_000)
def stem(word: str, language: str = "english") -> str:
    """What the forms of a word have in common, by Snowball: *cures* and *cured* count as one.

    >>> stem("cures"), stem("running"), stem("protein"), stem("proton"), stem("Müllers", "german")
    ('cure', 'run', 'protein', 'proton', 'mull')
    """
    return _stemmer(language).stemWord(word.lower())


@functools.cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(language)


@functools.cache
def stems_of_asking(language: str) -> frozenset[str]:
    """Stems of words that ask, or speak of the answer and the document: that a document lacks them tells nothing."""
    more = _lists()["en_plus"] if language == "english" else stop_words()[language]
    return frozenset(stem(word, language) for word in [*more, *_OF_THE_ASKING.split()])


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


def shares(texts: Sequence[str], weights: Mapping[str, float], language: str = "english") -> np.ndarray:
    """How much of some words stands in each text, in one form or another: 0 to 1, by their weights, shape (texts,).

    >>> shares(["He cured them.", "Nothing."], {"cures": 3.0, "scurvy": 1.0}).tolist()
    [0.75, 0.0]
    """
    wanted: dict[str, float] = {}
    for word, weight in weights.items():
        wanted[stem(word, language)] = max(weight, wanted.get(stem(word, language), 0.0))
    begins, total = {word[:ALIKE] for word in weights}, sum(wanted.values())
    if not total:
        return np.zeros(len(texts), dtype=np.float32)
    found = [{stem(word, language) for word in words_of(text) if word[:ALIKE] in begins} for text in texts]
    return np.array([sum(wanted.get(word, 0.0) for word in each) for each in found], dtype=np.float32) / total


class Keywords:
    """The words of some texts, to score the texts by the words of a question.

    Attributes
    ----------
    counts : Counter
        In how many of the texts each word occurs.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        words = [words_of(text) for text in texts]
        self.counts = Counter(word for each in words for word in set(each))
        self.n, self._bm25 = len(texts), _bm25s().BM25()
        if self.counts:
            self._bm25.index(words, show_progress=False)

    def together(self, some: Iterable[str], others: Iterable[str]) -> bool:
        """Tell whether one text speaks of some words and of others; of those that no text has, nobody can say."""
        scores = [self.scores(" ".join(words)) for words in (some, others)]
        most = [max(each, default=0) for each in scores]
        return not all(most) or max(np.minimum(scores[0] / most[0], scores[1] / most[1])) >= TOGETHER

    def rarity(self, word: str) -> float:
        """Tell how much a word tells: its inverse document frequency, above 0; most for one that is in no text."""
        return math.log(1 + (self.n - self.counts[word] + 0.5) / (self.counts[word] + 0.5))

    def count_of_forms(self, word: str, language: str) -> int:
        """In how many texts a word occurs in one form or another; too many where a text has two of its forms."""
        forms = [
            other
            for other in self._alike.get(word[:ALIKE], ())
            if stem(other, language) == stem(word, language)
        ]
        return min(self.n, sum(self.counts[form] for form in forms))

    @functools.cached_property
    def _alike(self) -> dict[str, list[str]]:
        """The words by their first letters, so that only few have to be stemmed."""
        found: dict[str, list[str]] = {}
        for word in self.counts:
            found.setdefault(word[:ALIKE], []).append(word)
        return found

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

"""Search by words: BM25, which finds the names and codes that embeddings blur."""

from __future__ import annotations

import functools
import itertools
import math
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ragkit.words.compounds import Compounds
from ragkit.words.contacts import NAMED, shown_named
from ragkit.words.languages import LOOKED_AT, WORD, language_among, stem, stop_words

_WITH_DIGITS = re.compile(r"(?<!\S)(?:[A-Z]{2,4}[ ](?=\d{1,3}\b))?[^\s\d]*\d\S*")
_PIECE = re.compile(r"[A-Z]{2,4}[ ]\d{1,3}\b(?![.,]\d)|\d+(?:[.,]\d+)+|[^\W_]+(?:[-‐‑][^\W_]+)*")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3}){2,}")
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_AMOUNT = re.compile(r"\d+-?[^\W\d_]*[^\W\d_A-Z][^\W\d_]*|[^\W\d_]+-?(?:19|20)\d\d")  # 400mg, 18th; FY2021
_LONGEST_PART = 3  # letters in a row in a code; "omega-3" and "covid-19" are a word and a number
ALIKE = 3
"""Letters that the forms of a word begin with."""

TOGETHER = 0.2
"""How much a text has of two sets of words, each beside the text that has most of it, if it speaks of both. Chosen on
30 follow-ups (those that need the question before: 0.34 and more) and 14 changes of subject (seven under 0.1)."""


def words_of(text: str) -> list[str]:
    """Split a text into the words that it can be found by: small letters, no function words of its language.

    A code is one word however it is written, a number has one form, and Chinese and Japanese letters stand one by one,
    as nothing parts the words there. An e-mail address, a telephone number and a web page are found by these names.

    >>> words_of("What does the AMDR of vitamin B-6 say? IP 44, 88-4425-B, 1,480.")
    ['amdr', 'vitamin', 'b6', 'say', 'ip44', 'ip', '44', '884425b', '1480']
    """
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)  # CO₂
    text = _WITH_DIGITS.sub(lambda match: _PIECE.sub(_as_looked_for, match[0]), shown_named(text))
    words = WORD.findall(text.lower())
    left_out = stop_words()[language_among(words[:LOOKED_AT])]
    return [NAMED.get(word, word) for word in words if word not in left_out]


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


def shares(
    texts: Sequence[str],
    weights: Mapping[str, float],
    forms: Callable[[str], Sequence[str]] = lambda word: (stem(word),),
) -> np.ndarray:
    """How much of some words stands in each text, in one form or another: 0 to 1, by their weights, shape (texts,).

    `forms` gives what the forms of a word have in common: the English stem by default, see `Keywords.forms`.

    >>> shares(["He cured them.", "Nothing."], {"cures": 3.0, "scurvy": 1.0}).tolist()
    [0.75, 0.0]
    """
    wanted: dict[str, float] = {}
    for word, weight in weights.items():
        for form in (found := forms(word)):
            wanted[form] = max(weight / len(found), wanted.get(form, 0.0))
    total = sum(wanted.values())
    if not total:
        return np.zeros(len(texts), dtype=np.float32)
    found_in = [{form for word in words_of(text) for form in forms(word)} for text in texts]
    return (
        np.array([sum(wanted.get(form, 0.0) for form in each) for each in found_in], dtype=np.float32) / total
    )


def looked_for(words: Sequence[str], language: str, compounds: Compounds | None) -> list[str]:
    """What words are looked for by in documents of a language: with its compounds their stems, else as written."""
    if compounds is None:
        return list(words)
    left_out = stop_words()[language]
    return [form for word in words if word not in left_out for form in compounds.parts_of(word)]


class Keywords:
    """The words of some texts, to score the texts by the words of a question.

    In an English document a word is looked for as it is written; in others, where a word has more forms, by its stem,
    and a compound by the stems of its parts: docs/search.md says what that finds.

    Parameters
    ----------
    texts : sequence of str
    languages : sequence of str
        The language of each text's document, as `language_of` tells it; none: English.

    Attributes
    ----------
    counts : Counter
        In how many of the texts each word occurs: as it is looked for.
    written : tuple of str
        The words as the texts have them.
    """

    def __init__(self, texts: Sequence[str], languages: Sequence[str] = ()) -> None:
        self.n, self._bm25 = len(texts), _bm25s().BM25()
        self._languages = np.array(languages or ["english"] * self.n)
        words = [words_of(text) for text in texts]
        self.written = tuple(dict.fromkeys(itertools.chain.from_iterable(words)))
        self._compounds = {
            name: Compounds(itertools.compress(words, self._languages == name), name)
            for name in set(languages) - {"english"}
        }
        terms = [self._terms(each, name) for each, name in zip(words, self._languages.tolist(), strict=True)]
        self.counts = Counter(term for each in terms for term in set(each))
        if self.counts:
            self._bm25.index(terms, show_progress=False)

    def forms(self, word: str, language: str) -> tuple[str, ...]:
        """What a word has in common with its other forms: its stem; or, of a compound, the stems of its parts."""
        if compounds := self._compounds.get(language):
            return compounds.parts_of(word)
        return (stem(word, language),)

    @property
    def languages(self) -> frozenset[str]:
        """The languages of the texts."""
        return frozenset(self._languages.tolist())

    def _terms(self, words: Sequence[str], language: str) -> list[str]:
        """What words are looked for by in documents of a language."""
        return looked_for(words, language, self._compounds.get(language))

    def terms_of(self, question: str) -> list[str]:
        """What a question's words are looked for by, in every language that these texts have."""
        words, languages = words_of(question), dict.fromkeys(self._languages.tolist())
        return list(dict.fromkeys(term for name in languages for term in self._terms(words, name)))

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
        if language in self._compounds:
            return min(self.counts[form] for form in self.forms(word, language))
        forms = [
            other
            for other in self._alike.get(word[:ALIKE], ())
            if stem(other, language) == stem(word, language)
        ]
        return min(self.n, sum(self.counts[form] for form in forms))

    def missing(self, word: str, language: str) -> float:
        """How much of a word no text has, in any form: 0 or 1, or of a compound the share of its parts."""
        if self.count_of_forms(word, language):
            return 0.0
        parts = self.forms(word, language)
        return (
            sum(not self.counts[part] for part in parts) / len(parts) if language in self._compounds else 1.0
        )

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
        scores = np.zeros(len(self._languages), dtype=np.float32)
        for language in set(self._languages.tolist()):
            words = self._terms(words_of(question), language)
            known = [word for word in words if word in self.counts]
            if known:
                share = self._sums(known) / np.float32(sum(map(self.rarity, words)))
                scores = np.where(self._languages == language, share, scores)
        return scores

    def _sums(self, words: list[str]) -> np.ndarray:
        """The BM25 of every text for words that some have."""
        return self._bm25.get_scores(words)

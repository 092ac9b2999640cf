"""Compounds: words that a language writes as one (*Kreditkartennummer*), taken apart by the words beside them.

Not in Romance languages, which write them apart: there, *intercambio* was taken for *int* and *cambi*.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Sequence

from ragkit.words.languages import ROMANCE, folded, stem

LEAST = 4
"""Letters of a part. With 3, 4 and 5 of them BM25 alone puts the right page of the German guide first for 13, 13 and 12
of the first 20 of tests/guide_questions.jsonl, and among five for 19; stems that stay whole for 12 and 18."""

LEAST_KNOWN = 5
"""Letters of a part that is known, beside one that is not: *Nebenkosten* in a text with *Abrechnung* only."""

_LINKS = ("", "s", "es", "n", "en", "e", "er")
"""What German, Dutch and the Scandinavian languages put between two words."""


class Compounds:
    """The words of some texts (the words of each) in a language of `snowballstemmer`, to take others apart by."""

    def __init__(self, texts: Iterable[Sequence[str]], language: str) -> None:
        self._language = language
        self._counts = Counter(form for words in texts for form in {stem(word, language) for word in words})
        self.parts_of = functools.lru_cache(maxsize=50_000)(self._parts_of)
        """The stems that a word is looked for by: those of its parts, or its own."""

    def _parts_of(self, word: str) -> tuple[str, ...]:
        own = stem(word, self._language)
        if self._language in ROMANCE:
            return (own,)
        if own not in self._counts:  # German verbs: "räumt", "gekündigt" for the texts' "räumen", "kündigen"
            others = (own.removesuffix("t"), own.removeprefix("ge").removesuffix("t"), f"{own}t", f"ge{own}t")
            own = next((form for form in others if form in self._counts), own)
        longer = self._longer(own, folded(word.lower()))
        parts = self._parts(longer)
        return parts if len(parts) > 1 or longer in self._counts else self._half(own)

    def _parts(self, word: str) -> tuple[str, ...]:
        """The stems that a stem is made of, each of which stands somewhere by itself; itself for most."""
        pairs = [pair for end in _ends(word) if (pair := self._pair(word[:end], word[end:]))]
        if not pairs:
            return (word,)
        first, last = max(pairs, key=lambda pair: min(self._counts[part] for part in pair))
        return (*self._parts(first), *self._parts(last))

    def _half(self, word: str) -> tuple[str, ...]:
        """Of a stem that nowhere stands by itself the longest part that does, and the rest; itself if none does."""
        known = [
            (len(part), (word[:end], part))
            for end in _ends(word)
            if (part := stem(word[end:], self._language)) in self._counts
        ]
        known += [
            (len(part), (part, word[end:])) for end in _ends(word) if (part := self._linked(word[:end]))
        ]
        length, parts = max(known, default=(0, (word,)))
        return parts if length >= LEAST_KNOWN else (word,)

    def _linked(self, first: str) -> str:
        """The stem of a first part without what links it, if it is known, else ""."""
        begins = (stem(first.removesuffix(link), self._language) for link in _LINKS if first.endswith(link))
        return next((word for word in begins if len(word) >= LEAST - 1 and word in self._counts), "")

    def _pair(self, first: str, second: str) -> tuple[str, str] | None:
        """The stems of two parts, if both are known; the first is the longest that is, without what links it."""
        last = stem(second, self._language)
        if last not in self._counts:
            return None
        begin = self._linked(first)
        return (begin, last) if begin else None

    def _longer(self, word: str, written: str) -> str:
        """For a stem that nowhere stands by itself, the most frequent compound that has it; itself for none.

        It ends with the stem (*Hauswein*), or begins with a long stem or long word: no *Karte* is in *Kartoffel*.
        """
        if word in self._counts or len(word) < LEAST or not word.isalpha():
            return word
        rest = [other for other in self._counts if len(other) >= len(word) + LEAST]
        begins = tuple(each for each in (word, written) if len(each) > LEAST_KNOWN)
        longer = [other for other in rest if other.endswith(word) or other.startswith(begins)]
        return max(longer, key=self._counts.__getitem__, default=word)


def _ends(word: str) -> range:
    """Where a first part of a word may end."""
    return range(LEAST, len(word) - LEAST + 1) if word.isalpha() else range(0)

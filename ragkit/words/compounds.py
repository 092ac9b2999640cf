"""Compounds: words that a language writes as one (*Kreditkartennummer*), taken apart by the words beside them."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Sequence

from ragkit.words.languages import stem

LEAST = 4
"""Letters of a part. With 3, 4 and 5 of them BM25 alone puts the right page of the German guide first for 13, 13 and 12
of the first 20 of tests/guide_questions.jsonl, and among five for 19; stems that stay whole for 12 and 18."""

_LINKS = ("", "s", "es", "n", "en", "e", "er")
"""What German, Dutch and the Scandinavian languages put between two words."""


class Compounds:
    """The words of some texts (the words of each) in a language of `snowballstemmer`, to take others apart by."""

    def __init__(self, texts: Iterable[Sequence[str]], language: str) -> None:
        self._language = language
        self._counts = Counter(form for words in texts for form in {stem(word, language) for word in words})
        self.parts_of = functools.lru_cache(maxsize=50_000)(
            lambda word: self._parts(self._longer(stem(word, language)))
        )
        """The stems that a word is looked for by: those of its parts, or its own."""

    def _parts(self, word: str) -> tuple[str, ...]:
        """The stems that a stem is made of, each of which stands somewhere by itself; itself for most."""
        ends = range(LEAST, len(word) - LEAST + 1) if word.isalpha() else ()
        pairs = [pair for end in ends if (pair := self._pair(word[:end], word[end:]))]
        if not pairs:
            return (word,)
        first, last = max(pairs, key=lambda pair: min(self._counts[part] for part in pair))
        return (*self._parts(first), *self._parts(last))

    def _pair(self, first: str, second: str) -> tuple[str, str] | None:
        """The stems of two parts, if both are known; the first is the longest that is, without what links it."""
        last = stem(second, self._language)
        if last not in self._counts:
            return None
        begins = (stem(first.removesuffix(link), self._language) for link in _LINKS if first.endswith(link))
        begin = next((word for word in begins if len(word) >= LEAST - 1 and word in self._counts), None)
        return (begin, last) if begin else None

    def _longer(self, word: str) -> str:
        """For a stem that nowhere stands by itself, the most frequent compound that has it; itself for none.

        It ends with the stem (*Hauswein*), or begins with a long one: no *Kart* is in *Kartoffel*.
        """
        if word in self._counts or len(word) < LEAST or not word.isalpha():
            return word
        rest = [other for other in self._counts if len(other) >= len(word) + LEAST]
        longer = [
            other for other in rest if other.endswith(word) or (len(word) > 5 and other.startswith(word))
        ]
        return max(longer, key=self._counts.__getitem__, default=word)

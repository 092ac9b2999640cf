"""Words that a line's end broke in two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ragkit.reading.lines import Line

_HYPHENS = ("-", "\u2010", "\u00ad")
_BROKEN = re.compile(r"\w[-\u2010\u00ad]")  # the last two characters
_SUSPENDED = {"and", "or", "to"}  # what follows in "low- and high-fat": nothing is broken there
_COMPOUND = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


class Vocabulary(NamedTuple):
    """The words of a document, but for those broken at a line's end."""

    words: set[str]
    pairs: set[str]  # of words with a hyphen between them

    @classmethod
    def of(cls, texts: Iterable[str]) -> Vocabulary:
        """Collect the words of lines, in lower case."""
        vocabulary, broken = cls(set(), set()), False
        words: set[str] = set()  # taken apart once each: 3 × as fast as at every place
        for text in texts:
            after_break, broken = broken, _is_broken(text)
            words.update(text.split()[after_break : -1 if broken else None])
        for compound in set(_COMPOUND.findall(" ".join(words).casefold())):
            parts = re.split("[-\u2010]", compound)
            vocabulary.words.update(parts)
            vocabulary.pairs.update(map("-".join, pairwise(parts)))
        return vocabulary


def _is_broken(text: str) -> bool:
    """Whether a line ends in a word and a hyphen."""
    return text.endswith(_HYPHENS) and bool(_BROKEN.fullmatch(text[-2:]))


def join_hyphen(left: str, right: str, vocabulary: Vocabulary) -> str:
    """Put together a word that a line's end broke: `left` ends in a hyphen, `right` begins the next line.

    The hyphen goes when the document has the joined word elsewhere, or does not have the hyphenated one.
    Where it has neither, parts that are words of their own keep it ("plant-derived"), and so do links,
    longer compounds and single letters: nobody breaks a word after its first one.

    >>> seen = Vocabulary.of(["a well-known effect of digestion"])
    >>> [join_hyphen(*word.split(), seen) for word in ("diges- tion", "nutri- tion", "well- known", "X- ray")]
    ['digestion', 'nutrition', 'well-known', 'X-ray']
    """
    stem = left[:-1]
    if left.endswith("\u00ad"):
        return stem + right
    first, second = re.findall(r"\w*$", stem)[0], re.findall(r"^\w*", right)[0]
    in_capitals = first.isupper() and second.isupper() and len(second) > 1
    if "/" in left + right or not (second[:1].islower() or in_capitals):
        return left + right
    if f"{first}{second}".casefold() in vocabulary.words:
        return stem + right
    compound = left.count("-") > 1 or "-" in right or f"{first}-{second}".casefold() in vocabulary.pairs
    two_words = len(first) > 2 and {first.casefold(), second.casefold()} <= vocabulary.words
    return left + right if compound or two_words or len(first) == 1 else stem + right


def join_hyphens(pages: Sequence[Sequence[Line]]) -> tuple[list[list[Line]], int, int]:
    """Complete words broken at a line's end from the line that goes on with them, on the next page too.

    Where other lines lie between, as footnotes do, the whole word has to stand elsewhere in the document.

    Returns
    -------
    tuple of list of list of Line, int, int
        The pages; how many hyphens were taken out; how many were kept.
    """
    flat = [(page, line) for page, rows in enumerate(pages) for line in rows]
    vocabulary = Vocabulary.of(line.text for _, line in flat)
    upright = [i for i, (_, line) in enumerate(flat) if not line.sideways]  # nothing else parts a word
    lines = [flat[i][1] for i in upright]
    joined = kept = 0
    for i, line in enumerate(lines):
        if line.table or not _is_broken(line.text):
            continue
        j = _next_part(lines, i)
        if j is None:
            continue
        *before, left = line.text.split()
        right, *after = lines[j].text.split()
        whole = re.sub(r"^\W+|\W+$", "", left[:-1] + right).casefold()
        if j > i + 1 and whole not in vocabulary.words:
            continue  # nothing proves that lines apart from each other share a word
        word = join_hyphen(left, right, vocabulary)
        joined, kept = joined + (word != left + right), kept + (word == left + right)
        lines[i] = line._replace(text=" ".join([*before, word]), runs_on=bool(after) and j == i + 1)
        lines[j] = lines[j]._replace(text=" ".join(after))
    cleaned: list[list[Line]] = [[] for _ in pages]
    mended = dict(zip(upright, lines, strict=True))
    for i, (page, line) in enumerate(flat):
        if mended.get(i, line).text:
            cleaned[page].append(mended.get(i, line))
    return cleaned, joined, kept


def _next_part(lines: Sequence[Line], i: int) -> int | None:
    """Index of the line that goes on with the word broken at the end of line `i`.

    Mostly the next one; footnotes, figures and captions may lie between.
    """
    for j in range(i + 1, min(i + 30, len(lines))):
        text, same_block = lines[j].text, lines[j].block == lines[j - 1].block
        if j == i + 1 and same_block and text[0].isalnum() and not text[0].islower():
            return j
        starts = j == i + 1 or not same_block
        if starts and text[:1].islower() and abs(lines[j].size - lines[i].size) < 0.05 * lines[i].size:
            return None if text.split()[0] in _SUSPENDED else j
    return None

"""Text that answers little: lists of sources, tables of contents, and the index of a book.

They hold all the right words, so that a search by words likes them, and say nothing. What is taken for one is ranked
lower, never left out. No single line is one: a clause of a contract and a row of a price list look like an entry. A
list is a run of many such lines, under a heading that says what it is or, of sources, in the second half of a document.
An index needs no heading: there, too, and in the order of the alphabet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

MOSTLY = 0.8
"""Share of a chunk's letters in such lines from which it is ranked last. With less, prose would be lost with them: in
the sample, a chunk that is seven tenths sources has the only sentences on *sugar-free*."""

MANY = 5
"""Lines that have to agree, and as many may stand between two of them: lines that break off, page heads."""

FALLS = 0.05
"""Share of the page numbers in a table of contents that may be lower than the one before: where a list of figures goes
on after it. In seven manuals 1 of 162 to 2 of 98; in an index 36 of 89. Of 29
other files, with the heading beside it, it adds the contents of three."""

DENSE = 0.2
"""Share of the words of a line of an index that are numbers of pages."""

TERMS = 20
"""Terms that an index has at least."""

DISORDER = 0.12
"""Share of an index's terms that may stand in the alphabet before the one above: subentries. In 28 manuals 0 to 0.09;
of other lines dense with numbers 0.15 and more, or no two of them have several pages ("figure, 12, 31"). Chosen on
these; in 30 other files, reports and guides, four with an index, these four are found and nothing else."""

_SOURCES = re.compile(
    r"[\d.\s]*(?:references?|bibliography|works cited|literature(?: cited)?|sources|notes|literatur(?:verzeichnis)?|"
    r"quellen(?:verzeichnis)?|références|bibliographie|referencias|bibliograf[íi]a|riferimenti)[\s:]*",
    re.IGNORECASE,
)
CONTENTS = re.compile(
    r"(?:table of )?contents|inhalt(?:sverzeichnis)?|sommaire|table des matières|[íi]ndice(?: generale?)?|sommario|"
    r"оглавление|содержание|目次|目录",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\s*(?:\[\w{1,8}\]|\d{1,3}\.)\s")
_MARK = re.compile(
    r"""https?: | www\. | \bdoi\b | \barXiv\b | \bRetrieved\b | \bAccessed\b | \(n\.d\.\)
      | \bet[ ]al\b(?:\.?[ ]\(\d{4}\))?
      | \((?:19|20)\d\d[a-z]?[,)] | ,[ ](?:19|20)\d\d[a-z]?\.                   # (2011)  , 2017.
      | \b[A-Z]\.,[ ](?:[A-Z]\.|&|and\b|[A-Z][a-z])                            # K. D., et  K., and
      | \b[A-Z]{1,2},[ ][A-Z][a-z]+[ ][A-Z]{1,2}\b                             # Liu S, Ma T
      | \d+[ ]?\(\d+\)[:,] | \d[–-]\d+\. | \b[Pp]ages?[ ]\d | \bpp\.[ ]?\d      # 57(3),  399–401.
      | \bPress\b | \bProceedings[ ]of\b | \bIn[ ](?:Proceedings|Advances) | \bJournal[ ]of\b
      | \bvol(?:ume|\.)[ ]\d""",
    re.VERBOSE,
)
_PAGE = re.compile(r"\d{1,4}(?:[–-]\d{1,4})?,?")
_PAGE_AT_THE_END = re.compile(r"(?=.*[^\W\d]).*?[\s.…]+(\d{1,4})\s*$")


def rank_last(texts: Sequence[str]) -> np.ndarray:
    """Which texts of a document are little else than sources, contents, or an index: booleans, shape (n,)."""
    return mostly(list_spans(texts), texts)


def mostly(spans: Sequence[Sequence[tuple[int, int]]], texts: Sequence[str]) -> np.ndarray:
    """Which texts are little else than the spans in them: booleans, shape (n,)."""
    lengths = [sum(end - start for start, end in of_text) for of_text in spans]
    shares = [length / max(len(text), 1) for length, text in zip(lengths, texts, strict=True)]
    return np.array(shares, dtype=np.float64) >= MOSTLY


def list_spans(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Character ranges of the lines that stand in a list of sources, a table of contents or an index, for each text.

    Parameters
    ----------
    texts : sequence of str
        The texts of one document, in reading order; a list may go on from one to the next.
    """
    lines = [(n, line) for n, text in enumerate(texts) for line in re.finditer(r"[^\n]*\S[^\n]*", text)]
    words = [line[0].strip() for _, line in lines]
    found: list[list[tuple[int, int]]] = [[] for _ in texts]
    for start, end in [*_sources(words), *_contents(words), *_index(words)]:
        for n, line in lines[start:end]:
            found[n].append(line.span())
    return found


def _sources(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    entries = [looks_like_a_source(line) for line in lines]
    for start, end in _runs(entries):
        headed = any(_SOURCES.fullmatch(line) for line in lines[max(0, start - MANY) : start])
        if headed or (start >= len(lines) / 2 and sum(entries[start:end]) >= 2 * MANY):
            yield start, end


def _contents(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    pages = [_PAGE_AT_THE_END.match(line) for line in lines]
    for start, end in _runs([page is not None for page in pages]):
        near = range(max(0, start - MANY), start + MANY)
        heads = [i for i in near if CONTENTS.fullmatch(lines[i])]
        begin = max([start, *(i + 1 for i in heads)])  # a line of the text before may end with a number, too
        numbers = [int(page[1]) for page in pages[begin:end] if page]
        falls = sum(after < before for before, after in pairwise(numbers))
        if heads and falls <= FALLS * len(numbers):
            yield begin, end


def _index(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    half = len(lines) // 2
    terms = [_terms(line) for line in lines[half:]]
    for start, end in _runs([bool(of_line) for of_line in terms], least=1):  # a page of it may be one line
        letters, several = zip(*(term for of_line in terms[start:end] for term in of_line), strict=True)
        falls = sum(after < before for before, after in pairwise(letters))
        if len(letters) >= TERMS and falls <= DISORDER * len(letters) and sum(several) > 1:
            yield half + start, half + end


def _terms(line: str) -> list[tuple[str, bool]]:
    """The terms of a line of an index, if it can be one: the first letter of each, and whether it has several pages."""
    words = [word for word in line.split() if word == "|" or any(letter.isalnum() for letter in word)]
    pages = [_PAGE.fullmatch(word) is not None for word in words]
    if "|" in words or sum(pages) < DENSE * len(words):  # a row of a table is none
        return []
    ends = [i for i in range(1, len(words)) if pages[i] and not pages[i - 1]]
    terms = []
    for begin, end in zip([0, *ends], ends, strict=False):
        term = next((i for i in range(begin, end) if not pages[i]), end)
        letter = next((letter for letter in "".join(words[term:end]).casefold() if letter.isalpha()), "")
        if letter:
            terms.append((letter, words[end].endswith(",") and pages[end + 1 : end + 2] == [True]))
    return terms


def _runs(entries: Sequence[bool], least: int = MANY) -> Iterator[tuple[int, int]]:
    """Ranges in which most lines are entries, so many at least, with fewer than `MANY` between two of them."""
    places = [i for i, entry in enumerate(entries) if entry]
    breaks = [0, *(k for k in range(1, len(places)) if places[k] - places[k - 1] > MANY), len(places)]
    for first, last in pairwise(breaks):
        n = last - first
        if n >= least and n >= (places[last - 1] + 1 - places[first]) / 2:
            yield places[first], places[last - 1] + 1


def looks_like_a_source(line: str) -> bool:
    """Whether a line may be an entry of a list of sources: numbered, or dense with what these have.

    A long line is prose that names its sources.

    >>> looks_like_a_source("[20] Diederik Kingma and Jimmy Ba. Adam: A method. In ICLR, 2015.")
    True
    >>> looks_like_a_source("3. In 1747 James Lind gave two of twelve sailors oranges and a lemon.")
    False
    """
    n_words, n_marks = len(line.split()), len(_MARK.findall(line))
    if _NUMBERED.match(line):
        return n_words <= 80 and n_marks > 0
    return 4 <= n_words <= 60 and n_marks >= 2 and n_marks >= 0.08 * n_words

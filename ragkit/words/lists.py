"""Text that answers nothing: lists of sources and tables of contents.

They hold all the right words, so that a search by words likes them, and say nothing. Chunks that are little else are
ranked last, and no sentence of them is quoted. The rules look at lines, since a list keeps a line for each entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

MOSTLY = 0.8
"""Share of a chunk's letters in such lines from which it is ranked last. With less, prose would be lost with them: in
the sample, a chunk that is seven tenths sources has the only sentences on *sugar-free*."""

ADDRESS = r"https?:|www\.|doi\.org|\bdoi:|Retrieved (?:from|[A-Z])|\(n\.d\.\)|\bet al\.? \(?\d{4}\)?\. "
_NUMBERED = re.compile(r"\s*(?:\[\w{1,8}\]|\d{1,3}\.)\s")
_YEAR = re.compile(r"\b(?:19|20)\d\d[a-z]?\b")
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
_PAGE_AT_THE_END = re.compile(r"[^\W\d].*?[\s.…]+(\d{1,4})\s*$")


def rank_last(texts: Sequence[str]) -> np.ndarray:
    """Which texts are little else than a list of sources or a table of contents: booleans, shape (n,)."""
    shares = [sum(end - start for start, end in list_spans(text)) / max(len(text), 1) for text in texts]
    return np.array(shares, dtype=np.float64) >= MOSTLY


def list_spans(text: str) -> Iterator[tuple[int, int]]:
    """Character ranges of the lines that are entries of a list of sources or of a table of contents.

    >>> text = "Oats are a grain.\\n3. Hall, K. D., et al. (2011). Of energy. The Lancet 378, 826–837."
    >>> [text[start:end][:14] for start, end in list_spans(text)]
    ['3. Hall, K. D.']
    """
    lines = [match for match in re.finditer(r"[^\n]+", text) if match[0].strip()]
    contents = _is_table_of_contents([line[0] for line in lines])
    for line in lines:
        if is_source(line[0]) or (contents and _PAGE_AT_THE_END.match(line[0])):
            yield line.span()


def is_source(line: str) -> bool:
    """Tell whether a line is an entry of a list of sources: numbered, or dense with what only these have.

    A long line is prose that names its sources: it may answer something.

    >>> is_source("[20] Diederik Kingma and Jimmy Ba. Adam: A method. In ICLR, 2015.")
    True
    >>> is_source("3. In 1747 James Lind gave two of twelve sailors oranges and a lemon.")
    False
    """
    n_words, n_marks = len(line.split()), len(_MARK.findall(line))
    if n_words > 80 or not n_marks:
        return False
    if _NUMBERED.match(line):
        return bool(_YEAR.search(line) or re.search(ADDRESS, line))
    return 4 <= n_words <= 60 and n_marks >= 2 and n_marks >= 0.08 * n_words


def _is_table_of_contents(lines: Sequence[str]) -> bool:
    """Five lines and more that end in a number, half of all, and the numbers never fall: those of a table do."""
    found = [match for line in lines if (match := _PAGE_AT_THE_END.match(line))]
    pages = [int(match[1]) for match in found]
    return len(pages) >= max(5, len(lines) / 2) and pages == sorted(pages)

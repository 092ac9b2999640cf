"""Quotations: the sentences of the passages that are nearest to the question, in the document's own words."""

from __future__ import annotations

import functools
import re

import numpy as np
import pandas as pd

from ragkit.found import WORDS_COUNT, Found, found_in
from ragkit.grounding.around import LEANS, completed, goes_on, is_few, is_heading, is_whole, without_mark
from ragkit.index import Index
from ragkit.search import best_rows, check_questions
from ragkit.sections import heading_of, heads_of
from ragkit.words.keywords import abbreviations_of, shares, words_of
from ragkit.words.places import page_named
from ragkit.words.sentences import CELL

QUOTE_COLUMNS = [
    "rank",
    "score",
    "text",
    "source",
    "page",
    "label",
    "chunk",
    "boxes",
    "before",
    "after",
    "also",
]

FRAGMENT, LISTED = 0.06, 0.3
"""What it costs, in score, to be no whole sentence (a heading or a question looks like the question, and answers
nothing), and what it costs to stand in a list of sources or contents. (docs/search.md)"""

MOST_ROWS = 8
"""Rows of tables that are quoted where they say the same of what is asked: of 163 questions to strangers' documents
three get more than three, and the answer is in as many as before."""

MOST_RUN_IN, MOST_NUMBERED = 3, 5
"""Words of a heading that stands in the first line of its block ("Hot water."), and of one behind a number ("SEXTA.-
Precio y forma de pago."), which is left out: of as many words, "Lemons cure scurvy in sailors." is a sentence."""

_LABEL = re.compile(r"^\S{1,12}[.)]-?\s")


def quote(found: Found, n: int = 3) -> pd.DataFrame:
    """Find the sentences of the hits that are nearest to the question, each with its file and printed page.

    They are the document's own words, whatever the language model makes of them. Whatever a passage says may be quoted:
    a row, a list item, a line; being a fragment costs rank only.

    Parameters
    ----------
    found : Found
        From `find`.
    n : int
        Sentences; fewer if the hits hold fewer, and more where a few rows of a table say the same of what is asked.

    Returns
    -------
    DataFrame
        Columns `QUOTE_COLUMNS`: `rank` (from 1), `score`, `text`, `source`, `page` (0-based), `label` (printed),
        `chunk`, `boxes` (of the text blocks that the sentence stands in), `before` (what it is not understood without:
        the sentence that opens its list or that "It" or "She" speaks of, its table's heads; "" for most), `after` (what
        it only opens: the sentence under a few words, the items of a list; "" for most), and `also` (where else the
        same words stand, as "a.pdf, p. 3").
    """
    sentences = found.sentences
    if sentences.empty:
        return pd.DataFrame(columns=QUOTE_COLUMNS)
    texts = sentences["text"].tolist()
    score = found.near + WORDS_COUNT * found.said - LISTED * sentences["listed"].to_numpy(dtype=bool)
    score -= FRAGMENT * np.array([_fragment(text, found.question) for text in texts], dtype=np.float32)
    named = found.named.any()
    if named:
        headings = {row: f"{heading_of(boxes)}:" for row, boxes in enumerate(sentences["boxes"])}
    else:
        score, headings = _with_headings(sentences, score)
    places: dict[str, list[str]] = {}  # copies are quoted once, with all their places
    for words, source, label in zip(map(_words, texts), sentences["source"], sentences["label"], strict=True):
        places.setdefault(words, []).append(f"{source}, {page_named(label)}")
    first = ~sentences["text"].map(_words).duplicated() & sentences["text"].str.contains(r"\w")
    first &= ~_are_heads(sentences)  # they say nothing alone
    first &= score > -np.inf
    if named:
        first &= found.named & ~_are_headings(sentences)
    best = best_rows(sentences.assign(row=range(len(texts)))[first], score[first], 4 * n)
    alike = _rows_alike(found, best["row"].iloc[0], first) if len(best) else []
    if n < len(alike) <= MOST_ROWS and set(best["row"][:n]) <= set(alike):  # to stop at n would be chance
        best, n = (
            best_rows(sentences.assign(row=range(len(texts))).iloc[alike], score[alike], MOST_ROWS),
            len(alike),
        )
    best = completed(sentences, best, headings, n)
    best["rank"] = range(1, len(best) + 1)
    best["also"] = [list(dict.fromkeys(places[_words(text)]))[1:] for text in best["text"]]
    return best[QUOTE_COLUMNS]


def _rows_alike(found: Found, row: int, first: pd.Series) -> list[int]:
    """The rows of tables that say as much of what is asked as this one does, each in words of its own: who asks what
    was paid to a shop means all of them.
    """
    texts = found.sentences["text"]
    if CELL not in texts.iloc[row]:
        return []
    forms = functools.partial(found.index.keywords.forms, language=found.language)
    own = shares(texts.tolist(), found.words["told"].to_dict(), forms)
    same = texts.str.contains(CELL, regex=False) & first & (found.said == found.said[row]) & (own == own[row])
    return np.flatnonzero(same).tolist() if own[row] > 0 else []


def _are_heads(sentences: pd.DataFrame) -> np.ndarray:
    """Which sentences are the heads of a table's columns, or the title of some rows: booleans, shape (sentences,)."""
    return (
        sentences["text"].isin({line for boxes in sentences["boxes"] for line in heads_of(boxes)}).to_numpy()
    )


def _are_headings(sentences: pd.DataFrame) -> np.ndarray:
    """Which sentences are headings: booleans, shape (sentences,)."""
    return np.array(list(map(is_heading, sentences["text"], sentences["boxes"])), dtype=bool)


def _is_run_in(sentences: pd.DataFrame, row: int) -> bool:
    """Whether a sentence is the heading of its block, in its first line: a few words, then the rest of it."""
    text = sentences["text"].iloc[row]
    words, numbered = _LABEL.subn("", text)
    most = MOST_NUMBERED if numbered else MOST_RUN_IN
    few = len(words.split()) <= most and text.endswith(".") and not re.search(r":|\b\d", words)
    opens = few and not LEANS.match(text) and not goes_on(sentences, row)
    return opens and row + 1 < len(sentences) and goes_on(sentences, row + 1)


def _with_headings(sentences: pd.DataFrame, score: np.ndarray) -> tuple[np.ndarray, dict[int, str]]:
    """The scores where a heading leaves its own to what stands below it, and of each such sentence the heading.

    A heading is like the question and answers nothing: it is said before the sentence that does.
    """
    score, said = score.copy(), {}
    paths, chunks = sentences["boxes"].map(heading_of).tolist(), sentences["chunk"].tolist()
    rows: dict[int, list[int]] = {}  # of each chunk those that say something
    for row in np.flatnonzero(~_are_heads(sentences)).tolist():
        rows.setdefault(chunks[row], []).append(row)
    for row in np.flatnonzero(_are_headings(sentences)).tolist():
        after = [other for other in rows.get(chunks[row], ()) if other > row] or rows.get(chunks[row] + 1)
        if after and paths[after[0]].startswith(paths[row]):
            if score[row] > score[after[0]]:
                score[after[0]], said[after[0]] = score[row], f"{sentences['text'].iloc[row]}:"
            score[row] = -np.inf
        elif not after:
            score[row] -= LISTED  # what stands below it was not found
    for row in range(len(sentences)):
        if _is_run_in(sentences, row):
            score[row + 1], said[row + 1] = max(score[row : row + 2]), sentences["text"].iloc[row]
            score[row] = -np.inf
    return score, said


def _words(text: str) -> str:
    """A text without what copies of it differ in: signs, spaces, capitals."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _fragment(text: str, question: str) -> int:
    """0 for a sentence or a row, 1 for a line, 2 for a few words; 4 for what the question says itself.

    A line that explains an abbreviation of the question is none.
    """
    if any(re.match(rf"{word}\b", text) for word in abbreviations_of(question)):
        return 0
    if not set(words_of(without_mark(text))) - set(words_of(question)):
        return 4
    return 2 if is_few(text) else 0 if is_whole(text) else 1


def key_sentences(question: str, hits: pd.DataFrame, index: Index, n: int = 3) -> pd.DataFrame:
    """Quote from hits of this index that are there already: `quote` says what comes."""
    check_questions([question])
    return quote(found_in(hits, question, index), n)

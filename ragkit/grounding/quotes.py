"""Quotations: the sentences of the passages that are nearest to the question, in the document's own words."""

from __future__ import annotations

import functools
import operator

import numpy as np
import pandas as pd

from ragkit.embed import embed_texts
from ragkit.found import Found, found_in
from ragkit.index import Index
from ragkit.search import best_rows, check_questions, dot_scores
from ragkit.words.keywords import abbreviations_of
from ragkit.words.lists import ADDRESS
from ragkit.words.sentences import CELL

QUOTE_COLUMNS = ["rank", "score", "text", "source", "page", "label", "chunk", "boxes"]

READ_AGAIN = 16
"""Sentences of the hits that are embedded once more, alone: a vector from the chunk's pass knows what stands around a
sentence, one made alone knows what it says. The mean of both scores finds more than either: docs/search.md."""


def quote(found: Found, n: int = 3) -> pd.DataFrame:
    """Find the sentences of the hits that are nearest to the question, each with its file and printed page.

    They are the document's own words, whatever the language model makes of them.

    Parameters
    ----------
    found : Found
        From `find`.
    n : int
        Sentences; fewer if the hits hold fewer.

    Returns
    -------
    DataFrame
        Columns `QUOTE_COLUMNS`: `rank` (from 1), `score`, `text`, `source`, `page` (0-based), `label` (printed),
        `chunk`, `boxes` (of the text blocks that the sentence stands in).
    """
    kept = worth_quoting(found.sentences, n, found.question)
    if not kept.any():
        return pd.DataFrame(columns=QUOTE_COLUMNS)
    in_context = dot_scores(found.query, found.vectors[kept])
    near = best_rows(found.sentences[kept], in_context, max(n, READ_AGAIN))
    alone = dot_scores(found.query, embed_texts(found.index.embedder, near["text"].tolist()))
    return best_rows(near, (near["score"].to_numpy() + alone) / 2, n)[QUOTE_COLUMNS]


def key_sentences(question: str, hits: pd.DataFrame, index: Index, n: int = 3) -> pd.DataFrame:
    """Quote from hits of this index that are there already: `quote` says what comes."""
    check_questions([question])
    return quote(found_in(hits, question, index), n)


def worth_quoting(sentences: pd.DataFrame, n: int, question: str = "") -> np.ndarray:
    """Which sentences say something by themselves: booleans.

    Not a repeated one, none of fewer than four words, and none of a list of sources or contents; no heading or
    question, which look like the question and answer nothing, if n sentences remain without them. The row of a table
    is a sentence of any length, the heads of its columns are none. A line that
    begins with an abbreviation of the question explains it: "AMDR Acceptable Macronutrient Distribution Range".
    """
    texts = sentences["text"]
    unspaced = (texts.str.len() >= 8) & ~texts.map(str.isascii)  # Chinese has no spaces between words
    rows = texts.str.contains(CELL, regex=False)
    long_enough = unspaced | rows | (texts.str.split().str.len() >= 4)
    kept = long_enough & ~sentences.duplicated(["source", "text"]) & ~texts.str.contains(ADDRESS)
    kept &= ~sentences["listed"].astype(bool)
    kept &= ~texts.isin({box.get("heads", "") for boxes in sentences.get("boxes", ()) for box in boxes})
    complete = kept & (rows | texts.str.contains(r"[.!。！][\"'”’)\]]*(?:\[[\d, ]+\])*$"))
    explained = [kept & texts.str.match(rf"{word}\b") for word in abbreviations_of(question)]
    complete = functools.reduce(operator.or_, explained, complete)
    return (complete if complete.sum() >= n else kept).to_numpy(dtype=bool)

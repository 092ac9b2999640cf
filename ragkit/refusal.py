"""When to say nothing: a question that the document does not answer gets no invented answer.

There is always a nearest passage, and a small model always writes something. Two signs say that there is no answer:
nothing in the document is near the question, or a rare word of the question is nowhere in it. How far "near" is differs
from embedder to embedder and was measured for those of the course (docs/answers.md).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from ragkit import models
from ragkit.embed import embed_texts
from ragkit.keywords import stem, words_of
from ragkit.search import dot_scores

if TYPE_CHECKING:
    from ragkit.index import Index

NO_ANSWER = "The document does not answer this."

FEW_WORDS = 0.25
"""Share of the question's words (BM25, 0 to 1) from which a passage counts as near whatever its vector says."""

RARE_PIECES = 4
"""Tokens from which a word that the document does not have counts as the name of something: "ash-wa-gan-dha"."""


def why_no_answer(question: str, hits: pd.DataFrame, index: Index) -> str:
    """Say why the document does not answer a question; "" if it may.

    Parameters
    ----------
    question : str
    hits : DataFrame
        From a search for it in this index.
    index : Index
    """
    nowhere = _rare_words_that_are_nowhere(question, index)
    if nowhere:
        return f"{_listed(nowhere)} {'is' if len(nowhere) == 1 else 'are'} nowhere in it"
    card = models.find_card(index.embedder.name)
    if card is None or card.near is None:  # an embedder that nobody has measured
        return ""
    _, vectors = index.sentences_of(hits)
    query = embed_texts(index.embedder, [question], role="query")[0]
    nearest = float(dot_scores(query, vectors).max(initial=-1))
    if nearest >= card.near or index.keywords.scores(question).max(initial=0) >= FEW_WORDS:
        return ""
    rounded = math.floor(nearest * 100) / 100  # down: 0.395 is below 0.40, and has to look so
    return f"the nearest sentence has a score of {rounded:.2f}, and answers have {card.near:.2f} and more"


def _rare_words_that_are_nowhere(question: str, index: Index) -> list[str]:
    """Words of the question, with a digit or cut into many tokens, of which not even the stem is in the document."""
    missing = [word for word in words_of(question) if stem(word) not in index.keywords.stems]
    pieces = models.count_tokens(index.embedder.tokenizer, missing)
    return [
        word
        for word, n in zip(missing, pieces, strict=True)
        if n >= RARE_PIECES or (any(map(str.isdigit, word)) and not word.isdigit())
    ]


def _listed(words: list[str]) -> str:
    return " and ".join(f"“{word}”" for word in words)

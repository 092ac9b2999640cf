"""When to say nothing: a question that the document does not answer gets no invented answer.

There is always a nearest passage, and a small model always writes something. Two signs say that there is no answer:
nothing in the document is near the question, or a word that the question is about is nowhere in it. How far "near" is
differs from embedder to embedder and was measured for those of the course (docs/answers.md).
"""

from __future__ import annotations

import math
import re
import unicodedata

import pandas as pd

from ragkit import models
from ragkit.embed import embed_texts
from ragkit.found import Found
from ragkit.index import Index
from ragkit.search import dot_scores
from ragkit.words.keywords import abbreviations_of, stem, words_of

_DIGIT_AND_LETTER = re.compile(r"\d[^\W\d_]|[^\W\d_]\d")
_GAP = "[\\s\u2010-\u2013-]?"
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|s)")  # 18th century, 1990s

NEARER = 0.005
"""Score by which a question must be nearer to the document without a word, for the word to lead away from it."""

NO_ANSWER = "The document does not answer this."

FEW_WORDS = 0.25
"""Share of the question's words (BM25, 0 to 1) from which a passage counts as near whatever its vector says."""

RARE_PIECES = 4
"""Tokens from which a word that the document does not have counts as the name of something: "ash-wa-gan-dha"."""

FOREIGN = 1.5
"""Tokens a word, over the passages found, from which on the tokenizer was made for another language: every word is cut
into pieces then, rare or not. (docs/answers.md)"""


def why_no_answer(found: Found) -> str:
    """Say why the document does not answer a question; "" if it may."""
    index, question = found.index, found.question
    missing = [word for word in dict.fromkeys(words_of(question)) if not _is_in(word, index)]
    nearest = float(dot_scores(found.query, found.vectors).max(initial=-1))
    better_without = [score > nearest + NEARER for score in _nearest_without(missing, found)]
    if nowhere := _decisive(missing, better_without, found.hits, index):
        return f"{_listed(nowhere)} {'is' if len(nowhere) == 1 else 'are'} nowhere in it"
    card = models.find_card(index.embedder.name)
    if card is None or card.near is None:  # an embedder that nobody has measured
        return ""
    abbreviated = any(word.lower() in index.keywords.counts for word in abbreviations_of(question))
    if nearest >= card.near or abbreviated or index.keywords.scores(question).max(initial=0) >= FEW_WORDS:
        return ""
    rounded = math.floor(nearest * 100) / 100  # down: 0.395 is below 0.40, and has to look so
    return f"the nearest sentence has a score of {rounded:.2f}, and answers have {card.near:.2f} and more"


def _nearest_without(words: list[str], found: Found) -> list[float]:
    """How near the question is to its nearest sentence without each of these words."""
    if not words:
        return []
    forms = [_without(word, found.question) for word in words]
    queries = embed_texts(found.index.embedder, forms, role="query")
    return [float(dot_scores(query, found.vectors).max(initial=-1)) for query in queries]


def _decisive(missing: list[str], better_without: list[bool], hits: pd.DataFrame, index: Index) -> list[str]:
    """Which missing words the question is about: a code or a rare name; or one that leads away from the document.

    A word that is only the reader's own for something in the document ("tummy") draws the question nearer to it.
    """
    pieces = models.count_tokens(index.embedder.tokenizer, missing)
    tells = max(pieces, default=0) >= RARE_PIECES and _pieces_a_word(hits, index) < FOREIGN
    return [
        word
        for word, n, better in zip(missing, pieces, better_without, strict=True)
        if (tells and n >= RARE_PIECES)
        or (n >= 2 and better)
        or (_DIGIT_AND_LETTER.search(word) and not _ORDINAL.fullmatch(word))
    ]


def _is_in(word: str, index: Index) -> bool:
    """Whether a word is in the document, in another form or written otherwise: B-12 for B12, 400 mg, CO₂."""
    if stem(word) in index.keywords.stems:
        return True
    if not _DIGIT_AND_LETTER.search(word):
        return False
    parts = _GAP.join(re.findall(r"\d+|[^\W\d_]+", word))
    pattern = re.compile(rf"(?i)(?<!\w){parts}(?!\w)")
    return any(pattern.search(unicodedata.normalize("NFKC", text)) for text in index.chunks["text"])


def _pieces_a_word(hits: pd.DataFrame, index: Index) -> float:
    words = list(dict.fromkeys(words_of(" ".join(hits["text"]))))
    return sum(models.count_tokens(index.embedder.tokenizer, words)) / max(1, len(words))


def _without(word: str, question: str) -> str:
    return re.sub(rf"(?i)\b{re.escape(word)}\b", "", question)


def _listed(words: list[str]) -> str:
    return " and ".join(f"“{word}”" for word in words)

"""Step 04: from a question to the passages nearest to it.

Exact search: the question's score against every chunk, then the best k. On a laptop this takes milliseconds
for tens of thousands of chunks; an approximate index would be faster, and sometimes wrong. Three scores are added up,
because each finds what another misses: of the chunk as a whole, of its best sentence, and of the question's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import overload

import numpy as np
import pandas as pd

from ragkit.embed import embed_texts
from ragkit.index import Index, Sources
from ragkit.models.cross_encoder import pair_scores
from ragkit.notice import BadParameter, EmptyQuestion, StaleIndex
from ragkit.sections import named_in
from ragkit.vectors import take_rows

METHODS = ("dense", "sentences", "bm25", "hybrid")

DENSE_WEIGHT, SENTENCE_WEIGHT, WORD_WEIGHT = 0.2, 0.3, 0.5
"""How much the three scores count in a hybrid search: docs/search.md."""

FOREIGN_WEIGHTS = 0.1, 0.2, 0.7
"""The same for a document in a language that the embedder was not made for: chosen on the first 20 questions of
tests/guide_questions.jsonl in German and French, docs/search.md has the other 20."""

RERANKED = 50
"""Chunks that a cross-encoder reads: as many passes of a model, for each question."""

CANDIDATES = 100
"""Chunks whose sentences are looked at: the best by the other two scores."""


def dot_scores(query: np.ndarray, embeddings: np.ndarray) -> np.ndarray:
    """Dot product of a query with every embedding: the sum of the products, value by value.

    Parameters
    ----------
    query : ndarray, float32, shape (d,) or (q, d)
        One query embedding, or several.
    embeddings : ndarray, float32, shape (n, d)

    Returns
    -------
    ndarray, float32, shape (n,) or (q, n)
        On unit vectors the same as the cosine; on others, long vectors score higher.

    Raises
    ------
    StaleIndex
        If query and embeddings have different numbers of values.

    Examples
    --------
    >>> dot_scores(np.array([1, 2], dtype=np.float32), np.array([[3, 4], [0, 1]], dtype=np.float32))
    array([11.,  2.], dtype=float32)
    """
    query, embeddings = np.asarray(query, dtype=np.float32), np.asarray(embeddings, dtype=np.float32)
    if query.shape[-1] != embeddings.shape[-1]:
        raise StaleIndex(
            f"The query has {query.shape[-1]} values, the embeddings have {embeddings.shape[-1]}: they come from two "
            "different models. Embed the chunks again with the model that embeds the question."
        )
    # Row by row for one query: the threads that NumPy's matrix product starts go on to spin for some 20 ms, and what
    # torch computes next takes twice as long (on two cores).
    return np.vecdot(embeddings, query) if query.ndim == 1 else query @ embeddings.T


def cosine_scores(query: np.ndarray, embeddings: np.ndarray) -> np.ndarray:
    """Cosine of the angle between a query and every embedding: the dot product of their directions.

    Parameters and shapes are those of `dot_scores`. A vector of zeros has no direction; its cosine is 0 here.

    Examples
    --------
    >>> cosine_scores(np.array([1, 0], dtype=np.float32), np.array([[2, 0], [3, 3]], dtype=np.float32)).round(3)
    array([1.   , 0.707], dtype=float32)
    """
    return dot_scores(_unit(query), _unit(embeddings))


def top_k(scores: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the k highest scores, best first; of equal scores, the lower index comes first.

    Parameters
    ----------
    scores : ndarray, float32, shape (n,)
        A score that is not a number comes last.
    k : int
        How many; all n if k is more than n.

    Returns
    -------
    scores, indices : ndarrays, float32 and int64, shape (min(k, n),)

    Raises
    ------
    BadParameter
        If k is less than 1.

    Examples
    --------
    >>> values, indices = top_k(np.array([0.2, 0.9, 0.2, 0.4], dtype=np.float32), k=3)
    >>> indices.tolist()
    [1, 3, 0]
    """
    if k < 1:
        raise BadParameter(f"top_k={k}: ask for at least 1 passage.")
    scores = np.asarray(scores)
    sortable = np.where(np.isnan(scores), -np.inf, scores)
    if k < len(scores):
        # All that are as good as the k-th: which of equal ones argpartition takes is chance.
        kth = np.partition(sortable, len(scores) - k)[len(scores) - k]
        candidates = np.flatnonzero(sortable >= kth)
    else:
        candidates = np.arange(len(scores))
    best = candidates[np.argsort(-sortable[candidates], kind="stable")[:k]]
    return scores[best], best


@overload
def search(
    question: str, index: Index, top_k: int = 5, *, source: Sources | None = None, method: str = "hybrid"
) -> pd.DataFrame: ...
@overload
def search(
    question: Sequence[str],
    index: Index,
    top_k: int = 5,
    *,
    source: Sources | None = None,
    method: str = "hybrid",
) -> list[pd.DataFrame]: ...
def search(
    question: str | Sequence[str],
    index: Index,
    top_k: int = 5,
    *,
    source: Sources | None = None,
    method: str = "hybrid",
) -> pd.DataFrame | list[pd.DataFrame]:
    """Find the chunks nearest to a question; also to be had as `index.search(...)`.

    Parameters
    ----------
    question : str or sequence of str
        One question, or several at once.
    index : Index
    top_k : int
        Passages a question; all of them if there are fewer.
    source : str, path or sequence of them, optional
        Look only into these files (names as in the column `source`).
    method : {"hybrid", "dense", "sentences", "bm25"} or str
        The score to rank by: see `score_chunks`. Or a cross-encoder, by its Hugging Face name or folder: it reads the
        question together with each of the best 50 by hybrid, and ranks them anew.

    Returns
    -------
    DataFrame, or a list of one DataFrame a question
        `rank` (from 1), `score`, then the chunk's columns, best first.

    Raises
    ------
    EmptyQuestion
        If a question holds no word.
    BadParameter
        If `top_k` is less than 1, no chunk comes from `source`, or the method is unknown.
    """
    questions = [question] if isinstance(question, str) else list(question)
    check_questions(questions)
    part = index if source is None else index.of_source(source)
    queries = embed_texts(index.embedder, questions, role="query")
    found = [nearest(one, query, part, top_k, method) for one, query in zip(questions, queries, strict=True)]
    return found[0] if isinstance(question, str) else found


def nearest(question: str, query: np.ndarray, index: Index, k: int, method: str) -> pd.DataFrame:
    """The k best chunks for a question that is embedded already: `search` behind its checks."""
    if method in METHODS or not ("/" in method or Path(method).exists()):
        return best_rows(index.chunks, score_chunks(question, query, index, method), k)
    hits = best_rows(index.chunks, score_chunks(question, query, index), max(k, RERANKED))
    return best_rows(hits, pair_scores(method, question, hits["text"].tolist()), k)


def score_chunks(question: str, query: np.ndarray, index: Index, method: str = "hybrid") -> np.ndarray:
    """Score every chunk of an index for a question.

    Parameters
    ----------
    query : ndarray, float32, shape (d,)
        The question's embedding.
    method : {"hybrid", "dense", "sentences", "bm25"}
        Dense: of the chunk's embedding (a dot product, -1 to 1). Sentences: of its best sentence's. BM25: of the
        question's words, as the share that the chunk has of the most there can be (0 to 1). Hybrid: the weighted
        mean of the three, with other weights in a language that the embedder was not made for; without sentences in
        the index, their part is 0. Lists of sources, contents and an index get 1 less, which puts them last; what
        stands under a heading that the question names by its number or date ("section 4", "on 17 June") gets 1 more.

    Returns
    -------
    ndarray, float32, shape (len(index),)
    """
    if method == "dense":
        return dot_scores(query, index.embeddings)
    if method == "bm25":
        return index.keywords.scores(question)
    if method == "sentences":
        if not len(index.vectors.spans):
            raise BadParameter("This index has no sentences: it was made from arrays. Choose another method.")
        return best_sentence_scores(query, index, np.arange(len(index)))
    if method != "hybrid":
        raise BadParameter(
            f"method={method!r}: choose 'hybrid', 'dense', 'sentences', 'bm25', or a cross-encoder by name."
        )
    usual = (DENSE_WEIGHT, SENTENCE_WEIGHT, WORD_WEIGHT)
    dense, sentence, word = np.where(index.foreign[:, None], FOREIGN_WEIGHTS, usual).astype(np.float32).T
    scores = dense * dot_scores(query, index.embeddings) + word * index.keywords.scores(question)
    scores[index.ranked_last] -= 1
    scores[sorted({block.row for block in named_in(question, index)})] += 1
    if len(index.vectors.spans):
        near = top_k(scores, CANDIDATES)[1]
        scores[near] += sentence[near] * best_sentence_scores(query, index, near)
    return scores


def best_sentence_scores(query: np.ndarray, index: Index, rows: np.ndarray) -> np.ndarray:
    """Score of the best sentence of each of these chunks: (rows,) float32; -1 for a chunk without sentences."""
    sentences = take_rows(index.vectors, rows)
    best = np.full(len(rows), -1, dtype=np.float32)
    np.maximum.at(best, sentences.spans[:, 0], dot_scores(query, sentences.sentences))
    return best


def check_questions(questions: Sequence[str]) -> None:
    """Raise EmptyQuestion for a question without a word in it."""
    for question in questions:
        if not any(letter.isalnum() for letter in question):
            raise EmptyQuestion(
                f"The question {question!r} holds no word. Write one in QUESTION, such as 'What is …?'"
            )


def best_rows(rows: pd.DataFrame, scores: np.ndarray, k: int) -> pd.DataFrame:
    """The k best rows with their rank and score in front."""
    values, places = top_k(scores, k)
    best = rows.iloc[places].drop(columns=["rank", "score"], errors="ignore").reset_index(drop=True)
    best.insert(0, "rank", range(1, len(best) + 1))
    best.insert(1, "score", values)
    return best


def _unit(vectors: np.ndarray) -> np.ndarray:
    vectors = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)

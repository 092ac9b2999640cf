"""Step 04: from a question to the passages nearest to it.

Exact search: the question's score against every chunk, then the best k. On a laptop this takes milliseconds
for tens of thousands of chunks; an approximate index would be faster, and sometimes wrong.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import overload

import numpy as np
import pandas as pd

from ragkit import StepModule
from ragkit.chunk import split_sentences
from ragkit.embed import Embedder, check_embeddings, check_origin, embed_texts, load_embedder
from ragkit.notice import BadParameter, EmptyQuestion, StaleIndex

KEY_SENTENCE_COLUMNS = ["rank", "score", "text", "source", "page", "label", "chunk"]


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
    import torch

    query, embeddings = np.asarray(query, dtype=np.float32), np.asarray(embeddings, dtype=np.float32)
    if query.shape[-1] != embeddings.shape[-1]:
        raise StaleIndex(
            f"The query has {query.shape[-1]} values, the embeddings have {embeddings.shape[-1]}: they come from two "
            "different models. Embed the chunks again with the model that embeds the question."
        )
    query, embeddings = np.ascontiguousarray(query), np.ascontiguousarray(embeddings)
    return (torch.from_numpy(query) @ torch.from_numpy(embeddings).T).numpy()


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
    scores : ndarray, float32, shape (n,) or (q, n)
    k : int
        How many; all n if k is more than n.

    Returns
    -------
    scores, indices : ndarrays, float32 and int64, shape (min(k, n),) or (q, min(k, n))

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
    import torch

    if k < 1:
        raise BadParameter(f"top_k={k}: ask for at least 1 passage.")
    # A stable sort, because torch.topk promises nothing about the order of equal scores.
    values, indices = torch.sort(torch.from_numpy(np.asarray(scores)), dim=-1, descending=True, stable=True)
    return values[..., :k].numpy(), indices[..., :k].numpy()


@overload
def search(
    question: str,
    chunks: pd.DataFrame,
    embeddings: np.ndarray,
    embedder: Embedder | None = None,
    top_k: int = 5,
    source: str | Sequence[str] | None = None,
) -> pd.DataFrame: ...


@overload
def search(
    question: Sequence[str],
    chunks: pd.DataFrame,
    embeddings: np.ndarray,
    embedder: Embedder | None = None,
    top_k: int = 5,
    source: str | Sequence[str] | None = None,
) -> list[pd.DataFrame]: ...


def search(question, chunks, embeddings, embedder=None, top_k=5, source=None):
    """Find the chunks nearest to a question.

    Parameters
    ----------
    question : str or sequence of str
        One question, or several at once.
    chunks : DataFrame
        One row a chunk; not changed.
    embeddings : ndarray, float32, shape (len(chunks), d)
        Row i belongs to row i of `chunks`; unit rows, so that the dot product is the cosine.
    embedder : Embedder, optional
        The model that made the embeddings; default: the default embedder.
    top_k : int
        Passages a question; all of them if there are fewer.
    source : str or sequence of str, optional
        Look only into these files (names as in the column `source`).

    Returns
    -------
    DataFrame, or a list of one DataFrame a question
        `rank` (from 1), `score` (-1 to 1), then the chunk's columns, best first.

    Raises
    ------
    EmptyQuestion
        If a question holds no word.
    StaleIndex
        If there is not one embedding a chunk, or if the embeddings were made by another model, from other texts
        or in another order; the message says which two things differ.
    BadEmbeddings
        If the embeddings are not finite unit rows of float32.
    BadParameter
        If `top_k` is less than 1, or no chunk comes from `source`.
    """
    questions = [question] if isinstance(question, str) else list(question)
    _check_questions(questions)
    embedder = embedder or _default_embedder()
    check_embeddings(embeddings, len(chunks), embedder.dimension)
    check_origin(chunks, embeddings, embedder)
    if source is not None:
        kept = _of_source(chunks, [source] if isinstance(source, str) else list(source))
        chunks, embeddings = chunks[kept], embeddings[kept]
    scores = dot_scores(embed_texts(embedder, questions, role="query"), embeddings)
    found = [_hits(chunks, row, top_k) for row in scores]
    return found[0] if isinstance(question, str) else found


def key_sentences(
    question: str, hits: pd.DataFrame, embedder: Embedder | None = None, n: int = 3
) -> pd.DataFrame:
    """Find the sentences of the hits that are nearest to the question, each with its file and printed page.

    They are the document's own words, whatever the language model makes of them.

    Parameters
    ----------
    question : str
    hits : DataFrame
        From `search`; not changed.
    embedder : Embedder, optional
        Default: the default embedder.
    n : int
        Sentences; fewer if the hits hold fewer.

    Returns
    -------
    DataFrame
        Columns `rank` (from 1), `score`, `text`, `source`, `page` (0-based), `label` (printed), `chunk`.

    Raises
    ------
    EmptyQuestion
        If the question holds no word.
    """
    _check_questions([question])
    sentences = pd.DataFrame([row for hit in hits.to_dict("records") for row in _sentences(hit)])
    if sentences.empty:
        return pd.DataFrame(columns=KEY_SENTENCE_COLUMNS)
    sentences = _complete(sentences.drop_duplicates(["source", "text"], ignore_index=True), n)
    embedder = embedder or _default_embedder()
    query = embed_texts(embedder, [question], role="query")[0]
    scores = dot_scores(query, embed_texts(embedder, sentences["text"].tolist()))
    return _hits(sentences, scores, n)[KEY_SENTENCE_COLUMNS]


def _sentences(hit: dict) -> list[dict]:
    """Sentences of a hit that say something by themselves, each with the page that it begins on."""
    rows, position = [], 0
    for sentence in split_sentences(hit["text"]):
        position = hit["text"].index(sentence, position)
        box = next((box for box in hit["boxes"] if box["start"] <= position < box["end"]), hit)
        position += len(sentence)
        unspaced = len(sentence) >= 8 and not sentence.isascii()  # Chinese has no spaces between words
        if unspaced or len(sentence.split()) >= 4:
            place = {
                "source": hit["source"],
                "page": box["page"],
                "label": box["label"],
                "chunk": hit["chunk"],
            }
            rows.append({"text": sentence, **place})
    return rows


def _complete(sentences: pd.DataFrame, n: int) -> pd.DataFrame:
    """Leave out headings and table rows, which look like the question and answer nothing, if n sentences remain."""
    complete = sentences[sentences["text"].str.contains(r"[.!?。！？][\"'”’)\]]*$")]
    return complete.reset_index(drop=True) if len(complete) >= n else sentences


def _hits(rows: pd.DataFrame, scores: np.ndarray, k: int) -> pd.DataFrame:
    values, indices = top_k(scores, k)
    hits = rows.iloc[indices].reset_index(drop=True)
    hits.insert(0, "rank", range(1, len(hits) + 1))
    hits.insert(1, "score", values)
    return hits


def _of_source(chunks: pd.DataFrame, sources: list[str]) -> np.ndarray:
    """Which chunks come from these files: booleans, shape (n,)."""
    there = list(dict.fromkeys(chunks["source"]))
    if unknown := [source for source in sources if source not in there]:
        near = difflib.get_close_matches(unknown[0], there, n=3, cutoff=0) or there[:3]
        raise BadParameter(
            f"source={unknown[0]!r}: no chunk comes from a file of that name. Near it: {', '.join(near)}."
        )
    return chunks["source"].isin(sources).to_numpy()


def _unit(vectors: np.ndarray) -> np.ndarray:
    vectors = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)


def _check_questions(questions: list[str]) -> None:
    for question in questions:
        if not any(letter.isalnum() for letter in question):
            raise EmptyQuestion(
                f"The question {question!r} holds no word. Write one in QUESTION, such as 'What is …?'"
            )


@lru_cache(maxsize=1)
def _default_embedder() -> Embedder:
    return load_embedder()


sys.modules[__name__].__class__ = StepModule

"""Between search and answer: what was found, made once and handed on.

An answer quotes, doubts, is written and is checked. All of that looks at the same few things: the question and its
vector, the passages, their sentences with vectors. They are put together here, so that no step finds them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ragkit.embed import embed_texts
from ragkit.index import Index, Sources
from ragkit.notice import StaleIndex
from ragkit.search import check_questions, nearest
from ragkit.vectors import take_rows
from ragkit.words.lists import list_spans
from ragkit.words.sentences import sentence_spans

SENTENCE_COLUMNS = ["text", "source", "page", "label", "chunk", "boxes", "listed"]


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found, made once: all that quoting, doubting and citing read.

    Attributes
    ----------
    question : str
    query : ndarray, float32, shape (d,)
        The question's embedding.
    hits : DataFrame
        From `search`, best first.
    sentences : DataFrame
        A row a sentence of the hits, in their order: `text`, `source`, `page`, `label`, `chunk`, `boxes`, and whether
        it is `listed`: stands in a list of sources or contents.
    vectors : ndarray, float32, shape (sentences, d)
        Unit rows: row i is sentence i.
    index : Index
        The part of the index that was searched.
    """

    question: str
    query: np.ndarray = field(repr=False)
    hits: pd.DataFrame = field(repr=False)
    sentences: pd.DataFrame = field(repr=False)
    vectors: np.ndarray = field(repr=False)
    index: Index = field(repr=False)


def find(
    question: str, index: Index, top_k: int = 5, *, source: Sources | None = None, method: str = "hybrid"
) -> Found:
    """Search, and keep all that an answer is made from: the parameters are those of `ragkit.search.search`."""
    check_questions([question])
    part = index if source is None else index.of_source(source)
    query = embed_texts(index.embedder, [question], role="query")[0]
    hits = nearest(question, query, part, top_k, method)
    return Found(question, query, hits, *sentences_of(hits, part), part)


def found_in(hits: pd.DataFrame, question: str, index: Index) -> Found:
    """What `find` would have kept, for hits of this index that are there already."""
    query = embed_texts(index.embedder, [question], role="query")[0]
    return Found(question, query, hits, *sentences_of(hits, index), index)


def sentences_of(hits: pd.DataFrame, index: Index) -> tuple[pd.DataFrame, np.ndarray]:
    """The sentences of some chunks of an index, and their vectors: as in `Found`."""
    places = pd.Index(index.chunks["chunk"]).get_indexer(hits["chunk"])
    if (places < 0).any():
        raise StaleIndex("These hits are not of this index. Search in the one whose sentences you want.")
    if len(index.vectors.spans):
        part = take_rows(index.vectors, places)
        return _sentences(hits, part.spans.tolist()), part.sentences.astype(np.float32)
    texts = enumerate(hits["text"])
    sentences = _sentences(hits, [(row, *span) for row, text in texts for span in sentence_spans(text)])
    return sentences, embed_texts(index.embedder, sentences["text"].tolist())


def _sentences(hits: pd.DataFrame, spans: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Sentences of chunks, given as (row, start, end), with their own places: page, and the blocks they stand in."""
    chunks = hits.to_dict("records")
    lists = [list(list_spans(text)) for text in hits["text"]]
    rows = []
    for row, start, end in spans:
        chunk = chunks[row]
        boxes = [box for box in chunk["boxes"] if box["start"] < end and start < box["end"]]
        place = boxes[0] if boxes else chunk
        listed = any(first <= start < last for first, last in lists[row])
        rows.append([
            chunk["text"][start:end], chunk["source"], place["page"], place["label"], chunk["chunk"], boxes, listed,
        ])  # fmt: skip
    return pd.DataFrame(rows, columns=SENTENCE_COLUMNS)

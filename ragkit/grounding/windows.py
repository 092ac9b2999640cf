"""What of the passages a model reads: the sentences around the quotations, as many as it reads in the time.

A processor reads some 100 tokens a second for a model of half a billion parameters, and such a model finds its way in
few sentences better than in many. With room for all, this is all of the passages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ragkit.found import Found
from ragkit.models.tokens import count_tokens
from ragkit.search import dot_scores
from ragkit.sections import heads_of

GAP = " … "

OTHERS = 2
"""Lines beside the quotations that windows begin at. Of the key words of 58 questions to the sample and two papers, 250
tokens hold 0.84 with none, 0.89 with two, 0.87 with four; of 68 others (a manual, a menu, a lease, six documents of
MMLongBench-Doc) 0.57, 0.70, 0.72. The best passage, 282 tokens: 0.82, 0.64; the best two, 555: 0.90, 0.76."""


def windows(found: Found, quotes: pd.DataFrame, tokenizer: Any, most: int) -> pd.DataFrame:
    """Cut the passages of a search down to what stands around the quotations and the nearest other lines.

    Parameters
    ----------
    found : Found
        From `find`.
    quotes : DataFrame
        From `quote`, best first.
    tokenizer : transformers tokenizer
        It counts the tokens.
    most : int
        Tokens of text at most; the best quotation is in, however long it is; a table's row comes with its heads.

    Returns
    -------
    DataFrame
        Rows of the hits, that with the best quotation first, each with the `text` that is left of it; a gap is "…".
    """
    if found.sentences.empty:
        return found.hits
    texts, chunks = found.sentences["text"], found.sentences["chunk"].to_numpy()
    counts = count_tokens(tokenizer, texts.tolist())
    heads = _heads_of(found.sentences)
    kept: set[int] = set()
    order: list[int] = []  # best first
    for row in dict.fromkeys(_nearest_first(_places(found, quotes), chunks)):
        rows = {row, *heads[row]} - kept
        most -= sum(counts[each] for each in rows)
        if most < 0 and kept:
            break
        kept |= rows
        order.append(row)
    read = list(dict.fromkeys(chunks[row] for row in order))
    passages = found.hits.set_index("chunk", drop=False).loc[read]
    left = [
        _cut(text, texts[chunks == chunk], [row in kept for row in np.flatnonzero(chunks == chunk)])
        for chunk, text in zip(read, passages["text"], strict=True)
    ]
    return passages.assign(text=left).reset_index(drop=True)


def _places(found: Found, quotes: pd.DataFrame) -> list[int]:
    """Where the quotations stand among the sentences; then the nearest others, be they headings or rows of tables."""
    places = list(zip(found.sentences["chunk"], found.sentences["text"], strict=True))
    quoted = [place for place in zip(quotes["chunk"], quotes["text"], strict=True) if place in places]
    said = {text for _, text in quoted}
    nearest = np.argsort(-dot_scores(found.query, found.vectors), kind="stable")
    others = [row for row in nearest.tolist() if places[row][1] not in said]
    return [places.index(place) for place in quoted] + others[:OTHERS]


def _heads_of(sentences: pd.DataFrame) -> list[list[int]]:
    """Of each row of a table: where the heads of its columns, and its title, stand in the same chunk."""
    places = list(zip(sentences["chunk"], sentences["text"], strict=True))
    at = {place: row for row, place in enumerate(places)}
    columns = zip(sentences["chunk"], sentences["boxes"], strict=True)
    return [[at[chunk, line] for line in heads_of(boxes) if (chunk, line) in at] for chunk, boxes in columns]


def _nearest_first(places: list[int], chunks: np.ndarray) -> Iterable[int]:
    """All sentences: those of the places, then their neighbours in the same chunk, then theirs; at last all others."""
    for distance in range(len(chunks)):
        for place in places:
            for row in dict.fromkeys((place + distance, place - distance)):
                if 0 <= row < len(chunks) and chunks[row] == chunks[place]:
                    yield row
    yield from range(len(chunks))


def _cut(text: str, sentences: Iterable[str], kept: Iterable[bool]) -> str:
    """The kept sentences of a text as they stand there, with "…" for what is left out between them."""
    left, at, gap = "", 0, False
    for sentence, keep in zip(sentences, kept, strict=True):
        start = text.find(sentence, at)
        between = GAP if gap else text[at : max(start, at)]
        if keep:
            left += between + sentence if left else sentence
        gap = not keep
        at = max(start, at) + len(sentence)
    return left

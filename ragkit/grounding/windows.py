"""What of the passages a model reads: the sentences around the quotations, as many as it reads in the time.

A processor reads some 100 tokens a second for a model of half a billion parameters, and such a model finds its way in few
sentences better than in many. With room for all, this is all of the passages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ragkit.models.tokens import count_tokens

GAP = " … "


def windows(quotes: pd.DataFrame, sentences: pd.DataFrame, hits: pd.DataFrame, tokenizer: Any, most: int) -> pd.DataFrame:
    """Cut passages down to what stands around the quotations.

    Parameters
    ----------
    quotes : DataFrame
        From `quote`, best first.
    sentences, hits : DataFrame
        Those of `Found`.
    tokenizer : transformers tokenizer
        It counts the tokens.
    most : int
        Tokens of text at most; the best quotation is in, however long it is.

    Returns
    -------
    DataFrame
        Rows of `hits`, that with the best quotation first, each with the `text` that is left of it; a gap is "…".
    """
    if sentences.empty:
        return hits
    counts = count_tokens(tokenizer, sentences["text"].tolist())
    chunks = sentences["chunk"].to_numpy()
    kept: dict[int, None] = {}
    for row in dict.fromkeys(_nearest_first(_places(quotes, sentences), chunks)):
        most -= counts[row]
        if most < 0 and kept:
            break
        kept[row] = None
    read = list(dict.fromkeys(chunks[row] for row in kept))
    passages = hits.set_index("chunk", drop=False).loc[read]
    texts = [
        _cut(text, sentences["text"][chunks == chunk], [row in kept for row in np.flatnonzero(chunks == chunk)])
        for chunk, text in zip(read, passages["text"], strict=True)
    ]
    return passages.assign(text=texts).reset_index(drop=True)


def _places(quotes: pd.DataFrame, sentences: pd.DataFrame) -> list[int]:
    """Where the quotations stand among the sentences; the first sentence, if there are none."""
    known = {place: row for row, place in reversed([*enumerate(zip(sentences["chunk"], sentences["text"], strict=True))])}
    found = [known.get(place) for place in zip(quotes["chunk"], quotes["text"], strict=True)]
    return [row for row in found if row is not None] or [0]


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

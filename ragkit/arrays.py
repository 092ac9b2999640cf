"""Chunks and embeddings that come from elsewhere: what is missing is filled in, and a sample is proved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ragkit.embed import Embedder, embed_texts
from ragkit.notice import BadParameter, StaleIndex

N_PROVED = 16
"""Chunks that are embedded once more to see whether embeddings from elsewhere are theirs."""

SAME_TEXT = 0.99
"""Cosine from which two embeddings count as made from one text by one model, be it in another number format."""


def as_chunks(table: pd.DataFrame) -> pd.DataFrame:
    """Fill in what a chunk has and a table from elsewhere may lack; BadParameter where two chunks have one number."""
    missing: dict[str, Iterable[Any]] = {
        "chunk": range(len(table)), "source": ["?"] * len(table), "page": [-1] * len(table),
        "label": ["?"] * len(table), "boxes": [[] for _ in range(len(table))],
    }  # fmt: skip
    filled = table.assign(**{name: list(values) for name, values in missing.items() if name not in table})
    if not filled["chunk"].is_unique:
        raise BadParameter(
            "Two chunks have the same number in the column 'chunk'. Number them again: "
            "chunks.assign(chunk=range(len(chunks)))."
        )
    return filled.reset_index(drop=True)


def prove(texts: list[str], embeddings: np.ndarray, embedder: Embedder, sample: int | None) -> int:
    """Embed some of the texts once more and compare; return how many, or raise StaleIndex."""
    n = len(texts) if sample is None else min(sample, len(texts))
    rows = np.unique(np.linspace(0, len(texts) - 1, n).astype(int)) if n else np.arange(0)
    made = embed_texts(embedder, [texts[row] for row in rows])
    if made.shape[1] != embeddings.shape[1]:
        raise StaleIndex(
            f"The embeddings have {embeddings.shape[1]} values a row, {embedder.name} makes {made.shape[1]}: they come "
            "from another model. Embed the chunks again with this one."
        )
    for row, vector in zip(rows, made, strict=True):
        scores = embeddings @ vector
        if scores[row] >= SAME_TEXT:
            continue
        if scores.max() >= SAME_TEXT:
            raise StaleIndex(
                "Chunks and embeddings are in two different orders: the embedding of the chunk in row "
                f"{row} is in row {scores.argmax()}. Sort or filter both alike, or load both again."
            )
        raise StaleIndex(
            f"Embedding {row} is not what {embedder.name} makes of chunk {row} (cosine {scores[row]:.2f}, for "
            "one text it is 1): the embeddings come from other texts or another model. Embed the chunks again."
        )
    return len(rows)

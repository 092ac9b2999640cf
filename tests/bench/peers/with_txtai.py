"""txtai: Textractor with paragraphs, Embeddings.

Of the three that can read PDFs for it, LiteParse needs neither Java nor further models, once OCR is off, for which it
would fetch one.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from liteparse import LiteParse
from txtai import Embeddings
from txtai.pipeline import Textractor


class Way:
    """See `bench.steps`."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self.options = {"path": setup["embedder"], "content": True, "gpu": False}

    @functools.cached_property
    def embeddings(self) -> Embeddings:
        return Embeddings(**self.options)

    def read(self, pdf: str) -> str:
        textractor = Textractor(backend="liteparse")
        textractor.html.backend.liteparse = LiteParse(output_format="markdown", ocr_enabled=False)
        return textractor(pdf)

    def split(self, text: str) -> list[str]:
        return Textractor(backend=None, paragraphs=True).parse(text)

    def texts(self, chunks: list[str]) -> list[str]:
        return chunks

    def embed(self, texts: list[str]) -> Any:
        return self.embeddings.batchtransform(texts)

    def whole(self, pdf: str) -> None:
        self.found = self.embeddings
        self.found.index(self.split(self.read(pdf)))

    def store(self, texts: list[str], vectors: Any) -> None:
        waiting = list(vectors)

        def transform(data: list[str]) -> Any:
            taken, waiting[:] = waiting[: len(data)], waiting[len(data) :]
            return np.array(taken) if taken else np.array(self.embeddings.batchtransform(list(data)))

        self.found = Embeddings(method="external", transform=transform, content=True)
        self.found.index(texts)

    def search(self, question: str) -> Any:
        return self.found.search(question, 5)

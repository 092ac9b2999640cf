"""txtai: Textractor (paragraphs; LiteParse reads the PDF, as it needs neither Java nor further models), Embeddings."""

from __future__ import annotations

import functools
from typing import Any

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
        return Textractor(backend="liteparse")(pdf)

    def split(self, text: str) -> list[str]:
        return Textractor(backend=None, paragraphs=True).parse(text)

    def texts(self, chunks: list[str]) -> list[str]:
        return chunks

    def embed(self, texts: list[str]) -> Any:
        return self.embeddings.batchtransform(texts)

    def whole(self, pdf: str) -> None:
        self.embeddings.index(self.split(self.read(pdf)))

    def store(self, texts: list[str], vectors: Any) -> None:
        self.embeddings.index([(row, vector, None) for row, vector in enumerate(vectors)])

    def search(self, question: str) -> Any:
        return self.embeddings.search(question, 5)

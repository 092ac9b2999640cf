"""ragkit's own way, through its public functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ragkit
from bench.rows import NEW_TOKENS


class Way:
    """See `bench.steps`."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self.embedder = ragkit.load_embedder(setup["embedder"])
        self.llm_folder = setup["llm"]

    def read(self, pdf: str) -> Any:
        return ragkit.read_pdf(pdf)

    def split(self, pages: Any) -> Any:
        return ragkit.chunk_pages(pages, self.embedder.tokenizer)

    def texts(self, chunks: Any) -> list[str]:
        return chunks["text"].tolist()

    def embed(self, texts: list[str]) -> Any:
        return ragkit.embed_texts(self.embedder, texts)

    def embed_one(self, texts: list[str]) -> Any:
        return ragkit.embed_one_by_one(self.embedder, texts)

    def whole(self, pdf: str) -> None:
        self.index = ragkit.open_index(pdf, self.embedder)

    def store(self, texts: list[str], vectors: Any) -> None:
        import pandas as pd

        self.index = ragkit.Index.from_arrays(pd.DataFrame({"text": texts}), vectors, self.embedder, sample=0)

    def store_document(self, pdf: str, n: int) -> None:
        self.whole(pdf)
        self.index = self.index[[row % len(self.index) for row in range(n)]]

    def search(self, question: str, method: str = "hybrid") -> Any:
        return self.index.search(question, 5, method=method)

    def open_document(self, pdf: str) -> None:
        self.whole(pdf)
        self.llm = ragkit.load_llm(self.llm_folder)

    def ask(self, question: str, show: Callable[[str], Any]) -> dict[str, Any]:
        answer = ragkit.ask(question, self.index, self.llm, max_new_tokens=NEW_TOKENS, stream=show)
        return {"refused": bool(answer.refusal), "tokens_per_second": answer.tokens_per_second}

    def generate(self, messages: list[dict[str, str]], show: Callable[[str], Any]) -> dict[str, Any]:
        from ragkit.generate import generate

        answer = generate(self.llm, messages, max_new_tokens=NEW_TOKENS, stream=show)
        return {"text": answer.text, "tokens_per_second": answer.tokens_per_second}

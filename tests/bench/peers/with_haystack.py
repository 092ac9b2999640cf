"""Haystack: PyPDFToDocument, DocumentCleaner, DocumentSplitter (200 words), InMemoryDocumentStore."""

from __future__ import annotations

import functools
from typing import Any

from haystack import Document
from haystack.components.converters import PyPDFToDocument
from haystack.components.preprocessors import DocumentCleaner, DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)


class Way:
    """See `bench.steps`."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self.options = {
            "model": setup["embedder"],
            "device": ComponentDevice.from_str("cpu"),
            "progress_bar": False,
        }

    @functools.cached_property
    def embedder(self) -> SentenceTransformersDocumentEmbedder:
        return SentenceTransformersDocumentEmbedder(**self.options)

    @functools.cached_property
    def question_embedder(self) -> SentenceTransformersTextEmbedder:
        return SentenceTransformersTextEmbedder(**self.options)

    def read(self, pdf: str) -> list[Document]:
        documents = PyPDFToDocument().run(sources=[pdf])["documents"]
        return DocumentCleaner().run(documents=documents)["documents"]

    def split(self, documents: list[Document]) -> list[Document]:
        return DocumentSplitter().run(documents=documents)["documents"]

    def texts(self, chunks: list[Document]) -> list[str]:
        return [chunk.content for chunk in chunks]

    def embed(self, texts: list[str]) -> Any:
        return [found.embedding for found in self.embedded([Document(content=text) for text in texts])]

    def embedded(self, documents: list[Document]) -> list[Document]:
        self.embedder.warm_up()
        return self.embedder.run(documents=documents)["documents"]

    def whole(self, pdf: str) -> None:
        self.keep(self.embedded(self.split(self.read(pdf))))

    def store(self, texts: list[str], vectors: Any) -> None:
        pairs = enumerate(zip(texts, vectors.tolist(), strict=True))
        self.keep([Document(id=str(row), content=text, embedding=vector) for row, (text, vector) in pairs])

    def keep(self, documents: list[Document]) -> None:
        store = InMemoryDocumentStore()
        store.write_documents(documents)
        self.retriever = InMemoryEmbeddingRetriever(store, top_k=5)

    def search(self, question: str) -> Any:
        self.question_embedder.warm_up()
        return self.retriever.run(query_embedding=self.question_embedder.run(question)["embedding"])[
            "documents"
        ]

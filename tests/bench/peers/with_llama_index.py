"""LlamaIndex: PDFReader, SentenceSplitter (1,024 tokens of its own tokenizer, 200 shared), VectorStoreIndex."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import BaseNode, MetadataMode, TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.readers.file import PDFReader


class Way:
    """See `bench.steps`."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self.folder = setup["embedder"]

    @functools.cached_property
    def embedder(self) -> HuggingFaceEmbedding:
        return HuggingFaceEmbedding(model_name=self.folder, device="cpu")

    def read(self, pdf: str) -> list[Document]:
        return PDFReader().load_data(Path(pdf))

    def split(self, pages: list[Document]) -> list[BaseNode]:
        return SentenceSplitter().get_nodes_from_documents(pages)

    def texts(self, chunks: list[BaseNode]) -> list[str]:
        return [
            chunk.get_content(MetadataMode.EMBED) for chunk in chunks
        ]  # with the metadata: that is embedded

    def embed(self, texts: list[str]) -> Any:
        return self.embedder.get_text_embedding_batch(texts)

    def whole(self, pdf: str) -> None:
        self.index(self.split(self.read(pdf)))

    def store(self, texts: list[str], vectors: Any) -> None:
        pairs = zip(texts, vectors.tolist(), strict=True)
        self.index([TextNode(text=text, embedding=vector) for text, vector in pairs])

    def index(self, nodes: list[Any]) -> None:
        found = VectorStoreIndex(nodes, embed_model=self.embedder)  # embeds those that have no embedding
        self.retriever = found.as_retriever(similarity_top_k=5)

    def search(self, question: str) -> Any:
        return self.retriever.retrieve(question)

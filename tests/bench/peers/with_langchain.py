"""LangChain: PyPDFLoader, RecursiveCharacterTextSplitter (1,000 characters, 200 shared), InMemoryVectorStore."""

from __future__ import annotations

import functools
from typing import Any

from langchain_community.document_loaders import PyPDFLoader
from langchain_core.documents import Document
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter


class Way:
    """See `bench.steps`."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self.folder = setup["embedder"]
        self.splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)

    @functools.cached_property
    def embedder(self) -> HuggingFaceEmbeddings:
        return HuggingFaceEmbeddings(model_name=self.folder, model_kwargs={"device": "cpu"})

    def read(self, pdf: str) -> list[Document]:
        return PyPDFLoader(pdf).load()

    def split(self, pages: list[Document]) -> list[Document]:
        return self.splitter.split_documents(pages)

    def texts(self, chunks: list[Document]) -> list[str]:
        return [chunk.page_content for chunk in chunks]

    def embed(self, texts: list[str]) -> Any:
        return self.embedder.embed_documents(texts)

    def whole(self, pdf: str) -> None:
        self.found = InMemoryVectorStore(self.embedder)
        self.found.add_documents(self.split(self.read(pdf)))

    def store(self, texts: list[str], vectors: Any) -> None:
        self.found = InMemoryVectorStore(self.embedder)
        for row, (text, vector) in enumerate(zip(texts, vectors.tolist(), strict=True)):
            self.found.store[str(row)] = {"id": str(row), "vector": vector, "text": text, "metadata": {}}

    def search(self, question: str) -> list[Document]:
        return self.found.similarity_search(question, k=5)

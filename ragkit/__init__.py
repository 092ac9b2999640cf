"""ragkit: local Retrieval-Augmented Generation over a PDF, step by step.

One module a notebook: `pdf`, `chunk`, `embed`, `search`, `prompt`, `generate`; between them the `index`.
Public names are resolved on first use, so that `import ragkit` loads neither torch nor a model.
"""

from __future__ import annotations

import importlib
import os
from importlib.metadata import PackageNotFoundError as _NotInstalled
from importlib.metadata import version as _version
from typing import TYPE_CHECKING, Any

# PyMuPDF brings ONNX Runtime, which reports to Microsoft from its import on (its Privacy.md) unless told before.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# Threads that wait for each other turn round and round for some 15 ms before they leave their core to another program
# (libgomp's default; read when torch is imported). Beside busy ones nearly every wait of llama.cpp takes that long:
# with eight of them on two cores it wrote 0.2 tokens a second, with short waits 3.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")

if TYPE_CHECKING:
    from ragkit import device, models, show
    from ragkit.answer import Answer
    from ragkit.chunk import chunk_by_sentences, chunk_pages, load_chunks, split_sentences
    from ragkit.citation import cite
    from ragkit.embed import (
        Embedder,
        check_embeddings,
        embed_chunks,
        embed_one_by_one,
        embed_texts,
        load_embedder,
    )
    from ragkit.generate import LLM, ask, load_llm
    from ragkit.index import Index, open_index
    from ragkit.notice import (
        BadEmbeddings,
        BadParameter,
        BadQuestions,
        BrokenPDF,
        DeviceUnavailable,
        EmptyQuestion,
        EncryptedPDF,
        ModelCorrupt,
        ModelNotFound,
        NotAPDF,
        NotEnoughMemory,
        NoText,
        PDFNotFound,
        PromptTooLong,
        RagkitError,
        ServerError,
        StaleIndex,
        WorkspaceError,
    )
    from ragkit.pdf import load_pages, read_pdf
    from ragkit.prompt import build_messages, fit_passages, render_prompt
    from ragkit.reading.embeddings_csv import read_embeddings_csv
    from ragkit.search import cosine_scores, dot_scores, key_sentences, top_k
    from ragkit.workspace import Workspace, open_workspace

try:
    __version__ = _version("ragkit")
except _NotInstalled:  # before the set-up: the doctor, and the check of a folder for a room without a network
    __version__ = "not installed"

_NAMES = {
    "notice": [
        "BadEmbeddings", "BadParameter", "BadQuestions", "BrokenPDF", "DeviceUnavailable", "EmptyQuestion",
        "EncryptedPDF", "ModelCorrupt", "ModelNotFound", "NoText", "NotAPDF", "NotEnoughMemory", "PDFNotFound",
        "PromptTooLong", "RagkitError", "ServerError", "StaleIndex", "WorkspaceError",
    ],
    "reading.embeddings_csv": ["read_embeddings_csv"],
    "workspace": ["Workspace", "open_workspace"],
    "pdf": ["load_pages", "read_pdf"],
    "chunk": ["chunk_by_sentences", "chunk_pages", "load_chunks", "split_sentences"],
    "embed": [
        "Embedder", "check_embeddings", "embed_chunks", "embed_one_by_one", "embed_texts", "load_embedder",
    ],
    "search": ["cosine_scores", "dot_scores", "key_sentences", "top_k"],
    "index": ["Index", "open_index"],
    "prompt": ["build_messages", "fit_passages", "render_prompt"],
    "citation": ["cite"],
    "answer": ["Answer"],
    "generate": ["LLM", "ask", "load_llm"],
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}
_MODULES = [
    "chunk",
    "device",
    "embed",
    "generate",
    "index",
    "models",
    "notice",
    "pdf",
    "prompt",
    "search",
    "show",
]

__all__ = [*_MODULE_OF, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"ragkit.{name}")
    if name in _MODULE_OF:
        return getattr(importlib.import_module(f"ragkit.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module 'ragkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

"""ragkit: local Retrieval-Augmented Generation over a PDF, step by step.

One module a notebook: `pdf`, `chunk`, `embed`, `search`, `prompt`, `generate`.
Public names are resolved on first use, so that `import ragkit` loads neither torch nor a model.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_HOME_OF = {
    "notice": ["RagkitError"],
    "workspace": ["open_workspace"],
    "pdf": ["read_pdf", "load_pages"],
    "chunk": ["split_sentences", "chunk_pages", "chunk_by_sentences", "load_chunks"],
    "embed": [
        "load_embedder", "embed_texts", "embed_one_by_one", "embed_chunks", "check_embeddings",
        "read_embeddings_csv", "load_embeddings",
    ],
    "search": ["dot_scores", "cosine_scores", "top_k", "search", "key_sentences"],
    "prompt": ["build_messages", "fit_passages", "render_prompt"],
    "generate": ["load_llm", "generate", "ask", "Answer"],
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _HOME_OF.items() for name in names}


class StepModule(ModuleType):
    """A module that is called like the function that it is named after.

    `search` and `generate` each name a step's module and its main function; `ragkit.search(...)` and
    `ragkit.search.top_k(...)` both have to work, whichever was imported first.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(self, self.__name__.rpartition(".")[2])(*args, **kwargs)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'ragkit' has no attribute {name!r}")
    module = importlib.import_module(f"ragkit.{_MODULE_OF[name]}")
    return module if name == _MODULE_OF[name] else getattr(module, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULE_OF])

"""A library: more PDFs than an `Index` in memory should hold, as a LanceDB table on a disk or an object store.

`open_library().add(folder)` reads, chunks and embeds what is new in a folder, on this machine or on a Ray cluster;
`near(question)` gives an `Index` of the rows nearest to a question, which everything that takes an index works on.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ragkit.library.adding import Added
    from ragkit.library.near import Near
    from ragkit.library.table import Library, open_library

_MODULE_OF = {"Added": "adding", "Near": "near", "Library": "table", "open_library": "table"}
__all__ = ["Added", "Library", "Near", "open_library"]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'ragkit.library' has no attribute {name!r}")
    return getattr(importlib.import_module(f"ragkit.library.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__

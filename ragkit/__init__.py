"""ragkit: local Retrieval-Augmented Generation over a PDF, step by step.

One module a notebook: `pdf`, `chunk`, `embed`, `search`, `prompt`, `generate`; between them the `index`.
Public names, listed in `__init__.pyi`, are resolved on first use: `import ragkit` loads neither torch nor a model.
"""

import os
from importlib.metadata import PackageNotFoundError as _NotInstalled
from importlib.metadata import version as _version

from ragkit.lazy import attach as _attach

# PyMuPDF brings ONNX Runtime, which reports to Microsoft from its import on (its Privacy.md) unless told before.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

try:
    __version__ = _version("ragkit")
except _NotInstalled:  # before the set-up: the doctor, and the check of a folder for a room without a network
    __version__ = "not installed"

__getattr__, __dir__, __all__ = _attach(__name__, __file__)

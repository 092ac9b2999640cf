"""Public names that are resolved on first use; a package lists them once, in the stub that type checkers read."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ragkit.notice import RagkitError


def attach(
    package: str, file: str, extra: str = ""
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of a package, made of the imports in its `__init__.pyi`.

    There, `from ragkit.chunk import chunk_pages as …` is a name, and `from ragkit import chunk as chunk` a module.

    Parameters
    ----------
    package, file : str
        Its `__name__` and `__file__`.
    extra : str
        What to install where a name needs a package that is not there: then that is said, as a RagkitError.
    """
    stub = ast.parse(Path(file).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    module_of = {each.name: node.module or "" for node in imports for each in node.names}

    def get(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if module_of[name] == package:
            return importlib.import_module(f"{package}.{name}")
        try:
            return getattr(importlib.import_module(module_of[name]), name)
        except ModuleNotFoundError as error:
            if not extra:
                raise
            needs = f"{package.removeprefix('ragkit.')}.{name} needs {error.name}"
            raise RagkitError(f'{needs}: pip install "ragkit[{extra}]"') from error

    return get, lambda: sorted(module_of), list(module_of)

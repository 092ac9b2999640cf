"""The library's table: found or made, checked against the model, changed a whole file at a time."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from filelock import FileLock, Timeout

from ragkit import models
from ragkit.chunk import default_max_tokens
from ragkit.embed import Embedder, load_embedder
from ragkit.library.rows import Reading, library_recipe, schema_of
from ragkit.library.sql import is_in, quoted
from ragkit.notice import RagkitError, StaleIndex, WorkspaceError
from ragkit.workspace import Recipe, artifacts_root

TABLE = "chunks"
RECIPE = b"ragkit"


class Library:
    """A LanceDB table of chunks with their embeddings, and the embedder that made them.

    Made by `open_library`.

    Attributes
    ----------
    place : str
        Folder, or address such as s3://bucket/folder.
    embedder : Embedder
    reading : Reading
    """

    def __init__(self, place: str, embedder: Embedder, reading: Reading) -> None:
        self.place, self.embedder, self.reading = place, embedder, reading
        self._database = _lancedb().connect(place)
        if len(self):
            made = json.loads(self.table.schema.metadata[RECIPE])
            self._refuse_another(made, library_recipe(embedder, reading))

    @functools.cached_property
    def table(self) -> Any:
        """The table itself, with all that LanceDB can do; ValueError if nothing was added yet."""
        return self._database.open_table(TABLE)

    def __len__(self) -> int:
        """How many chunks it holds."""
        with contextlib.suppress(ValueError):
            return self.table.count_rows()
        return 0

    def files(self) -> dict[str, tuple[str, str]]:
        """Source -> (SHA-256, folder) of every file in it."""
        if not len(self):
            return {}
        columns = ["source", "sha256", "folder"]
        rows = self.table.search().where("chunk = 0").select(columns).to_arrow().to_pylist()
        return {row["source"]: (row["sha256"], row["folder"]) for row in rows}

    def replace(self, rows: pa.Table, known: Sequence[str] = ()) -> None:
        """Put the rows of whole files into the table, instead of those that the `known` of them have, in one commit."""
        if TABLE not in self._database.list_tables().tables:
            dimension = rows.schema.field("vector").type.list_size
            recipe = json.dumps(library_recipe(self.embedder, self.reading), sort_keys=True)
            schema = schema_of(dimension).with_metadata({RECIPE: recipe.encode()})
            self._database.create_table(TABLE, schema=schema, exist_ok=True)
        if not known:
            self.table.add(rows)
            return
        merge = (
            self.table.merge_insert(["source", "chunk"])
            .when_matched_update_all()
            .when_not_matched_insert_all()
        )
        merge.when_not_matched_by_source_delete(is_in("source", known)).execute(rows)

    def remove(self, sources: Sequence[str]) -> None:
        """Take the rows of these files out, in one commit."""
        if sources:
            self.table.delete(is_in("source", sources))

    def move(self, old: str, new: str) -> None:
        """Write down that a folder is now elsewhere."""
        self.table.update(where=f"folder = {quoted(old)}", values={"folder": new})

    def refresh(self) -> None:
        """See what other processes have committed since the table was opened."""
        with contextlib.suppress(ValueError):  # nothing was added yet
            self.table.checkout_latest()

    @contextlib.contextmanager
    def locked(self, seconds: float = -1) -> Iterator[None]:
        """Let nobody else on this machine change it meanwhile; an object store has no such lock.

        Raises WorkspaceError if somebody else still does after so many seconds (-1: wait for ever).
        """
        lock: Any = contextlib.nullcontext()
        if not re.match(r"\w{2,}:", self.place):
            Path(self.place).mkdir(parents=True, exist_ok=True)
            lock = FileLock(Path(self.place) / ".lock", timeout=seconds)
        try:
            with lock:
                self.refresh()
                yield
        except Timeout as error:
            raise WorkspaceError(f"The library in {self.place} is being filled. Try again later.") from error

    def _refuse_another(self, made: Recipe, wanted: Recipe) -> None:
        """Raise StaleIndex where the rows that are there and those that would come differ in how they are made."""
        if made == wanted:
            return
        flat = [recipe["parameters"] | recipe["model"] | recipe["versions"] for recipe in (made, wanted)]
        names = [name for name in flat[0] | flat[1] if flat[0].get(name) != flat[1].get(name)]
        names = [name for name in names if name != "sha256" or "name" not in names]  # the name says more
        said = ", ".join(f"{name} {flat[0].get(name)}, not {flat[1].get(name)}" for name in names)
        raise StaleIndex(
            f"The library in {self.place} was made with {said}. One table holds rows of one kind: open it as it was "
            "made, or start another one elsewhere (RAGKIT_LIBRARY)."
        )


def open_library(
    place: str | Path | None = None,
    embedder: Embedder | str | None = None,
    *,
    max_tokens: int | None = None,
    password: str | None = None,
    ocr: str | None = None,
) -> Library:
    """Open the library at a place, or begin one there.

    Parameters
    ----------
    place : str or path, optional
        A folder, or an address of an object store: s3://bucket/folder, with the usual AWS_ variables. Default:
        `RAGKIT_LIBRARY`, else `library` among the artifacts.
    embedder, max_tokens, password, ocr
        As in `open_index`.

    Raises
    ------
    StaleIndex
        If what is there was made by another model, or in another way.

    Examples
    --------
    >>> library = open_library()  # doctest: +SKIP
    >>> add("shelf/", library)  # doctest: +SKIP
    >>> ask("Why does bread rise?", library)  # doctest: +SKIP
    """
    embedder = embedder if isinstance(embedder, Embedder) else load_embedder(embedder)
    place = str(place or os.environ.get("RAGKIT_LIBRARY") or artifacts_root() / "library")
    reading = Reading(
        embedder.name,
        max_tokens or default_max_tokens(models.load_tokenizer(embedder.name)),
        ocr or os.environ.get("RAGKIT_OCR") or "never",
        password or os.environ.get("RAGKIT_PASSWORD"),
    )
    try:
        return Library(place, embedder, reading)
    except (OSError, RuntimeError) as error:
        if isinstance(error, RagkitError):
            raise
        raise WorkspaceError(
            f"{place}: {error}. See that the place exists and that you may read it."
        ) from error


def _lancedb() -> Any:
    try:
        import lancedb
    except ModuleNotFoundError as error:
        raise RagkitError(f'A library needs {error.name}: pip install "ragkit[library]"') from error
    return lancedb

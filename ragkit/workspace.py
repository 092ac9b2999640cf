"""The workspace: what each step leaves on disk for the next, found again by the recipe it was made from.

A workspace is a folder a document set. An artifact is named after its step and the hash of its *recipe*: what it
was made from, the parameters, the model, the library versions. Another recipe is another file, so two chunk sizes
or two models live side by side, and finding an artifact is a lookup. Files are written whole (temporary file,
flush, rename) and recorded in `manifest.json` with their SHA-256; what is not the file that was saved is built
again.
"""

from __future__ import annotations

import contextlib
import functools
import glob
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from ragkit.disk import named_errors, sha256_of, write_whole
from ragkit.notice import PDFNotFound, say
from ragkit.reading.find import Paths, find_pdfs

FORMAT = 2
MANIFEST = "manifest.json"
Recipe = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Workspace:
    """The folder of one document set.

    Attributes
    ----------
    folder : Path
        `artifacts/<name>-<8 hex of the content hash>/`.
    sources : dict of str to Path
        Source name (what the `source` column holds) to the PDF file.
    hashes : dict of str to str
        Source name to the SHA-256 of the file, in hex.
    password : str or None
        Opens encrypted files. Never written to disk.
    ocr : str
        Whether scanned pages are recognised: "never", "auto", or Tesseract's languages.
    """

    folder: Path
    sources: dict[str, Path]
    hashes: dict[str, str]
    password: str | None = field(default=None, repr=False)
    ocr: str = "never"

    def __post_init__(self) -> None:
        with named_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)

    @functools.cached_property
    def _lock(self) -> FileLock:
        return FileLock(self.folder / ".lock")

    def path_of(self, source: str) -> Path:
        """Path of the PDF that a page, chunk or hit came from."""
        return self.sources[source]

    def path(self, step: str, recipe: Recipe, suffix: str) -> Path:
        """Where the artifact of a recipe is, or will be."""
        return self.folder / f"{step}-{recipe_hash(recipe)}.{suffix}"

    def load_or_build(
        self,
        path: Path,
        recipe: Recipe,
        build: Callable[[], T],
        read: Callable[[Path], T],
        write: Callable[[T, Path], Any],
    ) -> T:
        """Read an artifact if it is there; otherwise build it, save it whole and record it.

        Parameters
        ----------
        path, recipe
            From `path` and `make_recipe`.
        build, read, write : callables
            `build()` gives the artifact, `read(path)` loads it, `write(artifact, path)` saves it.

        Raises
        ------
        WorkspaceError
            If the folder cannot be written; what was saved earlier stays as it was.
        """
        with self.locked():
            with named_errors(path):
                if self._is_whole(path, recipe):
                    return read(path)
                for half_written in self.folder.glob(".*.tmp"):  # by a process that was killed
                    half_written.unlink(missing_ok=True)
            say(f"building {path.stem.partition('-')[0]} of {self.folder.name}{self._why_new()}")
            artifact = build()
            write_whole(path, lambda temporary: write(artifact, temporary))
            self._record(path, recipe)
            return read(path)  # as the next run will get it

    def _is_whole(self, path: Path, recipe: Recipe) -> bool:
        """Whether an artifact is on disk, made by this very recipe, and as it was saved."""
        record = read_manifest(self.folder)["artifacts"].get(path.name)
        if record is None or record["recipe"] != recipe or not path.exists():
            return False
        if sha256_of(path) == record["sha256"]:
            return True
        say(f"{path.name} is not the file that was saved; it is made again")
        return False

    def _record(self, path: Path, recipe: Recipe) -> None:
        manifest = read_manifest(self.folder) | {"sources": self.hashes}
        manifest["artifacts"][path.name] = {"sha256": sha256_of(path), "recipe": recipe}
        text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
        write_whole(self.folder / MANIFEST, lambda file: file.write_text(text + "\n", encoding="utf-8"))

    def _why_new(self) -> str:
        """In a new workspace, say which files are new, gone or changed since the last one of that name."""
        if read_manifest(self.folder)["artifacts"]:
            return ""
        if (self.folder / MANIFEST).exists():
            return " (what is there was made by another version of ragkit, and is not used)"
        pattern = f"{glob.escape(self.folder.name[:-8])}{'[0-9a-f]' * 8}/{MANIFEST}"
        earlier = max(self.folder.parent.glob(pattern), key=lambda path: path.stat().st_mtime, default=None)
        before = read_manifest(earlier.parent).get("sources") if earlier else None
        if before is None:
            return ""
        found = {
            "new": [source for source in self.hashes if source not in before],
            "gone": [source for source in before if source not in self.hashes],
            "changed": [s for s in self.hashes if s in before and self.hashes[s] != before[s]],
        }
        parts = [f"{kind} since last time: {_few(sources)}" for kind, sources in found.items() if sources]
        return f" ({'; '.join(parts)})" if parts else ""

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder's lock; say so when another process holds it, and wait."""
        with named_errors(self.folder):
            try:
                self._lock.acquire(timeout=1)
            except Timeout:
                say(f"waiting: another process is working in {self.folder.name}")
                self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()


def open_workspace(
    pdf: Paths, password: str | None = None, ocr: str | None = None, root: str | Path | None = None
) -> Workspace:
    """Open the workspace of one or more PDFs: the folder is found by the files' content, or made.

    Parameters
    ----------
    pdf : str, path or sequence of them
        A PDF file, a folder of PDFs, a glob, or a list of these.
    password : str, optional
        For encrypted files; default: `RAGKIT_PASSWORD`.
    ocr : str, optional
        Whether scanned pages are read by Tesseract, as in `read_pdf`; default: `RAGKIT_OCR`, else "never".
    root : str or Path, optional
        Where workspaces live; default: `RAGKIT_ARTIFACTS`, else `artifacts` in the current folder.

    Raises
    ------
    PDFNotFound
        If there is no PDF at that place.
    WorkspaceError
        If the folder cannot be made.
    """
    sources = find_pdfs(pdf)
    hashes = hash_sources(sources)
    content = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()
    return Workspace(
        artifacts_root(root) / f"{_name(pdf, sources)}-{content[:8]}",
        sources,
        hashes,
        password or os.environ.get("RAGKIT_PASSWORD"),
        ocr or os.environ.get("RAGKIT_OCR") or "never",
    )


def artifacts_root(root: str | Path | None = None) -> Path:
    """Folder that workspaces live in: the argument, else `RAGKIT_ARTIFACTS`, else `artifacts` here."""
    return Path(root or os.environ.get("RAGKIT_ARTIFACTS") or "artifacts")


def make_recipe(
    input: Any, parameters: dict[str, Any], model: dict[str, str] | None, libraries: Sequence[str]
) -> Recipe:
    """Write down everything that an artifact depends on.

    Parameters
    ----------
    input : str or dict
        Hashes of the files, or the hash of the recipe of the step before.
    parameters : dict
        What was asked for.
    model : dict or None
        Name, and where it matters the checksum, of the model that took part.
    libraries : sequence of str
        Those that took part; their major versions count (a bug-fix release makes no new artifact).
    """
    versions = {name: _major(metadata.version(name)) for name in libraries}
    recipe = {"input": input, "parameters": parameters, "model": model, "versions": versions}
    return json.loads(json.dumps(recipe))  # as it will be read back


def recipe_hash(recipe: Recipe) -> str:
    """Eight hex digits that stand for a recipe: in the names of its artifacts, and as the next step's input."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:8]


def _major(version: str) -> str:
    """The part of a version whose change means change: the first number, the first two of a 0.x.

    >>> _major("5.23.0"), _major("0.22.1")
    ('5', '0.22')
    """
    first, second = [*version.split("."), ""][:2]
    return f"0.{second}" if first == "0" else first


def read_manifest(folder: Path) -> dict[str, Any]:
    """What is recorded about a workspace's artifacts; nothing where this version did not write it."""
    empty: dict[str, Any] = {"format": FORMAT, "sources": {}, "artifacts": {}}
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return empty
    return manifest if isinstance(manifest, dict) and manifest.get("format") == FORMAT else empty


def hash_sources(sources: dict[str, Path]) -> dict[str, str]:
    """SHA-256 of each PDF, in hex.

    Raises
    ------
    PDFNotFound
        If one cannot be read.
    """
    try:
        return {source: sha256_of(path) for source, path in sources.items()}
    except OSError as error:
        raise PDFNotFound(
            f"{error.filename}: {error.strerror}. Check the file and its permissions."
        ) from error


def _name(pdf: Any, sources: dict[str, Path]) -> str:
    """Name a document set after its folder, or after its first file."""
    first = next(iter(sources.values()))
    single = Path(pdf) if isinstance(pdf, str | Path) else first
    stem = single.resolve().name if single.is_dir() else first.stem
    if len(sources) > 1 and not single.is_dir():
        stem += f"-and-{len(sources) - 1}-more"
    return re.sub(r"[^\w.]+", "-", stem).strip("-.")[:60] or "document"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more

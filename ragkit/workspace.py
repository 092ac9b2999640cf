"""The workspace: what each step leaves on disk for the next, and whether it is still true.

A workspace is a folder a document set. Each step's artifact is written whole (temporary file, flush, rename)
and recorded in `manifest.json` with a *recipe*: the hash of its input, its parameters, the model, the library
versions. An artifact whose recipe is not today's recipe is stale; it is rebuilt, and one line says why.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import glob
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ragkit import models
from ragkit.notice import PDFNotFound, WorkspaceError, say

FORMAT = 1
MANIFEST = "manifest.json"
Recipe = dict[str, Any]
Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@dataclass
class Workspace:
    """The folder of one document set, and the settings that all six steps share.

    Attributes
    ----------
    folder : Path
        `artifacts/<name>-<8 hex of the content hash>/`.
    sources : dict of str to Path
        Source name (what the `source` column holds) to the PDF file.
    hashes : dict of str to str
        Source name to the SHA-256 of the file, in hex.
    embedder : str
        Name of the embedding model; its tokenizer counts the tokens of pages and chunks.
    password : str or None
        Opens encrypted files. Never written to disk.
    """

    folder: Path
    sources: dict[str, Path]
    hashes: dict[str, str]
    embedder: str
    password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        with _named_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self.folder / ".lock")

    def path_of(self, source: str) -> Path:
        """Path of the PDF that a page, chunk or hit came from."""
        return self.sources[source]

    def manifest(self) -> dict[str, Any]:
        """What is recorded about each step; empty when nothing was built or the file cannot be understood."""
        return _read_manifest(self.folder / MANIFEST) or {
            "format": FORMAT,
            "sources": self.hashes,
            "steps": {},
        }

    def parameter(self, step: str, name: str, default: Any) -> Any:
        """Value that a parameter had when the step was last built, so that later notebooks need not repeat it."""
        recorded = self.manifest()["steps"].get(step, {})
        return recorded.get("recipe", {}).get("parameters", {}).get(name, default)

    def fingerprint(self, step: str) -> str:
        """SHA-256 of a step's artifact as recorded: the input hash of the step after it."""
        return self.manifest()["steps"][step]["sha256"]

    def why_stale(self, step: str, file: str, recipe: Recipe) -> str | None:
        """Say in a few words why a step's artifact cannot be used, or None if it can."""
        steps = self.manifest()["steps"]
        record, path = steps.get(step), self.folder / file
        if record is None or not path.exists():
            return "not built yet" if steps else self._since_last_time()
        if changed := _difference(record["recipe"], recipe):
            return changed
        return None if sha256_of(path) == record["sha256"] else f"{file} is not the file that was saved"

    def load_or_build(
        self,
        step: str,
        file: str,
        recipe: Recipe,
        build: Callable[[], Any],
        read: Callable[[Path], Any],
        write: Callable[[Any, Path], None],
    ) -> Any:
        """Read a step's artifact if its recipe is today's; otherwise build it, save it whole and record it.

        Parameters
        ----------
        step, file : str
            Name in the manifest, and of the file in the workspace folder.
        recipe : dict
            Everything that the artifact depends on, from `make_recipe`; compared with what is recorded.
        build, read, write : callables
            `build()` gives the artifact, `read(path)` loads it, `write(artifact, path)` saves it.

        Raises
        ------
        WorkspaceError
            If the folder cannot be written; what was saved earlier stays as it was.
        """
        with self.locked():
            with _named_errors(self.folder / file):
                reason = self.why_stale(step, file, recipe)
                if reason is None:
                    return read(self.folder / file)
                for half_written in self.folder.glob(".*.tmp"):  # by a process that was killed
                    half_written.unlink(missing_ok=True)
            say(f"building {step} of {self.folder.name}: {reason}")
            artifact = build()
            write_whole(self.folder / file, lambda path: write(artifact, path))
            self._record(step, file, recipe)
            return artifact

    def others(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Folders of the other workspaces beside this one, with what their manifests say of each step."""
        for manifest in sorted(self.folder.parent.glob(f"*/{MANIFEST}")):
            if manifest.parent != self.folder:
                yield manifest.parent, _read_manifest(manifest).get("steps", {})

    def _since_last_time(self) -> str:
        """Say which files are new, gone or changed since the last workspace of that name."""
        pattern = f"{glob.escape(self.folder.name[:-8])}{'[0-9a-f]' * 8}/{MANIFEST}"
        earlier = [path for path in self.folder.parent.glob(pattern) if path.parent != self.folder]
        before = _read_manifest(max(earlier, key=lambda path: path.stat().st_mtime)) if earlier else {}
        hashes = before.get("sources", self.hashes)
        both = [source for source in self.hashes if source in hashes]
        found = {
            "new": [source for source in self.hashes if source not in hashes],
            "gone": [source for source in hashes if source not in self.hashes],
            "changed": [source for source in both if self.hashes[source] != hashes[source]],
        }
        parts = [f"{kind} since last time: {_few(sources)}" for kind, sources in found.items() if sources]
        return "; ".join(parts) or "not built yet"

    def _record(self, step: str, file: str, recipe: Recipe) -> None:
        manifest = self.manifest()
        manifest["steps"][step] = {"file": file, "sha256": sha256_of(self.folder / file), "recipe": recipe}
        text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
        write_whole(self.folder / MANIFEST, lambda path: path.write_text(text + "\n", encoding="utf-8"))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder's lock; say so when another process holds it, and wait.

        A step holds it from reading its input to saving its artifact, so that nobody changes the input meanwhile.
        """
        with _named_errors(self.folder):
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
    pdf: Paths,
    embedder: str | None = None,
    password: str | None = None,
    root: str | Path | None = None,
) -> Workspace:
    """Open the workspace of one or more PDFs: the folder is found by the files' content, or made.

    Parameters
    ----------
    pdf : str, path or sequence of them
        A PDF file, a folder of PDFs, a glob, or a list of these.
    embedder : str, optional
        Embedding model; default: `RAGKIT_EMBEDDER`, else the catalogue's default.
    password : str, optional
        For encrypted files; default: `RAGKIT_PASSWORD`.
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
    password = password or os.environ.get("RAGKIT_PASSWORD")
    content = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()
    root = Path(root or os.environ.get("RAGKIT_ARTIFACTS") or "artifacts")
    name = f"{_name(pdf, sources)}-{content[:8]}"
    return Workspace(root / name, sources, hashes, models.model_name("embedder", embedder), password)


def find_pdfs(path: Paths) -> dict[str, Path]:
    """Find the PDF files that a path, a folder, a glob or a list of them names.

    Parameters
    ----------
    path : str, path or sequence of them
        A folder is searched with its subfolders.

    Returns
    -------
    dict of str to Path
        Source name -> file, in natural order ("2.pdf" before "10.pdf"). The source is the file's name; where
        two files share it, the shortest end of their paths that tells them apart.

    Raises
    ------
    PDFNotFound
        If nothing is found; a missing one among several is only said.
    """
    if path == "":
        raise PDFNotFound("No PDF was named: the path is empty.")
    given = [path] if isinstance(path, str | os.PathLike) else list(path)
    found: list[Path] = []
    missing: list[str] = []
    for entry in given:
        try:
            found += _expand(Path(entry).expanduser())
        except PDFNotFound as error:
            missing.append(str(error))
        except PermissionError as error:
            missing.append(
                f"{error.filename} cannot be looked at: {error.strerror}. Check the folder's permissions."
            )
    if not found:
        raise PDFNotFound("\n".join(missing) or "No PDF was named: the list of paths is empty.")
    for message in missing:
        say(message)
    return _name_sources(_drop_repeated(found))


def _expand(path: Path) -> list[Path]:
    """Files behind one path; raise PDFNotFound with what is there instead."""
    if path.is_file():
        return [path]
    if path.is_dir():
        files = [file for file in path.rglob("*") if _is_pdf_name(file)]
        if files:
            return files
        others = sorted(file.name for file in path.iterdir())[:5]
        holds = f"it holds {', '.join(others)}" if others else "it is empty"
        raise PDFNotFound(f"No PDF in the folder {path}: {holds}.")
    if glob.has_magic(str(path)):
        files = [Path(name) for name in glob.glob(str(path), recursive=True) if _is_pdf_name(Path(name))]
        if files:
            return files
        raise PDFNotFound(f"No PDF matches {path}.{_near_names(path)}")
    if re.match(r"\w{2,}:[/\\]", str(path)):
        raise PDFNotFound(f"{path} is an address, not a path. Download the file first, and give its path.")
    if path.exists():
        raise PDFNotFound(f"{path} is no file, but a pipe or a device. Copy what comes from it into a file.")
    raise PDFNotFound(f"There is no file {path}.{_near_names(path)}")


def _is_pdf_name(file: Path) -> bool:
    return file.suffix.lower() == ".pdf" and not file.name.startswith(".") and file.is_file()


def _near_names(path: Path) -> str:
    """One sentence on what is there instead of `path`."""
    folder = next(parent for parent in [path.parent, *path.parents] if parent.is_dir())
    if folder != path.parent:
        return f" The folder {path.parent} does not exist."
    names = sorted(file.name for file in folder.iterdir() if _is_pdf_name(file))
    near = difflib.get_close_matches(path.name, names, n=3) or names[:5]
    return (
        f" In {folder.resolve()} there is: {', '.join(near)}."
        if near
        else f" {folder.resolve()} holds no PDF."
    )


def _drop_repeated(files: Iterable[Path]) -> list[Path]:
    """Keep each file once, even if it was named twice or through a symbolic link, and say so."""
    kept: dict[Path, Path] = {}
    for file in files:
        first = kept.setdefault(file.resolve(), file)
        if first is not file:
            say(f"{file} is the same file as {first}: read once.")
    return list(kept.values())


def _name_sources(files: Sequence[Path]) -> dict[str, Path]:
    """Name every file by the shortest end of its path that no other file has."""
    names = {file: file.name for file in files}
    depth = 1
    while len(set(names.values())) < len(files):
        depth += 1
        counts = Counter(names.values())
        names = {
            file: "/".join(file.absolute().parts[-depth:]) if counts[name] > 1 else name
            for file, name in names.items()
        }
    return {name: file for file, name in sorted(names.items(), key=lambda item: _natural(item[1]))}


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part.casefold()) for part in re.split(r"(\d+)", name)]


def make_recipe(input: Any, parameters: dict[str, Any], model: Any, libraries: list[str]) -> Recipe:
    """Write down everything that an artifact depends on.

    Parameters
    ----------
    input : str or dict
        Hash of what the artifact is made from.
    parameters : dict
        What was asked for.
    model : str or dict
        Name, and where it matters the checksum, of the model that took part.
    libraries : list of str
        Those that took part; their major versions count (a bug-fix release does not make an artifact stale).
    """
    versions = {name: _major(metadata.version(name)) for name in libraries}
    recipe = {"input": input, "parameters": parameters, "model": model, "versions": versions}
    return json.loads(json.dumps(recipe))  # as it will be read back


def _major(version: str) -> str:
    """The part of a version whose change means change: the first number, the first two of a 0.x.

    >>> _major("5.23.0"), _major("0.22.1")
    ('5', '0.22')
    """
    first, second = [*version.split("."), ""][:2]
    return f"0.{second}" if first == "0" else first


def hash_sources(sources: dict[str, Path]) -> dict[str, str]:
    """SHA-256 of each PDF.

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


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Write a file so that it is there whole or not at all: temporary file, flush to disk, rename.

    Raises
    ------
    WorkspaceError
        If the disk is full or the folder cannot be written; the file that was there before is untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with _named_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(temporary)
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except WorkspaceError:
        raise
    except OSError as error:
        cure = "Free some disk space" if error.errno in _FULL else "See that you may read and write there"
        raise WorkspaceError(
            f"{path}: {error.strerror or error}. What was saved before is intact. {cure}, or choose another folder "
            "with RAGKIT_ARTIFACTS, and run the cell again."
        ) from error


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _name(pdf: Any, sources: dict[str, Path]) -> str:
    """Name a document set after its folder, or after its first file."""
    first = next(iter(sources.values()))
    single = Path(pdf) if isinstance(pdf, str | Path) else first
    stem = single.resolve().name if single.is_dir() else first.stem
    if len(sources) > 1 and not single.is_dir():
        stem += f"-and-{len(sources) - 1}-more"
    return re.sub(r"[^\w.]+", "-", stem).strip("-.")[:60] or "document"


def _read_manifest(path: Path) -> dict[str, Any]:
    """Read a manifest; empty when there is none, or none that this version understands."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return manifest if isinstance(manifest, dict) and manifest.get("format") == FORMAT else {}


def _difference(recorded: Recipe, recipe: Recipe, prefix: str = "") -> str | None:
    """Name the first thing in which two recipes differ."""
    for name in [*recipe, *(name for name in recorded if name not in recipe)]:
        before, now = recorded.get(name), recipe.get(name)
        if isinstance(before, dict) and isinstance(now, dict):
            if found := _difference(before, now, f"{prefix}{name}."):
                return found
        elif before != now:
            return f"{prefix}{name} was {_short(before)}, is {_short(now)}"
    return None


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _short(value: Any) -> str:
    text = str(value)
    return text[:8] + "…" if re.fullmatch(r"[0-9a-f]{40,}", text) else text

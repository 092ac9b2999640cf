"""What is new in a folder goes into the library, a whole file at a time; what is gone goes out."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from tqdm import tqdm

from ragkit.library.cells import build_indices, is_indexed
from ragkit.library.rows import Job, embed_file, read_file, unpacked
from ragkit.library.table import Library
from ragkit.notice import BadParameter, PDFNotFound, say
from ragkit.reading.find import find_pdfs, holds_no_pdf
from ragkit.workspace import hash_sources

SECONDS, ROWS = 5, 20_000
"""How long, and how many rows, finished files wait for one another before they are committed together."""


@dataclass(frozen=True)
class Added:
    """What `add` found and did: the names of files, by what became of them; `left_out` says why."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        counts = {name: len(value) for name, value in vars(self).items()}
        return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())


def add(folder: str | Path, library: Library, *, workers: int | None = None) -> Added:
    """Bring a library up to date with a folder: new and changed files are worked on, rows of removed ones go.

    A file's rows come, or change, in one commit: killed at any moment, the table holds whole files, and the next call
    goes on. With `RAY_ADDRESS` set the work is done on that Ray cluster.

    Parameters
    ----------
    folder : str or path
        Of PDFs, with its subfolders; or one PDF, which says nothing about its neighbours. Its name begins the
        `source` of its files: shelf/bread.pdf.
    library : Library
    workers : int, optional
        Models at work on a cluster; default: one a GPU, else one a processor.

    Returns
    -------
    Added
        A file that cannot be read is in `left_out`, and said; it is tried again next time.

    Raises
    ------
    PDFNotFound, BadParameter
        If there is no such folder; or another folder of that name is in the library.
    """
    folder = Path(folder).expanduser().resolve()
    with library.locked():
        jobs, plan = _plan(library, folder)
        library.remove(plan.removed)
        unread = list(plan.left_out.items())
        failed = _commit(library, _made(library, jobs, workers), len(jobs), set(plan.changed))
        for source, error in itertools.chain(unread, failed):
            plan.left_out[source] = error
            say(f"left out: {source}: {error}")
        plan.new[:], plan.changed[:] = (
            [source for source in sources if source not in plan.left_out]
            for sources in (plan.new, plan.changed)
        )
        if len(library) and not is_indexed(library.table):
            build_indices(library.table)
    return plan


def _plan(library: Library, given: Path) -> tuple[list[Job], Added]:
    """Compare a folder with the library: the files to work on, and what became of all of them."""
    folder = given.parent if given.is_file() else given
    try:
        paths = list(find_pdfs(given).values())
    except PDFNotFound:
        if not holds_no_pdf(folder):
            raise
        paths = []  # the last PDF was taken out
    files = {f"{folder.name}/{path.relative_to(folder).as_posix()}": path for path in paths}
    hashes, unreadable = _hash_each(files)
    present = {source: path for source, path in files.items() if source in hashes}
    known = _of_folder(library, folder)
    plan = Added(
        new=[source for source in present if source not in known],
        changed=[source for source in present if source in known and known[source] != hashes[source]],
        removed=[] if given.is_file() else [source for source in known if source not in files],
        unchanged=[source for source in present if known.get(source) == hashes[source]],
        left_out=unreadable,
    )
    if not (files or known):
        raise PDFNotFound(f"No PDF in the folder {folder}, and none of it in the library.")
    jobs = [
        {"source": source, "folder": str(folder), "path": str(present[source]), "sha256": hashes[source]}
        for source in (*plan.new, *plan.changed)
    ]
    return jobs, plan


def _hash_each(files: dict[str, Path]) -> tuple[dict[str, str], dict[str, str]]:
    """SHA-256 of the files that can be opened; why the others cannot."""
    hashes: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for source, path in files.items():
        try:
            hashes |= hash_sources({source: path})
        except PDFNotFound as error:
            unreadable[source] = f"{type(error).__name__}: {error}"
    return hashes, unreadable


def _of_folder(library: Library, folder: Path) -> dict[str, str]:
    """Source -> SHA-256 of what the library has of a folder, also if it was elsewhere then."""
    known = {
        source: about for source, about in library.files().items() if source.startswith(f"{folder.name}/")
    }
    for other in {where for _, where in known.values()} - {str(folder)}:
        if Path(other).is_dir():
            raise BadParameter(
                f"The library has a folder {folder.name} already: {other}. Rename one of the two, or give this one a "
                "library of its own (RAGKIT_LIBRARY)."
            )
        say(f"{other} is now {folder}")
        library.move(other, str(folder))
    return {source: sha256 for source, (sha256, _) in known.items()}


def _made(library: Library, jobs: list[Job], workers: int | None) -> Iterable[Job]:
    """The files with their rows, one after the other, or as they come from a cluster."""
    if not jobs:
        return []
    if os.environ.get("RAY_ADDRESS"):
        from ragkit.library.cluster import made_on_a_cluster

        return made_on_a_cluster(jobs, library.reading, library.embedder, workers)
    return (embed_file(read_file(job, library.reading), library.embedder) for job in jobs)


def _commit(
    library: Library, made: Iterable[Job], total: int, changed: set[str]
) -> Iterator[tuple[str, str]]:
    """Commit finished files, several together; yield those that could not be read, with the reason."""
    waiting: list[pa.Table] = []
    last = time.monotonic()
    for job in tqdm(made, total=total, unit="file", desc="library", disable=total < 2):
        if job["error"]:
            yield job["source"], job["error"]
            continue
        waiting.append(unpacked(job["rows"]))
        if time.monotonic() - last > SECONDS or sum(map(len, waiting)) > ROWS:
            _commit_together(library, waiting, changed)
            waiting, last = [], time.monotonic()
    _commit_together(library, waiting, changed)


def _commit_together(library: Library, tables: list[pa.Table], changed: set[str]) -> None:
    if tables:
        rows = pa.concat_tables(tables)
        library.replace(rows, sorted(changed & set(rows["source"].unique().to_pylist())))

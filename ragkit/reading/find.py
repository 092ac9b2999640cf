"""Finding PDF files: a path, a folder, a glob, or a list of these."""

from __future__ import annotations

import difflib
import glob
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ragkit.notice import PDFNotFound, say

PAGED = (".xps", ".oxps")
FLOWING = (".epub", ".docx", ".html", ".htm", ".xhtml", ".md", ".txt", ".fb2")
"""Names of documents that are read beside PDFs: with pages of their own, and without."""

OFFICE = (".doc", ".odt", ".rtf", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".odp", ".pages", ".djvu")
"""Names of documents that are not read, and whose absence somebody would miss."""

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


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
    unnamed = [file for file in found if not _is_utf8(file)]
    missing += [f"{str(file)!a} is left out: its name is not UTF-8. Rename it." for file in unnamed]
    found = [file for file in found if file not in unnamed]
    if not found:
        raise PDFNotFound("\n".join(missing) or "No PDF was named: the list of paths is empty.")
    for message in missing:
        say(message)
    return _name_sources(_drop_repeated(found))


def _is_utf8(path: Path) -> bool:
    """Whether a path can be written down: one from an old ZIP may have bytes that are no text."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _expand(path: Path) -> list[Path]:
    """Files behind one path; raise PDFNotFound with what is there instead."""
    if path.is_file():
        return [path]
    if path.is_dir():
        every = _files_below(path)
        if files := [file for file in every if _is_pdf_name(file)]:
            _say_unread(path, every)
            return _with_their_kinds(path, files)
        others = sorted(file.name for file in path.iterdir())[:5]
        holds = f"it holds {', '.join(others)}" if others else "it is empty"
        raise PDFNotFound(f"No PDF in the folder {path}: {holds}.")
    if glob.has_magic(str(path)):
        folder = next((each for each in path.parents if each.is_dir()), Path())  # its name may be [2023]
        pattern = os.path.join(glob.escape(str(folder)), path.relative_to(folder))
        files = [Path(name) for name in glob.glob(pattern, recursive=True) if _is_pdf_name(Path(name))]
        if files:
            return _with_their_kinds(path, files)
        raise PDFNotFound(f"No PDF matches {path}.{_near_names(path)}")
    if re.match(r"\w{2,}:[/\\]", str(path)):
        raise PDFNotFound(f"{path} is an address, not a path. Download the file first, and give its path.")
    if path.exists():
        raise PDFNotFound(
            f"{path} is not a file but a pipe or a device. Copy what comes from it into a file."
        )
    raise PDFNotFound(f"There is no file {path}.{_near_names(path)}")


def _with_their_kinds(path: Path, files: list[Path]) -> list[Path]:
    """The files that a folder or a glob stands for; what is among them besides PDFs is said."""
    kinds = Counter(file.suffix.lower() for file in files)
    if set(kinds) - {".pdf"}:
        say(f"{path}: {', '.join(f'{n} × {kind}' for kind, n in sorted(kinds.items()))}")
    return files


def _say_unread(folder: Path, files: Iterable[Path]) -> None:
    """Name the documents among a folder's files that are not read."""
    names = sorted(
        file.relative_to(folder).as_posix()
        for file in files
        if file.suffix.lower() in OFFICE and file.name[0] not in ".~"
    )
    if names:
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        say(f"{folder}: not read: {', '.join(names[:5])}{more}. Save them as PDF.", once=True)


def holds_no_pdf(folder: Path) -> bool:
    """Whether a folder could be searched, subfolders and all, and there is no PDF in it."""
    try:
        return folder.is_dir() and not any(map(_is_pdf_name, _files_below(folder)))
    except OSError:
        return False


def _files_below(folder: Path) -> list[Path]:
    """Files in a folder and its subfolders, but for hidden ones and Python environments: nobody means those."""

    def refuse(error: OSError) -> None:
        raise error

    files = []
    for place, subfolders, names in os.walk(folder, onerror=refuse):
        kept = [name for name in subfolders if not name.startswith(".") and name != "node_modules"]
        subfolders[:] = [name for name in kept if not (Path(place) / name / "pyvenv.cfg").exists()]
        files += [Path(place) / name for name in names]
    return files


def _is_pdf_name(file: Path) -> bool:
    known = file.suffix.lower() in (".pdf", *PAGED, *FLOWING)
    return known and not file.name.startswith(".") and file.is_file()


def _near_names(path: Path) -> str:
    """One sentence on what is there instead of `path`."""
    folder = next((parent for parent in path.parents if parent.is_dir()), None)
    if folder is None:
        return f" {path.anchor} is not there: a drive or share that is not connected?"
    if folder != path.parent:
        return f" The folder {path.parent} does not exist."
    names = sorted(file.name for file in folder.iterdir() if _is_pdf_name(file))
    near = difflib.get_close_matches(path.name, names, n=3)
    shown = [*near, *(name for name in names if name not in near)][:5]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return (
        f" In {folder.resolve()} there is: {', '.join(shown)}{more}."
        if shown
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

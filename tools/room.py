"""A room without a network: is a folder of `make offline` whole, its models taken over, and who is ready.

A folder is checked before anything is installed: only the standard library is used at the top.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ragkit import models
from ragkit.disk import sha256_of
from ragkit.models.unpack import is_complete
from ragkit.notice import BadParameter, ModelCorrupt, say

ABOUT, SUMS = "about.json", "SHA256SUMS"
_VERDICT = re.compile(r"^(?P<who>.*?)\W*\b(?P<verdict>NOT READY|READY) (?P<facts>ragkit .+)$")


def check_folder(folder: Path) -> str:
    """Say that a folder is whole and for this machine.

    Raises
    ------
    BadParameter
        It was never finished, is for another platform, or files are missing or damaged: which.
    """
    check_platform(folder)
    sums = _read_sums(folder)
    wrong = [path for path, sha256 in sums.items() if not is_whole(folder / path, sha256)]
    if wrong:
        named = [f"{path} ({'damaged' if (folder / path).is_file() else 'missing'})" for path in wrong[:5]]
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise BadParameter(
            f"{folder} is not whole, {len(wrong)} of {len(sums)} files are wrong: {', '.join(named)}{more}. "
            "Copy it again, or run make offline where it was made: only these files are fetched."
        )
    return f"{folder} is whole: {len(sums)} files, for {in_words(this_platform())}"


def check_platform(folder: Path) -> None:
    """Raise BadParameter when a folder's wheels do not fit this system, processor and Python."""
    here, about = this_platform(), _read_about(folder)
    if {key: about.get(key) for key in here} != here:
        raise BadParameter(
            f"{folder} is for {in_words(dict.fromkeys(here, '?') | about)}; this is {in_words(here)}. Run "
            "make offline on such a machine, into a folder of its own, or name the Python: make PYTHON=python3.12 ..."
        )


def _read_about(folder: Path) -> dict[str, str]:
    try:
        return json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unfinished(folder, error) from error


def take_models(folder: Path) -> None:
    """Copy the models that this machine lacks out of a folder, each file compared with its SHA-256."""
    lacking = [name for name in models.COURSE_MODELS if not models.is_present(name)]
    sums = _read_sums(folder) if lacking else {}
    if lacking:  # the small edition leaves one out
        lacking = [name for name in lacking if name in _read_about(folder).get("models", name)]
    for name in lacking:
        say(f"{name}: from {folder} to {models.models_home()}")
        models.models_home().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=models.models_home(), prefix=f".{name}-") as temporary:
            _take_model(folder / "models" / name, Path(temporary) / name, sums)


def _take_model(source: Path, partial: Path, sums: dict[str, str]) -> None:
    package, target = models.PACKAGES[source.name], models.models_home() / source.name
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        inside = path.relative_to(source).as_posix()
        _, pinned = package.files.get(inside, ["", ""])  # in the course; its record has no pin there
        copy_checked(path, partial / inside, pinned or sums.get(f"models/{source.name}/{inside}", "none"))
    if not is_complete(partial, package):
        raise ModelCorrupt(f"{source} is not whole, or of another version of the course: make offline again.")
    shutil.rmtree(target, ignore_errors=True)
    os.replace(partial, target)


def copy_checked(source: Path, target: Path, sha256: str) -> None:
    """Copy a file; it gets its name when it is whole and what it has to be."""
    partial = target.with_name(f".{target.name}.partial")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, partial)
        if (found := sha256_of(partial)) != sha256:
            raise ModelCorrupt(
                f"{source} is not the expected file: SHA-256 expected {sha256}, found {found}."
            )
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def is_whole(path: Path, sha256: str) -> bool:
    """Tell whether a file is there, and the right one."""
    return path.is_file() and sha256_of(path) == sha256


def this_platform() -> dict[str, str]:
    """Return what wheels are made for: system, processor and Python."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"system": platform.system(), "machine": platform.machine(), "python": python}


def in_words(about: dict[str, str]) -> str:
    """Write a platform for people."""
    return "{system} on {machine} with Python {python}".format(**about)


def _read_sums(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise _unfinished(folder, error) from error
    return {path: sha256 for sha256, _, path in (line.partition("  ") for line in lines)}


def _unfinished(folder: Path, error: Exception) -> BadParameter:
    return BadParameter(f"{folder.absolute()} is not a folder that make offline has finished: {error}")


def who_is_ready(path: Path) -> str:
    """Return a table of the last lines that `make doctor` printed for others, those who are not ready first.

    Parameters
    ----------
    path : Path
        A text file with a line each, a name in front ("Ana: READY ragkit ..."), or a folder with a report each,
        the name being the file's. The last line of a name counts.
    """
    found = {match["who"] or who: match for who, line in lines_of(path) if (match := _VERDICT.search(line))}
    rows = sorted(found.items(), key=lambda row: (row[1]["verdict"] == "READY", row[0].lower()))
    ready = sum(match["verdict"] == "READY" for match in found.values())
    table = [f"{name:24}{match['verdict']:11}{match['facts']}" for name, match in rows]
    return "\n".join([*table, f"{ready} of {len(found)} are ready"])


def lines_of(path: Path) -> Iterator[tuple[str, str]]:
    """Give each line that was sent, and who sent it where the line does not say: a file's name, or its number.

    Raises
    ------
    BadParameter
        If there is no such file or folder.
    """
    if not path.exists():
        raise BadParameter(f"{path}: no such file or folder. It has to hold the lines that were sent.")
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        for number, line in enumerate(_lines(file), start=1):
            yield file.stem if path.is_dir() else f"line {number}", line


def _lines(file: Path) -> list[str]:
    """Read a text; Windows' PowerShell writes UTF-16."""
    content = file.read_bytes() if file.is_file() else b""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return content.decode(encoding, "replace").splitlines()

"""`make offline`: one folder with all that a room without a network needs, for this platform (see `room`)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit import __version__, models
from ragkit.disk import sha256_of
from ragkit.models.files import RECORD, read_record
from ragkit.notice import RagkitError, say
from tools.notebooks import ROOT
from tools.room import ABOUT, SUMS, check_platform, copy_checked, in_words, is_whole, this_platform

COURSE = "ragkit-course.zip"
EXTRAS = "course,dev,library,serve,chat,mcp,test"
"""What `make setup` installs, and what `make test` and `make chat` need besides."""
_BIG = 20_000_000
"""Bytes from which on pip is asked for a wheel alone: what came stays if the next one fails."""

_README = """ragkit {ragkit}, for a room without a network.
For {system} on {machine} with Python {python}, and nothing else. Python and make are not in here.

1. Unpack {course} (notebooks, sample PDF, code), and go into its folder ragkit.
2. make setup OFFLINE=path/to/this/folder
3. make run
4. make chat OFFLINE=path/to/this/folder, and make test: with OFFLINE the first time

wheels/ has the packages, in the tested versions; models/ the models, {models};
SHA256SUMS what every file has to be.
"""


@dataclass(frozen=True)
class _File:
    """A file of the folder: its path there, what it has to be, and where it comes from."""

    path: str
    sha256: str
    size: int  # 0: the index does not tell
    source: str | Path  # a requirement for pip, or a file on this disk


def make_folder(folder: Path, small: bool = False) -> str:
    """Fill a folder with all that the course needs on this platform; what is whole there is not fetched again.

    Parameters
    ----------
    small : bool
        Leave the default language model out: in the room the small one answers.

    Raises
    ------
    BadParameter
        The folder is for another platform.
    RagkitError
        A file did not come, or not as it has to be. The next call goes on from there.
    """
    if (folder / ABOUT).is_file():
        check_platform(folder)
    say("asking the package index which files this platform needs: a minute or two")
    chosen = [name for name in models.COURSE_MODELS if not (small and name == models.DEFAULT_LLM)]
    files = _plan_wheels() + [file for name in chosen for file in _plan_model(name)]
    missing = [file for file in files if not is_whole(folder / file.path, file.sha256)]
    names, platform = ", ".join(chosen), in_words(this_platform())
    say(f"for {platform}: {_size(files)} in {len(files)} files, packages and {names}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SUMS).unlink(missing_ok=True)
        free = models.format_size(shutil.disk_usage(folder).free)
        say(f"to {folder.absolute()}, {free} free: {_size(missing)} in {len(missing)} files")
        _fetch_wheels(folder, [file for file in missing if isinstance(file.source, str)])
        for file in missing:
            if isinstance(file.source, Path):
                copy_checked(file.source, folder / file.path, file.sha256)
        _write_rest(folder, files, chosen)
    except OSError as error:
        raise RagkitError(f"{error}. What is whole stays: free some disk, or choose another DIR.") from error
    return f"{folder} is whole. In the room: make setup OFFLINE=path/to/{folder.absolute().name}"


def _size(files: list[_File]) -> str:
    least = "" if all(file.size for file in files) else "at least "
    return least + models.format_size(sum(file.size for file in files))


def _plan_wheels() -> list[_File]:
    """Have pip resolve what the Makefile installs, and setuptools, which builds the editable install."""
    builds = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary) / "report.json"
        _run_pip(
            "install", "--dry-run", "--ignore-installed", "--only-binary", ":all:", "--report", str(report),
            "-c", str(ROOT / "constraints.txt"), f"{ROOT}[{EXTRAS}]", *builds,
        )  # fmt: skip
        found = json.loads(report.read_text(encoding="utf-8"))["install"]
    with ThreadPoolExecutor(16) as pool:
        return list(
            pool.map(_plan_wheel, (item for item in found if "archive_info" in item["download_info"]))
        )


def _plan_wheel(item: dict[str, Any]) -> _File:
    url, archive = item["download_info"]["url"], item["download_info"]["archive_info"]
    name = urllib.parse.unquote(url.rpartition("/")[2])
    requirement = f"{item['metadata']['name']}=={item['metadata']['version']}"
    sums = archive.get("hashes") or dict([archive["hash"].split("=", 1)])  # the second: pip before 23.1
    return _File(f"wheels/{name}", sums["sha256"], _size_at(url), requirement)


def _size_at(url: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=20) as answer:
            return int(answer.headers["Content-Length"])
    except (OSError, TypeError, ValueError):
        return 0


def _plan_model(name: str) -> list[_File]:
    folder = models.fetch_model(name)
    record = folder / RECORD
    facts = read_record(folder)["files"] | {RECORD: (record.stat().st_size, sha256_of(record))}
    return [_File(f"models/{name}/{path}", sha, size, folder / path) for path, (size, sha) in facts.items()]


def _fetch_wheels(folder: Path, missing: list[_File]) -> None:
    small = [file for file in missing if file.size < _BIG]
    groups = [[file] for file in missing if file.size >= _BIG]
    groups += [small[start : start + 20] for start in range(0, len(small), 20)]
    for number, group in enumerate(groups, start=1):
        say(
            f"download {number} of {len(groups)}: {_size(group)}, {', '.join(str(f.source) for f in group[:3])} ..."
        )
        with tempfile.TemporaryDirectory(dir=folder, prefix=".pip-", ignore_cleanup_errors=True) as temporary:
            asked = [str(file.source) for file in group]
            _run_pip(
                "download", "--no-deps", "--only-binary", ":all:", "-d", temporary, *asked, place=temporary
            )
            for file in group:
                copy_checked(Path(temporary) / Path(file.path).name, folder / file.path, file.sha256)


def _run_pip(*arguments: str, place: str | None = None) -> None:
    """Run pip, with its own temporary files where there is room: /tmp may be a small RAM disk."""
    command = [
        sys.executable,
        "-m",
        "pip",
        *arguments,
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    environment = os.environ | (dict.fromkeys(("TMPDIR", "TEMP", "TMP"), place) if place else {})
    finished = subprocess.run(command, stderr=subprocess.PIPE, text=True, env=environment, check=False)
    if finished.returncode:
        words = "\n".join(f"  | {line[:200]}" for line in finished.stderr.splitlines()[-5:])
        raise RagkitError(
            f"pip {arguments[0]} failed. What is whole stays: try again. Its last words:\n{words}"
        )


def _write_rest(folder: Path, files: list[_File], chosen: list[str]) -> None:
    """Write the course itself, what the folder is for, and at last the sums: without them it is not finished."""
    about = this_platform() | {"ragkit": __version__, "models": ", ".join(chosen)}
    (folder / "README.txt").write_text(_README.format(**about, course=COURSE), encoding="utf-8")
    (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    written = ["README.txt", ABOUT, *_archive_course(folder)]
    sums = {file.path: file.sha256 for file in files} | {path: sha256_of(folder / path) for path in written}
    lines = "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(sums.items()))
    (folder / f".{SUMS}").write_text(lines, encoding="utf-8", newline="\n")
    os.replace(folder / f".{SUMS}", folder / SUMS)


def _archive_course(folder: Path) -> list[str]:
    archive = str(folder.absolute() / COURSE)
    command = ["git", "archive", "--format=zip", "--prefix=ragkit/", "-o", archive, "HEAD"]
    if (
        shutil.which("git")
        and subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    ):
        return [COURSE]
    say(f"no {COURSE}, since this is not a git checkout: take a copy of the course's folder along")
    return []

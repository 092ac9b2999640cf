"""Files that are there whole or not at all, their hashes, and the folder that all checkouts share."""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ragkit.notice import WorkspaceError

SECRET_BYTES = 32


def ragkit_home() -> Path:
    """Return the folder that every checkout on this machine shares: models, and a secret.

    `$RAGKIT_HOME` if set, else `ragkit` in the user's cache folder (~/.cache on Linux, ~/Library/Caches on macOS,
    %LOCALAPPDATA% on Windows).
    """
    import platformdirs

    home = os.environ.get("RAGKIT_HOME")
    root = Path(home).expanduser() if home else platformdirs.user_cache_path("ragkit", appauthor=False)
    return root.absolute()


def keyed_hash(text: str) -> str:
    """Hash a text so that nobody can guess the result who does not know this machine's secret.

    The secret is made once and kept in `ragkit_home()`; `RAGKIT_SECRET` overrules it. No document can know it,
    and one text always has one hash.

    Returns
    -------
    str
        64 hex digits.
    """
    secret = os.environ.get("RAGKIT_SECRET", "").encode() or _secret(ragkit_home() / "secret")
    return hmac.new(secret, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


@functools.cache
def _secret(path: Path) -> bytes:
    """The secret in a file; made where there is none, or only the beginning of one, as a full disk leaves it."""
    if not _is_whole(path):
        # Not at the top: `python -m tools offline --check` runs before anything is installed.
        from filelock import FileLock

        with named_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock")):
                if not _is_whole(path):
                    readable_by_me = functools.partial(os.open, mode=0o600)
                    with open(path, "wb", opener=readable_by_me) as file:
                        file.write(secrets.token_bytes(SECRET_BYTES))
    return path.read_bytes()


def _is_whole(secret: Path) -> bool:
    return secret.exists() and secret.stat().st_size >= SECRET_BYTES


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
    with named_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(temporary)
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system says about a path into a WorkspaceError that says what to do."""
    try:
        yield
    except WorkspaceError:
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        cure = "Free some disk space" if full else "See that you may read and write there"
        raise WorkspaceError(
            f"{path}: {error.strerror or error}. What was saved before is intact. {cure}, or choose another folder "
            "with RAGKIT_ARTIFACTS, and run the cell again."
        ) from error

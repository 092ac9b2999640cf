"""What ragkit says to a person: named errors, and one-line notices through `logging`."""

from __future__ import annotations

import logging
import sys

_said: set[str] = set()


class _ToStderr(logging.Handler):
    """Writes to what `sys.stderr` is at that moment; in a notebook it is the cell's own."""

    def emit(self, record: logging.LogRecord) -> None:
        print(f"ragkit: {record.getMessage()}", file=sys.stderr, flush=True)


_logger = logging.getLogger("ragkit")  # a program silences it with logging.getLogger("ragkit").setLevel(...)
_logger.setLevel(logging.INFO)
_logger.addHandler(_ToStderr())
_logger.propagate = False


class RagkitError(Exception):
    """Base of every error that ragkit raises on purpose: what was wrong, where, and what to do next."""


class BadParameter(RagkitError, ValueError):
    """A parameter has a value that no step can work with."""


class PDFNotFound(RagkitError, FileNotFoundError):
    """No PDF is where one was looked for."""


class NotAPDF(RagkitError, ValueError):
    """The file exists, but it is something other than a PDF."""


class BrokenPDF(RagkitError, ValueError):
    """The file is a PDF that is so damaged that no page can be read."""


class EncryptedPDF(RagkitError, PermissionError):
    """The PDF asks for a password."""


class NoText(RagkitError, ValueError):
    """The PDF has pages but no text layer: a scan, most often."""


class WorkspaceError(RagkitError, OSError):
    """The workspace folder cannot be written or read."""


class StaleIndex(RagkitError, ValueError):
    """Two things that have to belong together do not: chunks and embeddings, or an index and its model."""


class BadEmbeddings(RagkitError, ValueError):
    """Embeddings that cannot be searched: not finite, not unit length, or not one row a chunk."""


class EmptyQuestion(RagkitError, ValueError):
    """A question without a word in it."""


class BadQuestions(RagkitError, ValueError):
    """A file of questions that cannot be read, or that asks for pages or words that the document does not have."""


class PromptTooLong(RagkitError, ValueError):
    """The prompt does not fit in the token budget even without a passage."""


class ModelNotFound(RagkitError, FileNotFoundError):
    """A model is neither on this disk nor can it be fetched."""


class ModelCorrupt(RagkitError, ValueError):
    """A model file is not the one that was expected: wrong hash, or a format that is not loaded."""


class NotEnoughMemory(RagkitError, MemoryError):
    """The model does not fit in the memory that is free."""


class ServerError(RagkitError, ConnectionError):
    """A language model's server does not answer, or not as it should; `status` is that of HTTP, where it has one."""

    status: int | None = None


class DeviceUnavailable(RagkitError, RuntimeError):
    """A device was asked for that this machine does not have."""


def say(text: str, once: bool = False) -> None:
    """Log one line for a person, at level INFO of the logger "ragkit": by default it appears on stderr.

    Parameters
    ----------
    text : str
        The line, without "ragkit:" in front.
    once : bool
        Leave it out when the same line was said before in this process.
    """
    if not (once and text in _said):
        _said.add(text)
        _logger.info("%s", text)

"""Opening a file that claims to be a PDF: what it is, its password.

Every way in which this can fail has its named error, which says what the file is and what to do.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pymupdf

from ragkit.notice import BrokenPDF, EncryptedPDF, NotAPDF, PDFNotFound, RagkitError
from ragkit.reading.find import FLOWING, PAGED
from ragkit.reading.flowing import as_pdf

_SIGNATURES = {
    b"\x89PNG": "a PNG picture", b"\xff\xd8\xff": "a JPEG picture", b"GIF8": "a GIF picture",
    b"PK\x03\x04": "a ZIP archive, as files of office programs are", b"%!PS": "a PostScript file",
    b"\xd0\xcf\x11\xe0": "an old Office document", b"{\\rtf": "an RTF document", b"\x1f\x8b": "a gzip file",
    b"AT&TFORM": "a DjVu document", b"II*\x00": "a TIFF picture", b"MM\x00*": "a TIFF picture",
    b"\xff\xfe": "a text file", b"\xfe\xff": "a text file", b"bplist": "a web page as Safari saves it",
    b"\x00\x05\x16\x07": "a Mac's side file, without the text",
}  # fmt: skip
_OTHERS = (_SIGNATURES[b"PK\x03\x04"], "a text file", "an HTML page", "an XML file")
_USUAL_ADVICE = "Export it as PDF from its own program, or download it again."
_ADVICE = {
    "an empty file (0 bytes)": "Download it again; a file in the cloud has to be kept on this computer first.",
    "a gzip file": "Unpack it first: the PDF is inside, perhaps.",
    "a Mac's side file, without the text": "The PDF has the same name without the '._' in front.",
}
_HTML = re.compile(rb"<(!doctype html|html|head|body|title|script|meta|!--)", re.IGNORECASE)


def describe_file(head: bytes) -> str:
    """Say what a file is by its first bytes; of a PDF, its header has to be among them.

    >>> describe_file(b"%PDF-1.7 ...")
    'a PDF'
    >>> describe_file(b"<!DOCTYPE html><title>404 Not Found</title>")
    'an HTML page'
    """
    if not head:
        return "an empty file (0 bytes)"
    for signature, name in _SIGNATURES.items():
        if head.startswith(signature):
            return name
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if _HTML.match(start):
        return "an HTML page"
    if b"%PDF-" in head:
        return "a PDF"
    if start.startswith(b"<?xml"):
        return "an HTML page" if b"<html" in start.lower() else "an XML file"
    control = re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head)
    return "binary data of an unknown kind" if control else "a text file"


def open_pdf(file: Path, password: str | None = None) -> pymupdf.Document:
    """Open a PDF and make sure that it is one, and that its pages can be read.

    Raises
    ------
    PDFNotFound, NotAPDF, BrokenPDF, EncryptedPDF
        The message says what the file is, and what to do.
    """
    pymupdf.TOOLS.mupdf_display_errors(False)  # they are collected instead
    pymupdf.TOOLS.mupdf_display_warnings(False)
    kind = describe_file(_head(file))
    if kind != "a PDF" and file.suffix.lower() in (*PAGED, *FLOWING) and kind in _OTHERS:
        return _laid_out(file)
    if kind != "a PDF":
        raise NotAPDF(f"{file} is not a PDF but {kind}. {_ADVICE.get(kind, _USUAL_ADVICE)}")
    try:
        document = pymupdf.open(file, filetype="pdf")
        if not document.is_pdf:
            raise NotAPDF(f"{file} starts like a PDF but holds something else. Download it again.")
        if document.needs_pass:
            _unlock(document, file, password)
        if document.page_count == 0:
            raise BrokenPDF(broken(file, "it has no pages"))
        document.page_xref(0)  # MuPDF goes through the list of pages here, and repairs the file if it has to
    except RagkitError:
        raise
    except Exception as error:  # MuPDF has many error classes of its own
        raise BrokenPDF(broken(file, message_of(error))) from error
    return document


def _laid_out(file: Path) -> pymupdf.Document:
    """Open a document that is no PDF as one that was made of it."""
    try:
        about = file.stat()
        return pymupdf.open("pdf", as_pdf(file, (about.st_mtime_ns, about.st_size)))
    except Exception as error:  # MuPDF has many error classes of its own
        why = f"{file} cannot be read as what its name says, {file.suffix} ({message_of(error)})."
        raise BrokenPDF(f"{why} {_USUAL_ADVICE}") from error


def _head(file: Path) -> bytes:
    """Read the first bytes of a file; some programs write a header of their own before the PDF's."""
    try:
        with file.open("rb") as stream:
            return stream.read(8192)
    except OSError as error:
        raise PDFNotFound(
            f"{file} cannot be opened: {error.strerror}. Check that it is still there, and its permissions."
        ) from error


def message_of(error: Exception) -> str:
    """What an error of MuPDF says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def broken(file: Path, why: str) -> str:
    """What to say of a file of which nothing can be read."""
    return f"{file} is a PDF, but so damaged that no page of it can be read ({why}). Get another copy of it."


def _unlock(document: pymupdf.Document, file: Path, password: str | None) -> None:
    """Try the password that was given, else the one in RAGKIT_PASSWORD."""
    password = password if password is not None else os.environ.get("RAGKIT_PASSWORD")
    if password is None:
        raise EncryptedPDF(
            f"{file} is encrypted. Give its password: password=…, or the variable RAGKIT_PASSWORD."
        )
    if not document.authenticate(password):
        raise EncryptedPDF(f"{file} is encrypted, and the password given does not open it. Capitals count.")


def notes_on(document: pymupdf.Document) -> list[str]:
    """Say what a file is instead of a document to be read, if it is."""
    notes = []
    if document.xref_get_key(-1, "Root/Collection")[1] != "null":
        notes.append("a portfolio: it is its attached files; save them with a PDF reader first")
    if document.xref_get_key(-1, "Root/NeedsRendering")[1] == "true":
        notes.append("an XFA form, which only Adobe's programs show: print it there to a PDF, and read that")
    return notes

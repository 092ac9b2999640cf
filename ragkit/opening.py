"""Opening a file that claims to be a PDF: what it is, its password, its list of pages mended.

Every way in which this can fail has its named error, which says what the file is and what to do.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import pymupdf

from ragkit.notice import BrokenPDF, EncryptedPDF, NotAPDF, PDFNotFound

OBJECT_BYTES = 8  # of a file for each of its objects; fewer are never seen

_SIGNATURES = {
    b"\x89PNG": "a PNG picture", b"\xff\xd8\xff": "a JPEG picture", b"GIF8": "a GIF picture",
    b"PK\x03\x04": "a ZIP archive, as Word, PowerPoint and EPUB files are", b"%!PS": "a PostScript file",
    b"\xd0\xcf\x11\xe0": "an old Office document", b"{\\rtf": "an RTF document", b"\x1f\x8b": "a gzip file",
    b"AT&TFORM": "a DjVu document", b"II*\x00": "a TIFF picture", b"MM\x00*": "a TIFF picture",
    b"\xff\xfe": "a text file", b"\xfe\xff": "a text file", b"bplist": "a web page as Safari saves it",
    b"\x00\x05\x16\x07": "a Mac's side file, without the text",
}  # fmt: skip
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
    """Open a PDF and make sure that it is one and can be read; mend its list of pages where that is damaged.

    Raises
    ------
    PDFNotFound, NotAPDF, BrokenPDF, EncryptedPDF
        The message says what the file is, and what to do.
    """
    return open_mended(file, password)[0]


def open_mended(file: Path, password: str | None) -> tuple[pymupdf.Document, bool]:
    """Open a PDF, and say whether its list of pages had to be made anew."""
    pymupdf.TOOLS.mupdf_display_errors(False)  # they are collected instead
    pymupdf.TOOLS.mupdf_display_warnings(False)
    kind = describe_file(_head(file))
    if kind != "a PDF":
        raise NotAPDF(f"{file} is not a PDF but {kind}. {_ADVICE.get(kind, _USUAL_ADVICE)}")
    document = _open_whole_objects(file)
    if not document.is_pdf:
        raise NotAPDF(f"{file} starts like a PDF but holds something else. Download it again.")
    if document.needs_pass:
        _unlock(document, file, password)
    whole = _page_list_is_whole(document)
    if not whole:
        _rebuild_page_list(document, file.stat().st_size // OBJECT_BYTES)
    if document.page_count == 0:
        raise BrokenPDF(broken(file, "it has no pages"))
    return document, not whole


def _open_whole_objects(file: Path) -> pymupdf.Document:
    """Open a PDF; one on which MuPDF gives up often ends within an object, and opens without that one."""
    try:
        return pymupdf.open(file, filetype="pdf")
    except Exception as error:  # MuPDF has many error classes of its own
        content = file.read_bytes()
        whole = content[: content.rfind(b"endobj") + len(b"endobj")]
        with contextlib.suppress(Exception):
            return pymupdf.open(stream=whole + b"\n", filetype="pdf")
        raise BrokenPDF(broken(file, message_of(error))) from error


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


# --- the list of pages ------------------------------------------------------------------------------------


def _entry(document: pymupdf.Document, xref: int, name: str) -> str:
    """An entry of the file's object with that number, as it is written; empty where there is none."""
    try:
        value = document.xref_get_key(xref, name)[1]
        return document.xref_object(int(value.split()[0])) if name == "Kids" and value[-2:] == " R" else value
    except Exception:  # no such object, or none that can be read
        return ""


def _references(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"(\d+) \d+ R", text)]


def _page_list_is_whole(document: pymupdf.Document) -> bool:
    """Whether the list of pages in the file, a tree, has as many leaves as it says, and no circle."""
    try:
        claimed = document.page_count
    except Exception:  # a number that no file can have
        return False
    nodes, seen, leaves = _references(_entry(document, document.pdf_catalog(), "Pages")), set(), 0
    while nodes:
        node = nodes.pop()
        kids = _references(_entry(document, node, "Kids"))
        if node in seen:
            return False
        if kids:
            seen.add(node)
            nodes += kids
        leaves += not kids
    return 0 < claimed == leaves


def _rebuild_page_list(document: pymupdf.Document, most: int) -> None:
    """List all pages that are in the file: first as the parts of the old list have them, then the rest.

    Of the file's objects, `most` are looked at: a damaged file may claim to have millions.
    """
    kinds = {xref: _entry(document, xref, "Type") for xref in range(1, min(most, document.xref_length()))}
    nodes = [xref for xref, kind in kinds.items() if kind == "/Pages"]
    listed = [page for node in nodes for page in _references(_entry(document, node, "Kids"))]
    pages = [page for page in dict.fromkeys([*listed, *kinds]) if kinds.get(page) == "/Page"]
    root, catalog = document.get_new_xref(), document.pdf_catalog()
    kids = " ".join(f"{page} 0 R" for page in pages)
    document.update_object(root, f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>")
    if not _entry(document, catalog, "Type"):
        catalog = document.get_new_xref()
        document.update_object(catalog, "<</Type/Catalog>>")
        document.xref_set_key(-1, "Root", f"{catalog} 0 R")
    document.xref_set_key(catalog, "Pages", f"{root} 0 R")


def notes_on(document: pymupdf.Document) -> list[str]:
    """Say what a file is instead of a document to be read, if it is."""
    notes, catalog = [], document.pdf_catalog()
    if _entry(document, catalog, "Collection") not in ("", "null"):
        names = ", ".join(document.embfile_names()[:5])
        notes.append(
            f"a portfolio: the files in it ({names}) are not read; save them with a PDF reader first"
        )
    if _entry(document, catalog, "NeedsRendering") == "true":
        notes.append("an XFA form, which only Adobe's programs show: print it there to a PDF, and read that")
    return notes

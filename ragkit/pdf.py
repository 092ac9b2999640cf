"""Step 01: from PDF files to a table of pages: their text, their printed labels, their counts.

This module finds, opens and reads the files; how lines become text is in `ragkit.layout`, what
running headers and footers say in `ragkit.margins`.
"""

from __future__ import annotations

import math
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pymupdf
from tqdm import tqdm

from ragkit import models
from ragkit.layout import (
    Line,
    bridge_interruptions,
    clean_characters,
    join_hyphens,
    join_paragraphs,
    nonsense_share,
    set_in_order,
    split_paragraphs,
)
from ragkit.margins import choose_labels, cut_running_tails, find_labels, find_running_lines
from ragkit.notice import (
    BadParameter,
    BrokenPDF,
    EncryptedPDF,
    NotAPDF,
    NoText,
    RagkitError,
    StaleIndex,
    say,
)
from ragkit.workspace import Paths, Workspace, find_pdfs, hash_sources, make_recipe

PAGE_COLUMNS = [
    "source", "page", "label", "text", "n_chars", "n_words", "n_sentences", "n_tokens", "ocr", "blocks",
]  # fmt: skip
SCAN_CHARS = 20  # a page with an image and fewer characters than this is taken for a scan
NONSENSE_SHARE = 0.2  # share of characters without a meaning from which a page is flagged
BAR_PAGES = 100  # a progress bar is shown for documents of more pages than this


@dataclass
class Page:
    """What was read from one page of the file."""

    index: int
    height: float = 0.0
    lines: list[Line] = field(default_factory=list)
    pdf_label: str = ""
    ligatures: int = 0
    nonsense: float = 0.0
    scanned: bool = False
    ocr: bool = False
    ocr_error: str = ""
    error: str = ""
    messages: str = ""  # what MuPDF had to say while it read the page
    turned_back: tuple[
        float, ...
    ] = ()  # matrix that takes the lines of a turned page back to where they stand


# --- opening ----------------------------------------------------------------------------------------------

_SIGNATURES = {
    b"\x89PNG": "a PNG picture", b"\xff\xd8\xff": "a JPEG picture", b"GIF8": "a GIF picture",
    b"PK\x03\x04": "a ZIP archive, as Word, PowerPoint and EPUB files are", b"%!PS": "a PostScript file",
    b"\xd0\xcf\x11\xe0": "an old Office document", b"{\\rtf": "an RTF document", b"\x1f\x8b": "a gzip file",
    b"AT&TFORM": "a DjVu document", b"II*\x00": "a TIFF picture", b"MM\x00*": "a TIFF picture",
    b"\xff\xfe": "a text file", b"\xfe\xff": "a text file",
}  # fmt: skip


def describe_file(head: bytes) -> str:
    """Say what a file is by its first bytes (about 1,024 of them are enough).

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
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if b"%PDF-" in head[:1024]:
        return "a PDF"
    if start.startswith(b"<?xml"):
        return "an HTML page" if b"<html" in start else "an XML file"
    control = re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head)
    return "binary data of an unknown kind" if control else "a text file"


def open_pdf(file: Path, password: str | None = None) -> pymupdf.Document:
    """Open a PDF and make sure that it is one and can be read.

    Raises
    ------
    NotAPDF, BrokenPDF, EncryptedPDF
        The message says what the file is, and what to do.
    """
    with file.open("rb") as stream:
        kind = describe_file(stream.read(2048))
    if kind != "a PDF":
        raise NotAPDF(
            f"{file} is not a PDF but {kind}. Export it as PDF from its own program, or download it again."
        )
    try:
        document = pymupdf.open(file, filetype="pdf")
        n_pages = 0 if document.needs_pass else document.page_count
    except Exception as error:  # MuPDF has many error classes of its own
        raise BrokenPDF(_broken(file, str(error))) from error
    if not document.is_pdf:
        raise NotAPDF(f"{file} starts like a PDF but holds something else. Download it again.")
    if document.needs_pass:
        _unlock(document, file, password)
    elif n_pages == 0:
        raise BrokenPDF(_broken(file, "it has no pages"))
    return document


def _broken(file: Path, why: str) -> str:
    return f"{file} is a PDF, but so damaged that no page of it can be read ({why}). Get another copy of it."


def _unlock(document: pymupdf.Document, file: Path, password: str | None) -> None:
    """Try the password that was given, else the one in RAGKIT_PASSWORD."""
    password = password if password is not None else os.environ.get("RAGKIT_PASSWORD")
    if password is None:
        raise EncryptedPDF(
            f"{file} is encrypted. Give its password: password=…, or the variable RAGKIT_PASSWORD."
        )
    if not document.authenticate(password):
        raise EncryptedPDF(f"{file} is encrypted, and the password given does not open it.")


# --- reading ----------------------------------------------------------------------------------------------

# Ligatures are kept, to be replaced and counted; a glyph without a meaning is U+FFFD, not some number.
_FLAGS = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES & ~pymupdf.TEXT_USE_CID_FOR_UNKNOWN_UNICODE


def tesseract_found() -> bool:
    """Whether PyMuPDF can recognise the text in images on this machine."""
    return bool(shutil.which("tesseract") or os.environ.get("TESSDATA_PREFIX"))


def read_page(document: pymupdf.Document, index: int, ocr: str = "never") -> Page:
    """Read the lines of one page; one that MuPDF cannot read comes back empty, with its error."""
    read = Page(index)
    try:
        page = document[index]
        read.pdf_label = _decode_label(page.get_label())
        _fill(read, page, page.get_text("dict", flags=_FLAGS))
        if sum(len(line.text) for line in read.lines) < SCAN_CHARS and page.get_images():
            read.scanned = True
            if ocr == "auto" and tesseract_found():
                _recognise(read, page)
    except Exception as error:  # MuPDF has many error classes of its own
        read = Page(index, error=_message(error))
    read.messages = pymupdf.TOOLS.mupdf_warnings()
    return read


def _recognise(read: Page, page: pymupdf.Page) -> None:
    """Read a scanned page through Tesseract."""
    try:
        recognised = page.get_textpage_ocr(flags=_FLAGS, full=True)
    except Exception as error:  # no language data, most often
        read.ocr_error = f"Tesseract failed ({_message(error)})"
        return
    _fill(read, page, page.get_text("dict", flags=_FLAGS, textpage=recognised))
    read.ocr = True


def _message(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _decode_label(label: str) -> str:
    """MuPDF gives the prefix of a label as the file writes it; in UTF-16 that is "<FEFF...>"."""
    return re.sub(
        r"<FEFF([0-9A-F]*)>", lambda code: bytes.fromhex(code[1]).decode("utf-16-be", "replace"), label
    )


def _fill(read: Page, page: pymupdf.Page, content: dict[str, Any]) -> None:
    """Put the lines of MuPDF's `dict` output into `read`, turned so that most of the text is upright."""
    raw = [
        (number, line) for number, block in enumerate(content["blocks"]) for line in block.get("lines", [])
    ]
    spaces = Counter({0: 1})  # between words: a chart's labels, one word each, do not turn a page
    for _, line in raw:
        spaces[_angle(line)] += sum(span["text"].count(" ") for span in line["spans"])
    angle = spaces.most_common(1)[0][0]
    width, height = page.cropbox.width, page.cropbox.height
    turn = _TURNS[angle](width, height)
    lines, read.ligatures = [], 0
    for number, line in raw:
        text, n_ligatures = clean_characters("".join(span["text"] for span in line["spans"]))
        read.ligatures += n_ligatures
        if text:
            lines.append(_line(text, line, number, turn, _angle(line) != angle))
    width, read.height = (width, height) if angle in (0, 180) else (height, width)
    read.lines = set_in_order(lines, width)
    read.turned_back = tuple(~turn) if angle else ()
    read.nonsense = nonsense_share("".join(line.text for line in lines))


_TURNS: dict[int, Callable[[float, float], pymupdf.Matrix]] = {
    0: lambda width, height: pymupdf.Matrix(1, 0, 0, 1, 0, 0),
    90: lambda width, height: pymupdf.Matrix(0, 1, -1, 0, height, 0),
    180: lambda width, height: pymupdf.Matrix(-1, 0, 0, -1, width, height),
    270: lambda width, height: pymupdf.Matrix(0, -1, 1, 0, 0, width),
}


def _angle(line: dict[str, Any]) -> int:
    """By how many degrees a line is turned against upright text: 0, 90, 180 or 270."""
    cosine, sine = line["dir"]
    return round(math.degrees(math.atan2(-sine, cosine)) / 90) % 4 * 90


def _line(text: str, line: dict[str, Any], block: int, turn: pymupdf.Matrix, sideways: bool) -> Line:
    letters = {id(span): len(span["text"].strip()) for span in line["spans"]}
    # the largest font that is no mere initial: indices, exponents and code are set smaller than the text
    main = max(line["spans"], key=lambda span: (letters[id(span)] * 4 >= sum(letters.values()), span["size"]))
    n_bold = sum(letters[id(span)] for span in line["spans"] if span["flags"] & pymupdf.TEXT_FONT_BOLD)
    base = (pymupdf.Point(main["origin"]) * turn).y
    box = pymupdf.Rect(line["bbox"]) * turn
    return Line(text, *box, base, main["size"], n_bold * 2 > sum(letters.values()), block, sideways=sideways)


def read_pdf(
    path: Paths, tokenizer: Any = None, password: str | None = None, ocr: str = "never"
) -> pd.DataFrame:
    """Read PDF files into a table with one row a page.

    Parameters
    ----------
    path : str, path or list of them
        A PDF, a folder, a glob such as "papers/*.pdf", or a list of these.
    tokenizer : optional
        Counts the tokens; the default embedding model's own if left out.
    password : str, optional
        For encrypted files; else the variable RAGKIT_PASSWORD.
    ocr : {"never", "auto"}
        "auto" recognises the text of scanned pages where Tesseract is installed.

    Returns
    -------
    DataFrame
        Columns `PAGE_COLUMNS`. `page` is the 0-based index in the file, `label` what is printed on the page.
        `text`: one space between the lines of a paragraph, a line break between table rows and list items, an
        empty line between paragraphs. `blocks`: [start, end, x0, y0, x1, y1] of each text block, in
        characters of `text`, and in points on the page before any rotation that the file asks for. Pages
        without text are kept. `attrs["report"]` says, per source, what was found and changed.

    Raises
    ------
    PDFNotFound, NotAPDF, BrokenPDF, EncryptedPDF, NoText
        If no file could be read; one bad file among several is said and left out.
    """
    if ocr not in ("never", "auto"):
        raise BadParameter(f'ocr is {ocr!r}; it can be "never" or "auto".')
    rows: list[dict[str, Any]] = []
    report: dict[str, dict[str, Any]] = {}
    errors: list[RagkitError] = []
    sources = find_pdfs(path)
    for source, file in sources.items():
        try:
            read, report[source] = _read_document(source, file, password, ocr)
            rows += read
        except RagkitError as error:
            errors.append(error)
            if len(sources) > 1:
                say(f"left out: {error}")
    if not rows:
        raise errors[0] if len(errors) == 1 else type(errors[0])("\n".join(map(str, errors)))
    frame = pd.DataFrame(rows)
    _count(frame, tokenizer)
    frame.attrs["report"] = report
    return frame[PAGE_COLUMNS]


def _count(frame: pd.DataFrame, tokenizer: Any) -> None:
    """Add the counts of characters, words, sentences and tokens of every page."""
    frame["n_chars"] = frame["text"].str.len()
    frame["n_words"] = frame["text"].str.split().str.len()
    frame["n_sentences"] = count_sentences(frame["text"])
    frame["n_tokens"] = models.count_tokens(tokenizer or models.load_tokenizer(), list(frame["text"]))


def count_sentences(texts: Iterable[str]) -> list[int]:
    """Count the sentences of each text with spaCy's sentencizer; a line break ends one too."""
    lines = [(i, line) for i, text in enumerate(texts) for line in text.split("\n")]
    counts = [0] * (lines[-1][0] + 1 if lines else 0)
    pipe = models.load_sentencizer().pipe((line for _, line in lines), batch_size=256)
    for (i, _), document in zip(lines, pipe, strict=True):
        counts[i] += sum(1 for sentence in document.sents if sentence.text.strip())
    return counts


def _read_document(
    source: str, file: Path, password: str | None, ocr: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Read one file: its rows of the table, and its part of the report."""
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    pymupdf.TOOLS.reset_mupdf_warnings()
    with open_pdf(file, password) as document:
        messages = [pymupdf.TOOLS.mupdf_warnings()]
        indices = range(document.page_count)
        bar = tqdm(indices, desc=source, unit="page", disable=len(indices) <= BAR_PAGES)
        pages = [read_page(document, index, ocr) for index in bar]
        repaired = bool(document.is_repaired)
    failed = [page.index for page in pages if page.error or (repaired and _is_damaged(page))]
    if all(page.error for page in pages):
        raise BrokenPDF(_broken(file, pages[0].error))
    if not any(page.lines for page in pages):
        raise NoText(_no_text(file, pages, ocr))
    rows, findings = clean_pages(source, pages)
    report = {
        "pages": len(pages), "empty_pages": [row["page"] for row in rows if not row["text"]],
        "scanned_pages": [page.index for page in pages if page.scanned and not page.ocr],
        "ocr_error": next((page.ocr_error for page in pages if page.ocr_error), ""),
        "nonsense_pages": [page.index for page in pages if page.nonsense > NONSENSE_SHARE],
        **findings,
        "repaired": repaired or bool(failed), "failed_pages": failed,
        "mupdf_messages": _one_line(messages + [page.messages for page in pages]),
    }  # fmt: skip
    _say_findings(source, report)
    return rows, report


def _is_damaged(page: Page) -> bool:
    """Whether MuPDF complained of a page of a repaired file, and not only of the way to it."""
    partial = re.search("premature end|syntax error", page.messages)
    return bool(partial) or (not page.lines and bool(page.messages))


def clean_pages(source: str, pages: Sequence[Page]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Apply the rules that compare all pages; give the rows of the table, and what was found."""
    lines, heights = [page.lines for page in pages], [page.height for page in pages]
    printed = find_labels(lines, heights)
    labels, rule, reason = choose_labels([page.pdf_label for page in pages], printed)
    running, counts = find_running_lines(lines, heights, printed, labels)
    kept = [
        [line for i, line in enumerate(rows) if i not in gone]
        for rows, gone in zip(lines, running, strict=True)
    ]
    kept, n_tails = cut_running_tails(kept, printed)
    kept, n_joined, n_kept = join_hyphens(kept)
    paragraphs = bridge_interruptions([split_paragraphs(rows) for rows in kept])
    texts = [join_paragraphs(content) for content in paragraphs]
    rows = [
        {
            "source": source, "page": page.index, "label": label, "text": text, "ocr": page.ocr,
            "blocks": _turn_back(blocks, page.turned_back),
        }
        for page, label, (text, blocks) in zip(pages, labels, texts, strict=True)
    ]  # fmt: skip
    findings = {
        "label_rule": rule, "label_reason": reason, "hyphens_joined": n_joined, "hyphens_kept": n_kept,
        "ligatures": sum(page.ligatures for page in pages),
        "running_lines": [list(item) for item in counts.most_common()], "tails_cut": n_tails,
    }  # fmt: skip
    return rows, findings


def _turn_back(blocks: list[list[float]], matrix: tuple[float, ...]) -> list[list[float]]:
    """Blocks of a page that was turned to be read, where they stand on the page as it is."""
    if not matrix:
        return blocks
    return [[*block[:2], *(pymupdf.Rect(block[2:]) * pymupdf.Matrix(matrix))] for block in blocks]


# --- what to say ------------------------------------------------------------------------------------------


def _no_text(file: Path, pages: Sequence[Page], ocr: str) -> str:
    scanned = sum(page.scanned for page in pages)
    found = f"{scanned} of its {len(pages)} pages are scanned pictures" if scanned else "every page is blank"
    failures = {page.ocr_error for page in pages if page.ocr_error}
    if failures:
        return f"{file} has no text: {found}, and {'; '.join(failures)}."
    missing = 'ocr="auto" needs Tesseract, which is not installed. ' if ocr == "auto" else ""
    way_out = 'Install Tesseract and set ocr="auto", or run the file through OCRmyPDF first.'
    return f"{file} has no text: {found}. {missing}{way_out}"


def _say_findings(source: str, report: dict[str, Any]) -> None:
    """Say what a reader has to know about a document: one line each."""
    failed, scanned, nonsense = report["failed_pages"], report["scanned_pages"], report["nonsense_pages"]
    if report["repaired"]:
        how_far = f"not, or not wholly, readable: {_pages(failed)}" if failed else "every page was read"
        say(f"{source} is damaged and was repaired: {how_far}.", once=True)
    if scanned:
        way_out = report["ocr_error"] or 'ocr="auto" reads such pages where Tesseract is installed'
        say(f"{source}: only a picture, and no text, on {_pages(scanned)}; {way_out}.")
    if nonsense:
        say(f"{source}: signs without a meaning on {_pages(nonsense)}: its fonts do not say what they show.")


def _pages(indices: Sequence[int]) -> str:
    """Name pages by their number in the file, from 1; the first ten of many."""
    named = ", ".join(str(index + 1) for index in indices[:10])
    more = f" and {len(indices) - 10} more" if len(indices) > 10 else ""
    return f"page{'s' if len(indices) > 1 else ''} {named}{more} of the file"


def _one_line(messages: Iterable[str]) -> str:
    """MuPDF's messages in one line, each once with its count."""
    counts = Counter(line for message in messages for line in message.splitlines() if "repeated" not in line)
    return "; ".join(f"{message} (x{n})" if n > 1 else message for message, n in counts.most_common(10))


def load_pages(workspace: Workspace, ocr: str | None = None) -> pd.DataFrame:
    """Load a workspace's pages; if they are missing or stale, the PDFs are read, and one line says so.

    Parameters
    ----------
    workspace : Workspace
        From `open_workspace`.
    ocr : {"never", "auto"}, optional
        As in `read_pdf`; default: as it was when the pages were last read.

    Returns
    -------
    DataFrame
        One row a page, columns `PAGE_COLUMNS`.
    """
    ocr = ocr or workspace.parameter("pages", "ocr", "never")
    libraries = ["ragkit", "pymupdf", "spacy", "tokenizers"]
    # What decides which pages can be read: it has to be tried again once there is a password, or Tesseract.
    parameters = {
        "ocr": ocr,
        "tesseract": ocr == "auto" and tesseract_found(),
        "password": workspace.password is not None,
    }
    recipe = make_recipe(workspace.hashes, parameters, workspace.embedder, libraries)
    return workspace.load_or_build(
        "pages",
        "pages.parquet",
        recipe,
        build=lambda: _read_sources(workspace, ocr),
        read=_read_pages,
        write=lambda pages, path: pages.to_parquet(path),
    )


def _read_sources(workspace: Workspace, ocr: str) -> pd.DataFrame:
    """Read a workspace's PDFs; refuse what is not what the workspace was opened for."""
    tokenizer = models.load_tokenizer(workspace.embedder)
    pages = read_pdf(list(workspace.sources.values()), tokenizer, workspace.password, ocr)
    if hash_sources(workspace.sources) != workspace.hashes:
        names = ", ".join(workspace.sources)
        raise StaleIndex(f"A PDF changed since its workspace was opened ({names}). Run open_workspace again.")
    return pages


def _read_pages(path: Path) -> pd.DataFrame:
    pages = pd.read_parquet(path)
    return pages.assign(blocks=[[block.tolist() for block in blocks] for blocks in pages["blocks"]])

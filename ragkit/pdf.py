"""Step 01: from PDF files to a table of pages: their text, their printed labels, their counts.

This module shows the way of a page; the rules are in the room `ragkit.reading`: how a file is opened, how lines
become text, what running headers and footers say.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pymupdf
from tqdm import tqdm

from ragkit.disk import keyed_hash
from ragkit.notice import BadParameter, RagkitError, StaleIndex, say
from ragkit.reading.file_labels import file_labels
from ragkit.reading.find import Paths, find_pdfs
from ragkit.reading.flowing import LINE_HEIGHT, NO_PAGES, has_pages
from ragkit.reading.headings import Outline, find_headings
from ragkit.reading.hidden import attached_files, hidden_characters
from ragkit.reading.hyphens import join_hyphens
from ragkit.reading.joining import Document, as_pages, join_pages
from ragkit.reading.ocr import is_scan, languages_of, ocr_trouble, recognise
from ragkit.reading.opening import notes_on, open_pdf
from ragkit.reading.overleaf import carry_tables
from ragkit.reading.page import Page, fill_page, n_chars, read_content, read_plainly
from ragkit.reading.paragraphs import bridge_interruptions, join_paragraphs, split_paragraphs
from ragkit.reading.report import lost_text, one_line, refuse_textless, say_findings
from ragkit.reading.running import clean_margins
from ragkit.reading.sides import find_parts, label_sheets
from ragkit.reading.tails import cut_running_tails
from ragkit.words.sentences import count_sentences
from ragkit.workspace import Recipe, Workspace, hash_sources, make_recipe

__all__ = [
    "PAGE_COLUMNS", "Document", "as_pages", "clean_pages", "join_pages", "load_pages", "pages_recipe", "read_page",
    "read_pdf",
]  # fmt: skip

PAGE_COLUMNS = [
    "source",
    "page",
    "label",
    "text",
    "n_chars",
    "n_words",
    "n_sentences",
    "ocr",
    "blocks",
    "heads",
    "headings",
]
NONSENSE_SHARE = 0.2  # share of characters without a meaning from which a page is flagged
READER = 18  # goes up when the same file gives other pages, or another report, than before
BAR_PAGES = 100  # a progress bar is shown for documents of more pages than this,
OCR_BAR_PAGES = 5  # or, as Tesseract takes seconds for a page, than this


def read_pdf(path: Paths, password: str | None = None, ocr: str | None = None) -> pd.DataFrame:
    """Read PDF files into a table with one row a page.

    Parameters
    ----------
    path : str, path or list of them
        A PDF, a folder, a glob such as "papers/*.pdf", or a list of these.
    password : str, optional
        For encrypted files; else the variable RAGKIT_PASSWORD.
    ocr : str, optional
        "never"; "auto", which recognises the English text of scanned pages where Tesseract is installed;
        or the languages to recognise, by Tesseract's codes: "deu", "eng+deu". Default: the variable RAGKIT_OCR,
        else "never".

    Returns
    -------
    DataFrame
        Columns `PAGE_COLUMNS`. `page` is the 0-based index in the file, `label` what is printed on the page.
        `text`: one space between the lines of a paragraph, a line break between table rows and list items, an
        empty line between paragraphs; " | " between the cells of a row. `blocks`: [start, end, x0, y0, x1, y1] of
        each text block, in characters of `text`, and in points on the page before any rotation that the file asks
        for; a table's row is a block. `heads`: of each block, the heads of its table's columns, if it is a row and
        they are known; else "". `headings`: of each block, those that it stands under, "Methods › Search"; "" before
        the first. Pages without text are kept. `attrs["report"]` says, per source, what was found and
        changed; `attrs["left_out"]`, per file that could not be read, why; `attrs["lost"]` has a line for each reason
        why text is missing.

    Raises
    ------
    PDFNotFound, NotAPDF, BrokenPDF, EncryptedPDF, NoText
        If no file could be read; one bad file among several is said and left out.
    """
    ocr = ocr or os.environ.get("RAGKIT_OCR") or "never"
    if not re.fullmatch(r"never|auto|[a-z]{3}(_\w+)?(\+[a-z]{3}(_\w+)?)*", ocr):
        raise BadParameter(
            f'ocr is {ocr!r}; it can be "never", "auto", or languages such as "deu" or "eng+deu".'
        )
    rows: list[dict[str, Any]] = []
    report: dict[str, dict[str, Any]] = {}
    errors: dict[str, RagkitError] = {}
    sources = find_pdfs(path)
    for source, file in sources.items():
        try:
            read, report[source] = _read_document(source, file, password, ocr)
            rows += read
        except RagkitError as error:
            errors[source] = error
            if len(sources) > 1:
                say(f"left out: {error}")
    if not rows:
        first, *others = errors.values()
        raise type(first)("\n".join(map(str, errors.values()))) if others else first
    frame = pd.DataFrame(rows)
    _count(frame)
    frame.attrs.update(report=report, left_out={source: str(error) for source, error in errors.items()})
    frame.attrs["lost"] = lost_text(frame.attrs)
    return frame[PAGE_COLUMNS]


def _count(frame: pd.DataFrame) -> None:
    """Add the counts of characters, words and sentences of every page."""
    frame["n_chars"] = frame["text"].str.len()
    frame["n_words"] = [len(text.split()) for text in frame["text"]]
    frame["n_sentences"] = count_sentences(frame["text"])


def _read_document(
    source: str, file: Path, password: str | None, ocr: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Read one file: its rows of the table, and its part of the report."""
    pages, outline, about = _read_all(source, file, password, ocr)
    failed = [page.index for page in pages if _is_damaged(page)]
    refuse_textless(file, pages, failed, about)
    rows, findings = clean_pages(source, pages, outline, about["own_pages"])
    report = {
        "pages": len(pages), "empty_pages": [row["page"] for row in rows if not row["text"]],
        "scanned_pages": [page.index for page in pages if page.scanned and not page.ocr],
        "ocr_pages": [page.index for page in pages if page.ocr],
        "nonsense_pages": [page.index for page in pages if page.nonsense > NONSENSE_SHARE],
        **findings, **about, "repaired": about["repaired"] or bool(failed), "failed_pages": failed,
    }  # fmt: skip
    if faults := {page.index: page.fault for page in pages if page.fault}:
        report |= {"fault_pages": [*faults], "fault": next(iter(faults.values()))}
    say_findings(source, report)
    return rows, report


def _read_all(
    source: str, file: Path, password: str | None, ocr: str
) -> tuple[list[Page], Outline, dict[str, Any]]:
    """Read all pages of one file, its outline, and what is to be known about the file as a whole."""
    pymupdf.TOOLS.reset_mupdf_warnings()
    trouble = ocr_trouble(languages_of(ocr)) if ocr != "never" else ""
    with open_pdf(file, password) as document:
        notes, attached = notes_on(document), document.embfile_names()
        messages = [pymupdf.TOOLS.mupdf_warnings()]
        indices, possible = range(document.page_count), "never" if trouble else ocr
        few = BAR_PAGES if possible == "never" else OCR_BAR_PAGES
        bar = tqdm(indices, desc=source, unit="page", disable=len(indices) <= few)
        pages = [read_page(document, index, possible) for index in bar]
        for page, label in zip(pages, _labels_of(document), strict=True):
            page.pdf_label = label
        outline = _outline_of(document)
        repaired, own_pages = bool(document.is_repaired), has_pages(document)
    messages += [page.messages for page in pages]
    page_list_damaged = any("page tree" in message for message in messages)
    return pages, outline, {
        "repaired": repaired or page_list_damaged, "page_list_damaged": page_list_damaged, "notes": notes,
        "own_pages": own_pages, "ocr_languages": "" if ocr == "never" else languages_of(ocr),
        "ocr_error": trouble or next((page.ocr_error for page in pages if page.ocr_error), ""),
        "attached_files": attached + [name for page in pages for name in page.attached],
        "hidden_pages": [page.index for page in pages if page.hidden],
        "mupdf_messages": one_line(messages),
    }  # fmt: skip


def _labels_of(document: pymupdf.Document) -> list[str]:
    """The file's own labels; none where what says so is damaged."""
    try:
        return file_labels(document)
    except Exception:  # MuPDF has many error classes of its own
        return [""] * document.page_count


def _outline_of(document: pymupdf.Document) -> Outline:
    """The file's own headings; none where what says so is damaged."""
    try:
        return [(level, title, page - 1) for level, title, page in document.get_toc()]
    except Exception:  # MuPDF has many error classes of its own
        return []


def read_page(document: pymupdf.Document, index: int, ocr: str = "never") -> Page:
    """Read the lines of one page.

    One that MuPDF cannot read comes back with its error, and empty, or as far as it can be read plainly; one on which a
    rule of ours fails, with that fault and its plain lines.
    """
    read = Page(index)
    try:
        page = document[index]
        content = read_content(page)
        read.hidden, read.attached = hidden_characters(page, content), attached_files(page)
        fill_page(read, page, content)
        read.scanned = is_scan(page, n_chars(read))
        if read.scanned and ocr != "never":
            read = recognise(read, page, languages_of(ocr))
    except Exception as error:  # MuPDF has many error classes of its own
        read = read_plainly(document, index, error)
    read.messages = pymupdf.TOOLS.mupdf_warnings()
    return read


def clean_pages(
    source: str, pages: Sequence[Page], outline: Outline = (), own_pages: bool = True
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Apply the rules that compare all pages; give the rows of the table, and what was found.

    A document that was laid out here (`own_pages` is False) has no margins: what is alike on its pages is text.
    """
    in_margins = [page.lines if own_pages else [] for page in pages]
    parts = find_parts(in_margins, [(page.width, page.height) for page in pages])
    labels, rule, reason = label_sheets([page.pdf_label for page in pages], parts)
    reason = reason if own_pages else NO_PAGES
    lines, tails = cut_running_tails(parts.lines, parts.printed)
    kept, taken = clean_margins(lines, parts.heights, parts.printed)
    for part, text in tails.items():
        taken.setdefault(text, []).append(part)
    taken = {text: sorted({parts.sheets[part] for part in found}) for text, found in taken.items()}
    all_lines = parts.put_together(kept) if own_pages else [page.lines for page in pages]
    kept, n_joined, n_kept = join_hyphens(carry_tables(all_lines))
    pitch = 0.0 if own_pages else LINE_HEIGHT
    paragraphs = bridge_interruptions([split_paragraphs(rows, pitch) for rows in kept])
    texts = [join_paragraphs(content) for content in paragraphs]
    headings = find_headings(paragraphs, outline)
    rows = [
        {
            "source": source, "page": page.index, "label": label, "text": text, "ocr": page.ocr,
            "blocks": _turn_back(blocks, page.turned_back), "heads": heads, "headings": above,
        }
        for page, label, (text, blocks, heads), above in zip(pages, labels, texts, headings, strict=True)
    ]  # fmt: skip
    findings = {
        "label_rule": rule, "label_reason": reason, "hyphens_joined": n_joined, "hyphens_kept": n_kept,
        "ligatures": sum(page.ligatures for page in pages), "lines_twice": sum(page.doubled for page in pages),
        "taken_out": taken, "tails_cut": len(tails),
    }  # fmt: skip
    return rows, findings


def _turn_back(blocks: list[list[float]], matrix: tuple[float, ...]) -> list[list[float]]:
    """Blocks of a page that was turned to be read, where they stand on the page as it is."""
    if not matrix:
        return blocks
    return [[*block[:2], *(pymupdf.Rect(block[2:]) * pymupdf.Matrix(matrix))] for block in blocks]


# What MuPDF says of a page whose text is not all there; it says more, of fonts and of settings for drawing.
_DAMAGE = re.compile(
    "premature end|zlib error|read error|not a stream|cannot load content|syntax error: (?!cannot find)"
)


def _is_damaged(page: Page) -> bool:
    """Whether MuPDF could not read a page, or complained of it and not only of the way to it."""
    empty = not page.lines and not page.scanned and page.messages
    return bool(page.error or _DAMAGE.search(page.messages) or empty)


def load_pages(workspace: Workspace) -> pd.DataFrame:
    """Load a workspace's pages; if they were never read that way, the PDFs are, and one line says so.

    Returns
    -------
    DataFrame
        As from `read_pdf`. What was found when they were read is said again, once a process.
    """
    recipe = pages_recipe(workspace)
    return workspace.load_or_build(
        workspace.path("pages", recipe, "parquet"),
        recipe,
        build=lambda: _read_sources(workspace),
        read=_read_pages,
        write=lambda pages, path: pages.to_parquet(path),
    )


def pages_recipe(workspace: Workspace) -> Recipe:
    """Everything that a workspace's pages depend on.

    What decides which pages can be read is a part of it: they are tried again with another password (of which
    only a keyed hash is kept), or once Tesseract is there.
    """
    parameters = {
        "ocr": workspace.ocr,
        "tesseract": workspace.ocr != "never" and not ocr_trouble(languages_of(workspace.ocr)),
        "password": workspace.password and keyed_hash(workspace.password)[:16],
        "reader": READER,
    }
    return make_recipe(workspace.hashes, parameters, None, ["ragkit", "pymupdf"])


def _read_sources(workspace: Workspace) -> pd.DataFrame:
    """Read a workspace's PDFs; refuse what is not what the workspace was opened for."""
    pages = read_pdf(list(workspace.sources.values()), workspace.password, workspace.ocr)
    if hash_sources(workspace.sources) != workspace.hashes:
        names = ", ".join(workspace.sources)
        raise StaleIndex(f"A PDF changed since its workspace was opened ({names}). Open it again.")
    return pages


def _read_pages(path: Path) -> pd.DataFrame:
    pages = pd.read_parquet(path)
    for source, report in pages.attrs["report"].items():
        say_findings(source, report, once=True)
    for message in pages.attrs["left_out"].values():
        say(f"left out: {message}", once=True)
    return pages.assign(
        blocks=[[block.tolist() for block in blocks] for blocks in pages["blocks"]],
        heads=[heads.tolist() for heads in pages["heads"]],
        headings=[headings.tolist() for headings in pages["headings"]],
    )

"""Step 01: from PDF files to a table of pages: their text, their printed labels, their counts.

This module reads the pages; how a file is opened is in `ragkit.opening`, how lines become text in
`ragkit.layout`, what running headers and footers say in `ragkit.margins`.
"""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
import pymupdf
from tqdm import tqdm

from ragkit import models
from ragkit.layout import (
    UNSPACED,
    Line,
    bridge_interruptions,
    clean_characters,
    join_hyphens,
    join_paragraphs,
    nonsense_share,
    set_in_order,
    space_words,
    split_paragraphs,
)
from ragkit.margins import choose_labels, cut_running_tails, find_labels, find_running_lines
from ragkit.notice import BadParameter, BrokenPDF, NoText, RagkitError, StaleIndex, say
from ragkit.opening import broken, message_of, notes_on, open_mended
from ragkit.workspace import Paths, Workspace, find_pdfs, hash_sources, make_recipe

PAGE_COLUMNS = [
    "source", "page", "label", "text", "n_chars", "n_words", "n_sentences", "n_tokens", "ocr", "blocks",
]  # fmt: skip
SCAN_CHARS = 20  # a page with a picture and fewer characters than this is taken for a scan
STAMP_CHARS = 200  # a scanner's or a library's stamp: so few on a page-wide picture leave it a scan
SCAN_COVER = 0.8  # share of the page that such a picture covers
SCAN_PATHS = 100  # letters drawn as outlines: with so many shapes, a page without text is a picture, too
OCR_DPI = 300  # what Tesseract is made for
OCR_PIXELS = 25e6  # an A3 page at that resolution; larger pages are recognised at less
OCR_SURE = 0.6  # share of the signs in plain words: 0.7 and more on upright pages, under 0.55 on turned ones
NONSENSE_SHARE = 0.2  # share of characters without a meaning from which a page is flagged
READER = 3  # goes up when the same file gives other pages, or another report, than before
BAR_PAGES = 100  # a progress bar is shown for documents of more pages than this,
OCR_BAR_PAGES = 5  # or, as Tesseract takes seconds for a page, than this


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
    ocr_sure: float = 1.0  # share of the recognised signs that stand in plain words
    ocr_error: str = ""
    error: str = ""
    messages: str = ""  # what MuPDF had to say while it read the page
    turned_back: tuple[float, ...] = ()  # matrix that takes a turned page's lines back to their places


# --- reading ----------------------------------------------------------------------------------------------

# Ligatures are kept, to be replaced and counted; a glyph without a meaning is U+FFFD, not some number.
_FLAGS = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES & ~pymupdf.TEXT_USE_CID_FOR_UNKNOWN_UNICODE


def ocr_trouble(languages: str) -> str:
    """Say what keeps Tesseract from reading text in these languages; empty if nothing does.

    Parameters
    ----------
    languages : str
        Tesseract's codes with a plus between them: "eng", "eng+deu".
    """
    try:
        folder = Path(pymupdf.get_tessdata())
    except Exception:  # where it looks depends on the system
        return "Tesseract is not installed, or not found (TESSDATA_PREFIX can name the folder of its data)"
    has = sorted(file.stem for file in folder.glob("*.traineddata"))
    missing = [language for language in languages.split("+") if language not in has]
    if not missing:
        return ""
    holds = f"which holds {', '.join(has)}" if has else "which holds none"
    return (
        f"Tesseract has no data for {', '.join(missing)} in {folder}, {holds}; install it (as "
        f"tesseract-ocr-{missing[0].replace('_', '-')}, or as {missing[0]}.traineddata in that folder), "
        "or set TESSDATA_PREFIX to the folder that has it"
    )


def read_page(document: pymupdf.Document, index: int, ocr: str = "never") -> Page:
    """Read the lines of one page; one that MuPDF cannot read comes back empty, with its error."""
    read = Page(index)
    try:
        page = document[index]
        read.pdf_label = _decode_label(page.get_label())
        _fill(read, page, _read_content(page))
        read.scanned = _is_scan(page, _n_chars(read))
        if read.scanned and ocr != "never":
            read = _recognise(read, page, _languages(ocr))
    except Exception as error:  # MuPDF has many error classes of its own
        read = Page(index, error=message_of(error))
    read.messages = pymupdf.TOOLS.mupdf_warnings()
    return read


def _is_scan(page: pymupdf.Page, n_chars: int) -> bool:
    """Whether a page with so many characters of text is a picture, maybe with a stamp on it."""
    if n_chars >= STAMP_CHARS:
        return False
    drawn = page.get_bboxlog()
    if n_chars and any(kind == "ignore-text" for kind, _ in drawn):  # it is in the picture, and recognised
        return False
    images = [pymupdf.Rect(box) for kind, box in drawn if kind in ("fill-image", "fill-imgmask")]
    n_paths = sum(kind.endswith("-path") for kind, _ in drawn)
    if n_chars < SCAN_CHARS:
        return bool(images) or n_paths > SCAN_PATHS
    paper = pymupdf.Rect(0, 0, page.cropbox.width, page.cropbox.height)
    return sum(abs(image & paper) for image in images) > SCAN_COVER * abs(paper)


def _languages(ocr: str) -> str:
    return "eng" if ocr == "auto" else ocr


def _recognise(read: Page, page: pymupdf.Page, languages: str) -> Page:
    """Read a scanned page through Tesseract, turned until the words make sense; keep its own text if that is more."""
    flat, tried = page.rotation, []
    dpi = int(min(OCR_DPI, 72 * math.sqrt(OCR_PIXELS / abs(page.rect))))
    try:
        for turn in (0, 180, 90, 270):
            page.set_rotation((flat + turn) % 360)
            textpage = page.get_textpage_ocr(flags=_FLAGS, language=languages, dpi=dpi, full=True)
            tried.append(replace(read, ocr=True))
            _fill(tried[-1], page, page.get_text("dict", flags=_FLAGS, textpage=textpage))
            tried[-1].ocr_sure = _share_of_words(tried[-1])
            if tried[-1].ocr_sure > OCR_SURE or not tried[-1].lines:  # upright, or a picture without words
                break
    except Exception as error:  # MuPDF passes on what Tesseract says
        return replace(read, ocr_error=f"Tesseract failed ({message_of(error)})")
    finally:
        page.set_rotation(flat)
    best = max(tried, key=lambda page: page.ocr_sure * _n_chars(page))
    return best if _n_chars(best) > _n_chars(read) else read


def _n_chars(page: Page) -> int:
    return sum(len(line.text) for line in page.lines)


_WORD = re.compile(r"[^\W\d_]{3,}|\d[\d.,]+%?")  # shorter ones are seen in anything


def _share_of_words(page: Page) -> float:
    """Share of a page's signs that stand in words, in small letters or capitals, or in numbers."""
    words = [word for line in page.lines for word in _WORD.findall(line.text)]
    plain = [word for word in words if word in (word.lower(), word.upper(), word.title())]
    signs = sum(len(part) for line in page.lines for part in line.text.split())
    return sum(map(len, plain)) / max(signs, 1)


def _decode_label(label: str) -> str:
    """MuPDF gives the prefix of a label as the file writes it; in UTF-16 that is "<FEFF...>"."""
    return re.sub(
        r"<FEFF([0-9A-F]*)>", lambda code: bytes.fromhex(code[1]).decode("utf-16-be", "replace"), label
    )


def _read_content(page: pymupdf.Page) -> dict[str, Any]:
    """MuPDF's `dict` output; the lines where it leaves out the spaces between words have a text of their own."""
    content = page.get_text("dict", flags=_FLAGS)
    if not any(UNSPACED.search(span["text"]) for line in _lines(content) for span in line["spans"]):
        return content
    content = page.get_text("rawdict", flags=_FLAGS)
    for line in _lines(content):
        for span in line["spans"]:
            span["text"] = "".join(letter["c"] for letter in span["chars"])
        letters = [letter for span in line["spans"] for letter in span["chars"]]
        if letters and _angle(line) == 0 and UNSPACED.search("".join(letter["c"] for letter in letters)):
            places = [(letter["c"], letter["bbox"][0], letter["bbox"][2]) for letter in letters]
            line["text"] = space_words(places, max(span["size"] for span in line["spans"]))
    return content


def _lines(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for block in content["blocks"] for line in block.get("lines", [])]


def _fill(read: Page, page: pymupdf.Page, content: dict[str, Any]) -> None:
    """Put the lines of MuPDF's `dict` output into `read`, turned so that most of the text is upright."""
    raw = [
        (number, line) for number, block in enumerate(content["blocks"]) for line in block.get("lines", [])
    ]
    _even_sizes([line for _, line in raw])
    spaces = Counter({0: 1})  # between words: a chart's labels, one word each, do not turn a page
    for _, line in raw:
        spaces[_angle(line)] += sum(span["text"].count(" ") for span in line["spans"])
    angle = spaces.most_common(1)[0][0]
    width, height = page.cropbox.width, page.cropbox.height
    turn = _TURNS[angle](width, height)
    lines, read.ligatures = [], 0
    for number, line in raw:
        text, n_ligatures = clean_characters(
            line.get("text") or "".join(span["text"] for span in line["spans"])
        )
        read.ligatures += n_ligatures
        if text:
            lines.append(_line(text, line, number, turn, _angle(line) != angle))
    width, read.height = (width, height) if angle in (0, 180) else (height, width)
    read.lines = set_in_order(lines, width)
    read.turned_back = tuple(~turn) if angle else ()
    read.nonsense = nonsense_share("".join(line.text for line in lines))


def _even_sizes(lines: Sequence[dict[str, Any]]) -> None:
    """Give invisible text one font size, but for what is much larger or smaller.

    It was recognised in a picture, here or by another program, and its size guessed word by word.
    """
    spans = [[span for span in line["spans"] if not span["alpha"]] for line in lines]
    usual = median([span["size"] for line in spans for span in line] or [0])
    for line in filter(None, spans):
        size = median(span["size"] for span in line)
        for span in line:
            span["size"] = float(round(usual if 0.75 * usual < size < 1.3 * usual else size))


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
    path: Paths, tokenizer: Any = None, password: str | None = None, ocr: str | None = None
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
    ocr : str, optional
        "never"; "auto", which recognises the English text of scanned pages where Tesseract is installed;
        or the languages to recognise, by Tesseract's codes: "deu", "eng+deu". Default: the variable RAGKIT_OCR,
        else "never".

    Returns
    -------
    DataFrame
        Columns `PAGE_COLUMNS`. `page` is the 0-based index in the file, `label` what is printed on the page.
        `text`: one space between the lines of a paragraph, a line break between table rows and list items, an
        empty line between paragraphs. `blocks`: [start, end, x0, y0, x1, y1] of each text block, in
        characters of `text`, and in points on the page before any rotation that the file asks for. Pages
        without text are kept. `attrs["report"]` says, per source, what was found and changed;
        `attrs["left_out"]`, per file that could not be read, why.

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
    _count(frame, tokenizer)
    frame.attrs.update(report=report, left_out={source: str(error) for source, error in errors.items()})
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
    pages, about = _read_all(source, file, password, ocr)
    failed = [page.index for page in pages if _is_damaged(page)]
    _refuse_textless(file, pages, failed, about)
    rows, findings = clean_pages(source, pages)
    report = {
        "pages": len(pages), "empty_pages": [row["page"] for row in rows if not row["text"]],
        "scanned_pages": [page.index for page in pages if page.scanned and not page.ocr],
        "ocr_pages": [page.index for page in pages if page.ocr],
        "ocr_doubtful": [page.index for page in pages if page.ocr_sure < OCR_SURE],
        "nonsense_pages": [page.index for page in pages if page.nonsense > NONSENSE_SHARE],
        **findings, **about, "repaired": about["repaired"] or bool(failed), "failed_pages": failed,
    }  # fmt: skip
    _say_findings(source, report)
    return rows, report


def _read_all(source: str, file: Path, password: str | None, ocr: str) -> tuple[list[Page], dict[str, Any]]:
    """Read all pages of one file, and say what is to be known about the file as a whole."""
    pymupdf.TOOLS.reset_mupdf_warnings()
    trouble = ocr_trouble(_languages(ocr)) if ocr != "never" else ""
    document, rebuilt = open_mended(file, password)
    with document:
        notes = notes_on(document)
        messages = [pymupdf.TOOLS.mupdf_warnings()]
        indices, possible = range(document.page_count), "never" if trouble else ocr
        few = BAR_PAGES if possible == "never" else OCR_BAR_PAGES
        bar = tqdm(indices, desc=source, unit="page", disable=len(indices) <= few)
        pages = [read_page(document, index, possible) for index in bar]
        repaired = rebuilt or bool(document.is_repaired)
    return pages, {
        "repaired": repaired, "page_list_lost": rebuilt, "notes": notes,
        "ocr_languages": "" if ocr == "never" else _languages(ocr),
        "ocr_error": trouble or next((page.ocr_error for page in pages if page.ocr_error), ""),
        "mupdf_messages": _one_line(messages + [page.messages for page in pages]),
    }  # fmt: skip


# What MuPDF says of a page whose text is not all there; it says more, of fonts and of settings for drawing.
_DAMAGE = re.compile(
    "premature end|zlib error|read error|not a stream|cannot load content|syntax error: (?!cannot find)"
)


def _is_damaged(page: Page) -> bool:
    """Whether MuPDF could not read a page, or complained of it and not only of the way to it."""
    empty = not page.lines and not page.scanned and page.messages
    return bool(page.error or _DAMAGE.search(page.messages) or empty)


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


def _refuse_textless(file: Path, pages: Sequence[Page], failed: Sequence[int], about: dict[str, Any]) -> None:
    """Raise the error for a file without any text: damaged, scanned or blank."""
    if all(page.error for page in pages):
        raise BrokenPDF(broken(file, pages[0].error))
    if any(page.lines for page in pages):
        return
    scanned, damaged = sum(page.scanned for page in pages), about["repaired"] or bool(failed)
    if damaged and not scanned:
        raise BrokenPDF(broken(file, f"none of its {len(pages)} pages has any text left"))
    found = f"{scanned} of its {len(pages)} pages are scanned pictures" if scanned else "every page is blank"
    found += ", and the file is damaged" if damaged else ""
    way_out = _way_out(about) if scanned else "Look at it in a PDF reader"
    raise NoText(f"{file} has no text: {found}. {way_out}.")


def _way_out(about: dict[str, Any]) -> str:
    """Say what to do about scanned pages, or what was done in vain."""
    if not about["ocr_languages"]:
        return 'Install Tesseract and set ocr="auto" (or RAGKIT_OCR=auto), or run the file through OCRmyPDF first'
    return about["ocr_error"] or "Tesseract found no words there"


def _say_findings(source: str, report: dict[str, Any], once: bool = False) -> None:
    """Say what a reader has to know about a document: one line each."""
    failed, recognised = report["failed_pages"], report["ocr_pages"]
    for note in report["notes"]:
        say(f"{source} is {note}.", once=once)
    if report["repaired"]:
        wrong = f"text may be missing or wrong on {_pages(failed)}"
        how_far = wrong if failed else "every page found was read"
        if report["page_list_lost"]:
            how_far += "; its list of pages was lost, so that some may be missing, or not in their order"
        say(f"{source} is damaged and was repaired: {how_far}.", once=True)
    if scanned := report["scanned_pages"]:
        say(
            f"{source}: a picture, and little or no text, on {_pages(scanned)}. {_way_out(report)}.",
            once=once,
        )
    if recognised:
        hint = ' (another one: ocr="deu")' if report["ocr_languages"] == "eng" else ""
        say(
            f"{source}: Tesseract read {_pages(recognised)}, in language {report['ocr_languages']}{hint}; "
            "expect mistakes.",
            once=once,
        )
    if doubtful := report["ocr_doubtful"]:
        say(
            f"{source}: what Tesseract read on {_pages(doubtful)} is hardly words: another language, or handwriting?",
            once=once,
        )
    if nonsense := report["nonsense_pages"]:
        say(
            f"{source}: signs without a meaning on {_pages(nonsense)}: its fonts do not say what they show.",
            once=once,
        )


def _pages(indices: Sequence[int]) -> str:
    """Name pages by their number in the file, from 1; the first ten of many."""
    named = ", ".join(str(index + 1) for index in indices[:10])
    more = f" and {len(indices) - 10} more" if len(indices) > 10 else ""
    return f"page{'s' if len(indices) > 1 else ''} {named}{more} of the file"


def _one_line(messages: Iterable[str]) -> str:
    """MuPDF's first ten messages in one line, each once with its count."""
    counts = Counter(line for message in messages for line in message.splitlines() if "repeated" not in line)
    return "; ".join(f"{message} (x{n})" if n > 1 else message for message, n in list(counts.items())[:10])


def load_pages(workspace: Workspace, ocr: str | None = None) -> pd.DataFrame:
    """Load a workspace's pages; if they are missing or stale, the PDFs are read, and one line says so.

    Parameters
    ----------
    workspace : Workspace
        From `open_workspace`.
    ocr : str, optional
        As in `read_pdf`; default: the variable RAGKIT_OCR, else as it was when the pages were last read.

    Returns
    -------
    DataFrame
        One row a page, columns `PAGE_COLUMNS`. What was found when they were read is said again, once a process.
    """
    ocr = ocr or os.environ.get("RAGKIT_OCR") or workspace.parameter("pages", "ocr", "never")
    libraries = ["ragkit", "pymupdf", "spacy", "tokenizers"]
    # What decides which pages can be read: it has to be tried again once there is a password, or Tesseract.
    parameters = {
        "ocr": ocr,
        "tesseract": ocr != "never" and not ocr_trouble(_languages(ocr)),
        "password": workspace.password is not None,
    }
    recipe = make_recipe(workspace.hashes, parameters, workspace.embedder, libraries)
    recipe["versions"]["read_pdf"] = READER
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
    for source, report in pages.attrs["report"].items():
        _say_findings(source, report, once=True)
    for message in pages.attrs["left_out"].values():
        say(f"left out: {message}", once=True)
    return pages.assign(blocks=[[block.tolist() for block in blocks] for blocks in pages["blocks"]])

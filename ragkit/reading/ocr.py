"""Pages that are pictures: which they are, and what Tesseract reads on them."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pymupdf

from ragkit.reading.opening import message_of
from ragkit.reading.page import FLAGS, Page, fill_page, n_chars

SCAN_CHARS = 20  # a page with a picture and fewer characters than this is taken for a scan
STAMP_CHARS = 200  # a scanner's or a library's stamp: so few on a page-wide picture leave it a scan
SCAN_COVER = 0.8  # share of the page that such a picture covers
SCAN_PATHS = 100  # letters drawn as outlines: with so many shapes, a page without text is a picture, too
OCR_DPI = 300  # what Tesseract is made for
OCR_PIXELS = 25e6  # an A3 page at that resolution; larger pages are recognised at less


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


def is_scan(page: pymupdf.Page, n_chars: int) -> bool:
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


def languages_of(ocr: str) -> str:
    """Return Tesseract's codes for a choice of languages: English for "auto"."""
    return "eng" if ocr == "auto" else ocr


def recognise(read: Page, page: pymupdf.Page, languages: str) -> Page:
    """Read a scanned page through Tesseract; keep its own text if that is more."""
    seen = replace(read, ocr=True)
    dpi = int(min(OCR_DPI, 72 * math.sqrt(OCR_PIXELS / abs(page.rect))))
    try:
        textpage = page.get_textpage_ocr(flags=FLAGS, language=languages, dpi=dpi, full=True)
        fill_page(seen, page, page.get_text("dict", flags=FLAGS, textpage=textpage))
    except Exception as error:  # MuPDF passes on what Tesseract says
        return replace(read, ocr_error=f"Tesseract failed ({message_of(error)})")
    return seen if n_chars(seen) > n_chars(read) else read

"""What a page holds and does not show: text without contrast, text too small to see, attached files."""

from __future__ import annotations

from typing import Any

import pymupdf

WHITE = 240  # of 255: colours whose parts are all as light are seen only where something dark lies below
TINY = 1.5  # points: too small to be read; the smallest print of labels has 3
FEW = 10  # characters on a page: fewer are nothing to look for
MAX_PIXELS = 1000  # of the picture's longer side: some plans are as large as a wall
CONTRAST = 16  # of 255 shades: what differs by less from its surroundings is not seen


def hidden_characters(page: pymupdf.Page, content: dict[str, Any]) -> int:
    """Count the characters that a reader of the page does not see: tiny ones, and white ones on white.

    A page is drawn only if it has white text, small and in grey. What lies below a picture or a box is not looked
    for: it would take a third of the time of reading.
    """
    spans = [span for block in content["blocks"] for line in block.get("lines", []) for span in line["spans"]]
    tiny = [span for span in spans if span["size"] < TINY]
    light = {color for color in {span["color"] for span in spans} if min(color.to_bytes(3, "big")) >= WHITE}
    white = [
        span
        for span in (spans if light else ())  # none on most pages
        if span["color"] in light and span["size"] >= TINY and span["alpha"]
    ]
    if _n_letters(white) >= FEW:
        scale = min(0.5, MAX_PIXELS / max(page.rect.width, page.rect.height))
        half = page.rotation_matrix * pymupdf.Matrix(scale, scale)
        # Without the list of all that is drawn, which `page.get_pixmap` makes first: 1.6 × as fast
        small, grey = pymupdf.mupdf.fz_scale(scale, scale), pymupdf.mupdf.fz_device_gray()
        picture = pymupdf.Pixmap("raw", pymupdf.mupdf.fz_new_pixmap_from_page(page.this, small, grey, 0))
        tiny += [span for span in white if _is_plain(picture, pymupdf.Rect(span["bbox"]) * half)]
    return _n_letters(tiny) if _n_letters(tiny) >= FEW else 0


def _n_letters(spans: list[dict[str, Any]]) -> int:
    return sum(len(span["text"].strip()) for span in spans)


def _is_plain(picture: pymupdf.Pixmap, box: pymupdf.Rect) -> bool:
    """Whether a part of the page's picture has one shade only."""
    part = box.irect & picture.irect
    rows = [
        picture.samples_mv[y * picture.stride + part.x0 : y * picture.stride + part.x1]
        for y in range(part.y0, part.y1)
    ]
    shades = b"".join(bytes(row) for row in rows)
    return bool(shades) and max(shades) - min(shades) < CONTRAST


def attached_files(page: pymupdf.Page) -> list[str]:
    """Names of the files that hang on a page as paper clips."""
    clips = page.annots(types=(pymupdf.mupdf.PDF_ANNOT_FILE_ATTACHMENT,)) if page.first_annot else ()
    return [clip.file_info["filename"] for clip in clips]

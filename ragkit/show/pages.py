"""Pages of the PDF as they are printed, with passages highlighted."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pymupdf
from PIL import Image, ImageChops

from ragkit.notice import BadParameter, PDFNotFound
from ragkit.reading.opening import open_pdf
from ragkit.show.display import LINE, PROSE, Display, Row, heading, in_columns, place

Box = tuple[float, float, float, float]
MARKER = (255, 236, 92)  # highlighter yellow; multiplied with the page, so that the print stays black
MOST_COLOURS = 50_000
_SEARCH = pymupdf.TEXTFLAGS_SEARCH & ~pymupdf.TEXT_PRESERVE_LIGATURES  # a sentence has none any more


class Picture(Display):
    """An image (bytes of a PNG or JPEG file) with its alt text; `figure` is None for the page of a PDF."""

    def __init__(self, image: bytes, alt: str, figure: Any = None) -> None:
        kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
        source = f"data:image/{kind};base64,{base64.b64encode(image).decode('ascii')}"
        style = f"max-width:100%;height:auto;background-color:#fff;border:{LINE};border-radius:4px"
        super().__init__(alt, f'<img src="{source}" alt="{escape(alt)}" style="{style}">')
        self.image, self.figure = image, figure


def page(
    path: str | Path, page: int, boxes: Iterable[Box] = (), password: str | None = None, zoom: float = 1.5
) -> Picture:
    """Draw a page as it is printed, with passages highlighted in yellow.

    Parameters
    ----------
    path : str or Path
        The PDF file.
    page : int
        0-based index of the page in the file.
    boxes : iterable of (x0, y0, x1, y1)
        Rectangles to highlight, in points from the top left corner of the page before any rotation that the
        file asks for: those that come with text.
    password : str, optional
        Opens an encrypted file.
    zoom : float
        Pixels per point: 1.0 gives 72 dots per inch.

    Raises
    ------
    PDFNotFound, NotAPDF, BrokenPDF, EncryptedPDF, BadParameter
        If the file is missing or cannot be opened, or has no such page.
    """
    return _page_picture(Path(path), page, f"page index {page} of {Path(path).name}", boxes, password, zoom)


def _page_picture(
    path: Path, page: int, name: str, boxes: Iterable[Box], password: str | None, zoom: float
) -> Picture:
    """Draw a page under the name that its alt text begins with."""
    boxes = list(boxes)
    if not path.is_file():
        raise PDFNotFound(f"no PDF at {path}: check the path; if the file moved, open the workspace again")
    with open_pdf(path, password) as document:
        _check_page(document, page, path)
        image = _render(document[int(page)], boxes, zoom)
    marked = f", {len(boxes)} {'passage' if len(boxes) == 1 else 'passages'} highlighted" if boxes else ""
    return Picture(encode(image, colours=64), name + marked)


def _check_page(document: pymupdf.Document, page: int, path: Path) -> None:
    if not 0 <= page < document.page_count:
        raise BadParameter(
            f"{path.name} has pages 0 to {document.page_count - 1}, no page index {page}. If the file was "
            "replaced, open it again."
        )


def _render(page: pymupdf.Page, boxes: list[Box], zoom: float) -> Image.Image:
    """Render one page to RGB pixels, and turn the boxes with the page if the file asks for that."""
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False)
    image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    for box in boxes:
        _highlight(image, [round(edge * zoom) for edge in pymupdf.Rect(box) * page.rotation_matrix])
    return image


def _highlight(image: Image.Image, edges: Sequence[int]) -> None:
    """Colour a rectangle like a marker pen does: white turns yellow, black stays black."""
    x0, y0 = max(edges[0], 0), max(edges[1], 0)
    x1, y1 = min(edges[2], image.width), min(edges[3], image.height)
    if x0 < x1 and y0 < y1:
        part = image.crop((x0, y0, x1, y1))
        image.paste(ImageChops.multiply(part, Image.new("RGB", part.size, MARKER)), (x0, y0))


def encode(image: Image.Image, colours: int) -> bytes:
    """Compress: a palette is enough for print and figures; a page with photographs becomes JPEG."""
    file = io.BytesIO()
    if image.getcolors(MOST_COLOURS):  # of more colours than that, choosing the palette takes seconds
        image.quantize(colours, method=Image.Quantize.MAXCOVERAGE).save(file, "PNG", optimize=True)
    else:
        image.save(file, "JPEG", quality=70, optimize=True)
    return file.getvalue()


def page_beside_text(path: str | Path, page: int, text: str, password: str | None = None) -> Display:
    """Put a page's picture and the text that was read from it side by side.

    Parameters
    ----------
    path, page, password
        As for `ragkit.show.page`.
    text : str
        What was read; long text scrolls.
    """
    path = Path(path)
    picture = _page_picture(path, page, f"page index {page} of {path.name}", (), password, zoom=1.3)
    body = f'<div style="max-height:600px;overflow:auto;padding:4px 12px;{PROSE}">{escape(text)}</div>'
    alt = f"{picture.text}, beside its text of {len(text):,} characters"
    return Display(alt, in_columns([picture.html, body]))


class HasFiles(Protocol):
    """What knows the PDF behind a source, and its password: an index, a workspace."""

    @property
    def password(self) -> str | None: ...
    def path_of(self, source: str) -> Path: ...


def hit_page(index: HasFiles, hit: Row, zoom: float = 1.5) -> Picture:
    """Draw the page on which a hit begins, with its text highlighted.

    Parameters
    ----------
    index : Index or Workspace
        Knows the file behind `hit["source"]`, and its password.
    hit : Series or mapping
        A row of `hits` (or of `chunks`): `source`, `page`, `label`, `boxes`.
    zoom : float
        Pixels per point.
    """
    source, page = hit["source"], int(hit["page"])
    here = [box for box in hit["boxes"] if box["page"] == page]
    boxes = [(box["x0"], box["y0"], box["x1"], box["y1"]) for box in here]
    return _page_picture(index.path_of(source), page, _name(hit), boxes, index.password, zoom)


def hit_pages(index: HasFiles, hits: pd.DataFrame, n: int = 3) -> Display:
    """Draw the pages of the first `n` hits side by side, each with its file name and printed page."""
    rows = [row for _, row in hits.head(n).iterrows()]
    pictures = [hit_page(index, row, zoom=1.0) for row in rows]
    captions = [f"{rank}. {place(row)}" for rank, row in enumerate(rows, start=1)]
    cells = [f"{heading(c)}{p.html}" for c, p in zip(captions, pictures, strict=True)]
    lines = [f"{c}: {p.text}" for c, p in zip(captions, pictures, strict=True)]
    return Display("\n".join(lines), in_columns(cells, width=220))


def cited_pages(index: HasFiles, sentences: pd.DataFrame, n: int = 3) -> Display:
    """Draw the pages that sentences stand on, at most `n` of them, with the sentences highlighted.

    Parameters
    ----------
    index : Index or Workspace
    sentences : DataFrame
        Key sentences or citations: `text`, `source`, `page`, `label`, `boxes`. Of sentences without a page, as from a
        table of one's own, nothing is drawn.
    """
    on_pages = sentences[(sentences["page"] >= 0) & (sentences["boxes"].map(len) > 0)]
    cells, lines = [], []
    for _, here in list(on_pages.groupby(["source", "page"], sort=False))[:n]:
        picture = cited_page(index, first := here.iloc[0], here)
        cells.append(f"{heading(_name(first))}{picture.html}")
        lines.append(picture.text)
    return Display("\n".join(lines), in_columns(cells, width=220) if cells else "")


def cited_page(index: HasFiles, row: Row, sentences: pd.DataFrame, zoom: float = 1.0) -> Picture:
    """Draw one page (`source`, `page`, `label`) with the lines of sentences on it (`text`, `boxes`) highlighted."""
    path, page = index.path_of(row["source"]), int(row["page"])
    with open_pdf(path, index.password) as document:
        _check_page(document, page, path)
        boxes = [box for _, each in sentences.iterrows() for box in _sentence_boxes(document[page], each)]
    return _page_picture(path, page, _name(row), boxes, index.password, zoom)


def _name(row: Row) -> str:
    return f"{'' if ' ' in row['label'] else 'page '}{row['label']} of {row['source']}"


def _sentence_boxes(page: pymupdf.Page, sentence: Row) -> list[Box]:
    """Where a sentence stands on a page: its lines, if they are found in its text blocks; else the blocks."""
    found: list[Box] = []
    for box in sentence["boxes"]:
        if box["page"] != page.number:
            continue
        block = (box["x0"], box["y0"], box["x1"], box["y1"])
        around = pymupdf.Rect(block[0] - 2, block[1] - 2, block[2] + 2, block[3] + 2)
        lines = page.search_for(sentence["text"], clip=around, flags=_SEARCH)
        found += [tuple(line) for line in lines] or [block]
    return found

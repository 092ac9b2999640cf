"""Documents without pages of their own (EPUB, Word, HTML, Markdown, text), laid out so that they can be read as a PDF.

MuPDF lays them out; a section begins on a new page, so that a page is a place that a person finds in the file: its
heading, or in a plain text its line. XPS has pages, and keeps them.
"""

from __future__ import annotations

import functools
import itertools
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pymupdf

from ragkit.reading.find import PAGED
from ragkit.reading.word import word_as_html, word_properties

WIDTH, HEIGHT, SIZE = 600, 780, 11.0  # points: eighty letters of a plain text stand in a line
LINE_HEIGHT = 1.2  # of the size of the letters
TEXT_HEIGHT = 400  # about 25 lines of a plain text are one place: their numbers are all that it is found by
HEADING_LENGTH = 80  # characters of a heading in a label
WITHIN = " › "
CREATOR = "ragkit, from a document without pages"
NO_PAGES = "The file has no pages of its own: headings or lines say where a text stands."

# MuPDF knows no page break before a box, but moves what does not fit to the next page: a heading with that much
# room above it. One that follows another at once stays with it. Paragraphs and cells are set apart for the reader.
STYLE = """
* { line-height: LINE_HEIGHT !important }
h1, h2, h3, h4, h5, h6, section > title { margin-top: 2000pt !important }
h1+h2, h1+h3, h2+h3, h3+h4, h4+h5, h5+h6 { margin-top: 12pt !important }
p { margin-top: 6pt !important; margin-bottom: 6pt !important }
table { border-collapse: collapse !important; width: 100% !important }
td, th { border: 0.5pt solid black !important; padding: 4pt 12pt !important; text-align: left !important }
""".replace("LINE_HEIGHT", str(LINE_HEIGHT))


@functools.lru_cache(maxsize=4)
def as_pdf(file: Path, version: tuple[int, int]) -> bytes:
    """Lay a document out as a PDF whose page labels say what each page is in the file.

    Parameters
    ----------
    file : Path
    version : tuple of int
        Time and size of the file: a changed one is laid out anew.

    Raises
    ------
    Whatever MuPDF raises.
    """
    kind = file.suffix.lower().lstrip(".")
    if f".{kind}" in PAGED:
        with pymupdf.open(file, filetype=kind) as document:
            return document.convert_to_pdf()
    text = _decoded(file.read_bytes()) if kind in ("txt", "md") else ""
    word, properties = _word(file) if kind == "docx" else ("", {})
    data = (word or text).encode() or file.read_bytes()
    with pymupdf.open(stream=data, filetype="html" if word else kind) as document:
        pymupdf.mupdf.fz_style_document(document.this, 1, STYLE)
        document.layout(width=WIDTH, height=TEXT_HEIGHT if kind == "txt" else HEIGHT, fontsize=SIZE)
        texts = [page.get_text() for page in document]
        lengths = map(document.chapter_page_count, range(document.chapter_count))
        files = [0, *itertools.accumulate(lengths)]  # an EPUB has several, and each begins on a new page
        labels = _lines(text, texts) if kind == "txt" else _sections(document.get_toc(), texts, files)
        made = pymupdf.open("pdf", document.convert_to_pdf())
        known = properties or document.metadata or {}
    made.set_metadata({"title": known.get("title"), "author": known.get("author"), "creator": CREATOR})
    empty = {page for page, text in enumerate(texts) if not (text.strip() or made[page].get_images())}
    kept = [page for page in range(len(texts)) if page not in empty] or list(range(len(texts)))
    made.select(kept)
    rules = [{"startpage": at, "prefix": labels[page], "style": ""} for at, page in enumerate(kept)]
    made.set_page_labels(rules)
    return made.tobytes()


def _word(file: Path) -> tuple[str, dict[str, str]]:
    """A Word file as HTML, and its properties; nothing of what cannot be read so: MuPDF may, or says what is wrong."""
    try:
        return word_as_html(file), word_properties(file)
    except Exception:  # of a foreign file anything may be missing
        return "", {}


def has_pages(document: pymupdf.Document) -> bool:
    """Whether a document's pages are its own: then they may have headers and printed numbers."""
    return (document.metadata or {}).get("creator") != CREATOR


def _decoded(data: bytes) -> str:
    """A text, whatever it was saved in: what is no UTF-8 nor marked as UTF-16 is of an older Windows."""
    for encoding in ("utf-16", "utf-8-sig") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass
    return data.decode("cp1252", errors="replace")


def _sections(outline: list[list], texts: list[str], files: Sequence[int] = ()) -> list[str]:
    """Of each page, the heading or headings that its text stands under; without any, its number in this layout.

    A heading that begins on a page shares it with the one before, unless it stands first there, or the page is the
    first of its file with text.
    """
    if not outline:
        return [f"part {page}" for page in range(1, len(texts) + 1)]
    begins: dict[int, list[str]] = {}
    with_text = [page for page, text in enumerate(texts) if text.strip()]
    fresh = {next((page for page in with_text if page >= first), first) for first in files}
    for name, (_, _, page, *_) in zip(_names(outline), outline, strict=True):
        begins.setdefault(next((at for at in with_text if at >= page - 1), page - 1), []).append(name)
    labels, under = [], ""
    for page, text in enumerate(texts):
        here = begins.get(page, [])
        first = here and (page in fresh or _plain(text).startswith(_plain(here[0].rpartition(WITHIN)[2])))
        if under and not first:
            here = [under, *here]
        under = here[-1] if here else ""
        labels.append("§ " + " – ".join(dict.fromkeys([here[0], under])) if under else "the beginning")
    return labels


def _names(outline: list[list]) -> list[str]:
    """The headings of an outline, in short; one that there is several times follows the one above it.

    >>> _names([[1, "Version 2", 1], [2, "Fixes", 1], [1, "Version 1", 2], [2, "Fixes", 2]])
    ['Version 2', 'Version 2 › Fixes', 'Version 1', 'Version 1 › Fixes']
    """
    titles = [" ".join(title.split())[:HEADING_LENGTH] for _, title, *_ in outline]
    counts, above, names = Counter(titles), {0: ""}, []
    for title, (level, *_) in zip(titles, outline, strict=True):
        parent = next(above[upper] for upper in range(level - 1, -1, -1) if upper in above)
        names.append(f"{parent}{WITHIN}{title}" if parent and counts[title] > 1 else title)
        above = {upper: name for upper, name in above.items() if upper < level} | {level: title}
    return names


def _plain(text: str) -> str:
    return "".join(re.findall(r"\w", text)).casefold()


def _lines(text: str, texts: list[str]) -> list[str]:
    """Of each page, its lines in the file, by the letters up to them: the layout changes only spaces."""
    ends = list(itertools.accumulate(_letters(line) for line in text.splitlines()))
    before = [0, *itertools.accumulate(map(_letters, texts))]
    if before[-1] != (ends or [0])[-1]:
        return _sections([], texts)
    first = [bisect_right(ends, count) + 1 for count in before[:-1]]
    last = [bisect_left(ends, count) + 1 for count in before[1:]]
    return [f"line {a}" if a >= b else f"lines {a}–{b}" for a, b in zip(first, last, strict=True)]


def _letters(text: str) -> int:
    return sum(map(len, text.split()))

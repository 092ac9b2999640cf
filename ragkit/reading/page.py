"""One page of a PDF: MuPDF's lines, their spaces and directions mended, in reading order."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import takewhile
from statistics import median
from typing import Any

import pymupdf

from ragkit.reading.columns import set_in_order
from ragkit.reading.forms import comments_on, fill_in
from ragkit.reading.letters import ACCENT, compose_accents, cut_line, join_initials, raise_notes, read_symbols
from ragkit.reading.lines import LARGE, Line, clean_characters, nonsense_share, set_apart
from ragkit.reading.opening import message_of
from ragkit.reading.raised import join_spans
from ragkit.reading.rules import find_rules
from ragkit.reading.scripts import UNSPACED, space_words
from ragkit.reading.tables import set_tables
from ragkit.reading.twice import once

# Ligatures are kept, to be replaced and counted; a glyph without a meaning is U+FFFD, not some number.
FLAGS = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES & ~pymupdf.TEXT_USE_CID_FOR_UNKNOWN_UNICODE

_SPACE = (
    0.25  # of the font size: spaces at a line's end are no part of it, and part it from what stands beside it
)
_UPRIGHT = (1.0, 0.0)  # the direction of most lines
# Sine of 10°: a page in a scanner is less askew, a stamp over a page more (30°, 45°, its diagonal)
_ASKEW = 0.17


@dataclass
class Page:
    """What was read from one page of the file."""

    index: int
    width: float = 0.0  # in points
    height: float = 0.0
    lines: list[Line] = field(default_factory=list)
    pdf_label: str = ""
    ligatures: int = 0
    nonsense: float = 0.0
    scanned: bool = False
    ocr: bool = False
    ocr_error: str = ""
    hidden: int = 0  # characters that the page does not show
    doubled: int = 0  # lines that stood there a second time, and were taken out
    attached: list[str] = field(default_factory=list)  # names of files
    error: str = ""
    fault: str = ""  # of the rules here, for which the page has MuPDF's plain lines
    messages: str = ""  # what MuPDF had to say while it read the page
    turned_back: tuple[float, ...] = ()  # matrix that takes a turned page's lines back to their places


_BY_LETTER = re.compile(f"{UNSPACED.pattern}|{ACCENT}")
_PERHAPS = re.compile(f"{UNSPACED.pattern[:-1]}¨´ˆ˜ˇ¸˚˝˘˙¯˛`^~]")  # one class of signs: most pages have none


def read_content(page: pymupdf.Page) -> dict[str, Any]:
    """MuPDF's `dict` output; with the spaces between words that it leaves out, and accents on their letters."""
    textpage = page.get_textpage(flags=FLAGS)
    content = textpage.extractDICT()
    lines = _lines(content)
    if not _PERHAPS.search("".join([span["text"] for line in lines for span in line["spans"]])):
        return content
    texts = ["".join([span["text"] for span in line["spans"]]) for line in lines]
    if not any(map(_BY_LETTER.search, texts)):
        return content
    by_letter = _lines(textpage.extractRAWDICT())
    for text, line, letters_of in zip(texts, lines, by_letter, strict=True):
        if not _PERHAPS.search(text):
            continue
        letters = [letter for span in letters_of["spans"] for letter in span["chars"]]
        size = max(span["size"] for span in line["spans"])
        if _angle(line) == 0:
            compose_accents(letters, size)
        for span, own in zip(line["spans"], letters_of["spans"], strict=True):
            span["text"] = "".join([letter["c"] for letter in own["chars"]])
        if letters and _angle(line) == 0 and UNSPACED.search(text):
            places = [(letter["c"], letter["bbox"][0], letter["bbox"][2]) for letter in letters]
            line["text"] = space_words(places, size)
    return content


def _lines(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for block in content["blocks"] for line in block.get("lines", [])]


def fill_page(read: Page, page: pymupdf.Page, content: dict[str, Any]) -> None:
    """Put the lines of MuPDF's `dict` output into `read`, turned so that most of the text is upright."""
    raw = [
        (number, line) for number, block in enumerate(content["blocks"]) for line in block.get("lines", [])
    ]
    _even_sizes([line for _, line in raw])
    read.ligatures = 0
    angle = _usual_angle([line for _, line in raw])
    paper = page.cropbox
    width, height = paper.width, paper.height
    turn = _TURNS[angle](width, height) if angle else None
    usual = median([line["spans"][0]["size"] for _, line in raw] or [0])
    lines: list[Line] = []
    hidden: list[bool] = []
    for number, line in raw:
        spans = line["spans"]
        read_symbols(spans)
        main = _main_span(spans)
        aside = bool(angle)
        if line["dir"] != _UPRIGHT:  # a few
            askew = _is_askew(line) and main["size"] > LARGE * usual  # no name on a map
            aside = askew or _angle(line) != angle
        text, n_ligatures = clean_characters(line.get("text") or join_spans(spans, main))
        read.ligatures += n_ligatures
        if text:
            lines.append(_line(text, line, main, number, turn, aside))
            hidden.append(not any([span["alpha"] for span in spans]))
    kept = once(lines, hidden)
    read.doubled = len(lines) - len(kept)
    lines = set_apart(join_initials(kept))
    if not turn and not page.rotation:
        lines = fill_in(lines, page)
    read.width, read.height = (width, height) if angle in (0, 180) else (height, width)
    letters = cache(lambda: _lines(page.get_text("rawdict", flags=FLAGS)))
    lines = set_tables(
        lines,
        read.width,
        partial(find_rules, page, turn),
        lambda line, x: [line] if turn else cut_line(line, x, letters()),
    )
    rows = raise_notes(set_in_order(lines, read.width, read.height))
    read.lines = rows + comments_on(page, len(content["blocks"]))
    read.turned_back = tuple(~turn) if turn else ()
    read.nonsense = nonsense_share("".join(line.text for line in lines))


def read_plainly(document: pymupdf.Document, index: int, error: Exception) -> Page:
    """Read MuPDF's lines as they come, by none of the rules here, as the page's reading came to an error.

    That is the page's where it is MuPDF's, or where these lines cannot be read either; else a fault of ours.
    """
    read = Page(index, error=message_of(error))
    try:
        content = document[index].get_text("dict", flags=FLAGS & ~pymupdf.TEXT_PRESERVE_LIGATURES)
    except Exception:  # MuPDF has many error classes of its own
        return read
    if not isinstance(error, pymupdf.mupdf.FzErrorBase):
        read.error, read.fault = "", f"{type(error).__name__}: {read.error}"
    read.width, read.height = content["width"], content["height"]
    for number, block in enumerate(content["blocks"]):
        for line in block.get("lines", []):
            text = " ".join("".join(span["text"] for span in line["spans"]).split())
            if text:
                x0, y0, x1, y1 = line["bbox"]
                base, size = line["spans"][0]["origin"][1], line["spans"][0]["size"]
                aside = line["dir"] != _UPRIGHT
                read.lines.append(Line(text, x0, y0, x1, y1, base, size, block=number, sideways=aside))
    return read


def _usual_angle(lines: Sequence[dict[str, Any]]) -> int:
    """By how many degrees most of the text is turned: where most spaces between words are, not a chart's labels."""
    spaces = Counter({0: 1})
    turned = {line["dir"] for line in lines} - {_UPRIGHT}
    for line in lines if turned else ():  # none on most pages
        spaces[_angle(line)] += sum(span["text"].count(" ") for span in line["spans"])
    return spaces.most_common(1)[0][0]


def _even_sizes(lines: Sequence[dict[str, Any]]) -> None:
    """Give invisible text one font size, but for what is much larger or smaller.

    It was recognised in a picture, here or by another program, and its size guessed word by word.
    """
    some = (line["spans"] for line in lines if not all([span["alpha"] for span in line["spans"]]))
    unseen = [[span for span in spans if not span["alpha"]] for spans in some]
    usual = median([span["size"] for line in unseen for span in line] or [0])
    for line in unseen:
        size = median(span["size"] for span in line)
        for span in line:
            span["size"] = float(round(usual if 0.75 * usual < size < 1.3 * usual else size))


_TURNS: dict[int, Callable[[float, float], pymupdf.Matrix]] = {
    90: lambda width, height: pymupdf.Matrix(0, 1, -1, 0, height, 0),
    180: lambda width, height: pymupdf.Matrix(-1, 0, 0, -1, width, height),
    270: lambda width, height: pymupdf.Matrix(0, -1, 1, 0, 0, width),
}


def _angle(line: dict[str, Any]) -> int:
    """By how many degrees a line is turned against upright text: 0, 90, 180 or 270."""
    if line["dir"] == _UPRIGHT:
        return 0
    cosine, sine = line["dir"]
    return round(math.degrees(math.atan2(-sine, cosine)) / 90) % 4 * 90


def _is_askew(line: dict[str, Any]) -> bool:
    cosine, sine = line["dir"]
    return bool(sine and cosine and min(abs(cosine), abs(sine)) > _ASKEW)


def _main_span(spans: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The span in the largest font that is no mere initial: indices, exponents and code are set smaller."""
    if len(spans) == 1 or len({(span["size"], span["origin"][1]) for span in spans}) == 1:
        return spans[0]  # so far as its size and its baseline go, any of them: they are all that is asked
    letters = [len(span["text"].strip()) for span in spans]
    total = sum(letters)
    return max(zip(spans, letters, strict=True), key=lambda span: (span[1] * 4 >= total, span[0]["size"]))[0]


def _line(
    text: str,
    line: dict[str, Any],
    main: dict[str, Any],
    block: int,
    turn: pymupdf.Matrix | None,
    aside: bool,
) -> Line:
    bold, spans, labelled = bool(main["flags"] & pymupdf.TEXT_FONT_BOLD), line["spans"], False
    if len(spans) > 1 and len({span["flags"] & pymupdf.TEXT_FONT_BOLD for span in spans}) > 1:
        n = [(len(span["text"].strip()), span["flags"] & pymupdf.TEXT_FONT_BOLD) for span in spans]
        bold = 2 * sum(letters for letters, is_bold in n if is_bold) > sum(letters for letters, _ in n)
        labelled = _is_labelled(spans)
    base, box = main["origin"][1], line["bbox"]
    if turn:  # an upright page needs no matrix; this and cheaper cleaning make `fill_page` 2.5 × as fast
        base, box = (pymupdf.Point(main["origin"]) * turn).y, tuple(pymupdf.Rect(box) * turn)
    x0, y0, x1, y1 = box
    end = spans[-1]["text"]
    if end.endswith("  ") and line["dir"] == _UPRIGHT:
        x1 -= (len(end) - len(end.rstrip())) * _SPACE * spans[-1]["size"]
    return Line(text, x0, y0, x1, y1, base, main["size"], bold, block, 1, aside, labelled=labelled)


def _is_labelled(spans: Sequence[dict[str, Any]]) -> bool:
    """Whether a line begins with bold letters that end in a colon or a full stop, and goes on in others."""
    label = "".join(
        [span["text"] for span in takewhile(lambda span: span["flags"] & pymupdf.TEXT_FONT_BOLD, spans)]
    )
    return label.rstrip().endswith((":", "."))


def n_chars(page: Page) -> int:
    """Return how many characters the lines of a page have."""
    return sum(len(line.text) for line in page.lines)

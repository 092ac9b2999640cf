"""Printed lines: their text, cleaned, and where they stand on the page."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from ragkit.reading.raised import RAISED, part_marks

LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_CODES = {"\x1b": "ff", "\x1c": "fi", "\x1d": "fl", "\x1e": "ffi", "\x1f": "ffl"}
"""Where they stand in LaTeX's T1 encoding: of its bitmap fonts only the codes are known (5 of Debian's 717 files)."""
_LETTERS = LIGATURES | _CODES
# How a sentence ends; the digits are a footnote's
TERMINAL = re.compile(rf"[.!?:;…。．！？：；؟۔।][\"')\]”’»」』）]*[\d{RAISED}]{{0,3}}$")
CJK = "\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff65"  # Chinese and Japanese, for a [...] in a pattern
CAPTION = re.compile(  # its number counts tables or questions, not pages
    r"^(?:table|tab|figure|fig|box|chart|example|exercise|question|problem|task|listing|algorithm|tabelle|abbildung|abb"
    r"|aufgabe|frage|beispiel|tableau|exercice|tabla|figura|pregunta|ejercicio)\.? ?\d+",
    re.IGNORECASE,
)
BULLETS = tuple("•◦▪‣●○■□–—*·-")
LARGE = 1.2  # times the usual size: at the top of a page a heading, and its number is a section's
_LIGATURE = re.compile(
    rf"[{''.join(LIGATURES)}]|(?<=[^\W\d_])[{''.join(_CODES)}]|[{''.join(_CODES)}](?=[^\W\d_])"
)
# Control characters but for white space, halves of surrogate pairs, spaces and joiners without a width, and marks of
# direction; those that say how letters join stay in scripts whose letters do
_NO_CHARACTER = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u200b\u200e\u200f\u2060\ufeff]"
    "|(?<=[a-z])[\u200c\u200d](?=[a-z])"
)
_NO_MEANING = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
_CJK = re.compile(f"[{CJK}]")
_FIRST_WORD = re.compile(rf"[{CJK}]|\S[^\s{CJK}]*")
_SPACED = re.compile(r"\s*(?:[A-ZÀ-Þ]\s+){4,}[A-ZÀ-Þ]\s*")  # a heading in spaced capitals
_LEADER = re.compile(r"\s*(?:[.·]\s?){5,}\s*")  # the dots of a table of contents
# Old-style digits and small capitals, where Adobe's list of glyphs has them: 0xF700 above plain ones
_EXPERT = re.compile("[\uf730-\uf739\uf761-\uf77a\uf7e0-\uf7f6\uf7f8-\uf7fe]")
# Arabic glyphs by their place in the word, and the radicals of Chinese letters: both stand for plain letters
_FORMS = re.compile("[\u2f00-\u2fd5\ufb50-\ufdff\ufe70-\ufefc]+")
# What one of these patterns, or a hyphen of its own kind, may change
_SPECIAL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u2011\u2060\u2f00-\u2fd5\ud800-\udfff\uf730-\uf7fe"
    "\ufb00-\ufdff\ufe70-\ufeff]"
)


class Line(NamedTuple):
    """One printed line: its text and where it stands, in points from the top left corner of the page."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float  # y of the letters' baseline
    size: float  # of the font
    bold: bool = False
    block: int = 0  # which of the page's text blocks it came in
    cells: int = 1  # pieces with a wide gap between them: three or more make a table row
    sideways: bool = False  # against most of the page's text, over it, or beside it as a comment is
    runs_on: bool = False  # a word broken at its end was completed from the next line
    table: int = 0  # which of the page's tables it is a row of, from 1 on
    heads: str = (
        ""  # of that table's columns, where they are known and stand above; on a line of its own the title
    )
    # of the rows that this one is of
    edges: tuple[float, ...] = ()  # x of the lines between them, where these are drawn
    labelled: bool = False  # begins with a label in bold letters ("Deposit: 1,200 euros")


def clean_characters(text: str) -> tuple[str, int]:
    """Replace ligatures, remove control characters, make every space one plain space; NFC.

    Returns
    -------
    tuple of str and int
        The text and the number of ligatures replaced. A soft hyphen stays only at the end, where
        `join_hyphens` needs it.

    Notes
    -----
    Patterns over the whole line, compiled once: 2.4 × as fast as looking at each character. Most lines have nothing to
    be replaced but spaces and dots.

    >>> clean_characters("the ﬁrst\\u00a0eﬀect")
    ('the first effect', 2)
    """
    if (text.isascii() and text.isprintable()) or not _SPECIAL.search(text):
        text = _close_capitals(text) if _SPACED.fullmatch(text) else text
        text = _close_leaders(" ".join(text.split()))
        return text if text.isascii() else part_marks(unicodedata.normalize("NFC", text)), 0
    text = _EXPERT.sub(lambda glyph: chr(ord(glyph[0]) - 0xF700), text)
    text, n_ligatures = _LIGATURE.subn(lambda found: _LETTERS[found[0]], text)
    if _SPACED.fullmatch(text):
        text = _close_capitals(text)
    text = " ".join(_NO_CHARACTER.sub("", text).replace("\u2011", "-").split())
    text = _close_leaders(text[:-1].replace("\u00ad", "") + text[-1:])
    text = _FORMS.sub(lambda forms: unicodedata.normalize("NFKC", forms[0]), text)
    return part_marks(unicodedata.normalize("NFC", text)), n_ligatures


def _close_leaders(text: str) -> str:
    return _LEADER.sub(" … ", text).strip() if text.count(".") + text.count("·") > 4 else text


def _close_capitals(text: str) -> str:
    """Put the words of spaced capitals together; wider gaps are between words. A, B, C, D, E in a row are none.

    >>> _close_capitals("T H E  R I V E R S"), _close_capitals("A B C D E")
    ('THE  RIVERS', 'A B C D E')
    """
    letters = text.split()
    return text if letters == sorted(letters) else re.sub(r"(?<=\S)\s(?=\S)", "", text)


def nonsense_share(text: str) -> float:
    """Share of the characters that mean nothing: the replacement character and private-use glyphs.

    >>> nonsense_share("a\\ufffd b\\ue001")
    0.5
    """
    n = 0 if text.isascii() else len(_NO_MEANING.findall(text))
    return n / len("".join(text.split())) if n else 0.0


def set_apart(lines: Sequence[Line]) -> list[Line]:
    """Mark level text that is printed over lines of the page, such as "DRAFT", as no part of them."""
    size = median(line.size for line in lines) if lines else 0.0
    large = any(line.size > 2 * size for line in lines)
    by_middle = sorted((line.base - 0.3 * line.size, i) for i, line in enumerate(lines)) if large else []
    return [
        line._replace(sideways=True) if line.size > 2 * size and _lies_over(line, lines, by_middle) else line
        for line in lines
    ]


def _lies_over(line: Line, lines: Sequence[Line], by_middle: Sequence[tuple[float, int]]) -> bool:
    begin = bisect_right(by_middle, (line.base - 0.6 * line.size, len(lines)))
    near = (lines[i] for _, i in by_middle[begin : bisect_left(by_middle, (line.base, -1))])
    return any(
        min(line.x1, other.x1) - max(line.x0, other.x0) > line.size and other.size < 0.5 * line.size
        for other in near
    )


def usual_size(pages: Iterable[Iterable[Line]]) -> float:
    """Font size of most of the text, in points."""
    exact: dict[float, int] = defaultdict(int)
    for rows in pages:
        for line in rows:
            exact[line.size] += len(line.text)
    letters: Counter[float] = Counter()
    for size, n in exact.items():
        letters[round(size * 2) / 2] += n
    return letters.most_common(1)[0][0] if letters else 0.0


def usual_pitch(rows: Sequence[Line]) -> float:
    """Usual distance between the baselines of neighbouring lines, as a multiple of the font size."""
    return _median_pitch(rows, range(len(rows) - 1), 4, 1.3)


def text_pitch(rows: Sequence[Line], usual: float) -> float:
    """The same of wrapped text, if that is less: items and rows of tables may be as far apart as paragraphs."""
    if usual <= 1.2:
        return usual  # text is hardly set closer: most pages of books
    wrapped = [i for i in range(len(rows) - 1) if _is_wrapped(rows, i)]
    return min(usual, _median_pitch(rows, wrapped, 3, usual))


def _median_pitch(rows: Sequence[Line], indices: Iterable[int], least: int, default: float) -> float:
    """The median distance between the baselines of these lines and the next ones, where there are enough."""
    pairs = [(rows[i], rows[i + 1]) for i in indices]
    pitches = [(b.base - a.base) / b.size for a, b in pairs if not jumps(a, b) and b.size > 0]
    return min(max(median(pitches), 1.0), 2.6) if len(pitches) >= least else default


def _is_wrapped(rows: Sequence[Line], i: int) -> bool:
    """Whether the text of a line goes on in the next one, of whose words none would have fitted on it."""
    above, line = rows[i], rows[i + 1]
    if len(above.text) <= 25 or above.cells > 1 or line.cells > 1 or above.table or line.table:
        return False  # a name, a row
    edge = max([row.x1 for row in rows[max(i - 2, 0) : i + 4]])
    return abs(above.size - line.size) <= 0.08 * above.size and not has_room(above, line, edge)


def jumps(above: Line, below: Line) -> bool:
    """Whether the text goes on somewhere else on the page: in the next column, beside a picture."""
    if above.sideways != below.sideways:
        return True
    return below.base < above.base + 0.3 * below.size or below.x0 > above.x1 or below.x1 < above.x0


def has_room(above: Line, line: Line, edge: float) -> bool:
    """Whether the first word of a line would have fitted on the line above it, up to an edge on the right."""
    letter = (line.x1 - line.x0) / len(line.text)
    first = _FIRST_WORD.search(line.text)
    n_letters = (len(first[0]) if first else 0) + 1
    if _CJK.match(line.text) and not TERMINAL.search(above.text):
        n_letters += 5  # a line of Chinese may be a few letters short before signs that none begins with
    return edge - above.x1 > n_letters * letter + 0.5 * line.size

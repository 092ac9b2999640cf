"""Letters that a file has in pieces or apart: accents beside their letters, initials, words in spaced capitals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from ragkit.reading.lines import Line, clean_characters
from ragkit.reading.raised import RAISED

_COMBINING = {
    "¨": "\u0308", "´": "\u0301", "`": "\u0300", "ˆ": "\u0302", "^": "\u0302", "˜": "\u0303", "~": "\u0303",
    "ˇ": "\u030c", "¸": "\u0327", "˚": "\u030a", "˝": "\u030b", "˘": "\u0306", "˙": "\u0307", "¯": "\u0304",
    "˛": "\u0328",
}  # fmt: skip
_DOTTED = {"ı": "i", "ȷ": "j"}
# What Wingdings draws for a character, by the character's last byte: boxes, empty and ticked
_BOXES = {0x6F: "[ ]", 0x71: "[ ]", 0xA8: "[ ]", 0x78: "[x]", 0xFD: "[x]", 0xFE: "[x]", 0xFC: "[x]"}
_INITIAL = re.compile(r"[\"“‘«]?[^\W\d_]")
_LARGER = 1.8  # times the size of the text beside it: an initial reaches over two lines at least
# So many large letters on a page are no initials of chapters; each is looked for in the whole page
_MANY = 20
_OVER = 1.0  # points that a letter's box may reach over a line beside it
_WORDS = set("AIOYEÀ")  # initials that may be a word
# Of a footnote; an exponent stands at a letter or a digit
_MARK = re.compile(rf"(?<=[\s.,;:!?)\]\"'”’»])[{RAISED}]+")
_TOUCHING = re.compile(r"(\d{1,3})(?=[^\W\d_]{2}|A\s)")  # a word; 3M and 5G are names
_SYMBOL = range(0xF020, 0xF100)  # where fonts of symbols have their signs
# Signs that may be an accent; those that are on keyboards, too, only beside a letter
ACCENT = r"[¨´ˆ˜ˇ¸˚˝˘˙¯˛]|[`^~]\s?[^\W\d_]"


def compose_accents(letters: Sequence[dict[str, Any]], size: float) -> None:
    """Put accents that are signs of their own onto the letters that they stand over, as LaTeX sets them.

    `letters`: the characters of an upright line in a font of that size, of MuPDF's `rawdict`; changed in place. An
    accent that stands over no letter, or over one that is never written with it, stays.
    """
    for i, sign in enumerate(letters):
        if sign["c"] in _COMBINING:
            middle = (sign["bbox"][0] + sign["bbox"][2]) / 2
            near = [k for k in (i + 1, i + 2, i - 1, i - 2) if 0 <= k < len(letters)]
            over = [k for k in near if letters[k]["bbox"][0] < middle < letters[k]["bbox"][2]]
            base = next((k for k in over if letters[k]["c"].isalpha()), i)
            letter = letters[base]["c"]
            both = unicodedata.normalize("NFC", _DOTTED.get(letter, letter) + _COMBINING[sign["c"]])
            if base != i and len(both) == 1:
                letters[base]["c"], sign["c"] = both, ""
                _close_up(letters, min(i, base), max(i, base), size)


def _close_up(letters: Sequence[dict[str, Any]], first: int, last: int, size: float) -> None:
    """Take out the spaces that MuPDF saw around an accent: within, and before it where no gap is before its letter."""
    for space in letters[first + 1 : last]:
        space["c"] = ""
    before = letters[first - 1] if first > 1 else {"c": ""}
    if before["c"] == " " and before["synthetic"]:
        gap = letters[last]["bbox"][0] - letters[first - 2]["bbox"][2]
        before["c"] = " " if gap > 0.12 * size else ""


def read_symbols(spans: Sequence[dict[str, Any]]) -> None:
    """Write the signs of word processors' lists and boxes as what they show; the pieces of a line, changed in place.

    A bullet is a sign of a font of symbols, or a Courier "o", that begins a line alone.
    """
    for span in spans:
        if "Wingdings" in span["font"]:
            span["text"] = "".join(_BOXES.get(ord(sign) & 0xFF, sign) for sign in span["text"])
    first = spans[0]
    sign = first["text"].strip()
    if len(sign) == 1 and (ord(sign) in _SYMBOL or (sign == "o" and "Courier" in first["font"])):
        first["text"] = first["text"].replace(sign, "•")


def raise_notes(rows: Sequence[Line]) -> list[Line]:
    """Write the number that touches the first word of a footnote as its mark: "1The" is "¹ The".

    It is proven by the same mark in larger letters on the page.
    """
    marks = {mark: row.size for row in rows if not row.text.isascii() for mark in _MARK.findall(row.text)}
    raised = list(rows)
    for i, row in enumerate(rows if marks else ()):
        number = _TOUCHING.match(row.text)
        mark = "".join(RAISED[int(digit)] for digit in number[1]) if number else ""
        if row.size < 0.95 * marks.get(mark, 0.0) and row.text[len(mark)].isupper():
            raised[i] = row._replace(text=f"{mark} {row.text[len(mark) :]}")
    return raised


def join_initials(lines: Sequence[Line]) -> list[Line]:
    """Put the large initial of a chapter before the first of the lines beside it, below which the text goes left."""
    least = _LARGER * min((line.size for line in lines), default=0.0)
    initials = [
        line for line in lines
        if len(line.text) < 3 and line.size > least and line.text.isupper() and _INITIAL.fullmatch(line.text)
    ]  # fmt: skip
    joined = list(lines)
    for initial in initials if len(initials) <= _MANY else ():
        first = _first_beside(initial, joined)
        if first is not None:
            text = _with_initial(initial.text, joined[first].text, lines)
            joined[first] = joined[first]._replace(text=text)
            joined.remove(initial)
    return joined


def _first_beside(initial: Line, lines: Sequence[Line]) -> int | None:
    """Index of the topmost line of text to the right of an initial; None where it is no initial."""
    beside = [
        i
        for i, line in enumerate(lines)
        if initial.size > _LARGER * line.size
        and -0.5 * line.size < line.x0 - initial.x1 < line.size
        and initial.base - initial.size < line.base < initial.base + 0.3 * line.size
    ]
    if len(beside) < 2:
        return None
    first = lines[min(beside, key=lambda i: lines[i].base)]
    below = any(
        abs(line.x0 - initial.x0) < first.size and 0 < line.base - initial.base < 2.5 * line.size
        for line in lines
        if abs(line.size - first.size) < 0.1 * first.size
    )
    return lines.index(first) if below and first.text[0].isalpha() else None


def _with_initial(initial: str, text: str, lines: Sequence[Line]) -> str:
    """An initial and the rest of its word; a word of its own only if the page says so: "A river", but "Along"."""
    words = {word for line in lines if line.text != text for word in line.text.casefold().split()}
    rest = text.split()[0].casefold()
    apart = initial[-1] in _WORDS and rest in words and initial[-1].casefold() + rest not in words
    return f"{initial} {text}" if apart else initial + text


def _holds(box: Sequence[float], line: Line) -> bool:
    """Whether a line of MuPDF's is this one, or one that this was cut from."""
    return (box[1], box[3]) == (line.y0, line.y1) and box[0] <= line.x0 and line.x1 <= box[2]


def cut_line(line: Line, x: float, raw: Sequence[dict[str, Any]]) -> list[Line]:
    """Cut a line in two where an upright one is drawn through it; one piece where that would cut a letter.

    `raw`: the lines of MuPDF's `rawdict`, which puts words of two cells into one line where the gap is narrow.
    """
    spans: list[dict[str, Any]] = next((other["spans"] for other in raw if _holds(other["bbox"], line)), [])
    letters = [
        letter
        for span in spans
        for letter in span["chars"]
        if not letter["c"].isspace() and line.x0 <= letter["bbox"][0] and letter["bbox"][2] <= line.x1
    ]
    left = [letter for letter in letters if letter["bbox"][2] < x + _OVER]
    right = letters[len(left) :]
    if not left or not right or right[0]["bbox"][0] < x - _OVER:
        return [line]
    begin = "".join(clean_characters("".join(letter["c"] for letter in left))[0].split())
    ends = [match.end() for match in re.finditer(r"\S", line.text)]
    end = ends[len(begin) - 1] if len(begin) < len(ends) else 0
    if "".join(line.text[:end].split()) != begin:
        return [line]  # cleaned in another way
    return [
        line._replace(text=line.text[:end], x1=left[-1]["bbox"][2]),
        line._replace(text=line.text[end:].strip(), x0=right[0]["bbox"][0]),
    ]

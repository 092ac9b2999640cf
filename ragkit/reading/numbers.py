"""Numbers in a line at the edge of a page: which of them may be the page's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ragkit.reading.lines import CAPTION, CJK, Line

# Chinese and Japanese letters may touch a number
_NUMBER = re.compile(
    rf"(?:(?<![\w.,/$€£])|(?<=[{CJK}]))([A-Z]{{1,2}}[-–.]?|\d{{1,2}}[-–])?(\d{{1,4}})(?:(?![\w%€]|[.,]\d)|(?=[{CJK}]))"
)
_DIGIT = re.compile(r"\d")
_ROMAN = re.compile("[mdclxvi]+")
# Most words are spared the rest
_ROMAN_WORD = re.compile(r"(?<![^\W\d_])(?:[mdclxvi]+|[MDCLXVI]+)(?![^\W\d_])")
_ROMAN_DIGITS = {"m": 1000, "cm": 900, "d": 500, "cd": 400, "c": 100, "xc": 90, "l": 50, "xl": 40,
                 "x": 10, "ix": 9, "v": 5, "iv": 4, "i": 1}  # fmt: skip
# What stands before a page number, by its name in the languages of Latin letters, and in Chinese
_PAGE_WORD = re.compile(
    r"(?:^|[\W_])(?:pages?|pp?|pg|seite|s|blatt|p[aá]gin[ae]|p[aá]g|side|sida|sivu|strona|str|第)\W*$",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"\s*(?:/|of|von|de|sur|di|van|av|af|z|[页頁]\s*共)\s*(\d{1,4})\s*[页頁]?(?![\w%.,/-])", re.IGNORECASE
)
_SIGNS = tuple("|•·–—/[](){}<>*_~-")  # what parts a page number from a title beside it
_MONTHS = """january february march april may june july august september october november december jan feb mar apr
    jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember janvier février mars avril
    juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto
    septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro januari maart mei augustus"""
_WEEKS = "week weeks wk kw woche semaine semana settimana uke vecka"
_DATED = {*_MONTHS.split(), *_WEEKS.split()}
_LAST_DATE = 53  # weeks in a year, more than days in a month: a greater number is of neither
_NAMED = "no nr nos num n number nummer numéro número vol volume ref id"
_YEAR = range(1500, 2101)


class Number(NamedTuple):
    """A number in a margin line that may be its page's."""

    style: str
    prefix: str
    value: int
    start: int  # characters of the line
    end: int
    beside: str  # "of" and the number of pages; "" nothing, or "page"; "|" a gap or a sign; else a side and a word


def to_roman(number: int) -> str:
    """Write a number in lower-case roman numerals.

    >>> to_roman(44)
    'xliv'
    """
    text = ""
    for letters, value in _ROMAN_DIGITS.items():
        text += letters * (number // value)
        number %= value
    return text


def from_roman(text: str) -> int | None:
    """Read a roman numeral; None for anything that is not written as `to_roman` writes it.

    >>> from_roman("xliv"), from_roman("mild")
    (44, None)
    """
    if not _ROMAN.fullmatch(text):
        return None  # most words: labels are found 1.2 × as fast
    rest, number = text, 0
    for letters, value in _ROMAN_DIGITS.items():
        while rest.startswith(letters):
            rest, number = rest.removeprefix(letters), number + value
    return number if to_roman(number) == text else None


def numbers_in(line: Line, zone: str, n_pages: int) -> Iterator[Number]:
    """Find the numbers in a margin line that may be its page's, and what stands beside each."""
    text = line.text
    begin = caption.end() if (caption := CAPTION.match(text)) else 0
    for match in _NUMBER.finditer(text, begin) if _DIGIT.search(text) else ():  # most lines have none
        value = int(match[2])
        beside = _beside(line, match.start(), match.end(), value, zone, n_pages) if value else None
        if beside is not None:  # no page has the number 0
            yield Number("arabic", match[1] or "", value, *match.span(), beside)
    for word in _ROMAN_WORD.finditer(text):
        number = from_roman(word[0].lower())
        if number and (beside := _beside(line, *word.span(), 0, zone, n_pages)) is not None:
            yield Number("roman" if word[0].islower() else "ROMAN", "", number, *word.span(), beside)


def _beside(line: Line, start: int, end: int, value: int, zone: str, n_pages: int) -> str | None:
    """What stands beside a number in its line, as in `Number`; None where it is a date's or counts something."""
    left, right = line.text[:start].rstrip(), line.text[end:].lstrip()
    before, after = (re.findall(r"\w+", side) for side in (left, right))
    total = _TOTAL.match(line.text, end)
    if total and int(total[1]) == n_pages:
        return "of"
    ends = not after or total or line.cells > 1 or right.startswith((*_SIGNS, "页", "頁"))
    if _PAGE_WORD.search(left) and ends and (len(before) == 1 or len(before[-1]) > 3):
        return ""
    if total and not before and value <= int(total[1]) not in _YEAR:
        return ""
    if not before and not after:
        return ""
    if _is_dated(line.text[:start], line.text[end:], before, after, value):
        return None
    if not before:
        apart = right.startswith(_SIGNS) or line.cells > (1 if zone == "footer" else 2)
        return "|" if apart else ">" + (after[0] if zone == "footer" else "")  # "3 Results" is a heading
    if not after:
        return "|" if left.endswith(_SIGNS) or line.cells > 1 else "<" + before[-1]
    return "|" if line.cells > 2 or (left.endswith(_SIGNS) and right.startswith(_SIGNS)) else ">"


def _is_dated(left: str, right: str, before: list[str], after: list[str], value: int) -> bool:
    """Whether a number belongs to a date, is a year, or counts something that it is the number of."""
    last = before[-1].casefold() if before else ""
    following = [word.casefold() for word in after[:2] if word.casefold() not in ("de", "of")]
    dated = last in _DATED or bool(following and following[0] in _DATED)
    joined = re.search(r"\d[-–/.:]$", left) or re.match(r"[-–/.:]\d", right)
    part = re.search(r"(\d+)\s*/\s*$", left)  # "3 / 24": of so many
    of_year = bool(before and following and following[0].isdecimal() and int(following[0]) in _YEAR)
    counted = last in _NAMED.split() or left.rstrip()[-1:] in tuple("#№§°")
    total = part and int(part[1]) <= value
    return bool((dated and value <= _LAST_DATE) or joined or total or of_year or counted or value in _YEAR)


def is_numeral(text: str) -> bool:
    """Whether a line is nothing but a number that can be a page's, arabic or roman, and signs around it."""
    words = re.findall(r"\w+", text)
    return len(words) == 1 and (
        bool(re.fullmatch(r"\d{1,4}", words[0])) or bool(from_roman(words[0].lower()))
    )


def mask(text: str, number: Number) -> str:
    """Put "#" in the place of the page's own number: so masked, a running line is the same on every page."""
    return text[: number.start] + "#" + text[number.end :]


def is_alone(masked: str) -> bool:
    """Whether a line says nothing but its page's number, masked: "#", "- # -", "Page # of 9".

    >>> is_alone("- # -"), is_alone("Page # of 9"), is_alone("Chapter #")
    (True, True, False)
    """
    return not re.search(r"\w", "".join(_around(masked)))


def _around(masked: str) -> tuple[str, str]:
    """What stands before a page's number and after it, without "page" and the number of all pages."""
    before, _, after = masked.partition("#")
    total = _TOTAL.match(after)
    return _PAGE_WORD.sub("", before), after[total.end() if total else 0 :].lstrip("页頁")


def without_number(masked: str) -> str:
    """What a line says beside its page's number, masked, at its beginning or its end.

    >>> without_number("# | Salt and iron"), without_number("Salt and iron, page # of 9")
    ('Salt and iron', 'Salt and iron')
    """
    beside = beside_number(masked)
    return masked if len(beside) > 1 else "".join(beside)


def beside_number(masked: str) -> list[str]:
    """What a line says before its page's number, masked, and after it, without the signs that part them.

    >>> beside_number("Salt (1747), page # of 9 MS-3"), beside_number("[#] Salt")
    (['Salt (1747)', 'MS-3'], ['Salt'])
    """
    if "#" not in masked:
        return [masked]
    before, after = _around(masked)
    before, after = before.rstrip(_signs_but(")]}>")), after.lstrip(_signs_but("([{<"))
    return [text for text in (before, after) if re.search(r"\w", text)]


def _signs_but(brackets: str) -> str:
    """What parts a number from words beside it; brackets that may be theirs do not."""
    return "".join(sign for sign in (*_SIGNS, *",: ") if sign not in brackets)

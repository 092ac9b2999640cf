"""The page numbers that a document prints in its margins, found by agreement over many pages."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from ragkit.reading.lines import CAPTION, CJK, LARGE, Line, usual_pitch, usual_size

EDGE_ROWS = 3  # page numbers are looked for in so many rows from the top and the bottom
MIN_REPEATS = 3  # pages that have to agree before a line is a running line, or a number a page number
MANY = 10  # pages that agree: no chance, wherever the number stands in its line
STEADY = 6.0  # points by which a page number's distance from the edge may vary
STEADY_SHARE = 0.6  # of the page numbers have to stand at that distance; else they are in the text's flow
ALWAYS = 0.6  # share of its pages from which the word beside a number is always the same: it may count that
# Chinese and Japanese letters may touch a number
_NUMBER = re.compile(
    rf"(?:(?<![\w.,/$€£])|(?<=[{CJK}]))([A-Z]{{1,2}}[-–.]?|\d{{1,2}}[-–])?(\d{{1,4}})(?:(?![\w%€]|[.,]\d)|(?=[{CJK}]))"
)
_ROMAN = re.compile("[mdclxvi]+")
_ROMAN_DIGITS = {"m": 1000, "cm": 900, "d": 500, "cd": 400, "c": 100, "xc": 90, "l": 50, "xl": 40,
                 "x": 10, "ix": 9, "v": 5, "iv": 4, "i": 1}  # fmt: skip
# What stands before a page number, by its name in the languages of Latin letters, and in Chinese
_PAGE_WORD = re.compile(
    r"(?:^|[\W_])(?:pages?|pp?|pg|seite|s|blatt|p[aá]gin[ae]|p[aá]g|side|sida|sivu|strona|str|第)\W*$",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"\s*(?:/|of|von|de|sur|di|van|av|af|z)\s*(\d{1,4})(?![\w%.,/-])", re.IGNORECASE)
_PARTED = re.compile(r"[|•·–—/\[\](){}<>*_~-]\s*")  # what parts a page number from a title beside it
_MONTHS = """january february march april may june july august september october november december jan feb mar apr
    jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember janvier février mars avril
    juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto
    septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro januari maart mei augustus"""
_DATED = {*_MONTHS.split(), *"week weeks wk kw woche semaine semana settimana uke vecka".split()}
_LAST_DATE = 53  # weeks in a year, more than days in a month: a greater number is of neither
_COUNTED = {*"no nr nos num n number nummer numéro número vol volume ref id".split()}
_YEAR = range(1500, 2101)


class Numbering(NamedTuple):
    """How a run of pages is numbered: the number is `offset` more than the 0-based page index."""

    style: str  # "arabic", "roman" or "ROMAN"
    prefix: str
    offset: int

    def label(self, page: int) -> str:
        """Text of the label on a page, given its 0-based index; "" where the count has not begun."""
        number = page + self.offset
        if number < 1:
            return ""
        text = str(number) if self.style == "arabic" else to_roman(number)
        return self.prefix + (text.upper() if self.style == "ROMAN" else text)


class Sighting(NamedTuple):
    """A number seen in the margin of a page."""

    page: int
    zone: str  # "header" or "footer"
    distance: float  # from the top or bottom edge, in points
    row: int
    set_off: bool  # a gap wider than between lines parts it from the body
    beside: str = ""  # what stands beside the number (see `Number`)

    @property
    def apart(self) -> bool:
        """Whether the number stands for itself, and belongs to no words."""
        return self.beside in _WEIGHTS


_WEIGHTS = {"of": 4, "": 4, "|": 2}  # by what stands beside a number; 1 for anything else


class Number(NamedTuple):
    """A number in a margin line that may be its page's."""

    style: str
    prefix: str
    value: int
    start: int  # characters of the line
    end: int
    beside: str  # "of" and the number of pages; "" nothing, or "page"; "|" a gap or a sign; else a side and a word


class Printed(NamedTuple):
    """The page numbers that a document prints in its margins."""

    labels: list[str]  # one a page; "" where none was found
    rows: dict[int, Sighting]  # page -> the row that holds its number, for the pages that print one


def find_labels(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> Printed:
    """Find the printed page numbers by agreement over many pages.

    Every number at the top or the bottom of a page proposes a numbering (its style, its prefix, and how far
    it is from the page's index), but for those of captions, headings, dates and references ("Table 3", "12 May",
    "no. 118"). A numbering is believed when at least three pages agree on it, the number stands apart or is
    not always beside the same word, and either its numbers stand at a steady height or very many pages agree.
    The one with most pages is applied first; "Page 3 of 9" and a lone number weigh more. Pages that print no
    number take it from the run that they lie in or next to.
    """
    proposals: dict[Numbering, list[Sighting]] = defaultdict(list)
    weights: Counter[Numbering] = Counter()
    body = usual_size(pages)
    for page, (rows, height) in enumerate(zip(pages, heights, strict=True)):
        for edge in edge_rows(rows, height):
            line = rows[edge.row]
            heading = edge.zone == "header" and line.size > LARGE * body
            found = {}
            for number in numbers_in(line, edge.zone, len(pages)):
                if not heading or line.text == line.text[number.start : number.end]:
                    numbering = Numbering(number.style, number.prefix, number.value - page)
                    found[numbering] = edge._replace(page=page, beside=number.beside)
            for numbering, sighting in found.items():
                proposals[numbering].append(sighting)
                weights[numbering] += _WEIGHTS.get(sighting.beside, 1)
    chosen: dict[int, Numbering] = {}
    seen: dict[int, Sighting] = {}
    for numbering, _ in weights.most_common():
        new = [sighting for sighting in proposals[numbering] if sighting.page not in chosen]
        if _is_believable(new, len(pages)):
            chosen |= {sighting.page: numbering for sighting in new}
            seen |= _one_a_page(new)
    filled = _fill_gaps(chosen, len(pages))
    return Printed([filled[i].label(i) if i in filled else "" for i in range(len(pages))], seen)


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
    return number if number and not rest and to_roman(number) == text else None


def find_levels(rows: Sequence[Line]) -> list[list[int]]:
    """Indices of the rows of a page by baseline, from top to bottom."""
    levels: list[list[int]] = []
    for index in sorted((i for i, row in enumerate(rows) if not row.sideways), key=lambda i: rows[i].base):
        if levels and rows[index].base - rows[levels[-1][0]].base < 3:
            levels[-1].append(index)
        else:
            levels.append([index])
    return levels


def edge_rows(rows: Sequence[Line], height: float) -> list[Sighting]:
    """The rows at the top and the bottom of a page, as sightings (page 0) that wait for a number."""
    levels = find_levels(rows)
    if not levels:
        return []
    tops = [rows[level[0]] for level in levels]
    pitch = usual_pitch(rows)
    gaps = [
        i for i, (a, b) in enumerate(pairwise(tops)) if b.base - a.base > 1.25 * pitch * max(a.size, b.size)
    ]
    half = (len(levels) + 1) // 2 if len(levels) > 1 else int(tops[0].base < height / 2)
    found = []
    for depth, level in enumerate(levels[: min(EDGE_ROWS, half)]):
        set_off = len(levels) == 1 or any(depth <= gap < EDGE_ROWS for gap in gaps)
        found += [Sighting(0, "header", rows[row].base, row, set_off) for row in level]
    bottom = max(half, len(levels) - EDGE_ROWS)
    for depth, level in enumerate(levels[bottom:], start=bottom):
        set_off = len(levels) == 1 or any(bottom - 1 <= gap < depth for gap in gaps)
        found += [Sighting(0, "footer", height - rows[row].base, row, set_off) for row in level]
    return found


def numbers_in(line: Line, zone: str, n_pages: int) -> Iterator[Number]:
    """Find the numbers in a margin line that may be its page's, and what stands beside each."""
    text = line.text
    begin = caption.end() if (caption := CAPTION.match(text)) else 0
    for match in _NUMBER.finditer(text, begin):
        value = int(match[2])
        beside = _beside(line, match.start(), match.end(), value, zone, n_pages) if value else None
        if beside is not None:  # no page has the number 0
            yield Number("arabic", match[1] or "", value, *match.span(), beside)
    for word in re.finditer(r"[^\W\d_]+", text):
        number = from_roman(word[0].lower()) if word[0].islower() or word[0].isupper() else None
        if number and (beside := _beside(line, *word.span(), 0, zone, n_pages)) is not None:
            yield Number("roman" if word[0].islower() else "ROMAN", "", number, *word.span(), beside)


def _beside(line: Line, start: int, end: int, value: int, zone: str, n_pages: int) -> str | None:
    """What stands beside a number in its line, as in `Number`; None where it is a date's or counts something."""
    left, right = line.text[:start].rstrip(), line.text[end:].lstrip()
    before, after = (re.findall(r"\w+", side) for side in (left, right))
    total = _TOTAL.match(line.text, end)
    if total and int(total[1]) == n_pages:
        return "of"
    if _PAGE_WORD.search(left) and (len(before) == 1 or len(before[-1]) > 3):
        return ""
    if total and not before and value <= int(total[1]) not in _YEAR:
        return ""
    if not before and not after:
        return ""
    if _is_dated(line.text[:start], line.text[end:], before, after, value):
        return None
    if not before:
        apart = _PARTED.match(right) or (zone == "footer" and line.cells > 1)
        return "|" if apart else ">" + (after[0] if zone == "footer" else "")  # "3 Results" is a heading
    if not after:
        return "|" if _PARTED.match(left[-1]) or line.cells > 1 else "<" + before[-1]
    return "|" if line.cells > 2 or (_PARTED.match(left[-1]) and _PARTED.match(right)) else ">"


def _is_dated(left: str, right: str, before: list[str], after: list[str], value: int) -> bool:
    """Whether a number belongs to a date, is a year, or counts something that it is the number of."""
    last = before[-1].casefold() if before else ""
    following = [word.casefold() for word in after[:2] if word.casefold() not in ("de", "of")]
    dated = last in _DATED or bool(following and following[0] in _DATED)
    joined = re.search(r"\d[-–/.:]$", left) or re.match(r"[-–/.:]\d", right)
    of_year = bool(before and following and following[0].isdecimal() and int(following[0]) in _YEAR)
    counted = last in _COUNTED or left.rstrip()[-1:] in tuple("#№§°")
    return bool((dated and value <= _LAST_DATE) or joined or of_year or counted or value in _YEAR)


def _one_a_page(sightings: Sequence[Sighting]) -> dict[int, Sighting]:
    """Of several rows of a page with the right number, the one that stands where other pages have it."""
    zones = Counter(sighting.zone for sighting in sightings if sighting.set_off)
    usual = {
        zone: median(s.distance for s in sightings if s.zone == zone) for zone in {s.zone for s in sightings}
    }
    best = sorted(sightings, key=lambda s: (not s.set_off, -zones[s.zone], abs(s.distance - usual[s.zone])))
    return {sighting.page: sighting for sighting in reversed(best)}


def _is_believable(sightings: Sequence[Sighting], n_pages: int) -> bool:
    indices = sorted({sighting.page for sighting in sightings})
    if len(indices) < MIN_REPEATS:
        return n_pages == len(indices) == 2 and all(s.beside == "of" for s in sightings)
    if len(indices) < 0.3 * (indices[-1] - indices[0] + 1):
        return False
    if len(indices) >= MANY:
        return True
    words = Counter(sighting.beside for sighting in sightings if not sighting.apart)
    same = max(words.values(), default=0) > ALWAYS * len(sightings)
    apart = len({sighting.page for sighting in sightings if sighting.apart}) >= MIN_REPEATS
    set_off = [sighting for sighting in sightings if sighting.set_off]
    lone = {sighting.page for sighting in set_off if not sighting.beside}
    gapless = len(lone) == indices[-1] - indices[0] + 1  # page after page, wherever the text ends
    return (gapless or steady_share(set_off) >= STEADY_SHARE) and (apart or not same)


def steady_share(sightings: Sequence[Sighting]) -> float:
    """Share of the sightings that stand at their zone's usual distance from the edge."""
    steady = 0
    for zone in ("header", "footer"):
        distances = [sighting.distance for sighting in sightings if sighting.zone == zone]
        steady += sum(abs(distance - median(distances)) <= STEADY for distance in distances)
    return steady / max(len(sightings), 1)


def _fill_gaps(numbering: dict[int, Numbering], n_pages: int) -> dict[int, Numbering]:
    """Give pages without a number that of the run around them, else after them, else before them."""
    filled = dict(numbering)
    for one, other in pairwise(sorted(numbering)):
        if numbering[one] == numbering[other]:
            filled |= dict.fromkeys(range(one, other), numbering[one])
    for page in reversed(range(n_pages - 1)):
        if page not in filled and page + 1 in filled and filled[page + 1].label(page):
            filled[page] = filled[page + 1]
    for page in range(1, n_pages):
        if page not in filled and page - 1 in filled:
            filled[page] = filled[page - 1]
    return filled


def choose_labels(pdf_labels: Sequence[str], printed: Printed) -> tuple[list[str], str, str]:
    """Choose between the file's own labels, the printed ones and index + 1.

    Printed numbers win over the file's own where the two differ on most pages that print one, and on many of
    all pages. A page that neither numbers, in a document that numbers others, gets its index + 1 in brackets.

    Returns
    -------
    tuple of list of str, str, str
        A label a page; the rule ("pdf labels", "header", "footer" or "index + 1"); the reason, in one
        sentence.
    """
    n = len(pdf_labels)
    if not printed.rows and not any(pdf_labels):
        reason = "The file has no page labels, and no printed numbers were found."
        return [str(page + 1) for page in range(n)], "index + 1", reason
    differ = [page for page in sorted(printed.rows) if pdf_labels[page] != printed.labels[page]]
    if any(pdf_labels) and len(differ) <= max(len(printed.rows) / 2, n / 4):
        first, second, rule = pdf_labels, printed.labels, "pdf labels"
        reason = f"The file has its own page labels{_agreement(len(differ), len(printed.rows))}."
    else:
        first, second = printed.labels, [""] * n
        rule = Counter(sighting.zone for sighting in printed.rows.values()).most_common(1)[0][0]
        reason = f"{len(printed.rows)} of {n} pages print their number in the {rule}"
        reason += _contradiction(differ[0], pdf_labels, printed) if any(pdf_labels) else "."
    return (
        [a or b or f"[{page + 1}]" for page, (a, b) in enumerate(zip(first, second, strict=True))],
        rule,
        reason,
    )


def _agreement(n_different: int, n_printed: int) -> str:
    if n_different:
        return f"; {n_different} of {n_printed} printed numbers differ, on too few pages to go by them"
    return ", and the printed numbers agree" if n_printed else ", and no printed numbers were found"


def _contradiction(page: int, pdf_labels: Sequence[str], printed: Printed) -> str:
    own, found = pdf_labels[page], printed.labels[page]
    return f"; the file's own labels contradict it: its page {page + 1} is {own!r} there, printed {found!r}."

"""What the margins of the pages say: the printed page numbers, the running headers and footers.

One page shows little; the rules here compare all pages of a document.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from ragkit.layout import CJK, Line, usual_pitch, usual_size

EDGE_ROWS = 3  # running headers and footers are looked for in so many rows from the top and the bottom
EDGE_SHARE = 0.15  # ... and no deeper in the page than this share of its height
MIN_REPEATS = 3  # pages that have to agree before a line is a running line, or a number a page number
MIN_DENSITY = 0.15  # share of the pages from the first to the last repeat that a running line stands on
STEADY = 6.0  # points by which a page number's distance from the edge may vary
STEADY_SHARE = 0.6  # of the page numbers have to stand at that distance; else they are in the text's flow

# --- printed page numbers --------------------------------------------------------------------

# Chinese and Japanese letters may touch a number
_NUMBER = re.compile(
    rf"(?:(?<![\w.,/])|(?<=[{CJK}]))([A-Z]{{1,2}}[-–.]?|\d{{1,2}}[-–])?(\d{{1,4}})(?:(?![\w%]|[.,]\d)|(?=[{CJK}]))"
)
_ANY_NUMBER = re.compile(rf"(?:\b|(?<=[{CJK}]))\d+(?:\b|(?=[{CJK}]))")
_SENTENCE = re.compile(r"[^\W\d](\S*\s){4}.*[.!][\"')\]”’»]*")
_ROMAN_DIGITS = {"m": 1000, "cm": 900, "d": 500, "cd": 400, "c": 100, "xc": 90, "l": 50, "xl": 40,
                 "x": 10, "ix": 9, "v": 5, "iv": 4, "i": 1}  # fmt: skip


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


class Printed(NamedTuple):
    """The page numbers that a document prints in its margins."""

    labels: list[str]  # one a page; "" where none was found
    rows: dict[int, Sighting]  # page -> the row that holds its number, for the pages that print one


def find_labels(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> Printed:
    """Find the printed page numbers by agreement over many pages.

    Every number at the top or the bottom of a page proposes a numbering (its style, its prefix, and how far
    it is from the page's index). A numbering is believed when at least three pages agree on it and either its
    numbers stand at a steady height or very many pages agree. The numbering with most pages is applied first.
    Pages that print no number take it from the run that they lie in or next to.
    """
    proposals: dict[Numbering, list[Sighting]] = defaultdict(list)
    weights: Counter[Numbering] = Counter()
    for page, (rows, height) in enumerate(zip(pages, heights, strict=True)):
        for edge in edge_rows(rows, height):
            text = rows[edge.row].text
            for style, prefix, number in _numbers_in(text):
                numbering = Numbering(style, prefix, number - page)
                proposals[numbering].append(edge._replace(page=page))
                weights[numbering] += 2 if text == numbering.label(page) else 1
    chosen: dict[int, Numbering] = {}
    seen: dict[int, Sighting] = {}
    for numbering, _ in weights.most_common():
        new = [sighting for sighting in proposals[numbering] if sighting.page not in chosen]
        if _is_believable(new):
            chosen |= {sighting.page: numbering for sighting in new}
            seen |= _one_a_page(new)
    filled = _fill_gaps(chosen, len(pages))
    return Printed([filled[i].label(i) if i in filled else "" for i in range(len(pages))], seen)


def _numbers_in(text: str) -> set[tuple[str, str, int]]:
    """Numbers in a margin line that may be its page's: (style, prefix, number)."""
    found = {
        ("arabic", prefix or "", int(number))
        for prefix, number in map(re.Match.groups, _NUMBER.finditer(text))
        if int(number)  # no page has the number 0
    }
    for word in set(text.split()):
        number = from_roman(word.lower()) if word.islower() or word.isupper() else None
        if number:
            found.add(("roman" if word.islower() else "ROMAN", "", number))
    return found


def _one_a_page(sightings: Sequence[Sighting]) -> dict[int, Sighting]:
    """Of several rows of a page with the right number, the one that stands where other pages have it."""
    zones = Counter(sighting.zone for sighting in sightings if sighting.set_off)
    usual = {
        zone: median(s.distance for s in sightings if s.zone == zone) for zone in {s.zone for s in sightings}
    }
    best = sorted(sightings, key=lambda s: (not s.set_off, -zones[s.zone], abs(s.distance - usual[s.zone])))
    return {sighting.page: sighting for sighting in reversed(best)}


def _is_believable(sightings: Sequence[Sighting]) -> bool:
    indices = sorted({sighting.page for sighting in sightings})
    if len(indices) < MIN_REPEATS or len(indices) < 0.3 * (indices[-1] - indices[0] + 1):
        return False
    return len(indices) >= 10 or _steady_share([s for s in sightings if s.set_off]) >= STEADY_SHARE


def _steady_share(sightings: Sequence[Sighting]) -> float:
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


# --- running headers and footers ------------------------------------------------------------------


def mask_numbers(text: str) -> str:
    """Make a running line the same on every page: numbers and roman numerals at its ends become "#".

    A sentence is left as it is: pages may well have sentences that differ by a number.

    >>> mask_numbers("22 | Lifestyles and Nutrition"), mask_numbers("xlii")
    ('# | lifestyles and nutrition', '#')
    """
    words = text.casefold().split()
    if _SENTENCE.fullmatch(text):
        return " ".join(words)
    for end in (0, -1):
        if from_roman(words[end]):
            words[end] = "#"
    return _ANY_NUMBER.sub("#", " ".join(words))


def find_running_lines(
    pages: Sequence[Sequence[Line]], heights: Sequence[float], printed: Printed, labels: Sequence[str]
) -> tuple[list[set[int]], Counter[str]]:
    """Find the headers and footers: lines at the edge that other pages repeat, or that hold the page number.

    A line runs that three pages repeat, near each other. So do the rarer ones that stand exactly where others
    run, the titles of short chapters, but for sentences. What would leave most of its pages without any text is
    no running line.

    Returns
    -------
    tuple of list of set of int, and Counter
        Per page the indices of its running rows; how many pages have each masked line.
    """
    running: list[set[int]] = [set() for _ in pages]
    masked = [[mask_numbers(line.text) for line in rows] for rows in pages]
    edges = _margin_rows(pages, heights)
    _add_number_rows(pages, running, printed)
    for s in edges:
        if pages[s.page][s.row].text == labels[s.page]:
            running[s.page].add(s.row)
    for group in _group(
        [s for s in edges if _has_letters(masked[s.page][s.row])], lambda s: (s.zone, masked[s.page][s.row])
    ):
        usual = median(s.distance for s in group)
        if _is_repeated(group):
            _add_rows(pages, running, [s for s in group if abs(s.distance - usual) <= 2 * STEADY])
    for group in _group(_sideways_rows(pages), lambda s: masked[s.page][s.row]):
        if len({s.page for s in group}) >= MIN_REPEATS:  # the numbers along the axes of charts, too
            _add_rows(pages, running, group)
    numbered = [find_line_numbers(rows) for rows in pages]
    if sum(map(bool, numbered)) >= MIN_REPEATS:
        running = [gone | numbers for gone, numbers in zip(running, numbered, strict=True)]
    for place in _group(edges, lambda s: (s.zone, round(s.distance), round(2 * pages[s.page][s.row].size))):
        counts = Counter(masked[s.page][s.row] for s in place)
        if _is_repeated(place) and sum(n for n in counts.values() if n > 1) > len(place) / 2:
            titles = [s for s in place if not _SENTENCE.fullmatch(pages[s.page][s.row].text)]
            _add_rows(pages, running, titles)
    on_page = [{masked[i][row] for row in rows} for i, rows in enumerate(running)]
    return running, Counter(line for lines in on_page for line in lines)


def _sideways_rows(pages: Sequence[Sequence[Line]]) -> list[Sighting]:
    found = [(i, k) for i, rows in enumerate(pages) for k, line in enumerate(rows) if line.sideways]
    return [Sighting(i, "side", 0.0, k, True) for i, k in found]


def find_line_numbers(rows: Sequence[Line]) -> set[int]:
    """Indices of the rows that number a page's lines, as drafts and bills do: in equal steps down the page."""
    bases = [row.base for row in rows if _has_letters(row.text)]
    half = (max(bases) - min(bases)) / 2 if bases else math.inf
    found: set[int] = set()
    for edge in ("x0", "x1"):
        for column in _columns_of_numbers(rows, edge):
            steps = Counter(int(rows[b].text) - int(rows[a].text) for a, b in pairwise(column))
            step, n_equal = steps.most_common(1)[0] if steps else (0, 0)
            reaches = rows[column[-1]].base - rows[column[0]].base > half
            if step > 0 and n_equal >= max(4, 0.8 * len(column)) and reaches:
                found.update(column)
    return found


def _columns_of_numbers(rows: Sequence[Line], edge: str) -> list[list[int]]:
    """Indices of the rows that are only a number, by where they begin ("x0") or end ("x1"), from above."""
    columns: dict[int, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        if re.fullmatch(r"\d{1,5}", row.text) and not row.sideways:
            columns[round(getattr(row, edge) / 4)].append(i)
    return [sorted(column, key=lambda i: rows[i].base) for column in columns.values()]


def _is_repeated(group: Sequence[Sighting]) -> bool:
    """Whether enough pages have a line: the end of a program, "}", comes at the foot of a page now and then."""
    indices = {s.page for s in group}
    return len(indices) >= max(MIN_REPEATS, MIN_DENSITY * (max(indices) - min(indices) + 1))


def _margin_rows(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[Sighting]:
    """The rows set off in the margins of all pages, edges first; none in a larger font than the text.

    A small font sets a row off as a gap does.
    """
    body = usual_size(pages)
    found = [
        edge._replace(page=page)
        for page, (rows, height) in enumerate(zip(pages, heights, strict=True))
        for edge in edge_rows(rows, height)
        if edge.distance <= EDGE_SHARE * height
        and rows[edge.row].size <= (1.2 if edge.set_off else 0.75) * body
    ]
    return sorted(found, key=lambda s: s.distance)


def _add_rows(pages: Sequence[Sequence[Line]], running: list[set[int]], rows: Sequence[Sighting]) -> None:
    """Mark rows as running, unless most of their pages would be left without text."""
    left = [
        any(
            _has_letters(line.text) and i != s.row and i not in running[s.page]
            for i, line in enumerate(pages[s.page])
        )
        for s in rows
    ]
    if sum(left) >= len(rows) / 2:
        for s in rows:
            running[s.page].add(s.row)


def _has_letters(text: str) -> bool:
    return any(c.isalpha() for c in text)


def _group(sightings: Iterable[Sighting], key: Callable[[Sighting], Hashable]) -> list[list[Sighting]]:
    groups: dict[Hashable, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        groups[key(sighting)].append(sighting)
    return list(groups.values())


def _add_number_rows(pages: Sequence[Sequence[Line]], running: list[set[int]], printed: Printed) -> None:
    """Mark the rows with the page number at its usual height, and what stands beside them."""
    seen = [
        s for s in printed.rows.values() if _is_number_row(pages[s.page][s.row].text, printed.labels[s.page])
    ]
    if _steady_share(list(printed.rows.values())) < STEADY_SHARE:
        return
    rows = []
    for zone in _group(seen, lambda s: s.zone):
        usual = median(s.distance for s in zone)
        for s in zone:
            base = pages[s.page][s.row].base
            beside = [i for i, line in enumerate(pages[s.page]) if abs(line.base - base) < 3]
            rows += [s._replace(row=i) for i in beside if abs(s.distance - usual) <= STEADY]
    _add_rows(pages, running, [s for s in rows if _has_letters(pages[s.page][s.row].text)])
    for s in seen:
        if pages[s.page][s.row].text == printed.labels[s.page]:
            running[s.page].add(s.row)


def _is_number_row(text: str, label: str) -> bool:
    """Whether a margin line is about the page number: "12", "12 | Title", "Title 12", "Page 12 of 40"."""
    words = text.split()
    of_total = re.fullmatch(r"(?:\w+ )?\S+ ?(?:/|of|von|de|sur) ?\d+", text)
    return label in (words[0], words[-1]) or bool(of_total) or re.sub(r"\W", "", text) == label


def cut_running_tails(pages: Sequence[Sequence[Line]], printed: Printed) -> tuple[list[list[Line]], int]:
    """Cut footers that stand in the flow of the text, at its end ("... of the body. 4 | Introduction").

    They are the words, page number among them, that the ends of two pages near each other share.

    Returns
    -------
    tuple of list of list of Line, and int
        The pages; how many were changed.
    """
    if _steady_share(list(printed.rows.values())) >= STEADY_SHARE:
        return [list(rows) for rows in pages], 0
    tails = {page: _masked_tail(rows, printed.labels[page]) for page, rows in enumerate(pages)}
    cleaned, n_cut = [list(rows) for rows in pages], 0
    for page in printed.rows:
        near = [tails[other] for other in range(max(page - 8, 0), min(page + 9, len(pages))) if other != page]
        length = _footer_length(tails[page], near)
        cleaned[page], n_cut = _drop_words(pages[page], length), n_cut + bool(length)
    return cleaned, n_cut


def _footer_length(tail: Sequence[str], near: Sequence[Sequence[str]]) -> int:
    """How many words at the end of a page are its footer; 0 where there is none."""
    shared = max((_shared_end(tail, other) for other in near), default=0)
    if shared > 1 and "#" in tail[-shared:]:
        return shared
    length = len(tail) - tail.index("#") if "#" in tail else 0
    return length if length > 2 and tail[-length + 1] in ("|", "•", "·") else 0


def _masked_tail(rows: Sequence[Line], label: str) -> list[str]:
    words = " ".join(line.text for line in rows[-4:]).split()[-24:]
    return ["#" if word == label else word for word in words]


def _shared_end(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two texts have in common at their end."""
    return next(
        (n for n, (a, b) in enumerate(zip(reversed(one), reversed(other), strict=False)) if a != b),
        min(len(one), len(other)),
    )


def _drop_words(rows: Sequence[Line], n: int) -> list[Line]:
    """Drop the last n words of a page."""
    kept = list(rows)
    while n and kept:
        line = kept.pop()
        words = line.text.split()
        if len(words) > n:
            kept.append(line._replace(text=" ".join(words[:-n])))
        n = max(n - len(words), 0)
    return kept

"""The page numbers that a document prints in its margins, found by agreement over many pages."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from ragkit.reading.lines import LARGE, Line, usual_pitch, usual_size
from ragkit.reading.numbers import numbers_in, to_roman

EDGE_ROWS = 3  # page numbers are looked for in so many rows from the top and the bottom
MIN_REPEATS = 3  # pages that have to agree before a line is a running line, or a number a page number
DENSITY = 0.3  # share of the pages from the first to the last that have to agree
MANY = 10  # pages that agree: no chance, wherever the number stands in its line
STEADY = 6.0  # points by which a page number's distance from the edge may vary
STEADY_SHARE = 0.6  # of the page numbers have to stand at that distance; else they are in the text's flow
WEIGHTS = {"of": 4, "": 4, "|": 2}  # of a number, by what stands beside it; 1 for anything else
ALWAYS = 0.6  # share of its pages from which the word beside a number is always the same: it may count that


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
        return self.beside in WEIGHTS

    @property
    def place(self) -> tuple[str, int]:
        """Where it stands, to the point."""
        return self.zone, round(self.distance)


class Level(NamedTuple):
    """The rows of a page on one baseline."""

    rows: list[int]
    distance: float  # from the top or bottom edge, in points
    gap: bool  # a gap wider than between lines parts them from the next level, further from the edge


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
    The one with most pages is applied first; "Page 3 of 9" and a lone number weigh more. Where three pages have
    theirs, a lone number is its page's own: slides that build up print one several times. Pages that print no
    number take it from the run that they lie in or before, or after in front matter.
    """
    proposals: dict[Numbering, list[Sighting]] = defaultdict(list)
    weights: Counter[Numbering] = Counter()
    body = usual_size(pages)
    for page, (rows, height) in enumerate(zip(pages, heights, strict=True)):
        for edge in edge_rows(rows, height):
            line = rows[edge.row]
            heading = edge.zone == "header" and line.size > LARGE * body
            heading = heading and line.size > LARGE * usual_size([rows])  # `body` may be that of listings
            found: dict[Numbering, Sighting] = {}
            for number in numbers_in(line, edge.zone, len(pages)):
                if not heading or line.text == line.text[number.start : number.end]:
                    numbering = Numbering(number.style, number.prefix, number.value - page)
                    sighting = edge._replace(page=page, beside=number.beside)
                    found[numbering] = max(sighting, found.get(numbering, sighting), key=_weight)
            for numbering, sighting in found.items():
                proposals[numbering].append(sighting)
                weights[numbering] += _weight(sighting)
    chosen: dict[int, Numbering] = {}
    seen: dict[int, Sighting] = {}
    proposals = {numbering: proposals[numbering] for numbering, _ in weights.most_common()}
    for numbering, sightings in proposals.items():
        new = [sighting for sighting in sightings if sighting.page not in chosen]
        apart = [sighting for sighting in new if sighting.apart]
        if _is_believable(apart) or _counts_two_pages(numbering, apart, pages):
            new = _grown(new, apart)
        elif not _is_believable(new):
            continue
        chosen |= {sighting.page: numbering for sighting in new}
        seen |= _one_a_page(new)
    for page, (numbering, sighting) in _in_place(proposals, seen).items():
        chosen[page], seen[page] = numbering, sighting
    filled = _fill_gaps(chosen, len(pages))
    return Printed([filled[i].label(i) if i in filled else "" for i in range(len(pages))], seen)


def _in_place(
    proposals: dict[Numbering, list[Sighting]], seen: dict[int, Sighting]
) -> dict[int, tuple[Numbering, Sighting]]:
    """Lone numbers that stand where three pages have theirs, on pages of which none there is known."""
    n_pages = Counter(sighting.place for sighting in seen.values())
    return {
        sighting.page: (numbering, sighting)
        for numbering, sightings in reversed(proposals.items())
        for sighting in sightings
        if sighting.set_off and sighting.beside in ("of", "") and n_pages[sighting.place] >= MIN_REPEATS
        if sighting.page not in seen or n_pages[seen[sighting.page].place] < MIN_REPEATS
    }


def _grown(sightings: Sequence[Sighting], core: Sequence[Sighting]) -> list[Sighting]:
    """The sightings on the pages of `core`, between them, and on from them without a gap of two pages."""
    first, last = min(s.page for s in core), max(s.page for s in core)
    for page in sorted(s.page for s in sightings):
        last = page if last < page <= last + 2 else last
    for page in sorted((s.page for s in sightings), reverse=True):
        first = page if first - 2 <= page < first else first
    return [s for s in sightings if first <= s.page <= last]


def _weight(sighting: Sighting) -> int:
    return WEIGHTS.get(sighting.beside, 1)


def find_levels(rows: Sequence[Line]) -> list[list[int]]:
    """Indices of the rows of a page by baseline, from top to bottom."""
    levels: list[list[int]] = []
    first = 0.0  # base of a level's first row
    for base, index in sorted([(row.base, i) for i, row in enumerate(rows) if not row.sideways]):
        if levels and base - first < 3:
            levels[-1].append(index)
        else:
            levels.append([index])
            first = base
    return levels


def edge_levels(rows: Sequence[Line], height: float) -> dict[str, list[Level]]:
    """The levels of a page, from the top ("header") and from the bottom ("footer")."""
    levels = find_levels(rows)
    tops, pitch = [rows[level[0]] for level in levels], usual_pitch(rows)
    wide = [b.base - a.base > 1.25 * pitch * max(a.size, b.size) for a, b in pairwise(tops)]
    wide = wide or [True]
    down = [
        Level(level, top.base, gap) for level, top, gap in zip(levels, tops, [*wide, wide[-1]], strict=False)
    ]
    up = [
        Level(level, height - top.base, gap)
        for level, top, gap in zip(levels, tops, [wide[0], *wide], strict=False)
    ]
    return {"header": down, "footer": up[::-1]}


def edge_rows(rows: Sequence[Line], height: float) -> list[Sighting]:
    """The rows at the top and the bottom of a page, as sightings (page 0) that wait for a number."""
    found = []
    for zone, levels in edge_levels(rows, height).items():
        half = len(levels) // 2 + (len(levels) % 2 if zone == "header" else 0)
        if len(levels) == 1:
            half = int(levels[0].distance <= height / 2)
        for depth, level in enumerate(levels[: min(half, EDGE_ROWS)]):
            set_off = any(other.gap for other in levels[depth:EDGE_ROWS])
            found += [Sighting(0, zone, level.distance, row, set_off) for row in level.rows]
    return found


def _one_a_page(sightings: Sequence[Sighting]) -> dict[int, Sighting]:
    """Of several rows of a page with the right number, the one that stands where other pages have it."""
    zones = Counter(sighting.zone for sighting in sightings if sighting.set_off)
    usual = {
        zone: median(s.distance for s in sightings if s.zone == zone) for zone in {s.zone for s in sightings}
    }
    best = sorted(
        sightings, key=lambda s: (not s.apart, not s.set_off, -zones[s.zone], abs(s.distance - usual[s.zone]))
    )
    return {sighting.page: sighting for sighting in reversed(best)}


def _counts_two_pages(
    numbering: Numbering, sightings: Sequence[Sighting], pages: Sequence[Sequence[Line]]
) -> bool:
    """Whether both pages of a document of two say "of 2"; or 1 and 2, and nothing beside it but the same words."""
    said: dict[str, set[int]] = defaultdict(set)
    for s in sightings if len(pages) == 2 else ():
        if s.set_off and (numbering.offset == 1 or s.beside == "of"):
            words = "" if s.beside in ("of", "") else re.sub(r"\d+", "#", pages[s.page][s.row].text)
            said[words].add(s.page)
    return any(len(found) == 2 for found in said.values())


def _is_believable(sightings: Sequence[Sighting]) -> bool:
    """Whether pages agree on a numbering: enough of them, near each other, and not by chance."""
    indices = sorted({sighting.page for sighting in sightings})
    if len(indices) < MIN_REPEATS:
        return False
    span = indices[-1] - indices[0] + 1
    if len(indices) < DENSITY * span:
        return False
    if len(indices) >= MANY:
        return True
    set_off = [sighting for sighting in sightings if sighting.set_off]
    words = Counter(sighting.beside for sighting in sightings if not sighting.apart)
    if words and max(words.values()) > ALWAYS * len(indices):
        return False
    alone = {s.page for s in set_off if not s.beside}  # on page after page: wherever the text ends
    return len(alone) == span or steady_share(set_off) >= STEADY_SHARE


def steady_share(sightings: Sequence[Sighting]) -> float:
    """Share of the sightings that stand at their zone's usual distance from the edge."""
    steady = 0
    for zone in ("header", "footer"):
        distances = [sighting.distance for sighting in sightings if sighting.zone == zone]
        steady += sum(abs(distance - median(distances)) <= STEADY for distance in distances)
    return steady / max(len(sightings), 1)


def _fill_gaps(numbering: dict[int, Numbering], n_pages: int) -> dict[int, Numbering]:
    """Give pages without a number that of the run around them, else after them.

    Front matter, in roman numerals, goes on until the next run; after the last arabic number may come exhibits.
    """
    filled = dict(numbering)
    for one, other in pairwise(sorted(numbering)):
        if numbering[one] == numbering[other]:
            filled |= dict.fromkeys(range(one, other), numbering[one])
    for page in reversed(range(n_pages - 1)):
        if page not in filled and page + 1 in filled and filled[page + 1].label(page):
            filled[page] = filled[page + 1]
    for page in range(1, max(numbering, default=0)):
        if page not in filled and page - 1 in filled and filled[page - 1].style != "arabic":
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

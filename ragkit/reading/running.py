"""The margins: lines that are no text, as other pages repeat them, or as they are the page's own number.

A line is taken out only if that is proven, and what is taken out is listed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from ragkit.reading.labels import (
    EDGE_ROWS,
    MIN_REPEATS,
    STEADY,
    STEADY_SHARE,
    WEIGHTS,
    Level,
    Printed,
    edge_levels,
    steady_share,
)
from ragkit.reading.line_numbers import find_line_numbers
from ragkit.reading.lines import LARGE, Line, usual_size
from ragkit.reading.numbers import is_alone, is_numeral, mask, numbers_in, without_number

EDGE_SHARE = 0.15  # of a page's height: no deeper are the first rows from the edge in its margin,
DEEP_SHARE = 0.3  # ... and no deeper are those that follow them in one block, as a letterhead's
MIN_DENSITY = 0.15  # share of the pages from the first to the last repeat that a running line stands on
SMALL = 0.75  # times the usual size: sets a line off as a gap does
SAME_PLACE = 2.0  # points by which a line's place may differ where it has to be the same
STAMPED = 0.8  # share of the pages, from the first to the last, with a line that no gap parts from the text
WORD = re.compile(r"\w+|\|")

Taken = dict[str, list[int]]  # what was taken out, the page's number as "#" -> 0-based indices of its pages


class Margin(NamedTuple):
    """A row near the edge of a page."""

    page: int
    row: int
    zone: str  # "header", "footer" or "side"
    distance: float  # from the top or bottom edge, in points
    edge: bool  # it is one of the first rows, and a gap parts them from the text
    line: Line
    texts: list[str]  # the line's, and with the page's own number masked


class Repeat(NamedTuple):
    """How a row is proven to be a running line."""

    text: str
    fixed: bool  # it stands in the very place where it usually does
    stamped: bool  # ... and so on nearly every page


def clean_margins(
    pages: Sequence[Sequence[Line]], heights: Sequence[float], printed: Printed, labels: Sequence[str]
) -> tuple[list[list[Line]], Taken]:
    """Take out the running headers and footers, and the page numbers.

    A line runs whose words stand in one place on three pages, near each other, or on both of two pages; only the
    page's own number may differ. A gap or a small font has to part it from the text, but for a stamp, the
    outermost line, which stands in the very same place on nearly every page. What would leave most of its pages
    without any text stays.

    Returns
    -------
    tuple of list of list of Line, and dict of str to list of int
        The pages; what was taken out, the page's number as "#", with the 0-based indices of its pages.
    """
    body = usual_size(pages)
    levels = [edge_levels(rows, height) for rows, height in zip(pages, heights, strict=True)]
    places = _usual_places(printed, min(MIN_REPEATS, len(pages)))
    margins = _find_margins(pages, heights, levels, printed)
    out: list[dict[int, str]] = [{} for _ in pages]
    for m in margins:
        if number := _page_number(m, labels[m.page], places):
            out[m.page][m.row] = number
    repeats = _find_repeats(margins, len(pages))
    found = [
        (page, row, text)
        for page, zones in enumerate(levels)
        for zone in zones.values()
        for row, text in _running_rows(pages[page], zone, heights[page], body, repeats[page], out[page])
    ]
    _take(found, pages, out)
    _take_titles(margins, pages, body, out)
    _take_sideways(margins, pages, out)
    _take_line_numbers(pages, out)
    cut = _cut_numbers(margins, pages, printed, places, out)
    cleaned = [
        [cut.get((page, i), line) for i, line in enumerate(rows) if i not in out[page]]
        for page, rows in enumerate(pages)
    ]
    return cleaned, _list_taken(out, cut)


def _usual_places(printed: Printed, enough: int) -> dict[str, float]:
    """How far from the edge the page numbers stand, by zone that enough of them have; none in the text."""
    seen = list(printed.rows.values())
    if steady_share(seen) < STEADY_SHARE:
        return {}
    zones = Counter(s.zone for s in seen)
    return {
        zone: median(s.distance for s in seen if s.zone == zone) for zone in zones if zones[zone] >= enough
    }


def _find_margins(
    pages: Sequence[Sequence[Line]],
    heights: Sequence[float],
    levels: Sequence[dict[str, list[Level]]],
    printed: Printed,
) -> list[Margin]:
    """The rows near the edges of all pages, and those on their sides."""
    found = []
    for page, (rows, zones) in enumerate(zip(pages, levels, strict=True)):
        seen = printed.rows.get(page)
        for zone, within in zones.items():
            for depth, level in enumerate(within):
                own = seen.row if seen and seen.zone == zone else -1
                if level.distance > DEEP_SHARE * heights[page] and own not in level.rows:
                    continue
                edge = depth < EDGE_ROWS and any(other.gap for other in within[depth:EDGE_ROWS])
                for row in level.rows:
                    if rows[row].table:
                        continue
                    texts = [rows[row].text]
                    if depth < EDGE_ROWS and (label := printed.labels[page]) in texts[0] and label:
                        texts += _masked(rows[row], zone, len(pages), label, row == own)
                    found.append(Margin(page, row, zone, level.distance, edge, rows[row], texts))
        for row, line in enumerate(rows):
            if line.sideways:
                label = printed.labels[page]
                texts = [line.text, *(_masked(line, "side", len(pages), label, False) if label else ())]
                found.append(Margin(page, row, "side", line.y0, False, line, texts))
    return found


def _masked(line: Line, zone: str, n_pages: int, label: str, own: bool) -> list[str]:
    """The line with its page's number masked: one that stands apart, or is known (`own`) to be that number."""
    numbers = numbers_in(line, zone, n_pages)
    return [
        mask(line.text, number)
        for number in numbers
        if line.text[number.start : number.end] == label and (own or number.beside in WEIGHTS)
    ]


def _page_number(m: Margin, label: str, places: dict[str, float]) -> str:
    """A row, masked, that is its page's number alone, or a numeral where the pages have theirs; else ""."""
    if alone := [text for text in m.texts[1:] if is_alone(text)]:
        return alone[0]
    at_place = m.zone in places and abs(m.distance - places[m.zone]) <= STEADY
    return "#" if is_numeral(m.line.text) and (at_place or (m.edge and m.line.text == label)) else ""


def _find_repeats(margins: Sequence[Margin], n_pages: int) -> list[dict[int, Repeat]]:
    """By page and row, the lines that other pages repeat in their place."""
    groups: dict[tuple[str, str], list[Margin]] = defaultdict(list)
    for m in margins:
        for text in m.texts if m.zone != "side" else ():
            if any(c.isalpha() for c in text):
                groups[m.zone, text].append(m)
    repeats: list[dict[int, Repeat]] = [{} for _ in range(n_pages)]
    for (_, text), group in groups.items():
        if len(group) < 2:
            continue
        usual, left = median(m.distance for m in group), median(m.line.x0 for m in group)
        near = [m for m in group if abs(m.distance - usual) <= 2 * STEADY]
        fixed = [
            m for m in near if abs(m.distance - usual) <= SAME_PLACE and abs(m.line.x0 - left) <= SAME_PLACE
        ]
        if _is_repeated(near) or (n_pages == len({m.page for m in fixed}) == 2):
            here = {m.page for m in fixed}
            stamped = len(here) >= STAMPED * (max(here) - min(here) + 1) if here else False
            same = {(m.page, m.row) for m in fixed}  # a set: many pages have the line
            for m in near:
                here_too = (m.page, m.row) in same
                repeats[m.page][m.row] = Repeat(text, here_too, here_too and stamped and text == m.line.text)
    return repeats


def _is_repeated(group: Sequence[Margin]) -> bool:
    """Whether enough pages have a line: the end of a program, "}", comes at the foot of a page now and then."""
    indices = {m.page for m in group}
    return len(indices) >= max(
        MIN_REPEATS, MIN_DENSITY * (max(indices, default=0) - min(indices, default=0) + 1)
    )


def _running_rows(
    rows: Sequence[Line],
    levels: Sequence[Level],
    height: float,
    body: float,
    repeats: dict[int, Repeat],
    out: dict[int, str],
) -> list[tuple[int, str]]:
    """The rows of one margin that run, and their texts: the first from the edge, and a block that all runs."""
    chain = 0  # how many levels from the edge all run
    while chain < len(levels) and all(row in repeats or row in out for row in levels[chain].rows):
        chain += 1
    if levels and levels[0].distance > EDGE_SHARE * height:
        return []
    found = []
    for depth, level in enumerate(levels):
        deep = depth >= EDGE_ROWS or level.distance > EDGE_SHARE * height
        if level.distance > DEEP_SHARE * height or (deep and depth >= chain):
            break
        set_off = any(other.gap for other in levels[depth : max(chain, EDGE_ROWS)])
        outermost = depth < chain and not any(other.gap for other in levels[:depth])
        for row in level.rows:
            line, repeat = rows[row], repeats.get(row)
            if repeat and (
                (set_off and line.size <= LARGE * body and (repeat.fixed or not deep))
                or (line.size <= SMALL * body and not deep)
                or (outermost and repeat.stamped and line.cells == 1 and line.size <= body)
            ):
                found.append((row, repeat.text))
    return found


def _take(
    found: Sequence[tuple[int, int, str]], pages: Sequence[Sequence[Line]], out: list[dict[int, str]]
) -> None:
    """Take rows out, but for those of a text that would leave most of its pages without any other."""
    gone: dict[int, set[int]] = defaultdict(set)
    for page, row, _ in found:
        gone[page].add(row)
    left = {
        page: any(
            _has_letters(line.text) and i not in rows and i not in out[page]
            for i, line in enumerate(pages[page])
        )
        for page, rows in gone.items()
    }
    by_text: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for page, row, text in found:
        by_text[text].append((page, row))
    for text, places in by_text.items():
        if sum(left[page] for page, _ in places) >= len(places) / 2:
            for page, row in places:
                out[page].setdefault(row, text)


def _has_letters(text: str) -> bool:
    return any(c.isalpha() for c in text)


def _take_titles(
    margins: Sequence[Margin], pages: Sequence[Sequence[Line]], body: float, out: list[dict[int, str]]
) -> None:
    """Take out the titles of short chapters: where other titles run, and headings in the text as well."""
    place = {(m.page, m.row): (m.zone, round(m.distance), round(2 * m.line.size)) for m in margins}
    run = Counter(place[m.page, m.row] for m in margins if out[m.page].get(m.row, "#") != "#")
    usual = {where for where, n in run.items() if n >= MIN_REPEATS}
    titles = [m for m in margins if m.row not in out[m.page] and place[m.page, m.row] in usual]
    if not titles:
        return
    headings = _words(
        line.text if (line.bold or line.size > 1.05 * body) and place.get((page, i)) not in usual else "|"
        for page, rows in enumerate(pages)
        for i, line in enumerate(rows)
    )
    found = []
    for m in titles:
        words = _words([without_number(m.texts[-1])]).split()
        parts = [(words[:i], words[i:]) for i in range(len(words))]
        if any(all(f" {' '.join(part)} " in headings for part in both if part) for both in parts):
            found.append((m.page, m.row, m.texts[-1]))
    _take(found, pages, out)


def _words(lines: Iterable[str]) -> str:
    """The words of lines in small letters, a space around each."""
    return f" {' '.join(re.findall(WORD, ' '.join(lines).casefold()))} "


def _take_sideways(
    margins: Sequence[Margin], pages: Sequence[Sequence[Line]], out: list[dict[int, str]]
) -> None:
    """Take out what stands on its side in one place on page after page, or runs on the upright pages."""
    known = {text for page in out for text in page.values()}
    groups: dict[str, list[Margin]] = defaultdict(list)
    for m in margins:
        if m.zone == "side":
            groups[m.texts[-1]].append(m)
    found = []
    for text, group in groups.items():
        left, top = median(m.line.x0 for m in group), median(m.line.y0 for m in group)
        near = [m for m in group if abs(m.line.x0 - left) <= STEADY and abs(m.line.y0 - top) <= STEADY]
        running = group if text in known else near if _is_repeated(near) else []
        found += [(m.page, m.row, text) for m in running]
    _take(found, pages, out)


def _take_line_numbers(pages: Sequence[Sequence[Line]], out: list[dict[int, str]]) -> None:
    """Take out the numbers of lines, if three pages have them."""
    numbered = [find_line_numbers(rows) for rows in pages]
    if sum(map(bool, numbered)) >= MIN_REPEATS:
        for gone, numbers in zip(out, numbered, strict=True):
            gone.update(dict.fromkeys(numbers, "the numbers of lines"))


def _cut_numbers(
    margins: Sequence[Margin],
    pages: Sequence[Sequence[Line]],
    printed: Printed,
    places: dict[str, float],
    out: list[dict[int, str]],
) -> dict[tuple[int, int], Line]:
    """Cut the page's number from rows that are not proven to run, by page and row; never from a page's only row."""
    cut = {}
    for m in margins:
        seen = printed.rows.get(m.page)
        if seen is None or seen.row != m.row or m.zone != seen.zone or m.row in out[m.page]:
            continue
        steady = m.zone in places and abs(m.distance - places[m.zone]) <= STEADY
        rest = without_number(m.texts[-1])
        if steady and rest != m.texts[-1] and len(pages[m.page]) > 1 + len(out[m.page]):
            cut[m.page, m.row] = m.line._replace(text=rest)
    return cut


def _list_taken(out: Sequence[dict[int, str]], cut: Iterable[tuple[int, int]]) -> Taken:
    """List what was taken out, by text, with its pages: what most pages have comes first."""
    taken: dict[str, set[int]] = defaultdict(set)
    for page, rows in enumerate(out):
        for text in rows.values():
            taken[text].add(page)
    for page, _ in cut:
        taken["#"].add(page)
    return {text: sorted(pages) for text, pages in sorted(taken.items(), key=lambda item: -len(item[1]))}

"""The margins: lines that are no text, as other pages repeat them, or as they are the page's own number.

A line is taken out only if that is proven, and what is taken out is listed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import inf
from operator import attrgetter
from statistics import median
from typing import NamedTuple

from ragkit.reading.labels import (
    EDGE_ROWS,
    MIN_REPEATS,
    STEADY,
    STEADY_SHARE,
    Level,
    Printed,
    edge_levels,
    steady_share,
)
from ragkit.reading.line_numbers import find_line_numbers
from ragkit.reading.lines import LARGE, Line, usual_size
from ragkit.reading.margins import EDGE_SHARE, Margin, find_margins
from ragkit.reading.numbers import beside_number, is_alone, is_numeral, without_number

MIN_DENSITY = 0.15  # share of the pages from the first to the last repeat that a running line stands on
SMALL = 0.75  # times the usual size: sets a line off as a gap does
SAME_PLACE = 2.0  # points by which a line's left end may differ on two pages, or on its side
TITLES = 0.75  # share of the lines in a place that run or are titles: between 0.85 (running titles) and 0.68 (others),
# chosen and measured on the same 26 files
STAMPED = 0.8  # share of the pages, from the first to the last, with a line that no gap parts from the text
WORD = re.compile(r"\w+|\|")

Taken = dict[str, list[int]]  # what was taken out, the page's number as "#" -> 0-based indices of its pages


class Repeat(NamedTuple):
    """How a row is proven to be a running line."""

    text: str
    stamped: bool  # nearly every page has it


def clean_margins(
    pages: Sequence[Sequence[Line]], heights: Sequence[float], printed: Printed
) -> tuple[list[list[Line]], Taken]:
    """Take out the running headers and footers, and the page numbers.

    A line runs whose words stand in one place on three pages, near each other, or on both of two pages; only the
    page's own number may differ. A gap or a small font has to part it from the text, but for a stamp, the
    outermost line, which stands on nearly every page. What would leave most of its pages without any text stays.
    What is said nowhere else, as the letterhead's address, stays once: at the head or the foot of the first page that
    has it, without the page's number.

    Returns
    -------
    tuple of list of list of Line, and dict of str to list of int
        The pages; what was taken out, the page's number as "#", with the 0-based indices of its pages.
    """
    body = usual_size(pages)
    levels = [edge_levels(rows, height) for rows, height in zip(pages, heights, strict=True)]
    places = _usual_places(printed, min(MIN_REPEATS, len(pages)))
    margins = find_margins(pages, heights, levels, printed)
    numbered = {(m.page, m.row) for m in margins if abs(m.distance - places.get(m.zone, -inf)) <= STEADY}
    out: list[dict[int, str]] = [{} for _ in pages]
    for m in margins:
        alone = [text for text in m.texts[1:] if is_alone(text)]
        if alone or ((m.page, m.row) in numbered and is_numeral(m.line.text)):
            out[m.page][m.row] = alone[0] if alone else "#"
    repeats = _find_repeats(margins, len(pages))
    found = [
        (page, row, text)
        for page, zones in enumerate(levels)
        for zone in zones.values()
        for row, text in _running_rows(pages[page], zone, heights[page], body, repeats[page], out[page])
    ]
    _take(found, pages, out)
    _take_titles(margins, pages, body, out)
    known = {text for page in out for text in page.values()}  # runs on the upright pages
    sides = [m for m in margins if m.zone == "side" and (m.row in repeats[m.page] or m.texts[-1] in known)]
    _take([(m.page, m.row, m.texts[-1]) for m in sides], pages, out)
    kept = _found_nowhere_else(pages, out)
    _take_line_numbers(pages, out)
    cut = {}
    for m in margins:
        seen = printed.rows.get(m.page)
        own = seen and (seen.zone, seen.row) == (m.zone, m.row) and (m.page, m.row) in numbered
        only = len(pages[m.page]) == 1 + len(out[m.page])  # of its page
        if own and m.row not in out[m.page] and not only:
            rest = without_number(m.texts[-1])
            if rest != m.texts[-1]:
                cut[m.page, m.row] = m.line._replace(text=rest)
    cleaned = []
    for page, (rows, height) in enumerate(zip(pages, heights, strict=True)):
        once = sorted(kept[page].values(), key=attrgetter("base"))
        n_above = sum(line.base < height / 2 for line in once)
        text = [cut.get((page, i), line) for i, line in enumerate(rows) if i not in out[page]]
        cleaned.append([*once[:n_above], *text, *once[n_above:]])
    out = [
        {row: text for row, text in rows.items() if row not in once}
        for rows, once in zip(out, kept, strict=True)
    ]
    return cleaned, _list_taken(out, cut)


def _found_nowhere_else(
    pages: Sequence[Sequence[Line]], out: Sequence[dict[int, str]]
) -> list[dict[int, Line]]:
    """By page and row, the first of each running line that says what the text does not: an account's number, a date."""
    first: dict[str, tuple[int, int]] = {}
    for page, rows in enumerate(out):
        for row, masked in rows.items():
            if is_alone(masked) or pages[page][row].sideways:
                continue  # what is said across a page or on its side is of this copy, not of the document
            first.setdefault(" ".join(beside_number(masked)).casefold(), (page, row))
    lines = [
        line.text for page, rows in enumerate(pages) for i, line in enumerate(rows) if i not in out[page]
    ]
    text = f" {' '.join(lines).casefold()} "
    unseen = {said: place for said, place in first.items() if f" {said} " not in text}
    words = _words([text]) if unseen else ""
    kept: list[dict[int, Line]] = [{} for _ in pages]
    for said, (page, row) in unseen.items():
        if not _is_title(said, words):
            line = pages[page][row]._replace(text=" ".join(beside_number(out[page][row])))
            kept[page][row] = line._replace(sideways=True)  # a paragraph of its own
    return kept


def _usual_places(printed: Printed, enough: int) -> dict[str, float]:
    """How far from the edge the page numbers stand, by zone that enough of them have; none in the text."""
    seen = list(printed.rows.values())
    if steady_share(seen) < STEADY_SHARE:
        return {}
    found: dict[str, list[float]] = defaultdict(list)
    for sighting in seen:
        found[sighting.zone].append(sighting.distance)
    return {zone: median(distances) for zone, distances in found.items() if len(distances) >= enough}


def _find_repeats(margins: Sequence[Margin], n_pages: int) -> list[dict[int, Repeat]]:
    """By page and row, the lines that other pages repeat in their place."""
    groups: dict[tuple[str, str], list[Margin]] = defaultdict(list)
    for m in margins:
        for text in m.texts:
            groups[m.zone, text].append(m)
    repeats: list[dict[int, Repeat]] = [{} for _ in range(n_pages)]
    for (zone, text), group in groups.items():
        if len(group) > 1 and any(map(str.isalpha, text)):
            usual, left = median(m.distance for m in group), median(m.line.x0 for m in group)
            anywhere = zone != "side" and n_pages > 2  # left and right pages may have it elsewhere in the row
            near = [
                m for m in group
                if abs(m.distance - usual) <= 2 * STEADY and (anywhere or abs(m.line.x0 - left) <= SAME_PLACE)
            ]  # fmt: skip
            found = {m.page for m in near}
            span = max(found, default=0) - min(found, default=0) + 1
            if len(found) >= max(MIN_REPEATS, MIN_DENSITY * span) or n_pages == len(found) == 2:
                for m in near:
                    repeats[m.page][m.row] = Repeat(text, len(found) >= STAMPED * span)
    return repeats


def _running_rows(
    rows: Sequence[Line],
    levels: Sequence[Level],
    height: float,
    body: float,
    repeats: dict[int, Repeat],
    out: dict[int, str],
) -> list[tuple[int, str]]:
    """The rows of one margin that run, and their texts: of the first from the edge, or of a block that all runs."""
    stays = (
        depth
        for depth, level in enumerate(levels)
        if not all(row in repeats or row in out for row in level.rows)
    )
    first = levels[: max(next(stays, len(levels)), EDGE_ROWS)]
    found = []
    for depth, level in enumerate(first):
        set_off = any(other.gap for other in first[depth:])
        outermost = not any(other.gap for other in first[:depth])
        for row in level.rows if level.distance <= EDGE_SHARE * height else ():
            line, repeat = rows[row], repeats.get(row)
            if repeat and (
                (set_off and line.size <= LARGE * body)
                or line.size <= SMALL * body
                or (outermost and repeat.stamped and line.size <= body)
            ):
                found.append((row, repeat.text))
    return found


def _take(
    found: Sequence[tuple[int, int, str]], pages: Sequence[Sequence[Line]], out: list[dict[int, str]]
) -> None:
    """Take rows out, but for those of a text that would leave most of its pages without any other."""
    gone = {(page, row) for page, row, _ in found}
    by_text: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for page, row, text in found:
        by_text[text].append((page, row))
    left = {
        page: any((page, i) not in gone and i not in out[page] for i in range(len(pages[page])))
        for page, _ in gone
    }
    for text, places in by_text.items():
        if sum(left[page] for page, _ in places) >= len(places) / 2:
            for page, row in places:
                out[page].setdefault(row, text)


def _take_titles(
    margins: Sequence[Margin], pages: Sequence[Sequence[Line]], body: float, out: list[dict[int, str]]
) -> None:
    """Take out the titles of short chapters: where other titles run, and headings in the text as well."""
    place = {(m.page, m.row): (m.zone, round(m.distance), m.line.size) for m in margins}
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
    found = [m for m in titles if _is_title(m.texts[-1], headings)]
    run.update(place[m.page, m.row] for m in found)
    there = Counter(place.values())  # in a place that the text has as well, a heading may be the page's own
    kept = {where for where in usual if run[where] < TITLES * there[where]}
    _take([(m.page, m.row, m.texts[-1]) for m in found if place[m.page, m.row] not in kept], pages, out)


def _is_title(text: str, headings: str) -> bool:
    """Whether a line's words are one heading, or two after each other."""
    words = _words([without_number(text)]).split()
    for i in range(len(words)):
        if i and f" {' '.join(words[:i])} " not in headings:
            return False  # nor is a longer beginning one
        if f" {' '.join(words[i:])} " in headings:
            return True
    return False


def _words(lines: Iterable[str]) -> str:
    """The words of lines in small letters, a space around each."""
    return f" {' '.join(re.findall(WORD, ' '.join(lines).casefold()))} "


def _take_line_numbers(pages: Sequence[Sequence[Line]], out: list[dict[int, str]]) -> None:
    """Take out the numbers of lines, if three pages have them."""
    numbered = [find_line_numbers(rows) for rows in pages]
    if sum(map(bool, numbered)) >= MIN_REPEATS:
        for gone, numbers in zip(out, numbered, strict=True):
            gone.update(dict.fromkeys(numbers, "the numbers of lines"))


def _list_taken(out: Sequence[dict[int, str]], cut: Iterable[tuple[int, int]]) -> Taken:
    """List what was taken out, by text, with its pages: what most pages have comes first."""
    taken: dict[str, set[int]] = defaultdict(set)
    for page, rows in enumerate(out):
        for text in rows.values():
            taken[text].add(page)
    for page, _ in cut:
        taken["#"].add(page)
    return {text: sorted(pages) for text, pages in sorted(taken.items(), key=lambda item: -len(item[1]))}

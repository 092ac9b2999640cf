"""Running headers and footers: lines at the edge of the page that other pages repeat."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise
from statistics import median

from ragkit.reading.labels import (
    MIN_REPEATS,
    STEADY,
    STEADY_SHARE,
    Printed,
    Sighting,
    edge_rows,
    from_roman,
    steady_share,
)
from ragkit.reading.lines import CAPTION, CJK, LARGE, Line, usual_size

EDGE_SHARE = 0.15  # ... and no deeper in the page than this share of its height
MIN_DENSITY = 0.15  # share of the pages from the first to the last repeat that a running line stands on
_ANY_NUMBER = re.compile(rf"(?:\b|(?<=[{CJK}]))\d+(?:\b|(?=[{CJK}]))")
_SENTENCE = re.compile(r"[^\W\d](\S*\s){4}.*[.!][\"')\]”’»]*")


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
    # Most lines are never asked for: with the early end of `find_line_numbers`, 4.5 × as fast as masking all.
    masked = functools.cache(lambda page, row: mask_numbers(pages[page][row].text))
    edges = _margin_rows(pages, heights)
    texts = Counter(pages[s.page][s.row].text for s in edges)
    edges = [s for s in edges if not (CAPTION.match(text := pages[s.page][s.row].text) and texts[text] == 1)]
    _add_number_rows(pages, running, printed)
    for s in edges:
        if pages[s.page][s.row].text == labels[s.page]:
            running[s.page].add(s.row)
    for group in _group(
        [s for s in edges if _has_letters(masked(s.page, s.row))], lambda s: (s.zone, masked(s.page, s.row))
    ):
        usual = median(s.distance for s in group)
        if _is_repeated(group):
            _add_rows(pages, running, [s for s in group if abs(s.distance - usual) <= 2 * STEADY])
    for group in _group(_sideways_rows(pages), lambda s: masked(s.page, s.row)):
        if len({s.page for s in group}) >= MIN_REPEATS:  # the numbers along the axes of charts, too
            _add_rows(pages, running, group)
    numbered = [find_line_numbers(rows) for rows in pages]
    if sum(map(bool, numbered)) >= MIN_REPEATS:
        running = [gone | numbers for gone, numbers in zip(running, numbered, strict=True)]
    for place in _group(edges, lambda s: (s.zone, round(s.distance), round(2 * pages[s.page][s.row].size))):
        counts = Counter(masked(s.page, s.row) for s in place)
        if _is_repeated(place) and sum(n for n in counts.values() if n > 1) > len(place) / 2:
            titles = [s for s in place if not _SENTENCE.fullmatch(pages[s.page][s.row].text)]
            _add_rows(pages, running, titles)
    on_page = [{masked(i, row) for row in rows} for i, rows in enumerate(running)]
    return running, Counter(line for lines in on_page for line in lines)


def _sideways_rows(pages: Sequence[Sequence[Line]]) -> list[Sighting]:
    found = [(i, k) for i, rows in enumerate(pages) for k, line in enumerate(rows) if line.sideways]
    return [Sighting(i, "side", 0.0, k, True) for i, k in found]


def find_line_numbers(rows: Sequence[Line]) -> set[int]:
    """Indices of the rows that number a page's lines, as drafts and bills do: in equal steps down the page."""
    if sum(row.text.isdecimal() for row in rows) < 5:
        return set()  # too few for four equal steps
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
    """The rows set off in the margins of all pages, edges first; none in a larger font than the text, none of a table.

    A small font sets a row off as a gap does.
    """
    body = usual_size(pages)
    found = [
        edge._replace(page=page)
        for page, (rows, height) in enumerate(zip(pages, heights, strict=True))
        for edge in edge_rows(rows, height)
        if edge.distance <= EDGE_SHARE * height
        and not rows[edge.row].table
        and rows[edge.row].size <= (LARGE if edge.set_off else 0.75) * body
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
    if steady_share(list(printed.rows.values())) < STEADY_SHARE:
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
    words = CAPTION.sub("", text).split() or [""]
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
    if steady_share(list(printed.rows.values())) >= STEADY_SHARE:
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

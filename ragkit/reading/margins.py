"""The rows near the edges of the pages, and on their sides: what may be a running line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ragkit.reading.labels import EDGE_ROWS, WEIGHTS, Level, Printed
from ragkit.reading.lines import Line
from ragkit.reading.numbers import mask, numbers_in

EDGE_SHARE = 0.15  # of a page's height: how deep its margins are


class Margin(NamedTuple):
    """A row near the edge of a page."""

    page: int
    row: int
    zone: str  # "header", "footer" or "side"
    distance: float  # from the top or bottom edge, in points
    line: Line
    texts: list[str]  # the line's, and with the page's own number masked


def find_margins(
    pages: Sequence[Sequence[Line]],
    heights: Sequence[float],
    levels: Sequence[dict[str, list[Level]]],
    printed: Printed,
) -> list[Margin]:
    """The rows near the edges of all pages, and those on their sides."""
    found = []
    for page, (rows, zones) in enumerate(zip(pages, levels, strict=True)):
        seen, label = printed.rows.get(page), printed.labels[page]
        for zone, within in zones.items():
            own = seen.row if seen and seen.zone == zone else -1
            for depth, level in enumerate(within):
                if level.distance > EDGE_SHARE * heights[page] and own not in level.rows:
                    continue
                for row in level.rows:
                    if not rows[row].table:
                        texts = _texts(
                            rows[row], zone, len(pages), label if depth < EDGE_ROWS else "", row == own
                        )
                        found.append(Margin(page, row, zone, level.distance, rows[row], texts))
        for row, line in enumerate(rows):
            if line.sideways:
                texts = _texts(line, "side", len(pages), label, False)
                found.append(Margin(page, row, "side", line.y0, line, texts))
    return found


def _texts(line: Line, zone: str, n_pages: int, label: str, own: bool) -> list[str]:
    """A line's text, and with its page's number masked: one that stands apart, or is known (`own`) to be that."""
    numbers = numbers_in(line, zone, n_pages) if label and label in line.text else ()
    return [line.text] + [
        mask(line.text, number)
        for number in numbers
        if line.text[number.start : number.end] == label and (own or number.beside in WEIGHTS)
    ]

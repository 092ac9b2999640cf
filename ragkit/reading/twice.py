"""Text that a page has twice at one place: a shadow, an outline and its filling, text that was recognised again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from ragkit.reading.lines import Line

_OFFSET = 0.2  # of the font size: how far a shadow lies from its text (1.2 points for 14 in a word processor)
_SAME_WORDS = 0.5  # share of an invisible line's words that the visible text at its place has


def once(lines: Sequence[Line], hidden: Sequence[bool]) -> list[Line]:
    """The lines of a page without those that stand a second time at their place.

    A line in the same words, no farther from the first than a shadow, is that line; and an invisible one is, where
    most of its words are to be seen at its place.
    """
    said = Counter([line.text for line in lines])
    # The step of a grid in which a shadow is in the next field at most
    step = max(1.0, _OFFSET * max([line.size for line in lines], default=0.0))
    fields: dict[tuple[str, int, int], list[Line]] = defaultdict(list)
    kept, unseen = [], []
    for line, is_hidden in zip(lines, hidden, strict=True):
        if said[line.text] > 1:
            x, y = int(line.x0 // step), int(line.base // step)
            near = [(line.text, x + i, y + k) for i in (-1, 0, 1) for k in (-1, 0, 1)]
            if any(_at_one_place(line, other) for field in near for other in fields.get(field, ())):
                continue
            fields[line.text, x, y].append(line)
        kept.append(line)
        unseen.append(is_hidden)
    if not any(unseen) or all(unseen):
        return kept
    seen = [line for line, is_hidden in zip(kept, unseen, strict=True) if not is_hidden]
    return [
        line for line, is_hidden in zip(kept, unseen, strict=True) if not (is_hidden and _is_seen(line, seen))
    ]


def _at_one_place(one: Line, other: Line) -> bool:
    reach = _OFFSET * max(one.size, other.size)
    return (
        abs(one.base - other.base) <= reach
        and abs(one.x0 - other.x0) <= reach
        and one.sideways == other.sideways
    )


def _is_seen(line: Line, seen: Sequence[Line]) -> bool:
    words = line.text.casefold().split()
    there = {
        word
        for other in seen
        if line.x0 < other.x1 and other.x0 < line.x1 and line.y0 < other.y1 and other.y0 < line.y1
        for word in other.text.casefold().split()
    }
    return sum(word in there for word in words) > _SAME_WORDS * len(words)

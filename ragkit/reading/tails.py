"""Footers in the flow of the text, at the end of a page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from ragkit.reading.labels import MIN_REPEATS, STEADY_SHARE, Printed, steady_share
from ragkit.reading.lines import Line

SIGNS = ("|", "•", "·")  # between a page's number and a title


def cut_running_tails(
    pages: Sequence[Sequence[Line]], printed: Printed
) -> tuple[list[list[Line]], dict[int, str]]:
    """Cut footers that stand in the flow of the text, at its end ("... of the body. 4 | Introduction").

    A sign may part the number from a title: behind it ("4 | Introduction") one page proves it, before it two. Else they
    are lines, page number among them, that three pages near each other end with: two sentences may end alike.

    Returns
    -------
    tuple of list of list of Line, and dict of int to str
        The pages; by the 0-based index of the page, what was cut.
    """
    cleaned: list[list[Line]] = [list(rows) for rows in pages]
    cut: dict[int, str] = {}
    if steady_share(list(printed.rows.values())) >= STEADY_SHARE:
        return cleaned, cut
    tails = {page: _masked_tail(rows, printed.labels[page]) for page, rows in enumerate(pages)}
    for page in printed.rows:
        near = [tails[other] for other in range(max(page - 8, 0), min(page + 9, len(pages))) if other != page]
        if length := _footer_length(tails[page], near, _lines_of(pages[page])):
            cleaned[page] = _drop_words(pages[page], length)
            cut[page] = " ".join(tails[page][-length:])
    return cleaned, cut


def _footer_length(tail: Sequence[str], near: Sequence[Sequence[str]], lines: Sequence[int]) -> int:
    """How many words at the end of a page are its footer; 0 where there is none. `lines`: words in the last lines."""
    title = tail[tail.index("#") :] if "#" in tail else []
    if len(title) > 2 and title[1] in SIGNS:
        return len(title)
    signed = len(tail) > 1 and tail[-1] == "#" and tail[-2] in SIGNS
    others = 1 if signed else MIN_REPEATS - 1
    shared = (sorted((_shared_end(tail, other) for other in near), reverse=True) + [0] * others)[others - 1]
    if shared < 2 or "#" not in tail[-shared:]:
        return 0
    return shared if signed else max((n for n in lines if n <= shared), default=0)


def _lines_of(rows: Sequence[Line]) -> list[int]:
    """How many words the last line has, the last two, and so on."""
    return list(accumulate(len(line.text.split()) for line in reversed(rows[-4:])))


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

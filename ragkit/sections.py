"""The parts of documents by their headings: their order, and those that a question names by number, title or date.

They are read from the blocks that each chunk knows (its `boxes`), so that nothing more is kept and the text that is
embedded and searched stays what it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ragkit.index import Index
from ragkit.reading.headings import BELOW
from ragkit.words.asking import section_named
from ragkit.words.keywords import words_of
from ragkit.words.languages import folded, stem
from ragkit.words.naming import (
    ANY_ITEM,
    MEETING,
    NOUNS,
    NUMBER,
    PAGES,
    Place,
    days_asked,
    days_in,
    end_named,
    has_day,
    places_named,
    with_digits,
)
from ragkit.words.sentences import CELL

_NUMBERED = re.compile(
    rf"[(\[]?(?:(?P<noun>{NOUNS})\s+|(?P<sign>§)+\s?)?(?P<number>{NUMBER}|[IVXL]{{1,5}}|[A-Z])(?:[.):\]]+\s|[.):]?$|\s+(?=\S))",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"(?<=[.;:!?])(?<!Fig\.|FIG\.|Abb\.|Tab\.|TAB\.) +(?=(?:\(\d{1,2}\)|\d{1,3}\.(?:\d{1,3}\.?)*) [^\W\d_a-z])"
)  # clause in a block
PARTS = "absatz abs ziffer satz paragraph alinea apartado parrafo comma punto point item".split()  # noqa: SIM905
"""What a numbered part of a section is called: § 2 Absatz 3."""

_QUESTIONS = """what who when where why how which was wer wann wo warum wie welche que qui quand ou pourquoi comment
quien cuando donde como por cosa chi quando dove perche come""".split()  # noqa: SIM905
"""Words that a heading begins with that asks."""

PIECES = ("part", "teil", "parte", "partie")
"""What a section may be called, and a piece of a machine."""

LOOKED_AT = 80
"""Characters in whose first a block has its number."""

SAME = 20
"""Letters by which a sentence is known again in its block."""

LEAST_DAYS = 2
"""Days in headings from which a day in a question says which section is meant, as in minutes. With one, it may be of
anything: in a report of 75 pages, ten questions name the end of its year, and so does the heading of one list."""

SHARE = 0.2
"""Of the letters of the longest section with a number, the fewest of another with it: the rest are entries of a list of
contents, or references."""


class Block(NamedTuple):
    """A block of text, or what of it is in one chunk; one that holds several numbered clauses is parted.

    `row` of the chunk, and which of its `boxes` the text stands in.
    """

    row: int
    box: int
    text: str
    source: str
    page: int
    label: str
    heading: str

    @property
    def begins(self) -> str:
        """The heading that this block is; "" for most."""
        last = self.heading.rpartition(BELOW)[2]
        return last if last.endswith(self.text.strip()) else ""


def blocks_of(index: Index, lists: bool = False) -> list[Block]:
    """The blocks of all chunks, in reading order; those in a list of sources or contents only with `lists`."""
    found = []
    for row, (source, text, boxes) in enumerate(
        index.chunks[["source", "text", "boxes"]].itertuples(index=False)
    ):
        for n, box in enumerate(boxes):
            start, end = int(box["start"]), int(box["end"])
            if not lists and any(first <= start < last for first, last in index.lists[row]):
                continue
            for part in _ANOTHER.split(text[start:end]):
                found.append(Block(row, n, part, source, box["page"], box["label"], box.get("heading") or ""))
    return found


def named_in(question: str, index: Index) -> list[Block]:
    """The blocks of the sections that a question names by number, title or date, or of the page; none for most."""
    places, days, meeting = places_named(question), days_asked(question), MEETING.search(folded(question))
    leaf = any(place.noun in PAGES for place in places)
    blocks = blocks_of(index, lists=leaf) if places or days or meeting else []
    if meeting and not days:
        days = sorted({day for block in blocks for day in days_in(block.heading)})
        days = days[-1:] if end_named(meeting) == "last" else days[:1]
    found: list[Block] = []
    for place in places:
        if found and place.noun in PARTS:
            found = _numbered(place, found[1:]) or found
        else:
            found += [block for block in _numbered(place, blocks) if block not in found]
    found = found or titled_in(question, index)
    dated = {heading for heading in {block.heading for block in blocks} if days and days_in(heading)}
    if len({tuple(days_in(heading)) for heading in dated}) < LEAST_DAYS:
        return found
    of_day = [block for block in blocks if block.heading in dated and has_day(block.heading, days)]
    return [block for block in found if block in of_day] or found + of_day  # item 2 of that meeting


def titled_in(question: str, index: Index) -> list[Block]:
    """The blocks of the sections that a question names by their title; none for most questions."""
    titles = _titles(question, index) if section_named(question) else set()
    blocks = blocks_of(index) if titles else []
    return [block for block in blocks if not titles.isdisjoint(block.heading.split(BELOW))]


def exactly_titled(question: str, index: Index) -> list[Block]:
    """The blocks below a heading that a question repeats: "what happened" is how a form's part may be titled."""
    asked = re.findall(r"\w+", folded(question).lower())
    if len(asked) < 2 or asked[0] not in _QUESTIONS:
        return []
    paths = {box.get("heading") or "" for boxes in index.chunks["boxes"] for box in boxes}
    titles = {part for path in paths for part in path.split(BELOW) if part}
    same = {
        title
        for title in titles
        if re.findall(r"\w+", _NUMBERED.sub("", with_digits(title), count=1).lower()) == asked
    }
    return (
        [block for block in blocks_of(index) if same.intersection(block.heading.split(BELOW))] if same else []
    )


def stand_in(blocks: Iterable[Block], sentences: pd.DataFrame, index: Index) -> np.ndarray:
    """Which sentences, as in `Found`, stand in some blocks: booleans, shape (sentences,)."""
    texts: dict[tuple[int, int], list[str]] = {}
    for block in blocks:
        chunk = index.chunks.iloc[block.row]
        texts.setdefault((chunk["chunk"], chunk["boxes"][block.box]["start"]), []).append(block.text)
    columns = zip(sentences["text"], sentences["chunk"], sentences["boxes"], strict=True)
    found = [
        any(
            sentence[:SAME] in text or text[:SAME] in sentence
            for box in boxes
            for text in texts.get((chunk, box["start"]), ())
        )
        for sentence, chunk, boxes in columns
    ]
    return np.array(found, dtype=bool)


def _numbered(place: Place, blocks: list[Block]) -> list[Block]:
    """The sections with a number: of headings with text below, else of blocks that begin with it; or the page.

    Of § 2 and annex 2 the one that is called as the place is, if one is.
    """
    if place.noun in PAGES:
        return _of_page(place.number, blocks)
    if is_in_table(place, blocks):
        blocks = [block for block in blocks if _is_called(place.noun, block) or not _has(place, block)]
    if any(
        block.begins and _is_called(place.noun, block) for block in blocks
    ):  # "12 to 48 hours" is no chapter
        blocks = [block for block in blocks if not _has(place, block) or _is_said_to_be(place.noun, block)]
    spans = [list(_span(place, blocks, i)) for i, block in enumerate(blocks) if _has(place, block)]
    for fits in (lambda span: span[0].begins and len(span) > 1, lambda span: not span[0].begins, list):
        if of_kind := list(filter(fits, spans)):
            of_kind = [span for span in of_kind if _is_called(place.noun, span[0])] or of_kind
            longest = max(_letters(span) for span in of_kind)
            return [
                block
                for span in of_kind
                if (span[0].begins and BELOW in span[0].heading) or _letters(span) >= SHARE * longest
                for block in span
            ]
    return []


def is_in_table(place: Place, blocks: list[Block]) -> bool:
    """Whether a table has a column that is headed as a place is called, and a cell with its number: part 7."""
    if place.noun not in PIECES:
        return False
    rows = [folded(block.text).lower().split(CELL) for block in blocks if CELL in block.text]
    return any(place.noun in row for row in rows) and any(place.number in row for row in rows)


def _of_page(number: str, blocks: list[Block]) -> list[Block]:
    """The blocks of the first page or the last, or of one by its printed number, else by its place in the file."""
    if end := {"first": min, "last": max}.get(number):
        sources = {block.source for block in blocks}
        ends = {source: end(block.page for block in blocks if block.source == source) for source in sources}
        return [block for block in blocks if block.page == ends[block.source]]
    printed = [block for block in blocks if block.label.lower() == number]
    return printed or [block for block in blocks if str(block.page + 1) == number]


def _titles(question: str, index: Index) -> set[str]:
    """The heading of the kind that a question names, with its words in it or right below; else those with no others."""
    wanted, asked = {stem(word) for word in section_named(question)}, words_of(folded(question).lower())
    paths = {box.get("heading") or "" for boxes in index.chunks["boxes"] for box in boxes}
    pairs = {two for path in paths for two in pairwise([*path.split(BELOW), ""])}
    kinds = tuple(word[:5] for word in asked if re.fullmatch(f"(?:{NOUNS})s?", word))
    numbers = {two: _NUMBERED.match(with_digits(two[0])) for two in pairs if kinds}
    called = [two for two, own in numbers.items() if own and (own["noun"] or "").lower().startswith(kinds)]
    for taken in (1, 2):
        heads = {
            two[0] for two in called if wanted <= {stem(each) for each in words_of(" ".join(two[:taken]))}
        }
        if len(heads) == 1:
            return heads
    begun = [word[:3] for word in wanted]  # few headings have these letters, and only they are taken apart
    return {
        part
        for part, _ in pairs
        if all(letters in folded(part).lower() for letters in begun)
        and wanted == {stem(word) for word in words_of(_NUMBERED.sub("", with_digits(part), count=1))}
    }


def _letters(span: list[Block]) -> int:
    return sum(len(block.text) for block in span)


def _has(place: Place, block: Block) -> bool:
    """Whether a block begins with the number of a place, and with no other noun than the place's."""
    own = number_of(block)
    if not own or own["number"].lower() != place.number:
        return False
    if place.number.isalpha() and not own["noun"] and not block.begins:
        return False  # "a" and "I" begin sentences
    unnamed = not own["noun"] or place.noun in ANY_ITEM or not own["noun"][0].isupper()
    return unnamed or _is_called(place.noun, block)


def number_of(block: Block) -> re.Match[str] | None:
    """The number that a block begins with, and what it calls itself: groups number, noun and sign."""
    return _NUMBERED.match(with_digits((block.begins or block.text)[:LOOKED_AT]))


def _is_called(noun: str, block: Block) -> bool:
    """Whether a block is called by this noun, or one by the other's beginning: "art" and "Article", "§" and "§"."""
    own = number_of(block)
    name = (own["noun"] or own["sign"] or "").lower().rstrip(".") if own else ""
    return bool(name and noun) and (name.startswith(noun) or noun.startswith(name))


def _is_said_to_be(noun: str, block: Block) -> bool:
    """Whether a block that begins with a number is a heading, is called so, or has a full stop after its number."""
    own = number_of(block)
    return bool(block.begins) or _is_called(noun, block) or bool(own and own[0].rstrip()[-1] in ".:)]")


def _span(place: Place, blocks: list[Block], first: int) -> Iterator[Block]:
    """What belongs to the section that begins with a block: up to the next of its rank."""
    head = blocks[first]
    yield head
    for block in blocks[first + 1 :]:
        if not is_below(block, head):
            return
        number = _NUMBERED.match(with_digits(block.text[:LOOKED_AT]))
        if not head.begins and number and _later(number["number"].lower(), place.number):
            return
        yield block


def is_below(block: Block, head: Block) -> bool:
    """Whether a block stands under the heading that another one stands under, or is."""
    return block.source == head.source and f"{block.heading}{BELOW}".startswith(head.heading + BELOW)


def _later(number: str, than: str) -> bool:
    """Whether a number is one of those that follow another, and none of its parts."""
    if not (number[0].isdigit() and than[0].isdigit()):
        return False
    a, b = ([int(digits) for digits in re.findall(r"\d+", text)] for text in (number, than))
    return a > b and a[: len(b)] != b


def heads_of(boxes: Iterable[dict[str, Any]]) -> list[str]:
    """The heads of the columns of the table that a sentence is a row of, then the title of some rows; [] for most."""
    return next((box["heads"].split("\n") for box in boxes if box.get("heads")), [])


def heading_of(boxes: Iterable[dict[str, Any]]) -> str:
    """The headings that a sentence stands under, the largest first; "" where none are known."""
    return next((box["heading"] for box in boxes if box.get("heading")), "")

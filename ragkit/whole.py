"""Answers about a document as a whole: its title, its headings, a clause by its number, an overview.

No search for passages finds these. They are read from the file, its first page and its headings, with the pages where
they stand; an overview is the sentence of each section that is most like the rest of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from ragkit.answer import Answer
from ragkit.fields import FIELDS, captions_of, table_listing, table_of
from ragkit.found import Found, found_in, sentences_of
from ragkit.grounding.quotes import QUOTE_COLUMNS, quote
from ragkit.index import Index
from ragkit.outline import depth_of, parted, tidied
from ragkit.properties import largest, look_into, quoted_block, quoted_lines, told_of
from ragkit.reading.headings import BELOW
from ragkit.reading.lines import usual_size
from ragkit.sections import (
    Block,
    blocks_of,
    exactly_titled,
    is_in_table,
    named_in,
    stand_in,
    titled_in,
)
from ragkit.words.asking import kind_of, things_listed
from ragkit.words.languages import folded
from ragkit.words.naming import PAGES, places_named, table_named
from ragkit.words.sentences import CELL

MOST_DOCUMENTS = 5
"""Of a folder, that are told of."""

MOST_SENTENCES, MOST_LETTERS = 8, 2500
"""Sentences of an overview, and letters of a section that is quoted from end to end."""

SCRAP = 14
"""Letters of what is written in a drawing: three such blocks of a page, one after another, are quoted as one."""

MOST_CALLED = 2
"""Blocks that give one a name, from which on a search tells better who is meant."""

HEADING, FIRST = 0.5, 0.1
"""What likeness to its heading counts for a sentence of a section, beside likeness to it all; and what it counts to be
the first one. With the heading at 0, a chapter on lipids was told by an avocado; at 1, a conclusion by its thanks."""

NO_COUNTING = (
    "a search finds the nearest passages, not all of them, and cannot count: ask for one thing that they say, "
    "or for a section by its number"
)
NOTHING_ASKED = "Nothing is asked here. What do you want to know of the documents?"
_ROLE = re.compile(
    r"(?:(?:who|wer|qui|quien|chi)(?:['’]?s|\s(?:is|are|ist|sind|est|sont|es|e))|what(?:['’]?s|\sis)\sthe\sname\sof)\s"
    r"(?:the|der|die|das|le|la|el|il|l['’])\s?([\w-]{4,})\W*$",
    re.IGNORECASE,
)
"""Who is called by one word: the Employer."""
_WHOLE = r"(?s)\W*\w.{25,400}[.!?。][\"'”’)]*$"


def answer_whole(found: Found) -> Answer | None:
    """Answer a question about the document as a whole; None for one that a search answers.

    Its `stop_reason` is "not asked" if no model has anything to add.
    """
    index, kind = found.index, kind_of(found.question)
    if kind == "nothing":
        return Answer(NOTHING_ASKED, 0, 0, 0.0, 0.0, "not asked", found=found)
    if kind == "place":
        return _place(found, named_in(found.question, index))
    if kind in ("", "all", "table") and (part := _part(found, kind)):
        return part
    if kind == "all":
        return _weak(found, NO_COUNTING)
    if kind in ("", "table") or not index.is_whole:
        return None
    if kind == "overview":
        return _gist(found)
    return _told(found, kind)


def _part(found: Found, kind: str) -> Answer | None:
    """The part of a document that a question names otherwise than by its number: a title, a table, who is called so."""
    question, index = found.question, found.index
    if kind == "table":
        return _table(found, table_named(question), blocks_of(index))
    if blocks := titled_in(question, index) or ([] if kind else exactly_titled(question, index)):
        return _place(found, blocks)
    if rows := table_listing(things_listed(question), blocks_of(index)):
        return _quoted_rows(found, rows)
    if not kind and (blocks := _called(question, blocks_of(index))):
        return _quoting(found, [quoted_block(block, index) for block in blocks])
    return None


def _gist(found: Found) -> Answer | None:
    """An overview of each document, of the first ones; None of documents without a sentence."""
    index = found.index
    blocks = blocks_of(index)
    every = index.chunks["source"].unique()
    sources = every[:MOST_DOCUMENTS]
    each = max(2, MOST_SENTENCES // len(sources))
    notes, rows = [], []
    for source in sources:
        own = [block for block in blocks if block.source == source]
        rows += _about(source, own, index, each)
        notes += [_left_out(own, each, f" of {source}" * (len(sources) > 1))]
    if more := len(every) - len(sources):
        notes += [f"And {more} more document{'s' * (more > 1)}: ask for one with source=."]
    return replace(_quoting(found, rows), note="\n".join(filter(None, notes))) if rows else None


def _told(found: Found, kind: str) -> Answer | None:
    """What files and their fields say; None where they say nothing, and a search may."""
    index = found.index
    sources = list(index.chunks["source"].unique())
    told = [
        told_of(kind, look_into(source, index), index, found.question) for source in sources[:MOST_DOCUMENTS]
    ]
    silent = not any(rows for _, rows in told)
    if silent and (kind in (*FIELDS, "meetings", "captions") or not any(line for line, _ in told)):
        return None
    lines = [line for line, _ in told if line] + (
        [f"And {n} more files."] if (n := len(sources) - MOST_DOCUMENTS) > 0 else []
    )
    quotes = _quotes([row for _, rows in told for row in rows])
    return Answer("\n".join(lines), 0, 0, 0.0, 0.0, "not asked", found=found, key_sentences=quotes)


def _quoted_rows(found: Found, rows: list[Block]) -> Answer | None:
    """The rows of a table as they are; None if there are none, or too many to be read."""
    if sum(len(row.text) for row in rows) > 2 * MOST_LETTERS:
        return None
    quotes = [quoted_block(row, found.index) for row in rows]
    return replace(_quoting(found, quotes), stop_reason="not asked") if rows else None


def _called(question: str, blocks: list[Block]) -> list[Block]:
    """The blocks that give one a name in brackets, as contracts do, if a question asks who has it; none if many do."""
    role = _ROLE.match(folded(question))
    called = role and re.sub("in$", "", role[1]) + "(?:in)?"  # Mieter, Mieterin
    name = role and re.compile(
        rf"\((?:the |hereinafter |nachfolgend |im folgenden )?[\"“„‘'«]?(?:the )?{called}[\"”“’'»]?(?: genannt)?\)",
        re.IGNORECASE,
    )
    named = [block for block in blocks if name and name.search(folded(block.text))]
    return named if len(named) <= MOST_CALLED else []


def _place(found: Found, blocks: list[Block]) -> Answer | None:
    """What a section says that is named by its number, day or title: all of it, or the gist of a long one."""
    places = places_named(found.question)
    if not blocks:
        named = " or ".join(f"{place.noun} {place.number}".strip() for place in places)
        if places and {place.noun for place in places} <= {*PAGES}:
            return _no_page(found, named)
        rowed = any(is_in_table(place, blocks_of(found.index)) for place in places)
        return (
            _weak(found, f"no heading and no clause in it is numbered {named}")
            if places and not rowed
            else None
        )
    every = blocks_of(found.index)
    parts = [tidied(part, every) for part in parted(blocks)]
    if sum(len(block.text) for part in parts for block in part) <= MOST_LETTERS:
        rows = [row for part in parts for row in _whole_section(part, found.index, len(parts) > 1)]
        return replace(_quoting(found, rows), stop_reason="not asked")
    each = max(2, (MOST_SENTENCES - 1) // len(parts))
    rows = []
    for part in parts:
        rows += _whole_section(part[:1], found.index, len(parts) > 1) + _overview(part, found.index, each)
    first, last = blocks[0].label, blocks[-1].label
    where = f"page {first}" if first == last else f"pages {first} to {last}"
    return replace(
        _quoting(found, rows), note=f"The sentences most like the rest of it; all of it stands on {where}."
    )


def _no_page(found: Found, named: str) -> Answer:
    """That no text was found on a page, and on which there is some."""
    labels: dict[str, list[str]] = {}
    for source, boxes in found.index.chunks[["source", "boxes"]].itertuples(index=False):
        labels.setdefault(source, []).extend(box["label"] for box in boxes)
    lines = [
        f"No text was found on {named} of {source}: its text begins on page {each[0]} and ends on page {each[-1]}."
        for source, each in labels.items()
    ]
    return Answer("\n".join(lines[:MOST_DOCUMENTS]), 0, 0, 0.0, 0.0, "not asked", found=found)


def _weak(found: Found, doubt: str) -> Answer:
    """What is nearest, and why it may not be what is asked for."""
    return Answer("", 0, 0, 0.0, 0.0, "", found=found, key_sentences=quote(found), doubt=doubt)


def _table(found: Found, number: str, blocks: list[Block]) -> Answer | None:
    """A table by its number; where no caption has it, that is said; None of one that is no rows, but a picture."""
    if rows := table_of(number, blocks):
        return _quoted_rows(found, rows)
    known = captions_of("table", blocks)
    if number in map(str.lower, known):
        return None
    there = f" (captions were found of {', '.join(known)})" if known else ""
    return _weak(found, f"no table in it is numbered {number.upper()}{there}")


def _whole_section(blocks: list[Block], index: Index, one_of_some: bool) -> list[dict[str, Any]]:
    """The blocks of a section as quotations; of one of some, what it stands below is said before it."""
    above = blocks[0].heading.rpartition(BELOW)[0] if one_of_some and blocks[0].begins else ""
    runs = [[*run] for _, run in groupby(blocks, lambda block: _is_scrap(block) and (block.row, block.page))]
    first, *others = (row for run in runs for row in _together(run, index))
    return [{**first, "before": above and f"{above}:"}, *others]


def _is_scrap(block: Block) -> bool:
    """Whether a block is one of those in a drawing, as the numbers along an axis, and no row, heading or item."""
    return (
        len(block.text) <= SCRAP and not block.begins and CELL not in block.text and block.text[0].isalnum()
    )


def _together(run: list[Block], index: Index) -> list[dict[str, Any]]:
    """Blocks as quotations; scraps of a page as one."""
    rows = [quoted_block(block, index) for block in run]
    if len(run) < 3 or not _is_scrap(run[0]):
        return rows
    text, boxes = " · ".join(row["text"] for row in rows), [box for row in rows for box in row["boxes"]]
    return [{**rows[0], "text": text, "boxes": boxes}]


def _quoting(found: Found, rows: list[dict[str, Any]]) -> Answer:
    """An answer that quotes these, and has their chunks as its passages; a model may still write."""
    places = found.index.chunks["chunk"].isin([row["chunk"] for row in rows])
    hits = found.index.chunks[places].reset_index(drop=True)
    hits.insert(0, "rank", range(1, len(hits) + 1))
    hits.insert(1, "score", 1.0)
    found = replace(found_in(hits, found.question, found.index), asked=found.asked)
    return Answer("", 0, 0, 0.0, 0.0, "", found=found, key_sentences=_quotes(rows))


def _quotes(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows as quotations: as from `quote`."""
    quotes = [
        {"rank": n, "score": 1.0, "before": "", "after": "", "also": [], **row}
        for n, row in enumerate(rows, start=1)
    ]
    return pd.DataFrame(quotes, columns=QUOTE_COLUMNS)


def _about(source: str, blocks: list[Block], index: Index, n: int) -> list[dict[str, Any]]:
    """A document's title, if its letters are larger and no heading has it, and its overview."""
    file, rows = look_into(source, index), _overview(blocks, index, n)
    title = largest(file.lines) if rows else []
    said = " ".join(line.text for line in title)
    if not title or title[0].size <= usual_size([file.lines]) or any(said in row["before"] for row in rows):
        return rows
    return [*quoted_lines(file, title, index), *rows]


def _overview(blocks: list[Block], index: Index, n: int) -> list[dict[str, Any]]:
    """The sentences of each section that are most like the section, in their order: n at most, of the longest ones."""
    sections = _sections(blocks, n)
    rows = sorted({block.row for section in sections for block in section})
    if not rows:
        return []
    sentences, vectors = sentences_of(index.chunks.iloc[rows], index)
    vectors, chosen = vectors.astype(np.float32), []
    text = sentences["text"].str.split().str.join(" ")
    asks = "\n".join(" ".join(block.text.split()) for block in blocks if block.begins)  # a heading may ask
    whole = text.str.match(_WHOLE) & ~text.str.contains(CELL, regex=False) & ~text.duplicated(keep=False)
    whole &= ~text.map(asks.__contains__)
    told = [
        (section, places)
        for section in sections
        if len(places := np.flatnonzero(whole & ~sentences["listed"] & stand_in(section, sentences, index)))
    ]
    for section, places in told:
        heading = section[0].heading.rpartition(BELOW)[2]
        head = vectors[stand_in(section[: bool(heading)], sentences, index)].sum(0)
        near = vectors[places] @ (vectors[places].mean(0) + HEADING * head)
        near[0] += FIRST
        for place in sorted(near.argsort()[::-1][: max(1, n // len(told))]):
            chosen.append(
                {**sentences.iloc[places[place]].to_dict(), "before": f"{heading}:" if heading else ""}
            )
    return chosen


def _sections(blocks: list[Block], n: int) -> list[list[Block]]:
    """The parts of a text below its largest headings, the n longest in their order; without headings, n equal ones."""
    parts = _below_headings(blocks)
    if len(parts) < 3:
        cuts = np.array_split(np.arange(len(blocks)), n)
        return [[blocks[i]._replace(heading="") for i in cut] for cut in cuts if len(cut)]
    longest = sorted(parts, key=lambda part: -sum(len(block.text) for block in part))[:n]
    return [part for part in parts if part in longest]


def _below_headings(blocks: list[Block]) -> list[list[Block]]:
    """The parts of a text below its largest headings."""
    depth = depth_of([block for block in blocks if block.heading])
    parts: dict[str, list[Block]] = {}
    for block in blocks:
        parts.setdefault(BELOW.join(block.heading.split(BELOW)[: depth + 1]), []).append(block)
    return [*parts.values()]


def _left_out(blocks: list[Block], n: int, where: str) -> str:
    """How many parts an overview leaves out; "" for none."""
    parts = len(_below_headings(blocks))
    return (
        f"Of {parts} parts{where}, the {n} longest are told of; ask for another by its heading."
        if parts > max(n, 2)
        else ""
    )

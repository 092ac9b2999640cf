"""Answers about a document as a whole: its title, its headings, a clause by its number, an overview.

No search for passages finds these. They are read from the file, its first page and its headings, with the pages where
they stand; an overview is the sentence of each section that is most like the rest of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ragkit.answer import Answer
from ragkit.found import Found, found_in, sentences_of
from ragkit.grounding.quotes import QUOTE_COLUMNS, quote
from ragkit.index import Index
from ragkit.notice import say
from ragkit.pdf import read_page
from ragkit.reading.headings import BELOW
from ragkit.reading.lines import Line
from ragkit.reading.opening import open_pdf
from ragkit.sections import Block, blocks_of, named_as, named_in, outline_of, stand_in
from ragkit.words.asking import days_in, kind_of, places_named, section_named
from ragkit.words.sentences import CELL

MOST_DOCUMENTS = 5
"""Of a folder, that are told of."""

MOST_HEADINGS, MOST_SENTENCES, MOST_LETTERS = 40, 8, 2500
"""Headings that are listed, sentences of an overview, and letters of a section that is quoted from end to end."""

HEADING, FIRST = 0.5, 0.1
"""What likeness to its heading counts for a sentence of a section, beside likeness to it all; and what it counts to be
the first one. With the heading at 0, a chapter on lipids was told by an avocado; at 1, a conclusion by its thanks."""

NO_COUNTING = (
    "a search finds the nearest passages, not every one, and counts none: ask for one thing that they say, "
    "or for a section by its number"
)
_NO_TITLE = re.compile(r"\.(?:docx?|pdf|indd|qxd|tex|pptx?)$|^microsoft |^untitled|^[\d\W]*$", re.IGNORECASE)
_WHOLE = r"(?s)\W*\w.{25,400}[.!?。][\"'”’)]*$"
_BODY = re.compile(r"(?i:abstract|summary|zusammenfassung|contents|inhalt)\b|\d+\.?\s\w|.*\w \w.*[.:]$|.{90}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


class _File(NamedTuple):
    """What a file says of itself, and the lines of its first page with text."""

    source: str
    properties: dict[str, str]
    n_pages: int
    page: int
    lines: list[Line]


def answer_whole(found: Found) -> Answer | None:
    """Answer a question about the document as a whole; None for one that a search answers.

    Its `stop_reason` is "not asked" if no model has anything to add.
    """
    index, kind = found.index, kind_of(found.question)
    if kind == "all":
        return Answer("", 0, 0, 0.0, 0.0, "", found=found, key_sentences=quote(found), doubt=NO_COUNTING)
    if kind == "place" or (not kind and section_named(found.question)):
        return _place(found)
    if not kind or not index.is_whole:
        return None
    if kind == "overview":
        blocks = blocks_of(index)
        sources = index.chunks["source"].unique()
        if len(sources) > MOST_DOCUMENTS:
            say(
                f"the overview is of the first {MOST_DOCUMENTS} of {len(sources)} documents; choose with source="
            )
        sources = sources[:MOST_DOCUMENTS]
        each = max(2, MOST_SENTENCES // len(sources))
        rows = [
            row
            for source in sources
            for row in _overview([b for b in blocks if b.source == source], index, each)
        ]
        return _quoting(found, rows) if rows else None
    tell: Callable[[_File, Index], tuple[str, list[Any]]] = {
        "title": _title, "author": _author, "date": _date, "pages": _pages, "outline": _outline
    }[kind]  # fmt: skip
    sources = list(index.chunks["source"].unique())
    told = [tell(_open(source, index), index) for source in sources[:MOST_DOCUMENTS]]
    lines = [line for line, _ in told] + (
        [f"And {n} more files."] if (n := len(sources) - MOST_DOCUMENTS) > 0 else []
    )
    quotes = _quotes([row for _, rows in told for row in rows])
    return Answer("\n".join(lines), 0, 0, 0.0, 0.0, "not asked", found=found, key_sentences=quotes)


def _place(found: Found) -> Answer | None:
    """What a section says that is named by its number or title: all of it, or the gist of a long one."""
    blocks, places = named_in(found.question, found.index), places_named(found.question)
    if not blocks:
        named = " or ".join(f"{place.noun} {place.number}".strip() for place in places)
        doubt = f"no heading and no clause in it is numbered {named}"
        weak = Answer("", 0, 0, 0.0, 0.0, "", found=found, key_sentences=quote(found), doubt=doubt)
        return weak if places else None
    if sum(len(block.text) for block in blocks) > MOST_LETTERS:
        return _quoting(
            found, [_row(blocks[0], found.index), *_overview(blocks, found.index, MOST_SENTENCES - 1)]
        )
    return replace(_quoting(found, [_row(block, found.index) for block in blocks]), stop_reason="not asked")


def _quoting(found: Found, rows: list[dict[str, Any]]) -> Answer:
    """An answer that quotes these, and has their chunks as its passages; a model may still write."""
    places = found.index.chunks["chunk"].isin([row["chunk"] for row in rows])
    hits = found.index.chunks[places].reset_index(drop=True)
    hits.insert(0, "rank", range(1, len(hits) + 1))
    hits.insert(1, "score", 1.0)
    found = found_in(hits, found.question, found.index)
    return Answer("", 0, 0, 0.0, 0.0, "", found=found, key_sentences=_quotes(rows))


def _quotes(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows as quotations: as from `quote`."""
    quotes = [
        {"rank": n, "score": 1.0, "before": "", "also": [], **row} for n, row in enumerate(rows, start=1)
    ]
    return pd.DataFrame(quotes, columns=QUOTE_COLUMNS)


def _row(block: Block, index: Index) -> dict[str, Any]:
    """A block as a quotation."""
    chunk = index.chunks.iloc[block.row]
    box = chunk["boxes"][block.box]
    where = {"source": block.source, "page": box["page"], "label": block.label, "chunk": chunk["chunk"]}
    return {"text": block.text, "boxes": [box], **where}


def _overview(blocks: list[Block], index: Index, n: int) -> list[dict[str, Any]]:
    """The sentence of each section that is most like the section, in their order: n at most, of the longest ones."""
    sections = _sections(blocks, n)
    rows = sorted({block.row for section in sections for block in section})
    if not rows:
        return []
    sentences, vectors = sentences_of(index.chunks.iloc[rows], index)
    vectors, chosen = vectors.astype(np.float32), []
    text = sentences["text"]
    whole = text.str.match(_WHOLE) & ~text.str.contains(CELL, regex=False) & ~text.duplicated(keep=False)
    for section in sections:
        places = np.flatnonzero(whole & ~sentences["listed"] & stand_in(section, sentences, index))
        if len(places):
            heading = section[0].heading.rpartition(BELOW)[2]
            head = vectors[stand_in(section[: bool(heading)], sentences, index)].sum(0)
            near = vectors[places] @ (vectors[places].mean(0) + HEADING * head)
            near[0] += FIRST
            best = sentences.iloc[places[int(near.argmax())]].to_dict()
            chosen.append({**best, "before": f"{heading}:" if heading else ""})
    return chosen


def _sections(blocks: list[Block], n: int) -> list[list[Block]]:
    """The parts of a text below its largest headings, the n longest in their order; without headings, n equal ones."""
    depth = _depth([block for block in blocks if block.heading])
    parts: dict[str, list[Block]] = {}
    for block in blocks:
        parts.setdefault(BELOW.join(block.heading.split(BELOW)[: depth + 1]), []).append(block)
    if len(parts) < 3:
        cuts = np.array_split(np.arange(len(blocks)), n)
        return [[blocks[i]._replace(heading="") for i in cut] for cut in cuts if len(cut)]
    longest = sorted(parts.values(), key=lambda part: -sum(len(block.text) for block in part))[:n]
    return [part for part in parts.values() if part in longest]


def _depth(blocks: Sequence[Block]) -> int:
    """How many headings all sections are under: 1 for a paper's, which stand below its title."""
    for depth in range(4):
        if len({tuple(block.heading.split(BELOW)[: depth + 1]) for block in blocks}) >= 3:
            return depth
    return 0


def _open(source: str, index: Index) -> _File:
    """Look into a file; nothing is known of one that is not there."""
    if source not in index.files:
        return _File(source, {}, 0, 0, [])
    with open_pdf(index.path_of(source), index.password) as document:
        pages = (read_page(document, n) for n in range(min(3, document.page_count)))
        first = next((page for page in pages if page.lines), None)
        properties = {name: str(value or "").strip() for name, value in (document.metadata or {}).items()}
        return _File(
            source, properties, document.page_count, first.index if first else 0, first.lines if first else []
        )


def _title(file: _File, index: Index) -> tuple[str, list[dict[str, Any]]]:
    own, printed = file.properties.get("title", ""), _largest(file.lines)
    own = "" if _NO_TITLE.search(own) else own
    text = " ".join(line.text for line in printed)
    said = (
        f"The title in the properties of {file.source} is “{own}”."
        if own
        else f"The properties of {file.source} have no title."
    )
    return said + (" In the largest letters on its first page:" if text else ""), _lines(file, printed, index)


def _author(file: _File, index: Index) -> tuple[str, list[dict[str, Any]]]:
    own, title = file.properties.get("author", ""), _largest(file.lines)
    after = file.lines[file.lines.index(title[-1]) + 1 :] if title else file.lines
    blocks = [block for block in blocks_of(index) if block.source == file.source]
    headings = {block.begins for block in blocks}
    end = next((i for i, line in enumerate(after) if _BODY.match(line.text) or line.text in headings), 30)
    below = [line for line in after[:end] if re.search(r"[^\W\d_]{2}", line.text) and not _is_day(line.text)]
    said = (
        f"The properties of {file.source} name as author: {own}."
        if own
        else f"The properties of {file.source} name no author."
    )
    owned = [block for block in blocks if "©" in block.text][: not (own or below)]
    where = " Below the title, where authors stand:" if below else " Its copyright:" if owned else ""
    return said + where, [*_lines(file, below, index), *(_row(block, index) for block in owned)]


def _is_day(text: str) -> bool:
    """Whether a line is a day and little else: not "between Ruth and Daniel, made on 20 August 2024"."""
    return bool(days_in(text)) and len(text.split()) < 5


def _date(file: _File, index: Index) -> tuple[str, list[dict[str, Any]]]:
    made = re.match(r"(?:D:)?(\d{4})(\d\d)(\d\d)", file.properties.get("creationDate", ""))
    said = (
        f"The file {file.source} was made on {'-'.join(made.groups())}."
        if made
        else f"The properties of {file.source} have no date."
    )
    years = [line for line in file.lines if _YEAR.search(line.text)]
    dated = ([line for line in file.lines if days_in(line.text)] or years)[:5]
    return said + (" On its first page stands:" if dated else ""), _lines(file, dated, index)


def _pages(file: _File, index: Index) -> tuple[str, list[dict[str, Any]]]:
    part = index.chunks[index.chunks["source"] == file.source]
    labels = [box["label"] for boxes in part["boxes"] for box in boxes]
    printed = (
        f"; the last with text is printed {labels[-1]}" if labels and labels[-1] != str(file.n_pages) else ""
    )
    n_words = int(part["text"].str.split().str.len().sum())
    return (
        f"{file.source} has {file.n_pages:,} page{'s' * (file.n_pages != 1)}{printed}, and about {n_words:,} words.",
        [],
    )


def _outline(file: _File, index: Index) -> tuple[str, list[dict[str, Any]]]:
    blocks = [block for block in blocks_of(index) if block.source == file.source]
    title = " ".join(line.text for line in _largest(file.lines))
    heads = [block for block in outline_of(blocks) if block.begins != title]
    if not heads:
        return f"No headings were found in {file.source}.", []
    headed = bool(heads[-1].begins)
    depth = _depth(heads)
    levels = [block.heading.count(BELOW) if headed else depth for block in heads]
    n_top = sum(level == depth for level in levels)
    deepest = max(
        (d for d in range(depth, 9) if sum(level <= d for level in levels) <= MOST_HEADINGS), default=depth
    )
    shown = [block for block, level in zip(heads, levels, strict=True) if level <= deepest][:MOST_HEADINGS]
    rows = [{**_row(block, index), "text": block.begins or block.text[:80]} for block in shown]
    named = Counter(word for block in heads if (word := named_as(block)))
    kinds = "".join(f", {n} of them named “{word}”" for word, n in named.items() if n > 1)
    what = (
        f"main section{'s' * (n_top != 1)}, by its headings: {len(heads)} in all{kinds}"
        if headed
        else "numbered clauses"
    )
    return f"{file.source} has {n_top} {what}.", rows


def _largest(lines: Sequence[Line]) -> list[Line]:
    """The lines in the largest letters that stand together: a title."""
    words = [line for line in lines if len(re.findall(r"[^\W\d_]", line.text)) > 3 and not line.sideways]
    largest = max((line.size for line in words), default=0.0)
    first = next((i for i, line in enumerate(words) if line.size == largest), 0)
    end = next(
        (i for i, line in enumerate(words[first:], start=first) if line.size < 0.95 * largest), len(words)
    )
    return words[first:end][:4]


def _lines(file: _File, lines: Sequence[Line], index: Index) -> list[dict[str, Any]]:
    """Lines of the first page as one quotation, at the place of the chunk that it is in."""
    chunks = index.chunks[(index.chunks["source"] == file.source) & (index.chunks["page"] <= file.page)]
    if not lines or chunks.empty:
        return []
    boxes = [box for box in chunks.iloc[0]["boxes"] if box["page"] == file.page]
    label = boxes[0]["label"] if boxes else chunks.iloc[0]["label"]
    where = {"source": file.source, "page": file.page, "label": label, "chunk": chunks.iloc[0]["chunk"]}
    return [{**where, "boxes": boxes[:1], "text": " · ".join(line.text for line in lines)}]

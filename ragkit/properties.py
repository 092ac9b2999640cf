"""What a file says of itself: its properties, its first page, its headings and pages, each told in a line or two."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ragkit.fields import FIELDS, SIGNED, captions_of, fields_of, signature_of, told_in_fields
from ragkit.index import Index
from ragkit.outline import dated_in, depth_of, named_as, numbered_in, outline_of
from ragkit.pdf import read_page
from ragkit.reading.headings import BELOW
from ragkit.reading.lines import Line
from ragkit.reading.opening import open_pdf
from ragkit.sections import Block, blocks_of
from ragkit.words.languages import folded
from ragkit.words.lists import CONTENTS
from ragkit.words.naming import days_in

MOST_HEADINGS, MOST_BLOCKS = 40, 8
"""Headings that are listed, and blocks of a beginning."""

_NO_TITLE = re.compile(
    r"\.(?:docx?|pdf|indd|qxd|tex|pptx?|html?|odt|txt)$|^microsoft |^untitled|^[\d\W]*$", re.IGNORECASE
)
_BODY = re.compile(r"(?i:abstract|summary|zusammenfassung|contents|inhalt)\b|\d+\.?\s\w|.*\w \w.*[.:]$|.{90}")
_PARTIES = re.compile(
    r"(?:(?:the |die |les |las |le )?(?:vertrags)?part(?:ies|eien|es|i)|between|zwischen|entre|reunidos|tra)\W*$",
    re.IGNORECASE,
)
_ASKS_SIGNED = re.compile(r"\b(?:sign|unterschr|unterz|firm)", re.IGNORECASE)
_ROLES = {
    "editor": re.compile(r"\bedit|herausgeb", re.IGNORECASE),
    "approver": re.compile(r"\bapprov", re.IGNORECASE),
}
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


class File(NamedTuple):
    """What a file says of itself, and the lines of its first page with text."""

    source: str
    properties: dict[str, str]
    n_pages: int
    page: int
    lines: list[Line]


def quoted_block(block: Block, index: Index) -> dict[str, Any]:
    """A block as a quotation."""
    chunk = index.chunks.iloc[block.row]
    box = chunk["boxes"][block.box]
    where = {"source": block.source, "page": box["page"], "label": block.label, "chunk": chunk["chunk"]}
    return {"text": block.text, "boxes": [box], **where}


def look_into(source: str, index: Index) -> File:
    """Look into a file; nothing is known of one that is not there."""
    if source not in index.files:
        return File(source, {}, 0, 0, [])
    with open_pdf(index.path_of(source), index.password) as document:
        pages = (read_page(document, n) for n in range(min(3, document.page_count)))
        first = next((page for page in pages if page.lines), None)
        properties = {name: str(value or "").strip() for name, value in (document.metadata or {}).items()}
        return File(
            source, properties, document.page_count, first.index if first else 0, first.lines if first else []
        )


def _title(file: File, index: Index) -> tuple[str, list[dict[str, Any]]]:
    own, printed = file.properties.get("title", ""), largest(file.lines)
    own = "" if _NO_TITLE.search(own) else own
    text = " ".join(line.text for line in printed)
    said = (
        f"The title in the properties of {file.source} is “{own}”."
        if own
        else f"The properties of {file.source} have no title."
    )
    return said + (" In the largest letters on its first page:" if text else ""), quoted_lines(
        file, printed, index
    )


def _author(file: File, index: Index, question: str) -> tuple[str, list[dict[str, Any]]]:
    """Who signed it, if that is asked; else the author in the properties, in a field, below the title, or signing."""
    blocks = [block for block in blocks_of(index) if block.source == file.source]
    signature = [quoted_block(block, index) for block in signature_of(blocks)]
    if _ASKS_SIGNED.search(question):
        return (f"{file.source} is signed:" if signature else ""), signature
    if role := next((role for role, asks in _ROLES.items() if asks.search(question)), ""):
        named = [quoted_block(block, index) for block in fields_of(role, blocks)]
        return (f"{file.source} names its {role}:" if named else ""), named
    own, title = file.properties.get("author", ""), largest(file.lines)
    after = file.lines[file.lines.index(title[-1]) + 1 :] if title else file.lines
    headings = {block.begins for block in blocks}
    end = next((i for i, line in enumerate(after) if _BODY.match(line.text) or line.text in headings), 30)
    below = [line for line in after[:end] if re.search(r"[^\W\d_]{2}", line.text) and not _is_day(line.text)]
    said = (
        f"The properties of {file.source} name as author: {own}."
        if own
        else f"The properties of {file.source} name no author."
    )
    if not own and (fields := fields_of("author", blocks)):
        rows = [quoted_block(block, index) for block in fields]
        return said + " By its fields:", rows + [row for row in signature if row not in rows]
    if not own and signature:
        return said + " It is signed:", signature
    owned = [block for block in blocks if "©" in block.text][: not (own or below)]
    if not (own or below or owned):
        return said + " It begins:", _opening(file, index)[1]
    where = " Below the title, where authors stand:" if below else " Its copyright:" if owned else ""
    return said + where, [*quoted_lines(file, below, index), *(quoted_block(block, index) for block in owned)]


def _opening(file: File, index: Index) -> tuple[str, list[dict[str, Any]]]:
    """What stands above the first heading or clause below the title: a contract's parties, whom a letter is to."""
    blocks = [block for block in blocks_of(index) if block.source == file.source]
    title = " ".join(line.text for line in largest(file.lines))
    heads = {
        (block.row, block.box, block.text)
        for block in outline_of(blocks)
        if not block.begins or (block.begins != title and not _PARTIES.match(block.begins))
    }
    first = itertools.dropwhile(lambda block: block.begins, blocks)
    rows = [
        quoted_block(block, index)
        for block in itertools.takewhile(lambda block: (block.row, block.box, block.text) not in heads, first)
    ]
    return f"{file.source} begins, where parties and addressees are named:", rows[:MOST_BLOCKS]


def _language(file: File, index: Index) -> tuple[str, list[dict[str, Any]]]:
    language = index.languages[file.source].capitalize()
    return f"{file.source} is in {language}, and is quoted as it stands: nothing is translated here.", []


def _is_day(text: str) -> bool:
    """Whether a line is a day and little else: not "between Ruth and Daniel, made on 20 August 2024"."""
    return bool(days_in(text)) and len(text.split()) < 6


def _date(file: File, index: Index) -> tuple[str, list[dict[str, Any]]]:
    made = re.match(r"(?:D:)?(\d{4})(\d\d)(\d\d)", file.properties.get("creationDate", ""))
    said = (
        f"The properties of {file.source} say that it was made on {'-'.join(made.groups())}."
        if made
        else f"The properties of {file.source} have no date."
    )
    years = [line for line in file.lines if _YEAR.search(line.text)]
    days = [line for line in file.lines if days_in(line.text)]
    dated = ([line for line in days if _is_day(line.text)] or days or years)[:5]  # else maybe of a birthday
    signed = [
        block
        for block in blocks_of(index)
        if block.source == file.source and block.page > file.page and not block.begins and _is_day(block.text)
    ][-1:]
    where = " and ".join(["on its first page"] * bool(dated) + ["in a line of its own"] * bool(signed))
    return said + (f" {where[0].upper()}{where[1:]} stands:" if where else ""), [
        *quoted_lines(file, dated, index),
        *(quoted_block(block, index) for block in signed),
    ]


def _pages(file: File, index: Index) -> tuple[str, list[dict[str, Any]]]:
    part = index.chunks[index.chunks["source"] == file.source]
    labels = [box["label"] for boxes in part["boxes"] for box in boxes]
    printed = (
        f"; the last with text is printed {labels[-1]}" if labels and labels[-1] != str(file.n_pages) else ""
    )
    n_words = int(part["text"].str.split().str.len().sum())
    return (
        f"{file.source} has about {n_words:,} words on {file.n_pages:,} page{'s' * (file.n_pages != 1)}{printed}.",
        [],
    )


def _outline(file: File, index: Index, question: str) -> tuple[str, list[dict[str, Any]]]:
    blocks = [block for block in blocks_of(index) if block.source == file.source]
    title = " ".join(line.text for line in largest(file.lines))
    heads = [
        block
        for block in outline_of(blocks)
        if (block.begins != title or days_in(title))
        and not SIGNED.match(block.begins)
        and not CONTENTS.fullmatch(block.begins)
    ]
    if not heads:
        return f"No headings were found in {file.source}.", []
    headed = bool(heads[-1].begins)
    depth = depth_of(heads)
    levels = [block.heading.count(BELOW) if headed else depth for block in heads]
    numbered, name, asked = numbered_in(heads, question) if headed else ([], "", False)
    n_top = len(numbered) or sum(level == depth for level in levels)
    deepest = max(
        (d for d in range(depth, 9) if sum(level <= d for level in levels) <= MOST_HEADINGS), default=depth
    )
    shown = (
        numbered if asked else [each for each, level in zip(heads, levels, strict=True) if level <= deepest]
    )
    named = Counter(word for block in heads if (word := named_as(block)) and word != name)
    kinds = "".join(f", {n} of them named “{word}”" for word, n in named.items() if n > 1)
    what = f"{'numbered ' * bool(numbered and not name)}main section{'s' * (n_top != 1)}" + (
        f" (“{name} …”)" * bool(name)
    )
    what = f"{what}, by its headings: {len(heads)} in all{kinds}" if headed else "numbered clauses"
    return f"{file.source} has {n_top} {what}.", _headings(shown, index)


def _meetings(file: File, index: Index) -> tuple[str, list[dict[str, Any]]]:
    heads = dated_in(outline_of([block for block in blocks_of(index) if block.source == file.source]))
    said = (
        f"{len(heads)} heading{'s' * (len(heads) != 1)} in {file.source} name{'s' * (len(heads) == 1)} a day."
    )
    return said, _headings(heads, index)


def _headings(heads: Sequence[Block], index: Index) -> list[dict[str, Any]]:
    return [
        {**quoted_block(block, index), "text": block.begins or block.text[:80]}
        for block in heads[:MOST_HEADINGS]
    ]


def largest(lines: Sequence[Line]) -> list[Line]:
    """The lines in the largest letters that stand together: a title."""
    words = [line for line in lines if len(re.findall(r"[^\W\d_]", line.text)) > 3 and not line.sideways]
    largest = max((line.size for line in words), default=0.0)
    first = next((i for i, line in enumerate(words) if line.size == largest), 0)
    end = next(
        (i for i, line in enumerate(words[first:], start=first) if line.size < 0.95 * largest), len(words)
    )
    return words[first:end][:4]


def quoted_lines(file: File, lines: Sequence[Line], index: Index) -> list[dict[str, Any]]:
    """Lines of the first page as one quotation, at the place of the chunk that it is in."""
    chunks = index.chunks[(index.chunks["source"] == file.source) & (index.chunks["page"] <= file.page)]
    if not lines or chunks.empty:
        return []
    boxes = [box for box in chunks.iloc[0]["boxes"] if box["page"] == file.page]
    label = boxes[0]["label"] if boxes else chunks.iloc[0]["label"]
    where = {"source": file.source, "page": file.page, "label": label, "chunk": chunks.iloc[0]["chunk"]}
    return [{**where, "boxes": boxes[:1], "text": " · ".join(line.text for line in lines)}]


def _captions(file: File, index: Index, question: str) -> tuple[str, list[dict[str, Any]]]:
    what = "table" if re.search(r"\b(?:tab|table)", folded(question), re.IGNORECASE) else "figure"
    found = captions_of(what, [block for block in blocks_of(index) if block.source == file.source])
    said = f"{len(found)} {what}{'s' * (len(found) != 1)} with a number and a caption in {file.source}:"
    return said if found else "", [quoted_block(block, index) for block in found.values()][:MOST_HEADINGS]


_TELL: dict[str, Callable[[File, Index], tuple[str, list[dict[str, Any]]]]] = {
    "title": _title, "date": _date, "pages": _pages, "meetings": _meetings,
    "opening": _opening, "language": _language,
}  # fmt: skip


def told_of(kind: str, file: File, index: Index, question: str) -> tuple[str, list[dict[str, Any]]]:
    """What tells, for a kind of question, of a file: a line, and quotations."""
    if kind in FIELDS:
        said, found = told_in_fields(kind, [b for b in blocks_of(index) if b.source == file.source])
        return said, [quoted_block(block, index) for block in found]
    asked = {"outline": _outline, "author": _author, "captions": _captions}
    return asked[kind](file, index, question) if kind in asked else _TELL[kind](file, index)

"""From lines to paragraphs, and from paragraphs to the text of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ragkit.reading.lines import (
    BULLETS,
    CJK,
    TERMINAL,
    Line,
    has_room,
    jumps,
    text_pitch,
    usual_pitch,
    usual_size,
)
from ragkit.reading.shortlines import find_items

_BULLET = re.compile(rf"[{''.join(BULLETS)}]\s")
_NUMBERED = re.compile(r"(\(?(\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]|\[\d{1,3}\])\s")
_CLAUSE = re.compile(r"\d{1,2}(?:\.\d{1,2})+\.?\s")
_COUNTED = re.compile(r"([(\[]?|(?:\d{1,2}\.){1,3})(\d{1,3}|[a-zA-Z])((?<=\.\d)|(?<=\.\d\d)|[.)\]])\s")
_CAPTION = re.compile(r"(Figure|Fig\.|Table|Box|Plate|Chart|Algorithm|Listing)\s?[\dA-Z]")
_ENTRY = re.compile(r"… \w+$")  # the end of a line of a table of contents
_CJK = re.compile(f"[{CJK}]")


class Piece(NamedTuple):
    """A line in its paragraph: what stands before it, and whether it begins somewhere else on the page."""

    glue: str
    line: Line
    new_block: bool


Paragraph = list[Piece]


def split_paragraphs(rows: Sequence[Line], known: float = 0.0) -> list[Paragraph]:
    """Group the lines of a page into paragraphs; a table or a list is one.

    `known`: the distance between the lines of a paragraph where it need not be found out, as a multiple of their size.
    """
    paragraphs: list[Paragraph] = []
    begin = first = 0  # of the part with which the next line is compared, and of its paragraph
    usual = known or usual_pitch(rows)
    pitch, items = text_pitch(rows, usual), find_items(rows, usual)
    for i, line in enumerate(rows):
        after = rows[i + 1] if i + 1 < len(rows) else None
        glue = separator(rows[begin:i], line, after, pitch, rows[first:i]) if i else "\n\n"
        if i in items and not rows[i - 1].runs_on:
            glue = _between_items(glue, rows[i - 1], after is None or jumps(line, after) or i + 1 in items)
        new_block = "\n" in glue or jumps(rows[i - 1], line)
        begin = i if "\n" in glue else begin
        first = i if glue == "\n\n" else first
        if glue == "\n\n":
            paragraphs.append([Piece("", line, True)])
        else:
            paragraphs[-1].append(Piece(glue, line, new_block))
    return paragraphs


def join_paragraphs(paragraphs: Sequence[Paragraph]) -> tuple[str, list[list[float]], list[str]]:
    """Make the text of a page, and remember where each part of it stands.

    Returns
    -------
    tuple of str, list and list
        The text: a space between lines of a paragraph, one line break between rows of a table and items of a
        list, an empty line between paragraphs. The blocks: [start, end, x0, y0, x1, y1], characters and
        points. And the heads of the table whose row each block is; "" for other blocks.
    """
    text, blocks, heads = "", [], []
    for number, paragraph in enumerate(paragraphs):
        for glue, line, new_block in paragraph:
            text += "\n\n" if number and line is paragraph[0].line else glue
            start, text = len(text), text + line.text
            if new_block:
                blocks.append([start, len(text), line.x0, line.y0, line.x1, line.y1])
                heads.append(line.heads)
            else:
                _, _, x0, y0, x1, y1 = blocks[-1]
                box = [min(x0, line.x0), min(y0, line.y0), max(x1, line.x1), max(y1, line.y1)]
                blocks[-1][1:] = [len(text), *box]
    return text, blocks, heads


def bridge_interruptions(pages: Sequence[Sequence[Paragraph]]) -> list[list[Paragraph]]:
    """Bring the two halves of a paragraph together that footnotes, figures or tables part.

    On the page where the paragraph begins, what parts it goes before it; on the next page, after it.
    """
    bridged = [list(paragraphs) for paragraphs in pages]
    size = usual_size([piece.line for piece in paragraph] for page in pages for paragraph in page)
    for page, paragraphs in enumerate(bridged):
        if page and bridged[page - 1]:
            _bridge_page_break(bridged[page - 1], paragraphs, size)
        i = 0
        while i < len(paragraphs):
            rest = paragraphs[i + 1 :]
            j = _next_half(rest, size) if _is_unfinished(paragraphs[i], size) else 0
            if j:
                first = paragraphs[i]
                glue = Piece(" ", rest[j][0].line, True)
                paragraphs[i : i + j + 2] = [*rest[:j], [*first, glue, *rest[j][1:]]]
            i += j + 1
    return bridged


def _bridge_page_break(before: list[Paragraph], after: list[Paragraph], size: float) -> None:
    """Move an unfinished paragraph to the end of its page, its other half to the beginning of the next."""
    last = len(before) - 1
    while last > 0 and _is_note(before[last], size):
        last -= 1
    if after and _is_unfinished(before[last], size):
        j = 0 if _goes_on(after[0], size) else _next_half(after, size)
        if _goes_on(after[j], size):
            first = last
            while first > 0 and _is_heading(before[first - 1]):
                first -= 1
            notes, whole = before[last + 1 :], before[first : last + 1]
            lead: list[Paragraph] = []
            if notes and first == last == 0:  # it fills its page
                lead, whole = _split_at_sentence(before[0])
            before[first:] = [*lead, *notes, *whole]
            after.insert(0, after.pop(j))


def _split_at_sentence(paragraph: Paragraph) -> tuple[list[Paragraph], list[Paragraph]]:
    """Part a paragraph after the last of its lines that end a sentence, for notes to stand between."""
    ends = [i for i, piece in enumerate(paragraph[:-1], start=1) if TERMINAL.search(piece.line.text)]
    return ([paragraph[: ends[-1]]], [paragraph[ends[-1] :]]) if ends else ([], [paragraph])


def _next_half(paragraphs: Sequence[Paragraph], size: float) -> int:
    """Index of the paragraph that goes on with one that notes, figures or tables interrupt; 0 for none."""
    for j, paragraph in enumerate(paragraphs[:12]):
        if j and _goes_on(paragraph, size):
            between = paragraphs[:j]
            floating = any(_CAPTION.match(p[0].line.text) for p in between)
            return j if floating or all(_is_note(p, size) for p in between) else 0
    return 0


def _is_unfinished(paragraph: Paragraph, size: float) -> bool:
    line = paragraph[-1].line
    return len(line.text) > 30 and not line.bold and _is_body(line, size) and not TERMINAL.search(line.text)


def _goes_on(paragraph: Paragraph, size: float) -> bool:
    line = paragraph[0].line
    return line.text[0].islower() and _is_body(line, size)


def _is_body(line: Line, size: float) -> bool:
    return line.cells == 1 and abs(line.size - size) < 0.05 * size


def _is_heading(paragraph: Paragraph) -> bool:
    line = paragraph[0].line
    return len(paragraph) == 1 and line.bold and not TERMINAL.search(line.text)


def _is_note(paragraph: Paragraph, size: float) -> bool:
    return all(piece.line.size < 0.95 * size or piece.line.sideways for piece in paragraph)


def _between_items(glue: str, above: Line, short: bool) -> str:
    """What stands before a line in a block of short lines; `short`: it is one itself, and heads no paragraph."""
    return glue if glue == "\n\n" and (not short or above.text.endswith((".", "!", "?"))) else "\n"


def separator(
    paragraph: Sequence[Line], line: Line, after: Line | None, pitch: float, items: Sequence[Line]
) -> str:
    """What stands between a paragraph so far and the next line: a space, a line break, an empty line.

    `items`: the paragraph's lines, and those of the items before it, which show how wide a list is.
    """
    above = paragraph[-1]
    if above.sideways != line.sideways:
        return "\n\n"
    if above.table or line.table:
        return "\n" if above.table == line.table else "\n\n"
    apart = jumps(above, line) or line.base - above.base > 1.35 * pitch * max(line.size, above.size)
    row = max(line.cells, above.cells) >= 3 or line.cells == above.cells == 2 or _ENTRY.search(above.text)
    resized = abs(line.size - above.size) > 0.08 * above.size
    continues = not TERMINAL.search(above.text) and (line.text[0].islower() or _turns_column(paragraph, line))
    restyled = resized or line.bold != above.bold
    heading = apart and above.bold and not line.bold and len(paragraph) == 1 and len(above.text) < 40
    if above.runs_on or (continues and not row and not resized and not heading):
        return space_between(above.text, line.text)
    if (apart and not _is_next_bullet(paragraph[0], above, line, pitch)) or (restyled and not row):
        return "\n\n"
    if row or _BULLET.match(line.text):
        return "\n"
    edge = max(row.x1 for row in [*items[-4:], line, *([after] if after else [])])
    on_purpose = has_room(above, line, edge) or _is_indented(paragraph, line, after)  # the line above ended
    counted = _COUNTED.match(line.text) and (  # few lines are
        _counts_on(paragraph[0], line) or (after and _counts_on(line, after))
    )
    field = line.labelled and not TERMINAL.search(above.text)  # "Born: 1 May 1990" below "Name: Ada Brown"
    entry = line.labelled and (above.labelled or not field)
    if on_purpose or counted or entry:
        return "\n" if _NUMBERED.match(line.text) or field else "\n\n"
    return space_between(above.text, line.text)


def _is_next_bullet(first: Line, above: Line, line: Line, pitch: float) -> bool:
    """Whether a line is the next item of a list with bullets, which may stand further apart than lines."""
    near = not jumps(above, line) and line.base - above.base <= 2.7 * pitch * max(line.size, above.size)
    return near and bool(_BULLET.match(first.text) and _BULLET.match(line.text))


def _counts_on(first: Line, line: Line) -> bool:
    """Whether a line is the item after one at the same edge: "4." after "3.", "(b)" after "(a)", "1.2" after "1.1"."""
    one, other = _COUNTED.match(first.text), _COUNTED.match(line.text)
    if not one or not other or one[1] != other[1] or one[3] != other[3]:
        return False
    kinds = [int if item[2].isdigit() else ord for item in (one, other)]
    level = abs(first.x0 - line.x0) < 0.5 * line.size
    return level and kinds[0] is kinds[1] and kinds[1](other[2]) == kinds[0](one[2]) + 1


def _turns_column(paragraph: Sequence[Line], below: Line) -> bool:
    """Whether a paragraph goes from the foot of one column, in a full line, to the head of the next."""
    above = paragraph[-1]
    if below.base >= above.base or below.x0 <= above.x0:
        return False  # most lines
    text = all(len(line.text) > 25 and line.cells == 1 and not line.bold for line in (above, below))
    begins = _CAPTION.match(below.text) or _NUMBERED.match(below.text) or _BULLET.match(below.text)
    return text and not begins and not has_room(above, below, max(line.x1 for line in paragraph[-4:]))


def space_between(above: str, below: str) -> str:
    """What joins two lines of a sentence: a space; nothing between Chinese or Japanese letters.

    >>> space_between("研究", "维生素"), space_between("研究", "DNA")
    ('', ' ')
    """
    return "" if _CJK.match(above[-1]) and _CJK.match(below) else " "


def _is_indented(paragraph: Sequence[Line], line: Line, after: Line | None) -> bool:
    """Whether `line` begins a paragraph by its indentation, or by the end of a hanging one."""
    above = paragraph[-1]
    if not TERMINAL.search(above.text):
        return False
    step = 0.8 * line.size
    first = paragraph[0]
    clause = first.cells > 1 and _CLAUSE.match(first.text)  # a number with a gap behind it
    item = clause or _NUMBERED.match(first.text) or _BULLET.match(first.text)
    first_line = not item and line.x0 - above.x0 > step and (after is None or line.x0 - after.x0 > step)
    hanging = above.x0 - line.x0 > step and first.x0 < above.x0 - step
    return first_line or hanging

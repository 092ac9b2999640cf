"""The headings of a document as a list: how deep they stand, which of them are numbered, and which name a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from ragkit.reading.headings import BELOW
from ragkit.sections import LOOKED_AT, Block, is_below, number_of
from ragkit.words.languages import folded
from ragkit.words.naming import days_in
from ragkit.words.sentences import CELL

_APART = ("anlag", "anhan", "annex", "appen", "sched", "anex", "alleg")
"""How words begin for what stands apart from a text: it is not counted by the numbers of the text's sections."""

_CALLED = {"§": ("paragra", "§"), "Top": ("top", "tagesordn")}
"""How words begin for sections that are called otherwise in print."""

_NOTE, _MARKS = re.compile(r"[¹²³⁴-⁹⁰]+"), re.compile(r"(?<=\S)[¹²³⁴-⁹⁰]+")
"""The mark of a footnote: where the note begins, and in the text."""

LEAST_NUMBERS = 3
"""Numbered headings from which they are counted alone, without a preface, a list of contents or an index."""


def outline_of(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with which a new heading begins, in reading order; of a text with few, those numbered 1, 2, 3 …

    Titles that are numbered and not set as headings are headings, too, where the numbers that are would be fewer.
    """
    heads = [
        next(group)
        for (_, heading), group in groupby(blocks, key=lambda block: (block.source, block.heading))
        if heading
    ]
    numbered: list[Block] = []
    for block in blocks:
        number = number_of(block._replace(heading=""))
        if number and number["number"] == str(len(numbered) + 1):
            numbered.append(block)
    if len(heads) < 3 <= len(numbered):
        return numbered
    titles = _bare_titles(blocks)
    if len(titles) > sum(named_as(block) == "" and number_of(block) is not None for block in heads):
        return sorted([*heads, *titles], key=lambda block: (block.row, block.box))
    return heads


def _bare_titles(blocks: Sequence[Block]) -> list[Block]:
    """Lines numbered 1, 2, 3 … above text that is not numbered so, below no heading with a number, as headings."""
    titles: list[Block] = []
    for block, below in pairwise(blocks):
        number, next_number = (number_of(each._replace(heading="")) for each in (block, below))
        bare = len(block.text) <= LOOKED_AT and CELL not in block.text and block.text[-1] not in ".;:!?,"
        if not (number and bare and number["number"] == str(len(titles) + 1)) or number_of_head(block):
            continue
        if not (next_number and next_number["number"] == str(len(titles) + 2)):
            titles.append(block._replace(heading=block.text.strip()))
    return titles if len(titles) >= LEAST_NUMBERS else []


def number_of_head(block: Block) -> bool:
    """Whether a block stands below a heading with a number, or is one."""
    last = block.heading.rpartition(BELOW)[2]
    return bool(last and number_of(block._replace(text=last)))


def depth_of(blocks: Sequence[Block]) -> int:
    """How many headings all sections are under: 1 for a paper's, which stand below its title."""
    for depth in range(4):
        if len({tuple(block.heading.split(BELOW)[: depth + 1]) for block in blocks}) >= 3:
            return depth
    return 0


def named_as(block: Block) -> str:
    """What a heading with a number calls its section: "Chapter" or "§"; "" for most."""
    number = number_of(block) if block.begins else None
    return (number["noun"] or number["sign"] or "").capitalize() if number else ""


def numbered_in(heads: Sequence[Block], question: str) -> tuple[list[Block], str, bool]:
    """The headings with a number that a question asks for, each number once, what they are called, and if by its words.

    Those that are called as the question calls them; else the main ones, unless annexes are asked for.
    """
    asked = re.findall(r"\w+|§", folded(question).lower())
    kinds: dict[str, dict[tuple[str, str], Block]] = {}
    for block in heads:
        number = number_of(block) if block.begins else None
        if number and (number["noun"] or number["sign"] or number["number"].isdigit()):
            place = (block.heading.rpartition(BELOW)[0], number["number"].lower())
            kinds.setdefault(named_as(block), {}).setdefault(place, block)
    for name, blocks in kinds.items():
        begins = _CALLED.get(name, (folded(name).lower()[:5],))
        if name and any(word.startswith(begins) for word in asked):
            return list(blocks.values()), name, True
    depth, main = depth_of(heads), dict[str, list[Block]]()
    for name, blocks in kinds.items():
        at_depth = [block for block in blocks.values() if block.heading.count(BELOW) == depth]
        once = len({number for _, number in blocks}) == len(blocks)
        main[name] = (
            list(blocks.values()) if name and once else at_depth
        )  # Part H may look smaller than Part G
    name = max(main, key=lambda each: len(main[each]), default="")
    apart = any(word.startswith(_APART) for word in asked)
    return (
        (main[name], name, False)
        if main and len(main[name]) >= LEAST_NUMBERS and not apart
        else ([], "", False)
    )


def dated_in(heads: Sequence[Block]) -> list[Block]:
    """The headings that name a day, as a meeting's; none that stand below such a one."""
    return [
        block for block in heads if days_in(block.begins) and not days_in(block.heading.rpartition(BELOW)[0])
    ]


def parted(blocks: Iterable[Block]) -> list[list[Block]]:
    """Blocks by the sections that they are of: a new part with each that does not stand below the last one's first."""
    parts: list[list[Block]] = []
    for block in blocks:
        if parts and is_below(block, parts[-1][0]):
            parts[-1].append(block)
        else:
            parts.append([block])
    return parts


def tidied(section: Sequence[Block], blocks: Sequence[Block]) -> list[Block]:
    """A section without what pages put between its lines, and with its own notes, which stand below others.

    Left out are notes whose mark stands elsewhere, and the head of a table that is said again on the next page.
    """
    marked = {(block.page, mark) for block in blocks for mark in _MARKS.findall(block.text)}
    tops = {(b.row, b.box) for a, b in pairwise(blocks) if a.page != b.page}
    text, heads = list[Block](), set[str]()
    for block in section:
        again = CELL in block.text and block.text in heads and (block.row, block.box) in tops
        note = _NOTE.match(block.text)
        if not (again or (note and (block.page, note[0]) in marked)):
            text.append(block)
        heads.add(block.text)
    marks = {(block.page, mark) for block in text for mark in _MARKS.findall(block.text)}
    notes = [each for each in blocks if (note := _NOTE.match(each.text)) and (each.page, note[0]) in marks]
    same = [note for note in notes if text and note.source == text[0].source]
    return text + same if text else list(section)

"""Under which heading each block of a page stands: from the file's outline, else from how its lines look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ragkit.reading.lines import BULLETS, CAPTION, Line, usual_size
from ragkit.reading.paragraphs import Paragraph
from ragkit.words.languages import folded
from ragkit.words.naming import NOUNS

BELOW = " › "
"""Between a heading and the one below it."""

MOST_LETTERS, MOST_LINES = 120, 3
"""Of a heading.

The constants were chosen on six files with an outline. Of five others, looked at meanwhile, 776 of the 787 entries
stand on their pages;
0.76 of these are found by looks alone, and 0.77 of what is found is in the outline, which rarely has the abstract or
the references. What goes unseen is set like the text: italics, and run-in headings.
"""

LEAST_BELOW, MOST_IN_A_ROW, MOST_TIMES = 40, 3, 4
"""Letters of a block that stands below a heading and is none; headings that may follow each other without one; and how
often one may stand in a document: "NOTE" is none."""

LARGER = 1.08
"""Times the usual size from which a line is set larger."""

_NUMBER = re.compile(
    rf"(?:(?:{NOUNS})\s+)?(?:§+\s?)?(?P<number>(?:\d{{1,3}}|[A-Z])(?:\.\d{{1,3}}){{0,4}}|[IVXL]{{1,5}})(?:[.):]?\s|[.):]?$)",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]")

Block = list[Line]
Outline = Sequence[tuple[int, str, int]]
Style = tuple[float, int, int, int]
Place = tuple[int, int]  # page, and which of its blocks
Found = dict[Place, tuple[Style, str]]


def find_headings(pages: Sequence[Sequence[Paragraph]], outline: Outline = ()) -> list[list[str]]:
    """For each block of each page, the headings that it stands under, the largest first; "" before the first one.

    Parameters
    ----------
    pages : sequence of lists of paragraphs
        Of one document.
    outline : sequence of (level, title, page)
        The file's own; level from 1, page as a 0-based index. It counts if most of it is found on its pages.
    """
    blocks = [list(_blocks(paragraphs)) for paragraphs in pages]
    found = _by_outline(blocks, outline) or _by_style(blocks)
    stack: list[tuple[Style, str]] = []
    paths: list[list[str]] = []
    for page, of_page in enumerate(blocks):
        paths.append([])
        for place in range(len(of_page)):
            if heading := found.get((page, place)):
                label = _text(of_page[place - 1]) if place else ""
                # "Chapter 1" on its own
                if _NUMBER.fullmatch(folded(label)) and (page, place - 1) not in found:
                    heading = heading[0], f"{label} {heading[1]}"
                while stack and stack[-1][0] >= heading[0]:
                    stack.pop()
                stack.append(heading)
            paths[-1].append(BELOW.join(text for _, text in stack))
    return paths


def _blocks(paragraphs: Sequence[Paragraph]) -> Iterator[Block]:
    """The lines of each block, as `join_paragraphs` makes them."""
    block: Block = []
    for paragraph in paragraphs:
        for piece in paragraph:
            if piece.new_block and block:
                yield block
                block = []
            block.append(piece.line)
    if block:
        yield block


def _text(block: Block) -> str:
    return " ".join(line.text for line in block)


def _by_outline(blocks: list[list[Block]], outline: Outline) -> Found:
    found: Found = {}
    named = {page for _, _, page in outline if 0 <= page < len(blocks)}
    keys_of = {page: [_key(_text(block)) for block in blocks[page]] for page in named}
    for level, title, page in outline:
        if page in named and (words := _key(title)):
            keys = keys_of[page]
            places = [i for i, key in enumerate(keys) if key == words and (page, i) not in found]
            places += [i for i, key in enumerate(keys) if key.startswith(words) and (page, i) not in found]
            if places:
                text = _text(blocks[page][places[0]])
                style = (0.0, 0, 0, level)
                found[page, places[0]] = (style, text if len(text) < len(title) + 8 else title)
    return found if len(found) > 1 and len(found) >= len(outline) / 2 else {}


def _key(text: str) -> str:
    """What a title has in common with the same one in the outline: its words, without its number."""
    number = _NUMBER.match(folded(text[:40]))  # the rest of a paragraph tells nothing here
    rest = text[number.end() :] if number else text
    return re.sub(r"\W+", "", (rest or text).casefold())


def _by_style(blocks: list[list[Block]]) -> Found:
    lines = [line for page in blocks for block in page for line in block]
    size = usual_size([lines])
    bold = 2 * sum(len(line.text) for line in lines if line.bold) > sum(len(line.text) for line in lines)
    found: Found = {}
    run: list[Place] = []
    for page, of_page in enumerate(blocks):
        for place, block in enumerate(of_page):
            text = _text(block)
            if _may_be_heading(block, text) and _stands_out(style := _style(block, text, size), not bold):
                above = found.get((page, place - 1))
                if above and above[0] >= style and _NUMBER.fullmatch(folded(above[1])):
                    del found[run.pop()]
                found[page, place] = style, text
                run.append((page, place))
            elif len(text) >= LEAST_BELOW:
                _thin_out(run, found)
                run = []
    for last in run:  # nothing stands below them
        del found[last]
    times = Counter(_key(text) for _, text in found.values())
    return {place: heading for place, heading in found.items() if times[_key(heading[1])] <= MOST_TIMES}


def _thin_out(run: list[Place], found: Found) -> None:
    """Of many in a row, keep the last, and before it only larger ones: the others are authors, or a list."""
    if len(run) <= MOST_IN_A_ROW:
        return
    last = found[run[-1]][0]
    for place in run[-2::-1]:
        if found[place][0] < last:
            last = found[place][0]
        else:
            del found[place]


def _may_be_heading(block: Block, text: str) -> bool:
    return (
        len(block) <= MOST_LINES
        and len(text) <= MOST_LETTERS
        and not text.endswith((".", ";", ",", ":"))
        and not text.startswith(BULLETS)
        and not any(line.table or line.sideways or line.cells > 2 for line in block)
        and len(_LETTERS.findall(text)) >= max(3, len(text) / 2)
        and not CAPTION.match(text)
        and not re.search(r"@|https?:|www\.", text)
    )


def _stands_out(style: Style, bold_tells: bool) -> bool:
    return (
        style[0] <= -LARGER
        or (bold_tells and style[1] <= -1 and style[0] <= -0.95)
        or style[2] < 0
        or style[3] > 0
    )


def _style(block: Block, text: str, size: float) -> Style:
    number = _NUMBER.match(folded(text[:40]))  # the rest of a paragraph tells nothing here
    depth = number["number"].count(".") if number else 0
    words = re.findall(r"[^\W\d_]{3,}", text)
    capitals = bool(words) and text.upper() == text
    large = round(2 * max(line.size for line in block)) / 2 / size
    return (-round(large, 2), -all(line.bold for line in block), -capitals, depth)

"""From printed lines, and where they stand on the page, to text in reading order.

Nothing here knows about PDF files: a page is a list of `Line`. Each rule is a small function, in the order in
which `ragkit.pdf` applies them: `clean_characters`, `set_in_order`, `join_hyphens`, `split_paragraphs`,
`bridge_interruptions`, `join_paragraphs`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
# How a sentence ends; the digits are a footnote's
TERMINAL = re.compile(r"[.!?:;…。．！？：；؟۔।][\"')\]”’»」』）]*\d{0,3}$")
CJK = "\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff65"  # Chinese and Japanese, for a [...] in a pattern
_LEADER = re.compile(r"\s*(?:[.·]\s?){5,}\s*")  # the dots of a table of contents
# Arabic glyphs by their place in the word, and the radicals of Chinese letters: both stand for plain letters
_FORMS = re.compile("[\u2f00-\u2fd5\ufb50-\ufdff\ufe70-\ufefc]+")


class Line(NamedTuple):
    """One printed line: its text and where it stands, in points from the top left corner of the page."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float  # y of the letters' baseline
    size: float  # of the font
    bold: bool = False
    block: int = 0  # which of the page's text blocks it came in
    cells: int = 1  # pieces with a wide gap between them: three or more make a table row
    sideways: bool = False  # against most of the page's text
    runs_on: bool = False  # a word broken at its end was completed from the next line


# --- characters -------------------------------------------------------------------------------------------


def clean_characters(text: str) -> tuple[str, int]:
    """Replace ligatures, remove control characters, make every space one plain space; NFC.

    Returns
    -------
    tuple of str and int
        The text and the number of ligatures replaced. A soft hyphen stays only at the end, where
        `join_hyphens` needs it.

    >>> clean_characters("the ﬁrst\\u00a0eﬀect")
    ('the first effect', 2)
    """
    n_ligatures = sum(text.count(ligature) for ligature in LIGATURES)
    for ligature, letters in LIGATURES.items():
        text = text.replace(ligature, letters)
    # Cc control, Cs half of a surrogate pair; U+200B and U+FEFF are spaces without a width
    text = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    text = " ".join(re.sub("[\u200b\ufeff]", "", text).split())
    text = text[:-1].replace("\u00ad", "") + text[-1:]
    text = _LEADER.sub(" … ", text).strip()
    text = _FORMS.sub(lambda forms: unicodedata.normalize("NFKC", forms[0]), text)
    return unicodedata.normalize("NFC", text), n_ligatures


def nonsense_share(text: str) -> float:
    """Share of the characters that mean nothing: the replacement character and private-use glyphs.

    >>> nonsense_share("a\\ufffd b\\ue001")
    0.5
    """
    letters = [c for c in text if not c.isspace()]
    return sum(c == "\ufffd" or unicodedata.category(c) == "Co" for c in letters) / max(len(letters), 1)


# --- words without spaces ---------------------------------------------------------------------------------

UNSPACED = re.compile("[\u0590-\u08ff\u1100-\u11ff\uac00-\ud7ff\ufb1d-\ufdff\ufe70-\ufefc]")
"""Letters of Hebrew, Arabic and Korean: where a file has a gap for a space, MuPDF gives nothing between them."""

_DIRECTIONS = {"R": "rtl", "AL": "rtl", "L": "ltr", "EN": "ltr", "AN": "ltr", "NSM": "mark"}

Letter = tuple[str, float, float]  # a character, and where on the line it begins and ends, in points


def space_words(letters: Sequence[Letter], size: float) -> str:
    """Text of a line of `UNSPACED` letters: a space where there is a gap, the words from right to left.

    Parameters
    ----------
    letters : sequence of (character, x0, x1)
        In the order in which MuPDF gives them: right for each run of one direction, but the runs from left to
        right.
    size : float
        Of the font, in points.

    >>> space_words([("가", 0, 10), ("나", 10, 20), ("다", 23, 33)], 10)
    '가나 다'
    >>> space_words([("1", 0, 5), ("2", 5, 10), ("א", 20, 25), ("ב", 15, 20)], 10)
    'אב 12'
    """
    runs = _runs_of_one_direction(letters)
    directions = Counter(unicodedata.bidirectional(character) for character, *_ in letters)
    if directions["R"] + directions["AL"] > directions["L"]:
        runs.sort(key=lambda run: -run[0][1] - run[-1][2])
    ordered = [letter for run in runs for letter in run]
    text = ordered[0][0]
    for (before, x0, x1), (character, left, right) in pairwise(ordered):
        gap = max(left - x1, x0 - right) > 0.12 * size
        spaced = before.isspace() or character.isspace() or not UNSPACED.search(before + character)
        text += character if spaced or not gap else f" {character}"
    return text


def _runs_of_one_direction(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Part the letters of a line where their direction changes; "a.b", left to right, is one run."""
    runs: list[tuple[str, list[Letter]]] = []
    for letter in letters:
        direction = _DIRECTIONS.get(unicodedata.bidirectional(letter[0]), "none")
        if direction == "ltr" and [kind for kind, _ in runs[-2:]] == ["ltr", "none"]:
            runs[-2][1].extend([*runs.pop()[1], letter])
        elif runs and direction in ("mark", runs[-1][0]):
            runs[-1][1].append(letter)
        else:
            runs.append((direction, [letter]))
    return [run for _, run in runs]


# --- the pieces of one printed line -----------------------------------------------------------------------


def set_in_order(lines: Sequence[Line], width: float) -> list[Line]:
    """Rows of a page in reading order, from its lines in file order; text on its side comes first."""
    upright = [line for line in lines if not line.sideways]
    gutters = find_gutters(upright, width)
    rows = merge_rows(order_columns(upright, gutters), gutters)
    return [line for line in lines if line.sideways] + rows


def find_gutters(lines: Sequence[Line], width: float) -> list[float]:
    """Find the x of the gaps between two or three columns of text, in points; none on a page with one column.

    They are the uprights, near the halves or the thirds of the page, that the fewest lines cross. The cells of
    a table are no columns: they come row by row, and only in text do most lines fill the width.
    """
    best, gutters = 0, []
    for n, share in ((2, 0.5), (3, 0.85)):  # of the lines have to stand in the columns
        wide = [line for line in lines if line.x1 - line.x0 > 0.4 / n * width and len(line.text) > 15]
        places = [_least_crossed(wide, k * width / n, 0.3 * width / n) for k in range(1, n)]
        columns = _by_column(wide, places)
        held = sum(map(len, columns))
        if held > max(share * len(wide), best) and all(map(_is_text_column, columns)):
            best, gutters = held, places
    is_table = _is_row_by_row(lines, gutters) and not all(map(_is_text_column, _by_column(lines, gutters)))
    return [] if is_table else gutters


def _least_crossed(lines: Sequence[Line], middle: float, reach: float) -> float:
    """The upright that the fewest lines cross, the nearest to `middle` of several."""
    places = sorted(range(int(middle - reach), int(middle + reach) + 1, 3), key=lambda x: abs(x - middle))
    return min(places, key=lambda x: sum(line.x0 < x < line.x1 for line in lines))


def _column(line: Line, gutters: Sequence[float]) -> int:
    """Index of the column that a line stands in; their number for a line over more than one."""
    crossed = any(line.x0 < gutter < line.x1 for gutter in gutters)
    return len(gutters) + 1 if crossed else bisect_right(gutters, line.x0)


def _by_column(lines: Sequence[Line], gutters: Sequence[float]) -> list[list[Line]]:
    return [[line for line in lines if _column(line, gutters) == k] for k in range(len(gutters) + 1)]


def _is_row_by_row(lines: Sequence[Line], gutters: Sequence[float]) -> bool:
    sides = [_column(line, gutters) for line in lines]
    changes = sum(a != b and len(gutters) + 1 not in (a, b) for a, b in pairwise(sides))
    return changes > len(lines) / 3


def _is_text_column(lines: Sequence[Line]) -> bool:
    if len(lines) < 4:
        return False
    width = max(line.x1 for line in lines) - min(line.x0 for line in lines)
    return median(line.x1 - line.x0 for line in lines) > 0.75 * width


def order_columns(lines: Sequence[Line], gutters: Sequence[float]) -> list[Line]:
    """Put the lines of a page with columns into reading order where the file has them row by row.

    Lines over several columns part the page into bands; in each, the left column comes first.
    """
    if not _is_row_by_row(lines, gutters):
        return list(lines)
    over = len(gutters) + 1
    sides = [_column(line, gutters) for line in lines]
    bands = sorted(line.base for line, side in zip(lines, sides, strict=True) if side == over)
    keys = [(bisect_left(bands, line.base), side, line.base) for line, side in zip(lines, sides, strict=True)]
    return [lines[i] for i in sorted(range(len(lines)), key=keys.__getitem__)]


def merge_rows(lines: Sequence[Line], gutters: Sequence[float] = ()) -> list[Line]:
    """Merge lines that stand on one baseline: cells of a table row, pieces of a spread line.

    Lines of one text block are merged, and text blocks of a single row that follow each other; never across
    a gutter between columns.
    """
    levels: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        levels[line.block].add(round(line.base / max(line.size, 1)))
    rows: list[list[Line]] = []
    for line in lines:
        for row in reversed(rows[-40:]):
            beside = row is rows[-1] and len(levels[line.block]) == len(levels[row[0].block]) == 1
            near = beside or row[0].block == line.block
            if near and all(_on_one_row(piece, line, gutters) for piece in row):
                row.append(line)
                break
        else:
            rows.append([line])
    return [_merge(row) for row in rows]


def _on_one_row(one: Line, other: Line, gutters: Sequence[float]) -> bool:
    left, right = sorted((one, other), key=lambda line: line.x0)
    apart = left.x1 <= right.x0 + 1
    level = abs(one.base - other.base) <= 0.5 * max(one.size, other.size)
    return apart and level and not any(left.x1 <= gutter <= right.x0 for gutter in gutters)


def _merge(pieces: list[Line]) -> Line:
    """One line from the pieces of a row, left to right."""
    if len(pieces) == 1:
        return pieces[0]
    pieces = sorted(pieces, key=lambda line: line.x0)
    text, cells = pieces[0].text, 1
    for left, right in pairwise(pieces):
        gap = right.x0 - left.x1
        text += (" " if gap > 0.15 * right.size else "") + right.text
        cells += gap > 0.9 * right.size
    main = max(pieces, key=lambda line: len(line.text))
    lines = zip(*pieces, strict=True)
    _, x0, y0, x1, y1, *_ = [*lines]
    box = min(x0), min(y0), max(x1), max(y1)
    return Line(text, *box, main.base, main.size, main.bold, pieces[0].block, cells)


# --- hyphens ----------------------------------------------------------------------------------------------

_BROKEN = re.compile(r"(\w+)[-\u2010\u00ad]$")
_SUSPENDED = {"and", "or", "to"}  # what follows in "low- and high-fat": nothing is broken there
_COMPOUND = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


class Vocabulary(NamedTuple):
    """The words of a document, but for those broken at a line's end."""

    words: set[str]
    pairs: set[str]  # of words with a hyphen between them

    @classmethod
    def of(cls, texts: Iterable[str]) -> Vocabulary:
        """Collect the words of lines, in lower case."""
        vocabulary, broken = cls(set(), set()), False
        for text in texts:
            text, after_break = text.casefold(), broken
            broken = bool(_BROKEN.search(text))
            words = text.split()[after_break : -1 if broken else None]
            for compound in _COMPOUND.findall(" ".join(words)):
                parts = re.split("[-\u2010]", compound)
                vocabulary.words.update(parts)
                vocabulary.pairs.update(map("-".join, pairwise(parts)))
        return vocabulary


def join_hyphen(left: str, right: str, vocabulary: Vocabulary) -> str:
    """Put together a word that a line's end broke: `left` ends in a hyphen, `right` begins the next line.

    The hyphen goes when the document has the joined word elsewhere, or does not have the hyphenated one.
    Where it has neither, parts that are words of their own keep it ("plant-derived"), and so do links and
    longer compounds.

    >>> seen = Vocabulary.of(["a well-known effect of digestion"])
    >>> [join_hyphen(*word.split(), seen) for word in ("diges- tion", "nutri- tion", "well- known")]
    ['digestion', 'nutrition', 'well-known']
    """
    stem = left[:-1]
    if left.endswith("\u00ad"):
        return stem + right
    first, second = re.search(r"\w*$", stem)[0], re.match(r"\w*", right)[0]
    in_capitals = first.isupper() and second.isupper() and len(second) > 1
    if "/" in left + right or not (second[:1].islower() or in_capitals):
        return left + right
    if f"{first}{second}".casefold() in vocabulary.words:
        return stem + right
    compound = left.count("-") > 1 or "-" in right or f"{first}-{second}".casefold() in vocabulary.pairs
    two_words = len(first) > 2 and {first.casefold(), second.casefold()} <= vocabulary.words
    return left + right if compound or two_words else stem + right


def join_hyphens(pages: Sequence[Sequence[Line]]) -> tuple[list[list[Line]], int, int]:
    """Complete words broken at a line's end from the line that goes on with them, on the next page too.

    Returns
    -------
    tuple of list of list of Line, int, int
        The pages; how many hyphens were taken out; how many were kept.
    """
    flat = [(page, line) for page, rows in enumerate(pages) for line in rows]
    vocabulary = Vocabulary.of(line.text for _, line in flat)
    lines = [line for _, line in flat]
    joined = kept = 0
    for i, line in enumerate(lines):
        if not _BROKEN.search(line.text):
            continue
        j = _next_part(lines, i)
        if j is None:
            continue
        *before, left = line.text.split()
        right, *after = lines[j].text.split()
        word = join_hyphen(left, right, vocabulary)
        joined, kept = joined + (word != left + right), kept + (word == left + right)
        lines[i] = line._replace(text=" ".join([*before, word]), runs_on=bool(after) and j == i + 1)
        lines[j] = lines[j]._replace(text=" ".join(after))
    cleaned: list[list[Line]] = [[] for _ in pages]
    for (page, _), line in zip(flat, lines, strict=True):
        if line.text:
            cleaned[page].append(line)
    return cleaned, joined, kept


def _next_part(lines: Sequence[Line], i: int) -> int | None:
    """Index of the line that goes on with the word broken at the end of line `i`.

    Mostly the next one; footnotes, figures and captions may lie between.
    """
    for j in range(i + 1, min(i + 30, len(lines))):
        text, same_block = lines[j].text, lines[j].block == lines[j - 1].block
        if j == i + 1 and same_block and text[0].isalnum() and not text[0].islower():
            return j
        starts = j == i + 1 or not same_block
        if starts and text[:1].islower() and abs(lines[j].size - lines[i].size) < 0.05 * lines[i].size:
            return None if text.split()[0] in _SUSPENDED else j
    return None


# --- paragraphs -------------------------------------------------------------------------------------------

_BULLET = re.compile(r"[•◦▪‣●○■□–—*·-]\s")
_NUMBERED = re.compile(r"(\(?(\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]|\[\d{1,3}\])\s")
_CAPTION = re.compile(r"(Figure|Fig\.|Table|Box|Plate|Chart|Algorithm|Listing)\s?[\dA-Z]")
_ENTRY = re.compile(r"… \w+$")  # the end of a line of a table of contents
_CJK = re.compile(f"[{CJK}]")
_FIRST_WORD = re.compile(rf"[{CJK}]|\S[^\s{CJK}]*")


class Piece(NamedTuple):
    """A line in its paragraph: what stands before it, and whether it begins somewhere else on the page."""

    glue: str
    line: Line
    new_block: bool


Paragraph = list[Piece]


def split_paragraphs(rows: Sequence[Line]) -> list[Paragraph]:
    """Group the lines of a page into paragraphs; a table or a list is one."""
    paragraphs: list[Paragraph] = []
    begin = 0  # of the part with which the next line is compared
    pitch = usual_pitch(rows)
    for i, line in enumerate(rows):
        after = rows[i + 1] if i + 1 < len(rows) else None
        glue = separator(rows[begin:i], line, after, pitch) if i else "\n\n"
        new_block = "\n" in glue or _jumps(rows[i - 1], line)
        begin = i if "\n" in glue else begin
        if glue == "\n\n":
            paragraphs.append([Piece("", line, True)])
        else:
            paragraphs[-1].append(Piece(glue, line, new_block))
    return paragraphs


def join_paragraphs(paragraphs: Sequence[Paragraph]) -> tuple[str, list[list[float]]]:
    """Make the text of a page, and remember where each part of it stands.

    Returns
    -------
    tuple of str and list
        The text: a space between lines of a paragraph, one line break between rows of a table and items of a
        list, an empty line between paragraphs. The blocks: [start, end, x0, y0, x1, y1], characters and
        points.
    """
    text, blocks = "", []
    for number, paragraph in enumerate(paragraphs):
        for glue, line, new_block in paragraph:
            text += "\n\n" if number and line is paragraph[0].line else glue
            start, text = len(text), text + line.text
            if new_block:
                blocks.append([start, len(text), line.x0, line.y0, line.x1, line.y1])
            else:
                _, _, x0, y0, x1, y1 = blocks[-1]
                box = [min(x0, line.x0), min(y0, line.y0), max(x1, line.x1), max(y1, line.y1)]
                blocks[-1][1:] = [len(text), *box]
    return text, blocks


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
            before[first:] = before[last + 1 :] + before[first : last + 1]
            after.insert(0, after.pop(j))


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
    return all(piece.line.size < 0.95 * size for piece in paragraph)


def usual_size(pages: Iterable[Iterable[Line]]) -> float:
    """Font size of most of the text, in points."""
    letters: Counter[float] = Counter()
    for rows in pages:
        for line in rows:
            letters[round(line.size * 2) / 2] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def usual_pitch(rows: Sequence[Line]) -> float:
    """Usual distance between the baselines of neighbouring lines, as a multiple of the font size."""
    pitches = [(b.base - a.base) / b.size for a, b in pairwise(rows) if not _jumps(a, b) and b.size > 0]
    return min(max(median(pitches), 1.0), 2.6) if len(pitches) >= 4 else 1.3


def _jumps(above: Line, below: Line) -> bool:
    """Whether the text goes on somewhere else on the page: in the next column, beside a picture."""
    if above.sideways != below.sideways:
        return True
    return below.base < above.base + 0.3 * below.size or below.x0 > above.x1 or below.x1 < above.x0


def separator(paragraph: Sequence[Line], line: Line, after: Line | None, pitch: float) -> str:
    """What stands between a paragraph so far and the next line: a space, a line break, an empty line."""
    above = paragraph[-1]
    apart = _jumps(above, line) or line.base - above.base > 1.35 * pitch * max(line.size, above.size)
    row = max(line.cells, above.cells) >= 3 or line.cells == above.cells == 2 or _ENTRY.search(above.text)
    resized = abs(line.size - above.size) > 0.08 * above.size
    continues = not TERMINAL.search(above.text) and (line.text[0].islower() or _turns_column(above, line))
    restyled = resized or line.bold != above.bold
    heading = apart and above.bold and not line.bold and len(paragraph) == 1 and len(above.text) < 40
    if above.runs_on or (continues and not row and not resized and not heading):
        return space_between(above.text, line.text)
    if apart or (restyled and not row):
        return "\n\n"
    new = _has_room(paragraph, line, after) or _is_indented(paragraph, line, after)
    if row or _BULLET.match(line.text) or (new and _NUMBERED.match(line.text)):
        return "\n"
    return "\n\n" if new else space_between(above.text, line.text)


def _turns_column(above: Line, below: Line) -> bool:
    """Whether a paragraph goes from the foot of one column to the head of the next."""
    upwards = below.base < above.base and below.x0 > above.x0
    text = all(len(line.text) > 25 and line.cells == 1 and not line.bold for line in (above, below))
    begins = _CAPTION.match(below.text) or _NUMBERED.match(below.text) or _BULLET.match(below.text)
    return upwards and text and not begins


def space_between(above: str, below: str) -> str:
    """What joins two lines of a sentence: a space; nothing between Chinese or Japanese letters.

    >>> space_between("研究", "维生素"), space_between("研究", "DNA")
    ('', ' ')
    """
    return "" if _CJK.match(above[-1]) and _CJK.match(below) else " "


def _has_room(paragraph: Sequence[Line], line: Line, after: Line | None) -> bool:
    """Whether the first word of `line` would have fitted on the line above, which then ended on purpose."""
    above = paragraph[-1]
    edge = max(other.x1 for other in [*paragraph[-4:], line, *([after] if after else [])])
    letter = (line.x1 - line.x0) / len(line.text)
    n_letters = len(_FIRST_WORD.match(line.text)[0]) + 1
    if _CJK.match(line.text) and not TERMINAL.search(above.text):
        n_letters += 5  # a line of Chinese may be a few letters short before signs that none begins with
    return edge - above.x1 > n_letters * letter + 0.5 * line.size


def _is_indented(paragraph: Sequence[Line], line: Line, after: Line | None) -> bool:
    """Whether `line` begins a paragraph by its indentation, or by the end of a hanging one."""
    above = paragraph[-1]
    if not TERMINAL.search(above.text):
        return False
    step = 0.8 * line.size
    item = _NUMBERED.match(paragraph[0].text) or _BULLET.match(paragraph[0].text)
    first_line = not item and line.x0 - above.x0 > step and (after is None or line.x0 - after.x0 > step)
    hanging = above.x0 - line.x0 > step and len(paragraph) > 1 and paragraph[0].x0 < above.x0 - step
    return first_line or hanging

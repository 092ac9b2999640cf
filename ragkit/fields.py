"""What a document says of itself in fields, not in sentences: "Chair: Ada Brown", a row of those present, a signature.

A search finds no such field by what it means: "who chaired the meeting" is nearest to "The chair closed the meeting".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from ragkit.outline import dated_in, outline_of
from ragkit.sections import Block
from ragkit.words.keywords import words_of
from ragkit.words.languages import folded, stem
from ragkit.words.naming import days_in
from ragkit.words.sentences import CELL

MOST_NAMED, MOST_ROWS = 3, 25
"""Fields that name one person, from more of which on a search tells better; and rows of a list or a signature."""

SHORT = 100
"""Characters of the longest line of a signature."""

_LABELS = {
    "chair": r"chair(?:man|woman|person)?|chaired by|presid(?:ed by|ing officer|ent[ea]?(?: de (?:seance|sesion))?)"
    r"|sitzungsleit\w+|versammlungsleit\w+|vorsitz\w*",
    "minutes": r"minutes(?: taken)? by|minute[- ]taker|secretary|recorded by|protokoll(?:fuhr\w+|ant\w*)?"
    r"|schriftfuhr\w+|redigee? par|secretaire(?: de seance)?|secretari[oa]|segretari[oa]|verbalizzante",
    "present": r"present|attendance|in attendance|attendees|participants|anwesend\w*|teilnehm\w+|presents|presentes"
    r"|asistentes|presenti",
    "absent": r"absente?s?|absentees|apolog\w+|excused|abwesend\w*|entschuldigt\w*|fehlend\w*|excuse(?:e?s)|ausentes"
    r"|excusados|assenti",
    "author": r"authors?|written by|prepared by|compiled by|verfasser(?:in)?|erstellt von|autoren|auteure?s?"
    r"|redigee? par|autor(?:a|es)?|elaborado por|autor[ei]|redatto da",
    "editor": r"editors?|edited by|redaktion|herausgeber(?:in)?|redacteur|redactrice|redactora?|redattore|redattrice",
    "approver": r"approved by|freigegeben von|genehmigt von|approuvee? par|aprobado por|approvato da",
    "held": r"(?:date|day|held on|datum|tag|fecha|data)(?: (?:of|der|de|della)(?: \w+)? (?:meeting|session|sitzung"
    r"|seance|reunion|sesion|riunione|seduta))?",
}  # fmt: skip
"""What fields are labelled with, as patterns for `folded` text."""

_OF = r"(?:of|at|in|on|without|with|by|der|des|bei|im|am|ohne|mit|de|du|del|della|sans|sin|senza)"
_LISTS = ("present", "absent")
_NAME = r"(?:[A-Z][\w’'.-]* )+[A-Z][\w’'-]+"
SIGNED = re.compile(
    r"(?:signed|signatures?|unterschrift(?:en)?|yours|sincerely|(?:best|kind) regards|hochachtungsvoll|cordialement"
    r"|(?:mit |mit besten |viele |beste )?(?:freundlichen )?gr(?:ü|ue?)(?:ß|ss)en?|veuillez agréer|atentamente"
    r"|(?:con i (?:più )?)?(?:cordiali|distinti) saluti)\b",
    re.IGNORECASE,
)
_BESIDE_NAMES = re.compile(
    r"\b(?:signature|unterschrift|firma)\)?\s*(?::|$)|\bla secr[eé]taire,?$", re.IGNORECASE
)
"""Beside or below names, where SIGNED stands before them."""
_DATED = re.compile(r"[^\W\d_][\w’' -]{1,30}, ?(?:den |le |el |il )?\d")
_OF_SIGNERS = re.compile(
    r"(?:name|position|title|date|place|witness|sign|for|by|ort|datum|funktion|zeug|nom|lieu|fait|cargo|fecha|lugar"
    r"|luogo|data)\b",
    re.IGNORECASE,
)
_DECIDED = re.compile(
    r"\W*(?:\d[\d./]*\W+)?(?:resolved|resolution|decided|decision|agreed|beschluss|beschlossen|decidee?|decision"
    r"|deliberation|acuerdo|se acuerda|delibera(?:to)?|decisione)\b",
    re.IGNORECASE,
)
_DECISIONS = re.compile(r"\b(?:decisions|resolutions|beschlusse|acuerdos|decisioni)\b", re.IGNORECASE)
_SAID = {
    "chair": "who chaired it", "minutes": "who took the minutes", "present": "who was there",
    "absent": "who was absent", "held": "when it was held", "decisions": "what was decided",
    "signing": "when it was signed",
}  # fmt: skip
CAPTIONS = {
    "table": r"(?:table|tabelle|tab\.|tableau|tabla|tabella)",
    "figure": r"(?:figure|fig\.|abbildung|abb\.|figura)",
}
"""What captions begin with, as patterns for `folded` text."""
FIELDS = tuple(_SAID)
"""Kinds of questions that fields answer; where none does, a search does."""


def told_in_fields(kind: str, blocks: Sequence[Block]) -> tuple[str, list[Block]]:
    """What the fields of a document say for one of the kinds in FIELDS: a line and their blocks; none if none does."""
    if kind != "signing" and len(dated_in(outline_of(blocks))) > 1:
        return "", []  # minutes of some meetings
    if kind == "decisions":
        found = _decisions(blocks)
    elif kind == "signing":
        signed = signature_of(blocks)
        found = signed if any(days_in(block.text) for block in signed) else []
    elif kind == "held":
        found = _held(blocks)
    else:
        found = fields_of(kind, blocks)
    return (f"{blocks[0].source} says {_SAID[kind]}:" if found else ""), found


def fields_of(kind: str, blocks: Sequence[Block]) -> list[Block]:
    """The blocks with a label of a kind; else the rows with it in a cell; else names that it stands behind."""
    label = _LABELS[kind]
    more = rf"(?: {_OF}\b[^:|.]{{0,30}})?" if kind != "held" else ""  # without apology, but no date of birth
    before = re.compile(rf"\W*(?:{label})s?{more} ?:\s*\S", re.IGNORECASE)
    by = re.compile(
        rf"\W*(?i:{label})(?:(?<=[bB]y)|(?<=von)|(?<=p[ao]r)|(?<=da)) [A-Z]"
    )  # "Prepared by Ada Brown"
    cell = re.compile(rf"(?:{label})(?: \([^)]*\))?", re.IGNORECASE)
    behind = re.compile(rf"{_NAME}(?:, (?:the )?| \()(?i:{label})(?=\W|$)")
    labelled = [
        block
        for block in blocks
        if any(map(before.match, _cells(block)))
        or (len(block.text) <= SHORT and by.match(folded(block.text)))
    ]
    rows = [n for n, block in enumerate(blocks) if any(map(cell.fullmatch, _cells(block)))]
    if kind in _LISTS:
        listed = [row for n in rows for row in _below(n, blocks)]
        return list(dict.fromkeys([*listed[:MOST_ROWS], *labelled])) if len(rows) < MOST_NAMED else []
    named = [blocks[n] for n in rows if CELL in blocks[n].text]
    found = labelled or named or [block for block in blocks if behind.search(folded(block.text))]
    return found if len(found) <= MOST_NAMED else []


def signature_of(blocks: Sequence[Block]) -> list[Block]:
    """The lines with which a document is signed; none if it is not."""
    short = [n for n, block in enumerate(blocks) if len(block.text) <= SHORT]
    signed = [n for n in short if SIGNED.match(blocks[n].text)][:1]
    signed = signed or [n for n in short if _BESIDE_NAMES.search(blocks[n].text)][-1:]
    if not signed:
        ends = [n for n in short if n >= len(blocks) / 2 and _DATED.match(blocks[n].text)]
        signed = [n for n in ends if days_in(blocks[n].text) and _names_below(n, blocks)][-1:]
    if not signed:
        return []
    first = signed[0] - (signed[0] > 0 and blocks[signed[0]].text[0] == "(")  # "(Place, date) (Signature)"
    lines = takewhile(lambda block: _of_signature(block, blocks[first]), blocks[first + 1 :])
    said = [block for block in lines if re.search(r"[^\W_]{2}", block.text)]  # more than a line to sign on
    return [blocks[first], *said][:MOST_ROWS]


def _of_signature(block: Block, first: Block) -> bool:
    label, colon, _ = block.text.partition(":")
    other = colon and not (_OF_SIGNERS.match(label) or SIGNED.match(label) or days_in(block.text))
    note = re.match(r"[¹²³⁴-⁹\d]", block.text)
    return block.heading == first.heading and len(block.text) <= SHORT and not other and not note


def _names_below(n: int, blocks: Sequence[Block]) -> bool:
    """Whether one of the next two lines begins with a name."""
    return any(re.match(_NAME, folded(block.text)) for block in blocks[n + 1 : n + 3])


def _held(blocks: Sequence[Block]) -> list[Block]:
    """Where the head of minutes names their day."""
    begins = {(head.row, head.box) for head in outline_of(blocks)}
    n = next(
        (n for n, block in enumerate(blocks) if (block.row, block.box) not in begins), 0
    )  # below the title
    head = [*blocks[:n], *takewhile(lambda block: (block.row, block.box) not in begins, blocks[n:])]
    dated = [block for block in head if days_in(block.text)]
    return [block for block in fields_of("held", head) if block in dated] or dated[:2]


def _decisions(blocks: Sequence[Block]) -> list[Block]:
    """The section with the decisions, else the paragraphs that begin with being one."""
    headed = next(
        (block for block in blocks if block.begins and _DECISIONS.search(folded(block.begins))), None
    )
    if headed:
        return [block for block in blocks if block.heading == headed.heading][:MOST_ROWS]
    return [block for block in blocks if _DECIDED.match(folded(block.text))][:MOST_ROWS]


def table_of(number: str, blocks: Sequence[Block]) -> list[Block]:
    """The caption of a table and its rows, over a page's end, too; none if no caption above rows has the number."""
    caption = re.compile(rf"\W*{CAPTIONS['table']} {re.escape(number)}(?![\w.]\w)", re.IGNORECASE)
    for n, block in enumerate(blocks):
        rows = list(_rows(blocks[n + 1 :])) if caption.match(folded(block.text)) else []
        if rows:
            return [block, *rows]
    return []


def captions_of(what: str, blocks: Sequence[Block]) -> dict[str, Block]:
    """The captions of a document's tables or figures, by their numbers: "Table 2. Prices", not "Table 2 shows"."""
    begins = re.compile(
        rf"(?i:{CAPTIONS[what]}) (?P<number>[A-Z]?\.?\d+(?:[.-]\d+)*|[IVX]+)"
        r"(?:[.:)]?$|[.:)]? *[–—-]* *(?=[A-Z\d])|[.:)] )"
    )
    found: dict[str, Block] = {}
    for block in blocks:
        if caption := begins.match(folded(block.text)):
            found.setdefault(caption["number"], block)
    return found


def table_listing(things: Sequence[str], blocks: Sequence[Block]) -> list[Block]:
    """The rows of the one table whose first column is headed by what is asked to be listed; none if some are."""
    if not things:
        return []
    tables = []
    for n, block in enumerate(blocks):
        first = {stem(word) for word in words_of(_cells(block)[0].lower())}
        above = blocks[n - 1] if n else None
        if CELL in block.text and not (above and CELL in above.text) and stem(things[-1]) in first:
            tables.append(list(_rows(blocks[n:])))
    return tables[0] if len(tables) == 1 and len(tables[0]) > MOST_NAMED else []


def _rows(blocks: Sequence[Block]) -> Iterator[Block]:
    """The rows with which some blocks begin, a lone line between two of them, and those below the head said again."""
    head = blocks[0].text if blocks else ""
    n = 0
    while n < len(blocks):
        again = next((m for m in range(n, min(n + 4, len(blocks))) if m and blocks[m].text == head), None)
        if CELL not in blocks[n].text and again:
            n = again
        if blocks[n].text == head and n:
            n += 1
            continue
        text = blocks[n].text
        lone = n and n + 1 < len(blocks) and CELL in blocks[n + 1].text
        lone = lone and len(text) < SHORT / 2 and text[-1] not in ".:"
        if CELL not in blocks[n].text and not (lone and blocks[n + 1].page == blocks[n].page):
            return
        yield blocks[n]
        n += 1


def _below(n: int, blocks: Sequence[Block]) -> Iterator[Block]:
    """The row or heading with a label and what stands below it: the rows of its table, or the lines up to the next."""
    yield blocks[n]
    row = CELL in blocks[n].text
    for block in blocks[n + 1 :]:
        if (
            row != (CELL in block.text)
            or block.heading != blocks[n].heading
            or (not row and not blocks[n].begins)
        ):
            return
        yield block


def _cells(block: Block) -> list[str]:
    return [cell.strip() for cell in folded(block.text).split(CELL)]

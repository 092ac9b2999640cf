"""Word files as HTML, with the numbers that Word writes before headings, clauses and items of lists.

Mammoth makes the HTML: tables, line breaks and headings are in it (MuPDF's own reading makes one column of a table,
and one line of an address). The numbers are in no text of the file; they are counted here, by the file's own rules.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import mammoth

STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"
BODY, NUMBERING, STYLE_SHEET = "word/document.xml", "word/numbering.xml", "word/styles.xml"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
MOST_BYTES = 500_000_000  # of a file unpacked: a bomb has more
LETTERS, ROMAN = ("lowerLetter", "upperLetter"), ("lowerRoman", "upperRoman")
_ROMAN = [(100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")]


class Level(NamedTuple):
    """How the paragraphs of a level are numbered: from where, in which signs, and as what: "%1.%2."."""

    start: int
    signs: str
    text: str


class Numbered(NamedTuple):
    """What a paragraph is numbered by: the list of the file, and the level."""

    list: str
    level: int


def word_as_html(file: Path) -> str:
    """A Word file as HTML.

    Raises
    ------
    Whatever zipfile, ElementTree and Mammoth raise: of a foreign file anything may be missing.
    """
    with zipfile.ZipFile(file) as archive:
        if sum(each.file_size for each in archive.infolist()) > MOST_BYTES:
            raise ValueError(f"{file.name} unpacks to more than {MOST_BYTES:,} bytes")
        parts = {name: archive.read(name) for name in archive.namelist()}
    if NUMBERING in parts:
        parts[BODY] = _with_numbers(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    html: str = mammoth.convert_to_html(made, style_map=STYLES).value
    return html


def word_properties(file: Path) -> dict[str, str]:
    """The title and the author in the properties of a Word file; none that has none."""
    with zipfile.ZipFile(file) as archive:
        if "docProps/core.xml" not in archive.namelist():
            return {}
        properties = ElementTree.fromstring(archive.read("docProps/core.xml"))
    names = {"title": "title", "author": "creator"}
    return {name: properties.findtext(DUBLIN_CORE + own) or "" for name, own in names.items()}


def _with_numbers(parts: dict[str, bytes]) -> bytes:
    """The body of a Word file, the numbers of its paragraphs written into their text."""
    body, lists = ElementTree.fromstring(parts[BODY]), ElementTree.fromstring(parts[NUMBERING])
    kinds = {_attribute(each, "abstractNumId"): _levels(each) for each in lists.findall(f"{WORD}abstractNum")}
    own = {_attribute(each, "numId"): each for each in lists.findall(f"{WORD}num")}
    anew = {name for name, each in own.items() if each.find(f".//{WORD}startOverride") is not None}
    by_style = _numbered_styles(parts.get(STYLE_SHEET))
    counts: dict[str, dict[int, int]] = {}
    for paragraph in body.iter(f"{WORD}p"):
        about = paragraph.find(f"{WORD}pPr")
        numbered = _numbered(about, by_style) if about is not None else None
        if about is None or not numbered or numbered.list not in own:
            continue
        kind = _value(own[numbered.list], "abstractNumId")
        levels = kinds.get(kind, {})
        if numbered.level not in levels:
            continue
        if numbered.list in anew:
            anew.discard(numbered.list)
            counts.pop(kind, None)
        count = _counted(counts.setdefault(kind, {}), numbered.level, levels)
        if text := _number(levels, count, numbered.level):
            _write(text, paragraph, about)
    return ElementTree.tostring(body, encoding="utf-8")


def _attribute(element: Element, name: str) -> str:
    return element.get(WORD + name) or ""


def _value(element: Element | None, child: str) -> str:
    """What a child of an element says, as almost all of them do; "" without one."""
    found = element.find(WORD + child) if element is not None else None
    return _attribute(found, "val") if found is not None else ""


def _numbered(about: Element, by_style: dict[str, Numbered]) -> Numbered | None:
    """What a paragraph is numbered by: itself, or its style."""
    style, own = by_style.get(_value(about, "pStyle")), about.find(f"{WORD}numPr")
    if own is None:
        return style
    level = _value(own, "ilvl") or (style.level if style else 0)
    return Numbered(_value(own, "numId") or (style.list if style else ""), int(level))


def _numbered_styles(styles: bytes | None) -> dict[str, Numbered]:
    """The styles whose paragraphs are numbered; one that is based on another is, as that one."""
    every = ElementTree.fromstring(styles).findall(f"{WORD}style") if styles else []
    named = {_attribute(style, "styleId"): style for style in every}
    found: dict[str, Numbered] = {}
    for name, style in named.items():
        chain = [style]
        while (below := named.get(_value(chain[-1], "basedOn"))) is not None and below not in chain:
            chain.append(below)
        numbers = [each.find(f"{WORD}pPr/{WORD}numPr") for each in chain]
        lists = [_value(each, "numId") for each in numbers]
        level = next((text for each in numbers if (text := _value(each, "ilvl"))), "0")
        if any(lists):
            found[name] = Numbered(next(filter(None, lists)), int(level))
    return found


def _levels(kind: Element) -> dict[int, Level]:
    """How each level of a list is numbered."""
    return {
        int(_attribute(each, "ilvl")): Level(
            int(_value(each, "start") or 1), _value(each, "numFmt"), _value(each, "lvlText")
        )
        for each in kind.findall(f"{WORD}lvl")
    }


def _counted(count: dict[int, int], level: int, levels: dict[int, Level]) -> dict[int, int]:
    """The numbers of all levels, with one more paragraph on this one: those below it begin anew."""
    for deeper in [each for each in count if each > level]:
        del count[deeper]
    for above in range(level):
        count.setdefault(above, levels[above].start if above in levels else 1)
    count[level] = count[level] + 1 if level in count else levels[level].start
    return count


def _number(levels: dict[int, Level], count: dict[int, int], level: int) -> str:
    """What stands before a paragraph: "4.2" or "(b)"; "" for a bullet, which Mammoth makes."""
    text = "" if levels[level].signs in ("bullet", "none") else levels[level].text
    for n, each in levels.items():
        text = text.replace(f"%{n + 1}", _in_signs(count.get(n, each.start), each.signs))
    return text


def _in_signs(n: int, signs: str) -> str:
    """A number as figures, letters or Roman figures.

    >>> _in_signs(4, "upperRoman"), _in_signs(28, "lowerLetter"), _in_signs(7, "decimal"), _in_signs(7, "decimalZero")
    ('IV', 'bb', '7', '07')
    """
    if signs in LETTERS and n > 0:
        text = "abcdefghijklmnopqrstuvwxyz"[(n - 1) % 26] * ((n - 1) // 26 + 1)
    elif signs in ROMAN and n > 0:
        text = ""
        for value, letters in _ROMAN:
            text += letters * (n // value)
            n %= value
    else:
        return f"{n:02}" if signs == "decimalZero" else str(n)
    return text.upper() if signs.startswith("upper") else text


def _write(number: str, paragraph: Element, about: Element) -> None:
    """Write a number at the beginning of a paragraph, which is then an item of no list."""
    own = about.find(f"{WORD}numPr")
    if own is None:
        own = ElementTree.SubElement(about, f"{WORD}numPr")
    own.clear()
    ElementTree.SubElement(own, f"{WORD}ilvl", {f"{WORD}val": "0"})
    ElementTree.SubElement(own, f"{WORD}numId", {f"{WORD}val": "0"})
    run = Element(f"{WORD}r")
    ElementTree.SubElement(run, f"{WORD}t").text = f"{number} "
    paragraph.insert(list(paragraph).index(about) + 1, run)

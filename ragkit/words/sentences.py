"""Sentences: where they begin and end in a text.

A full stop does not say what it is: the end of a sentence, of an abbreviation (*Fig. 3*), of an initial (*J. Lind*) or
of a list item's number. What stands before it and after it settles most of that, so this is a small set of rules:
no model, nothing to download. `_is_end` has them in order.

Where neither side tells, the text stays in one piece: two sentences as one can still be read, half of one cannot.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

SPLITTER = 6  # goes up when the same text gives other sentences than before
CELL = " | "  # between the cells of a table's row
_LONGEST_ROW = 500  # characters
_LOOK_BACK = 40  # characters before a full stop that say what it is
_LONGEST_BRACKET = 500  # characters; a bracket whose partner is farther away was probably never closed
_PAIRS = dict(zip(")]}）］」』】》", "([{（［「『【《", strict=True))
_BULLETS = "•⁃◦▪‣●"
_WIDE = "。．！？｡"  # Chinese and Japanese; no space follows
_CLOSING = r"[\"'”’»›)\]}）］」』】》]"
NOTE = (
    r"(?:\[[\d,;\ –-]{1,40}\])*"  # what is cited; or the number of a footnote
    r"(?:(?:(?<=[a-z]{2}[.!?])|(?<=[a-z][.!?][\"”’')]))\d{1,3}(?![\w.,])|[⁰¹²³⁴-⁹]{1,3}(?:[,–][⁰¹²³⁴-⁹]{1,3}){0,9})?"
)
"""The number of a note behind the last sign of a sentence, or what is cited there; "" for most."""

# A pattern that is tried everywhere consumes what it reads or reads a few characters only, so that the time grows with
# the length of the text, whatever is in it.
_BRACKET = re.compile(r"[()\[\]{}（）［］「」『』【】《》]")
_BULLET = re.compile(rf"[{_BULLETS}](?<!\S.)")
_ITEM = re.compile(r"(?<!\S)(?P<number>\d{1,3}|[a-z])(?P<mark>\.\)|\.|\))(?=\s)")
# Before a number that is no item's: "Chapter 4.", "in 4."
_REFERRED = re.compile(
    r"\b(?:[A-Z]\w*|(?i:figs?|nos?)\.|in|of|to|at|and|or|is|are|no|see|step|section|figure)\s+$"
)
_STOP = re.compile(  # begins with one sign, as re looks for one faster than for one or more
    rf"(?P<stop>[.!?…؟۔।॥።։{_WIDE}][.!?…؟۔।॥።։{_WIDE}]*(?:\ \.)*)"  # with all the dots of ". . ."
    rf"(?P<close>{_CLOSING}*)"
    rf"(?P<note>{NOTE})"
)
_WIDE_GOES_ON = re.compile(rf"．\d|.{_CLOSING}+[とっ]|.{_CLOSING}*[、，,;；:：]")
# How a sentence may begin. After a mark like "=" or ")" none does.
_NEXT = re.compile(r"\s+(?P<open>[\"'“‘„«‹(\[{¿¡–—-]*)\s*(?:(?P<word>\w[\w-]*)|[^\s\w,;:%)\]}=+*/<>&|^~.!?])")
# Alone, these are no sentence but the beginning of one: "3.1", "(a)", "• 2", "Figure 2".
_LABEL = re.compile(
    rf"[{_BULLETS}\s]*(?:[A-Z][a-z]+\.?\s+\d{{1,3}}(?:\.\d+)*|[(\[]?(?:[A-Z]?\d+(?:\.\d+)*|[A-Za-z]|[ivxIVX]{{1,4}})[)\]]?)\s*"
)
# The heading of a clause, in its line: "2. Rent. Tenant pays ...", "§ 4 Notice. ...", "RENT. ..."; four words at most.
_RUN_IN = re.compile(
    r"(?:(?:[A-Z][a-z]+\s|§+\s?)?\d+(?:\.\d+)*[.)]?\s+(?:(?:[A-Z][\w'’-]*|and|of|the|und|der|de|du|des)(?:\s+|$)){1,4}"
    r"|(?:[A-Z][A-Z'’-]+(?:\s+|$)){1,4})"
)
_WORD = re.compile(r"[^\s()\[\]{}\"“”'‘«/–—,;:]+$")
_INITIALS = re.compile(r"[A-Z]|(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")  # J, U.S, Ph.D
# A capital that is no initial of a name: "vitamin D", "A, E and K".
_LETTER = re.compile(
    r"\b(?:(?i:vitamins?|hepatitis|type|group|class|grade|matrix)|[A-Z](?:,|,? and|,? or)) [A-Z]$"
)
_NUMBER = re.compile(r"[A-Z]*-?\d|[A-Z]\b|[IVXLC]+[ab]?\b")
# German: "am 1. März", "im 2. Stock". Before a word that begins sentences, it ends one. Without "des", which is French.
_ORDINAL = re.compile(
    r"\b(?:(?<!I )am|vom|im|zu[mr]|beim|de[rmn]|d(?:ie|as)|jede[rmns]?)\s+\d{1,2}$", re.IGNORECASE
)
_BEGINS = re.compile(r"(?:D(?:er|ie|as|ies\w*)|E[sr]|Sie|Wir|Eine?|I[mn]|Bei|[^\W\d_a-z])\b")
_MONTH = re.compile(
    r"(?:J[aä]n(?:uar|ner)?|Feb(?:ruar)?|März|April|Mai|Ju[nl]i|Aug(?:ust)?|(?:Sept|Nov|Dez)(?:ember)?|Okt(?:ober)?)\b"
)
_SURNAME = re.compile(r"\w{1,3}(?:,|\s(?:and|et)\b)")  # K. He and J. Sun


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEVER_LAST = _words(
    "mr mrs ms dr prof messrs e.g i.e cf vs viz approx resp bzw vgl dipl ing geom rag avv dott dott.ssa sig sig.ra "
    "spett egr sra srta lic mme mlle"
)
_BEFORE_A_NUMBER = _words(
    "fig figs eq eqs eqn sec secs sect ref refs tab no nos nr n° nº vol vols p pp pg ch chap app art ex § ver v n c "
    "par para thm prop def lem cor alg abb kap s jan feb mar apr jun jul aug sep sept oct nov dec pág tel"
)
_PERHAPS_LAST = _words(
    "co inc ltd corp bros jr sr st mt al ed eds gov gen sen rep col capt lt dept univ proc natl acad sci am int conf "
    "arch trans assoc soc symp lett phys chem biol med comput math eng nutr clin rev adv ann"
)
_FIRST = _words(
    "the this these those that there they it he she we you his her its our their my your in on at by for from to with "
    "as if when while where why what who which how although because since after before during however thus therefore "
    "hence moreover furthermore finally also but and or so yet not no did do does is are was were can could should "
    "would will have has had one some many most all any each both such here then now let please see note another"
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Character ranges of the sentences of a text, white space around them left out.

    A line break ends a sentence too: in the text of a page it stands between paragraphs, table rows and list items.
    The row of a table is one sentence, whatever stops its cells have, as long as it is not too long to be quoted.
    """
    spans, begin = [], 0
    for line in text.split("\n"):
        row = CELL in line and len(line) <= _LONGEST_ROW
        for item, item_end in _pieces(line, () if row else _items(line)) if line else ():
            part = line[item:item_end]
            for start, end in _pieces(part, () if row else _ends(part)):
                sentence = part[start:end]
                if stripped := sentence.strip():
                    left = begin + item + start + len(sentence) - len(sentence.lstrip())
                    spans.append((left, left + len(stripped)))
        begin += len(line) + 1
    return spans


def split_sentences(text: str) -> list[str]:
    """Split a text into sentences."""
    return [text[start:end] for start, end in sentence_spans(text)]


def count_sentences(texts: Iterable[str]) -> list[int]:
    """How many sentences each text has."""
    return [len(sentence_spans(text)) for text in texts]


def _pieces(text: str, cuts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ranges between the cuts, which come in order."""
    return pairwise([0, *cuts, len(text)])


def _items(line: str) -> list[int]:
    """Where list items begin inside a line: at a bullet, and at *4.* where the line began with *3.*"""
    cuts = [bullet.start() for bullet in _BULLET.finditer(line)]
    if last := _ITEM.match(line):
        for item in _ITEM.finditer(line, last.end()):
            before = line[max(0, item.start() - _LOOK_BACK) : item.start()]
            if _follows(last, item) and not _REFERRED.search(before):
                cuts.append(item.start())
                last = item
    return sorted(cuts)


def _follows(last: re.Match[str], item: re.Match[str]) -> bool:
    """Whether an item has the number, or the letter, after that of the last one."""
    if last["mark"] != item["mark"] or last["number"].isdigit() != item["number"].isdigit():
        return False
    one, other = last["number"], item["number"]
    return int(other) == int(one) + 1 if one.isdigit() else ord(other) == ord(one) + 1


def _ends(line: str) -> Iterator[int]:
    """Where the sentences of a line end: at a full stop, "!" or "?" outside brackets, if `_is_end` says so."""
    stops = [*_STOP.finditer(line)]
    opened, closed = _brackets(line) if stops else ([], [])
    begin, lower = 0, line.islower()
    for stop in stops:
        pair = bisect(opened, stop.start()) - 1
        inside = pair >= 0 and stop.end() <= closed[pair]
        if not inside and _is_end(line, begin, stop, lower):
            begin = stop.end()
            yield begin


def _brackets(line: str) -> tuple[list[int], list[int]]:
    """Where brackets open and where they close; pairs inside other pairs are left out."""
    waiting: dict[str, list[int]] = defaultdict(list)
    pairs: list[tuple[int, int]] = []
    for bracket in _BRACKET.finditer(line):
        mark, end = bracket.group(), bracket.start()
        if mark not in _PAIRS:
            waiting[mark].append(end)
        elif waiting[_PAIRS[mark]]:
            start = waiting[_PAIRS[mark]].pop()
            if end - start <= _LONGEST_BRACKET:
                while pairs and pairs[-1][0] > start:
                    pairs.pop()
                pairs.append((start, end))
    return [start for start, _ in pairs], [end for _, end in pairs]


def _is_end(line: str, begin: int, stop: re.Match[str], lower: bool) -> bool:
    """Whether a stop ends the sentence that began at `begin`; `lower`: a line without capitals, which begin none."""
    if stop["stop"][-1] in _WIDE:
        return not _WIDE_GOES_ON.match(line, stop.end("stop") - 1)
    before = line[max(begin, stop.start() - _LOOK_BACK) : stop.start()]
    after = _NEXT.match(line, stop.end())
    if not after or before.endswith(("(", "[")) or _LABEL.fullmatch(before):
        return False  # 1.5, example.com, [...], 3.1. Methods
    if begin == 0 and stop["stop"] == "." and stop.start() <= _LOOK_BACK and _RUN_IN.fullmatch(before):
        return False
    word = after["word"] or ""
    if word[:2].islower() and not (lower and before[-2:].isalpha()):  # two: mRNA may be the first word
        return False
    dots = stop["stop"].replace("…", "...").count(".")
    if dots > 1:  # left out in the middle; or a line of a table of contents
        return not (word[:1].isdigit() or (dots == 3 and before[-1:].isspace()))
    return stop["stop"] != "." or not (_is_ordinal(before, word) or _is_abbreviation(before, stop, after))


def _is_ordinal(before: str, word: str) -> bool:
    """Whether a full stop after a number makes it the first, second or third of what follows, as in German."""
    if _MONTH.match(word):
        return bool(re.search(r"(?<!\d)\d{1,2}$", before))
    return word[:1].isupper() and bool(_ORDINAL.search(before)) and not _BEGINS.match(word)


def _is_abbreviation(before: str, stop: re.Match[str], after: re.Match[str]) -> bool:
    """Whether a full stop belongs to the word before it alone, and ends no sentence."""
    if not (found := _WORD.search(before)):
        return False
    name, word = found.group(), after["word"] or ""
    last = re.split("[-’]", name)[-1]  # Artikel-Nr., l’ing.
    key = (last if len(last) > 1 else name).lower()
    number = bool(stop["note"] or _NUMBER.match(word)) or after["open"].endswith(("(", "["))
    spaced = len(name) == len(word) == 1 and after.string.startswith(".", after.end())  # z. B.
    if key in _NEVER_LAST or spaced or (key in _BEFORE_A_NUMBER and number):
        return True
    if key in _PERHAPS_LAST or (_INITIALS.fullmatch(name) and not _LETTER.search(before)):
        first = word.lower() in _FIRST and not _SURNAME.match(after.string, after.start("word"))
        return number or not first or stop["close"].startswith((")", "]"))
    return False

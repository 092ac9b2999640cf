"""What a question asks for that no search for passages can find: the author, the chapters, clause 9.4, a summary.

By rule, and only if nothing else is asked: all of a question's words are those of asking, of the document as a whole,
or of the one thing that is asked for. "Who is the author?" is such a question, "Who is the author of Hamlet?" is none.
English and German.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Literal, NamedTuple, cast

from ragkit.words.facts import GERMAN
from ragkit.words.languages import FUNCTION_WORDS

Kind = Literal["place", "pages", "outline", "date", "author", "title", "overview", "all", ""]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DOCUMENT = _words(
    """
    document documents paper report book pdf file text article manual guide contract agreement lease brochure
    handbook booklet leaflet thesis study essay presentation slides minutes letter it this
    dokument papier bericht buch datei protokoll artikel handbuch anleitung vertrag broschüre
    aufsatz arbeit es dies dieses dieser diesem diesen hier
    """
)
_ASKING = FUNCTION_WORDS | GERMAN | _words(
    """
    please tell me us give show list name write make can could many much number say says said state states need
    want know whole entire full exact short brief briefly quick quickly words sentences few here was were s wer
    wie viele wann welche welcher welches bitte mir uns nenne nennen zeige gib kurz ganze ganzen hat worden
    anzahl whats one two three five ten
    """
)  # fmt: skip
_TABLE = """
    pages: pages seiten seitenzahl long lang / have has contain contains;
    outline: sections chapters clauses articles headings contents outline structure structured organised
        organized toc kapitel abschnitte klauseln gliederung inhaltsverzeichnis überschriften aufbau aufgebaut
        gegliedert / table parts titles names title have contain main there top-level headings;
    date: date dated published issued written created publication datum veröffentlicht erschienen erstellt
        year / when version released last revised updated geschrieben jahr;
    author: author authors wrote written writer writers autor autoren autorin verfasser verfasst geschrieben /
        names schrieb;
    title: title titled called name titel heißt heisst named /;
    overview: summarize summarise summary summarized overview about gist points ideas idea topic topics
        subject theme themes takeaways tldr tl recap message covers cover discusses discuss zusammen
        zusammenfassung zusammenfassen überblick worum handelt wovon punkte aussagen themen thema inhalt /
        main key central most important all deal deals with content fasse fass geht inhaltlich wichtigsten
        wichtigste wesentlichen sum up dr
"""
# Of each kind, words of which one must be there, and words that may be.
_KINDS = {
    kind.strip(): [_words(words) for words in lists.split("/")]
    for kind, _, lists in (row.partition(":") for row in _TABLE.split(";"))
}
_ASKED_OTHERWISE = defaultdict(
    lambda: re.compile("$^"),
    pages=re.compile(r"\b(?:long|lang)\b.*\b(?:lease|contract|agreement|vertrag|study)\b"),  # its term
    date=re.compile(r"^(?!.*\b(?:when|wann|dated?|datum|year|jahr)\b)"),
)
_ALL = re.compile(
    r"how (?:many times|often) (?:does|do|is|are|was|were)\b.*\b(?:appear|occur|mention|use|named|cite|repeat|come)"
    r"|(?:list|name|find|show|give me|count|enumerate)\s(?:me\s)?(?:every|each|all)\b"
    r"|wie oft (?:kommt|wird|steht|erscheint)\b|(?:liste|nenne|zeige|finde|zähle)\s(?:mir\s)?(?:alle|jede)"
)

NOUNS = (
    "section|clause|chapter|article|paragraph|appendix|annex|part|schedule|item|rule|abschnitt|kapitel|artikel|absatz|"
    "ziffer|klausel|punkt|anhang|teil|paragraf|anlage"
)
"""What a numbered section may be called, as a pattern."""
NUMBER = r"(?:\d{1,3}|[A-Z](?=\.\d))(?:\.\d{1,3}){0,4}[a-z]?"
_PLACE = re.compile(
    rf"\b(?P<noun>{NOUNS})\s+(?P<number>{NUMBER}|[ivxl]{{1,5}}|[a-z])\b(?!\.\d)|§+\s?(?P<sign>{NUMBER})"
    rf"|^(?P<alone>\d{{1,3}}(?:\.\d{{1,3}}){{1,4}})$",
    re.IGNORECASE,
)
_MONTHS = (
    "jan(?:uary?|vier)?", "feb(?:ruary?)?|fév(?:rier)?", "mar(?:ch|s)?|märz?", "apr(?:il)?|avr(?:il)?", "may|mai",
    "june?|juni|juin", "july?|juli|juil(?:let)?", "aug(?:ust)?|août", "sept?(?:emb(?:er|re))?",
    "o[ck]t(?:ob(?:er|re))?",
    "nov(?:emb(?:er|re))?", "de[cz](?:emb(?:er|re))?|déc(?:embre)?",
)  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})\b"
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH}\.?,?(?:\s+(?P<year>\d{{4}}))?",
        rf"\b{_MONTH}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}}))?",
        r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b",
        r"(?<![\d.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?:(?P<year>\d{4})|(?!\d))",  # section 5.3.1 is no day
    )
]


class Place(NamedTuple):
    """A section that is named by its number, and maybe by what it is called ("clause")."""

    number: str
    noun: str = ""


class Day(NamedTuple):
    """A day of a year, or of any: 0."""

    year: int
    month: int
    day: int


def kind_of(question: str) -> Kind:
    """What is asked for, or "" for what a search can find.

    >>> kind_of("What is it about?"), kind_of("Who wrote this paper?"), kind_of("What does clause 9.4 say?")
    ('overview', 'author', 'place')
    >>> kind_of("What is the pump about?"), kind_of("How often does the word pump appear?")
    ('', 'all')
    """
    asked = question.lower().strip()
    if _ALL.match(asked):
        return "all"
    rest, n_places = _PLACE.subn(" ", question.strip(" ?.!"))
    words = frozenset(re.findall(r"[^\W\d_]+", rest.lower())) - _DOCUMENT
    if n_places:
        must, may = _KINDS["overview"]
        own = _words(
            "regulate regulates provide provides require requires mean means quote read explain steht sagt regelt"
        )
        return "place" if words <= _ASKING | must | may | own else ""
    for kind, (must, may) in _KINDS.items():
        if words & must and words <= _ASKING | must | may and not _ASKED_OTHERWISE[kind].search(asked):
            return cast(Kind, kind)
    named = _DOCUMENT & frozenset(re.findall(r"[^\W\d_]+", asked)) - FUNCTION_WORDS - GERMAN
    return "overview" if named and words and words <= _ASKING else ""


def places_named(question: str) -> list[Place]:
    """The sections that a question names by number.

    >>> places_named("What do § 4 and clause 9.4 say?")
    [Place(number='4', noun=''), Place(number='9.4', noun='clause')]
    """
    found = _PLACE.finditer(question.strip(" ?.!"))
    return [Place((m["number"] or m["sign"] or m["alone"]).lower(), (m["noun"] or "").lower()) for m in found]


def days_in(text: str) -> list[Day]:
    """The days that a text names.

    >>> days_in("Minutes of 17 June 2024"), days_in("am 17. Juni"), days_in("on June 17"), days_in("17.06.2024")
    ([Day(year=2024, month=6, day=17)], [Day(year=0, month=6, day=17)], [Day(year=0, month=6, day=17)], \
[Day(year=2024, month=6, day=17)])
    """
    found = [match for pattern in _DATES for match in pattern.finditer(text)]
    days = [Day(int(match["year"] or 0), _month(match["month"]), int(match["day"])) for match in found]
    return [day for day in days if 1 <= day.month <= 12 and 1 <= day.day <= 31]


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return next(n for n, begins in enumerate(_MONTHS, start=1) if re.fullmatch(begins, text, re.IGNORECASE))

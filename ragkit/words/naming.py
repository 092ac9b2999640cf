"""What a text names by its number or its date: sections and days, in English, German, French, Spanish and Italian."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ragkit.words.languages import folded

_NOUNS = (
    "section|clause|chapter|article|paragraph|appendix|annex|part|schedule|item|rule|abschnitt|kapitel|artikel|absatz|"
    r"ziffer|klausel|punkt|anhang|teil|paragraf|anlage|(?:art|abs)\.?|(?:kap|cap|sec|ch)\.|tagesordnungspunkt"
    r"|(?-i:TOP)|(?<=unter )top|(?<=und )top|^top(?=\s\d+$)"  # elsewhere the top 5 are something else
)
_ROMANCE = (
    "chapitre|paragraphe|alinea|annexe|partie|point|clausula|seccion|apartado|capitulo|articulo|parrafo|"
    "apendice|anexo|parte|punto|clausola|sezione|capitolo|articolo|paragrafo|appendice|allegato|comma"
)
NOUNS = f"{_NOUNS}|{_ROMANCE}"
"""What a numbered section may be called, as a pattern for `folded` text."""
ANY_ITEM = ("", "§", "item", "point", "punkt", "punto", "top", "tagesordnungspunkt")
"""What any numbered section may be called in a question, whatever its heading says."""
PAGES = ("page", "slide", "seite", "folie", "pagina")
_ANY_PAGE = (
    r"page|(?<!\bto )(?<!\bi )(?<!\byou )(?<!\bwe )slide|seite|folie|p[aá]gina"  # to slide is something else
)
PAGE = re.compile(
    rf"\b(?:(?P<page>{_ANY_PAGE})\s+(?P<leaf>\d{{1,4}}|[ivxl]{{2,6}}|[vx]|i$)"
    r"|(?P<end>first|cover|title|front|last|erste[nr]?|letzte[nr]?|premi[eè]re|derni[eè]re|primera|[uú]ltima|prima)"
    rf"\s+(?P<of>{_ANY_PAGE}))\b",
    re.IGNORECASE,
)
NUMBER = r"(?:\d{1,3}|[A-Z](?=\.\d))(?:\.\d{1,3}){0,4}[a-z]?"
_AROUND = (
    "and|ok|what|does|about|in|is|was|steht|sagt|und|que|qu['’]est-ce|dit|le|la|el|il|y|et|e|dice|cosa|che"
)
PLACE = re.compile(
    rf"\b(?P<noun>{_NOUNS}|(?:{_ROMANCE})(?=\s+(?:\D{{1,7}}\s)?(?-i:\d|[A-Z]\b)))\s+"
    rf"(?:(?:n[°º.]|num\.|n[uo]mero|number|no\.|nr\.)\s*)?(?P<number>{NUMBER}|[ivxl]{{1,5}}|[a-z])\b(?!\.\d)|§+\s?(?P<sign>{NUMBER})"
    rf"|{PAGE.pattern}"
    rf"|^(?:(?:{_AROUND})\s+)*(?P<alone>\d{{1,3}}(?:\.\d{{1,3}}){{1,4}})(?:\s+(?:say|says))?$",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"\W*(?:(?:{_AROUND})\s+)*(?P<number>{NUMBER})\W*$", re.IGNORECASE)
_ORDINALS = (
    "first|premiere?|primer[oa]?|prim[oa]|erste[rs]?", "second|deuxieme|second[oae]|segund[oa]|zweite[rs]?",
    "third|troisieme|tercer[oa]?|terz[oa]|dritte[rs]?", "fourth|quatrieme|cuart[oa]|quart[oa]|vierte[rs]?",
    "fifth|cinquieme|quint[oa]|funfte[rs]?", "sixth|sixieme|sext[oa]|sest[oa]|sechste[rs]?",
    "seventh|septieme|septim[oa]|settim[oa]|siebte[rs]?", "eighth|huitieme|octav[oa]|ottav[oa]|achte[rs]?",
    "ninth|neuvieme|noven[oa]|non[oa]|neunte[rs]?", "tenth|dixieme|decim[oa]|zehnte[rs]?",
    "eleventh|onzieme|undecim[oa]|decimoprimer[oa]|undicesim[oa]", "twelfth|douzieme|duodecim[oa]|dodicesim[oa]",
    "thirteenth|decimotercer[oa]|tredicesim[oa]", "fourteenth|decimocuart[oa]|quattordicesim[oa]",
    "fifteenth|decimoquint[oa]|quindicesim[oa]", "sixteenth|decimosext[oa]|sedicesim[oa]",
    "seventeenth|decimoseptim[oa]|diciassettesim[oa]", "eighteenth|decimoo?ctav[oa]|diciottesim[oa]",
    "nineteenth|decimonoven[oa]|diciannovesim[oa]", "twentieth|vigesim[oa]|ventesim[oa]",
)  # fmt: skip
_ANY = "|".join(_ORDINALS)
_ORDINAL = re.compile(
    rf"\b(?P<noun>{NOUNS})\s+(?P<after>{_ANY})\b|^(?P<alone>{_ANY})\s?[.:]\s?[-–—]*\s+"
    rf"|\b(?P<before>{_ANY})\s+(?P<what>section|clause|chapter|article|paragraph|abschnitt|kapitel|artikel|absatz|klausel"
    r"|chapitre|clausula|capitulo|articulo|clausola|capitolo|articolo)\b",
    re.IGNORECASE,
)
_MONTHS = (
    "jan(?:uary?|vier)?|enero|gennaio", "feb(?:ruary?|rero|braio)?|fev(?:rier)?", "mar(?:ch|s|zo?)?",
    "apr(?:ile?)?|avr(?:il)?|abril", "may|mai|mayo|maggio", "june?|juni|juin|junio|giugno",
    "july?|juli|juil(?:let)?|julio|luglio", "aug(?:ust)?|aout|agosto",
    "sept?(?:emb(?:er|re))?|sep?tiembre|settembre", "o[ck]t(?:ob(?:er|re))?|octubre|ottobre",
    "nov(?:iembre|emb(?:er|re))?", "de[cz](?:emb(?:er|re))?|dec(?:embre)?|dic(?:iembre|embre)",
)  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})\b"
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?{_MONTH}\.?,?(?:\s+(?:del?\s+)?(?P<year>\d{{4}}))?",
        rf"\b{_MONTH}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}}))?",
        r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b",
        r"(?<![\d.])(?:(?<=\bam )|(?<=\b(?:vom|zum|bis|den|dem|und) )|(?<=[,|] )|(?<=\()|(?=\d+\.\d+\.\d{4}))"
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?:(?P<year>\d{4})|(?!\d))",  # neither section 5.3. nor gcc 10.2.
    )
]
_IN_MONTH = re.compile(
    rf"\b(?:in|im|of|en|de|du|di|a|the(?=\s+\w+\s+(?:meeting|session|minutes)))\s+{_MONTH}\.?(?:\s+(?:del?\s+)?(?P<year>\d{{4}}))?(?!\.?\s*\d)",
    re.IGNORECASE,
)


MEETING = re.compile(
    r"\b(?P<end>first|last|latest|erste[nr]?|letzte[nr]?|premiere|derniere|primera|ultima|prima)\s+"
    r"(?:meeting|session|sitzung|seance|reunion|riunione|seduta)\b",
    re.IGNORECASE,
)
"""The first of some meetings, or the last."""
_ON = re.compile(r"\b(?:on|in|at|of|from|am|im|vom|le|el|il|en|de|du|di|del|a)\s+$", re.IGNORECASE)
"""What stands before a day or a month."""


_TABLE = re.compile(
    r"(?:(?:what|which)(?:['’]?s| is| are| does)?|show|list|give|was|que|qu['’]est-ce|quoi|cosa)?(?: me| us| steht"
    r"| zeigt| ist)*(?: (?:the )?(?:rows|values|data|content|contents) (?:in|of))?(?: in| dans| en| nella)?"
    r"(?: contient| y a-t-il dans| dice| contiene| c['’]e nella)?(?: der| le| la| the)* ?"
    r"\b(?:table|tabelle|tableau|tabla|tabella) (?P<number>\d{1,3}(?:\.\d{1,2})?|[a-z]\.?\d{0,2}|[ivx]{1,4})"
    r"(?: (?:say|show|contain|list|about|tell us|tell me))?$"
)
"""A table by its number, and nothing else that is asked."""


class Place(NamedTuple):
    """A section or page that is named by its number, and maybe by what it is called ("clause")."""

    number: str
    noun: str = ""


class Day(NamedTuple):
    """A day of a year, or of any: 0; or all days of a month: 0, too."""

    year: int
    month: int
    day: int


def with_digits(text: str) -> str:
    """A `folded` text in which a section's number is no word.

    >>> with_digits("Cláusula cuarta"), with_digits("TERCERA.- Renta"), with_digits("the second clause")
    ('Clausula 4', '3. Renta', 'the clause 2')
    """

    def number(match: re.Match[str]) -> str:
        word = match["after"] or match["alone"] or match["before"]
        n = next(n for n, each in enumerate(_ORDINALS, 1) if re.fullmatch(each, word, re.IGNORECASE))
        return f"{n}. " if match["alone"] else f"{match['noun'] or match['what']} {n}"

    return _ORDINAL.sub(number, folded(text))


def places_named(question: str) -> list[Place]:
    """The sections and pages that a question names by number.

    >>> places_named("What do § 4 and clause 9.4 say?")
    [Place(number='4', noun='§'), Place(number='9.4', noun='clause')]
    """
    found = PLACE.finditer(with_digits(question).strip(" ¿¡?.!"))
    return [_place(match) for match in found]


def table_named(question: str) -> str:
    """The number of the table whose content is asked for; "" if none is, or if more is asked.

    >>> table_named("What is in table 5?"), table_named("Which value in table 5 is the highest?")
    ('5', '')
    """
    named = _TABLE.match(folded(question).lower().strip(" ¿¡?.!"))
    return named["number"] if named else ""


def _place(match: re.Match[str]) -> Place:
    if match["end"]:
        return Place(end_named(match), match["of"].lower())
    number = match["number"] or match["sign"] or match["leaf"] or match["alone"]
    noun = "§" if match["sign"] else match["noun"] or match["page"] or ""
    return Place(number.lower(), noun.lower().rstrip("."))


def end_named(match: re.Match[str]) -> str:
    """Whether the first of something is named, or the last."""
    return "last" if match["end"][0].lower() in "ldu" else "first"


def days_in(text: str) -> list[Day]:
    """The days that a text names.

    >>> days_in("Minutes of 17 June 2024"), days_in("am 17. Juni"), days_in("on June 17"), days_in("17.06.2024")
    ([Day(year=2024, month=6, day=17)], [Day(year=0, month=6, day=17)], [Day(year=0, month=6, day=17)], \
[Day(year=2024, month=6, day=17)])
    """
    found = (match for match in _dates(text) if match.re is not _IN_MONTH)
    days = [Day(int(match["year"] or 0), _month(match["month"]), int(match["day"])) for match in found]
    return [day for day in days if 1 <= day.month <= 12 and 1 <= day.day <= 31]


def days_asked(question: str) -> list[Day]:
    """The days that a question names; of one that names none, its months.

    >>> days_asked("Who was there in September?")
    [Day(year=0, month=9, day=0)]
    """
    return days_in(question) or [
        Day(int(match["year"] or 0), _month(match["month"]), 0) for match in _dates(question)
    ]


def _dates(text: str) -> list[re.Match[str]]:
    return [match for pattern in (*_DATES, _IN_MONTH) for match in pattern.finditer(folded(text))]


def has_day(text: str, days: Sequence[Day]) -> bool:
    """Whether a text names one of these days; if one of the two has no year, it is any year's."""
    return any(
        day.month == other.month
        and day.day in (0, other.day)
        and (day.year == other.year or not (day.year and other.year))
        for other in days_in(text)
        for day in days
    )


def with_place_of(other: str, text: str) -> str:
    """A text with the place or the day that another one names, if each of the two names just one.

    >>> with_place_of("and § 4?", "What does § 3 say?"), with_place_of("and in June?", "Who came on 14 May?")
    ('What does § 4 say?', 'Who came in June?')
    >>> with_place_of("and 12.2?", "What does clause 12.1 say?")
    'What does clause 12.2 say?'
    """
    places, alone = list(PLACE.finditer(folded(text).rstrip(" ?!."))), _ALONE.match(other)
    if alone and len(places) == 1 and (name := places[0].lastgroup) in ("number", "sign", "alone"):
        return text[: places[0].start(name)] + alone["number"] + text[places[0].end(name) :]
    for found in (lambda each: list(PLACE.finditer(folded(each))), _dates):
        old, new = found(text), found(other)
        if len(new) == 1 and len(old) == 2 and _noun(old[0]) == _noun(new[0]) != _noun(old[1]):
            return text[: old[0].start()] + new[0][0] + text[old[1].end() :]  # § 3 Absatz 3 and § 8
        if len(old) == len(new) == 1:
            begins = [_begin_of(match) for match in (old[0], new[0])]
            before = [_ON.search(each[:begin]) for each, begin in zip((text, other), begins, strict=True)]
            if all(before):
                begins = [match.start() for match in before if match]
            text = text[: begins[0]] + other[begins[1] : new[0].end()] + text[old[0].end() :]
    return text


def _noun(match: re.Match[str]) -> str:
    """What a place is called; "" for a day."""
    return _place(match).noun if match.re is PLACE else ""


def _begin_of(match: re.Match[str]) -> int:
    """Where a place or a day begins, without the preposition of a month."""
    return match.start("month") if match.re is _IN_MONTH else match.start()


def without_days(text: str) -> str:
    """A text without the days that it names.

    >>> without_days("Who was there on June 17?")
    'Who was there on ?'
    """
    days = [range(*match.span()) for match in _dates(text)]
    return "".join(sign for place, sign in enumerate(text) if not any(place in day for day in days))


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return next(n for n, begins in enumerate(_MONTHS, start=1) if re.fullmatch(begins, text, re.IGNORECASE))

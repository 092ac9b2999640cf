"""The words of a sentence that decide whether another one says the same: numbers, codes, names, opposites, negations.

Pure text: what a word is, which word it excludes, and which words a negation governs. Nothing here knows of vectors.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import snowballstemmer

from ragkit.keywords import FUNCTION_WORDS

Kind = Literal["number", "year", "code", "name", "word", "small"]

GERMAN = frozenset(
    """
    aber alle allen aller alles als also am an auch auf aus bei beim bis da damit dann das dass dein dem den denn der
    des die dies diese diesem diesen dieser dieses doch du durch ein eine einem einen einer eines er es etwa euch für
    haben hat hatte hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ist ja je jede jedem jeden jeder jedes kann
    können man mehr mein mit muss müssen nach noch nun nur ob oder sein seine seinem seinen seiner sehr sich sie sind so
    soll sondern um und uns unser unsere unserem unseren unserer vom von vor war waren wenn werden wie wir wird wo wurde
    wurden zu zum zur über darf dürfen
    """.split()
)
"""German words that tell nothing about what a text is about."""

ALTERNATIVES = """
increase increasing rise rising raise grow growth gain | decrease decreasing fall fell falling lower lowers decline declining drop reduce reduction shrink
more | less fewer
most | least
all every each | most | some several | few | none no
many | few
higher | lower
high | low
maximum maximal | minimum minimal
large larger largest big bigger | small smaller smallest little
long longer longest | short shorter shortest
hot hotter | cold colder
hard harder | soft softer
old older oldest | young younger youngest
old older | new newer
early earlier earliest | late later latest
first | last
first | second | third | fourth | fifth
before prior | after
above over | below under
inside indoors | outside outdoors
open opens opened | closed close closes shut
permitted allowed allow permit welcome | prohibited forbidden prohibit forbid banned ban
accept accepted | reject rejected refuse refused decline
include included including | exclude excluded excluding
horizontal horizontally | vertical vertically
left | right
north northern | south southern | east eastern | west western
spring | summer | autumn fall | winter
am | pm
best better good | worst worse bad
strong stronger | weak weaker
easy easier | difficult harder hard
possible | impossible
true correct | false incorrect wrong
positive | negative
upper | lower
full | empty
wet | dry
light | dark heavy
fast faster quick | slow slower
rich | poor
cheap cheaper | expensive
buy bought | sell sold
win won | lose lost
start begin begins began | end ends ended stop
always | sometimes | never
mandatory required compulsory | voluntary optional
public | private
internal | external
improve improved improvement | worsen worsened
men man male | women woman female | children
mother | father
brother | sister
day days daily | week weeks weekly | month months monthly | quarter quarters quarterly | year years yearly annual annually | hour hours hourly | minute minutes | second seconds
monday mondays | tuesday tuesdays | wednesday wednesdays | thursday thursdays | friday fridays | saturday saturdays | sunday sundays
january | february | march | april | may | june | july | august | september | october | november | december
mm | cm | m metre metres meter meters | km
mg | g grams gram | kg
dollars dollar $ usd | euros euro € eur | pounds £
thousand | million | billion
steigen steigt stieg erhöhen erhöht steigern steigert zunehmen | sinken sinkt sank senken senkt verringern verringert abnehmen
mehr | weniger
höher hoch | niedriger niedrig
mindestens | höchstens maximal
groß größer größte | klein kleiner kleinste
lang länger | kurz kürzer
heiß | kalt
hart härter | weich weicher
alt älter | jung jünger
alt alte alten | neu neue neuen
früh früher | spät später
erste ersten erster | letzte letzten letzter
erste ersten erster | zweite zweiten zweiter | dritte dritten dritter
vor vorher | nach nachher
über | unter
innen drinnen | außen draußen
geöffnet offen | geschlossen
erlaubt gestattet willkommen | verboten untersagt
waagerecht horizontal | senkrecht vertikal
links | rechts
norden | süden | osten | westen
frühling | sommer | herbst | winter
immer | nie
tag tage tagen täglich | woche wochen wöchentlich | monat monate monaten monatlich | jahr jahre jahren jährlich | stunde stunden stündlich | minute minuten | sekunde sekunden
montag montags | dienstag dienstags | mittwoch mittwochs | donnerstag donnerstags | freitag freitags | samstag samstags sonnabend | sonntag sonntags
januar | februar | märz | april | mai | juni | juli | august | september | oktober | november | dezember
"""
"""Words that exclude each other: a line a set, "|" between what excludes each other, words of one side mean the same."""

PHRASES = {
    "at most": "‹most", "no more than": "‹most", "not more than": "‹most", "up to": "‹most", "maximum of": "‹most",
    "at least": "‹least", "no less than": "‹least", "no fewer than": "‹least", "not less than": "‹least",
    "minimum of": "‹least", "more than": "‹more", "less than": "‹less", "fewer than": "‹less", "höchstens": "‹most",
    "mindestens": "‹least", "nicht mehr als": "‹most", "mehr als": "‹more", "weniger als": "‹less",
}  # fmt: skip
_PHRASE_SET = {"‹most": ("‹", 0), "‹least": ("‹", 1), "‹more": ("‹", 2), "‹less": ("‹", 3)}

NEGATIONS = frozenset(
    """not no never none nor neither without cannot non nothing hardly nicht kein keine keinen keinem keiner keines nie
    niemals ohne weder""".split()
)

_OF_A_NOUN = frozenset("no without non kein keine keinen keinem keiner keines ohne".split())

_UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_EINER = "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"
WRITTEN = (
    {word: number for number, word in enumerate(_UNITS.split()) if word != "one"}
    | {word: 10 * tens for tens, word in enumerate(_TENS.split(), start=3)}
    | {word: number for number, word in enumerate(_EINER.split())}
    | {"zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "hundert": 100}
)

_PIECE = re.compile(
    r"(?P<phrase>(?<!\w)(?:%s)(?!\w))" % "|".join(sorted(map(re.escape, PHRASES), key=len, reverse=True))
    + r"|(?P<sign>(?<![^\s(])[-−])?(?P<piece>[^\W_]+(?:[-–./:,'’][^\W_]+)*)|(?P<mark>[%€$£])|(?P<stop>[,;:.()–—])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WITH_UNIT = re.compile(r"(\d+(?:[.,:]\d+)*)-?([^\W\d_]+)")


class Word(NamedTuple):
    """A word of a sentence.

    Attributes
    ----------
    text : str
    start, end : int
        Where it stands, in characters.
    key : str
        What the same word has elsewhere: its stem, the value of a number, the letters and digits of a code.
    kind : {"number", "code", "name", "word", "small"}
        Small words say nothing by themselves.
    sides : tuple of (set, side)
        Sets of words that exclude each other which it is of, and its side in each.
    negated : bool
        A negation governs it.
    """

    text: str
    start: int
    end: int
    key: str
    kind: Kind
    sides: tuple[tuple[str, int], ...] = ()
    negated: int = 0
    segment: int = 0


@functools.cache
def _sides() -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for number, line in enumerate(ALTERNATIVES.strip().splitlines()):
        for side, words in enumerate(line.split("|")):
            for word in words.split():
                found[word] = (*found.get(word, ()), (str(number), side))
    stems: dict[str, tuple[tuple[str, int], ...]] = {}
    for word, sides in found.items():
        stems.setdefault(stem(word), sides)
    return stems | found


@functools.cache
def _stemmer(language: str):
    return snowballstemmer.stemmer(language)


@functools.lru_cache(maxsize=20_000)
def stem(word: str, language: str = "english") -> str:
    word = word.lower().replace("’", "'").removesuffix("'s").removesuffix("'")
    return _stemmer(language).stemWord(word)


def value(number: str) -> str:
    """A number as it is compared: without what groups its thousands and without zeros at the end.

    >>> value("9,000"), value("21,90"), value("0.125"), value("17:30")
    ('9000', '21.9', '0.125', '17:30')
    """
    if re.fullmatch(r"[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*", number):
        return re.sub(r"[.,]", "", number)
    number = re.sub(r",(?=\d{3}(?:\D|$))", "", number).replace(",", ".")
    return number.rstrip("0").rstrip(".") if "." in number else number


def read(text: str, names: bool | None = None) -> list[Word]:
    """Read a sentence as words, with what a negation governs."""
    words = []
    pieces = list(_PIECE.finditer(text))
    capitals = sum(bool(m["piece"]) and m["piece"][0].isupper() for m in pieces[1:])
    lower = sum(bool(m["piece"]) and len(m["piece"]) > 3 and m["piece"][0].islower() for m in pieces[1:])
    german = any(m.group().lower() in GERMAN - FUNCTION_WORDS for m in pieces)
    for i, match in enumerate(pieces):
        if match["phrase"]:
            key = PHRASES[match["phrase"].lower()]
            words.append(Word(match.group(), *match.span(), key, "word", (_PHRASE_SET[key],)))
        elif match["stop"]:
            words.append(Word(match.group(), *match.span(), "", "small"))
        else:
            following = pieces[i + 1]["piece"] if i + 1 < len(pieces) else None
            first = i == 0 or (pieces[i - 1]["stop"] or "") in (".", ":")
            words += _words_of(match, first and not (following or " ")[0].isupper(), german)
    return _with_segments(_with_negations(_without_wholes(words)))


def _words_of(match: re.Match[str], first: bool, german: bool) -> list[Word]:
    piece, start = match["piece"] or match["mark"], match.start("piece") if match["piece"] else match.start()
    sign = "-" if match["sign"] else ""
    if _NUMBER.fullmatch(piece):
        kind: Kind = "year" if not sign and _YEAR.fullmatch(piece) else "number"
        return [Word(sign + piece, match.start(), match.end(), "#" + sign + value(piece), kind)]
    if len(parts := re.split("[-–]", piece)) == 2 and all(map(_NUMBER.fullmatch, parts)):
        return [Word(p, start, match.end(), "#" + value(p), "year" if _YEAR.fullmatch(p) else "number") for p in parts]
    if found := _WITH_UNIT.fullmatch(piece):
        unit = found[2].lower()
        number = Word(found[1], start, start + found.end(1), "#" + value(found[1]), "number")
        rest = [] if unit in ("st", "nd", "rd", "th", "s") else _words_in(found[2], start + found.start(2), True, german)
        return [number, *rest]
    if any(map(str.isdigit, piece)) and not re.search(r"(?<![^\W_])[a-zäöü]{3,}", piece):
        return [Word(piece, start, match.end(), re.sub(r"\W", "", piece).upper(), "code")]
    return _words_in(piece, start, first, german)


def _words_in(piece: str, start: int, first: bool, german: bool) -> list[Word]:
    if piece.lower() in WRITTEN:
        return [Word(piece, start, start + len(piece), "#" + str(WRITTEN[piece.lower()]), "number")]
    halves = piece.lower().split("-")
    if len(halves) == 2 and all(half in WRITTEN or half == "one" for half in halves) and WRITTEN.get(halves[0], 0) >= 20:
        total = WRITTEN[halves[0]] + WRITTEN.get(halves[1], 1)
        return [Word(piece, start, start + len(piece), "#" + str(total), "number")]
    words = []
    for part in re.finditer(r"[^-–/.,:]+", piece):
        low = part.group().lower().replace("’", "'")
        at = (start + part.start(), start + part.end())
        if low.endswith("n't"):
            words.append(Word(part.group(), *at, "¬", "small"))
        elif low in NEGATIONS:
            words.append(Word(part.group(), *at, "¬", "small"))
        elif _NUMBER.fullmatch(low):
            words.append(Word(part.group(), *at, "#" + value(low), "number"))
        elif low in WRITTEN:
            words.append(Word(part.group(), *at, "#" + str(WRITTEN[low]), "number"))
        else:
            key = stem(low, "german" if german else "english")
            sides = _sides().get(low) or _sides().get(key, ())
            small = (low in FUNCTION_WORDS or low in GERMAN) and not sides
            name = part.group()[0].isupper() and not first and not german and not small and not sides
            kind: Kind = "small" if small else "name" if name else "word"
            words.append(Word(part.group(), *at, key, kind, sides))
    return words


REACH = 3
"""Words after a negation that it governs."""


def _with_negations(words: list[Word]) -> list[Word]:
    """Mark what each negation governs: the next words, or those before it where a clause ends with it."""
    negated: dict[int, int] = {}
    for i, word in enumerate(words):
        if word.key != "¬":
            continue
        after = _until_stop(words, range(i + 1, len(words)))[: 1 if word.text.lower() in _OF_A_NOUN else REACH]
        governed = after or _until_stop(words, range(i - 1, -1, -1))
        negated.update(dict.fromkeys(governed, i + 1))
    return [word._replace(negated=negated.get(i, 0)) for i, word in enumerate(words)]


def _until_stop(words: Sequence[Word], places: range) -> list[int]:
    found = []
    for place in places:
        if words[place].text in ",;:.()–—" or words[place].key == "¬":
            break
        if words[place].kind != "small":
            found.append(place)
    return found


_CUTS = frozenset("and or but while whereas than und oder aber sondern während als , ; : . ( ) — –".split())


def _with_segments(words: list[Word]) -> list[Word]:
    """Number the segments: what stands between commas and conjunctions, with one number each."""
    segment, seen, found = 0, set(), []
    for word in words:
        if word.text.lower() in _CUTS or word.kind in seen:
            segment, seen = segment + 1, set()
        if word.kind in ("number", "year"):
            seen.add(word.kind)
        found.append(word._replace(segment=segment))
    return found


def _without_wholes(words: list[Word]) -> list[Word]:
    """In "two of the three", "three" counts nothing that the sentence speaks of."""
    found = list(words)
    for i, word in enumerate(words):
        if word.kind == "number":
            j = i - 1
            while j > 0 and words[j].text.lower() in ("the", "der", "den"):
                j -= 1
            if 0 < j < i and words[j].text.lower() in ("of", "von", "der") and (words[j - 1].kind == "number" or words[j-1].sides):
                found[i] = word._replace(kind="small")
    return found

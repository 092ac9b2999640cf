"""What a word of a sentence is, each by itself: a number, a code, a name, a negation, and which words it excludes.

English and German; of another language only numbers, codes and names are known.
"""

from __future__ import annotations

import functools
import re
from typing import Any, Literal, NamedTuple

import snowballstemmer

from ragkit.words.languages import FUNCTION_WORDS
from ragkit.words.opposites import OPPOSITES

Kind = Literal["number", "year", "code", "name", "word", "small", "not"]
Sides = tuple[tuple[int, int], ...]

GERMAN = frozenset(
    """
    aber als also am an auch auf aus bei beim bis da damit dann das dass dein dem den denn der des die dies diese diesem
    diesen dieser dieses doch du durch ein eine einem einen einer eines er es etwa euch für gibt haben hat hatte hier
    ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ist ja je kann können man mein mit muss müssen noch nun nur ob
    oder sein seine seinem seinen seiner sehr sich sie sind so soll sondern um und uns unser unsere unserem unseren
    unserer vom von war waren wenn werden wie wir wird wo wurde wurden zu zum zur darf dürfen
    """.split()  # noqa: SIM905
)
"""German words that tell nothing about what a text is about."""

LIGHT = frozenset(
    """
    mean means meant make makes made take takes took get gets got come comes came equal equals must may might shall
    """.split()  # noqa: SIM905
)
"""English verbs that carry another word: "is meant for", "takes part". What they say stands in that word."""

_BOUNDS = (
    ("at most", "no more than", "not more than", "up to", "höchstens", "nicht mehr als"),
    ("at least", "no less than", "no fewer than", "not less than", "mindestens"),
    ("more than", "mehr als"),
    ("less than", "fewer than", "weniger als"),
)
"""What stands before a number and limits it: sides of one more set."""

_NOT = frozenset(
    """
    not no never none nor neither without cannot non nothing fail fails failed lack lacks lacked nicht kein
    keine keinen keinem keiner keines nie niemals ohne weder
    """.split()  # noqa: SIM905
)
_WRITTEN = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_GERMAN_NUMBERS = "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"
_NUMBERS = (
    {word: number for number, word in enumerate(_WRITTEN.split()) if number != 1}  # "one" is an article, too
    | {word: 10 * tens for tens, word in enumerate(_TENS.split(), start=3)}
    | {word: number for number, word in enumerate(_GERMAN_NUMBERS.split()) if number != 1}
)
UNITS = dict.fromkeys(("€", "$", "£", "euro", "euros", "dollars"), "money") | dict.fromkeys(
    ("%", "percent", "prozent"), "share"
)
_TOKEN = re.compile(
    rf"(?P<bound>\b(?:{'|'.join(phrase for side in _BOUNDS for phrase in side)})\b)"
    r"|(?P<initials>(?<!\w)(?:[^\W\d_]\.){2,})"
    r"|(?P<sign>(?<![^\s(])[-−](?=\d))?(?P<piece>[^\W_]+(?:[-–./:,'’][^\W_]+)*)"
    r"|(?P<mark>[%€$£,;:.()|—–])",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_WITH_UNIT = re.compile(r"(\d+(?:[.,:]\d+)*)-?([^\W\d_]+)")
_UN = re.compile(  # unsuitable: not suitable
    r"un(?!der|i)(?=\w{3,}(?:able|ible|ed|ful)$)"
    r"|in(?=(?:sufficient|adequate|complete|correct|valid|active|effective|accurate|appropriate|eligible)$)",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[A-HJ-Z]")  # valve A, vitamin C
_UN_GERMAN = re.compile(r"un(?!ter)(?=\w{3,}(?:sam|bar|lich|ig|isch|sicher)(?:e[mnrs]?)?$)", re.IGNORECASE)
_PART = re.compile(r"\d+(?:[.,:]\d+)*(?![^\W\d_])|[^-–/.,:]+")


class Word(NamedTuple):
    """A word of a sentence.

    Attributes
    ----------
    text : str
        As it is written.
    start, end : int
        Where it stands, in characters.
    key : str
        What the same word has elsewhere: a stem, the value of a number, the letters and digits of a code.
    kind : {"number", "year", "code", "name", "word", "small", "not"}
        Small words and signs say nothing by themselves.
    sides : tuple of (int, int)
        Sets of words that exclude each other which it is of, with its side in each.
    beside : str
        Of a number, whether it counts money or a share, or which end it is ("from", "to"); of a word after a number,
        that number; of a word beside "than", the side.
    negation : int
        Which negation governs it; 0 for none.
    segment : int
        Words of one number keep company: between commas and conjunctions, with one number.
    """

    text: str
    start: int
    end: int
    key: str
    kind: Kind
    sides: Sides = ()
    beside: str = ""
    negation: int = 0
    segment: int = 0


def words_in(text: str) -> list[Word]:
    """The words and signs of a sentence, each by itself.

    >>> [(word.text, word.kind) for word in words_in("at -5 °C, not 6")]
    [('at', 'small'), ('-5', 'number'), ('C', 'code'), (',', 'small'), ('not', 'not'), ('6', 'number')]
    """
    tokens = list(_TOKEN.finditer(text))
    german = any(  # "7 AM" is none
        token.group().lower() in GERMAN - FUNCTION_WORDS and not token.group().isupper() for token in tokens
    )
    words: list[Word] = []
    for token, following in zip(tokens, [*tokens[1:], None]):  # noqa: B905 - an empty text has no tokens
        begins = not words or words[-1].text in (".", ":")
        alone = following is None or not re.match(r"[A-Z][^\W\d_]+$", following.group())  # not so "Anna Roth"
        if _LETTER.fullmatch(token.group()) and not begins:
            words.append(Word(token.group(), *token.span(), token.group().lower(), "code"))
        else:
            words += _words_of(token, may_be_name=not german and not (begins and alone), german=german)
    return words


def value(number: str) -> str:
    """Write a number as it is compared: without what groups its thousands and without zeros at its end.

    >>> value("9,000"), value("21,90"), value("0.125"), value("17:30")
    ('9000', '21.9', '0.125', '17:30')
    """
    if re.fullmatch(r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*", number):
        return re.sub(r"[.,]", "", number)
    number = re.sub(r",(?=\d{3}(?:\D|$))", "", number).replace(",", ".")
    return number.rstrip("0").rstrip(".") if "." in number else number


@functools.lru_cache(maxsize=50_000)
def _stem(word: str, german: bool) -> str:
    return _stemmer("german" if german else "english").stemWord(word.removesuffix("'s").removesuffix("'"))


@functools.cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(language)


@functools.cache
def _sides() -> dict[str, Sides]:
    """The sets and sides of a word or an English stem."""
    found: dict[str, Sides] = {}
    for number, line in enumerate(OPPOSITES.strip().splitlines(), start=1):
        for side, words in enumerate(line.split("/")):
            for word in words.split():
                found[word] = (*found.get(word, ()), (number, side))
    return {_stem(word, False): sides for word, sides in reversed(found.items())} | found


def _words_of(token: re.Match[str], may_be_name: bool, german: bool) -> list[Word]:
    """The words of one token: a number with its unit is two, and so is one with a hyphen."""
    text, place = token.group(), token.span()
    if token["bound"]:
        side = next(i for i, phrases in enumerate(_BOUNDS) if text.lower() in phrases)
        return [Word(text, *place, f"bound {side}", "word", ((0, side),))]
    if token["mark"]:
        return [Word(text, *place, text, "word" if text in UNITS else "small", _sides().get(text, ()))]
    if token["initials"]:
        kind: Kind = "name" if text.isupper() else "small"
        return [Word(text, *place, text.replace(".", "").lower(), kind)]
    if _NUMBER.fullmatch(token["piece"]):
        return [_number(text, place)]
    if found := _WITH_UNIT.fullmatch(token["piece"]):  # 400mg, the 18th
        middle = place[0] + found.end(1)
        rest = (
            []
            if found[2] in ("st", "nd", "rd", "th", "s")
            else _parts(found[2], found.start(2) + place[0], False, german)
        )
        return [_number(found[1], (place[0], middle)), *rest]
    if (
        re.search(r"\d", text)
        and re.search(r"[^\W\d_]", text)
        and not re.search(r"(?<![^\W_])[^\W\d_A-Z]{3,}", text)
    ):
        return [Word(text, *place, re.sub(r"\W", "", text).upper(), "code")]
    return _parts(text, place[0], may_be_name, german)


def _number(text: str, place: tuple[int, int]) -> Word:
    kind: Kind = "year" if _YEAR.fullmatch(text) else "number"
    return Word(text, *place, "#" + value(text.replace("−", "-")), kind)


def _parts(piece: str, start: int, may_be_name: bool, german: bool) -> list[Word]:
    """The words between the hyphens of a piece."""
    first, _, second = piece.lower().partition("-")
    if _NUMBERS.get(first, 0) >= 20 and (second in _NUMBERS or second == "one"):
        return [
            Word(piece, start, start + len(piece), f"#{_NUMBERS[first] + _NUMBERS.get(second, 1)}", "number")
        ]
    words: list[Word] = []
    for part in _PART.finditer(piece):
        place = (start + part.start(), start + part.end())
        if _NUMBER.fullmatch(part[0]):
            words.append(_number(part[0], place))
        elif found := (_UN_GERMAN if german else _UN).match(part[0]):
            words.append(Word(found[0], *place, "not", "not"))
            words.append(_word(part[0][2:], place, False, german, after_hyphen=False))
        else:
            words.append(_word(part[0], place, may_be_name, german, after_hyphen=bool(words)))
    return words


def _word(text: str, place: tuple[int, int], may_be_name: bool, german: bool, after_hyphen: bool) -> Word:
    low = (text[:-1] if re.fullmatch(r"[A-Z]{2,}s", text) else text).lower().replace("’", "'")
    if low in _NOT or low.endswith("n't") or (after_hyphen and low in ("free", "frei")):  # sugar-free
        return Word(text, *place, "not", "not")
    if low in _NUMBERS:
        return Word(text, *place, f"#{_NUMBERS[low]}", "number")
    key = _stem(low, german)
    sides = _sides().get(low) or ((not german and _sides().get(key)) or ())
    if text in ("may", "march"):  # no months
        sides = ()
    if not sides and low in (GERMAN if german else FUNCTION_WORDS | LIGHT):
        return Word(text, *place, key, "small")
    name = may_be_name and text[0].isupper() and not sides
    return Word(text, *place, key, "name" if name else "word", sides)

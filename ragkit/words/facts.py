"""The words of a sentence by which another one is judged: numbers, codes, names, opposites, negations.

Pure text: what a word is, which words it excludes, what a negation governs, and which words keep company. English and
German; of another language only numbers, codes and names are known.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
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
_NOT_A_NOUN = frozenset(
    """
    no without non kein keine keinen keinem keiner keines ohne
    """.split()  # noqa: SIM905
)
_REACH = 2
"""Words after a *not* that it governs; one after a *no* or *without*, and a whole clause before one that ends it."""

_WRITTEN = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_GERMAN_NUMBERS = "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"
_NUMBERS = (
    {word: number for number, word in enumerate(_WRITTEN.split()) if number != 1}  # "one" is an article, too
    | {word: 10 * tens for tens, word in enumerate(_TENS.split(), start=3)}
    | {word: number for number, word in enumerate(_GERMAN_NUMBERS.split()) if number != 1}
)
_UNITS = dict.fromkeys(("€", "$", "£", "euro", "euros", "dollars"), "money") | dict.fromkeys(
    ("%", "percent", "prozent"), "share"
)
_ENDS = {"from": "from", "between": "from", "von": "from", "zwischen": "from", "to": "to", "bis": "to"}
"""Before a number, which end of a span it is: "from 7 to 10" is no "from 10 to 7", nor "X than Y" is "Y than X"."""

_CUTS = frozenset(
    """
    and or but while whereas than und oder aber sondern während als , ; : . ( ) — –
    """.split()  # noqa: SIM905
)
_WHOLES = frozenset(
    """
    of von der
    """.split()  # noqa: SIM905
)

_TOKEN = re.compile(
    rf"(?P<bound>\b(?:{'|'.join(phrase for side in _BOUNDS for phrase in side)})\b)"
    r"|(?P<initials>(?<!\w)(?:[^\W\d_]\.){2,})"
    r"|(?P<sign>(?<![^\s(])[-−](?=\d))?(?P<piece>[^\W_]+(?:[-–./:,'’][^\W_]+)*)"
    r"|(?P<mark>[%€$£,;:.()—–])",
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


def read_words(text: str) -> list[Word]:
    """Read a sentence as the words by which it is judged, without the small ones.

    >>> [(word.text, word.kind) for word in read_words("Keep HX-40 at no more than -5 °C since 1998.")][:3]
    [('Keep', 'word'), ('HX-40', 'code'), ('no more than', 'word')]
    >>> [word.text for word in read_words("It does not swim, and walks.") if word.negation]
    ['swim']
    """
    tokens = list(_TOKEN.finditer(text))
    german = any(  # "7 AM" is none
        token.group().lower() in GERMAN - FUNCTION_WORDS and not token.group().isupper() for token in tokens
    )
    words: list[Word] = []
    for token, following in zip(tokens, [*tokens[1:], None]):  # noqa: B905 - an empty text has no tokens
        begins = not words or words[-1].text in (".", ":")
        alone = following is None or not re.match(r"[A-Z][^\W\d_]+$", following.group())  # not so "Anna Roth"
        words += _words_of(token, may_be_name=not german and not (begins and alone), german=german)
    words = _with_segments(_with_negations(_with_units(_without_wholes(_with_ones(words)))))
    return [word for word in words if word.kind not in ("small", "not")]


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
        return [Word(text, *place, text, "word" if text in _UNITS else "small", _sides().get(text, ()))]
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
        elif found := _UN.match(part[0]):
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


def _with_ones(words: list[Word]) -> list[Word]:
    """In "one month", one is a number; elsewhere it is mostly none."""
    return [
        word._replace(key="#1", kind="number")
        if word.text.lower() == "one" and following and following.sides
        else word
        for word, following in zip(words, [*words[1:], None])  # noqa: B905 - an empty text has no words
    ]


def _without_wholes(words: list[Word]) -> list[Word]:
    """In "two of the three", nothing is said of three."""
    found = list(words)
    for i in range(2, len(words)):
        of = i - 2 if words[i - 1].text.lower() in ("the", "den") else i - 1
        if words[i].kind == "number" and of and words[of].text.lower() in _WHOLES:
            part = words[of - 1]
            if part.kind == "number" or part.sides:
                found[i] = words[i]._replace(kind="small")
    return found


def _with_units(words: list[Word]) -> list[Word]:
    """What is counted, and by how much: 15 % are no other 15 $, and half a minute no other 30 seconds."""
    units = ["", *(_UNITS.get(word.text.lower(), "") for word in words), ""]
    before = ["", *(word.key if word.kind == "number" else "" for word in words)]
    ends = ["", *(_ENDS.get(word.text.lower(), "") for word in words)]
    spans = {ends[i] for i, word in enumerate(words) if word.kind == "number"} >= {"from", "to"}
    than = next((i for i, word in enumerate(words) if word.text.lower() in ("than", "als")), 0)
    found: list[Word] = []
    for i, word in enumerate(words):
        if word.kind == "number":
            beside = units[i] or units[i + 2] or (spans and ends[i]) or ""
        else:
            side = "to" if i > than else "from"
            beside = before[i] or (side if than and not word.sides and word.kind in ("name", "word") else "")
        found.append(word._replace(beside=beside))
    return found


def _with_negations(words: list[Word]) -> list[Word]:
    """Number what each negation governs."""
    governed: dict[int, int] = {}
    for i, word in enumerate(words):
        if word.kind == "not":
            after = _clause(words[i + 1 :], i + 1, 1)[: 1 if word.text.lower() in _NOT_A_NOUN else _REACH]
            before = _clause(words[:i][::-1], i - 1, -1)
            if word.text.lower() in ("free", "frei"):
                after = before[:1]
            governed |= dict.fromkeys(after or before, i + 1)
    return [word._replace(negation=governed.get(i, 0)) for i, word in enumerate(words)]


def _clause(words: Sequence[Word], first: int, step: int) -> list[int]:
    """Places of the words up to the next comma or negation."""
    places = []
    for n, word in enumerate(words):
        if word.kind == "not" or (word.text in _CUTS and not word.text.isalpha()):
            break
        if word.kind != "small":
            places.append(first + step * n)
    return places


def _with_segments(words: list[Word]) -> list[Word]:
    """Number the segments; after a bracket goes on what was before it."""
    segment, last = 0, 0
    found: list[Word] = []
    numbers: set[Kind] = set()
    before: list[tuple[int, set[Kind]]] = []
    for word in words:
        if word.text == "(":
            before.append((segment, numbers))
        if word.text == ")" and before:
            segment, numbers = before.pop()
        elif (word.text.lower() in _CUTS and not _opens(word, found)) or word.kind in numbers:
            segment, numbers = last + 1, set()
        if word.kind in ("number", "year"):
            numbers = numbers | {word.kind}
        last = max(last, segment)
        found.append(word._replace(segment=segment))
    return found


def _opens(comma: Word, before: list[Word]) -> bool:
    """Whether a comma only follows a number that begins the sentence: "In 1833, …" goes on with what was then."""
    return (
        comma.text == ","
        and bool(before)
        and all(word.kind in ("number", "year", "small") and word.text not in _CUTS for word in before)
    )

"""What a word of a sentence is, each by itself: a number, a code, a name, a negation, and which words it excludes.

English, German, French, Italian and Spanish; of another language with a list of function words only these are left out.
"""

from __future__ import annotations

import functools
import re
from typing import Literal, NamedTuple

from ragkit.words.languages import FUNCTION_WORDS, stem, stop_words
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
    cost costs amount amounts
    """.split()  # noqa: SIM905
)
"""English verbs that carry another word: "is meant for", "costs 5 euros". What they say stands in that word."""

_AMOUNTS = frozenset(
    """
    beträgt betragen beläuft kostet lautet coûte coûtent costa costano ammonta ammontano cuesta cuestan asciende
    """.split()  # noqa: SIM905
)
"""The same of amounts in other languages."""

_BOUNDS = (
    ("at most", "no more than", "not more than", "up to", "höchstens", "nicht mehr als", "au plus", "al massimo",
     "non più di", "como máximo", "no más de"),
    ("at least", "no less than", "no fewer than", "not less than", "mindestens", "au moins", "almeno", "al menos",
     "como mínimo"),
    ("more than", "mehr als", "plus de", "più di", "más de"),
    ("less than", "fewer than", "weniger als", "moins de", "meno di", "menos de"),
)  # fmt: skip
"""What stands before a number and limits it: sides of one more set."""

_NOT = {
    "english": """
    not no never none nor neither without cannot non nothing fail fails failed lack lacks lacked nicht kein
    keine keinen keinem keiner keines nie niemals ohne weder
    """,
    "french": "pas jamais aucun aucune sans ni non rien nulle",
    "italian": "non mai nessun nessuno nessuna senza né nulla niente",
    "spanish": "no nunca jamás ningún ninguno ninguna sin ni nada tampoco",
}
_NOTS = {name: frozenset(words.split()) for name, words in _NOT.items()}
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_COUNTED = {
    "english": """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty""",
    "german": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "french": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze",
    "italian": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici",
    "spanish": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
}
_NUMBERS = {  # "one" is an article, too
    name: {word: number for number, word in enumerate(words.split()) if number != 1}
    for name, words in _COUNTED.items()
}
_NUMBERS["english"] |= {word: 10 * tens for tens, word in enumerate(_TENS.split(), start=3)}
_NUMBERS["english"] |= _NUMBERS["german"]
UNITS = dict.fromkeys(("€", "$", "£", "euro", "euros", "dollars"), "money") | dict.fromkeys(
    ("%", "percent", "prozent"), "share"
)
_SPACED = r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:,\d+)?(?!\w)|"  # 2 200, as French writes thousands
_TOKEN, _FRENCH_TOKEN = (
    re.compile(
        rf"(?P<bound>\b(?:{'|'.join(phrase for side in _BOUNDS for phrase in side)})\b)"
        r"|(?P<initials>(?<!\w)(?:[^\W\d_]\.){2,})"
        rf"|(?P<sign>(?<![^\s(])[-−](?=\d))?(?P<piece>{spaced}[^\W_]+(?:[-–./:,'’][^\W_]+)*)"
        r"|(?P<mark>[%€$£,;:.()|—–])",
        re.IGNORECASE,
    )
    for spaced in ("", _SPACED)
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_ELIDES = ("french", "italian")
_ELIDED = re.compile(
    r"(?:[cdjlmnst]|(?:jus|lors|puis)?qu|un|(?:qu)?est|quell|[dn]?ell|d?all|sull)['’](?=\w)", re.IGNORECASE
)
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


def words_in(text: str, language: str = "english") -> list[Word]:
    """The words and signs of a sentence, each by itself; German among English is known by its function words.

    >>> [(word.text, word.kind) for word in words_in("at -5 °C, not 6")]
    [('at', 'small'), ('-5', 'number'), ('C', 'code'), (',', 'small'), ('not', 'not'), ('6', 'number')]
    """
    tokens = list((_FRENCH_TOKEN if language == "french" else _TOKEN).finditer(text))
    if language == "english" and any(  # "7 AM" is none
        token.group().lower() in GERMAN - FUNCTION_WORDS and not token.group().isupper() for token in tokens
    ):
        language = "german"
    words: list[Word] = []
    for token, following in zip(tokens, [*tokens[1:], None]):  # noqa: B905 - an empty text has no tokens
        begins = not words or words[-1].text in (".", ":")
        alone = following is None or not re.match(r"[A-Z][^\W\d_]+$", following.group())  # not so "Anna Roth"
        if _LETTER.fullmatch(token.group()) and not begins:
            words.append(Word(token.group(), *token.span(), token.group().lower(), "code"))
        else:
            may_be_name = language != "german" and not (begins and alone)
            words += _words_of(token, may_be_name, language)
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


def _table(language: str) -> str:
    """Whose words of numbers, negations and opposites hold: German stands among English, and so do all others."""
    return language if language in OPPOSITES else "english"


@functools.cache
def _sides(table: str) -> dict[str, Sides]:
    """The sets and sides of a word or an English stem."""
    found: dict[str, Sides] = {}
    for number, line in enumerate(OPPOSITES[table].strip().splitlines(), start=1):
        for side, words in enumerate(line.split("/")):
            for word in words.split():
                found[word] = (*found.get(word, ()), (number, side))
    return {stem(word, table): sides for word, sides in reversed(found.items())} | found


@functools.cache
def _small(language: str) -> frozenset[str]:
    """Words that tell nothing about what a text is about."""
    own = {"english": FUNCTION_WORDS | LIGHT, "german": GERMAN}
    return _AMOUNTS | (own[language] if language in own else stop_words()[language])


def _words_of(token: re.Match[str], may_be_name: bool, language: str) -> list[Word]:
    """The words of one token: a number with its unit is two, and so is one with a hyphen."""
    text, place = token.group(), token.span()
    if token["bound"]:
        side = next(i for i, phrases in enumerate(_BOUNDS) if text.lower() in phrases)
        return [Word(text, *place, f"bound {side}", "word", ((0, side),))]
    if token["mark"]:
        kind: Kind = "word" if text in UNITS else "small"
        return [Word(text, *place, text, kind, _sides(_table(language)).get(text, ()))]
    if token["initials"]:
        kind = "name" if text.isupper() else "small"
        return [Word(text, *place, text.replace(".", "").lower(), kind)]
    if _NUMBER.fullmatch(re.sub(r"\s", "", token["piece"])):
        return [_number(text, place)]
    if found := _WITH_UNIT.fullmatch(token["piece"]):  # 400mg, the 18th
        middle = place[0] + found.end(1)
        rest = (
            []
            if found[2] in ("st", "nd", "rd", "th", "s")
            else _parts(found[2], found.start(2) + place[0], False, language)
        )
        return [_number(found[1], (place[0], middle)), *rest]
    if (
        re.search(r"\d", text)
        and re.search(r"[^\W\d_]", text)
        and not re.search(r"(?<![^\W_])[^\W\d_A-Z]{3,}", text)
    ):
        return [Word(text, *place, re.sub(r"\W", "", text).upper(), "code")]
    return _parts(text, place[0], may_be_name, language)


def _number(text: str, place: tuple[int, int]) -> Word:
    kind: Kind = "year" if _YEAR.fullmatch(text) else "number"
    return Word(text, *place, "#" + value(re.sub(r"\s", "", text).replace("−", "-")), kind)


def _parts(piece: str, start: int, may_be_name: bool, language: str) -> list[Word]:
    """The words between the hyphens of a piece."""
    if language in _ELIDES and (elided := _ELIDED.match(piece)):
        start, piece = start + elided.end(), piece[elided.end() :]
    first, _, second = piece.lower().partition("-")
    numbers = _NUMBERS[_table(language)]
    if numbers.get(first, 0) >= 20 and (second in numbers or second == "one"):
        return [
            Word(piece, start, start + len(piece), f"#{numbers[first] + numbers.get(second, 1)}", "number")
        ]
    words: list[Word] = []
    for part in _PART.finditer(piece):
        place = (start + part.start(), start + part.end())
        if _NUMBER.fullmatch(part[0]):
            words.append(_number(part[0], place))
        elif found := (_UN_GERMAN if language == "german" else _UN).match(part[0]):
            words.append(Word(found[0], *place, "not", "not"))
            words.append(_word(part[0][2:], place, False, language, after_hyphen=False))
        else:
            words.append(_word(part[0], place, may_be_name, language, after_hyphen=bool(words)))
    return words


def _word(text: str, place: tuple[int, int], may_be_name: bool, language: str, after_hyphen: bool) -> Word:
    low = (text[:-1] if re.fullmatch(r"[A-Z]{2,}s", text) else text).lower().replace("’", "'")
    table = _table(language)
    if low in _NOTS[table] or low.endswith("n't") or (after_hyphen and low in ("free", "frei")):  # sugar-free
        return Word(text, *place, "not", "not")
    if low in _NUMBERS[table]:
        return Word(text, *place, f"#{_NUMBERS[table][low]}", "number")
    key = stem(low.removesuffix("'s").removesuffix("'"), language)
    sides = _sides(table).get(low) or ((language != "german" and _sides(table).get(key)) or ())
    if text in ("may", "march"):  # no months
        sides = ()
    if not sides and low in _small(language):
        return Word(text, *place, key, "small")
    name = may_be_name and text[0].isupper() and not sides
    return Word(text, *place, key, "name" if name else "word", sides)

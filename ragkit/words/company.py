"""What the words of a sentence do to each other: what a negation governs, what is counted, which words keep company."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.words.facts import UNITS, Kind, Word, words_in

_NOT_A_NOUN = frozenset(
    """
    no without non kein keine keinen keinem keiner keines ohne
    """.split()  # noqa: SIM905
)
_REACH = 2
"""Words after a *not* that it governs; one after a *no* or *without*, and a whole clause before one that ends it."""

_ENDS = {"from": "from", "between": "from", "von": "from", "zwischen": "from", "to": "to", "bis": "to"}
"""Before a number, which end of a span it is: "from 7 to 10" is no "from 10 to 7", nor "X than Y" is "Y than X"."""

_CUTS = frozenset(
    """
    and or but while whereas than und oder aber sondern während als , ; . ( ) — –
    """.split()  # noqa: SIM905
)
_CUTS_IN = {
    "french": frozenset(("et", "ou", "mais", "tandis")),
    "italian": frozenset(("e", "ed", "o", "ma", "mentre")),
    "spanish": frozenset(("y", "e", "o", "u", "pero", "mientras")),
}
_WHOLES = frozenset(
    """
    of von der
    """.split()  # noqa: SIM905
)


def read_words(text: str, language: str = "english") -> list[Word]:
    """Read a sentence as the words by which it is judged, without the small ones.

    >>> [(word.text, word.kind) for word in read_words("Keep HX-40 at no more than -5 °C since 1998.")][:3]
    [('Keep', 'word'), ('HX-40', 'code'), ('no more than', 'word')]
    >>> [word.text for word in read_words("It does not swim, and walks.") if word.negation]
    ['swim']
    """
    words = _with_negations(_with_units(_without_wholes(_with_ones(words_in(text, language)))))
    words = _with_segments(words, _CUTS | _CUTS_IN.get(language, frozenset()))
    return [word for word in words if word.kind not in ("small", "not")]


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
    units = ["", *(UNITS.get(word.text.lower(), "") for word in words), ""]
    before = ["", *(word.key if word.kind == "number" else "" for word in words)]
    ends = ["", *(_ENDS.get(word.text.lower(), "") for word in words)]
    for i in range(2, len(words)):  # "4 to 1" is no "1 to 4"
        if words[i].kind == "number" and ends[i] == "to" and words[i - 2].kind == "number":
            ends[i - 2] = "from"
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
            after = _alternatives(words, i + 1) or after
            before = _clause(words[:i][::-1], i - 1, -1)
            if word.text.lower() in ("free", "frei"):
                after = before[:1]
            governed |= dict.fromkeys(after or before, i + 1)
    return [word._replace(negation=governed.get(i, 0)) for i, word in enumerate(words)]


def _alternatives(words: Sequence[Word], first: int) -> list[int]:
    """Places of the words of a list that goes on with *or*: "not sell, lend or pledge it" says it of each."""
    places, last = [], 0
    for i in range(first, len(words)):
        if words[i].kind not in ("small", "not"):
            places.append(i)
        elif words[i].text.lower() in ("or", "oder", "nor", "noch"):
            last = len(places) + 1
        elif words[i].text != ",":
            break
    return places[:last] if 1 < last <= len(places) else []


def _clause(words: Sequence[Word], first: int, step: int) -> list[int]:
    """Places of the words up to the next comma or negation."""
    places = []
    for n, word in enumerate(words):
        if word.kind == "not" or (word.text in _CUTS | {":"} and not word.text.isalpha()):
            break
        if word.kind != "small":
            places.append(first + step * n)
    return places


def _with_segments(words: list[Word], between: frozenset[str]) -> list[Word]:
    """Number the segments; after a bracket goes on what was before it."""
    texts = [word.text.lower() for word in words]
    cuts = between | {"|"} if texts.count(":") > texts.count("|") else between  # Price: 12 | Weight: 3
    segment, last = 0, 0
    found: list[Word] = []
    numbers: set[Kind] = set()
    before: list[tuple[int, set[Kind]]] = []
    for i, word in enumerate(words):
        again = word.kind in numbers and not _ends_a_span(found)
        if word.text == "(":
            before.append((segment, numbers))
        if word.text == ")" and before:
            segment, numbers = before.pop()
        elif again or (texts[i] in cuts and not _goes_on(words, i)):
            segment, numbers = last + 1, set()
        if word.kind in ("number", "year"):
            numbers = numbers | {word.kind}
        last = max(last, segment)
        found.append(word._replace(segment=segment))
    return found


def _goes_on(words: list[Word], i: int) -> bool:
    """Whether a sign cuts nothing: a bracket but "(2) …", the comma of "In 1833, …", the full stop of "1. November"."""
    if words[i].text == "(":
        return i > 0
    if words[i].text == ".":
        return 0 < i < len(words) - 1 and words[i - 1].kind == "number" and bool(words[i + 1].sides)
    return words[i].text == "," and _opens(words[:i])


def _ends_a_span(before: list[Word]) -> bool:
    """Whether the number after these words belongs to the one before it: "voted 4 to 1 for it"."""
    return (
        len(before) > 1
        and before[-2].kind in ("number", "year")
        and _ENDS.get(before[-1].text.lower()) == "to"
    )


def _opens(before: list[Word]) -> bool:
    """Whether only a number stands before a comma: "In 1833, …" goes on with what was then."""
    return bool(before) and all(
        word.kind in ("number", "year", "small") and word.text not in _CUTS for word in before
    )

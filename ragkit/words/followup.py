"""Questions that lean on the one before: known by their words, and written out so that they can be searched for.

No grammar is parsed: a question leans if it begins as one does ("And", "What about"), has a pronoun where its subject
would be, has no word of its own, or is no whole question and names one thing more of a kind that the one before names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ragkit.words.asking import kind_of
from ragkit.words.company import read_words
from ragkit.words.facts import Word
from ragkit.words.keywords import words_of
from ragkit.words.languages import language_of, stem, stems_of_asking, stop_words
from ragkit.words.naming import with_place_of, without_days

LOOKED_BACK = 6
"""Questions before that are read: each may lean on the one before it."""

MOST_CHARACTERS = 200
"""Of each of them that is searched for together with a new one: its end, where the question stands."""

_HEAD = re.compile(
    r"""\W*(?:(?:and|but|or|so|then|also|okay|ok|und|aber|oder|et|mais|ou|y|pero|e|ma)[\s,]+)*
    (?:(?:what|how)\s+(?:about|of)\s|was\s+ist\s+mit\s|wie\s+(?:ist|steht|sieht)\s+es\s+(?:mit|bei|aus)\s
    |qu['’]en\s+est-il\s+d\w*\s|(?P<even>(?:not\s+)?even|(?:auch\s+)?nicht\s+(?:ein)?mal|sogar
    |(?:pas\s+)?même(?:\s+pas)?|ni\s+siquiera|n(?:emm|ean)(?:eno|che))\s)?\s*""",
    re.IGNORECASE | re.VERBOSE,
)
ASKS, _VERBS, _STANDS_FOR, _AT_THE_END, _CLAUSE, _PREPOSITIONS, _ARTICLES, _EMPTY = (
    frozenset(line.split())
    for line in """
what which who whom whose when where why how what's whats who's whos where's wheres how's hows was wer wem wen wann wo warum wieso wie welche welcher welches welchem welchen woher wohin que quoi qui quand où pourquoi comment combien quel quelle quels quelles qué quién cuándo dónde cómo cuánto cuál che chi dove perché quanto quale
is are was were be do does did can could may might must shall should will would has have had am list give show tell name define describe explain find compare ist sind war waren hat haben kann können darf dürfen muss müssen soll sollen wird werden gibt braucht kostet est sont était peut faut doit es son hay puede è sono può
it they them he she him this that these those its their his her er ihn ihm sie da dann dafür davon dazu damit dabei darin dagegen danach elle elles ils lui leur cela ça celui-ci eso ella ellos esso lei
there each one ones dort y
and or but that because while than und oder aber dass weil et ou mais
for of between in on at with without during while after before from per by to under für von bei mit ohne im am nach vor auf aus an um über zu pour de du des dans en avec sans sur à para con sin
a an the der die das den dem ein eine einen einem le la les un une
yes no yeah thanks thank please more else example examples detail details explain elaborate continue sure really exactly again further ja nein danke bitte mehr genauer beispiel oui non merci encore plus exemple sí gracias grazie
""".strip().splitlines()  # noqa: E501
)
"""What asks; what makes a question of some words; what stands for what was named before, everywhere or at the end; what
begins another clause; what stands before a noun; and what says nothing of its own. English, German, some French and
Spanish."""

_AT_LAST = (_STANDS_FOR | _AT_THE_END) - {"da"}  # how many were there: wie viele waren da
_POINTS = frozenset(("this", "that", "these", "those"))
_OWNS = frozenset(("its", "their", "his", "her", "leur"))
_BE = frozenset(("is", "are", "was", "were"))
_NOTHING = re.compile(
    r"\bit\s+(?:\w+\s+){1,2}(?:that|to\s+(?!the\b|an?\b|my\b|your\b|our\b))|\bit\s+says?\b", re.IGNORECASE
)
"""An "it" that stands for what comes after it, how much *is it safe to eat*, or for a document: what does *it say*."""

_THE = frozenset(("der", "die", "das", "den", "dem"))
_NO_NOUN = frozenset(("auch", "nicht", "noch", "dann", "denn", "wieder", "selbst", "alle"))
"""German articles, and words before which they are none: *muss ich die auf einmal zahlen?*"""

_SAID = ("nothing", "language")
"""Kinds of what leaves the subject as it was."""

_OF_ALL = ("overview", "outline", "all")
"""Kinds of questions that are about the document, whatever was asked before."""

_OF_MEETING = ("chair", "minutes", "present", "absent", "decisions")
"""Kinds that may be asked of the one meeting that a day named before."""

_SUCH = re.compile(r"\bsuch\s+an?\s|\bso(?:lch)?\s+eine?[nmrs]?\s|\bsolche[nmrs]?\s", re.IGNORECASE)
"""A thing of the kind that was named before: *such a file*."""

_OTHERWISE = {
    "in": "out", "out": "in", "with": "without", "without": "with",
    "mit": "ohne", "ohne": "mit", "avec": "sans", "sans": "avec",
}  # fmt: skip
_ANY, _ONE = r"[\w'’-]+", "i|you|he|she|it|we|they|one|people"
_NOUN = rf"{_ANY}(?:\s+(?!(?:{'|'.join(_PREPOSITIONS)})\b){_ANY})*"
_THE_NOUN = r"(?:(?:the|der|die|das|den|dem|le|la|les|el|los|las|il|lo|gli)\s+|l['’])"
_IS = "is|are|was|were|ist|sind|war|waren|est|sont|es|son|è|sono"
_WHAT = (
    rf"(?:what|who|which|was|wer|welche[rs]?|qui|quel(?:le)?s?|quién|cuál|chi|quale)(?:\s+(?:{_IS})|['’]s)\s+"
)
_PARTICIPLE = r"(?:\w*ge\w+(?:t|n)|(?:be|ver|ent|er)\w+(?:t|n)|\w+iert)"
_PHRASE = re.compile(
    rf"(?:and )?(?P<before>{'|'.join(sorted({*_PREPOSITIONS, *_OTHERWISE}))})(?:\s+(?P<noun>[\w'’ -]+))?\W*",
    re.IGNORECASE,
)
_WITH_THE = re.compile(rf"(?:and )?{_THE_NOUN}{_NOUN}\W*", re.IGNORECASE)
_LABEL = re.compile(r"\b([^\W\d_]{3,})\s+([A-Z]{1,3}\d{0,2}|\d{1,3})\b(?!\s*[%°])")
"""One of a row: class A, mode PP, table 3."""

Together = Callable[[set[str], set[str]], bool]


def in_full(question: str, before: Sequence[str] = (), together: Together = lambda own, others: True) -> str:
    """Write out a question that does not stand alone, with what it takes from those before it, the latest last.

    `together` tells whether the document speaks of some words and others in one place: if not, an "And …" without a
    pronoun changes the subject, and stands alone.

    >>> in_full("And for class C?", ["What is the limit for class A?"])
    'What is the limit for class C?'
    >>> in_full("What does it cost?", ["What is the HX-40?", "And the HX-50?"])
    'What is the HX-50? What does it cost?'
    >>> in_full("Who pays for the water?", ["Am I allowed to have a cat?"])
    'Who pays for the water?'
    """
    parts: list[str] = []
    language = language_of(" ".join([question, *before[-LOOKED_BACK:]]))
    for asked in [*(each.strip()[-MOST_CHARACTERS:] for each in before[-LOOKED_BACK:]), question.strip()]:
        parts = _after(asked, parts, language, together) if asked else parts
    if kind_of(question) in _SAID:
        return question.strip()
    return " ".join([*(part if part[-1] in ".?!" else f"{part}?" for part in parts[:-1]), *parts[-1:]])


def _after(asked: str, parts: list[str], language: str, together: Together) -> list[str]:
    """What a question comes to after others: the first one, those that lean on it, and itself; or itself alone.

    Of those that lean one is a whole question and one is none: each takes the place of the last of its kind.
    """
    head = _HEAD.match(asked)
    assert head
    rest = asked[head.end() :]
    tokens = _tokens(rest)
    own = _own(rest, language)
    kind = kind_of(rest)
    if kind_of(asked) in _SAID:
        return parts
    last = kind_of(parts[-1]) if parts else ""
    of_that_day = kind in _OF_MEETING and last == "place"
    if not parts or kind in _OF_ALL or (kind not in ("", "place") and last and not of_that_day):
        return [asked]
    if last not in ("", "place") and not kind_of(f"{parts[-1]} {asked}"):
        return [asked]
    headed, phrase = rest != asked, tokens[:1] and tokens[0] in _PREPOSITIONS
    whole, alone = _is_whole(asked), all(map(_is_whole, parts[1:]))
    new = f"and {rest}" if headed else rest
    swapped = parts if head["even"] else [_swapped(new, part, alone) for part in parts]
    kept = [*swapped[:1], *(part for part in swapped[1:] if _is_whole(part) is not whole)]
    if not whole and swapped != parts and own <= _own(" ".join(swapped), language):
        return swapped
    if not own or not tokens:
        return [*kept, asked] if ASKS.intersection(tokens) else parts
    if whole and _leans(tokens, own):
        return [*kept, asked]
    if whole:
        may = headed and len(own) == 1
    else:
        may = headed or phrase or tokens[-1] in _AT_THE_END or (swapped != parts and len(tokens) <= 4)
    return [*kept, asked] if may and together(own, _own(" ".join(parts), language) - own) else [asked]


def _tokens(text: str) -> list[str]:
    return re.findall(r"[\w'’-]+|[,;]", _NOTHING.sub("", without_days(text)).lower())


def _is_whole(asked: str) -> bool:
    """Whether a question has a verb, or what asks, of its own: not "And for class C?"."""
    rest = _HEAD.sub("", asked, count=1)
    tokens = _tokens(rest)
    verbs = _VERBS.intersection(tokens) - (set() if "i" in tokens else {"am"})  # German: am 14. Mai
    phrase = tokens[:1] and tokens[0] in _PREPOSITIONS and ASKS.intersection(tokens[1:2])
    return bool(verbs or (rest == asked and not phrase and ASKS.intersection(tokens)))


def _own(text: str, language: str) -> set[str]:
    """The words of a text that say what it is about; of a few words alone, the language would not be known."""
    words = {*words_of(text), *re.findall(r"[^\W_]+", text.lower())} - stop_words()[language] - _EMPTY
    return {word for word in words if stem(word, language) not in stems_of_asking(language)}


def _leans(tokens: Sequence[str], own: set[str]) -> bool:
    """Whether a pronoun stands where nothing in the question itself can be meant."""
    if _SUCH.search(" ".join(tokens)):
        return True
    verb = next((place for place, token in enumerate(tokens) if token in _VERBS), len(tokens))
    after = next((token for token in tokens[verb + 1 :] if token not in _ARTICLES), "")
    for place, token in enumerate(tokens):
        last, follows_verb = place == len(tokens) - 1, place == verb + 1
        if place and (token in ",;" or token in _CLAUSE) and not (token == "that" and (last or follows_verb)):
            return False
        the = token in _THE and (last or tokens[place + 1] in _PREPOSITIONS | _NO_NOUN)
        if not the and token not in (_AT_LAST if last else _STANDS_FOR):
            continue
        alone = the or (
            last or (follows_verb and place == len(tokens) - 2) or tokens[place + 1] in _VERBS | _PREPOSITIONS
        )
        if token in _POINTS and not alone and (token == "this" or tokens[place - 1] not in _BE):
            continue  # "this report" is the one that is asked
        told = own.intersection(tokens[:place])
        if token not in _OWNS and (place == 0 or follows_verb):
            return True
        outside = after not in own or place < verb or tokens[place - 1] in ("of", "between")
        return outside and len(told) <= (1 if token in _OWNS else 3)
    return False


def _swapped(rest: str, context: str, alone: bool) -> str:
    """The question before, with a new place, day, code, class, year or name in place of the one of its kind."""
    context = with_place_of(rest, context)
    for label in _LABEL.finditer(rest):
        context = re.sub(
            rf"\b({label[1]}\s+)(?:[A-Z]{{1,3}}\d{{0,2}}|\d{{1,3}})\b", rf"\g<1>{label[2]}", context
        )
    new = re.sub(r"^and |\W+$", "", rest)
    for before, other, after in _replaced_by(rest, alone):
        if found := re.match(rf"({before}){other}({after}\W*)$", context, re.IGNORECASE):
            return f"{found[1]}{new}{found[2]}"
    there = {word.key for word in read_words(context)}
    for word in read_words(rest):
        if word.key not in there and (old := _of_its_kind(word, rest, context)):
            context = context[: old.start] + word.text + context[old.end :]
    return context


def _replaced_by(rest: str, alone: bool) -> Iterator[tuple[str, str, str]]:
    """What a phrase may stand for in the question before: patterns of what stands before, of it, and after.

    Its end, so that no verb is taken for a part of it: "for women", after a verb, or one word, or before a participle.
    """
    asked, the = _PHRASE.fullmatch(rest), _WITH_THE.fullmatch(rest)
    before = asked["before"].lower() if asked else ""
    if asked and not asked["noun"] and before in _OTHERWISE:
        after = rf"(?:\s+(?:{'|'.join(_PREPOSITIONS)})\b.*)?" if before in ("in", "out") else r"\b.*"
        yield rf"(?!.*\b{before}\b).*?\b", _OTHERWISE[before], after
    if asked and asked["noun"]:
        yield rf".*\b(?:{'|'.join(_BE)})\b.*", rf"\b{before}\s+{_NOUN}", ""
        yield rf".*\b(?:{'|'.join(_VERBS)})\s+(?:{_ONE})\s+{_ANY}\b.*", rf"\b{before}\s+{_NOUN}", ""
        yield ".*", rf"\b{before}\s+(?:{_THE_NOUN})?{_ANY}", rf"(?:\s+{_PARTICIPLE})?"
    if the and alone:
        yield rf"\W*{_WHAT}", rf"{_THE_NOUN}{_NOUN}", ""
        yield rf"\W*(?:{'|'.join(ASKS)})\b.*\b(?:{_IS})\s+", rf"{_THE_NOUN}{_ANY}", ""


def _of_its_kind(new: Word, rest: str, context: str) -> Word | None:
    """The word of the question before that a new one stands for; None where there is none, or it is not clear."""
    words = [word for word in read_words(context) if _same_kind(new, word)]
    if new.kind == "name" and (preposition := _before(rest, new)) in _PREPOSITIONS:
        words = [word for word in words if _before(context, word) == preposition]
    return words[0] if len(words) == 1 else None


def _same_kind(new: Word, old: Word) -> bool:
    if any(number == other and side != its for number, side in new.sides for other, its in old.sides):
        return True
    shapes = [re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", word.text)) for word in (new, old)]
    return new.kind == old.kind and new.kind in ("code", "year", "name") and shapes[0] == shapes[1]


def _before(text: str, word: Word) -> str:
    """The word before one, in small letters."""
    return (text[: word.start].lower().split() or [""])[-1]

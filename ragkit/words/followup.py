"""Questions that lean on the one before: known by their words, and written out so that they can be searched for.

No grammar is parsed: a question leans if it begins as one does ("And", "What about"), has a pronoun where its subject
would be, has no word of its own, or is no whole question and names one thing more of a kind that the one before names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragkit.words.facts import Word, read_words
from ragkit.words.keywords import language_of, stem, stems_of_asking, words_of

LOOKED_BACK = 6
"""Questions before that are read: each may lean on the one before it."""

MOST_BEFORE = 300
"""Characters of them that are searched for together with a new one: the last ones."""

_HEAD = re.compile(
    r"""\W*(?:(?:and|but|or|so|then|also|okay|ok|und|aber|oder|et|mais|ou|y|pero|e|ma)[\s,]+)*
    (?:(?:what|how)\s+(?:about|of)\s|was\s+ist\s+mit\s|wie\s+(?:ist|steht|sieht)\s+es\s+(?:mit|bei|aus)\s
    |qu['’]en\s+est-il\s+d\w*\s)?\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_ASKS = frozenset(
    """
    what which who whom whose when where why how was wer wem wen wann wo warum wieso wie welche welcher welches welchem
    welchen woher wohin wozu que quoi qui quand où pourquoi comment combien quel quelle quels quelles qué quién cuándo
    dónde cómo cuánto cuál che chi dove perché quanto quale
    """.split()  # noqa: SIM905
)
_VERBS = frozenset(
    """
    is are was were be do does did can could may might must shall should will would has have had am
    list give show tell name define describe explain find compare ist sind war waren hat haben kann können darf dürfen
    muss müssen soll sollen wird werden gibt braucht kostet est sont était peut faut doit es son hay puede è sono può
    """.split()  # noqa: SIM905
)
"""What makes a question of some words: a fragment has none of these."""

_STANDS_FOR = frozenset(
    """
    it they them he she him this that these those its their his her er ihn ihm sie dafür davon dazu damit dabei darin
    dagegen danach elle elles ils lui leur cela ça celui-ci eso ella ellos esso lei
    """.split()  # noqa: SIM905
)
_POINTS = frozenset(("this", "that", "these", "those"))
_AT_THE_END = frozenset(("there", "each", "one", "ones", "so", "dort", "es", "y"))
_OWNS = frozenset(("its", "their", "his", "her", "leur"))
_CLAUSE = frozenset("and or but that because while than und oder aber dass weil et ou mais".split())
_NOTHING = re.compile(r"\bit\s+(?:\w+\s+){1,2}(?:that|to\s+(?!the\b|an?\b|my\b|your\b|our\b))", re.IGNORECASE)
"""An "it" that stands for what comes after it: how much *is it safe to eat*?"""

_EMPTY = frozenset(
    """
    yes no yeah thanks thank please more else example examples detail details explain elaborate continue sure really
    exactly again further ja nein danke bitte mehr genauer beispiel oui non merci encore plus exemple sí gracias grazie
    """.split()  # noqa: SIM905
)
_BEFORE_A_NOUN = frozenset(
    """
    for of in on at with without during while after before from per by to under für von bei mit ohne im am in nach vor
    pour de du des dans en avec sans sur à para con sin per
    """.split()  # noqa: SIM905
)
_ARTICLES = frozenset("a an the der die das den dem ein eine einen einem le la les un une l".split())
_BE = frozenset("is are was were ist sind war est sont".split())
_LABEL = re.compile(r"\b([^\W\d_]{3,})\s+([A-Z]{1,3}\d{0,2}|\d{1,3})\b(?!\s*[%°])")
"""One of a row: class A, mode PP, table 3."""


def in_full(question: str, before: Sequence[str] = ()) -> str:
    """Write out a question that does not stand alone, with what it takes from those before it, the latest last.

    >>> in_full("And for class C?", ["What is the limit for class A?"])
    'What is the limit for class C?'
    >>> in_full("What does it cost?", ["What is the HX-40?", "And the HX-50?"])
    'What is the HX-50? What does it cost?'
    >>> in_full("Who pays for the water?", ["Am I allowed to have a cat?"])
    'Who pays for the water?'
    """
    context = ""
    for asked in [*before[-LOOKED_BACK:], question]:
        context = _after(asked.strip(), context[-MOST_BEFORE:])
    return context


def _after(asked: str, context: str) -> str:
    """One question, written out with what those before it came to."""
    rest = asked[_HEAD.match(asked).end() :]  # type: ignore[union-attr]
    tokens, own = re.findall(r"[\w'’-]+|[,;]", _NOTHING.sub("", rest).lower()), _own(rest)
    if not context:
        return asked
    if not own:
        return f"{context} {asked}" if _ASKS.intersection(tokens) else context
    swapped = _swapped(("and " if rest != asked else "") + rest, context)
    headed, phrase = rest != asked, tokens[0] in _BEFORE_A_NOUN
    if _VERBS.intersection(tokens) or (_ASKS.intersection(tokens) and not phrase):  # a whole question
        leans = _leans(tokens, own) or (headed and len(own) == 1)
    elif swapped != context and own <= _own(swapped):
        return swapped
    else:
        leans = headed or phrase or tokens[-1] in _AT_THE_END or (swapped != context and len(own) <= 2)
    return f"{swapped} {asked}" if leans else asked


def _own(text: str) -> set[str]:
    """The words of a text that say what it is about."""
    language = language_of(text)
    left_out = stems_of_asking(language)
    return {word for word in words_of(text) if word not in _EMPTY and stem(word, language) not in left_out}


def _leans(tokens: Sequence[str], own: set[str]) -> bool:
    """Whether a pronoun stands where nothing in the question itself can be meant."""
    verb = next((place for place, token in enumerate(tokens) if token in _VERBS), len(tokens))
    after = next((token for token in tokens[verb + 1 :] if token not in _ARTICLES), "")
    for place, token in enumerate(tokens):
        last, follows_verb = place == len(tokens) - 1, place == verb + 1
        if place and (token in ",;" or token in _CLAUSE) and not (token == "that" and (last or follows_verb)):
            return False
        if token not in (_STANDS_FOR | _AT_THE_END if last else _STANDS_FOR):
            continue
        alone = last or tokens[place + 1] in (_VERBS | _BEFORE_A_NOUN | {"mean", "means"})
        if token in _POINTS and not alone and (token == "this" or tokens[place - 1] not in _BE):
            continue  # "this report" is the one that is asked
        told = own.intersection(tokens[:place])
        if token not in _OWNS and (place == 0 or follows_verb):
            return True
        return (after not in own or place < verb) and len(told) <= (1 if token in _OWNS else 3)
    return False


def _swapped(rest: str, context: str) -> str:
    """The question before, with a new code, class, year or name in the place of the one of its kind."""
    for label in _LABEL.finditer(rest):
        context = re.sub(rf"\b({label[1]}\s+)(?:[A-Z]{{1,3}}\d{{0,2}}|\d{{1,3}})\b", rf"\g<1>{label[2]}", context)
    there = {word.key for word in read_words(context)}
    for new in read_words(rest):
        if new.key not in there and (old := _of_its_kind(new, rest, context)):
            context = context[: old.start] + new.text + context[old.end :]
    return context


def _of_its_kind(new: Word, rest: str, context: str) -> Word | None:
    """The word of the question before that a new one stands for; None where there is none, or it is not clear."""
    words = [word for word in read_words(context) if _same_kind(new, word)]
    if new.kind == "name" and (preposition := _before(rest, new)) in _BEFORE_A_NOUN:
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

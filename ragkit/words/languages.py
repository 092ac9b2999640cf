"""Languages: which one a text is in, which of its words tell nothing, and what the forms of a word have in common."""

from __future__ import annotations

import functools
import importlib.util
import re
import runpy
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import snowballstemmer

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\d+\.\d+|[^\W_]+")
FUNCTION_WORDS = frozenset(
    """
    a about an and any are as at be been but by can could did do does each for from had has have how i if in into is it
    its me my no not of on one or other our should so some such than that the their them then there these they this
    those to two was we were what when where which who whom whose why will with would you your
    """.split()  # noqa: SIM905
)
"""English words that tell nothing about what a text is about."""

_ALSO_ASKED_WITH = {
    "german": "darf dürfen gibt wann warum wem wen wer wessen weshalb wieso wieviel viele woher wohin womit",
    "french": "a ai avoir cet cette combien comment doit doivent dois est être existe faire fait faut lequel où peut "
    "peuvent peux pourquoi pouvez puis quand quel quelle quelles quelqu quels quoi veux",
    "spanish": "cuál cuáles cuándo cuánta cuántas cuánto cuántos cómo debe deben debo dónde hace hacen hacer hago "
    "puede pueden puedo quién quiénes quiero",
    "italian": "bisogna cosa deve devo devono fa fare possiamo possono posso può qual quali quando quell voglio",
    "portuguese": "deve onde pode porque quais quanto quantos",
}
"""What asks a question, and is in no list of words that are left out of texts."""

_OF_THE_ASKING = """
    allow answer appear come document following format get give go got kind list many may mean mention much name need
    number ok okay page picture please pls put say section show slide someone tell text thanks topic total type want
    write yyyy mm dd
    bedeutet even heißt kostet mal nennen nummer numéro número numero seite viele
"""
_OF_THE_ASKING_IN = {
    "french": "coûte dire dit donner passe signifie sert texte trouve",
    "spanish": "cuesta dice documento necesito página pasa pone sección significa sirve texto",
    "italian": "costa dice documento pagina sezione serve significa stata stato succede testo trova",
}

_MEASURE = re.compile(
    r"\b(?:how|wie)\s+(\w+)(?=\s+(?:is|are|was|were|do|does|did|can|may|must|ist|sind|war|waren|darf|muss|kann|wird)\b)"
    r"|\bquanto\s+è\s+(\w+)|\bqu[ée]\s+tan\s+(\w+)",
    re.IGNORECASE,
)

ROMANCE = ("french", "italian", "portuguese", "spanish")
"""Languages that many type without accents, on a keyboard that has none."""

LOOKED_AT = 100
"""Words by which a text's language is known: its first ones."""


@functools.cache
def stop_words() -> dict[str, frozenset[str]]:
    """The words of each language that tell nothing: those of bm25s, and for English the ones above."""
    known = {name: words for name, words in _lists().items() if name in snowballstemmer.algorithms()}
    more = {name: frozenset(words.split()) for name, words in _ALSO_ASKED_WITH.items()}
    found = {name: words | more.get(name, frozenset()) for name, words in known.items()}
    typed = {name: frozenset(map(folded, found[name])) for name in ROMANCE}
    return {"english": FUNCTION_WORDS} | {
        name: words | typed.get(name, frozenset()) for name, words in found.items()
    }


def folded(text: str) -> str:
    """A text without the accents of its Latin letters, as many type it; every sign stays in its place.

    >>> folded("Cláusula 4, à Orléans … が")
    'Clausula 4, a Orleans … が'
    """
    return text if text.isascii() else "".join(map(_plain, text))


@functools.cache
def _plain(sign: str) -> str:
    parts = unicodedata.normalize("NFD", sign)
    return parts[0] if parts[0].isascii() and all(map(unicodedata.combining, parts[1:])) else sign


@functools.cache
def _lists() -> dict[str, frozenset[str]]:
    """The lists of bm25s, from the one file that holds them: importing all of it takes longer than searching."""
    package = importlib.util.find_spec("bm25s")
    assert package
    assert package.origin
    lists = runpy.run_path(str(Path(package.origin).with_name("stopwords.py")))
    return {
        name.removeprefix("STOPWORDS_").lower(): frozenset(lists[name]) for name in lists if name.isupper()
    }


def language_of(text: str) -> str:
    """The language most of whose function words stand at the beginning of a text; English where none tell.

    >>> language_of("Was kostet ein Cappuccino?"), language_of("What is the AMDR?"), language_of("88-4425-B")
    ('german', 'english', 'english')
    """
    return language_among(words[:LOOKED_AT] if (words := WORD.findall(text.lower())) else ())


def language_of_most(texts: Iterable[str]) -> str:
    """The language of most texts of a document."""
    return Counter(map(language_of, texts)).most_common(1)[0][0]


@functools.cache
def _languages() -> dict[str, list[str]]:
    """Of each function word, the languages that it is one of."""
    found: dict[str, list[str]] = {}
    for name, words in stop_words().items():
        for word in words:
            found.setdefault(word, []).append(name)
    return found


def language_among(words: Sequence[str]) -> str:
    """The language most of whose function words are among these; English where none tell."""
    known = _languages()
    counts = Counter(name for word in words for name in known.get(word, ()))
    return max(counts, key=lambda name: (counts[name], name == "english")) if counts else "english"


@functools.lru_cache
def is_foreign(language: str, tokenizer: Any) -> bool:
    """Whether a tokenizer, and so its model, was not made for a language: half of the words of all texts are in pieces.

    Of the words of `stop_words`, those of all-MiniLM-L6-v2 and all-mpnet-base-v2 have 6 to 46 % whole in eleven
    languages, and a multilingual one (Qwen2.5's) 71 % in German, 60 in French, 42 in Spanish and Italian.
    """
    words = [" " + word for word in sorted(stop_words()[language])]
    pieces = tokenizer(words, add_special_tokens=False, verbose=False)["input_ids"]
    return 2 * sum(len(each) == 1 for each in pieces) < len(pieces)


@functools.lru_cache(maxsize=50_000)
def stem(word: str, language: str = "english") -> str:
    """What the forms of a word have in common, by Snowball: *cures* and *cured* count as one.

    >>> stem("cures"), stem("running"), stem("protein"), stem("proton"), stem("Müllers", "german")
    ('cure', 'run', 'protein', 'proton', 'mull')
    """
    return folded(_stemmer(language).stemWord(word.lower()))


@functools.cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(language)


@functools.cache
def stems_of_asking(language: str) -> frozenset[str]:
    """Stems of words that ask, or speak of the answer and the document: that a document lacks them tells nothing."""
    more = _lists()["en_plus"] if language == "english" else stop_words()[language]
    own = _OF_THE_ASKING_IN.get(language, "").split()
    return frozenset(stem(word, language) for word in [*more, *own, *_OF_THE_ASKING.split()])


def measures_in(question: str) -> frozenset[str]:
    """The words of a question that ask for a measure, which its answer need not have.

    >>> sorted(measures_in("Wie hoch ist die Miete, and how long is it?"))
    ['hoch', 'long']
    """
    return frozenset(word for found in _MEASURE.findall(question.lower()) for word in found if word)

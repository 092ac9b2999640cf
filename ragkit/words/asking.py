"""What a question asks for that no search for passages can find: the author, the chapters, clause 9.4, a summary.

By rule, and only if nothing else is asked: all of a question's words are those of asking, of the document as a whole,
or of the one thing that is asked for. "Who is the author?" is such a question, "Who is the author of Hamlet?" is none.
The words are those of one language: of English and German, of French, of Spanish, or of Italian.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from typing import Literal, cast

from ragkit.words.facts import GERMAN
from ragkit.words.kinds import LOOSELY, TABLES
from ragkit.words.languages import FUNCTION_WORDS, folded, stop_words
from ragkit.words.naming import MEETING, NOUNS, PLACE, days_asked, table_named, with_digits, without_days

Words = frozenset[str]
Kind = Literal[
    "place",
    "pages",
    "outline",
    "meetings",
    "chair",
    "minutes",
    "present",
    "absent",
    "held",
    "decisions",
    "signing",
    "table",
    "captions",
    "date",
    "author",
    "opening",
    "title",
    "language",
    "overview",
    "nothing",
    "all",
    "",
]


def _words(text: str) -> Words:
    return frozenset(folded(text).split())


_WHO = r"who|whom|wer|qui|quien(?:es)?|chi"
_WHEN = r"when|wann|quand|cuando|quando|dated?|(?:what|which) day|datum|tag|fecha|data"
_LANGUAGES = "english|german|french|spanish|italian|deutsch|englisch|franzosisch"
_ASKED_OTHERWISE = defaultdict(
    lambda: re.compile("$^"),
    overview=re.compile(
        r"^(?:thesis|essay|study|book|article) (?:topic|subject|theme|idea)s?\b"
    ),  # one of a CV's
    pages=re.compile(r"\b(?:long|lang)\b.*\b(?:lease|contract|agreement|vertrag|study)\b"),  # its term
    date=re.compile(
        r"^(?!.*\b(?:when|wann|dated?|datum|year|jahr|quand|datee?|annee|cuando|fecha|ano|quando|data|anno)\b)"
    ),
    chair=re.compile(rf"^(?!.*\b(?:{_WHO})\b)"),
    minutes=re.compile(
        rf"^(?!.*\b(?:{_WHO})\b.*(?:minute|protokoll|schriftfuhr|compte rendu|proces|\bacta\b|verbale|secreta|segreta))"
    ),
    present=re.compile(
        rf"^(?!(?:{_WHO}|how many|list|attend|wie viele|liste|lista|elenco|participants|teilnehm|asist)\b)"
    ),
    absent=re.compile(
        rf"^(?!(?:{_WHO}|list|liste|lista|elenco|membres|membri|absente?s|excuses|apologies)\b)"
    ),
    held=re.compile(
        rf"^(?!.*\b(?:{_WHEN})\b)"
        r"|\b(?:is|ist|est|es|e|next|nachste|will|prochaine|proxima|prossima|begin"
        r"|start|end|over)\b"
    ),
    decisions=re.compile(
        r"^(?:who|whom|wer|when|wann|why|warum|where|wo|qui|quand|pourquoi|how (?!many)|chi)\b"
    ),
    signing=re.compile(rf"^(?!.*\b(?:{_WHEN})\b)"),
    outline=re.compile(
        r"^(?=.*\b(?:parts|teile)\b)(?!.*\b(?:document|contract|agreement|report|manual|guide|book|form|claim|handbook"
        r"|application|dokument|vertrag|bericht|buch|handbuch|anleitung|antrag|formular)s?\b)"
        r"|^(?!.*ordre du jour).*\bjour\b"
    ),
    language=re.compile(rf"\b({_LANGUAGES})\b.*\b(?!\1)({_LANGUAGES})\b"),  # from one to another
    author=re.compile(
        r"\b(?:when|wann|quand|cuando|quando|is|was|ist)\b.*\b(?:signed|unterschrieben|unterzeichnet|sign\w+|firm\w+)\b"
        rf"|^(?!.*\b(?:{_WHO})\b).*\b(?:approved|signed)\b"
    ),
    opening=re.compile(r"^(?!.*\b(?:who|whom|wer|wem|wen|welche|qui|quel(?:le)?s|quien(?:es)?|chi|quali)\b)"),
)
_THIS = _words("it this es das dies dieses dieser diesem diesen hier ça cela ceci ici aquí qui")
_ALL = re.compile(
    r"how (?:many times|often) (?:does|do|is|are|was|were)\b.*\b(?:appear|occur|mention|use|named|cite|repeat|come)"
    r"|(?:list|name|find|show|give me|count|enumerate)\s(?:me\s)?(?:every|each|all)\b"
    r"|wie oft (?:kommt|wird|steht|erscheint)\b|(?:liste|nenne|zeige|finde|zähle)\s(?:mir\s)?(?:alle|jede)"
    r"|combien de fois\b.*\b(?:appara|mentionn|cite|figure)|cuantas veces\b.*\b(?:aparece|menciona|cita|sale)"
    r"|quante volte\b.*\b(?:appare|compare|citat|menziona)"
    r"|(?:liste|enumere|nomme|lista|enumera|nombra|elenca)\s(?:-?moi\s)?(?:tous|toutes|todos|todas|tutti|tutte)\b"
)

_FOR_WHOM = re.compile(
    r"^(who signed(?: it)?|wer hat|qui a signe|quien firmo|chi ha firmato) (?:for|on behalf of|fur|pour|por|per)"
    r" (?:the |die |den |das |le |la |l['’]|el |il )?[\w-]+(?= unter\w+$|$)"
)
"""Of a signature, whoever is asked for, all is shown: it is short, and calls a party by its name."""
MOST_WORDS = 3
"""Words for what is asked to be listed."""
_THINGS = re.compile(
    r"(?:list|show|name|give|tell|enumerate|liste|nenne|zeige|enumere|lista|elenca)(?: me| us| mir| uns)?(?: all| every"
    r"| each| alle| tous| toutes)?(?: of)?(?: the| die| les| los| las| gli| i| le)? ([\w -]+)$"
    r"|(?:what|which|welche|quel(?:le)?s?|que|quali) ([\w -]+?) (?:are there|exist|gibt es|y a-t-il|hay|ci sono)$"
    r"|(?:what are|was sind|quel(?:le)?s sont|cuales son|quali sono)(?: all)? (?:the|die|l[eao]s|gli|i|le) ([\w -]+)$"
)
_LIST = re.compile(
    r"(?:list|show|name|what are (?:the|all)|which|how many|nenne|zeige|was sind die|welche|wie viele|liste"
    r"|quel(?:le)?s sont les|combien de|cuales son|cuant[oa]s|quali sono|quant[ei])\b"
)


def kind_of(question: str) -> Kind:
    """What is asked for, or "" for what a search can find.

    >>> kind_of("What is it about?"), kind_of("Who wrote this paper?"), kind_of("What does clause 9.4 say?")
    ('overview', 'author', 'place')
    >>> kind_of("What is the pump about?"), kind_of("How often does the word pump appear?")
    ('', 'all')
    """
    asked = folded(question).lower().strip(" ¿¡")
    if table_named(question):
        return "table"
    asked = _FOR_WHOM.sub(r"\1", asked)
    rest, n_places = PLACE.subn(" ", with_digits(without_days(question)).strip(" ¿¡?.!"))
    rest, n_meetings = MEETING.subn(" ", rest)
    n_places += n_meetings + bool(days_asked(question))
    words = frozenset(re.findall(r"[^\W\d_]+", _FOR_WHOM.sub(r"\1", rest.lower())))
    kinds = (_kind_in(language, asked, words, n_places) for language in TABLES)
    return next(filter(None, kinds), "all" if _ALL.match(asked) else "")


def _kind_in(language: str, asked: str, words: Words, n_places: int) -> Kind:
    """What is asked for in the words of a language."""
    document, asking, of_place, kinds = _table(language)
    named, words = words & document - asking, words - document
    if n_places:
        must, may = kinds["overview"]
        return "place" if words <= asking | must | may | of_place else ""
    for kind, (must, may) in kinds.items():
        if (
            words & must
            and words <= asking | must | may | LOOSELY
            and not _ASKED_OTHERWISE[kind].search(asked)
        ):
            return cast(Kind, kind)
    if not (named and words and words <= asking):
        return ""
    for kind in ("date", "opening"):  # "when is this letter from", "who is it to"
        if not _ASKED_OTHERWISE[kind].search(asked):
            return cast(Kind, kind) if named - _THIS else ""
    return "overview"


@functools.cache
def _table(language: str) -> tuple[Words, Words, Words, dict[str, list[Words]]]:
    """Of a language the words for a document, those that ask, and of what; of each other kind what must and may be."""
    rows = (row.partition(":") for row in TABLES[language].split(";"))
    kinds = {name.strip(): [_words(words) for words in lists.split("/")] for name, _, lists in rows}
    usual = frozenset(map(folded, stop_words()[language] if language else FUNCTION_WORDS | GERMAN))
    document, asking, place = (kinds.pop(name)[0] for name in ("document", "asking", "place"))
    return document, asking | usual, place, kinds


def things_listed(question: str) -> list[str]:
    """The words for what is asked to be listed, in their order; none if no list is asked for.

    >>> things_listed("list the error codes"), things_listed("Which samples are there?"), things_listed("What is E1?")
    (['error', 'codes'], ['samples'], [])
    """
    named = _THINGS.match(folded(question).lower().strip(" ¿¡?.!"))
    words = re.findall(r"[\w-]+", next(filter(None, named.groups()))) if named else []
    return words if len(words) <= MOST_WORDS else []


def section_named(question: str) -> Words:
    """The words by which a question names a section: all but those that ask for what one says, or for a list.

    >>> sorted(section_named("Summarize the chapter on water and salt")), sorted(section_named("What is salt?"))
    (['salt', 'water'], [])
    """
    asked = folded(question).lower().strip(" ¿")
    words = frozenset(re.findall(r"\w+", asked))  # a year or a number says more than a title
    nouns = frozenset(word for word in words if re.fullmatch(f"(?:{NOUNS})s?", word))
    says = nouns | words & _words("say says steht sagt regelt dit dice dicen dicono")
    left = []
    for document, asking, of_place, kinds in map(_table, TABLES):
        must, may = kinds["overview"]
        if says or words & must or _LIST.match(asked):
            left.append(words - nouns - document - asking - of_place - must - may)
    return min(left, key=len, default=frozenset())

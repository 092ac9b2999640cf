"""What a question asks for that no search for passages can find: the author, the chapters, clause 9.4, a summary.

By rule, and only if nothing else is asked: all of a question's words are those of asking, of the document as a whole,
or of the one thing that is asked for. "Who is the author?" is such a question, "Who is the author of Hamlet?" is none.
The words are those of one language: of English and German, of French, of Spanish, or of Italian.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from typing import Literal, NamedTuple, cast

from ragkit.words.facts import GERMAN
from ragkit.words.languages import FUNCTION_WORDS, folded, stop_words

Words = frozenset[str]
Kind = Literal[
    "place",
    "pages",
    "outline",
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


_TABLES = {
    "": """
    document: document documents paper report book pdf file text article manual guide contract agreement lease brochure
        handbook booklet leaflet thesis study essay presentation slides minutes letter menu it this
        dokument papier bericht buch datei protokoll artikel handbuch anleitung vertrag broschüre
        aufsatz arbeit brief speisekarte es dies dieses dieser diesem diesen hier;
    asking: please pls tell me us give show list name write make can could many much number say says said state states
        need want know whole entire full exact short brief briefly quick quickly words sentences few here was were s
        wer wie viele wann welche welcher welches bitte mir uns nenne nennen zeige gib kurz ganze ganzen hat worden
        anzahl whats one two three five ten bullet bullets line lines sentence stichpunkten sätzen there thanks thx
        danke happened discussed decided attended
        missing absent meeting sitzung teilgenommen gefehlt want passiert besprochen beschlossen;
    place: say says regulate regulates provide provides require requires mean means quote read explain steht sagt
        regelt;
    pages: pages seiten seitenzahl long lang / have has contain contains;
    outline: sections chapters clauses articles headings contents outline structure structured organised
        organized toc kapitel abschnitte klauseln paragraphen paragrafen gliederung inhaltsverzeichnis
        überschriften aufbau aufgebaut gegliedert / table parts titles names title have contain main there top-level
        headings;
    date: date dated published issued written wrote created publication datum veröffentlicht erschienen erstellt
        year / when version released last revised updated geschrieben jahr;
    author: author authors wrote written writer writers made compiled prepared edited editor publisher autor
        autoren autorin verfasser verfasst geschrieben /
        names schrieb;
    opening: parties addressed addressee recipient sender vertragsparteien vertragspartner parteien empfänger absender
        gerichtet adressiert / contracting party between;
    language: language translate translated translation english german french spanish italian sprache übersetze
        übersetzen deutsch englisch französisch spanisch italienisch / into auf;
    title: title titled called name titel heißt heisst named /;
    overview: summarize summarise summary summarized overview about gist points ideas idea topic topics
        subject theme themes takeaways tldr tl recap message covers cover discusses discuss zusammen
        zusammenfassung zusammenfassen überblick worum handelt wovon punkte aussagen themen thema inhalt /
        main key central most important all deal deals with content fasse fass geht inhaltlich wichtigsten
        wichtigste wesentlichen sum up dr regelt;
    nothing: thanks thank thx ty cheers ok okay cool great nice perfect bye hi hello hey danke hallo tschüss super
        merci bonjour gracias hola grazie ciao / good morning very well guten tag tausend vielen mille muchas beaucoup
    """,
    "french": """
    document: document pdf fichier texte rapport livre article manuel guide notice contrat bail accord brochure mémoire
        thèse étude lettre compte rendu carte menu ça cela ceci ici;
    asking: a t moi dis dites donne donnez montre indique peux pouvez bref brève brièvement court courte mots phrases
        quelques entier svp stp plaît merci nombre exact passé discuté décidé;
    place: dit prévoit stipule contient précise lis cite explique énonce;
    pages: pages / contient compte fait;
    outline: sections chapitres clauses articles titres sommaire plan structure table matières / parties contient
        compte fait structuré principales principaux;
    date: date daté datée publié publiée paru parue écrit écrite rédigé rédigée signé signée année / version;
    author: auteur auteure auteurs autrice écrit écrite rédigé rédigée / nom noms;
    opening: parties destinataire expéditeur adressée adressé / contractantes;
    language: langue traduis traduire traduit français anglais / ;
    title: titre intitulé appelle / nom;
    overview: résume résumer résumez résumé parle parlent agit traite aperçu synthèse sujet thème thèmes points
        idées / principal principaux principale principales importants importantes grandes grands dit fais faire
    """,
    "spanish": """
    document: documento pdf archivo fichero texto informe libro artículo manual guía contrato acuerdo folleto tesis
        estudio carta acta aquí;
    asking: dime di da dame muestra muéstrame indica puedes podrías breve brevemente corto corta palabras frases pocas
        entero completo favor gracias número exacto ha sido fue pasó decidió discutió;
    place: dice dicen establece prevé estipula contiene pone lee cita explica indica;
    pages: páginas / contiene;
    outline: secciones capítulos cláusulas artículos apartados títulos índice estructura esquema /
        partes contiene principales estructurado;
    date: fecha fechado publicó publicado publicada escrito escribió redactado redactó firmado firmó año / versión;
    author: autor autora autores escribió escrito redactó redactado / nombre;
    opening: partes destinatario remitente / contratantes;
    language: idioma lengua traduce traducir español inglés / ;
    title: título titula llama / nombre;
    overview: resume resumir resumen resúmeme resúmelo trata tratan habla va síntesis tema temas
        puntos ideas / principal principales importantes general clave haz hazme hacer dice
    """,
    "italian": """
    document: documento pdf file testo rapporto relazione libro articolo manuale guida contratto accordo opuscolo tesi
        studio lettera verbale qui;
    asking: dimmi dammi mostra mostrami indica puoi potresti breve brevemente corto corta parole frasi poche intero
        completo favore grazie numero esatto stato stata successo deciso discusso;
    place: dice dicono prevede stabilisce contiene leggi cita spiega;
    pages: pagine / contiene;
    outline: sezioni capitoli clausole articoli paragrafi titoli indice sommario struttura / parti contiene principali
        strutturato;
    date: data datato pubblicato pubblicata scritto scritta redatto redatta firmato firmata anno / versione;
    author: autore autrice autori scritto scritta scrisse redatto redatta / nome;
    opening: parti destinatario mittente / contraenti;
    language: lingua traduci tradurre italiano inglese / ;
    title: titolo intitola intitolato chiama / nome;
    overview: riassumi riassumere riassunto riassumimi riassumilo parla parlano tratta sintesi sintetizza panoramica
        tema temi argomento argomenti punti idee / principale principali importanti generale chiave fai fammi dice
    """,
}
"""Of each language the words that stand for a document, that ask, and that ask for a place; then of each kind words of
which one must be there, and words that may be."""
_LANGUAGES = "english|german|french|spanish|italian|deutsch|englisch|franzosisch"
_ASKED_OTHERWISE = defaultdict(
    lambda: re.compile("$^"),
    pages=re.compile(r"\b(?:long|lang)\b.*\b(?:lease|contract|agreement|vertrag|study)\b"),  # its term
    date=re.compile(
        r"^(?!.*\b(?:when|wann|dated?|datum|year|jahr|quand|datee?|annee|cuando|fecha|ano|quando|data|anno)\b)"
    ),
    language=re.compile(rf"\b({_LANGUAGES})\b.*\b(?!\1)({_LANGUAGES})\b"),  # from one to another
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

_LIST = re.compile(
    r"(?:list|show|name|what are (?:the|all)|which|how many|nenne|zeige|was sind die|welche|wie viele|liste"
    r"|quel(?:le)?s sont les|combien de|cuales son|cuant[oa]s|quali sono|quant[ei])\b"
)
_NOUNS = (
    "section|clause|chapter|article|paragraph|appendix|annex|part|schedule|item|rule|abschnitt|kapitel|artikel|absatz|"
    "ziffer|klausel|punkt|anhang|teil|paragraf|anlage"
)
_ROMANCE = (
    "chapitre|paragraphe|alinea|annexe|partie|point|clausula|seccion|apartado|capitulo|articulo|parrafo|"
    "apendice|anexo|parte|punto|clausola|sezione|capitolo|articolo|paragrafo|appendice|allegato|comma"
)
NOUNS = f"{_NOUNS}|{_ROMANCE}"
"""What a numbered section may be called, as a pattern for `folded` text."""
NUMBER = r"(?:\d{1,3}|[A-Z](?=\.\d))(?:\.\d{1,3}){0,4}[a-z]?"
_AROUND = (
    "and|ok|what|does|about|in|is|was|steht|sagt|und|que|qu['’]est-ce|dit|le|la|el|il|y|et|e|dice|cosa|che"
)
_PLACE = re.compile(
    rf"\b(?P<noun>{_NOUNS}|(?:{_ROMANCE})(?=\s+(?:\D{{1,7}}\s)?(?-i:\d|[A-Z]\b)))\s+"
    rf"(?:(?:n[°º.]|num\.|n[uo]mero|number|no\.|nr\.)\s*)?(?P<number>{NUMBER}|[ivxl]{{1,5}}|[a-z])\b(?!\.\d)|§+\s?(?P<sign>{NUMBER})"
    rf"|^(?:(?:{_AROUND})\s+)*(?P<alone>\d{{1,3}}(?:\.\d{{1,3}}){{1,4}})(?:\s+(?:say|says))?$",
    re.IGNORECASE,
)
_ORDINALS = (
    "first|premiere?|primer[oa]?|prim[oa]|erste[rs]?", "second|deuxieme|second[oae]|segund[oa]|zweite[rs]?",
    "third|troisieme|tercer[oa]?|terz[oa]|dritte[rs]?", "fourth|quatrieme|cuart[oa]|quart[oa]|vierte[rs]?",
    "fifth|cinquieme|quint[oa]|funfte[rs]?", "sixth|sixieme|sext[oa]|sest[oa]|sechste[rs]?",
    "seventh|septieme|septim[oa]|settim[oa]|siebte[rs]?", "eighth|huitieme|octav[oa]|ottav[oa]|achte[rs]?",
    "ninth|neuvieme|noven[oa]|non[oa]|neunte[rs]?", "tenth|dixieme|decim[oa]|zehnte[rs]?",
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
        r"(?<![\d.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?:(?P<year>\d{4})|(?!\d))",  # section 5.3.1 is no day
    )
]

_IN_MONTH = re.compile(
    rf"\b(?:in|im|of|en|de|du|di|a)\s+{_MONTH}\.?(?:\s+(?:del?\s+)?(?P<year>\d{{4}}))?(?!\.?\s*\d)",
    re.IGNORECASE,
)


class Place(NamedTuple):
    """A section that is named by its number, and maybe by what it is called ("clause")."""

    number: str
    noun: str = ""


class Day(NamedTuple):
    """A day of a year, or of any: 0; or all days of a month: 0, too."""

    year: int
    month: int
    day: int


def kind_of(question: str) -> Kind:
    """What is asked for, or "" for what a search can find.

    >>> kind_of("What is it about?"), kind_of("Who wrote this paper?"), kind_of("What does clause 9.4 say?")
    ('overview', 'author', 'place')
    >>> kind_of("What is the pump about?"), kind_of("How often does the word pump appear?")
    ('', 'all')
    """
    asked = folded(question).lower().strip(" ¿¡")
    if _ALL.match(asked):
        return "all"
    rest, n_places = _PLACE.subn(" ", with_digits(without_days(question)).strip(" ¿¡?.!"))
    n_places += bool(days_asked(question))
    words = frozenset(re.findall(r"[^\W\d_]+", rest.lower()))
    return next(filter(None, (_kind_in(language, asked, words, n_places) for language in _TABLES)), "")


def _kind_in(language: str, asked: str, words: Words, n_places: int) -> Kind:
    """What is asked for in the words of a language."""
    document, asking, of_place, kinds = _table(language)
    named, words = words & document - asking, words - document
    if n_places:
        must, may = kinds["overview"]
        return "place" if words <= asking | must | may | of_place else ""
    for kind, (must, may) in kinds.items():
        if words & must and words <= asking | must | may and not _ASKED_OTHERWISE[kind].search(asked):
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
    rows = (row.partition(":") for row in _TABLES[language].split(";"))
    kinds = {name.strip(): [_words(words) for words in lists.split("/")] for name, _, lists in rows}
    usual = frozenset(map(folded, stop_words()[language] if language else FUNCTION_WORDS | GERMAN))
    document, asking, place = (kinds.pop(name)[0] for name in ("document", "asking", "place"))
    return document, asking | usual, place, kinds


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
    """The sections that a question names by number.

    >>> places_named("What do § 4 and clause 9.4 say?")
    [Place(number='4', noun=''), Place(number='9.4', noun='clause')]
    """
    found = _PLACE.finditer(with_digits(question).strip(" ¿¡?.!"))
    return [Place((m["number"] or m["sign"] or m["alone"]).lower(), (m["noun"] or "").lower()) for m in found]


def section_named(question: str) -> Words:
    """The words by which a question names a section: all but those that ask for what one says, or for a list.

    >>> sorted(section_named("Summarize the chapter on water and salt")), sorted(section_named("What is salt?"))
    (['salt', 'water'], [])
    """
    asked = folded(question).lower().strip(" ¿")
    words = frozenset(re.findall(r"\w+", asked))  # a year or a number says more than a title
    nouns = frozenset(word for word in words if re.fullmatch(f"(?:{NOUNS})s?", word))
    says = nouns | words & _words("say says steht sagt dit dice dicen dicono")
    left = []
    for document, asking, of_place, kinds in map(_table, _TABLES):
        must, may = kinds["overview"]
        if says or words & must or _LIST.match(asked):
            left.append(words - nouns - document - asking - of_place - must - may)
    return min(left, key=len, default=frozenset())


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

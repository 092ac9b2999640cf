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
from ragkit.words.languages import FUNCTION_WORDS, folded, stop_words
from ragkit.words.naming import MEETING, NOUNS, PLACE, days_asked, with_digits, without_days

Words = frozenset[str]
Kind = Literal[
    "place",
    "pages",
    "outline",
    "meetings",
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
        aufsatz arbeit brief speisekarte satzung es dies dieses dieser diesem diesen hier;
    asking: please pls tell me us give show list name write make can could many much number say says said state states
        need want know whole entire full exact short brief briefly quick quickly words sentences few here was were s
        wer wie viele wieviele wann welche welcher welches bitte mir uns nenne nennen zeige gib kurz ganze ganzen hat
        anzahl whats one two three five ten bullet bullets line lines sentence stichpunkten sätzen there thanks thx
        danke worden lautet lauten happened discussed decided attended
        missing absent meeting sitzung teilgenommen gefehlt want passiert besprochen beschlossen;
    place: say says regulate regulates provide provides require requires mean means quote read explain steht sagt
        regelt geregelt under unter agenda tagesordnung abgestimmt voted agreed;
    pages: pages seiten seitenzahl long lang / have has contain contains;
    outline: sections chapters clauses articles headings contents outline structure structured organised
        organized toc kapitel abschnitte klauseln paragraphen paragrafen gliederung inhaltsverzeichnis
        überschriften anlagen anhänge annexes appendices schedules aufbau aufgebaut gegliedert
        items tagesordnungspunkte tops / agenda gab table parts titles
        names title have contain main there top-level headings;
    meetings: meetings sessions sitzungen versammlungen protokolle treffen / held had took place all gab sind das;
    date: date dated published issued written wrote created publication datum veröffentlicht erschienen erstellt
        year / when version released last revised updated geschrieben jahr;
    author: author authors wrote written writer writers made compiled prepared edited editor publisher presenter
        presenters speaker speakers presented autor
        autoren autorin verfasser verfasst geschrieben signed signatories unterschrieben unterzeichnet /
        names schrieb;
    opening: parties addressed addressee recipient sender vertragsparteien vertragspartner parteien empfänger absender
        gerichtet adressiert / contracting party between;
    language: language translate translated translation english german french spanish italian sprache übersetze
        übersetzen deutsch englisch französisch spanisch italienisch / into auf;
    title: title titled called name titel heißt heisst named /;
    overview: summarize summarise summary summarized overview about gist points ideas idea topic topics
        subject theme themes takeaways tldr tl recap message covers cover discusses discuss zusammen
        zusammenfassung zusammenfassen überblick worum ging handelt wovon punkte aussagen themen thema inhalt /
        main key central most important all deal deals with content fasse fass geht inhaltlich wichtigsten
        wichtigste wesentlichen sum up dr regelt;
    nothing: thanks thank thx ty cheers ok okay cool great nice perfect bye hi hello hey danke hallo tschüss super
        merci bonjour gracias hola grazie ciao / good morning very well guten tag tausend vielen mille muchas beaucoup
    """,
    "french": """
    document: document pdf fichier texte rapport livre article manuel guide notice contrat bail accord brochure mémoire
        thèse étude lettre courrier compte rendu carte menu ça cela ceci ici;
    asking: a t moi dis dites liste énumère donne donnez montre indique peux pouvez bref brève brièvement court
        courte mots phrases quelques entier svp stp plaît merci nombre exact passé discuté décidé;
    place: dit prévoit stipule contient précise lis cite explique énonce écrit ordre jour;
    pages: pages / contient compte fait;
    outline: sections chapitres clauses articles titres sommaire plan structure table matières annexes / parties
        contient compte fait structuré principales principaux;
    meetings: réunions séances assemblées / lieu eu;
    date: date daté datée publié publiée paru parue écrit écrite rédigé rédigée signé signée année / version;
    author: auteur auteure auteurs autrice écrit écrite rédigé rédigée signé signée signataires / nom noms;
    opening: parties destinataire expéditeur adressée adressé / contractantes;
    language: langue traduis traduire traduit français anglais / ;
    title: titre intitulé appelle / nom;
    overview: résume résumer résumez résumé parle parlent agit traite aperçu synthèse sujet thème thèmes points
        idées / principal principaux principale principales importants importantes grandes grands dit fais faire
    """,
    "spanish": """
    document: documento pdf archivo fichero texto informe libro artículo manual guía contrato acuerdo folleto tesis
        estudio carta acta aquí;
    asking: dime di da dame lista enumera muestra muéstrame indica puedes podrías breve brevemente corto corta
        palabras frases pocas entero completo favor gracias número exacto ha sido fue pasó decidió discutió;
    place: dice dicen establece prevé estipula contiene pone lee cita explica indica escrito orden día;
    pages: páginas / contiene;
    outline: secciones capítulos cláusulas artículos apartados anexos títulos índice estructura esquema /
        partes contiene principales estructurado;
    meetings: reuniones sesiones actas juntas / hubo;
    date: fecha fechado publicó publicado publicada escrito escribió redactado redactó firmado firmó año / versión;
    author: autor autora autores escribió escrito redactó redactado firmó firmado firmantes / nombre;
    opening: partes destinatario remitente / contratantes;
    language: idioma lengua traduce traducir español inglés / ;
    title: título titula llama / nombre;
    overview: resume resumir resumen resúmeme resúmelo trata tratan habla va síntesis tema temas
        puntos ideas / principal principales importantes general clave haz hazme hacer dice
    """,
    "italian": """
    document: documento pdf file testo rapporto relazione libro articolo manuale guida contratto accordo opuscolo tesi
        studio lettera verbale qui;
    asking: dimmi dammi elenca mostra mostrami indica puoi potresti breve brevemente corto corta parole frasi poche
        intero completo favore grazie numero esatto stato stata successo deciso discusso;
    place: dice dicono prevede stabilisce contiene leggi cita spiega scritto ordine giorno;
    pages: pagine / contiene;
    outline: sezioni capitoli clausole articoli paragrafi allegati titoli indice sommario struttura / parti contiene
        principali strutturato;
    meetings: riunioni sedute assemblee verbali / state;
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
    overview=re.compile(
        r"^(?:thesis|essay|study|book|article) (?:topic|subject|theme|idea)s?\b"
    ),  # one of a CV's
    pages=re.compile(r"\b(?:long|lang)\b.*\b(?:lease|contract|agreement|vertrag|study)\b"),  # its term
    date=re.compile(
        r"^(?!.*\b(?:when|wann|dated?|datum|year|jahr|quand|datee?|annee|cuando|fecha|ano|quando|data|anno)\b)"
    ),
    language=re.compile(rf"\b({_LANGUAGES})\b.*\b(?!\1)({_LANGUAGES})\b"),  # from one to another
    author=re.compile(r"\b(?:when|wann|is|was|ist)\b.*\b(?:signed|unterschrieben|unterzeichnet)\b"),
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
    rest, n_places = PLACE.subn(" ", with_digits(without_days(question)).strip(" ¿¡?.!"))
    rest, n_meetings = MEETING.subn(" ", rest)
    n_places += n_meetings + bool(days_asked(question))
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
    for document, asking, of_place, kinds in map(_table, _TABLES):
        must, may = kinds["overview"]
        if says or words & must or _LIST.match(asked):
            left.append(words - nouns - document - asking - of_place - must - may)
    return min(left, key=len, default=frozenset())

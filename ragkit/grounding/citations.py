"""Citations: which sentence of the document supports a sentence of an answer, and whether it really does.

A language model is not asked to cite: small ones cannot, and none can be trusted to. Each sentence of an answer is
compared with every sentence of the passages. Likeness is not enough: a changed number, another name or a "not" hardly
moves an embedding and turns the meaning round, so these are compared one by one.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ragkit.embed import Embedder, embed_texts
from ragkit.found import Found, found_in
from ragkit.grounding.quotes import worth_quoting
from ragkit.index import Index
from ragkit.search import dot_scores, top_k
from ragkit.words.keywords import FUNCTION_WORDS, stem, words_of
from ragkit.words.sentences import split_sentences

CITATION_COLUMNS = [
    "claim",
    "supported",
    "score",
    "reason",
    "text",
    "source",
    "page",
    "label",
    "chunk",
    "boxes",
]

SUPPORTED = 0.7
"""Score from which a sentence counts as supported: docs/answers.md has the measurement."""

OTHER_WORD = 0.87
"""Likeness that a claim must have to a sentence of nearly the same words, if one word is another: below, it is not a
synonym. One noun for another gave 0.64 to 0.85, a synonym 0.89 to 1.00: docs/answers.md."""

NEAR = 6
"""Sentences of the passages that a claim is compared with in full: the nearest by their vectors."""

_MARKER = re.compile(r"^\s*(?:\d{1,3}[.)](?!\d)|[•*-])\s*")  # of a list item, no number of the claim
_REFERENCE = re.compile(  # to a passage, as models write it when they are shown numbers and pages; nor its marks
    r"according to passages? \[?\d+\]?,?|\bpassages? \[\d+\]|\s*\[\d+(?:\s*[,–-]\s*\d+)*\]|\s*\([^()]*\bpp?\. ?[^()]*\)"
    r"|(?<!\w)[*_\"“”]+|[*_\"“”]+(?!\w)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)(?<![\w-])[A-Z]\w*")  # also WHO, and the K of vitamin K
_NEGATION = re.compile(r"\b(?:not|no|never|none|nor|neither|without|cannot|\w+n[’']t)\b", re.IGNORECASE)
_SAME_NEGATION = re.compile(r"\bnor\b|(?:,|\band\b|\bor\b)\s*(?:no|not|never|without)\b", re.IGNORECASE)
_SUBSTANCE = re.compile(r"([ao]se|[ai]te|ide)s?$")  # lactose is no lactase, nitrate no nitrite
_PART = re.compile(r"(?:hal(?:f|ve)|third|quarter|(?:four|fif|six|seven|eigh|nin|ten)th)s?$")  # two-thirds
_WRITTEN = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_WRITTEN.split())} | {
    word: str(10 * tens) for tens, word in enumerate(_TENS.split(), start=3)
}


def support(text: str, found: Found) -> pd.DataFrame:
    """Match each sentence of a text with the sentence of the passages that supports it best.

    Parameters
    ----------
    text : str
        An answer, from a language model or anybody else.
    found : Found
        The passages to look in, with their sentences.

    Returns
    -------
    DataFrame
        A row a sentence of the text, columns `CITATION_COLUMNS`: the `claim`; whether it is `supported`; the `score`,
        0 to 1; the `reason` why not, or ""; and the sentence that supports it best: `text`, `source`, `page` (0-based),
        printed `label`, `chunk`, `boxes`.
    """
    claims = [claim for claim in split_sentences(text) if _REFERENCE.sub("", claim).strip()]
    nothing = pd.DataFrame(columns=CITATION_COLUMNS).astype({"supported": bool})
    kept = worth_quoting(
        found.sentences, n=len(found.sentences)
    )  # rows of tables, too: they may support a claim
    sentences, vectors = found.sentences[kept], found.vectors[kept]
    if not claims or not len(sentences):
        return nothing
    embedder = found.index.embedder
    rows = [
        _best_support(claim, vector, sentences, vectors, embedder)
        for claim, vector in zip(claims, embed_texts(embedder, claims), strict=True)
    ]
    return pd.DataFrame(rows, columns=CITATION_COLUMNS)


def cite(text: str, index: Index, hits: pd.DataFrame) -> pd.DataFrame:
    """Check a text of your own against hits of this index: `support` says what comes."""
    return support(text, found_in(hits, text, index))


def _best_support(
    claim: str, vector: np.ndarray, sentences: pd.DataFrame, vectors: np.ndarray, embedder: Embedder
) -> dict[str, object]:
    """The best of the nearest sentences for one claim, with its score and what speaks against it."""
    near = top_k(dot_scores(vector, vectors) + _word_shares(claim, sentences["text"]), NEAR)[1]
    rivals = sentences.iloc[near]
    alone = dot_scores(vector, embed_texts(embedder, rivals["text"].tolist()))
    rated = [
        _rate(claim, text, float(likeness)) for text, likeness in zip(rivals["text"], alone, strict=True)
    ]
    best = max(range(len(rated)), key=lambda i: rated[i][0])
    score, reason = rated[best]
    place = {name: rivals.iloc[best][name] for name in ("text", "source", "page", "label", "chunk", "boxes")}
    return {"claim": claim, "supported": score >= SUPPORTED, "score": score, "reason": reason} | place


def _word_shares(claim: str, texts: pd.Series) -> np.ndarray:
    """Share of the claim's words that each text has."""
    words = set(words_of(claim))
    return np.array(
        [len(words & set(words_of(text))) / max(len(words), 1) for text in texts], dtype=np.float32
    )


def _rate(claim: str, sentence: str, likeness: float) -> tuple[float, str]:
    """How well a sentence supports a claim, 0 to 1, and the reason where it does not.

    >>> _rate("It is 31 metres high.", "The tower is 13 metres high.", 0.9)
    (0.0, 'the number 31 is not in it')
    >>> _rate("4.", "The tower is 4 metres high.", 0.9)
    (0.0, 'it says nothing')
    """
    claim = _REFERENCE.sub("", _MARKER.sub("", claim)).strip()
    if not words_of(claim):
        return 0.0, "it says nothing"
    if missing := _numbers(claim) - _numbers(sentence):
        return 0.0, f"the number {min(missing)} is not in it"
    there = {word.removesuffix("s") for word in re.findall(r"\w+", sentence.lower())}  # RDA is in "RDAs"
    if absent := [name for name in sorted(_names(claim)) if name.removesuffix("s") not in there]:
        return 0.0, f"{absent[0]} is not in it"
    if _says_not(claim) != _says_not(sentence):
        return 0.0, "one of the two says not"
    words, others = (_by_stem(text) for text in (claim, sentence))
    changed = [word for root, word in words.items() if _is_another(word, others.get(root, ""))]
    share = (len(words) - len(changed)) / max(len(words), 1)
    alike = min(share, share * len(words) / max(len(others), 1))  # of the words of both
    if changed and alike >= 0.6 and likeness < OTHER_WORD:
        return 0.0, f"{changed[0]} is not in it, though the other words are"
    score = max(0.0, (likeness + share) / 2)
    return score, "" if score >= SUPPORTED else "no sentence of the passages says so"


def _says_not(text: str) -> bool:
    """Whether a text says not: an odd number of times, and "no fat and no sugar" is once."""
    first = _NEGATION.search(text)
    if not first:
        return False
    return len(_NEGATION.findall(_SAME_NEGATION.sub(" ", text[first.end() :]))) % 2 == 0


def _numbers(text: str) -> set[str]:
    """The numbers of a text, also where they are written in words.

    >>> sorted(_numbers("Twenty-five of 1,000, two-thirds, one."))
    ['1000', '25', 'two-third']
    """
    written = set(map(_written_number, re.findall(r"[\w-]+", text.lower()))) - {""}
    return {number.replace(",", "") for number in _NUMBER.findall(text)} | written


def _written_number(word: str) -> str:
    """The number that a word begins with; "" for none, and for "one", which is also an article."""
    first, _, second = word.partition("-")
    if first not in _NUMBER_WORDS:
        return ""
    if _PART.match(second):
        return word.removesuffix("s")
    if second in _NUMBER_WORDS and int(_NUMBER_WORDS[first]) >= 20:
        return str(int(_NUMBER_WORDS[first]) + int(_NUMBER_WORDS[second]))
    return "" if first == "one" else _NUMBER_WORDS[first]


def _by_stem(text: str) -> dict[str, str]:
    """The words of a text by their stems, without its numbers and negations, which are compared by themselves."""
    words = words_of(_NUMBER.sub(" ", _NEGATION.sub(" ", text)))
    return {stem(word): word for word in words if word not in _NUMBER_WORDS}


def _is_another(word: str, other: str) -> bool:
    """Whether two words of one stem are two, or there is no other."""
    endings = [_SUBSTANCE.search(each) for each in (word, other)]
    return not other or (all(endings) and len({ending[1] for ending in endings if ending}) == 2)


def _names(text: str) -> set[str]:
    """The words with a capital inside a sentence, in small letters."""
    return {name.lower() for name in _NAME.findall(text)} - FUNCTION_WORDS

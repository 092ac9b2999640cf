"""Citations: which sentence of the document supports a sentence of an answer, and whether it really does.

A language model is not asked to cite: small ones cannot, and none can be trusted to. Each sentence of an answer, a
claim, is laid beside the nearest sentences of the passages, word by word (`ragkit.grounding.evidence`), and gets one of
three verdicts: supported, not found, or contradicted, and then by what.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ragkit.embed import Embedder, embed_texts, embed_with_sentences
from ragkit.found import Found, found_in
from ragkit.grounding.around import LEANS, before, said_in_full
from ragkit.grounding.evidence import Finding, Side, examine
from ragkit.index import Index
from ragkit.search import dot_scores, top_k
from ragkit.words.company import read_words
from ragkit.words.facts import Word
from ragkit.words.languages import language_of
from ragkit.words.sentences import CELL, split_sentences

CITATION_COLUMNS = [
    "claim",
    "verdict",
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

SUPPORTED = 0.8
"""Score from which a claim counts as supported. A wrong mark is the worst error, so this is above one half."""

WEIGHTS = {"found": 6.9, "company": 0.9, "alien": -9.5, "scattered": -16.6}
CONSTANT = -4.9
"""Of a logistic regression over what `Finding` holds: docs/answers.md says on what it was fitted, and how it does on
what it was not."""

NEAR = 6
"""Sentences of the passages that a claim is compared with word by word: the nearest by vectors and shared words."""

MOVED, AS_FAR = 0.65, 0.8
"""How far another word must move a claim to make it another claim: distance (1 - cosine) times the claim's words; and
compared with taking the word out. One noun for another: 0.6 to 1.6, and 0.8 to 2; a synonym: 0.1 to 0.5, and 0.1 to 0.6
(docs/answers.md)."""

_REFERENCE = re.compile(  # to a passage, as models that see numbers and pages write it; marks and bullets
    r"^\s*(?:\d{1,3}[.)](?!\d)|[•*-])\s*|according to passages? \[?\d+\]?,?|\bpassages? \[\d+\]"
    r"|\s*\[\d+(?:\s*[,–-]\s*\d+)*\]|\s*\([^()]*\bpp?\. ?[^()]*\)|(?<!\w)[*_\"“”]+|[*_\"“”]+(?!\w)",
    re.IGNORECASE,
)
_ONLY_REFERENCES = re.compile(r"[\s\[\]\d,–*_\"“”-]*\]\s*")


def support(text: str, found: Found) -> pd.DataFrame:
    """Match each sentence of a text with the sentence of the passages that has most of what it says.

    Parameters
    ----------
    text : str
        An answer, from a language model or anybody else.
    found : Found
        The passages to look in, with their sentences.

    Returns
    -------
    DataFrame
        A row a sentence of the text, columns `CITATION_COLUMNS`: the `claim`; the `verdict`, "supported", "not found"
        or "contradicted"; whether it is `supported`; the `score`, 0 to 1; the `reason` why not, or ""; and the sentence
        that has most of it, or contradicts it: `text`, `source`, `page` (0-based), printed `label`, `chunk`, `boxes`.
    """
    claims = [claim for claim in split_sentences(text) if not _ONLY_REFERENCES.fullmatch(claim)]
    language = found.language if language_of(text) == found.language else "english"
    read = functools.partial(read_words, language=language)
    words = [read(sentence) for sentence in found.sentences["text"]]
    # rows of tables, too; no single word, and no question, which says nothing
    kept = [i for i, row in enumerate(words) if len(row) > 1 and found.sentences["text"].iloc[i][-1] != "?"]
    if not claims or not kept:
        return pd.DataFrame(columns=CITATION_COLUMNS).astype({"supported": bool})
    sentences, vectors, words = found.sentences.iloc[kept], found.vectors[kept], [words[i] for i in kept]
    plain = [_REFERENCE.sub("", claim).strip() for claim in claims]
    embedder = found.index.embedder
    sides, queries = _sides(embedder, plain, [read(claim) for claim in plain])
    near = [
        top_k(dot_scores(query, vectors) + _shares(side.words, words), NEAR)[1]
        for query, side in zip(_in_context(plain, queries, found.query), sides, strict=True)
    ]
    used = np.unique(np.concatenate(near))
    texts = [_in_full(found.sentences, kept[i], language) for i in used]
    evidence, _ = _sides(embedder, texts, [read(each) for each in texts])
    known = Counter(key for row in words for key in {word.key for word in row})
    asked = frozenset(word.key for word in read(found.question) if found.question != text)
    beside = [_joined([evidence[i] for i in np.searchsorted(used, nearest)]) for nearest in near]
    findings = [
        examine(side, others, known, asked) if side.words else None
        for side, others in zip(sides, beside, strict=True)
    ]
    findings = _tested(embedder, plain, queries, sides, beside, findings)
    rows = []
    for claim, nearest, finding in zip(claims, near, findings, strict=True):
        place = sentences.iloc[nearest[finding.row if finding else 0]]
        rows.append(
            {"claim": claim} | _verdict(finding) | {name: place[name] for name in CITATION_COLUMNS[5:]}
        )
    return pd.DataFrame(rows, columns=CITATION_COLUMNS)


def cite(text: str, index: Index, hits: pd.DataFrame) -> pd.DataFrame:
    """Check a text of your own against hits of this index: `support` says what comes."""
    return support(text, found_in(hits, text, index))


def _in_full(sentences: pd.DataFrame, row: int, language: str) -> str:
    """A sentence with what it is not understood without; of a table's row each cell with the names of row and column.

    Once the words stand in a row, their order no longer tells which column a cell is of. A row's name with a number
    comes last: two numbers keep no company.
    """
    text, above = sentences["text"].iloc[row], before(sentences, row)
    cells, heads = ([cell.strip() for cell in line.split(CELL.strip())] for line in (text, above))
    if len(cells) < 2 or len(cells) != len(heads):
        return said_in_full({"before": above, "text": text})
    name = cells[0].replace(",", " ")
    counts = any(word.kind == "number" for word in read_words(name, language))
    pairs = [(head, cell) for head, cell in zip(heads[1:], cells[1:], strict=True) if cell]
    named = [f"{head} {cell} {name}" if counts else f"{name} {head} {cell}" for head, cell in pairs]
    return "; ".join([f"{heads[0]} {name}", *named])


def _in_context(claims: Sequence[str], queries: np.ndarray, question: np.ndarray) -> np.ndarray:
    """Vectors of claims; of those that begin with "It", with that of the claim before, or of the question."""
    before = np.vstack([question, queries[:-1]])
    leans = np.array([bool(LEANS.match(claim)) for claim in claims])
    return queries + leans[:, None] * before


def _tested(
    embedder: Embedder,
    claims: Sequence[str],
    queries: np.ndarray,
    sides: Sequence[Side],
    beside: Sequence[Side],
    findings: Sequence[Finding | None],
) -> list[Finding | None]:
    """Findings in which a word is worth nothing where its stand-in, put into the claim, makes it another claim."""
    trials = [(n, each) for n, finding in enumerate(findings) if finding for each in finding.stand_ins]
    texts = []
    for n, (word, other) in trials:
        own = sides[n].words[word]
        for put in (beside[n].words[other].text, ""):
            texts.append(f"{claims[n][: own.start]}{put}{claims[n][own.end :]}")
    rows = embed_texts(embedder, texts) if texts else np.zeros((0, embedder.dimension), dtype=np.float32)
    tested = [finding and finding._replace(worth=finding.worth.copy()) for finding in findings]
    for (n, each), put, without in zip(trials, rows[::2], rows[1::2], strict=True):
        finding = tested[n]
        if finding:
            finding.worth[each.word] *= not _is_another(queries[n], put, without, len(finding.worth))
    return tested


def _is_another(claim: np.ndarray, put: np.ndarray, without: np.ndarray, n_words: int) -> bool:
    """Whether a word's stand-in is another thing, from the claim's vectors with the one, the other, and neither.

    Putting a synonym in moves the vector far less than taking the word out; another thing of its kind, as far. Where
    neither moves it, the word carries little. One word of many moves it less than one of few.
    """
    gone = (1 - claim @ without) + (1 - put @ without)
    moved = 1 - claim @ put
    return bool(moved * n_words >= MOVED and 2 * moved >= AS_FAR * gone)


def _verdict(finding: Finding | None) -> dict[str, object]:
    """What a finding comes to."""
    score, reason, verdict = 0.0, "", "not found"
    if finding is None:
        reason = "nothing in it can be compared"
    elif finding.contradiction:
        reason, verdict = finding.contradiction, "contradicted"
    elif finding.missing:
        reason = f"“{finding.missing[0]}” is nowhere in the passages"
    else:
        score = _score(finding)
        verdict = "supported" if score >= SUPPORTED else "not found"
        reason = "" if score >= SUPPORTED else "no sentence of the passages says all of it"
    return {"verdict": verdict, "supported": verdict == "supported", "score": score, "reason": reason}


def _score(finding: Finding) -> float:
    """How likely it is that the evidence says what the claim says, 0 to 1: logistic."""
    total = CONSTANT + sum(weight * getattr(finding, name) for name, weight in WEIGHTS.items())
    return 1 / (1 + math.exp(-total))


def _shares(claim: list[Word], sentences: Sequence[list[Word]]) -> np.ndarray:
    """Share of the claim's words that each sentence has, shape (sentences,)."""
    keys = {word.key for word in claim}
    shared = [len(keys & {word.key for word in words}) for words in sentences]
    return np.array(shared, dtype=np.float32) / max(len(keys), 1)


def _sides(
    embedder: Embedder, texts: Sequence[str], words: Sequence[list[Word]]
) -> tuple[list[Side], np.ndarray]:
    """Texts as words with their vectors in context, and the texts' own vectors: one pass for all of them."""
    spans = [[(word.start, word.end) for word in row] for row in words]
    vectors = embed_with_sentences(embedder, texts, spans)
    ends = np.cumsum([len(row) for row in words])
    parts = np.split(vectors.sentences.astype(np.float32), ends[:-1])
    sides = [Side(row, np.zeros(len(row), dtype=int), part) for row, part in zip(words, parts, strict=True)]
    return sides, vectors.embeddings


def _joined(sides: Sequence[Side]) -> Side:
    """Several sentences as one evidence."""
    rows = np.repeat(np.arange(len(sides)), [len(side.words) for side in sides])
    return Side(
        [word for side in sides for word in side.words],
        rows,
        np.concatenate([side.vectors for side in sides]),
    )

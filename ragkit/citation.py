"""Citations: which sentence of the document supports a sentence of an answer, and whether it really does.

A language model is not asked to cite: small ones cannot, and none can be trusted to. Each sentence of an answer, a
claim, is laid beside the nearest sentences of the passages, word by word (`ragkit.support`), and gets one of three
verdicts: supported, not found, or contradicted, and then by what.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ragkit.embed import embed_with_sentences
from ragkit.facts import Word, read_words
from ragkit.models.embedder import Embedder
from ragkit.models.sentences import split_sentences
from ragkit.search import dot_scores, top_k
from ragkit.support import Finding, Side, examine

if TYPE_CHECKING:
    from ragkit.answer import Answer
    from ragkit.index import Index

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

SUPPORTED = 0.6
"""Score from which a claim counts as supported: docs/answers.md has the measurement."""

WEIGHTS = {"found": 6.9, "company": 0.9, "alien": -9.5, "scattered": -16.6}
CONSTANT = -4.9
"""Of a logistic regression: what speaks for a claim and against it. (docs/answers.md)"""

NEAR = 6
"""Sentences of the passages that a claim is compared with word by word: the nearest by vectors and words."""

_REFERENCE = re.compile(  # to a passage, as models write it when they are shown numbers and pages; marks, list numbers
    r"^\s*(?:\d{1,3}[.)](?!\d)|[•*-])\s|according to passages? \[?\d+\]?,?|\bpassages? \[\d+\]"
    r"|\s*\[\d+(?:\s*[,–-]\s*\d+)*\]|\s*\([^()]*\bpp?\. ?[^()]*\)|(?<!\w)[*_\"“”]+|[*_\"“”]+(?!\w)|^\s*\d{1,3}[.)]\s*$",
    re.IGNORECASE,
)


def cite(answer: Answer | str, index: Index, hits: pd.DataFrame | None = None) -> pd.DataFrame:
    """Match each sentence of an answer with the sentence of the passages that has most of what it says.

    Parameters
    ----------
    answer : Answer or str
        From `ask`, or a text of your own, then with `hits`.
    index : Index
        The one that was searched.
    hits : DataFrame, optional
        The passages to look in; default: those of the answer.

    Returns
    -------
    DataFrame
        A row a sentence of the answer, columns `CITATION_COLUMNS`: the `claim`; the `verdict`, "supported", "not found"
        or "contradicted"; whether it is `supported`; the `score`, 0 to 1; the `reason` why not, or ""; and the sentence
        that has most of it, or contradicts it: `text`, `source`, `page` (0-based), printed `label`, `chunk`, `boxes`.
    """
    text = answer if isinstance(answer, str) else answer.text
    hits = hits if hits is not None else getattr(answer, "hits", pd.DataFrame())
    claims = [claim for claim in split_sentences(text) if _REFERENCE.sub("", claim).strip() or claim[:1].isdigit()]
    nothing = pd.DataFrame(columns=CITATION_COLUMNS).astype({"supported": bool})
    if not claims or not len(hits):
        return nothing
    sentences, vectors = index.sentences_of(hits)
    words = [read_words(sentence) for sentence in sentences["text"]]
    kept = [i for i, row in enumerate(words) if len(row) > 1]
    if not kept:
        return nothing
    sentences, vectors, words = sentences.iloc[kept], vectors[kept], [words[i] for i in kept]
    rows = _examine_all([_REFERENCE.sub("", claim).strip() for claim in claims], sentences, vectors, words, index)
    return pd.DataFrame(
        [{"claim": claim} | row for claim, row in zip(claims, rows, strict=True)], columns=CITATION_COLUMNS
    )


def _examine_all(
    claims: Sequence[str], sentences: pd.DataFrame, vectors: np.ndarray, words: list[list[Word]], index: Index
) -> list[dict[str, object]]:
    """A row a claim; claims and the sentences near them are embedded once each, word by word."""
    sides, own = _sides(index.embedder, claims, [read_words(claim) for claim in claims])
    near = [
        top_k(dot_scores(vector, vectors) + _word_shares(side.words, words), NEAR)[1] for vector, side in zip(own, sides, strict=True)
    ]
    used = sorted({int(i) for rows in near for i in rows})
    evidence = dict(zip(used, _sides(index.embedder, sentences["text"].iloc[used].tolist(), [words[i] for i in used])[0], strict=True))
    known = frozenset(word.key for row in words for word in row)
    found = []
    for side, rows in zip(sides, near, strict=True):
        finding = examine(side, _joined([evidence[int(i)] for i in rows]), known) if side.words else None
        place = sentences.iloc[int(rows[finding.row if finding else 0])]
        found.append(_verdict(finding) | {name: place[name] for name in CITATION_COLUMNS[5:]})
    return found


def _verdict(finding: Finding | None) -> dict[str, object]:
    """What a finding comes to."""
    if finding is None:
        return {"verdict": "not found", "supported": False, "score": 0.0, "reason": "it says nothing"}
    score = score_of(finding)
    if finding.contradiction:
        verdict, score, reason = "contradicted", 0.0, finding.contradiction
    elif finding.missing:
        verdict, score, reason = "not found", 0.0, f"“{finding.missing[0]}” is nowhere in the passages"
    elif score < SUPPORTED:
        verdict, reason = "not found", "no sentence of the passages says all of it"
    else:
        verdict, reason = "supported", ""
    return {"verdict": verdict, "supported": verdict == "supported", "score": score, "reason": reason}


def score_of(finding: Finding) -> float:
    """How likely a claim is supported, 0 to 1."""
    total = CONSTANT + sum(weight * getattr(finding, name) for name, weight in WEIGHTS.items())
    return float(1 / (1 + np.exp(-total)))


def _word_shares(claim: list[Word], sentences: list[list[Word]]) -> np.ndarray:
    """Share of the claim's words that each sentence has."""
    keys = {word.key for word in claim}
    return np.array([len(keys & {w.key for w in row}) / max(len(keys), 1) for row in sentences], dtype=np.float32)


def _sides(embedder: Embedder, texts: Sequence[str], words: list[list[Word]]) -> tuple[list[Side], np.ndarray]:
    """Texts as words with their vectors in context, and the texts' own vectors."""
    spans = [[(word.start, word.end) for word in row] for row in words]
    vectors = embed_with_sentences(embedder, texts, spans)
    of_text = vectors.spans[:, 0]
    rows = [vectors.sentences[of_text == i].astype(np.float32) for i in range(len(texts))]
    sides = [Side(row, np.zeros(len(row), dtype=int), part) for row, part in zip(words, rows, strict=True)]
    return sides, vectors.embeddings


def _joined(sides: Sequence[Side]) -> Side:
    rows = np.repeat(np.arange(len(sides)), [len(side.words) for side in sides])
    return Side([word for side in sides for word in side.words], rows, np.concatenate([side.vectors for side in sides]))

"""What `make evaluate` prints: how often the right pages are found, quoted and refused, with counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from ragkit.found import find
from ragkit.grounding.doubt import outcome_of
from ragkit.grounding.quotes import quote
from ragkit.index import Index, open_index
from ragkit.notice import BadQuestions
from ragkit.questions import (
    EXAMPLE,
    Question,
    holds,
    read_questions,
    refuse_wrong,
    shortened,
)
from ragkit.search import METHODS


def evaluate_file(pdf: str, questions: str = "") -> str:
    """Ask all questions of a file about a PDF, and report. No language model is needed.

    Parameters
    ----------
    pdf : str
        A PDF or a folder of PDFs.
    questions : str
        A file with one JSON object a line.

    Raises
    ------
    BadQuestions
        If there is none, if it cannot be read, or asks for what the document does not have; the message lists it.
    PDFNotFound, NotAPDF, BrokenPDF, EncryptedPDF, NoText, WorkspaceError, ModelNotFound
        As in `open_index`.
    """
    path = Path(pdf).expanduser()
    if not questions:
        raise BadQuestions(f"Questions about {path.name} are needed, one JSON object a line:\n{EXAMPLE}")
    asked = read_questions(questions)
    index = open_index(path)
    refuse_wrong(asked, index.chunks)
    return _report(path.name, asked, index)


def first_right_rank(hits: pd.DataFrame, question: Question) -> int | None:
    """Rank of the first hit with words from a right page; None if there is none."""
    pages = set(question["pages"])
    for rank, source, boxes in zip(hits["rank"], hits["source"], hits["boxes"], strict=True):
        if question["source"] in (None, source) and pages & {box["label"] for box in boxes}:
            return int(rank)
    return None


def hits_at(ranks: Sequence[int | None], k: int) -> int:
    """How many questions have a right page among the first k hits.

    >>> hits_at([1, 3, None, 2], 2)
    2
    """
    return sum(rank is not None and rank <= k for rank in ranks)


def mean_reciprocal_rank(ranks: Sequence[int | None]) -> float:
    """Mean of 1 / rank, 0 where there is none: in the example (1 + 1/3 + 0 + 1/2) / 4.

    >>> round(mean_reciprocal_rank([1, 3, None, 2]), 3)
    0.458
    """
    return sum(1 / rank for rank in ranks if rank is not None) / len(ranks)


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Where the mean lies in 95 of 100 sets of as many values, drawn from these with replacement (bootstrap)."""
    rows = np.random.default_rng(seed).integers(len(values), size=(2000, len(values)))
    low, high = np.quantile(np.asarray(values, dtype=float)[rows].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def lost_at(words: Sequence[str], stages: Mapping[str, Sequence[str]]) -> str:
    """Name the first stage whose texts lack one of the key words; "" if all come through.

    >>> lost_at(["Lind"], {"search": ["James Lind, 1747", "Iron"], "key sentences": ["Iron"]})
    'key sentences'
    """
    missing = (stage for stage, texts in stages.items() if not all(holds(texts, word) for word in words))
    return next(missing, "")


def _report(name: str, questions: Sequence[Question], index: Index) -> str:
    answered = [one for one in questions if one["pages"]]
    n, silent = len(answered), len(questions) - len(answered)
    table = _table(answered, index) if answered else []
    rows = pd.DataFrame([_asked(one, index) for one in tqdm(questions, "asking", leave=False)])
    words = sum(len(one["keywords"]) for one in answered)
    states = rows.groupby(["answered", "state"]).size().to_dict()  # (with pages?, state): how many
    wrong = rows[rows["wrong"] != ""]
    lines = [f"  {row.id}  {row.wrong}: {row.question}" for row in wrong.itertuples()]
    return "\n".join([
        f"{name}: {len(questions)} questions, {n} with pages, {silent} without", *table, "",
        f"Key words in the three quoted sentences: {rows['quoted'].sum()} of {words}",
        f"Without pages (right): {_doubts(states, False)}, of {silent}",
        f"With pages (wrong): {_doubts(states, True)}, of {n}",
        *(["", f"To look at, {len(lines)}:", shortened(lines)] if lines else []),
    ])  # fmt: skip


def _doubts(states: dict[tuple[bool, str], int], pages: bool) -> str:
    return ", ".join(f"{states.get((pages, state), 0)} {state}" for state in ("refused", "in doubt"))


def _table(questions: Sequence[Question], index: Index) -> list[str]:
    """A line a method, with counts, and what the last one is worth."""
    lines, ranks, n = ["", f"{'':10}{'hit@1':>11}{'hit@5':>11}{'MRR':>8}"], [], len(questions)
    for method in METHODS:
        found = index.search([one["question"] for one in questions], len(index), method=method)
        ranks = [first_right_rank(hits, one) for hits, one in zip(found, questions, strict=True)]
        counts = "".join(f"{f'{hits_at(ranks, k)} of {n}':>11}" for k in (1, 5))
        lines.append(f"{method:10}{counts}{mean_reciprocal_rank(ranks):8.3f}")
    right = [rank == 1 for rank in ranks]
    low, high = interval(right)
    if low == high:  # all right, or none: no sample of these differs, yet three in n may (the rule of three)
        low, high = (max(0, 1 - 3 / n), 1.0) if all(right) else (0.0, min(1, 3 / n))
    others = f"with other questions of this kind, hit@1 of hybrid may be {low:.0%} to {high:.0%}"
    return [*lines, f"One question is {100 / n:.1f} points; {others}."]


def _asked(question: Question, index: Index) -> dict[str, object]:
    """What becomes of one question: its `state`, key words `quoted`, and what went `wrong`."""
    asked, words = question["question"], question["keywords"]
    found = find(asked, index)
    hits, quotes = found.hits, quote(found)
    state = outcome_of(found, quotes).state
    texts = quotes["text"].tolist()
    quoted = sum(holds(texts, word) for word in words)
    wrong = ""
    if not question["pages"]:
        wrong = "neither refused nor in doubt" if state == "answered" else ""
    elif state == "refused":
        wrong = state
    elif first_right_rank(hits, question) is None or lost_at(words, {"hits": hits["text"].tolist()}):
        wrong = "not in the five passages"
    elif quoted < len(words):
        wrong = f"{quoted} of {len(words)} key words quoted"
    elif state == "in doubt":
        wrong = state
    answered = bool(question["pages"])
    return question | {"answered": answered, "state": state, "quoted": quoted, "wrong": wrong}

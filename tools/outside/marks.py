"""Marks: whether `cite` calls right what is right, and nothing else; on claims and on edited summaries."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from ragkit import Index, chunk_pages, cite
from ragkit.embed import embed_with_sentences
from ragkit.models.embedder import Embedder
from tools.outside.asking import embedder_named, embedders_here, open_document
from tools.outside.counts import area_under_curve, balanced_accuracy, count
from tools.outside.report import Section, Table
from tools.outside.sets import beside, read_lines, skipped

PUBLISHED = {"chance": 0.5, "SummaC": 0.571, "QAFactEval": 0.655, "GPT-4": 0.821, "people": 0.909}
"""Balanced accuracy over all ten domains of SummEdits: Laban et al. 2023, https://arxiv.org/abs/2305.14540."""

EACH = 4  # summaries of a document, evenly spread over its list, unless all are asked for

NO_REASON = "no sentence"  # how the reason begins that names nothing


def marks(folder: Path, limit: int = 0, full: bool = False) -> Section | None:
    """Claims on the documents of *domains*, and SummEdits."""
    rows = [row for embedder in embedders_here() for row in check_claims(folder, embedder)]
    frame = pd.DataFrame(rows)
    tables = [*_claims_table(frame), *_summaries_table(folder, limit, full)]
    if not tables:
        return None
    worst = _worst(frame[frame["embedder"] == embedders_here()[0]]) if len(frame) else []
    published = ", ".join(f"{name} {value:.3f}" for name, value in PUBLISHED.items())
    notes = [
        "A false reason: a right claim that is called contradicted, or is not supported for a word or number that is "
        "said not to be there.",
        "SummEdits: a summary counts as supported if all its sentences do; its score for the AUC is that of its worst "
        f"sentence. Published balanced accuracy, over all ten domains: {published}.",
    ]
    return Section("Marks", tables, notes, worst)


def check_claims(folder: Path, embedder: str) -> list[dict[str, Any]]:
    """Each claim as `cite` marks it, among the passages that its question finds."""
    claims = read_lines(beside(folder, "cases/answers/claims.jsonl"), "claims")
    rows = []
    for claim in claims:
        index = open_document(folder / "domains" / claim["pdf"], embedder)
        if index is not None:
            marked = cite(claim["claim"], index, index.search(claim["question"]))
            rows.append(
                {"embedder": embedder, **claim, "marked": is_supported(marked), "reason": reason_of(marked)}
            )
    return rows


def is_supported(marked: pd.DataFrame) -> bool:
    """Whether all sentences of a text are marked supported."""
    return bool(len(marked)) and bool(marked["supported"].all())


def reason_of(marked: pd.DataFrame) -> str:
    """What is said against a text: that it is contradicted, or what is missing; "" if nothing in particular."""
    for row in marked.to_dict("records"):
        contradicted = row.get("verdict") == "contradicted"
        if contradicted or (row["reason"] and not row["reason"].startswith(NO_REASON)):
            return row["reason"] or "contradicted"
    return ""


def _claims_table(frame: pd.DataFrame) -> Iterable[Table]:
    rows = []
    for embedder, some in frame.groupby("embedder", sort=False) if len(frame) else []:
        right, wrong = some[some["supported"]], some[~some["supported"]]
        rows.append([
            embedder, count(right["marked"]), count(wrong["marked"]),
            count(not marked and bool(reason) for marked, reason in zip(right["marked"], right["reason"], strict=True)),
        ])  # fmt: skip
    if rows:
        columns = ["embedder", "right: supported", "wrong: supported", "right: a false reason"]
        yield Table(columns, rows, "Claims on the pump's manual and the menu")


def _worst(claims: pd.DataFrame) -> list[str]:
    """Wrong claims that are supported, then right ones with a false reason."""
    wrong = claims[~claims["supported"] & claims["marked"]]
    right = claims[claims["supported"] & ~claims["marked"] & (claims["reason"] != "")]
    return [
        *(f"supported, and wrong: {text}" for text in wrong["claim"]),
        *(
            f"right, and “{reason}”: {text}"
            for text, reason in zip(right["claim"], right["reason"], strict=True)
        ),
    ]


# SummEdits


def _summaries_table(folder: Path, limit: int, full: bool) -> Iterable[Table]:
    files = sorted((folder / "summedits").glob("summedits_*.json"))
    if not files:
        skipped("SummEdits", folder / "summedits")
        return
    rows = []
    for embedder in embedders_here():
        frames = [check_summaries(path, embedder_named(embedder), limit, full) for path in files]
        names = [path.stem.removeprefix("summedits_") for path in files]
        for name, frame in [*zip(names, frames, strict=True), ("all", pd.concat(frames))]:
            accuracy, low, high = balanced_accuracy(frame["label"].tolist(), frame["marked"].tolist())
            area = area_under_curve(frame["label"].tolist(), frame["score"].tolist())
            right, wrong = frame[frame["label"]], frame[~frame["label"]]
            rows.append([
                name, embedder, len(frame), f"{accuracy:.3f} ({low:.2f}–{high:.2f})", area,
                count(right["marked"]), count(wrong["marked"]),
            ])  # fmt: skip
    columns = [
        "domain", "embedder", "summaries", "balanced accuracy", "AUC", "right: supported", "wrong: supported",
    ]  # fmt: skip
    yield Table(columns, rows, "SummEdits")


def check_summaries(path: Path, embedder: Embedder, limit: int = 0, full: bool = False) -> pd.DataFrame:
    """Each summary of one domain: its `label`, whether it is `marked` supported, and its worst `score`."""
    summaries = pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))
    documents = list(dict.fromkeys(summaries["doc"]))[: limit or None]
    rows = []
    for text in tqdm(documents, path.stem, leave=False):
        index = index_of(text, embedder)
        everything = index.chunks.assign(rank=range(1, len(index) + 1), score=1.0)
        of_it = summaries[summaries["doc"] == text]
        if not full and len(of_it) > EACH:
            of_it = of_it.iloc[np.linspace(0, len(of_it) - 1, EACH).round().astype(int)]
        for summary, label in zip(of_it["summary"], of_it["label"], strict=True):
            marked = cite(summary, index, everything)
            score = float(marked["score"].min()) if len(marked) else 0.0
            rows.append({"label": label == 1, "marked": is_supported(marked), "score": score})
    return pd.DataFrame(rows)


def index_of(text: str, embedder: Embedder) -> Index:
    """A text as if it were read from a PDF: chunks, their embeddings, and those of the sentences."""
    chunks = chunk_pages(text, embedder.tokenizer)
    return Index(chunks, embed_with_sentences(embedder, chunks["text"].tolist()), embedder)

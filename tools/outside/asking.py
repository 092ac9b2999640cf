"""One question asked of one document: what is found, quoted, and refused; each worked out when it is first needed."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from ragkit import Embedder, Index, RagkitError, load_embedder, open_index
from ragkit.answer import Answer
from ragkit.found import Found, find
from ragkit.generate import quoted
from ragkit.grounding.around import in_full
from ragkit.models.catalogue import CATALOGUE, model_name
from ragkit.models.hub import cached_snapshot
from ragkit.models.wheels import PACKAGES
from tools.outside.sets import Question
from tools.outside.values import holds_value

READ = 5  # passages that a search gives unless one asks for another number


class Asked:
    """A question and what becomes of it.

    Attributes
    ----------
    question : Question
    index : Index
        Of its document.
    """

    def __init__(self, question: Question, index: Index) -> None:
        self.question, self.index = question, index

    @functools.cached_property
    def found(self) -> Found:
        """What a search finds: five passages, and their sentences."""
        return find(self.question.text, self.index, READ)

    @functools.cached_property
    def answer(self) -> Answer:
        """What `ask` has before a language model is asked, quotations and doubt: ten times the work of the search."""
        return quoted(self.found)

    def rank(self, method: str = "hybrid") -> int | None:
        """Rank of the first of five hits with words from a right page; None if there is none."""
        if method == "hybrid":
            return right_rank(self.found.hits, self.question)
        return right_rank(self.index.search(self.question.text, READ, method=method), self.question)

    @property
    def outcome(self) -> str:
        """Whether the question was "answered", is "in doubt", or was "refused"."""
        if self.answer.refusal:
            return "refused"
        return "in doubt" if self.answer.doubt else "answered"

    @property
    def quotes(self) -> list[str]:
        """The three sentences that are shown, best first."""
        return in_full(self.answer.key_sentences)["text"].tolist()

    @functools.cached_property
    def lines(self) -> list[str]:
        """The lines and the sentences of the five hits."""
        lines = [line for text in self.found.hits["text"] for line in text.splitlines()]
        return lines + self.found.sentences["text"].tolist()

    def has_row(self, *tests: Callable[[str, str], bool]) -> bool:
        """Whether lines of the hits hold all parts of the answer, each in one that passes tests of (line, question)."""
        lines = [line for line in self.lines if all(test(line, self.question.text) for test in tests)]
        return all(any(holds_value(line, value) for line in lines) for value in self.question.said)


def right_rank(hits: pd.DataFrame, question: Question) -> int | None:
    """Rank of the first hit with words from a right page, by its index or by its label; None if there is none."""
    for rank, boxes in zip(hits["rank"], hits["boxes"], strict=True):
        if any(box["page"] in question.pages or box["label"] in question.labels for box in boxes):
            return int(rank)
    return None


def embedders_here() -> list[str]:
    """The one that `RAGKIT_EMBEDDER` names, else those of the catalogue that can be had without a model hub."""
    if os.environ.get("RAGKIT_EMBEDDER"):
        return [model_name("embedder")]
    return [
        name
        for name, card in CATALOGUE.items()
        if card.kind == "embedder" and (name in PACKAGES or cached_snapshot(card.hub))
    ]


@functools.cache
def embedder_named(name: str) -> Embedder:
    """An embedder, loaded once."""
    return load_embedder(name)


@functools.cache
def open_document(pdf: Path, embedder: str) -> Index | None:
    """The index of a document; None, and a word on it, for one that cannot be read."""
    try:
        return open_index(pdf, embedder_named(embedder))
    except RagkitError as error:
        print(f"skipped: {pdf.name}, {error}")
        return None


@functools.cache
def ask_all(questions: tuple[Question, ...], embedder: str) -> list[Asked]:
    """Ask questions of their documents; those of a document that cannot be read are left out."""
    pairs = [(question, open_document(question.pdf, embedder)) for question in questions]
    return [Asked(question, index) for question, index in pairs if index is not None]


def work_on(asked: Sequence[Asked], what: str) -> Sequence[Asked]:
    """The same, with a bar that says how far one is."""
    return tqdm(asked, what, leave=False)

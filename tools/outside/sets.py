"""The sets of documents and questions: where they lie, and what is asked of which file.

A set is what is found under its name in the folder, so that another folder with the same names and shapes is measured
by the same command.
"""

from __future__ import annotations

import ast
import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEXTBOOK, BEFORE_PAGE_0 = "human_nutrition_rebuilt.pdf", 40
"""The textbook's file, and how many of its pages stand before the one that its questions call 0."""


@dataclass(frozen=True)
class Question:
    """A question with what is known of its answer.

    Attributes
    ----------
    group : str
        The set that it is of.
    pdf : Path
        The document that it is asked of.
    text : str
    answerable : bool
        Whether the document answers it.
    pages, labels : frozenset
        The right pages, by their index from 0 or by what is printed on them; one right page is enough.
    said : tuple of str
        What a right quotation or answer holds, all of it.
    source : str
        What the answer stands in: "text", "table" or "" for not known.
    """

    group: str
    pdf: Path
    text: str
    answerable: bool = True
    pages: frozenset[int] = frozenset()
    labels: frozenset[str] = frozenset()
    said: tuple[str, ...] = ()
    source: str = ""

    def __str__(self) -> str:
        return f"{self.pdf.stem[:24]}: {' '.join(self.text.split())}"


def skipped(what: str, path: Path) -> None:
    """Say that a set is not there."""
    print(f"skipped: {what}, there is no {path}")


def beside(folder: Path, place: str) -> Path:
    """Where a file lies that may be in the folder or, as some sets do, beside it."""
    inside = folder / place
    return inside if inside.exists() else folder.resolve().parent / place


def read_lines(path: Path, what: str) -> list[dict[str, Any]]:
    """The objects of a file with one a line; none, and a word on it, if it is not there."""
    if not path.exists():
        skipped(what, path)
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@functools.cache
def load_questions(folder: Path, limit: int = 0) -> tuple[Question, ...]:
    """All questions about documents that are there; of each set at most `limit` documents (0: all)."""
    groups = [_mmlong(folder), _domains(folder), _papers(folder), _textbook(folder)]
    groups = [_of_documents(group, limit) for group in groups]
    documents = list(dict.fromkeys(question.pdf for group in groups for question in group))
    return tuple(question for group in [*groups, _off_topic(folder, documents)] for question in group)


def _of_documents(questions: list[Question], limit: int) -> list[Question]:
    pdfs = list(dict.fromkeys(question.pdf for question in questions))
    for pdf in pdfs:
        if not pdf.exists():
            skipped("questions on it", pdf)
    kept = {pdf for pdf in (pdfs[:limit] if limit else pdfs) if pdf.exists()}
    return [question for question in questions if question.pdf in kept]


def _mmlong(folder: Path) -> list[Question]:
    rows = read_lines(folder / "mmlong" / "questions.jsonl", "mmlong")
    return [
        Question(
            "mmlong", folder / "mmlong" / "documents" / row["pdf"], row["question"], row["answerable"],
            pages=frozenset(row["pages"]), said=answers_of(row["answer"]) if row["answerable"] else (),
            source=_source_of(row["sources"]),
        )
        for row in rows
    ]  # fmt: skip


def _source_of(sources: str) -> str:
    """A table if there is one among the sources, text if there is nothing else."""
    if "table" in sources.lower():
        return "table"
    return "text" if sources == "['Pure-text (Plain-text)']" else ""


def answers_of(answer: str) -> tuple[str, ...]:
    """The parts of an answer, which may be written as a list.

    >>> answers_of("['23', '21']"), answers_of("Rick Scott")
    (('23', '21'), ('Rick Scott',))
    """
    try:
        parts = ast.literal_eval(answer) if answer.startswith("[") else [answer]
    except (SyntaxError, ValueError):
        parts = [answer]
    return tuple(str(part).strip() for part in parts)


def _domains(folder: Path) -> list[Question]:
    return [
        Question(
            "domains", folder / "domains" / row["pdf"], row["question"], row["answerable"],
            labels=frozenset([row["label"]] if "label" in row else []), said=tuple(row.get("must_quote", ())),
        )
        for row in read_lines(folder / "domains" / "questions.jsonl", "domains")
    ]  # fmt: skip


def _papers(folder: Path) -> list[Question]:
    path = beside(folder, "data/questions_papers_dev.jsonl")
    return [
        Question(
            "papers", path.parent / row["pdf"], row["question"],
            pages=frozenset(row["gold_pages"]), said=tuple(row["keywords"]),
        )
        for row in read_lines(path, "papers")
    ]  # fmt: skip


def _textbook(folder: Path) -> list[Question]:
    path = beside(folder, "data/questions_dev.jsonl")
    pdf = path.parent / TEXTBOOK
    answered = [
        Question(
            "textbook", pdf, row["question"],
            pages=frozenset(page + BEFORE_PAGE_0 for page in row["gold_pages"]), said=tuple(row["keywords"]),
        )
        for row in read_lines(path, "textbook")
    ]  # fmt: skip
    near = [row for row in _unanswerable(folder) if row["kind"] != "off-topic"]
    return answered + [Question("textbook", pdf, row["question"], answerable=False) for row in near]


def _off_topic(folder: Path, documents: Sequence[Path]) -> list[Question]:
    """The questions that are far from everything, each asked of every third document."""
    far = [row["question"] for row in _unanswerable(folder) if row["kind"] == "off-topic"]
    return [
        Question("off-topic", pdf, text, answerable=False)
        for i, pdf in enumerate(documents)
        for j, text in enumerate(far)
        if (i + j) % 3 == 0
    ]


@functools.cache  # two sets are made of it
def _unanswerable(folder: Path) -> list[dict[str, Any]]:
    return read_lines(beside(folder, "data/unanswerable_dev.jsonl"), "questions without an answer")

"""Answers as other programs get them: JSON with a place for each sentence."""

from __future__ import annotations

import pandas as pd
from pydantic import BaseModel, Field

from ragkit.answer import Answer


class Sentence(BaseModel):
    """A sentence of a document, and where it stands."""

    text: str
    source: str = Field(description="file name")
    page: int = Field(description="0-based index in the file")
    label: str = Field(description="page as printed")
    score: float


class Quotation(Sentence):
    """A sentence that is quoted."""

    before: str = Field(description="the sentence without which it is not understood, or empty")
    also: list[str] = Field(description="where else the same words stand")


class Passage(Sentence):
    """A passage of a document: some sentences in a row."""

    rank: int = Field(description="1 is the best")


class Citation(Sentence):
    """A sentence of the model (`claim`), and the sentence of a document nearest to it."""

    claim: str
    verdict: str = Field(description="supported, not found or contradicted")
    supported: bool
    reason: str = Field(description="why it is not supported, or empty")


class Passages(BaseModel):
    """The passages nearest to a question, best first."""

    question: str
    passages: list[Passage]


class Reply(Passages):
    """What the documents say, and what the model made of it."""

    searched_for: str = Field(description="the question as it was searched for, if otherwise than asked")
    doubt: str = Field(description="why the sentences may not answer the question, or empty")
    refusal: str = Field(description="why nothing in the documents is near the question, or empty")
    note: str = Field(description="how much of a long section or document the sentences leave out, or empty")
    sentences: list[Quotation] = Field(description="those of the passages nearest to the question")
    text: str = Field(description="the model's words")
    citations: list[Citation]
    stop_reason: str = Field(
        description="end, length, repeats, refused, cut off, …; empty while it is written"
    )
    n_prompt_tokens: int
    n_answer_tokens: int


def reply_of(answer: Answer) -> Reply:
    """All of an answer."""
    return Reply.model_validate(
        {
            **vars(answer),
            "question": answer.question,
            "searched_for": answer.searched_for,
            "passages": rows_of(answer.hits),
            "sentences": rows_of(answer.key_sentences),
            "citations": rows_of(answer.citations),
        }
    )


def rows_of(frame: pd.DataFrame) -> list[dict]:
    """The rows of a table, without the rectangles on the pages."""
    return frame.drop(columns="boxes", errors="ignore").to_dict("records")

"""What the language model makes of it: key words, circles, marks and seconds. Slow."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from tqdm import tqdm

from ragkit import Answer, RagkitError, ask, load_llm
from ragkit.questions import read_questions
from tools.outside.asking import embedders_here, open_document
from tools.outside.counts import Count, count
from tools.outside.report import Section, Table
from tools.outside.sets import Question
from tools.outside.values import holds_value, is_telling
from tools.run import SAMPLE

Answered = tuple[Question, Answer]


def answers(questions: Sequence[Question]) -> Section:
    """Ask the default language model all questions but the off-topic ones, and those of the sample."""
    asked = [
        one for one in [*questions_of_sample(), *questions] if one.group not in ("off-topic", "textbook")
    ]
    llm = load_llm()
    told: dict[str, list[Answered]] = {}
    for one in tqdm(asked, "answers", leave=False):
        index = open_document(one.pdf, embedders_here()[0])
        try:
            if index is not None:
                told.setdefault(one.group, []).append((one, ask(one.text, index, llm)))
        except RagkitError as error:
            print(f"skipped: {one}, {error}")
    columns = [
        "set", "questions", "key words said", "in circles", "sentences supported", "unanswerable: answered",
        "seconds to the first word", "to the last",
    ]  # fmt: skip
    rows = [[group, *_row(some)] for group, some in told.items()]
    note = (
        f"By {llm.name}. Key words that stand in the question do not count. Seconds: medians, and this machine's. A "
        "refused question counts as one without its key words."
    )
    return Section("Answers", [Table(columns, rows)], [note], _worst(told))


def questions_of_sample() -> list[Question]:
    """The questions on the course's own sample."""
    return [
        Question(
            "sample", SAMPLE, one["question"], bool(one["pages"]),
            labels=frozenset(one["pages"]), said=tuple(one["keywords"]),
        )
        for one in read_questions(SAMPLE.parent / "questions.jsonl")
    ]  # fmt: skip


def key_words(question: Question) -> list[str]:
    """What a right answer says that the question does not; nothing where it cannot be looked for."""
    if not is_telling(question.said):
        return []
    return [word for word in question.said if not holds_value(question.text, word)]


def _row(told: Sequence[Answered]) -> list[object]:
    words = [(answer, word) for question, answer in told for word in key_words(question)]
    written = [answer for _, answer in told if answer.stop_reason != "refused"]
    sentences = [supported for answer in written for supported in answer.citations["supported"]]
    silent = [answer for question, answer in told if not question.answerable]
    return [
        len(told),
        Count(sum(holds_value(answer.text, word) for answer, word in words), len(words)),
        count(answer.stop_reason == "repeats" for answer in written),
        count(sentences),
        count(answer.stop_reason != "refused" for answer in silent),
        _median([answer.seconds_to_first_token for answer in written]),
        _median([seconds_of(answer) for answer in written]),
    ]


def seconds_of(answer: Answer) -> float:
    """Seconds from the prompt to the last word."""
    rest = (answer.n_answer_tokens - 1) / answer.tokens_per_second if answer.tokens_per_second else 0.0
    return answer.seconds_to_first_token + rest


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 1) if values else 0.0


def _worst(told: dict[str, list[Answered]]) -> list[str]:
    """Answers that say none of their key words."""
    return [
        f"{question} — “{' '.join(answer.text.split())[:120]}”"
        for some in told.values()
        for question, answer in some
        if (words := key_words(question)) and not any(holds_value(answer.text, word) for word in words)
    ]

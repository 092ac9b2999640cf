"""Files of questions about a document: read, and checked against it before anything is measured."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ragkit.notice import BadQuestions

EXAMPLE = '{"id": "q1", "question": "What is AMDR?", "keywords": ["Distribution Range"], "pages": ["vi"]}'
LISTED = 20
"""Lines of a list that are shown; the others are counted."""

Question = dict[str, Any]


def read_questions(path: str | Path) -> list[Question]:
    """Read a file of questions, one JSON object a line.

    Returns
    -------
    list of dict
        `id`, `question`, `keywords`, `pages` (printed labels; none where the document has no answer), `type`, and
        `source` (the file that the pages are of; None: any). What a line lacks, besides the question, is filled in.

    Raises
    ------
    BadQuestions
        If the file cannot be read, or a line is no such object; the message names the line.
    """
    path = Path(path).expanduser()
    try:
        with path.open(encoding="utf-8-sig") as file:
            lines = [(number, line) for number, line in enumerate(file, 1) if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise BadQuestions(f"{path} cannot be read: {reason}.") from None
    if not lines:
        raise BadQuestions(f"{path.name} holds no question. Write one JSON object a line:\n{EXAMPLE}")
    return [_question(path.name, number, line) for number, line in lines]


def _question(name: str, number: int, line: str) -> Question:
    """One line as a question, every field filled in."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", "it is nested too deep")
        raise BadQuestions(
            f"{name}, line {number}, is not JSON: {reason}. Write one object a line:\n{EXAMPLE}"
        ) from None
    if not isinstance(found, dict) or not isinstance(found.get("question"), str):
        raise BadQuestions(f"{name}, line {number}, has no text under 'question'. Write:\n{EXAMPLE}")
    lists = {field: found.get(field) or [] for field in ("keywords", "pages")}
    for field, value in lists.items():
        if not isinstance(value, list):  # a text would be taken letter by letter
            raise BadQuestions(f"{name}, line {number}: '{field}' has to be a list, as in:\n{EXAMPLE}")
    filled = {"id": f"line {number}", "type": "", "source": None} | found
    return filled | {field: [str(each) for each in value] for field, value in lists.items()}


def find_problems(questions: Sequence[Question], chunks: pd.DataFrame) -> list[str]:
    """Say in words what is wrong with questions about a document; an empty list if nothing is."""
    times = Counter(str(one["id"]) for one in questions)
    problems = [f"{name}: {n} questions have this id" for name, n in times.items() if n > 1]
    places = zip(chunks["source"], chunks["boxes"], strict=True)
    labels = {(source, box["label"]) for source, boxes in places for box in boxes}
    texts = [plain(text) for text in chunks["text"]]
    for one in questions:
        problems += [f"{one['id']}: {problem}" for problem in _problems_of(one, labels, texts)]
    return problems


def refuse_wrong(questions: Sequence[Question], chunks: pd.DataFrame) -> None:
    """Raise BadQuestions with the list of problems, if there are any."""
    problems = find_problems(questions, chunks)
    if not problems:
        return
    said = f"{len(problems)} to put right before anything is measured:\n{shortened(problems)}"
    if len({problem.partition(": ")[0] for problem in problems}) > len(questions) / 2:
        name = ", ".join(chunks["source"].unique()[:3])
        said += f"\nMost do not fit {name}. Write questions about it, one JSON object a line:\n{EXAMPLE}"
    raise BadQuestions(said)


def _problems_of(question: Question, labels: set[tuple[str, str]], texts: list[str]) -> list[str]:
    known = {label for source, label in labels if question["source"] in (None, source)}
    problems = []
    if not any(letter.isalnum() for letter in question["question"]):
        problems.append("the question is empty")
    if question["keywords"] and not question["pages"]:
        problems.append("it has key words and no page; one without an answer has neither")
    problems += [
        f"no page with text has the label {page!r}" for page in question["pages"] if page not in known
    ]
    for word in question["keywords"]:
        if not holds(texts, word):
            problems.append(f"the key word {word!r} is nowhere in the text; copy it from there")
    return problems


def plain(text: str) -> str:
    """Small letters and single spaces, to compare by."""
    return " ".join(text.lower().split())


def holds(texts: Sequence[str], word: str) -> bool:
    """Whether one of the texts has a key word, in small letters or large."""
    return any(plain(word) in plain(text) for text in texts)


def shortened(lines: Sequence[str]) -> str:
    """The first lines of a list, and how many more there are."""
    more = [f"... and {len(lines) - LISTED} more"] if len(lines) > LISTED else []
    return "\n".join([*lines[:LISTED], *more])

"""A conversation on the page of `ragkit chat`: its turns, as they are shown, copied, and kept if that was asked for.

What is kept of the conversations about some files is a file of their own, one JSON object a turn, named after what is
in them: only who has the same files open sees it again.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from ragkit import show
from ragkit.answer import Answer
from ragkit.disk import named_errors
from ragkit.found import find
from ragkit.generate import quoted
from ragkit.index import Index
from ragkit.reading.headings import BELOW
from ragkit.workspace import hash_sources

SHOWN_TURNS = 20
MAX_PASSAGE = 10_000  # characters
MIN_HEADING, MAX_HEADING = 6, 70  # characters
HEADING_NUMBER = re.compile(r"^\W*(?:[\dIVXA-Z]+[.)])*[\d.]*\s+")
TRIED = 4  # headings, for each of three questions

Turn = dict[str, str]
"""A `question`, what was `searched_for`, and the `text` of the answer with its citations."""


@dataclass
class Session:
    """What one browser tab has open, what was said in it, and the messages that show it: two a turn."""

    index: Index | None = None
    files: list[str] = field(default_factory=list)
    stopped: bool = False
    turns: list[Turn] = field(default_factory=list)
    shown: list[Any] = field(default_factory=list)


def asked(question: str) -> gr.MessageDict:
    """A question as a message: a mere text is HTML to Gradio."""
    return {"role": "user", "content": gr.HTML(escape(question))}


def answered(answer: Answer) -> gr.MessageDict:
    """An answer as a message, with its passages and their scores folded."""
    passages = show.table(answer.hits, ["score", "source", "label", "text"], width=MAX_PASSAGE).html
    more = f"<details><summary>Passages and scores</summary>{passages}</details>"
    return {"role": "assistant", "content": gr.HTML(show.answer(answer).html + more, elem_classes="words")}


def wanted(session: Session | None) -> str:
    """What was searched for last, to be changed and asked again."""
    return session.turns[-1]["searched_for"] if session and session.turns else ""


def markdown(session: Session | None, last: int = 0) -> str:
    """The conversation, or the last of its answers, with all citations."""
    texts = (turn["text"] for turn in (session.turns if session else [])[-last:])
    return "\n\n".join("## " + text.removeprefix("Question: ") for text in texts).replace("<", "\\<")


def place_of(index: Index, chats: Path) -> Path:
    """Where turns about these documents are kept, in the folder for all that are."""
    content = json.dumps(hash_sources(dict(index.files)), sort_keys=True)
    return chats / f"{hashlib.sha256(content.encode()).hexdigest()[:16]}.jsonl"


def keep(turn: Turn, place: Path) -> None:
    """Write a turn below those that are kept, in a folder that is closed to other users of this machine."""
    with named_errors(place):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with place.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(turn))  # on a line of its own, even if a full disk cut off the last


def recall(session: Session, place: Path) -> None:
    """Show the turns again that are kept: their text, without pictures and passages."""
    lines = place.read_text(encoding="utf-8").splitlines() if place.exists() else []
    session.turns = [json.loads(line) for line in lines if line.endswith("}")][-SHOWN_TURNS:]
    for turn in session.turns:
        text = escape(turn["text"].partition("\n")[2].strip())
        answer = gr.HTML(f'<div class="kept">{text}</div>')
        session.shown += [asked(turn["question"]), {"role": "assistant", "content": answer}]


def offers(index: Index) -> list[str]:
    """Three questions that the documents answer, made of headings from their beginning, middle and end."""
    stood_under = [box.get("heading") or "" for boxes in index.chunks["boxes"] for box in boxes]
    names = [heading.rpartition(BELOW)[2] for heading in dict.fromkeys(stood_under)]
    good = [name for each in names if MIN_HEADING <= len(name := HEADING_NUMBER.sub("", each)) <= MAX_HEADING]
    found: list[str] = []
    for n in range(1, 4):
        some = sorted(good[(n - 1) * len(good) // 3 : n * len(good) // 3], key=lambda each: " " not in each)
        asked = (name if name.endswith("?") else f"What is said about “{name}”?" for name in some[:TRIED])
        found += itertools.islice((each for each in asked if is_answered(each, index)), 1)
    return found


def is_answered(question: str, index: Index) -> bool:
    """Whether the documents answer a question without a doubt."""
    answer = quoted(find(question, index))
    return not (answer.doubt or answer.refusal)

"""What happens behind the page of `ragkit chat`: a document is opened, a question is asked.

All that comes from a document, a file name or a question is escaped here or in `ragkit.show`, never read as HTML.
"""

from __future__ import annotations

import itertools
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import pandas as pd

from ragkit import show
from ragkit.answer import Answer
from ragkit.found import find
from ragkit.generate import load_llm, quoted
from ragkit.index import Index, open_index
from ragkit.models.embedder import load_embedder
from ragkit.notice import BadParameter, EmptyQuestion, RagkitError
from ragkit.reading.find import FLOWING, PAGED
from ragkit.reading.headings import BELOW
from ragkit.reading.opening import open_pdf
from ragkit.show.card import quotations
from ragkit.web.answering import answer_in_steps

MAX_FILES = 10
MAX_MEGABYTES = 100
MAX_PAGES = 3_000
"""In all; a textbook of 1,200 pages takes minutes on a CPU."""
MAX_QUESTION = 500
KEPT_QUESTIONS = 20
MAX_PASSAGE = 10_000  # characters
MIN_HEADING, MAX_HEADING = 6, 70  # characters
HEADING_NUMBER = re.compile(r"^\W*(?:[\dIVXA-Z]+[.)])*[\d.]*\s+")
TRIED = 4  # headings, for each of three questions
PROGRESS = gr.Progress(track_tqdm=True)  # Gradio finds it as the default of a parameter


@dataclass
class Session:
    """What one browser tab has open, what was answered in it, and the messages that show it: two a turn."""

    index: Index | None = None
    files: list[str] = field(default_factory=list)
    stopped: bool = False
    answers: list[Answer] = field(default_factory=list)
    shown: list[gr.MessageDict] = field(default_factory=list)


class Said(logging.Handler):
    """What ragkit says in this thread, as progress on the page, and kept."""

    def __init__(self, progress: gr.Progress) -> None:
        super().__init__()
        self.progress, self.lines, self.thread = progress, [], threading.get_ident()  # type: ignore[var-annotated]

    def emit(self, record: logging.LogRecord) -> None:
        """Show one line."""
        if record.thread == self.thread:
            self.lines.append(record.getMessage())
            self.progress(0, desc=record.getMessage())

    def __enter__(self) -> Said:
        logging.getLogger("ragkit").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("ragkit").removeHandler(self)


class Behind:
    """The functions behind the page; what belongs to one person alone is in their `Session`."""

    def __init__(self, index: Index | None, loaded: dict[str, Any]) -> None:
        self.index, self.loaded = index, loaded
        self.embedder = index.embedder if index else load_embedder()  # one for all: its weights are read once
        self.loading = threading.Lock()

    def llm(self, name: str) -> Any:
        """The language model of that name; one at a time is kept in memory."""
        with self.loading:
            if name not in self.loaded:
                self.loaded.clear()
                self.loaded[name] = load_llm(name)
            return self.loaded[name]

    def begin(self, session: Session | None, files: list[str] | None) -> tuple[Session, str]:
        """Close what is open, and say what is being read."""
        session = session or Session()
        session.index, session.files = None, files or []
        return session, reading(session.files)

    def open(self, session: Session, files: list[str] | None, progress: gr.Progress = PROGRESS) -> str:
        """Read and embed the chosen files, and say what is open then: they, unless others were chosen meanwhile."""
        if not files:
            return reading([])
        try:
            check_files(files)
            with Said(progress) as said:
                index = open_index(files, self.embedder)
        except RagkitError as error:
            return alert(without_folders(str(error), files))
        if files != session.files:
            return reading(session.files)
        session.index = index
        return status(describe(index)) + notes(said.lines, files)

    def begun(self, session: Session | None) -> tuple[Session, str, Any]:
        """Show the first page of what is open."""
        session = session or Session(self.index)
        return session, first_page(session.index) if session.index else "", gr.Chatbot(examples=[])

    def offered(self, session: Session) -> Any:
        """Offer questions that the documents answer, unless one is asked already."""
        if session.index is None or session.shown:
            return gr.skip()
        return gr.Chatbot(examples=[{"text": each} for each in answered(session.index)])

    def stop(self, session: Session | None) -> None:
        """Let the answer that is being written end with its next word.

        (Gradio's own way of cancelling lets a last update come after the word that it was cancelled.)
        """
        if session:
            session.stopped = True

    def ask(
        self, question: str, session: Session | None, llm: str, top_k: int, method: str
    ) -> Iterator[tuple[Any, ...]]:
        """Show the answer as it comes: session, question box, status, conversation, cited pages, button to change."""
        session = session or Session(self.index)
        earlier, answers, same = session.shown, session.answers, gr.skip()
        try:
            index = ready(session, question)
            session.stopped = False
            asked: gr.MessageDict = {
                "role": "user",
                "content": gr.HTML(escape(question)),
            }  # a text is HTML to Gradio
            yield session, "", status("Searching …"), [*earlier, asked], same, gr.Button(visible=False)
            before = [each.searched_for or each.question for each in answers]
            model, drawn = self.llm(llm), -1
            with closing(
                answer_in_steps(question, index, model, before=before, top_k=int(top_k), method=method)
            ) as steps:
                for answer in steps:
                    if session.stopped:
                        yield session, same, status("Stopped."), same, same, same
                        return
                    pages = same
                    if len(quotes := quotations(answer)) > drawn:
                        drawn, pages = (
                            len(quotes),
                            show.cited_pages(index, pd.DataFrame(quotes)).html if quotes else "",
                        )
                    session.answers = [*answers, answer][-KEPT_QUESTIONS:]
                    session.shown = [*earlier, asked, turn(answer)][-2 * KEPT_QUESTIONS :]
                    change = gr.Button(visible=bool(answer.searched_for))
                    yield session, same, status(stage(answer)), session.shown, pages, change
        except RagkitError as error:
            yield session, question, alert(str(error)), earlier, same, same


def turn(answer: Answer) -> gr.MessageDict:
    """An answer as a message, with its passages and their scores folded."""
    passages = show.table(answer.hits, ["score", "source", "label", "text"], width=MAX_PASSAGE).html
    more = f"<details><summary>Passages and scores</summary>{passages}</details>"
    return {"role": "assistant", "content": gr.HTML(show.answer(answer).html + more, elem_classes="words")}


def forget(session: Session | None) -> None:
    """Begin a conversation anew."""
    if session:
        session.answers, session.shown = [], []


def first_page(index: Index) -> str:
    """The first page of the first document."""
    source = index.chunks["source"].iloc[0]
    return show.page(index.path_of(source), 0, password=index.password, zoom=1).html


def answered(index: Index) -> list[str]:
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


def suggested(event: gr.SelectData) -> str:
    """The question that was chosen from those above."""
    return str(event.value["text"])


def wanted(session: Session | None) -> str:
    """What was searched for last, to be changed and asked again."""
    answers = session.answers if session else []
    return (answers[-1].searched_for or answers[-1].question) if answers else ""


def markdown(session: Session | None, last: int = 0) -> str:
    """The conversation, or the last of its answers, with all citations."""
    texts = (show.answer(each).text for each in (session.answers if session else [])[-last:])
    return "\n\n".join("## " + text.removeprefix("Question: ") for text in texts).replace("<", "\\<")


def as_named(check: Callable[[Any], Any], chosen: Any) -> list[str]:
    """The files that were chosen, under the names that they had: on the way here `<` is lost, and `"` becomes %22."""
    files = check(chosen) or []
    for n, (file, name) in enumerate(zip(files, [each.orig_name for each in chosen or []], strict=True)):
        own = Path(file).with_name(Path(name or file).name)
        if own.suffix.lower() in (
            ".pdf",
            *PAGED,
            *FLOWING,
        ):  # and so neither this folder nor the one above it
            if not own.exists():
                os.link(file, own)
            files[n] = str(own)
    return files


def check_files(files: list[str]) -> None:
    """Refuse what is too much, or no PDF, before anything is read.

    Raises
    ------
    BadParameter, NotAPDF, BrokenPDF, EncryptedPDF
    """
    if len(files) > MAX_FILES:
        raise BadParameter(f"{len(files)} files: choose {MAX_FILES} at most.")
    pages = 0
    for file in map(Path, files):
        with open_pdf(file) as document:
            pages += document.page_count
    if pages > MAX_PAGES:
        raise BadParameter(f"{pages:,} pages: this page takes {MAX_PAGES:,} at most. Choose fewer files.")


def ready(session: Session, question: str) -> Index:
    """The index to ask.

    Raises
    ------
    EmptyQuestion, BadParameter
        The question is empty or too long, or no document is open yet.
    """
    if not question.strip():
        raise EmptyQuestion("Write a question first.")
    if session.index is None:
        raise BadParameter("No document is open yet: choose a PDF, and wait until it is read.")
    if len(question) > MAX_QUESTION:
        raise BadParameter(f"The question has {len(question):,} characters; {MAX_QUESTION} are the most.")
    return session.index


def reading(files: list[str]) -> str:
    """What is being read, in one line."""
    names = ", ".join(Path(file).name for file in files)
    return status(f"Reading {names} …" if names else describe(None))


def describe(index: Index | None) -> str:
    """What is open, in one line."""
    if index is None:
        return "No document is open."
    return f"Open: {', '.join(index.chunks['source'].unique())} ({len(index):,} passages). Ask."


def stage(answer: Answer) -> str:
    """How far an answer is, in one line."""
    if answer.refusal:
        return "The document does not answer this question."
    found = "The document may not answer this question" if answer.doubt else "Found"
    return "The answer is complete." if answer.stop_reason else f"{found}; the model writes …"


def status(text: str) -> str:
    """A line that a screen reader reads out when it changes."""
    return f'<p class="said" role="status">{escape(text)}</p>'


def alert(text: str) -> str:
    """A line that says what was wrong."""
    return f'<p class="said wrong" role="alert">{escape(text)}</p>'


def notes(lines: list[str], files: list[str]) -> str:
    """What ragkit said while it read, but for the names of its steps."""
    kept = [without_folders(line, files) for line in lines if not line.startswith("building ")]
    return "".join(f'<p class="note">{escape(line)}</p>' for line in kept)


def without_folders(text: str, files: list[str]) -> str:
    """A message with file names instead of paths of the folder for uploads."""
    for file in files:
        text = text.replace(file, Path(file).name)
    return text

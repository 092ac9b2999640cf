"""What happens behind the page of `ragkit chat`: a document is opened, a question is asked.

All that comes from a document, a file name or a question is escaped here or in `ragkit.show`, never read as HTML.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import pandas as pd

from ragkit import show
from ragkit.answer import Answer
from ragkit.generate import load_llm
from ragkit.index import Index, open_index
from ragkit.models.embedder import load_embedder
from ragkit.notice import BadParameter, EmptyQuestion, RagkitError
from ragkit.reading.opening import open_pdf
from ragkit.show.card import quotations
from ragkit.show.display import in_columns
from ragkit.web.answering import answer_in_steps

MAX_FILES = 10
MAX_MEGABYTES = 100
MAX_PAGES = 3_000
"""In all; a textbook of 1,200 pages takes minutes on a CPU."""
MAX_QUESTION = 500
KEPT_QUESTIONS = 20
PROGRESS = gr.Progress(track_tqdm=True)  # Gradio finds it as the default of a parameter


@dataclass
class Session:
    """What one browser tab has open, what it shows, and what it has asked before."""

    index: Index | None = None
    files: list[str] = field(default_factory=list)
    stopped: bool = False
    question: str = ""
    words: str = ""
    pages: str = ""
    earlier: list[str] = field(default_factory=list)

    def fold(self) -> str:
        """Put what is shown among the earlier answers, folded; return these, the latest first."""
        if self.words:
            both = in_columns([self.words, self.pages])
            self.earlier.insert(0, f"<details><summary>{escape(self.question)}</summary>{both}</details>")
            del self.earlier[KEPT_QUESTIONS:]
        self.question = self.words = self.pages = ""
        return ("<h2>Asked before</h2>" if self.earlier else "") + "".join(self.earlier)


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

    def stop(self, session: Session | None) -> None:
        """Let the answer that is being written end with its next word.

        (Gradio's own way of cancelling lets a last update come after the word that it was cancelled.)
        """
        if session:
            session.stopped = True

    def ask(
        self, question: str, session: Session | None, llm: str, top_k: int, method: str
    ) -> Iterator[tuple[Any, ...]]:
        """Show the answer as it comes: session, question box, status, words, pages, earlier answers."""
        session = session or Session(self.index)
        same = gr.skip()
        try:
            index = ready(session, question)
            session.stopped = False
            yield session, "", status("Searching …"), "", "", session.fold()
            session.question = question
            model = self.llm(llm)
            drawn = 0
            with closing(answer_in_steps(question, index, model, top_k=int(top_k), method=method)) as steps:
                for answer in steps:
                    if session.stopped:
                        yield session, same, status("Stopped."), same, same, same
                        return
                    if len(quotes := quotations(answer)) > drawn:
                        drawn, session.pages = len(quotes), show.cited_pages(index, pd.DataFrame(quotes)).html
                    session.words = show.answer(answer).html
                    yield session, same, status(stage(answer)), session.words, session.pages, same
        except RagkitError as error:
            yield session, question, alert(str(error)), same, same, same


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

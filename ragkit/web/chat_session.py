"""What happens behind the page of `ragkit chat`: a document is opened, a question is asked.

All that comes from a document, a file name or a question is escaped here or in `ragkit.show`, never read as HTML.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
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
from ragkit.web import conversation
from ragkit.web.answering import answer_in_steps, stopped
from ragkit.web.conversation import SHOWN_TURNS, Session

MAX_QUESTION = 500
MAX_NAMES = 5  # of a folder
MAX_FILES = 100
MAX_PAGES = 3_000
"""In all; a textbook of 1,200 pages takes minutes on a CPU."""
PROGRESS = gr.Progress(track_tqdm=True)  # Gradio finds it as the default of a parameter


@contextmanager
def listening(progress: gr.Progress) -> Iterator[list[str]]:
    """What ragkit says in this thread, as progress on the page, and kept."""
    lines, thread, handler = [], threading.get_ident(), logging.Handler()

    def take(record: logging.LogRecord) -> None:
        if record.thread == thread:
            lines.append(record.getMessage())
            progress(0, desc=lines[-1])

    handler.emit = take  # type: ignore[method-assign]
    logging.getLogger("ragkit").addHandler(handler)
    try:
        yield lines
    finally:
        logging.getLogger("ragkit").removeHandler(handler)


class Behind:
    """The functions behind the page; what belongs to one person alone is in their `Session`.

    `chats` is the folder for what is said, None if it is not kept.
    """

    def __init__(self, index: Index | None, loaded: dict[str, Any], chats: Path | None = None) -> None:
        self.index, self.loaded, self.chats = index, loaded, chats
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

    def open(
        self, session: Session, files: list[str] | None, password: str = "", progress: gr.Progress = PROGRESS
    ) -> str:
        """Read and embed the chosen files, and say what is open then: they, unless others were chosen meanwhile."""
        if not files:
            return reading([])
        try:
            check_files(files, password)
            with listening(progress) as said:
                index = open_index(files, self.embedder, password=password or None)
        except RagkitError as error:
            return alert(for_page(str(error), files))
        if files != session.files:
            return reading(session.files)
        session.index = index
        new = [line for line in said if not line.startswith("building ")]
        lines = dict.fromkeys([*new, *index.chunks.attrs.get("lost", [])])  # said before, to somebody else
        kept = [for_page(line, files) for line in lines]
        return status(describe(index)) + "".join(f'<p class="note">{escape(line)}</p>' for line in kept)

    def begun(self, session: Session | None) -> tuple[Session, str, Any]:
        """Show the first page of what is open, and what was said of it before, if that is kept."""
        session = session or Session(self.index)
        if self.chats and session.index and not session.turns:
            conversation.recall(session, conversation.place_of(session.index, self.chats))
        shown = session.shown
        chats = gr.Chatbot(shown, examples=[]) if shown else gr.Chatbot(examples=[])
        return session, first_page(session.index), chats

    def offered(self, session: Session) -> Any:
        """Offer questions that the documents answer, unless one is asked already."""
        if session.index is None or session.shown:
            return gr.skip()
        return gr.Chatbot(examples=[{"text": each} for each in conversation.offers(session.index)])

    def forget_all(self, session: Session | None, sure: str) -> tuple[Any, ...]:
        """Delete what is kept of every conversation, if the page was told to."""
        return self.forget(session, every=True) if sure else (gr.skip(),) * 3

    def forget(self, session: Session | None, every: bool = False) -> tuple[list[gr.MessageDict], str, str]:
        """Begin the conversation anew; what is kept of it, or of every one, is deleted."""
        session = session or Session(self.index)
        session.turns, session.shown = [], []
        own = [conversation.place_of(session.index, self.chats)] if self.chats and session.index else []
        for place in self.chats.glob("*.jsonl") if self.chats and every else own:
            place.unlink(missing_ok=True)
        said = "All kept chats are deleted." if every else "The conversation is cleared."
        return [], status(said), first_page(session.index)

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
        session, same = session or Session(self.index), gr.skip()
        turns, earlier, turn = session.turns, [*session.shown, conversation.asked(question)], None
        try:
            index = ready(session, question)
            session.stopped = False
            yield session, "", status("Searching …"), earlier, same, gr.Button(visible=False)
            model, drawn = self.llm(llm), -1
            before = [each["question"] for each in turns]
            with closing(
                answer_in_steps(question, index, model, before=before, top_k=int(top_k), method=method)
            ) as steps:
                for each in steps:
                    over = session.stopped
                    answer, pages = stopped(each) if over else each, same
                    if len(quotes := quotations(answer)) > drawn:
                        drawn = len(quotes)
                        pages = show.cited_pages(index, pd.DataFrame(quotes)).html if quotes else ""
                    turn = {"question": answer.question, "text": show.answer(answer).text}
                    turn["searched_for"] = answer.searched_for or answer.question
                    session.turns = [*turns, turn][-SHOWN_TURNS:]
                    session.shown = [*earlier, conversation.answered(answer)][-2 * SHOWN_TURNS :]
                    change = gr.Button(visible=bool(answer.searched_for))
                    yield (
                        session,
                        same,
                        status("Stopped." if over else stage(answer)),
                        session.shown,
                        pages,
                        change,
                    )
                    if over:
                        break
            if self.chats and turn:
                conversation.keep(turn, conversation.place_of(index, self.chats))
        except RagkitError as error:
            yield session, question, alert(str(error)), session.shown, same, same


def check_files(files: list[str], password: str = "") -> None:
    """Refuse what is too much before anything is read; of several files, what cannot be opened is left out later.

    Raises
    ------
    BadParameter, NotAPDF, BrokenPDF, EncryptedPDF
    """
    if len(files) > MAX_FILES:
        raise BadParameter(
            f"{len(files)} files: choose {MAX_FILES} at most, or give the folder to the command."
        )
    pages = 0
    for file in map(Path, files):
        try:
            with open_pdf(file, password or None) as document:
                pages += document.page_count
        except RagkitError:
            if len(files) == 1:
                raise
    if pages > MAX_PAGES:
        raise BadParameter(f"{pages:,} pages: this page takes {MAX_PAGES:,} at most. Choose fewer files.")


def suggested(event: gr.SelectData) -> str:
    """The question that was chosen from those above."""
    return str(event.value["text"])


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
    return status(f"Reading {few([Path(file).name for file in files])} …" if files else describe(None))


def first_page(index: Index | None) -> str:
    """A picture of the first page of what is open."""
    if index is None:
        return ""
    first = index.path_of(index.chunks["source"].iloc[0])
    return show.page(first, 0, password=index.password, zoom=1).html


def describe(index: Index | None) -> str:
    """What is open, in one line."""
    if index is None:
        return "No document is open."
    return f"Open: {few(index.chunks['source'].unique())} ({len(index):,} passage{'s' * (len(index) != 1)}). Ask."


def few(names: Sequence[str]) -> str:
    """The first names of a folder, and how many more there are."""
    return ", ".join(names[:MAX_NAMES]) + (f" and {n} more" if (n := len(names) - MAX_NAMES) > 0 else "")


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


def for_page(text: str, files: list[str]) -> str:
    """A message with file names instead of paths of the folder for uploads, and the page's field for the password."""
    for file in files:
        text = text.replace(file, Path(file).name)
    return text.replace("password=…, or the variable RAGKIT_PASSWORD", "Settings, Password of the PDFs")

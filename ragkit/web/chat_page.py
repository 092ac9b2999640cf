"""The page of `ragkit chat`: what stands on it, and what happens when somebody uses it.

All that comes from a document, a file name or a question is escaped here or in `ragkit.show`, never read as HTML.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import pandas as pd
from fastapi import FastAPI

from ragkit import models, show
from ragkit.answer import Answer
from ragkit.generate import load_llm
from ragkit.index import Index, open_index
from ragkit.models.server import find_servers
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

METHODS = [
    ("meaning and words", "hybrid"), ("meaning", "dense"), ("nearest sentence", "sentences"), ("words", "bm25"),
]  # fmt: skip
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif"]


@dataclass
class Session:
    """What one browser tab has open, what it shows, and what it has asked before."""

    index: Index | None = None
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


class Page:
    """The functions behind the page; what belongs to one person alone is in their `Session`."""

    def __init__(self, index: Index | None, loaded: dict[str, Any]) -> None:
        self.index, self.loaded = index, loaded
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
        session.index = None
        names = ", ".join(Path(file).name for file in files or [])
        return session, status(f"Reading {names} …" if names else "No document is open.")

    def open(
        self, session: Session, files: list[str] | None, progress: gr.Progress = gr.Progress(track_tqdm=True)
    ) -> str:
        """Read and embed the chosen files, and say what is open then."""
        if not files:
            return status("No document is open.")
        try:
            check_files(files)
            with Said(progress) as said:
                session.index = open_index(files)
        except RagkitError as error:
            return alert(without_folders(str(error), files))
        return status(describe(session.index)) + notes(said.lines, files)

    def ask(
        self, question: str, session: Session | None, llm: str, top_k: int, method: str
    ) -> Iterator[tuple[Any, ...]]:
        """Show the answer as it comes: session, question box, status, words, pages, earlier answers."""
        session = session or Session(self.index)
        same = gr.skip()
        try:
            index = ready(session, question)
            yield session, "", status("Searching …"), "", "", session.fold()
            session.question = question
            model = self.llm(llm)
            drawn = 0
            for answer in answer_in_steps(question, index, model, top_k=int(top_k), method=method):
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


def describe(index: Index | None) -> str:
    """What is open, in one line."""
    if index is None:
        return "No document is open."
    return f"Open: {', '.join(index.chunks['source'].unique())} ({len(index):,} passages). Ask."


def stage(answer: Answer) -> str:
    """How far an answer is, in one line."""
    if answer.refusal:
        return "The document does not answer this question."
    return "The answer is complete." if answer.stop_reason else "Found; the model writes …"


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


def choices_of_llm(loaded: dict[str, Any]) -> list[tuple[str, str]]:
    """Models that write without a download: that of the command, those on this disk, and those of servers here."""
    names = [*loaded, *models.present_models("llm"), *find_servers()]
    return [(name.partition("#")[2] or name, name) for name in dict.fromkeys(names)]


def build(index: Index | None, loaded: dict[str, Any]) -> gr.Blocks:
    """Lay out the page, and tie what can be done on it to the functions."""
    page = Page(index, loaded)
    with gr.Blocks(title="ragkit chat", analytics_enabled=False) as blocks:
        session = gr.State()
        gr.HTML("<h1>Ask your PDFs</h1>")
        label = f"PDFs: at most {MAX_FILES}, of {MAX_MEGABYTES} MB each"
        files = gr.File(label=label, file_count="multiple", file_types=[".pdf"], height=150)
        opened = gr.HTML(status(describe(index)))
        question = gr.Textbox(label="Question", max_length=MAX_QUESTION, elem_id="question")
        with gr.Row():
            ask = gr.Button("Ask", variant="primary", scale=0, min_width=120)
            stop = gr.Button("Stop", scale=0, min_width=120)
        with gr.Accordion("Settings", open=False):
            choices = choices_of_llm(loaded)
            llm = gr.Dropdown(choices, value=choices[0][1], label="Model that writes")
            top_k = gr.Slider(1, 10, value=5, step=1, label="Passages")
            method = gr.Radio(METHODS, value="hybrid", label="Search by")
        said = gr.HTML(status(""), elem_id="said")
        with gr.Row():
            with gr.Column(min_width=320):
                words = gr.HTML(elem_id="words")
            with gr.Column(min_width=320):
                pages = gr.HTML(elem_id="pages")
        earlier = gr.HTML(elem_id="earlier")
        chosen = gr.on(
            [files.upload, files.delete, files.clear], page.begin, [session, files], [session, opened]
        )
        chosen.then(page.open, [session, files], opened, concurrency_limit=1)
        answering = gr.on(
            [question.submit, ask.click], page.ask, [question, session, llm, top_k, method],
            [session, question, said, words, pages, earlier], concurrency_limit=4, show_progress="hidden",
            trigger_mode="always_last",  # a question that is sent while one is answered waits
        )  # fmt: skip
        stop.click(lambda: status("Stopped."), outputs=said, cancels=[answering], queue=False)
    return blocks.queue(max_size=32)


def mount_page(app: FastAPI, index: Index | None, loaded: dict[str, Any]) -> FastAPI:
    """Put the page at the root of an app: no links out, no history in the browser, no details of errors."""
    blocks = build(index, loaded)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=gr.themes.Base(font=FONTS, font_mono=["ui-monospace", "monospace"]),
        css_paths=[Path(__file__).with_name("chat.css")],
    )
    blocks.max_file_size = (
        MAX_MEGABYTES * 1_000_000
    )  # not before: Gradio's page would show the file's name as HTML
    return app

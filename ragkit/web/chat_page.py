"""The page of `ragkit chat`: what stands on it, and which function each thing calls."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from ragkit import models
from ragkit.index import Index
from ragkit.models.server import find_servers
from ragkit.reading.find import FLOWING, PAGED
from ragkit.web.chat_session import (
    MAX_FILES,
    MAX_MEGABYTES,
    MAX_QUESTION,
    Behind,
    as_named,
    describe,
    forget,
    markdown,
    status,
    suggested,
    wanted,
)

METHODS = [
    ("meaning and words", "hybrid"), ("meaning", "dense"), ("nearest sentence", "sentences"), ("words", "bm25"),
]  # fmt: skip
MAX_TABS = 30
"""Tabs whose answers are kept: the latest. (Gradio also keeps those that were closed, with all their pictures.)"""
PLACEHOLDER = "### What would you like to know?\nChoose PDFs, and ask; what is found is shown with its page."
FOCUS = "() => document.querySelector('#question textarea').focus()"
COPY = "text => navigator.clipboard.writeText(text)"
SAVE = """text => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], {type: "text/markdown"}));
    link.download = "answers.md";
    link.click();
}"""
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif"]


def choices_of_llm(loaded: dict[str, Any]) -> list[tuple[str, str]]:
    """Models that write without a download: that of the command, those on this disk, and those of servers here."""
    names = [*loaded, *models.present_models("llm"), *find_servers()]
    return [(name.partition("#")[2] or name, name) for name in dict.fromkeys(names)]


def build(index: Index | None, loaded: dict[str, Any]) -> gr.Blocks:
    """Lay out the page, and tie what can be done on it to the functions."""
    behind = Behind(index, loaded)
    with gr.Blocks(title="ragkit chat", analytics_enabled=False, fill_width=True) as blocks:
        session, text = gr.State(), gr.Textbox(visible="hidden")
        with gr.Row():
            with gr.Column(min_width=280, scale=1, elem_id="document"):
                gr.HTML("<h1>Ask your PDFs</h1>")
                label = f"PDFs: at most {MAX_FILES}, of {MAX_MEGABYTES} MB each"
                files = gr.File(
                    label=label, file_count="multiple", file_types=[".pdf", *PAGED, *FLOWING], height=150
                )
                files.preprocess = partial(as_named, files.preprocess)  # type: ignore[method-assign]
                opened = gr.HTML(status(describe(index)))
                with gr.Accordion("Settings", open=False):
                    choices = choices_of_llm(loaded)
                    llm = gr.Dropdown(choices, value=choices[0][1], label="Model that writes")
                    top_k = gr.Slider(1, 10, value=5, step=1, label="Passages")
                    method = gr.Radio(METHODS, value="hybrid", label="Search by")
                pages = gr.HTML(elem_id="pages")
            with gr.Column(min_width=320, scale=2):
                turns = gr.Chatbot(
                    elem_id="turns", label="Questions and answers", show_label=False, height=None, buttons=[],
                    render_markdown=False, latex_delimiters=[], layout="bubble", placeholder=PLACEHOLDER,
                )  # fmt: skip
                said = gr.HTML(status(""), elem_id="said")
                question = gr.Textbox(
                    label="Question", show_label=False, placeholder="Your question", elem_id="question",
                    max_length=MAX_QUESTION, autofocus=True, submit_btn="Ask", max_lines=4,
                )  # fmt: skip
                with gr.Row(elem_id="tools"):
                    change = gr.Button("Change what was searched for", size="sm", visible=False)
                    stop, copy, save = (gr.Button(each, size="sm") for each in ("Stop", "Copy", "Save all"))
        chosen = gr.on(
            [files.upload, files.delete, files.clear], behind.begin, [session, files], [session, opened]
        )
        read = chosen.then(
            behind.open, [session, files], opened, concurrency_limit=1,
            trigger_mode="always_last",  # files that are chosen while others are read come after them
        )  # fmt: skip
        # Not queued: the page would lose a question that is sent at the moment in which the queue has done with these.
        at_once: dict[str, Any] = {"inputs": session, "queue": False, "show_progress": "hidden"}
        for opening in (read.then, blocks.load):
            first = opening(behind.begun, outputs=[session, pages, turns], **at_once)
            first.then(behind.offered, outputs=turns, **at_once)
        asking: dict[str, Any] = {
            "fn": behind.ask, "inputs": [question, session, llm, top_k, method],
            "outputs": [session, question, said, turns, pages, change],
            "concurrency_limit": 4, "show_progress": "hidden",
            "trigger_mode": "always_last",  # a question that is sent while one is answered waits
        }  # fmt: skip
        question.submit(**asking)
        turns.example_select(suggested, None, question, queue=False).then(**asking)
        stop.click(behind.stop, session, queue=False)
        change.click(wanted, session, question, queue=False).then(None, js=FOCUS)
        turns.clear(forget, session, queue=False)
        copy.click(partial(markdown, last=1), session, text, queue=False).then(None, text, js=COPY)
        save.click(markdown, session, text, queue=False).then(None, text, js=SAVE)
    return blocks.queue(max_size=32)


def mount_page(app: FastAPI, index: Index | None, loaded: dict[str, Any]) -> FastAPI:
    """Put the page at the root of an app: no links out, no history in the browser, no details of errors."""
    blocks = build(index, loaded)
    blocks.state_session_capacity = MAX_TABS
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
    # Without this, Gradio takes the path of any file on this machine for one that was chosen here.
    blocks.has_launched = True
    # Set here and not above, or Gradio's page would check it and show the file's name as HTML.
    blocks.max_file_size = MAX_MEGABYTES * 1_000_000
    return app

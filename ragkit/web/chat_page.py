"""The page of `ragkit chat`: what stands on it, and which function each thing calls."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from ragkit import models
from ragkit.models.server import find_servers
from ragkit.reading.find import FLOWING, PAGED
from ragkit.web.chat_session import MAX_FILES, MAX_QUESTION, Behind, describe, status, suggested
from ragkit.web.conversation import markdown, wanted

METHODS = [
    ("meaning and words", "hybrid"), ("meaning", "dense"), ("nearest sentence", "sentences"), ("words", "bm25"),
]  # fmt: skip
KINDS = (".pdf", *PAGED, *FLOWING)
MAX_MEGABYTES = 100
MAX_TABS = 30
"""Tabs whose answers are kept: the latest. (Gradio also keeps those that were closed, with all their pictures.)"""
PLACEHOLDER = "### What would you like to know?\nChoose PDFs, and ask; what is found is shown with its page."
FOCUS = "() => document.querySelector('#question textarea').focus()"
COPY = "text => navigator.clipboard.writeText(text)"
FOLLOW = """() => {
    // The question that is asked comes to the top, with the beginning of its answer, unless somebody scrolls.
    const turns = document.querySelector("#turns"), until = Date.now() + 60_000;
    const asked = () => [...turns.querySelectorAll(".user-row")];
    const state = () => asked().length + (asked().at(-1)?.innerText ?? ""), before = state();
    const follow = setInterval(() => {
        if (Date.now() > until) clearInterval(follow);
        if (state() === before || !asked().length) return;
        const box = turns.querySelector(".bubble-wrap");
        const away = asked().at(-1).getBoundingClientRect().top - box.getBoundingClientRect().top - 8;
        box.scrollTop += away;
        if (Math.abs(away) < 2) clearInterval(follow);
    }, 100);
    for (const each of ["wheel", "touchmove", "pointerdown", "keydown"])
        turns.addEventListener(each, () => clearInterval(follow), {once: true});
}"""
SURE = "session => [session, confirm('Delete all kept chats? They cannot be brought back.') ? 'yes' : '']"
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


def as_named(check: Callable[[Any], Any], chosen: Any) -> list[str]:
    """The files that were chosen, under the names that they had: on the way here `<` is lost, and `"` becomes %22."""
    files = check(chosen) or []
    for n, (file, name) in enumerate(zip(files, [each.orig_name for each in chosen or []], strict=True)):
        own = Path(file).with_name(Path(name or file).name)
        if own.suffix.lower() in KINDS:  # and so neither this folder nor the one above it
            if not own.exists():
                os.link(file, own)
            files[n] = str(own)
    return files


def documents_among(files: list[str]) -> list[str]:
    """What of a folder can be read; what else is in it is counted on the page."""
    found = [file for file in files if Path(file).suffix.lower() in KINDS and Path(file).name[0] not in ".~"]
    if left_out := len(files) - len(found):
        gr.Info(f"{left_out} of the {len(files)} files in the folder are left out: they are no documents.")
    return found


def build(behind: Behind) -> gr.Blocks:
    """Lay out the page, and tie what can be done on it to the functions."""
    with gr.Blocks(title="ragkit chat", analytics_enabled=False, fill_width=True) as blocks:
        session, text = gr.State(), gr.Textbox(visible="hidden")
        with gr.Row():
            with gr.Column(min_width=280, scale=1, elem_id="document"):
                gr.HTML("<h1>Ask your PDFs</h1>")
                label = f"PDFs, Word files and more: up to {MAX_FILES}, {MAX_MEGABYTES} MB each"
                files = gr.File(label=label, file_count="multiple", file_types=[*KINDS], height=150)
                folder = gr.UploadButton("Choose a whole folder", file_count="directory", size="sm")
                for each in (files, folder):
                    each.preprocess = partial(as_named, each.preprocess)  # type: ignore[method-assign]
                opened = gr.HTML(status(describe(behind.index)))
                with gr.Accordion("Settings", open=False):
                    choices = choices_of_llm(behind.loaded)
                    llm = gr.Dropdown(choices, value=choices[0][1], label="Model that writes")
                    top_k = gr.Slider(1, 10, value=5, step=1, label="Passages")
                    password = gr.Textbox(
                        label="Password of the PDFs", type="password", placeholder="then Enter"
                    )
                    method = gr.Radio(METHODS, value="hybrid", label="Search by")
                pages = gr.HTML(elem_id="pages")
            with gr.Column(min_width=320, scale=2):
                turns = gr.Chatbot(
                    elem_id="turns", label="Questions and answers", show_label=False, height=None, buttons=[],
                    autoscroll=False, render_markdown=False, latex_delimiters=[], layout="bubble",
                    placeholder=PLACEHOLDER,
                )  # fmt: skip
                said = gr.HTML(status(""), elem_id="said")
                question = gr.Textbox(
                    label="Question", show_label=False, placeholder="Your question", elem_id="question",
                    max_length=MAX_QUESTION, autofocus=True, submit_btn="Ask", max_lines=4,
                )  # fmt: skip
                with gr.Row(elem_id="tools"):
                    change = gr.Button("Change what was searched for", size="sm", visible=False)
                    stop, copy, save = (gr.Button(each, size="sm") for each in ("Stop", "Copy", "Save all"))
                    what = f"Delete all chats kept in {behind.chats}"
                    delete = gr.Button(what, size="sm", visible=bool(behind.chats))
        chosen, unlocked = (
            event(behind.begin, [session, files], [session, opened])
            for event in (files.change, password.submit)
        )
        folder.upload(documents_among, folder, files)
        opening: dict[str, Any] = {
            "fn": behind.open, "inputs": [session, files, password], "outputs": opened, "concurrency_limit": 1,
            "trigger_mode": "always_last",  # files that are chosen while others are read come after them
        }  # fmt: skip
        # Not queued: the page would lose a question that is sent at the moment in which the queue has done with these.
        at_once: dict[str, Any] = {"inputs": session, "queue": False, "show_progress": "hidden"}
        for then in (chosen.then(**opening).then, unlocked.then(**opening).then, blocks.load):
            first = then(behind.begun, outputs=[session, pages, turns], **at_once)
            first.then(behind.offered, outputs=turns, **at_once)
        asking: dict[str, Any] = {
            "fn": behind.ask, "inputs": [question, session, llm, top_k, method],
            "outputs": [session, question, said, turns, pages, change],
            "concurrency_limit": 4, "show_progress": "hidden",
            "trigger_mode": "always_last",  # a question that is sent while one is answered waits
        }  # fmt: skip
        question.submit(**asking)
        question.submit(None, js=FOLLOW)
        turns.example_select(suggested, None, question, queue=False).then(**asking)
        turns.example_select(None, js=FOLLOW)
        stop.click(behind.stop, session, queue=False)
        change.click(wanted, session, question, queue=False).then(None, js=FOCUS)
        turns.clear(behind.forget, session, [turns, said, pages], queue=False)
        every: dict[str, Any] = {"inputs": [session, text], "outputs": [turns, said, pages], "js": SURE}
        delete.click(behind.forget_all, **every, queue=False, trigger_mode="multiple")
        copy.click(partial(markdown, last=1), session, text, queue=False).then(None, text, js=COPY)
        save.click(markdown, session, text, queue=False).then(None, text, js=SAVE)
    return blocks.queue(max_size=32)


def mount_page(app: FastAPI, behind: Behind) -> FastAPI:
    """Put the page at the root of an app: no links out, no history in the browser, no details of errors."""
    blocks = build(behind)
    blocks.state_session_capacity = MAX_TABS
    gr.mount_gradio_app(
        app, blocks, path="/", footer_links=[], run_history=False, show_error=False, ssr_mode=False, pwa=False,
        enable_monitoring=False, mcp_server=False, css_paths=[Path(__file__).with_name("chat.css")],
        theme=gr.themes.Base(font=FONTS, font_mono=["ui-monospace", "monospace"]),
    )  # fmt: skip
    # Without this, Gradio takes the path of any file on this machine for one that was chosen here.
    blocks.has_launched = True
    # Set here and not above, or Gradio's page would check it and show the file's name as HTML.
    blocks.max_file_size = MAX_MEGABYTES * 1_000_000
    return app

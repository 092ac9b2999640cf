"""A PDF whose text is markup, from the file to the report, opened in a real browser: nothing of it runs."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import ClassVar

import pandas as pd
import pymupdf
import pytest
from browser import load, needs_browser
from conftest import found_for
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbformat.v4 import writes as notebook_text

from ragkit import show
from ragkit.generate import Answer
from ragkit.grounding.citations import cite
from ragkit.grounding.quotes import key_sentences
from ragkit.index import open_index
from ragkit.pdf import read_pdf
from tools import report

EVIL = (
    "<img src=x onerror=\"document.title='ran'\"> cures </pre><script>document.title='ran'</script> and "
    "<svg onload=\"document.title='ran'\"></svg> in sailors."
)


def title_after_loading(page, profile):
    """Title of a page after its scripts, if any, have run."""
    dom, _ = load(page, profile)
    return re.search(r"<title>(.*?)</title>", dom, flags=re.DOTALL)[1].strip()


def write_report(folder, *outputs):
    """The course's report of one notebook with these outputs."""
    cell = new_code_cell("chunks", outputs=list(outputs), metadata={"tags": ["answer"]})
    about = new_markdown_cell("# Chunks of &lt;script> " + EVIL.replace("<", "&lt;"))
    path = folder / "01_pdf.ipynb"
    path.write_text(notebook_text(new_notebook(cells=[about, cell])), encoding="utf-8")
    return report.write_report([path], folder / "report.html", "report of </title>" + EVIL)


def shown(html, text):
    return new_output("display_data", {"text/html": html, "text/plain": text})


@pytest.fixture
def evil_outputs(tmp_path, fake_models, embedder):
    """Everything that a notebook shows of a PDF, of one whose text and file name are markup."""
    path = tmp_path / "a\"><img src=x onerror=document.title='ran'>.pdf"
    document = pymupdf.open()
    document.new_page().insert_textbox((40, 40, 550, 300), EVIL, fontsize=8)
    document.save(path)
    pages, index = read_pdf(path), open_index(path, embedder, root=tmp_path / "artifacts")
    hits = index.search("sailors")
    sentences = key_sentences("sailors", hits, index)
    text = pages.loc[0, "text"]
    assert "onerror" in text
    assert "<script>" in text
    said = pd.concat([cite(text, index, hits), cite(f"{text} It is 7.", index, hits)])
    about = {"found": found_for(EVIL, hits), "key_sentences": sentences}
    answer = Answer(text, 9, 9, 1.0, 1.0, "end", citations=said, **about)
    unsupported = replace(answer, citations=said.assign(supported=False, reason=EVIL))
    refused = Answer("No.", 0, 0, 0.0, 0.0, "refused", refusal=EVIL, **about)
    displays = [
        show.table(index.chunks, width=500), show.side_by_side(text, text, [text, text]),
        show.answer(answer, index), show.answer(unsupported), show.answer(refused),
        show.before_after(text, "", text), show.chat_template(text, ["<script>"]),
        show.page_beside_text(path, 0, text), show.hit_pages(index, hits), show.score_bars(hits),
    ]  # fmt: skip
    return [
        new_output("stream", name="stdout", text=text),
        shown(pages._repr_html_(), repr(pages)),
        *(shown(display.html, display.text) for display in displays),
    ]


@needs_browser
def test_nothing_in_a_report_of_a_hostile_document_runs(evil_outputs, tmp_path):
    report = write_report(tmp_path, *evil_outputs)
    assert "report of" in title_after_loading(report, tmp_path / "profile")


def test_nothing_of_a_hostile_document_becomes_an_element_that_could_run(evil_outputs, tmp_path):
    class Elements(HTMLParser):
        found: ClassVar[set] = set()

        def handle_starttag(self, tag, attributes):
            self.found |= {tag, *(name for name, _ in attributes)}
            self.found |= {value for name, value in attributes if name == "src" and value == "x"}

    Elements().feed(write_report(tmp_path, *evil_outputs).read_text(encoding="utf-8"))
    assert {"details", "img", "table"} <= Elements.found
    assert not {"script", "onerror", "onload", "svg", "x"} & Elements.found


@needs_browser
def test_markup_that_reached_the_page_unescaped_would_run(tmp_path):
    report = write_report(tmp_path, shown(f"<p>{EVIL}</p>", EVIL))
    assert title_after_loading(report, tmp_path / "profile") == "ran"

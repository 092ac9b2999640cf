"""Playables: the drawing stands without a script; with it, the numbers in the page move."""

import json
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from browser import Browser, needs_browser
from playables import budget_slider, chunk_slider, playing, probes_slider, retrieval_bench, temperature_dial

from ragkit import chunk_pages, models, split_sentences

CHUNKS = pd.DataFrame(
    {
        "source": "a.pdf", "label": ["1", "2", "3"], "text": ["about <b>iron</b>", "about fat " * 40, "about salt"],
        "page": [8, 9, 10],
        "boxes": [
            [{"label": "1", "page": 8, "start": 0, "end": 17, "x0": 50, "y0": 60, "x1": 350, "y1": 80}],
            [{"label": "2", "page": 9, "start": 0, "end": 400, "x0": 50, "y0": 60, "x1": 350, "y1": 540}],
            [
                {"label": "3", "page": 10, "start": 0, "end": 6, "x0": 50, "y0": 500, "x1": 350, "y1": 520},
                {"label": "4", "page": 11, "start": 6, "end": 10, "x0": 50, "y0": 60, "x1": 350, "y1": 80},
            ],
        ],
    }
)  # fmt: skip
QUESTIONS = [
    {"question": "What is iron? </script>", "pages": ["1"], "source": None},
    {"question": "What is fat?", "pages": ["2"], "source": "a.pdf"},
]
SCORES = {
    "meaning": [[0.9, 0.1, 0.2], [0.2, 0.3, 0.9]],
    "words": [[0.1, 0.2, 0.5], [0.0, 0.8, 0.1]],
    "luck": [[0] * 3] * 2,
}


@pytest.fixture
def bench():
    nearest = [["about <b>iron</b>", "", "salt"], ["", "about fat", "not there"]]
    return retrieval_bench(SCORES, QUESTIONS, CHUNKS, nearest, (0.2, 0.8, 0), pdf="data/a b.pdf")


def test_the_drawing_says_what_is_counted_and_nothing_is_loaded(bench):
    assert (
        repr(bench)
        == "3 passages, weighed 0.2 meaning, 0.8 words, 0 luck. A right page in front: 1 of 2 questions"
    )
    html = bench._repr_html_()
    still = re.sub(r'<script class="playable">.*?</script>', "", html, flags=re.DOTALL)
    assert "A right page in front: 1 of 2 questions." in still
    assert "data:image/svg+xml;base64," in still
    assert "<script" not in still
    assert "about <mark>salt</mark></p>" in still, "the first question's first passage"
    assert "<b>iron" not in html
    assert not re.search(r"https?://(?!www\.w3\.org)", html)


def test_without_questions_there_is_nothing_to_weigh():
    assert "no labelled questions" in repr(retrieval_bench({}, [], CHUNKS, []))


@needs_browser
def test_a_slider_moves_the_count_and_a_bar_shows_its_passage(bench, tmp_path):
    page = tmp_path / "bench.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{bench._repr_html_()}", encoding="utf-8")
    browser = Browser(tmp_path / "profile")
    try:
        tab = browser.open(page.as_uri())
        tab.wait("document.querySelectorAll('input').length === 4")
        assert "1 of 2 questions" in tab.text("[data-part=count]")
        tab.run(
            "(e => { e.value = 50; e.dispatchEvent(new Event('input')) })(document.querySelector('input'))"
        )
        assert "2 of 2 questions" in tab.text("[data-part=count]")
        assert tab.text("[data-part=place]") == "p. 1, right."
        assert (
            tab.text("[data-part=passage]")
            == tab.text("mark")
            == tab.text("[data-part=page]")
            == "about <b>iron</b>"
        )
        tab.run("document.querySelectorAll('rect')[2].dispatchEvent(new Event('click'))")
        assert (tab.text("[data-part=place]"), tab.text("mark")) == ("pp. 3–4, not right.", "salt")
        assert tab.run("document.querySelector('a').getAttribute('href')") == "data/a b.pdf#page=12"
        assert tab.text("[data-part=page]") == tab.text("[data-part=page] mark") == "salt", "its second page"
        tab.run("(slider = [...document.querySelectorAll('input')].at(-1)).focus()")
        assert tab.run("slider.value") == "2"
        tab.press("ArrowDown")
        assert tab.text("[data-part=passage]").startswith("about fat about fat")
        assert tab.run("slider.getAttribute('aria-valuetext')") == "p. 2, not right."
        assert tab.run("slider.nextElementSibling.textContent") == "p. 2"
        assert "2 of 2 questions" in tab.text("[data-part=count]")
    finally:
        browser.close()


TEXT = "Lemons cure scurvy. The trial was in 1747.\n\nIron <b>binds</b> oxygen in the blood. Tea binds iron. So it is."
PROBES = {1: 0.1, 2: 0.25, 4: 1.0}


@pytest.fixture
def sliders(tokenizer):
    """Each slider as a notebook has it; a value to move its first input to, and what it says then."""
    scores = np.array([1.0, 4.04, 3.0, *[0.0] * 17])
    asked = {"questions ask": {1: 0.5, 2: 0.75, 4: 1.0}, "rows ask": {1: 0.9, 2: 1.0, 4: 1.0}}
    return {
        "chunks": (chunk_slider(TEXT, tokenizer, 64), 1, "Chunks: 3, of 6 to 24 tokens; 45 tokens"),
        "budget": (budget_slider([20, 50, 90], CHUNKS[:2], 60), 90, "2 of 2 passages fit: 90 tokens, 0 left."),
        "temperature": (temperature_dial(scores, tokenizer, k=2), 0, "Of 100 draws, 100 are “<s>” and 0 are none"),
        "probes": (probes_slider(asked, PROBES), 1, "4.0 is compared. Of its ten nearest rows, a question finds 7.5"),
    }  # fmt: skip


def test_the_sliders_say_what_they_begin_with(sliders):
    assert [repr(slider) for slider, *_ in sliders.values()] == [
        "Size at most 64 tokens, overlap 0 sentences. Chunks: 1, of 41 to 41 tokens; 41 tokens to embed, "
        "0% more than without an overlap",
        "A budget of 60 tokens. 1 of 2 passages fit: 50 tokens, 10 left. Left out: p. 2",
        "Temperature 1.0. Of 100 draws, 59 are “<s>” and 20 are none of these 2",
        "Cells searched: 1 of 4. One row in 10.0 is compared. Of its ten nearest rows, a question finds 5.0 on average",
    ]
    for slider, *_ in sliders.values():
        assert "<b>binds" not in slider.html
        assert not re.search(r"https?://", slider.html)


def test_a_budget_without_room_is_said(tokenizer):
    said = "Not even the best passage fits: there is no prompt worth sending"
    for budget in (10, 30):
        assert said in repr(budget_slider([20, 50, 90], CHUNKS[:2], budget))


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize(("most", "overlap"), [(64, 0), (24, 1), (22, 3)])
def test_the_page_packs_as_the_library_does(most, overlap, tokenizer):
    text, special = " ".join([TEXT] * 5), tokenizer.num_special_tokens_to_add()
    counts = models.count_tokens(tokenizer, split_sentences(text))
    script = (playing.FOLDER / "chunks.js").read_text(encoding="utf-8")
    call = f"console.log(JSON.stringify(pack({counts}, {most - special}, {overlap})))"
    packed = json.loads(subprocess.run(["node", "-e", script + call], capture_output=True, check=True).stdout)
    made = chunk_pages(text, tokenizer, most, overlap)
    assert [last - first for first, last, _ in packed] == made["n_sentences"].tolist()
    assert [tokens + special for *_, tokens in packed] == made["n_tokens"].tolist()
    assert len(made) > 2


@needs_browser
def test_the_sliders_stay_in_sight_over_a_text_that_is_longer_than_the_window(tokenizer, tmp_path):
    page = tmp_path / "long.html"
    slider = chunk_slider(" ".join([TEXT] * 60), tokenizer, 64)
    page.write_text(f"<!doctype html><meta charset=utf-8>{slider._repr_html_()}", encoding="utf-8")
    browser = Browser(tmp_path / "profile")
    try:
        tab = browser.open(page.as_uri(), width=400)
        tab.wait("document.querySelectorAll('input').length")
        tab.run("window.scrollTo(0, 900)")
        assert tab.run("scrollY") == 900
        for part in ("input", "[data-part=count]"):
            top = tab.run(f"document.querySelector('{part}').getBoundingClientRect().top")
            assert 0 <= top < 300
    finally:
        browser.close()


DRAWN = "[...document.querySelectorAll('[data-bar], [data-sentence]')].map(e => e.innerText).join('|')"
WIDTHS = "[...document.querySelectorAll('[data-bar] span span')].map(e => Math.round(e.offsetWidth))"

MOVE = "(e => { e.value = %s; e.dispatchEvent(new Event('input')) })(document.querySelector('input'))"


@needs_browser
def test_a_slider_begins_as_it_was_drawn_and_moves_by_the_keyboard(sliders, tmp_path):
    browser = Browser(tmp_path / "profile")
    try:
        for name, (slider, value, then) in sliders.items():
            shown = []
            still = re.sub("<script.*?</script>", "", slider._repr_html_(), flags=re.DOTALL)
            for part, html in (("still", still), ("moving", slider._repr_html_())):
                page = tmp_path / f"{name}-{part}.html"
                page.write_text(f"<!doctype html><meta charset=utf-8>{html}", encoding="utf-8")
                tab = browser.open(page.as_uri(), width=400)
                tab.wait("document.readyState === 'complete' && document.querySelector('[data-part=count]')")
                tab.wait(f"document.querySelectorAll('input').length > 0 === {str(part == 'moving').lower()}")
                shown.append((tab.text("[data-part=count]"), tab.run(DRAWN), tab.run(WIDTHS)))
                assert tab.run("document.documentElement.scrollWidth") <= 400
            assert shown[0] == shown[1]
            tab.run(MOVE % value)
            assert then in tab.text("[data-part=count]")
            assert not tab.run(
                "document.querySelector('input:not([data-lm-suppress-shortcuts])')"
            )  # JupyterLab
            tab.run("document.querySelector('input').focus()")
            tab.press("End")
            assert then not in tab.text("[data-part=count]")
            assert len(tab.requests()) == 1
    finally:
        browser.close()

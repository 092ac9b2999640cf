"""Playables: the drawing stands without a script; with it, the numbers in the page move."""

import re

import pandas as pd
import pytest
from browser import Browser, needs_browser
from playables import retrieval_bench

CHUNKS = pd.DataFrame(
    {
        "source": "a.pdf", "label": ["1", "2", "3"], "text": ["about <b>iron</b>", "about fat " * 40, "about salt"],
        "boxes": [[{"label": label}] for label in "123"],
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
    return retrieval_bench(SCORES, QUESTIONS, CHUNKS, weights=(0.2, 0.8, 0))


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
    assert "<b>" not in html
    assert not re.search(r"https?://(?!www\.w3\.org)", html)


def test_without_questions_there_is_nothing_to_weigh():
    assert "no labelled questions" in repr(retrieval_bench({}, [], CHUNKS))


@needs_browser
def test_a_slider_moves_the_count_and_a_bar_shows_its_passage(bench, tmp_path):
    page = tmp_path / "bench.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{bench._repr_html_()}", encoding="utf-8")
    browser = Browser(tmp_path / "profile")
    try:
        tab = browser.open(page.as_uri())
        tab.wait("document.querySelectorAll('input').length === 3")
        assert "1 of 2 questions" in tab.text("[data-part=count]")
        tab.run(
            "(e => { e.value = 50; e.dispatchEvent(new Event('input')) })(document.querySelector('input'))"
        )
        assert "2 of 2 questions" in tab.text("[data-part=count]")
        assert "p. 1, right: about <b>iron</b>" in tab.text("[data-part=passage]")
        tab.run("document.querySelectorAll('rect')[2].dispatchEvent(new Event('click'))")
        assert "p. 3, not right: about salt" in tab.text("[data-part=passage]")
    finally:
        browser.close()

"""An answer as it comes: for the page and the server."""

import itertools
import threading

import pytest
from conftest import index_of_pages

from ragkit.generate import ask
from ragkit.grounding.doubt import Outcome
from ragkit.notice import EmptyQuestion
from ragkit.web import answering
from ragkit.web.answering import answer_in_steps

QUESTION = "What do lemons cure?"


@pytest.fixture
def index(tokenizer, embedder):
    return index_of_pages(tokenizer, embedder, "Lemons cure scurvy in a week.", "Salt keeps fish and meat.")


def test_first_what_the_document_says_then_the_models_words_and_last_what_ask_returns(index, llm):
    steps = list(answer_in_steps(QUESTION, index, llm, max_new_tokens=8))
    assert (steps[0].text, steps[0].stop_reason) == ("", "")
    assert "scurvy" in steps[0].key_sentences["text"][0]
    assert all(b.text.startswith(a.text) for a, b in itertools.pairwise(steps[:-1]))
    assert steps[-1].text == ask(QUESTION, index, llm, max_new_tokens=8).text
    assert steps[-1].n_answer_tokens > 0


def test_a_refusal_is_the_only_step(index, llm, monkeypatch):
    monkeypatch.setattr(
        "ragkit.generate.outcome_of", lambda *_: Outcome("refused", "the document does not say")
    )
    (only,) = answer_in_steps(QUESTION, index, llm)
    assert only.refusal


def test_in_doubt_no_word_is_shown_before_it_is_checked(index, llm, monkeypatch):
    monkeypatch.setattr("ragkit.generate.outcome_of", lambda *_: Outcome("in doubt", "it is far"))
    steps = list(answer_in_steps(QUESTION, index, llm, max_new_tokens=8))
    assert len(steps) > 2  # whoever asked can see that the model writes, and can stop it
    assert {(step.text, step.doubt) for step in steps[:-1]} == {("", "it is far")}
    assert steps[-1].doubt == "it is far"


def test_an_error_reaches_whoever_asked(index, llm, monkeypatch):
    def fail(*_, **__):
        raise ValueError("no more paper")

    monkeypatch.setattr(answering, "write", fail)
    with pytest.raises(ValueError, match="no more paper"):
        list(answer_in_steps(QUESTION, index, llm))
    with pytest.raises(EmptyQuestion):
        next(answer_in_steps(" ", index, llm))


def test_the_model_stops_when_nobody_reads_on_and_is_free_for_the_next(index, llm):
    before = threading.active_count()
    steps = answer_in_steps(QUESTION, index, llm, max_new_tokens=200)
    next(steps), next(steps)
    steps.close()
    with answering.ONE_AT_A_TIME:  # free again long before 200 tokens are written
        pass
    assert list(answer_in_steps(QUESTION, index, llm, max_new_tokens=2))[-1].n_answer_tokens <= 2
    assert threading.active_count() <= before + 1

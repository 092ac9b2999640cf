"""When no answer is given: a rare word that is nowhere, or nothing near."""

from types import SimpleNamespace

import numpy as np
import pytest
from conftest import make_index

from ragkit import models
from ragkit.found import find
from ragkit.grounding import refusal
from ragkit.grounding.refusal import why_no_answer

TEXTS = ["Lemons cure scurvy in sailors.", "Photosynthetic algae need B12.", "Water cools the body by sweat.",
         "Carotenoids, vitamin K-2 and 400 mg of caffeine; CO₂."]  # fmt: skip


@pytest.fixture
def index(embedder):
    return make_index(embedder, *TEXTS)


@pytest.fixture(autouse=True)
def tokenizer_of_the_language(monkeypatch):
    """The tests' tokenizer cuts every word into pieces of four letters at most, English or not."""
    monkeypatch.setattr(refusal, "FOREIGN", 4)


def near(monkeypatch, score):
    """As if somebody had measured how near answers are to questions with this embedder."""
    monkeypatch.setattr(models, "find_card", lambda name: SimpleNamespace(near=score))


def why(question, index):
    return why_no_answer(find(question, index))


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Do lemons show electromagnetism?", "“electromagnetism” is nowhere in it"),  # 4 pieces of 4 letters
        ("Do lemons have Q10?", "“q10” is nowhere in it"),
        ("Q10 or electromagnetism?", "“q10” and “electromagnetism” are nowhere in it"),
    ],
)
def test_a_rare_word_that_is_nowhere_is_named(index, question, reason):
    assert why(question, index) == reason


def test_where_every_word_is_cut_into_pieces_many_pieces_tell_nothing(embedder, monkeypatch):
    index = make_index(embedder, *TEXTS[:3])
    assert "electromagnetism" in why("Do lemons show electromagnetism?", index)
    monkeypatch.setattr(refusal, "FOREIGN", 1.5)
    assert why("Do lemons show electromagnetism?", index) == ""
    assert why("Do lemons have Q10?", index) == "“q10” is nowhere in it"


@pytest.mark.parametrize(
    "question",
    [
        "Do lemons need B12?",  # a code that is there
        "Do lemons show photosynthesis?",  # another form of the word is there
        "Did lemons cure scurvy in 1747?",  # a number is no code
        "Did lemons cure scurvy in the 18th?",
        "What is a carotenoid?",
        "Do lemons have K2, CO2 and 400mg of caffeine?",
        "Who?",
    ],
)
def test_words_that_are_there_common_words_and_numbers_are_no_reason(index, question):
    assert why(question, index) == ""


@pytest.mark.parametrize(
    ("question", "without", "refused"),
    [
        ("Do lemons cure ketogenic?", 0.6, True),  # without the word, the document is nearer
        ("Do lemons cure ketogenic?", 0.4, False),  # it is a word for something that is there
        ("Do lemons cure gout?", 0.6, False),  # one piece: too common to tell
    ],
)
def test_a_missing_word_decides_if_the_question_is_nearer_without_it(
    index, monkeypatch, question, without, refused
):
    scores = iter(np.array([[0.5, 0.1], [without, 0.1]], np.float32))
    monkeypatch.setattr("ragkit.grounding.refusal.dot_scores", lambda query, vectors: next(scores))
    assert why(question, index) == ("“ketogenic” is nowhere in it" if refused else "")


def test_the_question_without_a_word_is_the_question_without_it(index, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "ragkit.grounding.refusal.embed_texts",
        lambda embedder, texts, role: asked.extend(texts) or np.ones((len(texts), 32), np.float32),
    )
    why("Gouty ketones: do lemons cure Gouty?", index)
    assert asked == [
        " ketones: do lemons cure ?",
        "Gouty : do lemons cure Gouty?",
    ]


def test_an_abbreviation_that_is_there_is_near_enough(index, monkeypatch):
    near(monkeypatch, 1.5)
    assert why("What sort, kind, type, form, cast or mold is sweat?", index) != ""
    assert why("What sort, kind, type, form, cast or mold is SWEAT?", index) == ""
    assert why("What sort, kind, type, form, cast or mold is ABC?", index) != ""


def test_nothing_near_is_a_reason_that_tells_both_scores(index, monkeypatch):
    near(monkeypatch, 0.97)
    reason = why("Who is king?", index)
    assert reason.startswith("the nearest sentence has a score of 0.")
    assert reason.endswith("and answers have 0.97 and more")


def test_a_score_just_below_does_not_look_like_enough(index, monkeypatch):
    monkeypatch.setattr(
        "ragkit.grounding.refusal.dot_scores", lambda query, vectors: np.full((2, 1), 0.395, np.float32)
    )
    near(monkeypatch, 0.40)
    expected = "the nearest sentence has a score of 0.39, and answers have 0.40 and more"
    assert why("Who is king?", index) == expected


def test_a_near_sentence_is_enough(index, monkeypatch):
    near(monkeypatch, -1.0)
    assert why("Who is king?", index) == ""


def test_enough_of_the_words_are_enough_whatever_the_vectors_say(index, monkeypatch):
    near(monkeypatch, 1.5)
    assert why("Why lemons and scurvy?", index) == ""
    assert why("Lemons, kings, queens, knaves or aces?", index) != ""


@pytest.mark.parametrize("card", [None, SimpleNamespace(near=None)])
def test_an_embedder_that_nobody_measured_never_refuses_by_score(index, monkeypatch, card):
    monkeypatch.setattr(models, "find_card", lambda name: card)
    assert why("Who is king?", index) == ""
    assert why("Do lemons have Q10?", index) != ""


def test_the_default_embedder_was_measured():
    assert 0 < models.find_card(models.DEFAULT_EMBEDDER).near < 1

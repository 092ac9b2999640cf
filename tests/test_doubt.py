"""When an answer is doubted, and when none is given: what tells, and the reason that is said."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import make_embedder, make_index

from ragkit.found import NOTHING_IN_COMMON, find, rarities, unrelated
from ragkit.grounding import doubt
from ragkit.grounding.doubt import ANSWERED, CONSTANT, NEAR, WEIGHTS, Signals, outcome_of, signals_of
from ragkit.grounding.quotes import quote

TEXTS = ["Lemons cure scurvy in sailors.", "Photosynthetic algae need B12.", "Water cools the body by sweat."]


def found_with(nearest=1.0, said=(1.0, 0.0), question="Do lemons cure it?", language="english", **words):
    """What was found, as far as it tells; of each word in how many passages it is, and how rare."""
    rows = words or {"lemons": (1, 0.5)}
    return SimpleNamespace(
        question=question, language=language, nearest=nearest, said=np.array(said, dtype=np.float32),
        sentences=pd.DataFrame({"text": [f"Sentence {i}." for i in range(len(said))]}),
        words=pd.DataFrame.from_dict(rows, orient="index", columns=["count", "rare"]),
    )  # fmt: skip


def quotes_of(found, *rows):
    return found.sentences.iloc[list(rows)]


def nearness_for(chance, said=1.0):
    """How near the nearest sentence must be for a chance, with no word missing."""
    return (math.log(chance / (1 - chance)) - CONSTANT - WEIGHTS["said"] * said) / WEIGHTS["near"]


def test_the_chance_is_logistic():
    total = CONSTANT + 0.5 * WEIGHTS["near"] + 0.25 * WEIGHTS["said"] + 1 * WEIGHTS["missing"]
    assert Signals(0.5, 0.25, 1.0).chance == pytest.approx(1 / (1 + math.exp(-total)))


def test_what_tells_is_taken_from_what_is_shown():
    found = found_with(0.5, said=(0.75, 0.25), lemons=(2, 0.3), gout=(0, 0.9))
    assert signals_of(found, quotes_of(found, 1)) == pytest.approx((0.5, 0.25, 0.75))
    assert signals_of(found, quotes_of(found, 0, 1)) == pytest.approx((0.5, 0.75, 0.75))
    assert signals_of(found, quotes_of(found)).said == 0


@pytest.mark.parametrize(
    ("chance", "state"),
    [(ANSWERED + 0.01, "answered"), (ANSWERED - 0.01, "in doubt"), (NEAR + 0.01, "in doubt"), (NEAR - 0.01, "refused")],
)
def test_the_chance_decides(chance, state):
    found = found_with(nearness_for(chance))
    assert outcome_of(found, quotes_of(found, 0)).state == state


def test_an_answer_has_no_reason_and_a_doubt_has_one():
    found = found_with()
    assert outcome_of(found, quotes_of(found, 0)) == ("answered", "")
    far = found_with(nearness_for(0.3))
    assert outcome_of(far, quotes_of(far, 0)) == ("in doubt", "no sentence says all that is asked for")
    nothing = found_with(nearness_for(0.1))
    assert outcome_of(nothing, quotes_of(nothing, 0)) == ("refused", "nothing in it is near the question")


def test_the_reason_names_the_words_that_are_nowhere_those_that_tell_most_first():
    found = found_with(0.4, said=(0.0,), lemons=(1, 0.5), big=(0, 0.2), gout=(0, 0.9))
    assert outcome_of(found, quotes_of(found, 0)) == ("in doubt", "“gout” and “big” are nowhere in it")
    found = found_with(0.4, said=(0.0,), lemons=(1, 0.5), gout=(0, 0.9))
    assert outcome_of(found, quotes_of(found, 0)).why == "“gout” is nowhere in it"
    many = {f"word{letter}": (0, 0.5) for letter in "abcde"}
    found = found_with(0.4, said=(0.0,), **many)
    assert outcome_of(found, quotes_of(found, 0)).why.count("“") == doubt.MOST_NAMED


def test_a_code_that_is_nowhere_is_a_doubt_however_near_the_sentences_are():
    found = found_with(lemons=(1, 0.5), hx50=(0, 0.1))
    assert outcome_of(found, quotes_of(found, 0)) == ("in doubt", "“HX50” is nowhere in it")
    found = found_with(lemons=(1, 0.5), hx40=(1, 0.1))
    assert outcome_of(found, quotes_of(found, 0)).state == "answered"


def test_another_language_is_said_instead_of_its_words():
    found = found_with(0.4, (0.0,), "Darf ich meinen Hund mitbringen?", hund=(0, 0.9))
    assert outcome_of(found, quotes_of(found, 0)).why == "the question is in German, and the document in English"
    found = found_with(0.4, (0.0,), "Darf ich meinen Hund mitbringen?", "german", hund=(0, 0.9))
    assert outcome_of(found, quotes_of(found, 0)).why == "“hund” is nowhere in it"


# What is counted


@pytest.fixture
def index(embedder):
    return make_index(embedder, *TEXTS, source=["a.pdf", "b.pdf", "b.pdf"])


def missing(found):
    return found.words.index[found.words["count"] == 0].tolist()


def test_words_are_looked_for_in_every_form(index):
    assert missing(find("Did a sailor, sweating, cure gout?", index)) == ["gout"]
    assert missing(find("Is it B-12 or Q10?", index)) == ["q10"]


def test_words_of_the_asking_are_none_that_are_missing(index):
    assert missing(find("Which page of the document tells how many lemons? Format: YYYY", index)) == []
    assert "document" in find("Which document?", make_index(index.embedder, "This document.")).words.index


def test_a_source_bounds_what_is_counted(index):
    question = "Do lemons sweat?"
    assert missing(find(question, index)) == []
    assert missing(find(question, index, source="a.pdf")) == ["sweat"]
    assert missing(find(question, index, source="b.pdf")) == ["lemons"]


def test_the_rarer_in_the_document_the_more_a_word_tells(embedder):
    index = make_index(embedder, "pump flow", "pump", "pump")
    words = find("pump flow", index).words
    assert words.loc["flow", "told"] > 2 * words.loc["pump", "told"] > 0
    assert (words["told"] <= words["rare"]).all()


class Vocabulary:
    """A tokenizer whose words are in the order of their frequency; what it lacks is cut into pieces of three."""

    WORDS = ("[pad]", "the", "meeting", "pump", *(f"w{i}" for i in range(10_000)))

    def __call__(self, words, **how):
        places = {word: i for i, word in enumerate(self.WORDS)}
        cut = [[word] if word in places else [word[i : i + 3] for i in range(0, len(word), 3)] for word in words]
        return {"input_ids": [[places.get(piece, 9_000) for piece in pieces] for pieces in cut]}


def test_a_word_is_as_rare_as_its_place_among_all_words_and_pieces_add_up():
    rare = rarities(["meeting", "w50", "w5000", "ash", "ashwagandha"], Vocabulary())
    assert (np.diff(rare) > 0).all()
    assert rare[1] == pytest.approx(math.log(53) / 14)
    assert rare[-1] == 1


def test_how_near_is_measured_from_what_has_nothing_in_common(tokenizer, monkeypatch):
    embedder = make_embedder(tokenizer)
    level = unrelated(embedder)
    index = make_index(embedder, *TEXTS)
    found = find("Lemons cure scurvy in sailors.", index)
    assert found.near.max() == pytest.approx(1, abs=0.01)
    assert found.nearest == pytest.approx((found.near.max() - level) / (1 - level), abs=1e-5)
    monkeypatch.setattr("ragkit.found.unrelated", lambda embedder: 1.5)
    assert find("Who is king?", index).nearest == 0
    assert len(NOTHING_IN_COMMON) == 8


def test_telling_needs_no_model(index, monkeypatch):
    found = find("Do lemons cure gout?", index)
    quotes = quote(found)
    _ = found.nearest
    monkeypatch.setattr("ragkit.found.embed_texts", lambda *_, **__: pytest.fail("embeds"))
    quote(found, 1)
    assert outcome_of(found, quotes).state

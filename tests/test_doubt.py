"""When an answer is doubted, and when none is given: what tells, and the reason that is said."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import embed, make_embedder, make_index

from ragkit.found import NOTHING_IN_COMMON, find, rarities, unrelated
from ragkit.grounding import doubt
from ragkit.grounding.doubt import (
    ANSWERED,
    CONSTANT,
    FAR,
    NEAR,
    TELLING,
    WEIGHTS,
    Signals,
    but_in_other_forms,
    outcome_of,
    signals_of,
)
from ragkit.grounding.quotes import quote

TEXTS = ["Lemons cure scurvy in sailors.", "Photosynthetic algae need B12.", "Water cools the body by sweat."]


def in_pieces(words, **_):
    """A tokenizer that was made for another language than the words'."""
    return {"input_ids": [[1, 2] for _ in words]}


def asked(best=1.0, question="Do lemons cure it?", language="english", **words):
    """What was found, as far as it tells, and the quotations: of each word in how many passages it is, and how rare."""
    rows = words or {"lemons": (1, 0.5)}
    words = pd.DataFrame.from_dict(rows, orient="index", columns=["count", "rare"])
    words["missing"] = words["count"] == 0
    index = SimpleNamespace(embedder=SimpleNamespace(tokenizer=in_pieces))
    found = SimpleNamespace(
        question=question, language=language, far=0.0, words=words, named=np.zeros(0, bool), index=index
    )
    return found, pd.DataFrame({"score": [best - 0.1, best], "text": ["Iron.", "Lemons."]})


def signals(found, quotes):
    return signals_of(found, quotes, but_in_other_forms(found, quotes))


def score_for(chance):
    """The best quotation's score for a chance, with no word missing."""
    return (math.log(chance / (1 - chance)) - CONSTANT) / WEIGHTS["near"]


def test_the_chance_is_logistic():
    total = CONSTANT + 0.5 * WEIGHTS["near"] + 0.25 * WEIGHTS["missing"]
    assert Signals(0.5, 0.25, 9.0).chance == pytest.approx(1 / (1 + math.exp(-total)))


def test_what_tells_is_the_best_quotation_and_what_is_nowhere():
    found, quotes = asked(0.5, lemons=(2, 0.3), gout=(0, 0.9))
    assert signals(found, quotes) == pytest.approx((0.5, 0.75, 0.9))
    assert signals(found, quotes[:0]).near == 0
    found.far = 0.4
    assert signals(found, quotes).near == pytest.approx(1 / 6)
    found.far = 0.6
    assert signals(found, quotes).near == pytest.approx(-0.25)


@pytest.mark.parametrize(
    ("chance", "state"),
    [
        (ANSWERED + 0.01, "answered"),
        (ANSWERED - 0.01, "in doubt"),
        (NEAR + 0.01, "in doubt"),
        (NEAR - 0.01, "refused"),
    ],
)
def test_the_chance_decides(chance, state):
    lacking = {"lemons": (0, TELLING), "cure": (9, 1.5)}
    share = TELLING / (TELLING + 1.5)
    score = score_for(chance) - share * WEIGHTS["missing"] / WEIGHTS["near"]
    assert outcome_of(*asked(score, **lacking)).state == state


def test_what_is_near_is_not_refused_whatever_words_are_missing():
    assert outcome_of(*asked(FAR - 0.01, lemons=(0, 1))).state == "refused"
    assert outcome_of(*asked(FAR + 0.01, lemons=(0, 1))).state == "in doubt"


def test_words_that_tell_little_are_no_reason_to_refuse():
    assert outcome_of(*asked(0.0, lemons=(0, TELLING - 0.01))) == ("in doubt", "“lemons” is nowhere in it")
    assert outcome_of(*asked(0.0, lemons=(0, TELLING))) == ("refused", "“lemons” is nowhere in it")
    assert outcome_of(*asked(0.0, lemons=(0, 0.4), cure=(0, 0.4))).state == "refused"


def test_an_answer_has_no_reason_and_a_doubt_has_one():
    assert outcome_of(*asked()) == ("answered", "")
    assert outcome_of(*asked(score_for(0.3))) == ("in doubt", "no sentence says all that is asked for")


def test_the_reason_names_the_words_that_are_nowhere_those_that_tell_most_first():
    found = asked(0.5, lemons=(1, 0.5), big=(0, 0.2), gout=(0, 0.9))
    assert outcome_of(*found) == ("in doubt", "“gout” and “big” are nowhere in it")
    assert outcome_of(*asked(0.5, lemons=(1, 0.5), gout=(0, 0.9))).why == "“gout” is nowhere in it"
    many = {f"word{letter}": (0, 0.5) for letter in "abcde"}
    assert outcome_of(*asked(0.6, **many)).why.count("“") == doubt.MOST_NAMED


def test_a_code_that_is_nowhere_is_a_doubt_however_near_the_sentences_are():
    question = "Has the HX-50 lemons?"
    doubt = ("in doubt", "“HX-50” is nowhere in it")
    assert outcome_of(*asked(0.6, question, lemons=(1, 0.5), hx50=(0, 0.1))) == doubt
    assert outcome_of(*asked(lemons=(1, 0.5), hx40=(1, 0.1))).state == "answered"


def test_another_language_is_said_instead_of_its_words():
    question = "Darf ich meinen Hund mitbringen?"
    assert (
        outcome_of(*asked(0.0, question, hund=(0, 0.9))).state == "in doubt"
    )  # of that, nearness tells nothing
    why = outcome_of(*asked(0.6, question, hund=(0, 0.9))).why
    assert why.startswith(
        "the question is in German, and the document in English (an embedder for both may find"
    )
    assert outcome_of(*asked(0.6, question, "german", hund=(0, 0.9))).why == "“Hund” is nowhere in it"
    assert outcome_of(*asked(0.6, "EBITDA?", "german", ebitda=(0, 0.9))).why == "“EBITDA” is nowhere in it"
    assert "German" not in outcome_of(*asked(0.6, "Was it in it?", "german", it=(0, 0.9))).why


@pytest.mark.parametrize(
    ("word", "quoted", "there"),
    [
        ("agm", "The annual general meeting is in May.", True), ("agm", "An angry man, the mayor.", False),
        ("dob", "Date of birth: 1 May", True), ("ag", "The annual general meeting.", False),
        ("sign", "Signature: ____", True), ("resolution", "Resolved: yes.", True), ("unlock", "Keys locked", True),
        ("break", "He broke his wrist.", True), ("sent", "I send it.", True), ("harbour", "It is hard.", False),
        ("cat", "He cut it.", False),
    ],
)  # fmt: skip
def test_a_word_that_a_quotation_says_in_another_form_is_not_missing(word, quoted, there):
    found, quotes = asked(0.5, word, **{word: (0, 0.9), "lemons": (1, 0.5)})
    quotes["text"] = ["Iron.", quoted]
    assert (signals(found, quotes).told == 0) == there
    assert ("nowhere" in outcome_of(found, quotes).why) != there
    found.language = "german"
    assert signals(found, quotes).told == pytest.approx(0.9)


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
    assert missing(find("Who got lemons, and do I get any?", index)) == []
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
        cut = [
            [word] if word in places else [word[i : i + 3] for i in range(0, len(word), 3)] for word in words
        ]
        return {"input_ids": [[places.get(piece, 9_000) for piece in pieces] for pieces in cut]}


def test_a_word_is_as_rare_as_its_place_among_all_words_and_pieces_add_up():
    rare = rarities(["meeting", "w50", "w5000", "ash", "ashwagandha"], Vocabulary())
    assert (np.diff(rare) > 0).all()
    assert rare[1] == pytest.approx(math.log(53) / 14)
    assert rare[-1] == 1


def test_how_near_is_measured_from_what_has_nothing_in_common(tokenizer):
    embedder = make_embedder(tokenizer)
    queries, sentences = (embed(embedder, texts) for texts in zip(*NOTHING_IN_COMMON, strict=True))
    expected = np.mean([query @ sentence for query, sentence in zip(queries, sentences, strict=True)])
    assert unrelated(embedder) == pytest.approx(expected, abs=1e-5)
    assert find("Lemons?", make_index(embedder, *TEXTS)).far == unrelated(embedder)


def test_telling_needs_no_model(index, monkeypatch):
    found = find("Do lemons cure gout?", index)
    quotes = quote(found)
    _ = found.far
    monkeypatch.setattr("ragkit.found.embed_texts", lambda *_, **__: pytest.fail("embeds"))
    quote(found, 1)
    assert outcome_of(found, quotes).state

"""What the evidence has of a claim, with vectors that know a word only."""

import zlib
from collections import Counter

import numpy as np
import pytest

from ragkit.grounding.alignment import Side
from ragkit.grounding.evidence import examine
from ragkit.words.facts import read_words


def vector(word):
    noise = np.random.default_rng(zlib.crc32(word.key.encode())).standard_normal(64)
    return noise / np.linalg.norm(noise)


def side(*sentences):
    words = [read_words(sentence) for sentence in sentences]
    rows = np.repeat(np.arange(len(words)), [len(row) for row in words])
    flat = [word for row in words for word in row]
    return Side(flat, rows, np.array([vector(word) for word in flat], dtype=np.float32))


def found(claim, *sentences, known=()):
    evidence = side(*sentences)
    keys = Counter([*(word.key for word in evidence.words), *known])
    return examine(side(claim), evidence, keys)


@pytest.mark.parametrize(
    ("claim", "sentence", "contradiction"),
    [
        (
            "The surplus was 9,000 euros.",
            "After costs of 9,000 euros, the surplus was 4,000 euros.",
            "it says “4,000”, not “9,000”",
        ),
        ("Three tenants have paid.", "Two of the three tenants have paid.", "it says “Two”, not “Three”"),
        ("The office closes at 6 am.", "The office closes at 6 pm.", "it says “pm”, not “am”"),
        (
            "It ends with notice of 30 weeks.",
            "It ends with notice of 30 days.",
            "it says “days”, not “weeks”",
        ),
        (
            "The annual fee is 45 dollars.",
            "The monthly fee is 45 dollars.",
            "it says “monthly”, not “annual”",
        ),
        ("At least 12 children swim.", "At most 12 children swim.", "it says “At most”, not “At least”"),
        (
            "Caffeine lowers blood pressure.",
            "Caffeine raises blood pressure.",
            "it says “raises”, not “lowers”",
        ),
        (
            "Shake the bottle after opening.",
            "Shake the bottle before opening.",
            "it says “before”, not “after”",
        ),
        ("Keep the room at 5 degrees.", "Keep the room at -5 degrees.", "it says “-5”, not “5”"),
        (
            "Tours without a guide are covered.",
            "Not covered are tours without a guide.",
            "only one of the two says not of “Tours”",
        ),
        (
            "Rauchen ist im Haus erlaubt.",
            "Rauchen ist im Haus verboten.",
            "it says “verboten”, not “erlaubt”",
        ),
    ],
)
def test_what_another_of_its_kind_stands_in_the_company_of_is_contradicted(claim, sentence, contradiction):
    assert found(claim, sentence).contradiction == contradiction


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("The costs were 9,000 euros.", "After costs of 9,000 euros, the surplus was 4,000 euros."),
        ("Bags of at most 8 kg are taken.", "Bags of no more than 8 kg are taken."),
        ("Smoking is not allowed.", "Smoking is prohibited."),
        ("In unserer Küche werden keine Nüsse verwendet.", "Nüsse werden in unserer Küche nicht verwendet."),
        ("On Saturday it opens at 11.", "It opens at 9 on Monday and at 11 on Saturday."),
        ("Dry running for half a minute destroys it.", "Dry running for 30 seconds destroys it."),
        ("Caffeine increases blood pressure.", "Caffeine raises blood pressure."),
        ("A discount of 15 % is given.", "A discount of $20 is given."),
    ],
)
def test_what_is_said_in_other_words_is_not_contradicted(claim, sentence):
    assert found(claim, sentence).contradiction == ""


def test_words_of_one_sentence_in_other_company_are_scattered():
    sentence = "Iron carries oxygen and zinc heals wounds."
    assert found("Zinc carries oxygen.", sentence).scattered > 0.1
    assert found("Zinc heals wounds.", sentence).scattered == 0


def test_two_sentences_may_hold_what_a_claim_joins():
    finding = found(
        "The tower, finished in 1874, is 31 metres high.",
        "The tower was finished in 1874.",
        "It is 31 metres high.",
    )
    assert finding.found == 1
    assert finding.row == 0


def test_a_number_or_name_of_no_passage_is_missing_and_a_counted_two_is_not():
    assert found("Mira saw 7 owls.", "Somebody saw owls.").missing == ["7"]
    assert found("We met Mira.", "We met somebody.", known=["mira"]).missing == []
    assert found("Two friends met.", "Ann met Bob.").missing == []


def test_a_word_that_is_not_there_while_its_company_is_has_a_stand_in():
    alike = side("The blue lamp glows."), side("A blue torch glows.")
    alike[1].vectors[1] = 0.8 * alike[0].vectors[1] + 0.6 * alike[1].vectors[1]
    ((word, other),) = examine(*alike, Counter()).stand_ins
    assert (alike[0].words[word].text, alike[1].words[other].text) == ("lamp", "torch")

"""What the evidence has of a claim, with vectors that know a word only."""

import zlib
from collections import Counter

import numpy as np
import pytest

from ragkit.grounding.alignment import Side
from ragkit.grounding.evidence import examine
from ragkit.words.company import read_words


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
        ("The fee is one month's rent.", "The fee is two months' rent.", "it says “two”, not “one”"),
        (
            "The visit was announced.",
            "The visit was unannounced.",
            "only one of the two says not of “announced”",
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
        (
            "The dose of salt is 25 grams for women.",
            "The dose of salt is 14 grams for every 1,000 kcal, which comes to 25 grams for women.",
        ),
        ("There is not enough room at night.", "There is insufficient room at night."),
    ],
)
def test_what_is_said_in_other_words_is_not_contradicted(claim, sentence):
    assert found(claim, sentence).contradiction == ""


def test_a_contradiction_comes_from_the_sentence_that_says_most_of_it():
    others = "The dose of salt is 25 grams.", "The dose of sugar is 17 grams a day."
    assert found("The dose of salt is 25 grams a day.", *others).contradiction == ""


def test_where_the_passages_say_both_nothing_is_contradicted_and_nothing_found():
    finding = found("A reset deletes names.", "A reset deletes no names.", "A start deletes names.")
    assert (finding.contradiction, finding.worth.min()) == ("", 0)


def test_a_number_of_another_sentence_is_worth_nothing_and_what_was_asked_about_half():
    sentences = "The lamp is 31 metres high.", "In 1833 the harbour froze."
    finding = found("In 1833, the lamp is high.", *sentences)
    assert finding.worth.tolist() == [0, 1, 1]
    asked = side("The harbour lamp is high."), side(*sentences), Counter(), frozenset(["harbour"])
    assert examine(*asked).worth.tolist() == [0.5, 1, 1]
    assert examine(*asked[:3]).worth.tolist() == [0, 1, 1]


def test_the_ends_of_a_span_are_not_exchanged():
    sentence = "Quiet hours are from 10 PM to 7 AM."
    assert found("Quiet hours are from 10 PM to 7 AM.", sentence).found == 1
    assert found("Quiet hours are from 7 AM to 10 PM.", sentence).found < 0.7


def test_who_is_more_than_whom():
    sentence = "Zinc is lighter than lead."
    assert found("Zinc is lighter than lead.", sentence).found == 1
    assert found("Lead is lighter than zinc.", sentence).found < 0.5


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

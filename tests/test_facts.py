"""The words of a sentence by which another one is judged."""

import pytest

from ragkit.words.company import read_words
from ragkit.words.facts import value
from ragkit.words.languages import stop_words
from ragkit.words.opposites import OPPOSITES


def kinds(text):
    return {word.text: word.kind for word in read_words(text)}


def by_text(text):
    return {word.text: word for word in read_words(text)}


def test_numbers_years_codes_and_names_are_told_apart():
    assert kinds("In 1998 Anna sold 400 pumps HX-40 and part 88-4410-C in the U.K. for $5.") == {
        "1998": "year", "Anna": "name", "sold": "word", "400": "number", "pumps": "word", "HX-40": "code",
        "part": "word", "88-4410-C": "code", "U.K.": "name", "$": "word", "5": "number",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("twenty-five", "25"),
        ("1,000", "1000"),
        ("zwölf", "12"),
        ("21,90", "21.9"),
        ("−5", "-5"),
        ("400mg", "400"),
    ],
)
def test_a_number_is_one_however_it_is_written(one, other):
    assert read_words(f"x {one}")[1].key == read_words(f"x {other}")[1].key


@pytest.mark.parametrize(
    ("text", "language", "keys"),
    [
        ("une puissance de 2 200 W", "french", ["#2200"]),
        ("la prima de 2 200", "italian", ["#2", "#200"]),
        ("poids de deux kg", "french", ["#2"]),
        ("in due time", "english", []),
    ],
)
def test_numbers_are_those_of_the_language(text, language, keys):
    assert [word.key for word in read_words(text, language) if word.kind == "number"] == keys


def test_no_opposite_is_a_word_that_says_nothing_but_those_that_are_meant():
    meant = {"contro", "più", "tutti", "algunas", "algunos", "antes", "más", "todos"}
    for language in ("french", "italian", "spanish"):
        words = set(OPPOSITES[language].replace("/", " ").split())
        assert words & stop_words()[language] <= meant  # "est" is mostly no point of the compass


def test_an_article_that_is_cut_off_is_no_part_of_a_word():
    assert [word.text for word in read_words("L'appareil n'est pas sur l'eau.", "french")] == [
        "appareil",
        "eau",
    ]
    assert [word.text for word in read_words("La porta dell'ascensore", "italian")] == ["porta", "ascensore"]


def test_a_sign_and_a_decimal_make_another_number():
    keys = [read_words(f"at {number} degrees")[0].key for number in ("5", "-5", "0.5", "5.5")]
    assert len(set(keys)) == 4
    assert (value("0.125"), value("17:30")) == ("0.125", "17:30")


def test_german_nouns_are_no_names_and_forms_of_one_word_have_one_key():
    assert kinds("Die Nüsse werden in der Küche verwendet.") == dict.fromkeys(
        ("Nüsse", "Küche", "verwendet"), "word"
    )
    assert by_text("Die Nuss ist hart.")["Nuss"].key == by_text("Die Nüsse sind hart.")["Nüsse"].key
    assert by_text("Tighten it.")["Tighten"].key == by_text("It is tightened.")["tightened"].key


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("Boats do not leave the harbour at noon.", ["leave", "harbour"]),
        ("Boats don’t leave.", ["leave"]),
        ("Tours without a guide are covered.", ["guide"]),
        ("It does not swim, and it walks.", ["swim"]),
        ("Nüsse verwenden wir nicht.", ["Nüsse", "verwenden"]),
        ("It is a sugar-free drink.", ["sugar"]),
        ("No more than 8 boats leave.", []),
    ],
)
def test_what_a_negation_governs(text, negated):
    assert [word.text for word in read_words(text) if word.negation] == negated


def test_segments_are_cut_at_commas_conjunctions_and_second_numbers_and_go_on_after_brackets():
    def parts(text):
        words = read_words(text)
        return [[w.text for w in words if w.segment == s] for s in dict.fromkeys(w.segment for w in words)]

    assert parts("Iron carries oxygen, zinc heals wounds.") == [
        ["Iron", "carries", "oxygen"],
        ["zinc", "heals", "wounds"],
    ]
    assert parts("We sold 3 cars 4 boats.") == [["sold", "3", "cars"], ["4", "boats"]]
    assert parts("Trout (a, d) 21.90 €") == [["Trout", "21.90", "€"], ["d"]]


def test_of_a_part_of_a_whole_the_whole_is_not_counted():
    assert [word.text for word in read_words("Two of the three tenants paid.")] == ["Two", "tenants", "paid"]


def test_opposites_and_units_have_sides():
    assert set(by_text("prices rise")["rise"].sides) & set(by_text("an increase")["increase"].sides)
    assert not set(by_text("prices rise")["rise"].sides) & set(by_text("prices fall")["fall"].sides)
    assert by_text("30 days")["days"].beside == "#30"
    assert by_text("15 %")["15"].beside == "share"


def test_an_empty_text_has_no_words():
    assert read_words("") == read_words(" ,;. ") == []

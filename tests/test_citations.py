"""Sentences of an answer against those of the document: what supports them, what contradicts them, and why."""

import numpy as np
import pytest
from conftest import index_of_pages, make_index

from ragkit.found import found_in
from ragkit.grounding import citations
from ragkit.grounding.citations import CITATION_COLUMNS, NEAR, SUPPORTED, cite

TEXT = (
    "The lighthouse of Brenn is 31 metres high. It was finished in 1874 by Anna Roth. "
    "Boats do not leave the harbour at noon. The arches of the old bridge are twelve."
)
NOT_FOUND = "no sentence of the passages says all of it"


@pytest.fixture
def index(tokenizer, embedder):
    return index_of_pages(tokenizer, embedder, TEXT, "Granite was cut on the island.", first_label=7)


def cited(claim, index):
    (row,) = cite(claim, index, index.chunks).to_dict("records")
    return row


@pytest.mark.parametrize(
    ("claim", "supporting"),
    [
        ("The lighthouse of Brenn is 31 metres high.", "The lighthouse of Brenn is 31 metres high."),
        ("The lighthouse is 31 metres high.", "The lighthouse of Brenn is 31 metres high."),
        ("In 1874 it was finished by Anna Roth.", "It was finished in 1874 by Anna Roth."),
        ("At noon boats don't leave the harbour.", "Boats do not leave the harbour at noon."),
        ("The old bridge has 12 arches.", "The arches of the old bridge are twelve."),
    ],
)
def test_what_a_sentence_says_is_supported_by_it(index, claim, supporting):
    row = cited(claim, index)
    assert (row["claim"], row["verdict"], row["supported"], row["reason"]) == (claim, "supported", True, "")
    assert row["text"] == supporting
    assert SUPPORTED <= row["score"] <= 1


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("The lighthouse of Brenn is 13 metres high.", "it says “31”, not “13”"),
        ("The lighthouse of Brenn is 3.1 metres high.", "it says “31”, not “3.1”"),
        ("The arches of the old bridge are eleven.", "it says “twelve”, not “eleven”"),
        ("The lighthouse of Skagen is 31 metres high.", "it says “Brenn”, not “Skagen”"),
        ("It was finished in 1784 by Anna Roth.", "it says “1874”, not “1784”"),
        ("The new bridge has twelve arches.", "it says “old”, not “new”"),
        ("The lighthouse of Brenn is not 31 metres high.", "only one of the two says not of “31”"),
        ("The lighthouse of Brenn isn’t 31 metres high.", "only one of the two says not of “31”"),
        ("Boats leave the harbour at noon.", "only one of the two says not of “leave”"),
    ],
)
def test_what_is_contradicted_says_by_what(index, claim, reason):
    row = cited(claim, index)
    assert (row["verdict"], row["supported"], row["score"], row["reason"]) == (
        "contradicted",
        False,
        0.0,
        reason,
    )


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("Bees make honey.", NOT_FOUND),
        ("The bridge is painted red and green every year.", NOT_FOUND),
        ("The harbour was built with 400 stones.", "“400” is nowhere in the passages"),
        ("Sailors talk of Skagen all summer.", "“Skagen” is nowhere in the passages"),
    ],
)
def test_what_stands_nowhere_is_not_found(index, claim, reason):
    row = cited(claim, index)
    assert (row["verdict"], row["supported"], row["reason"]) == ("not found", False, reason)
    assert 0 <= row["score"] < SUPPORTED


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Iron carries oxygen in the blood [1].", "supported"),
        ("Iron carries oxygen in the blood.[1][2]", "supported"),
        ("Iron carries oxygen in the blood (primer.pdf, p. 12).", "supported"),
        ("According to passage [2], iron carries oxygen in the blood.", "supported"),
        ("**Iron** carries *oxygen* in the blood.", "supported"),
        ("4. Iron carries oxygen in the blood.", "supported"),
        ("Iron carries 4 oxygen in the blood.", "not found"),
    ],
)
def test_references_marks_and_list_numbers_are_none_of_the_claim(embedder, said, verdict):
    index = make_index(embedder, "Iron carries oxygen in the blood.")
    assert cited(said, index)["verdict"] == verdict


def test_a_reference_alone_is_no_claim_and_a_number_alone_says_nothing(embedder):
    index = make_index(embedder, "Iron: 18 mg per day for women\n\nLemons cure scurvy in sailors.")
    said = "Lemons cure scurvy in sailors. [1] Iron: 18 mg per day for women. [2]"
    found = cite(said, index, index.chunks)
    assert found["claim"].tolist() == ["Lemons cure scurvy in sailors.", "[1] Iron: 18 mg per day for women."]
    assert found["supported"].all()  # by a row of a table, too
    assert cited("4.", index)["reason"] == "nothing in it can be compared"


def test_each_sentence_of_an_answer_has_the_place_of_its_support(index):
    found = cite("Granite was cut on the island. Bees make honey.", index, index.chunks)
    assert list(found.columns) == CITATION_COLUMNS
    assert found["supported"].tolist() == [True, False]
    granite = found.loc[0]
    assert granite[["text", "source", "page", "label"]].tolist() == [
        "Granite was cut on the island.", "a.pdf", 1, "8",
    ]  # fmt: skip
    (box,) = granite["boxes"]
    assert (box["page"], box["label"], box["x0"], box["y1"]) == (1, "8", 10.0, 15.0)
    assert granite["chunk"] in index.chunks["chunk"].tolist()


def test_only_the_given_passages_are_looked_at(embedder):
    index = make_index(embedder, "Lemons cure scurvy at sea.", "Iron carries oxygen in blood.")
    claim = "Iron carries oxygen in blood."
    assert cite(claim, index, hits=index.chunks)["supported"].tolist() == [True]
    elsewhere = cite(claim, index, hits=index.chunks[:1])
    assert elsewhere["verdict"].tolist() == ["not found"]
    assert elsewhere.loc[0, "text"] == "Lemons cure scurvy at sea."


def test_the_sentence_that_contradicts_is_shown(embedder):
    index = make_index(
        embedder, "Nuts are fastened with 12 Nm.", "The blue head screws are fastened with 40 Nm."
    )
    row = cited("The blue head screws are fastened with 12 Nm.", index)
    assert (row["reason"], row["text"]) == (
        "it says “40”, not “12”", "The blue head screws are fastened with 40 Nm.",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", " \n", "[1]"])
def test_nothing_to_cite(index, text):
    found = cite(text, index, index.chunks)
    assert list(found.columns) == CITATION_COLUMNS
    assert found.empty
    assert found["supported"].dtype == bool


def test_nothing_to_cite_from(index, embedder):
    assert cite("Lemons cure scurvy.", index, index.chunks[:0]).empty
    blood = make_index(embedder, "Blood.")
    assert cite("Blood is red.", blood, blood.chunks).empty


def test_claims_and_the_sentences_near_them_are_embedded_once(embedder):
    index = make_index(embedder, *(f"Sailors ate {i} lemons a day." for i in range(20, 60)))
    embedder.model.batches.clear()
    said = "Sailors ate 47 lemons a day. Sailors ate 47 lemons a day."
    assert cite(said, index, index.chunks)["supported"].tolist() == [True, True]
    assert sum(embedder.model.batches) == 40 + 1 + 2 + NEAR  # sentences, the text, its claims, the nearest


@pytest.mark.parametrize(
    ("text", "asked", "right", "wrong"),
    [
        (
            "Maria brings the chocolate cake. Ben brings the cheese cake.",
            "Who brings the chocolate cake?",
            "Maria brings the chocolate cake.",
            "Ben brings the chocolate cake.",
        ),
        (
            "The council voted 4 to 1 for Brenn. Tom Frey voted against.",
            "How did the council vote on Brenn?",
            "The council voted for Brenn.",
            "The council voted 1 to 4 for Brenn.",
        ),
        (
            "Valve A opens at 3 bar. Valve B closes at 5 bar.",
            "What does valve A do?",
            "Valve A opens at 3 bar.",
            "Valve A closes at 5 bar.",
        ),
        (
            "Present: Judith Cole (chair), Peter Lind (treasurer), Amira Haddad.",
            "Who is treasurer?",
            "Peter Lind is treasurer.",
            "Amira Haddad is treasurer.",
        ),
        (
            "We thank Olga Pike, who steps down as treasurer after nine years. Ian Rhys was elected in March.",
            "Who steps down?",
            "Olga Pike steps down as treasurer after nine years.",
            "Ian Rhys steps down as treasurer after nine years.",
        ),
        (
            "The guest keeps the house clean. It is not his. The guest may not sell, pledge, sub-let or lend it.",
            "May the guest lend the house?",
            "The guest may not lend it.",
            "The guest may lend the house.",
        ),
        (
            "Status: open | Reserve: £1,900 | Excess: £75 per person",
            "How high is the excess?",
            "The excess is £75 per person.",
            "The excess is £1,900.",
        ),
        (
            "Der Vertrag beginnt am 1. April 2025. Winterdienst ist ab 1. November.",
            "Wann beginnt der Vertrag?",
            "Der Vertrag beginnt am 1. April.",
            "Der Vertrag beginnt am 1. November.",
        ),
        (
            "Jede Kündigung bedarf der Schriftform; eine Kündigung per E-Mail ist unwirksam. Er endet bald.",
            "Ist eine Kündigung per E-Mail möglich?",
            "Eine Kündigung per E-Mail ist unwirksam.",
            "Eine Kündigung per E-Mail ist wirksam.",
        ),
        (
            "L'appareil est couvert par la garantie. Les chutes ne sont pas couvertes par la garantie.",
            "Que couvre la garantie ?",
            "Les chutes ne sont pas couvertes.",
            "Les chutes sont couvertes.",
        ),
        (
            "Las clases se reservan con la aplicación hasta dos horas antes. No hay listas de espera.",
            "¿Hasta cuándo se reservan las clases?",
            "Las clases se reservan hasta dos horas antes.",
            "Las clases se reservan hasta dos horas después.",
        ),
        (
            "El gimnasio abre de lunes a viernes de 6:30 a 22:00 y los sábados de 9:00 a 14:00; los domingos cierra.",
            "¿Cuándo abre el gimnasio?",
            "Los sábados el gimnasio abre de 9:00 a 14:00.",
            "Los domingos el gimnasio abre de 9:00 a 14:00.",
        ),
    ],
)
def test_what_is_said_of_one_is_not_said_of_another(sample_index, text, asked, right, wrong):
    index = make_index(sample_index.embedder, text)
    found = found_in(index.chunks, asked, index)
    marks = [citations.support(claim, found)["supported"].tolist() for claim in (right, wrong)]
    assert marks == [[True], [False]]


def test_a_question_of_the_document_is_no_evidence(sample_index):
    index = make_index(sample_index.embedder, "Are dogs allowed in cabins? Ask at the gate.")
    assert not cited("Dogs are allowed in cabins.", index)["supported"]


@pytest.mark.parametrize(
    ("heads", "right", "wrong"),
    [
        ("Membership | Monthly fee | Joining fee", "The joining fee is 35 €.", "The joining fee is 72 €."),
        ("Years of service | Days of holiday | Fee", "Service of 10 years: 31 days.", "31 years of service."),
    ],
)
def test_a_cell_is_read_with_the_names_of_its_row_and_its_column(sample_index, heads, right, wrong):
    rows = ["Family, large | 72 € | 35 €", "more than 10 | 31 | none"]
    index = make_index(sample_index.embedder, *rows)
    for boxes in index.chunks["boxes"]:
        boxes[:] = [{"start": 0, "end": 99, "page": 0, "label": "1", "heads": heads}]
    found = found_in(index.chunks, "What does a membership cost?", index)
    assert [citations.support(claim, found)["supported"].tolist() for claim in (right, wrong)] == [
        [True],
        [False],
    ]


def test_numbers_alone_do_not_tell_a_claim_apart_from_its_neighbours(embedder):
    index = make_index(
        embedder, "The slim old white lighthouse is 13 metres.", "Some lighthouse is 31 metres."
    )
    row = cited("The slim old white lighthouse is 31 metres.", index)
    assert (row["verdict"], row["reason"]) == ("contradicted", "it says “13”, not “31”")


def test_a_stand_in_that_makes_another_claim_is_another_word():
    claim, synonym, thing, without = (
        np.eye(4)[0],
        *(np.array([c, np.sqrt(1 - c**2), 0, 0]) for c in (0.99, 0.7, 0.8)),
    )
    assert citations._is_another(claim, thing, without, 6)
    assert not citations._is_another(claim, synonym, without, 6)
    assert not citations._is_another(claim, thing, -claim, 6)  # less than without it
    assert not citations._is_another(claim, thing, without, 2)


# ---------------------------------------------------------------- planted cases, with the real model


PLANTED = [  # how a sentence of the sample begins; reworded; another number; negated; another name; from elsewhere
    (
        "The Dane Jens Skou discovered it in 1957",
        "It was discovered in 1957 by the Dane Jens Skou, who later shared the Nobel Prize in Chemistry for it.",
        "Jens Skou discovered it in 1967 and shared the Nobel Prize in Chemistry for it.",
        "Jens Skou did not discover it in 1957.",
        "The Dane Niels Bohr discovered it in 1957 and shared the Nobel Prize in Chemistry for it.",
        "A granola labelled as a source of fibre may still be one-fifth sugar.",
    ),
    (
        "On 25 January 1945 Grand Rapids, Michigan, became the first city",
        "The first city to add it to its drinking water was Grand Rapids in Michigan, on 25 January 1945.",
        "On 25 January 1935 Grand Rapids, Michigan, became the first city to add it to drinking water.",
        "On 25 January 1945 Grand Rapids, Michigan, was not the first city to add it to drinking water.",
        "On 25 January 1945 Chicago, Illinois, became the first city to add it to drinking water.",
        "Adequate Intakes are set where the evidence is too thin for an average requirement.",
    ),
    (
        "Fat is the richest source with 9 kcal per gram.",
        "The richest source is fat, which has 9 kcal per gram.",
        "Fat is the richest source with 8 kcal per gram.",
        "Fat is not the richest source with 9 kcal per gram.",
        "Alcohol is the richest source with 9 kcal per gram.",
        "Honey is unsuitable before the first birthday because of the risk of infant botulism.",
    ),
    (
        "The whole body of an adult contains only about 3 to 4 grams of iron",
        "An adult's whole body has only about 3 to 4 grams of iron in it, as much as a small coin weighs.",
        "The whole body of an adult contains only about 7 to 8 grams of iron, the weight of a small coin.",
        "The whole body of an adult does not contain 3 to 4 grams of iron.",
        "The whole body of an adult contains only about 3 to 4 grams of zinc, the weight of a small coin.",
        "Peristalsis pushes food along the digestive tract in waves.",
    ),
    (
        "Vitamin C is essential for people but not for dogs",
        "For people vitamin C is essential, but not for dogs, since their livers produce it.",
        "Vitamin C is essential for 4 in 5 people but not for dogs, whose livers produce it.",
        "Vitamin C is essential for people and for dogs, whose livers produce it.",
        "Vitamin K is essential for people but not for dogs, whose livers produce it.",
        "Many traditional cuisines fit inside these limits.",
    ),
    (
        "Selenium was discovered in 1817 by Berzelius.",
        "It was Berzelius who discovered selenium, in 1817.",
        "Selenium was discovered in 1871 by Berzelius.",
        "Selenium was never discovered by Berzelius in 1817.",
        "Selenium was discovered in 1817 by Mendeleev.",
        "In Europe “sugar-free” means no more than 0.5 g per 100 g.",
    ),
    (
        "EFSA considers up to 200 mg of caffeine a day",
        "Up to 200 mg of caffeine a day, about two cups of coffee, are considered safe for the fetus by EFSA.",
        "EFSA considers up to 400 mg of caffeine a day, about two cups of coffee, safe for the fetus.",
        "EFSA does not consider 200 mg of caffeine a day safe for the fetus.",
        "The Red Cross considers up to 200 mg of caffeine a day, about two cups of coffee, safe for the fetus.",
        "The brain lives mostly on glucose.",
    ),
    (
        "In 1967 Jonas Bergström and his colleagues in Stockholm took muscle samples",
        "In Stockholm in 1967 Jonas Bergström found that a high-carbohydrate diet increased endurance.",
        "In 1987 Jonas Bergström found that a high-carbohydrate diet increased glycogen and endurance.",
        "In 1967 Jonas Bergström found that a high-carbohydrate diet did not increase glycogen and endurance.",
        "In 1967 Jonas Bergström in Helsinki found that a high-carbohydrate diet increased glycogen.",
        "Coffee and tea count as fluid as well.",
    ),
    (
        "The present WHO formula contains 75",
        "There are 75 millimoles of sodium and 75 of glucose in a litre of the present WHO formula.",
        "The present WHO formula contains 90 millimoles of sodium and 75 of glucose per litre.",
        "The present WHO formula contains no sodium and 75 millimoles of glucose per litre.",
        "The present EFSA formula contains 75 millimoles of sodium and 75 of glucose per litre.",
        "Whole nuts remain off the menu for small children, who may choke on them.",
    ),
    (
        "Sodium in the blood is normally kept between 135 and 145 millimoles per litre.",
        "The sodium in the blood normally stays between 135 and 145 millimoles per litre.",
        "Sodium in the blood is normally kept between 35 and 45 millimoles per litre.",
        "Sodium in the blood is not normally kept between 135 and 145 millimoles per litre.",
        "Potassium in the blood is normally kept between 135 and 145 millimoles per litre.",
        "Committees that set dietary recommendations begin with a distribution.",
    ),
    (
        "In 2013 the international PROT-AGE group advised healthy people over 65",
        "Healthy people over 65 were advised in 2013 by the PROT-AGE group to eat 1.0 to 1.2 g of protein a day.",
        "In 2013 the international PROT-AGE group advised healthy people over 75 to eat 1.0 to 1.2 g of protein.",
        "In 2013 the PROT-AGE group advised healthy people over 65 not to eat 1.0 to 1.2 g of protein a day.",
        "In 2013 the Framingham group advised healthy people over 65 to eat 1.0 to 1.2 g of protein a day.",
        "Sailors fell ill with scurvy on long voyages.",
    ),
    (
        "The popular rule of eight glasses a day has no firm scientific basis.",
        "There is no firm scientific basis for the popular rule of eight glasses a day.",
        "The popular rule of ten glasses a day has no firm scientific basis.",
        "The popular rule of eight glasses a day has a firm scientific basis.",
        "Gatorade's popular rule of eight glasses a day has no firm scientific basis.",
        "Chylomicrons carry absorbed fat from the cells of the gut into the lymph.",
    ),
]
KINDS = ["reworded", "number", "negated", "name", "elsewhere"]


@pytest.fixture(scope="module")
def rated(sample_index):
    """Rows of `cite` for the planted claims, by their kind, each with the passages that a search finds."""
    rows = {kind: [] for kind in KINDS}
    for sentence, *claims in PLANTED:
        hits = sample_index.search(sentence, 5)
        for kind, claim in zip(KINDS, claims, strict=True):
            ((_, row),) = cite(claim, sample_index, hits).iterrows()
            rows[kind].append(row.to_dict() | {"planted": sentence})
    return rows


@pytest.mark.models
def test_rewordings_are_traced_to_their_sentences_and_never_contradicted(rated):
    assert sum(row["supported"] for row in rated["reworded"]) >= 10
    assert all(row["text"].startswith(row["planted"]) for row in rated["reworded"] if row["supported"])
    assert [row["reason"] for row in rated["reworded"] if row["verdict"] == "contradicted"] == []


@pytest.mark.models
@pytest.mark.parametrize("kind", ["number", "negated", "elsewhere"])
def test_every_changed_number_and_negation_is_caught(rated, kind):
    assert [row["claim"] for row in rated[kind] if row["supported"]] == []


@pytest.mark.models
def test_another_name_is_mostly_caught(rated):
    assert sum(row["supported"] for row in rated["name"]) <= 4

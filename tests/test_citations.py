"""Sentences of an answer against those of the document: what supports them, and what only looks like it."""

import pytest
from conftest import index_of_pages, make_index

from ragkit.grounding import citations
from ragkit.grounding.citations import CITATION_COLUMNS, NEAR, SUPPORTED, cite

TEXT = (
    "The lighthouse of Brenn is 31 metres high. It was finished in 1874 by Anna Roth. "
    "Boats do not leave the harbour at noon. The arches of the old bridge are twelve."
)
NO_SENTENCE = "no sentence of the passages says so"


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
        ("The arches of the old bridge are twelve.", "The arches of the old bridge are twelve."),
    ],
)
def test_what_a_sentence_says_is_supported_by_it(index, claim, supporting):
    row = cited(claim, index)
    assert (row["claim"], row["supported"], row["reason"]) == (claim, True, "")
    assert row["text"] == supporting
    assert SUPPORTED <= row["score"] <= 1


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("The lighthouse of Brenn is 13 metres high.", "the number 13 is not in it"),
        ("The lighthouse of Brenn is 3.1 metres high.", "the number 3.1 is not in it"),
        ("The arches of the old bridge are eleven.", "the number 11 is not in it"),
        ("The old bridge has ten, arches.", "the number 10 is not in it"),
        ("It was finished in 1874 by Anna Bell.", "bell is not in it"),
        ("The lighthouse of Skagen is 31 metres high.", "skagen is not in it"),
        ("The lighthouse of NASA is 31 metres high.", "nasa is not in it"),
        ("It was finished in 1874 by Anna K.", "k is not in it"),
        ("The lighthouse of Brenn is not 31 metres high.", "one of the two says not"),
        ("The lighthouse of Brenn isn’t 31 metres high.", "one of the two says not"),
    ],
)
def test_what_turns_the_meaning_round_is_caught_and_named(index, claim, reason):
    row = cited(claim, index)
    assert (row["supported"], row["score"], row["reason"]) == (False, 0.0, reason)


@pytest.mark.parametrize(
    "claim",
    [
        "Boats leave the harbour at noon.",
        "Bees make honey.",
        "The bridge is painted red and green every year.",
    ],
)
def test_a_not_left_out_and_what_stands_nowhere_are_not_supported(index, claim):
    row = cited(claim, index)
    assert not row["supported"]
    assert 0 <= row["score"] < SUPPORTED
    assert row["reason"] == NO_SENTENCE


def test_the_number_of_a_list_item_is_none_of_the_claim_and_alone_says_nothing(embedder):
    index = make_index(embedder, "Lemons cure scurvy in 4 days.")
    claims = cite("1. Lemons cure scurvy in 4 days.\n\n4.", index, index.chunks)
    assert claims["supported"].tolist() == [True, False]
    assert claims["reason"].tolist() == ["", "it says nothing"]


def test_a_plural_of_an_abbreviation_is_the_same_name():
    one, many = "The daily RDA of iron is high.", "The daily RDAs of iron are high."
    assert citations._rate(one, many, 0.9)[1] == ""
    assert citations._rate(many, one, 0.9)[1] == ""
    assert citations._rate(one.replace("RDA", "UL"), many, 0.9)[1] == "ul is not in it"


@pytest.mark.parametrize(
    ("claim", "sentence", "reason"),
    [
        ("Iron carries oxygen in the blood [1].", "Iron carries oxygen in the blood.", ""),
        ("Iron carries oxygen in the blood.[1][2]", "Iron carries oxygen in the blood.", ""),
        ("Iron carries oxygen in the blood (primer.pdf, p. 12).", "Iron carries oxygen in the blood.", ""),
        ("According to passage [2], iron carries oxygen.", "Iron carries oxygen.", ""),
        ("**Iron** carries *oxygen* in blood.", "Iron carries oxygen in blood.", ""),
        ("Iron of 18 mg [1] is needed.", "Iron of 8 mg is needed.", "the number 18 is not in it"),
        ("0.8 grams of protein are enough.", "0.8 grams of protein are enough.", ""),
        ("12.5 mg of zinc are needed.", "5 mg of zinc are needed.", "the number 12.5 is not in it"),
        ("Milk has no fat and no sugar.", "Milk has fat and sugar.", "one of the two says not"),
        ("Milk has no fat and no sugar.", "Milk has no fat and sugar.", ""),
        ("Neither butter nor cheese has fiber.", "Butter and cheese have fiber.", "one of the two says not"),
        ("It is red and not blue.", "It is red and blue.", "one of the two says not"),
        ("One-third of it is iron.", "Two-thirds of it is iron.", "the number one-third is not in it"),
        ("The body needs 25 vitamins.", "The body needs twenty-five vitamins.", ""),
        ("The body needs twenty-five vitamins.", "The body needs 13 vitamins.", "the number 25 is not in it"),
        (
            "Lactose breaks down milk sugar.",
            "Lactase breaks down milk sugar.",
            "lactose is not in it, though",
        ),
        ("Nitrates cure ham in salt.", "Nitrites cure ham in salt.", "nitrates is not in it, though"),
        ("A chylomicron carries fat.", "Chylomicrons carry fat.", ""),
        ("Cells divide and close.", "Cells divided and closed.", ""),
    ],
)
def test_what_is_written_otherwise_and_what_is_something_else(claim, sentence, reason):
    assert citations._rate(claim, sentence, 0.86)[1].startswith(reason)
    assert bool(citations._rate(claim, sentence, 0.86)[1]) == bool(reason)


def test_a_reference_alone_is_no_claim_and_a_row_of_a_table_may_support_one(embedder):
    index = make_index(embedder, "Iron: 18 mg per day for women\n\nLemons cure scurvy in sailors.")
    said = "Lemons cure scurvy in sailors. [1] Iron: 18 mg per day for women. [2]"
    found = cite(said, index, index.chunks)
    assert found["claim"].tolist() == ["Lemons cure scurvy in sailors.", "[1] Iron: 18 mg per day for women."]
    assert found["supported"].all()


def test_two_negations_are_none(index):
    assert (
        cited("It was not never finished in 1874 by Anna Roth.", index)["reason"] != "one of the two says not"
    )


def test_thousands_and_number_words_are_the_same_number_and_one_is_no_number(tokenizer, embedder):
    index = index_of_pages(
        tokenizer, embedder, "In all 12,500 sailors ate lemons. One ate two twenty-four times."
    )
    assert cited("In all 12500 sailors ate lemons.", index)["supported"]
    assert cited("In all 12,500 sailors ate one lemon.", index)["reason"] != "the number 1 is not in it"
    assert citations._numbers("Twenty-four of two, nineteen, thirty.") == {"24", "2", "19", "30"}
    assert citations._numbers("A one-year-old and a two-day walk; one-third.") == {"2", "one-third"}


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
    assert elsewhere["supported"].tolist() == [False]
    assert elsewhere.loc[0, "text"] == "Lemons cure scurvy at sea."


@pytest.mark.parametrize("text", ["", " \n", "Lemons cure scurvy."])
def test_nothing_to_cite_or_nothing_to_cite_from(index, text):
    found = cite(text, index, index.chunks if not text.strip() else index.chunks[:0])
    assert list(found.columns) == CITATION_COLUMNS
    assert found.empty
    assert found["supported"].dtype == bool


def test_passages_without_a_sentence_support_nothing(embedder):
    index = make_index(embedder, "Blood.")
    assert cite("Blood is red.", index, index.chunks).empty


def test_a_sentence_that_nothing_speaks_against_goes_before_a_nearer_one(embedder):
    nearer, right = "The slim old white lighthouse is 13 metres.", "Some lighthouse is 31 metres."
    row = cited("The slim old white lighthouse is 31 metres.", make_index(embedder, nearer, right))
    assert row["text"] == right
    assert row["score"] > 0


def test_a_claim_is_compared_in_full_with_the_nearest_sentences_only(embedder):
    index = make_index(embedder, *(f"Sailors ate {i} lemons a day." for i in range(20, 60)))
    embedder.model.batches.clear()
    assert cite("Sailors ate 47 lemons a day.", index, index.chunks)["supported"].tolist() == [True]
    assert (
        sum(embedder.model.batches) == 1 + 40 + 1 + NEAR
    )  # what is asked, the sentences, the claim, again the nearest


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
def test_every_rewording_is_traced_to_its_sentence(rated):
    assert [row["claim"] for row in rated["reworded"] if not row["supported"]] == []
    assert all(row["text"].startswith(row["planted"]) for row in rated["reworded"])


@pytest.mark.models
@pytest.mark.parametrize("kind", ["number", "negated", "elsewhere"])
def test_every_changed_number_and_negation_is_caught(rated, kind):
    assert [row["claim"] for row in rated[kind] if row["supported"]] == []


@pytest.mark.models
def test_another_name_is_caught_in_eleven_of_twelve(rated):
    missed = [row["claim"].split()[0] for row in rated["name"] if row["supported"]]
    assert missed == ["Gatorade's"]


@pytest.mark.models
def test_rewordings_stand_above_everything_else(rated):
    good = [row["score"] for row in rated["reworded"]]
    bad = [row["score"] for kind in KINDS[1:] for row in rated[kind]]
    pairs = [(g > b) + (g == b) / 2 for g in good for b in bad]
    assert sum(pairs) / len(pairs) >= 0.95  # area under the ROC curve

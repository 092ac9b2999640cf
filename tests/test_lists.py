"""Lists of sources and of contents: told from prose, ranked last, not quoted."""

import numpy as np
import pytest
from conftest import index_of_pages, make_index

from ragkit.found import find
from ragkit.words.lists import MANY, list_spans, looks_like_a_source, rank_last

SOURCES = [
    "[5] Kyunghyun Cho and Holger Schwenk. Learning phrase representations. CoRR, abs/1406.1078, 2014.",
    "3. FAO (2013). Dietary Protein Quality Evaluation in Human Nutrition. FAO Food and Nutrition Paper 92.",
    "Lancet, 366(9497), 1640–9. https://example.org/16271645",
    "Drinkwater B, Bruemner B. (1990). Menstrual history. The Journal of the Bone, 263(4), 545–8.",
    "Neal, B., et al. (2021). Salt and the heart. Journal of Salt 3, 12–19.",
]
PROSE = [
    "3. In 1747 James Lind gave two of twelve sailors oranges and a lemon.",
    "The code we used is available at https://example.org/tensor.",
    "Dyer et al. (2016) [8] WSJ only, discriminative 91.7",
    "Hall’s group (2019) housed 20 adults in a clinic and let them eat what they liked.",
    "Sedentary or light 1.40–1.69 Office worker",
    "2. Wash the rice.",
    " ".join(["Neal, B., et al. (2021) found, as the Journal of Salt did (2019), that less is better."] * 8),
]
LEASE = [f"{n}. The lease of flat {n} ends on December 31, 20{20 + n}." for n in range(1, 11)]


def listed(*texts):
    """The lines that are taken for a list, of texts of one document."""
    return [
        text[start:end] for text, spans in zip(texts, list_spans(texts), strict=True) for start, end in spans
    ]


@pytest.mark.parametrize("line", SOURCES)
def test_an_entry_of_a_list_of_sources_looks_like_one(line):
    assert looks_like_a_source(line)


@pytest.mark.parametrize("line", PROSE)
def test_prose_that_names_a_source_does_not(line):
    assert not looks_like_a_source(line)


def test_no_single_line_is_a_list_and_no_few():
    assert listed(*SOURCES) == []
    assert listed("References\n" + "\n".join(SOURCES[: MANY - 1])) == []
    assert listed("References\n" + "\n".join(SOURCES)) == SOURCES


@pytest.mark.parametrize("heading", ["References", "7. BIBLIOGRAPHY", "Literaturverzeichnis", "Références :"])
def test_under_a_heading_many_lines_are_a_list_of_sources_wherever_it_stands(heading):
    before, after = ["Oats are a grain of the north."] * 3, ["Rice is a grain of the south."] * 30
    assert listed("\n".join([*before, heading]), "\n".join([*SOURCES, *after])) == SOURCES
    assert listed("\n".join([*before, "Oats", *SOURCES, *after])) == []


def test_without_a_heading_the_end_of_a_document_has_to_have_more_of_them():
    prose = ["Oats are a grain of the north."] * 20
    assert listed("\n".join([*prose, *SOURCES])) == []
    assert listed("\n".join([*prose, *SOURCES, *SOURCES])) == SOURCES * 2
    assert listed("\n".join([*SOURCES, *SOURCES, *prose])) == []


def test_lines_that_are_mostly_something_else_are_no_list():
    mixed = [line for source in SOURCES for line in (source, "Oats are a grain.", "They grow in the north.")]
    assert listed("\n".join(["References", *mixed])) == []


def test_the_clauses_of_a_contract_are_no_list_of_sources():
    assert listed("\n".join(["LEASE", *LEASE])) == []


CONTENTS = "Contents\nWater and salt … 3\nSugar . . . . 7\nFats 7\nProteins 20\nVitamins 31"


def test_a_table_of_contents_has_a_heading_and_pages_that_rise():
    assert listed(CONTENTS, "Water is wet.") == CONTENTS.split("\n")[1:]
    assert listed(CONTENTS.replace("20", "6")) == []
    assert listed(CONTENTS.replace("Contents", "Prices 2026, in euros")) == []  # they rise by chance
    numbered = [f"{n}.{m} Of the part {m} … {10 * n + m}" for n in range(1, 5) for m in range(1, 6)]
    assert listed("Índice general\n" + "\n".join([*numbered, "Table 1 Salts 12"])) != []
    assert listed("Contents\n" + "\n".join([*numbered, "Salts 12", "Sugars 5"])) == []  # an index
    assert listed("An act of 1995\nsays so.\nContents\n" + "\n".join(numbered)) == numbered
    assert listed("Contents\nIron 3\nZinc 9\nSalt 12\nCopper 17") == []  # four are too few to tell


ALPHABET = [
    "apple", "barley", "carrot", "date", "egg", "fig", "grape", "honey", "iron", "jam",
    "kale", "lemon", "mint", "nut", "oat", "pea", "quince", "rice", "salt", "tea",
]  # fmt: skip


def index_of_terms(terms):
    """Two lines of an index, as many terms in each: one page for most, two for every third."""
    told = [f"{term}, {7 * n + 3}{f', {7 * n + 9}' if n % 3 == 0 else ''}" for n, term in enumerate(terms)]
    return [" ".join(told[: len(told) // 2]), " ".join(told[len(told) // 2 :])]


def at_the_end(*lines):
    """What is taken for a list, of a document that ends with these lines."""
    return listed("\n".join([*["Oats are a grain of the north."] * 30, *lines]))


def test_an_index_at_the_end_is_in_the_order_of_the_alphabet():
    lines = index_of_terms(ALPHABET)
    assert at_the_end(*lines) == lines
    assert listed("\n".join([*lines, *["Oats are a grain of the north."] * 9])) == []  # it stands before
    assert at_the_end(*index_of_terms(ALPHABET[1:])) == []  # nineteen terms are too few
    swapped = [*ALPHABET[1::-1], *ALPHABET[3:1:-1], *ALPHABET[4:]]
    assert at_the_end(*index_of_terms(swapped)) == index_of_terms(swapped)  # two of twenty, as subentries do
    assert at_the_end(*index_of_terms([*swapped[:4], *ALPHABET[5:3:-1], *ALPHABET[6:]])) == []  # three


def test_prices_and_tables_in_the_order_of_the_alphabet_are_no_index():
    assert at_the_end(*[f"{term} {n + 3}" for n, term in enumerate(ALPHABET)]) == []
    assert at_the_end(*[f"{term} {n + 3},50" for n, term in enumerate(ALPHABET)]) == []
    assert at_the_end(*[line.replace(", ", " | ", 1) for line in index_of_terms(ALPHABET)]) == []
    assert (
        at_the_end(*index_of_terms([f"{term} as it is bought and eaten" for term in ALPHABET])) == []
    )  # prose


def test_what_is_mostly_a_list_is_ranked_last():
    half = "\n".join(
        [*SOURCES, "Oats are a grain that is eaten in the north, most of all as porridge, with salt." * 5]
    )
    texts = [CONTENTS, PROSE[0], "References\n" + "\n".join(SOURCES), half]
    assert rank_last(texts).tolist() == [True, False, True, False]
    assert rank_last([]).shape == (0,)


def test_a_list_of_sources_comes_last_whatever_words_it_has(embedder):
    sources = "References\n" + "\n".join(SOURCES)
    index = make_index(embedder, "Rice is eaten with salt.", "Dogs bark at night.", sources)
    question = "Dietary protein quality evaluation in human nutrition?"
    assert index.search(question)["chunk"].tolist()[-1] == 2
    assert index.search(question, method="bm25")["chunk"].tolist()[0] == 2
    assert index[np.array([True, False, True])].search(question)["chunk"].tolist()[-1] == 2


def test_lists_are_looked_for_in_each_file_of_its_own(embedder):
    sources = "\n".join(SOURCES * 2)
    prose = "\n".join(["Rice is eaten with salt."] * 30)
    index = make_index(embedder, prose, sources, source=["b.pdf", "a.pdf"])
    assert not index.ranked_last.any()  # of a.pdf it is all that there is
    assert make_index(embedder, prose, sources).ranked_last.tolist() == [False, True]


def test_sentences_know_whether_they_stand_in_a_list(tokenizer, embedder):
    text = "Oats are a grain of the north.\nReferences\n" + "\n".join(SOURCES)
    index = index_of_pages(tokenizer, embedder, text)
    sentences = find("oats", index, 20).sentences
    listed = dict(zip(sentences["text"], sentences["listed"], strict=True))
    assert listed.pop("Oats are a grain of the north.") is False
    assert listed.pop("References") is False
    assert listed
    assert all(listed.values())

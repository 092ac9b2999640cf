"""Lists of sources and of contents: told from prose, ranked last, not quoted."""

import numpy as np
import pytest
from conftest import index_of_pages, make_index

from ragkit.found import find
from ragkit.words.lists import is_source, list_spans, rank_last

SOURCES = [
    "[5] Kyunghyun Cho and Holger Schwenk. Learning phrase representations. CoRR, abs/1406.1078, 2014.",
    "3. FAO (2013). Dietary Protein Quality Evaluation in Human Nutrition. FAO Food and Nutrition Paper 92.",
    "Lancet, 366(9497), 1640–9. https://example.org/16271645",
    "Drinkwater B, Bruemner B. (1990). Menstrual history. The Journal of the Bone, 263(4), 545–8.",
]
PROSE = [
    "3. In 1747 James Lind gave two of twelve sailors oranges and a lemon.",
    "The code we used is available at https://example.org/tensor.",
    "Dyer et al. (2016) [8] WSJ only, discriminative 91.7",
    "Hall’s group (2019) housed 20 adults in a clinic and let them eat what they liked.",
    "Sedentary or light 1.40–1.69 Office worker",
    "2. Wash the rice.",
    "4. " + " ".join(["As the Journal of Salt said in 2019, less of it is better for most people."] * 6),
    " ".join(["Neal, B., et al. (2021) found, as the Journal of Salt did (2019), that less is better."] * 8),
]


@pytest.mark.parametrize("line", SOURCES)
def test_an_entry_of_a_list_of_sources_is_one(line):
    assert is_source(line)


@pytest.mark.parametrize("line", PROSE)
def test_prose_that_names_a_source_is_none(line):
    assert not is_source(line)


CONTENTS = "Contents\nWater and salt … 3\nSugar . . . . 7\nFats 7\nProteins 20\nVitamins 31"


def test_a_table_of_contents_is_one_and_a_table_of_values_is_not():
    found = [CONTENTS[start:end] for start, end in list_spans(CONTENTS)]
    assert found == CONTENTS.split("\n")[1:]
    assert list(list_spans("Iron 3\nZinc 9\nSalt 2\nCopper 7\nIodine 1")) == []
    assert list(list_spans("Iron 3\nZinc 9\nSalt 12\nCopper 17")) == []  # four are too few to tell


def test_what_is_mostly_a_list_is_ranked_last():
    half = "\n".join(
        [SOURCES[1], "Oats are a grain that is eaten in the north, most of all as porridge, with salt."]
    )
    assert rank_last(["\n".join(SOURCES), CONTENTS, half, PROSE[0]]).tolist() == [True, True, False, False]
    mixed = "\n".join([*SOURCES, "In Europe sugar-free means no more than 0.5 g per 100 g. " * 2])
    assert 0.7 < sum(end - start for start, end in list_spans(mixed)) / len(mixed) < 0.8
    assert not rank_last([mixed]).any()  # its prose would be lost
    assert rank_last([]).shape == (0,)


def test_a_list_of_sources_comes_last_whatever_words_it_has(embedder):
    index = make_index(embedder, "\n".join(SOURCES), "Rice is eaten with salt.", "Dogs bark at night.")
    question = "Dietary protein quality evaluation in human nutrition?"
    assert index.search(question)["chunk"].tolist()[-1] == 0
    assert index.search(question, method="bm25")["chunk"].tolist()[0] == 0
    assert index[np.array([True, False, True])].search(question)["chunk"].tolist()[-1] == 0


def test_sentences_know_whether_they_stand_in_a_list(tokenizer, embedder):
    text = "Oats are a grain of the north.\n" + SOURCES[1]
    index = index_of_pages(tokenizer, embedder, text)
    sentences = find("oats", index).sentences
    listed = dict(zip(sentences["text"], sentences["listed"], strict=True))
    assert listed.pop("Oats are a grain of the north.") is False
    assert listed
    assert all(listed.values())

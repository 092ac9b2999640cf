"""What a model reads of the passages: what stands around the quotations, as much as there is room for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import found_for

from ragkit.grounding import windows as module
from ragkit.grounding.windows import windows
from ragkit.words.sentences import split_sentences

TEXTS = {
    4: "Ships were slow. Sailors fell ill. Lind tried lemons in 1747. They cured scurvy.\nLimes came later.",
    9: "Iron is a metal. It carries oxygen. Blood has it.",
    7: "Water cools. Sweat is water.",
}
HITS = pd.DataFrame({"chunk": list(TEXTS), "text": list(TEXTS.values()), "label": ["1", "2", "3"]})
SENTENCES = pd.DataFrame(
    [(text, chunk) for chunk, whole in TEXTS.items() for text in split_sentences(whole)],
    columns=["text", "chunk"],
).assign(boxes=[[]] * 10)


class Words:
    """A token a word."""

    def __call__(self, texts, **_):
        return {"input_ids": [text.split() for text in texts]}


@pytest.fixture(autouse=True)
def quotations_alone(monkeypatch):
    monkeypatch.setattr(module, "OTHERS", 0)


def read(most, *places, sentences=SENTENCES, quotes=None):
    vectors = np.linspace(0, 1, len(sentences), dtype=np.float32)[:, None]  # the last one is the nearest
    found = replace(
        found_for(hits=HITS), sentences=sentences, vectors=vectors, query=np.ones(1, dtype=np.float32)
    )
    return windows(found, sentences.iloc[list(places)] if quotes is None else quotes, Words(), most)


@pytest.mark.parametrize(
    ("most", "text"),
    [
        (1, "Lind tried lemons in 1747."),  # the best one, however long it is
        (5, "Lind tried lemons in 1747."),
        (8, "Lind tried lemons in 1747. They cured scurvy."),
        (11, "Sailors fell ill. Lind tried lemons in 1747. They cured scurvy."),
        (14, "Sailors fell ill. Lind tried lemons in 1747. They cured scurvy.\nLimes came later."),
    ],
)
def test_a_window_grows_around_the_quotation_until_there_is_no_room(most, text):
    assert read(most, 2)["text"].tolist() == [text]


def test_the_passage_with_the_best_quotation_comes_first_and_gaps_are_shown():
    found = read(9, 6, 0, 4)
    assert found["text"].tolist() == ["It carries oxygen.", "Ships were slow. … Limes came later."]
    assert found["label"].tolist() == ["2", "1"]
    assert found.columns.tolist() == HITS.columns.tolist()


def test_a_line_that_is_near_is_read_though_it_is_not_quoted(monkeypatch):
    monkeypatch.setattr(module, "OTHERS", 1)
    assert read(8, 2)["text"].tolist() == ["Lind tried lemons in 1747.", "Sweat is water."]
    assert read(3)["text"].tolist() == ["Sweat is water."]


def test_with_room_for_all_nothing_is_left_out():
    assert read(100, 2)["text"].tolist() == list(TEXTS.values())
    assert HITS["text"].tolist() == list(TEXTS.values())


def test_a_quotation_that_is_no_sentence_of_the_passages_is_passed_over():
    other = pd.DataFrame({"text": ["Lead is heavy.", "Blood has it."], "chunk": [4, 9]})
    assert read(3, quotes=other)["text"].tolist() == ["Blood has it."]


def test_with_no_sentences_the_hits_stay_as_they_are():
    assert read(3, sentences=SENTENCES[:0]) is HITS


def test_a_row_of_a_table_is_read_with_the_heads_of_its_columns(monkeypatch):
    rows = ["Metal | Use", "Zinc | roofs", "Lead | pipes", "Prices fell."]
    table = pd.DataFrame({"text": rows, "chunk": 4, "boxes": [[], *[[{"heads": rows[0]}]] * 2, []]})
    passage = HITS.iloc[:1].assign(text="\n".join(rows))
    monkeypatch.setattr(f"{__name__}.HITS", passage)
    assert read(6, 2, sentences=table)["text"].tolist() == ["Metal | Use … Lead | pipes"]
    assert read(8, 2, sentences=table)["text"].tolist() == ["Metal | Use … Lead | pipes\nPrices fell."]

"""Quotations: the document's own sentences that are nearest to the question, with their places."""

import numpy as np
import pandas as pd
import pytest
from conftest import embed, index_of_pages, make_index, with_sentences

from ragkit.grounding.quotes import QUOTE_COLUMNS, READ_AGAIN, key_sentences, worth_quoting

TEXTS = [
    "Lemons cure scurvy in sailors.",
    "Iron carries oxygen in the blood.",
    "Water cools the body by sweat.",
]


def test_key_sentences_name_file_and_printed_page(tokenizer, embedder):
    index = index_of_pages(
        tokenizer, embedder, "Nothing here matters much. Lemons cure scurvy in",
        "all the sailors. Iron is in blood cells.", first_label=7,
    )  # fmt: skip
    hits = index.search("scurvy")
    sentences = key_sentences("Which lemons cure scurvy in all the sailors?", hits, index, n=3)
    assert list(sentences.columns) == QUOTE_COLUMNS
    assert sentences.loc[0, ["rank", "text", "source", "page", "label"]].tolist() == [
        1, "Lemons cure scurvy in all the sailors.", "a.pdf", 0, "7",
    ]  # fmt: skip
    assert [box["label"] for box in sentences.loc[0, "boxes"]] == ["7", "8"]
    page_of = dict(zip(sentences["text"], sentences["label"], strict=True))
    assert page_of["Iron is in blood cells."] == "8"


def test_fragments_and_repeats_are_no_key_sentences(tokenizer, embedder):
    index = index_of_pages(
        tokenizer, embedder, "Blood cells.\n\nIron is in blood cells.\n\nIron is in blood cells."
    )
    hits = index.search("blood cells")
    assert key_sentences("blood cells", hits, index)["text"].tolist() == ["Iron is in blood cells."]
    assert key_sentences(
        "blood", make_index(embedder, "Blood.").search("blood"), make_index(embedder, "Blood.")
    ).empty


def test_headings_are_key_sentences_only_where_there_is_nothing_better(tokenizer, embedder):
    text = "What cures scurvy at sea\n\nLemons cure scurvy fast.\n\nIron is in blood cells."
    index = index_of_pages(tokenizer, embedder, text)
    question = "What cures scurvy at sea?"
    hits = index.search(question)
    found = key_sentences(question, hits, index, n=2)
    assert found["text"].tolist() == ["Lemons cure scurvy fast.", "Iron is in blood cells."]
    assert key_sentences(question, hits, index, n=3)["text"].tolist()[0] == "What cures scurvy at sea"


def test_chinese_sentences_are_no_fragments_for_want_of_spaces(tokenizer, embedder):
    index = index_of_pages(tokenizer, embedder, "柠檬能治坏血病。好。\n\nScurvy.\n\nLemons cure it fast.")
    found = key_sentences("柠檬", index.search("柠檬"), index)
    assert sorted(found["text"]) == ["Lemons cure it fast.", "柠檬能治坏血病。"]


def test_a_key_sentence_has_the_mean_of_its_scores_in_the_chunk_and_alone(embedder):
    index = with_sentences(embedder, " ".join(TEXTS))
    index.vectors.sentences[:] = embed(
        embedder, TEXTS[::-1]
    )  # as if what stands around them said something else
    question = "Does water cool the body?"
    found = key_sentences(question, index.chunks, index)
    query = embed(embedder, [question])[0]
    rows = [TEXTS.index(text) for text in found["text"]]
    expected = (index.vectors.sentences[rows] @ query + embed(embedder, found["text"]) @ query) / 2
    np.testing.assert_allclose(found["score"], expected, atol=2e-3)
    assert found["score"].is_monotonic_decreasing


def test_only_the_nearest_sentences_are_read_again_but_as_many_as_are_wanted(embedder):
    index = with_sentences(embedder, *(f"Number {i} is a fact." for i in range(READ_AGAIN + 9)))
    embedder.model.batches.clear()
    assert len(key_sentences("a fact", index.chunks, index)) == 3
    assert sum(embedder.model.batches) == 1 + READ_AGAIN
    assert len(key_sentences("a fact", index.chunks, index, n=READ_AGAIN + 5)) == READ_AGAIN + 5


@pytest.mark.parametrize(
    "text",
    [
        "Neal, B., et al. (2021). Salt and the heart.", "See https://example.org for all of it.",
        "Retrieved from the library of the town.", "A study of lemons, doi:10.1/2 it says.",
    ],
)  # fmt: skip
def test_an_entry_of_a_list_of_sources_is_not_quoted(text):
    sentences = pd.DataFrame(
        {"text": [text, "Lemons cure scurvy at sea."], "source": "a.pdf", "listed": False}
    )
    assert worth_quoting(sentences, 1).tolist() == [False, True]


@pytest.mark.parametrize(
    "ending", ["at sea.", "at sea!", "at sea.”", "at sea.[3, 4]", "at sea (all of it).", "at sea.)"]
)
def test_a_whole_sentence_may_end_in_a_quotation_or_a_note(ending):
    texts = ["Lemons and scurvy at sea", f"Lemons cure scurvy {ending}"]
    sentences = pd.DataFrame({"text": texts, "source": "a.pdf", "listed": False})
    assert worth_quoting(sentences, 1).tolist() == [False, True]


def test_a_line_that_begins_with_an_abbreviation_of_the_question_is_quoted():
    texts = [
        "AMDR Acceptable Macronutrient Distribution Range",
        "DRI Dietary Reference Intake of all",
        "It is high.",
    ]
    sentences = pd.DataFrame({"text": [*texts, "Rice is eaten here."], "source": "a.pdf", "listed": False})
    assert worth_quoting(sentences, 1, "What is the AMDR?").tolist() == [True, False, False, True]
    assert worth_quoting(sentences, 1, "What is the amdr?").tolist() == [False, False, False, True]

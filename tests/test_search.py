"""Scores against hand calculation and NumPy; ranks, ties and limits."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import make_embedder, make_index, with_sentences

from ragkit import search as search_module
from ragkit.embed import Vectors
from ragkit.grounding.quotes import key_sentences
from ragkit.index import Index
from ragkit.notice import BadParameter, EmptyQuestion, ModelNotFound, StaleIndex
from ragkit.search import (
    FOREIGN_WEIGHTS,
    WORD_WEIGHT,
    best_sentence_scores,
    cosine_scores,
    dot_scores,
    score_chunks,
    search,
    top_k,
)

TEXTS = [
    "Lemons cure scurvy in sailors.",
    "Iron carries oxygen in the blood.",
    "Water cools the body by sweat.",
]


@pytest.fixture
def index(embedder):
    return make_index(embedder, *TEXTS, source=["0.pdf", "1.pdf", "2.pdf"], label=["10", "11", "12"])


def test_dot_by_hand():
    assert dot_scores([1, 2, 3], [[4, 5, 6], [1, 0, -1]]).tolist() == [32, -2]


def test_cosine_by_hand():
    np.testing.assert_allclose(
        cosine_scores([3, 4], [[3, 4], [4, 3], [-6, -8], [0, 0]]), [1, 0.96, -1, 0], atol=1e-6
    )


def test_same_on_unit_vectors_not_on_others():
    rows = np.random.default_rng(0).standard_normal((20, 8)).astype(np.float32)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(dot_scores(units[0], units), cosine_scores(units[0], units), atol=1e-6)
    assert np.abs(dot_scores(rows[0], rows) - cosine_scores(rows[0], rows)).max() > 1


def test_shapes_and_dtype_of_several_queries():
    rows = np.random.default_rng(0).standard_normal((5, 8))
    assert dot_scores(rows[:2], rows).shape == (2, 5)
    assert dot_scores(rows[0], rows).dtype == np.float32
    np.testing.assert_allclose(dot_scores(rows[:2], rows), rows[:2] @ rows.T, rtol=1e-4, atol=1e-5)


def test_vectors_of_two_models_cannot_be_compared():
    with pytest.raises(StaleIndex, match="384 values, the embeddings have 768"):
        dot_scores(np.zeros(384), np.zeros((2, 768)))


def test_ties_go_to_the_lower_index():
    scores = np.tile(np.array([0.5, 0.9, 0.5, 0.9], dtype=np.float32), 500)
    _, indices = top_k(scores, 1100)
    assert indices[:1000].tolist() == list(range(1, 2000, 2))
    assert indices[1000:1003].tolist() == [0, 2, 4]


@pytest.mark.parametrize("k", [1, 7, 99, 100, 1000])
def test_top_k_against_numpy(k):
    scores = np.random.default_rng(2).integers(0, 30, 100).astype(np.float32)  # with many ties
    values, indices = top_k(scores, k)
    np.testing.assert_array_equal(indices, np.argsort(-scores, kind="stable")[:k])
    np.testing.assert_array_equal(values, scores[indices])


def test_a_score_that_is_no_number_comes_last():
    scores = np.array([np.nan, 0.1, np.nan, 0.5, -np.inf], dtype=np.float32)
    assert top_k(scores, 2)[1].tolist() == [3, 1]
    assert top_k(scores, 5)[1].tolist()[:2] == [3, 1]


@pytest.mark.parametrize("k", [0, -1])
def test_no_passage_at_all_is_no_search(k, index):
    with pytest.raises(BadParameter, match="at least 1"):
        top_k(np.zeros(3, np.float32), k)
    with pytest.raises(BadParameter, match="at least 1"):
        index.search("blood", k)


@pytest.mark.parametrize(("k", "n"), [(1, 1), (3, 3), (99, 3)])
def test_k_over_n_gives_n(index, k, n):
    assert len(index.search("blood", k)) == n


def test_five_passages_unless_one_asks_for_another_number(embedder):
    assert len(make_index(embedder, *(f"Fact {i}." for i in range(8))).search("fact")) == 5


def test_hits_are_ranked_and_keep_the_chunks_columns(index):
    before = index.chunks.copy(deep=True)
    hits = index.search("What carries oxygen in the blood?", top_k=2)
    assert list(hits.columns) == ["rank", "score", *index.chunks.columns]
    assert hits["rank"].tolist() == [1, 2]
    assert hits.loc[0, ["source", "label", "text"]].tolist() == ["1.pdf", "11", TEXTS[1]]
    assert hits["score"].is_monotonic_decreasing
    pd.testing.assert_frame_equal(index.chunks, before)


def test_several_questions_at_once(index):
    found = index.search(["lemons", "sweat"], top_k=1)
    assert [hits.loc[0, "text"] for hits in found] == [TEXTS[0], TEXTS[2]]
    pd.testing.assert_frame_equal(found[0], search("lemons", index, top_k=1))


@pytest.mark.parametrize("question", ["", "  ", "?!"])
def test_a_question_without_a_word(index, question):
    with pytest.raises(EmptyQuestion, match="QUESTION"):
        index.search(question)
    with pytest.raises(EmptyQuestion):
        key_sentences(question, index.chunks, index)


def test_the_question_gets_the_prompt_for_questions(tokenizer):
    embedder = make_embedder(tokenizer, prompts={"query": "blood blood blood ", "document": ""})
    index = make_index(embedder, *TEXTS)
    assert index.search("sea").loc[0, "text"] == TEXTS[1]
    assert key_sentences("sea", index.search("sea"), index).loc[0, "text"] == TEXTS[1]


def test_an_index_without_sentences_cannot_be_searched_by_them(index):
    with pytest.raises(BadParameter, match="has no sentences"):
        index.search("blood", method="sentences")


def test_a_search_in_some_files_only(index):
    question = "What carries oxygen in the blood?"
    assert index.search(question, source="2.pdf")["source"].tolist() == ["2.pdf"]
    assert index.search(question, source=Path("somewhere/2.pdf"))["source"].tolist() == ["2.pdf"]
    assert set(index.search(question, source=["0.pdf", Path("1.pdf")])["source"]) == {"0.pdf", "1.pdf"}
    with pytest.raises(BadParameter, match=r"'3\.pdf': no chunk.*Near it: "):
        index.search(question, source="3.pdf")


def test_a_search_within_the_hits_of_another(index):
    first = index.search("Lemons and iron?", top_k=2)
    within = index[index.chunks["chunk"].isin(first["chunk"])].search("water", top_k=9)
    assert sorted(within["chunk"]) == sorted(first["chunk"])
    again = Index.from_arrays(first, index.embeddings[first["chunk"]], index.embedder, sample=0)
    assert again.search("Lemons?")["rank"].tolist() == [1, 2]


def test_hits_of_another_index_have_no_sentences_here(index, embedder):
    hits = make_index(embedder, "One.", "Two.", chunk=[7, 8]).search("one")
    with pytest.raises(StaleIndex, match="not of this index"):
        key_sentences("one", hits, index)


# ---------------------------------------------------------------- the three scores and their sum


LEMONS, IRON = "lemons", "iron"  # alone in a text of mean length, a word has the BM25 share 1 / 2.5


def index_by_hand(texts, embeddings, sentences=(), rows=()):
    """An index with vectors of two values; `rows` says which chunk each sentence is in."""
    spans = [[row, 0, 1] for row in rows]
    vectors = Vectors(
        np.array(embeddings, np.float32), np.array(sentences, np.float16).reshape(-1, 2),
        np.array(spans, np.int32).reshape(-1, 3),
    )  # fmt: skip
    return Index(
        pd.DataFrame({"text": texts, "chunk": range(len(texts)), "source": "a.pdf"}), vectors, embedder=None
    )


def scores(question, index, method="hybrid"):
    return score_chunks(question, np.array([1, 0], np.float32), index, method)


def test_without_sentences_a_hybrid_score_is_a_fifth_dense_and_half_words():
    index = index_by_hand([LEMONS, IRON], [[0.6, 0.8], [1, 0]])
    np.testing.assert_allclose(scores(LEMONS, index), [0.2 * 0.6 + 0.5 * 0.4, 0.2], rtol=1e-5)


def test_with_sentences_the_best_one_of_a_chunk_counts_three_tenths():
    index = index_by_hand([LEMONS, IRON], [[0.6, 0.8], [1, 0]], [[0, 1], [0.8, 0.6], [0.6, -0.8]], [0, 0, 1])
    expected = [0.2 * 0.6 + 0.3 * 0.8 + 0.5 * 0.4, 0.2 + 0.3 * 0.6]
    np.testing.assert_allclose(scores(LEMONS, index), expected, atol=1e-3)
    np.testing.assert_allclose(scores(LEMONS, index, "sentences"), [0.8, 0.6], atol=1e-3)


def test_words_find_what_the_vectors_lose_and_the_other_way_round():
    lost_by_dense = index_by_hand([LEMONS, IRON], [[0.6, 0.8], [1, 0]])
    assert scores(LEMONS, lost_by_dense, "dense").argmax() == 1
    assert scores(LEMONS, lost_by_dense).argmax() == 0
    lost_by_words = index_by_hand([LEMONS, IRON], [[-1, 0], [1, 0]])
    assert scores(LEMONS, lost_by_words, "bm25").argmax() == 0
    assert scores(LEMONS, lost_by_words).argmax() == 1


@pytest.mark.parametrize(
    ("weights", "method"), [((1, 0, 0), "dense"), ((0, 1, 0), "sentences"), ((0, 0, 1), "bm25")]
)
def test_the_weights_are_in_effect(monkeypatch, embedder, weights, method):
    for name, weight in zip(("DENSE_WEIGHT", "SENTENCE_WEIGHT", "WORD_WEIGHT"), weights, strict=True):
        monkeypatch.setattr(search_module, name, weight)
    index = with_sentences(embedder, *(f"{text} So say all {i} of us." for i, text in enumerate(TEXTS)))
    question = "What carries iron?"
    pd.testing.assert_frame_equal(index.search(question), index.search(question, method=method))
    assert index.search(question)["score"].nunique() > 1


def test_an_unknown_method(index):
    with pytest.raises(BadParameter, match="method='fancy': choose 'hybrid', 'dense'"):
        index.search("blood", method="fancy")


def test_sentences_of_the_best_candidates_only_are_looked_at(monkeypatch):
    monkeypatch.setattr(search_module, "CANDIDATES", 2)
    embeddings, sentences = [[0.8, 0.6], [0, 1], [0.6, 0.8]], [[0.8, 0.6], [1, 0], [1, 0]]
    index = index_by_hand([IRON] * 3, embeddings, sentences, [0, 1, 2])
    np.testing.assert_allclose(scores(LEMONS, index), [0.16 + 0.24, 0, 0.12 + 0.3], atol=1e-3)


def test_a_chunk_without_sentences_has_the_lowest_score():
    index = index_by_hand([LEMONS, IRON], [[1, 0], [1, 0]], [[-0.6, 0.8]], [1])
    np.testing.assert_allclose(
        best_sentence_scores(np.array([1, 0]), index, np.array([1, 0])), [-0.6, -1], atol=1e-3
    )


@pytest.mark.filterwarnings("ignore:invalid value encountered in maximum")
@pytest.mark.parametrize("method", ["hybrid", "dense", "sentences"])
def test_a_row_that_is_no_number_is_never_first(embedder, method):
    index = with_sentences(embedder, *TEXTS)
    question = TEXTS[0]
    assert index.search(question, 1, method=method).loc[0, "text"] == TEXTS[0]
    index.vectors.embeddings[0] = index.vectors.sentences[0] = np.nan
    hits = index.search(question, 3, method=method)
    assert hits["text"].tolist()[-1] == TEXTS[0]
    assert hits["score"].notna().tolist() == [True, True, False]


# A cross-encoder


@pytest.fixture
def cross_encoder(tmp_path, tokenizer):
    """A folder with a cross-encoder of random weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_labels=1, max_position_embeddings=128, initializer_range=1.0,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(tmp_path / "cross")
    tokenizer.save_pretrained(tmp_path / "cross")
    return tmp_path / "cross"


def test_a_cross_encoder_ranks_the_best_anew(embedder, cross_encoder, monkeypatch):
    from sentence_transformers import CrossEncoder

    monkeypatch.setattr(search_module, "RERANKED", 6)
    texts = [f"Lemons cure {name}." for name in ("scurvy", "blood", "water", "lemons", "oxygen", "iron")]
    index = make_index(embedder, *texts, "Nothing of it.")
    question = "Do lemons cure blood?"
    hits = index.search(question, 6, method=str(cross_encoder))
    expected = CrossEncoder(str(cross_encoder), device="cpu").predict([(question, text) for text in texts])
    assert (
        hits["chunk"].tolist() == np.argsort(-expected, kind="stable").tolist()
    )  # the seventh is no candidate
    assert hits["score"].tolist() == pytest.approx(sorted(expected, reverse=True), abs=1e-5)
    assert len(set(expected)) > 3
    assert hits["chunk"].tolist() != index.search(question, 6)["chunk"].tolist()
    best = index.search(question, 1, method=str(cross_encoder))
    assert best["chunk"].tolist() == hits["chunk"].tolist()[:1] != index.search(question, 1)["chunk"].tolist()


def test_a_cross_encoder_that_is_nowhere_is_said(index, tmp_path):
    with pytest.raises(ModelNotFound, match="no-such"):
        index.search("lemons", method=str(tmp_path / "no-such"))


def test_words_count_for_more_in_a_language_that_the_embedder_was_not_made_for(embedder):
    texts = ["Die Hunde sind im Haus willkommen und kosten nichts.", "The dogs are welcome in the house."]
    index = make_index(embedder, *texts, source=["de.pdf", "en.pdf"])
    assert index.languages == {"de.pdf": "german", "en.pdf": "english"}
    assert index.foreign.tolist() == [True, False]
    query = np.zeros(index.embeddings.shape[1], dtype=np.float32)
    dogs = score_chunks("Hunde", query, index)[0] / index.keywords.scores("Hunde")[0]
    assert dogs == pytest.approx(FOREIGN_WEIGHTS[2])
    assert score_chunks("dogs", query, index)[1] == pytest.approx(
        WORD_WEIGHT * index.keywords.scores("dogs")[1]
    )

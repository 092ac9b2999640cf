"""Embeddings: the right row for each text, finite, of unit length, and never another model's."""

import numpy as np
import pandas as pd
import pytest
import torch
from conftest import make_embedder, save_tiny_embedder

from ragkit.embed import (
    check_embeddings,
    embed_chunks,
    embed_one_by_one,
    embed_texts,
    embed_with_sentences,
    load_embedder,
    plan_batches,
)
from ragkit.notice import BadEmbeddings, BadParameter, StaleIndex

TEXTS = [f"lemons {'and sailors ' * n}cure scurvy {n}" for n in (9, 0, 3, 30, 1, 2, 0, 5)]


def unit(rows, d=4):
    rows = np.random.default_rng(0).standard_normal((rows, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_batches_give_the_rows_of_one_by_one(embedder):
    batched = embed_texts(embedder, TEXTS, batch_tokens=40)
    assert max(embedder.model.batches) > 1
    assert batched.dtype == np.float32
    np.testing.assert_allclose(batched, embed_one_by_one(embedder, TEXTS), atol=1e-6)
    chunks = pd.DataFrame({"text": TEXTS})
    np.testing.assert_allclose(batched, embed_chunks(embedder, chunks, progress=False), atol=1e-6)


def test_no_text_no_rows(embedder):
    assert embed_texts(embedder, []).shape == (0, 32)
    assert [array.shape for array in embed_with_sentences(embedder, [])] == [(0, 32), (0, 32), (0, 3)]


def test_one_string_is_not_a_list_of_letters(embedder):
    with pytest.raises(BadParameter, match=r"in brackets, \[text\]"):
        embed_texts(embedder, "Vitamin C")


def test_a_role_that_no_model_knows(embedder):
    with pytest.raises(BadParameter, match="role='quary': choose 'query' or 'document'"):
        embed_texts(embedder, ["Vitamin C"], role="quary")


def test_sentences_are_pooled_from_the_pass_of_their_text(embedder):
    texts = ["Lemons cure scurvy. Iron is in blood.", "Water.", "", "One. Two. Three."]
    vectors = embed_with_sentences(embedder, texts)
    spans = [(row, texts[row][start:end]) for row, start, end in vectors.spans.tolist()]
    assert spans == [
        (0, "Lemons cure scurvy."), (0, "Iron is in blood."), (1, "Water."), (3, "One."), (3, "Two."), (3, "Three."),
    ]  # fmt: skip
    np.testing.assert_array_equal(vectors.embeddings, embed_texts(embedder, texts))
    # In the made model a token's vector does not depend on its neighbours.
    alone = embed_texts(embedder, [sentence for _, sentence in spans])
    np.testing.assert_allclose(vectors.sentences.astype(np.float32), alone, atol=0.02)
    assert vectors.sentences.dtype == np.float16


def test_sentences_behind_a_prompt_and_behind_the_limit(tokenizer):
    embedder = make_embedder(tokenizer, prompts={"query": "", "document": "passage: "})
    vectors = embed_with_sentences(embedder, ["Lemons cure scurvy. " + "Iron is in blood. " * 30])
    alone = embed_texts(make_embedder(tokenizer), ["Lemons cure scurvy."])
    np.testing.assert_allclose(vectors.sentences[0].astype(np.float32), alone[0], atol=0.02)
    assert not vectors.sentences[-1].any()  # the model never saw it


def test_batches_stay_in_the_token_budget_and_hold_every_text():
    lengths = np.random.default_rng(1).integers(0, 500, 200).tolist()
    batches = list(plan_batches(lengths, batch_tokens=1000, max_tokens=384))
    assert sorted(i for batch in batches for i in batch) == list(range(200))
    assert all(len(batch) * min(384, max(lengths[i] for i in batch)) <= 1000 for batch in batches)
    assert len(batches) < 100


def test_a_text_over_the_budget_gets_a_batch_of_its_own():
    assert list(plan_batches([300, 300], batch_tokens=100, max_tokens=384)) == [[0], [1]]


def test_prompts_go_before_queries_only_where_the_model_has_them(tokenizer):
    embedder = make_embedder(tokenizer, prompts={"query": "question: ", "document": ""})
    asked = embed_texts(embedder, ["lemons"], role="query")
    stored = embed_texts(embedder, ["lemons", "question: lemons"])
    assert np.allclose(asked[0], stored[1])
    assert not np.allclose(asked[0], stored[0])


def test_texts_that_are_too_long_are_counted_aloud(embedder, capsys):
    embed_texts(embedder, ["word " * 100, "short"])
    said = capsys.readouterr().err
    assert "1 of 2 texts are longer than the 64 tokens" in said
    assert "; 38 tokens at their ends" in said  # of 100, with 2 special tokens around 62


def test_out_of_memory_halves_the_batch_and_goes_on(embedder, capsys):
    expected = embed_texts(embedder, TEXTS)
    embedder.model.out_of_memory_above = 1
    np.testing.assert_allclose(embed_texts(embedder, TEXTS), expected, atol=1e-6)
    assert "out of memory" in capsys.readouterr().err


def test_other_errors_of_the_model_are_not_swallowed(embedder, monkeypatch):
    calls = []

    def broken(texts, prompt=None):
        calls.append(len(texts))
        raise RuntimeError("shape mismatch")

    monkeypatch.setattr(embedder.model, "preprocess", broken)
    with pytest.raises(RuntimeError, match="shape mismatch"):
        embed_texts(embedder, TEXTS[4:])
    assert calls == [4]  # not tried again in halves


def test_nan_from_the_model_never_gets_out(embedder, monkeypatch):
    real = embedder.model.preprocess

    def sometimes_nan(texts, prompt=None):
        features = real(texts, prompt)
        features["states"][0, 0, 3] = np.nan
        return features

    monkeypatch.setattr(embedder.model, "preprocess", sometimes_nan)
    with pytest.raises(BadEmbeddings, match=r"1 of 8 embeddings are not finite.*row 3"):
        embed_texts(embedder, TEXTS)


@pytest.mark.parametrize(
    ("embeddings", "error", "message"),
    [
        (unit(3).astype(np.float64), BadEmbeddings, "float64"),
        (np.array(["[0.1 0.2]"]), BadEmbeddings, "read_embeddings_csv"),
        (unit(3)[0], BadEmbeddings, r"shape \(4,\)"),
        (unit(3) * 2, BadEmbeddings, r"3 of 3 .* row 0 \(length 2.000\)"),
        (np.zeros((3, 4), np.float32), BadEmbeddings, r"length 0.000"),
        (unit(2), StaleIndex, "3 chunks but 2 embeddings"),
    ],
)
def test_embeddings_that_cannot_be_searched(embeddings, error, message):
    with pytest.raises(error, match=message):
        check_embeddings(embeddings, 3)


@pytest.mark.parametrize("off", [0.9, 0.99, 1.002, 1.1])
def test_a_row_that_is_nearly_of_unit_length_is_not_good_enough(off):
    embeddings = unit(3)
    embeddings[1] *= off
    with pytest.raises(BadEmbeddings, match=rf"1 of 3 .* row 1 \(length {off:.3f}\)"):
        check_embeddings(embeddings)


def test_good_embeddings_come_back(embedder):
    embeddings = unit(3)
    assert check_embeddings(embeddings, 3) is embeddings
    embeddings[1] *= 1.0005  # as after a few digits in a CSV
    assert check_embeddings(embeddings, 3) is embeddings


def test_sentences_go_through_a_dense_layer_after_pooling_too(tmp_path):
    from sentence_transformers.base.modules import Dense

    embedder = load_embedder(str(save_tiny_embedder(tmp_path, Dense(32, 16))), device="cpu", dtype="float32")
    text = "Iron is in blood. Lemons cure."
    made = embed_with_sentences(embedder, [text])
    assert (made.embeddings.shape, made.sentences.shape) == ((1, 16), (2, 16))
    features = embedder.model.preprocess([text])
    ends = [end for start, end in features.encodings[0].offsets if end > start]
    with torch.inference_mode():
        states = embedder.model[0](features)["token_embeddings"][0, 1:-1]
        first = states[: sum(end <= len("Iron is in blood.") for end in ends)].mean(0)
        by_hand = embedder.model[2]({"sentence_embedding": first[None]})["sentence_embedding"][0]
    cosine = torch.cosine_similarity(by_hand, torch.tensor(made.sentences[0], dtype=torch.float32), dim=0)
    assert cosine > 0.9999
    beyond = embed_with_sentences(embedder, ["Read on. " * 40 + "Lemons cure."]).sentences[-1]
    assert not beyond.any()  # what the model did not read is zeros, not the layer's bias

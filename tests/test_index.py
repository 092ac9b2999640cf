"""The index: chunks and embeddings that cannot come apart, one door for those from elsewhere."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from conftest import embed, make_embedder, make_index

from ragkit import index as index_module
from ragkit.found import sentences_of
from ragkit.grounding.quotes import key_sentences
from ragkit.index import Index, open_index
from ragkit.notice import BadEmbeddings, BadParameter, StaleIndex

TEXTS = [f"Fact {i}: word{i} is unlike term{9 - i}. It is so." for i in range(8)]


@pytest.fixture
def table():
    return pd.DataFrame({"text": TEXTS, "n": range(8)})


def test_from_arrays_fills_in_what_a_table_from_elsewhere_lacks(table, embedder):
    before = table.copy(deep=True)
    index = Index.from_arrays(table, embed(embedder, TEXTS), embedder)
    assert index.chunks["chunk"].tolist() == list(range(8))
    assert index.search("word3").loc[0, ["n", "source", "label"]].tolist() == [3, "?", "?"]
    assert key_sentences("word3", index.search("word3"), index)["text"].str.contains("word3").any()
    pd.testing.assert_frame_equal(table, before)


def test_two_chunks_of_one_number_are_refused(table, embedder):
    with pytest.raises(BadParameter, match="Number them again"):
        Index.from_arrays(table.assign(chunk=[0, 1, 2, 3] * 2), embed(embedder, TEXTS), embedder)


def test_what_was_not_embedded_again_is_said_to_be_taken_on_trust(table, embedder, capsys):
    embeddings = embed(embedder, TEXTS)
    Index.from_arrays(table, embeddings, embedder, sample=3)
    assert "3 of 8 embeddings were made again and agree; 5 are taken on trust" in capsys.readouterr().err
    Index.from_arrays(table, embeddings, embedder, sample=None)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("sample", [None, 8, 2])
def test_another_order_is_refused(table, embedder, sample):
    embeddings = embed(embedder, TEXTS)
    with pytest.raises(StaleIndex, match="embedding of the chunk in row 0 is in row 7"):
        Index.from_arrays(table, embeddings[::-1], embedder, sample)


def test_two_rows_that_changed_places_are_seen_when_all_are_proved(table, embedder):
    swapped = embed(embedder, TEXTS)[[0, 1, 2, 4, 3, 5, 6, 7]]
    with pytest.raises(StaleIndex, match="embedding of the chunk in row 3 is in row 4"):
        Index.from_arrays(table, swapped, embedder, sample=None)


def test_embeddings_of_other_texts_or_of_another_model_are_refused(table, embedder, tokenizer):
    with pytest.raises(StaleIndex, match="Embedding 7 is not what fake makes of chunk 7"):
        Index.from_arrays(table, embed(embedder, [*TEXTS[:7], "Another last page."]), embedder)
    with pytest.raises(StaleIndex, match=r"Embedding 0 .*cosine -1\.00"):
        Index.from_arrays(table, -embed(embedder, TEXTS), embedder)
    fewer = embed(embedder, TEXTS)[:, :-1]
    fewer /= np.linalg.norm(fewer, axis=1, keepdims=True)
    with pytest.raises(StaleIndex, match="31 values a row, fake makes 32"):
        Index.from_arrays(table, fewer, embedder)
    with pytest.raises(StaleIndex, match="8 chunks but 7 embeddings"):
        Index.from_arrays(table, embed(embedder, TEXTS)[:7], embedder)


def test_a_model_in_another_number_format_is_the_same_model(table, embedder):
    rounded = embed(embedder, TEXTS).astype(np.float16).astype(np.float32)
    assert len(Index.from_arrays(table, rounded, embedder, sample=None)) == 8


def test_bad_rows_are_counted(table, embedder):
    embeddings = embed(embedder, TEXTS)
    embeddings[3] = np.nan
    with pytest.raises(BadEmbeddings, match="1 of 8 embeddings are not finite"):
        Index.from_arrays(table, embeddings, embedder)
    with pytest.raises(BadParameter, match="need a column 'text'; there is n"):
        Index.from_arrays(table[["n"]], embeddings, embedder)


def test_slices_keep_chunks_and_embeddings_together(embedder):
    index = make_index(embedder, *TEXTS, source=["a.pdf", "b.pdf"] * 4)
    for rows in (np.arange(8) % 2 == 0, slice(0, 8, 2), [0, 2, 4, 6], pd.Series([True, False] * 4)):
        part = index[rows]
        assert part.chunks["chunk"].tolist() == [0, 2, 4, 6]
        np.testing.assert_array_equal(part.embeddings, index.embeddings[::2])
        assert part.search("word4").loc[0, "chunk"] == 4
    assert index.of_source("b.pdf").chunks["chunk"].tolist() == [1, 3, 5, 7]
    assert len(index.of_source(["a.pdf", "b.pdf"])) == 8


def test_an_index_is_frozen(embedder):
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_index(embedder, "One.").chunks = None


@pytest.fixture
def opened(pdf, tmp_path, fake_models, embedder):
    return lambda **how: open_index(pdf, embedder, root=tmp_path / "r", **how)


def test_an_index_is_opened_from_a_pdf_and_found_the_next_time(opened, embedder, pdf, capsys):
    first = opened()
    assert "building embeddings of paper-" in capsys.readouterr().err
    embedder.model.batches.clear()
    again = opened()
    assert capsys.readouterr().err == ""
    assert embedder.model.batches == []
    np.testing.assert_array_equal(first.embeddings, again.embeddings)
    hits = again.search("What cures scurvy?")
    assert (hits.loc[0, "source"], again.path_of("paper.pdf")) == ("paper.pdf", pdf)
    assert isinstance(again.embeddings, np.memmap)


def test_sentences_are_embedded_with_their_chunks_and_sliced_with_them(opened, embedder):
    index = opened(max_tokens=20)
    sentences, vectors = sentences_of(index.chunks, index)
    texts = sentences["text"].tolist()
    assert texts == [
        "Lemons cure scurvy in sailors.", "The trial was in 1747.", "Iron carries oxygen in blood.",
        "Water cools the body by sweat.",
    ]  # fmt: skip
    # In this model a token's vector does not depend on its neighbours: pooled is as good as alone.
    np.testing.assert_allclose(vectors, embed(embedder, texts), atol=0.02)
    part = index[::-1]
    assert sentences_of(part.chunks[:1], part)[0]["text"].tolist() == ["Water cools the body by sweat."]
    embedder.model.batches.clear()
    found = key_sentences("oxygen in the blood", index.search("oxygen"), index, n=1)
    assert found.loc[0, ["text", "label"]].tolist() == ["Iron carries oxygen in blood.", "2"]
    assert embedder.model.batches == [1, 1, 4]  # two questions; the sentences nearest to the second once more


def test_recipes_live_side_by_side(opened, capsys):
    small, large = opened(max_tokens=20), opened(max_tokens=60)
    assert len(small) > len(large)
    capsys.readouterr()
    assert len(opened(max_tokens=20)) == len(small)
    assert len(opened(max_tokens=60)) == len(large)
    assert len(opened()) == len(opened(max_tokens=64))
    assert "pages" not in capsys.readouterr().err  # read once for all of them


def test_an_embedder_is_named_or_given(pdf, tmp_path, fake_models, embedder, monkeypatch):
    named = []
    monkeypatch.setattr(index_module, "load_embedder", lambda name: named.append(name) or embedder)
    open_index(pdf, "that-one", root=tmp_path / "r")
    open_index(pdf, root=tmp_path / "r")
    assert named == ["that-one", None]


def test_two_embedders_do_not_rebuild_each_other(pdf, tmp_path, fake_models, tokenizer):
    one, other = make_embedder(tokenizer), make_embedder(tokenizer, name="other", checksum="1" * 64)
    for embedder in (one, other, one, other):
        open_index(pdf, embedder, root=tmp_path / "r")
    assert sum(one.model.batches) == sum(other.model.batches) > 0

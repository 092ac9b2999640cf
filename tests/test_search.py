"""Scores against hand calculation and NumPy; ranks, ties and limits."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import make_pages

from ragkit import embed
from ragkit import search as search_module
from ragkit.chunk import chunk_pages
from ragkit.embed import embed_chunks, embed_texts
from ragkit.notice import BadParameter, EmptyQuestion, StaleIndex
from ragkit.search import cosine_scores, dot_scores, key_sentences, search, top_k

TEXTS = [
    "Lemons cure scurvy in sailors.",
    "Iron carries oxygen in the blood.",
    "Water cools the body by sweat.",
]


@pytest.fixture
def chunks(tokenizer):
    return chunk_pages(
        pd.concat([make_pages(text, source=f"{i}.pdf", first_label=10 + i) for i, text in enumerate(TEXTS)]),
        tokenizer,
    )


@pytest.fixture
def embeddings(embedder, chunks):
    return embed_texts(embedder, chunks["text"])


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
    assert indices[:1000].tolist() == sorted(indices[:1000].tolist())
    assert indices[0] == 1
    assert indices[1000:1003].tolist() == [0, 2, 4]


@pytest.mark.parametrize(("k", "n"), [(1, 1), (3, 3), (99, 3)])
def test_k_over_n_gives_n(chunks, embeddings, embedder, k, n):
    assert len(search("blood", chunks, embeddings, embedder, top_k=k)) == n


def test_top_k_against_numpy():
    scores = np.random.default_rng(2).standard_normal((3, 100)).astype(np.float32)
    values, indices = top_k(scores, 7)
    np.testing.assert_array_equal(indices, np.argsort(-scores, axis=1, kind="stable")[:, :7])
    np.testing.assert_array_equal(values, np.take_along_axis(scores, indices, 1))


@pytest.mark.parametrize("k", [0, -1])
def test_no_passage_at_all_is_no_search(k):
    with pytest.raises(BadParameter, match="at least 1"):
        top_k(np.zeros(3, np.float32), k)


def test_hits_are_ranked_and_keep_the_chunks_columns(chunks, embeddings, embedder):
    before = chunks.copy(deep=True)
    hits = search("What carries oxygen in the blood?", chunks, embeddings, embedder, top_k=2)
    assert list(hits.columns) == ["rank", "score", *chunks.columns]
    assert hits["rank"].tolist() == [1, 2]
    assert hits.loc[0, ["source", "label", "text"]].tolist() == ["1.pdf", "11", TEXTS[1]]
    assert hits["score"].is_monotonic_decreasing
    pd.testing.assert_frame_equal(chunks, before)


def test_several_questions_at_once(chunks, embeddings, embedder):
    found = search(["lemons", "sweat"], chunks, embeddings, embedder, top_k=1)
    assert [hits.loc[0, "text"] for hits in found] == [TEXTS[0], TEXTS[2]]


@pytest.mark.parametrize("question", ["", "  ", "?!"])
def test_a_question_without_a_word(chunks, embeddings, embedder, question):
    with pytest.raises(EmptyQuestion, match="QUESTION"):
        search(question, chunks, embeddings, embedder)
    with pytest.raises(EmptyQuestion):
        key_sentences(question, chunks, embedder)


def test_embeddings_of_other_chunks_are_not_searched(chunks, embeddings, embedder):
    with pytest.raises(StaleIndex, match="3 chunks but 2 embeddings"):
        search("blood", chunks, embeddings[:2], embedder)


@pytest.fixture
def eight(tokenizer, embedder, monkeypatch):
    """Eight chunks, and their embeddings as `embed_chunks` gives them; nothing is known of any others."""
    monkeypatch.setattr(embed, "_origins", defaultdict(dict))
    pages = pd.concat(
        [make_pages(f"Fact {i}: word{i} is unlike term{9 - i}.", source=f"{i}.pdf") for i in range(8)]
    )
    chunks = chunk_pages(pages, tokenizer)
    return chunks, embed_chunks(embedder, chunks, progress=False)


def from_elsewhere(embeddings):
    """The same embeddings with other bytes, as a CSV would give them back: of no known origin."""
    return np.round(embeddings, 5).astype(np.float32)


@pytest.mark.parametrize("origin", [lambda embeddings: embeddings, from_elsewhere])
def test_chunks_and_embeddings_in_two_orders_are_not_searched(eight, embedder, origin):
    chunks, embeddings = eight
    turned = chunks[::-1].reset_index(drop=True)
    with pytest.raises(StaleIndex, match="embedding of the chunk in row 0 is in row 7"):
        search("word3", turned, origin(embeddings), embedder)
    with pytest.raises(StaleIndex, match="two different orders"):
        search("word3", chunks, np.roll(origin(embeddings), 1, axis=0), embedder)


def test_two_rows_that_changed_places_are_seen(eight, embedder):
    chunks, embeddings = eight
    swapped = embeddings[[0, 1, 2, 4, 3, 5, 6, 7]]
    with pytest.raises(StaleIndex, match="embedding of the chunk in row 3 is in row 4"):
        search("word3", chunks, swapped, embedder)


@pytest.mark.parametrize(
    ("origin", "message"),
    [(lambda embeddings: embeddings, "two documents"), (from_elsewhere, "from other texts or another model")],
)
def test_embeddings_of_another_document_are_not_searched(eight, embedder, origin, message):
    chunks, embeddings = eight
    other = chunks.assign(text=[f"Elsewhere, thing{i}." for i in range(8)])
    with pytest.raises(StaleIndex, match=message):
        search("word3", other, origin(embeddings), embedder)
    one_changed = chunks.assign(text=[*chunks["text"][:7], "Another last page."])
    with pytest.raises(StaleIndex, match=r"mbedding (in row )?7"):
        search("word3", one_changed, origin(embeddings), embedder)


def test_embeddings_of_another_model_of_that_size_are_not_searched(eight, embedder, monkeypatch):
    chunks, embeddings = eight
    other = replace(embedder, name="other", checksum="1" * 64)
    with pytest.raises(
        StaleIndex, match=r"fake \(weights 00000000….*other \(weights 11111111….*two|Use one model"
    ):
        search("word3", chunks, embeddings, other)
    with pytest.raises(StaleIndex, match="'' before each text, the embedder writes 'passage: '"):
        search("word3", chunks, embeddings, replace(embedder, prompts={"query": "", "document": "passage: "}))
    encode = embedder.model.encode
    monkeypatch.setattr(embedder.model, "encode", lambda texts, **options: -encode(texts, **options))
    with pytest.raises(StaleIndex, match=r"Embedding 0 is not what fake makes of chunk 0 \(cosine -1.00"):
        search("word3", chunks, from_elsewhere(embeddings), embedder)


def test_what_belongs_together_is_searched_wherever_it_comes_from(eight, embedder):
    chunks, embeddings = eight
    expected = search("word3", chunks, embeddings, embedder)["text"].tolist()
    assert search("word3", chunks, from_elsewhere(embeddings), embedder)["text"].tolist() == expected
    assert search("word3", chunks[::-1], embeddings[::-1], embedder)["text"].tolist() == expected
    half = chunks["chunk"].to_numpy() >= 4
    assert search("word3", chunks[half], embeddings[half], embedder, top_k=1)["chunk"].item() >= 4
    texts = chunks["text"].tolist()
    assert search("word3", pd.DataFrame({"text": texts}), embeddings, embedder)["text"].tolist() == expected


def test_embeddings_from_elsewhere_are_probed_once(eight, embedder):
    chunks, embeddings = eight
    search("word3", chunks, from_elsewhere(embeddings), embedder)
    embedder.model.batches.clear()
    search("word3", chunks, from_elsewhere(embeddings), embedder)
    assert embedder.model.batches == [1]  # the question


def test_a_search_in_some_files_only(chunks, embeddings, embedder):
    question = "What carries oxygen in the blood?"
    assert search(question, chunks, embeddings, embedder, source="2.pdf")["source"].tolist() == ["2.pdf"]
    assert set(search(question, chunks, embeddings, embedder, source=["0.pdf", "1.pdf"])["source"]) == {
        "0.pdf",
        "1.pdf",
    }
    with pytest.raises(BadParameter, match=r"'3\.pdf': no chunk.*Near it: "):
        search(question, chunks, embeddings, embedder, source="3.pdf")


def test_the_default_embedder_is_loaded_once(chunks, embeddings, embedder, monkeypatch):
    loaded = []
    monkeypatch.setattr(search_module, "load_embedder", lambda: loaded.append(1) or embedder)
    search_module._default_embedder.cache_clear()
    search("blood", chunks, embeddings)
    search("blood", chunks, embeddings)
    search_module._default_embedder.cache_clear()
    assert loaded == [1]


def test_key_sentences_name_file_and_printed_page(tokenizer, embedder):
    pages = make_pages(
        "Nothing here matters much. Lemons cure scurvy in",
        "all the sailors. Iron is in blood cells.",
        first_label=7,
    )
    chunks = chunk_pages(pages, tokenizer)
    hits = search("scurvy", chunks, embed_texts(embedder, chunks["text"]), embedder)
    sentences = key_sentences("Which lemons cure scurvy in all the sailors?", hits, embedder, n=3)
    assert list(sentences.columns) == search_module.KEY_SENTENCE_COLUMNS
    assert sentences.loc[0, ["rank", "text", "source", "page", "label"]].tolist() == [
        1, "Lemons cure scurvy in all the sailors.", "a.pdf", 0, "7",
    ]  # fmt: skip
    page_of = dict(zip(sentences["text"], sentences["label"], strict=True))
    assert page_of["Iron is in blood cells."] == "8"


def test_the_page_of_a_sentence_after_the_page_break(tokenizer, embedder):
    chunks = chunk_pages(make_pages("Lemons cure scurvy fast.", "Iron is in blood cells."), tokenizer)
    hits = search("iron", chunks, embed_texts(embedder, chunks["text"]), embedder)
    assert key_sentences("iron in blood cells", hits, embedder, n=1)["label"].tolist() == ["2"]


def test_fragments_and_repeats_are_no_key_sentences(tokenizer, embedder):
    chunks = chunk_pages(
        make_pages("Blood cells.\n\nIron is in blood cells.\n\nIron is in blood cells."), tokenizer
    )
    hits = search("blood cells", chunks, embed_texts(embedder, chunks["text"]), embedder)
    assert key_sentences("blood cells", hits, embedder)["text"].tolist() == ["Iron is in blood cells."]
    assert key_sentences("blood cells", hits.assign(text="Blood."), embedder).empty


def test_headings_are_key_sentences_only_where_there_is_nothing_better(tokenizer, embedder):
    text = "What cures scurvy at sea\n\nLemons cure scurvy fast.\n\nIron is in blood cells."
    chunks = chunk_pages(make_pages(text), tokenizer)
    hits = search("What cures scurvy at sea?", chunks, embed_texts(embedder, chunks["text"]), embedder)
    found = key_sentences("What cures scurvy at sea?", hits, embedder, n=2)
    assert found["text"].tolist() == ["Lemons cure scurvy fast.", "Iron is in blood cells."]
    found = key_sentences("What cures scurvy at sea?", hits, embedder, n=3)
    assert found["text"].tolist()[0] == "What cures scurvy at sea"


def test_chinese_sentences_are_no_fragments_for_want_of_spaces(tokenizer, embedder):
    chunks = chunk_pages(make_pages("柠檬能治坏血病。好。\n\nScurvy.\n\nLemons cure it fast."), tokenizer)
    hits = search("柠檬", chunks, embed_texts(embedder, chunks["text"]), embedder)
    found = key_sentences("柠檬", hits, embedder)
    assert sorted(found["text"]) == ["Lemons cure it fast.", "柠檬能治坏血病。"]


def test_the_default_is_five_passages_and_the_default_embedder(eight, embedder, monkeypatch):
    chunks, embeddings = eight
    monkeypatch.setattr(search_module, "_default_embedder", lambda: embedder)
    hits = search("word3", chunks, embeddings)
    assert len(hits) == len(search(["word3"], chunks, embeddings)[0]) == 5
    assert key_sentences("word3", hits).equals(key_sentences("word3", hits, embedder))


def test_the_module_is_the_function_too():
    import ragkit

    assert ragkit.search is search_module
    with pytest.raises(EmptyQuestion):
        ragkit.search("", None, None)

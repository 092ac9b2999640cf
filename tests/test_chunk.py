"""Sentences and chunks: nothing lost, nothing over the limit, every word's page known."""

import copy

import pytest
from conftest import make_pages

from ragkit import models
from ragkit.chunk import CHUNK_COLUMNS, chunk_by_sentences, chunk_pages, default_max_tokens, split_sentences
from ragkit.notice import BadParameter

PROSE = " ".join(f"Sentence number {i} says that lemons cure scurvy." for i in range(40))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two!  Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Lind gave 1.5 litres, e.g. of cider.", ["Dr. Lind gave 1.5 litres, e.g. of cider."]),
        ("A heading\n\nThe text begins.", ["A heading", "The text begins."]),
        ("  \n \n", []),
        ("", []),
    ],
)
def test_split_sentences(text, sentences):
    assert split_sentences(text) == sentences


def test_columns_and_input_untouched(tokenizer):
    pages = make_pages(PROSE, PROSE)
    before = pages.copy(deep=True)
    chunks = chunk_pages(pages, tokenizer)
    assert list(chunks.columns) == CHUNK_COLUMNS
    assert chunks["chunk"].tolist() == list(range(len(chunks)))
    assert pages.equals(before)


def test_every_sentence_once_and_never_over_the_limit(tokenizer):
    chunks = chunk_pages(make_pages(PROSE), tokenizer, max_tokens=40)
    assert " ".join(chunks["text"]) == PROSE
    assert chunks["n_sentences"].sum() == 40
    assert chunks["n_tokens"].max() <= 40
    real = [len(tokenizer(text)["input_ids"]) for text in chunks["text"]]
    assert chunks["n_tokens"].tolist() == real


def test_packs_as_many_sentences_as_fit(tokenizer):
    chunks = chunk_pages(make_pages(PROSE), tokenizer, max_tokens=60)
    one = models.count_tokens(tokenizer, ["Sentence number 10 says that lemons cure scurvy."])[0]
    assert (chunks["n_sentences"][1:-1] == 58 // one).all()


@pytest.mark.parametrize("overlap", [0, 1, 2])
def test_overlap_repeats_the_last_sentences(tokenizer, overlap):
    chunks = chunk_pages(make_pages(PROSE), tokenizer, max_tokens=60, overlap=overlap)
    for before, after in zip(chunks["text"], chunks["text"][1:], strict=False):
        shared = split_sentences(before)[-overlap:] if overlap else []
        assert split_sentences(after)[:overlap] == shared
    assert chunks["text"].iloc[-1].endswith(PROSE[-20:])


def test_overlap_gives_way_where_it_would_not_fit(tokenizer):
    long = "Long " + "word " * 11 + "end."
    chunks = chunk_pages(make_pages(f"{long} {long} {long}"), tokenizer, max_tokens=20, overlap=3)
    assert len(chunks) == 3
    assert chunks["n_tokens"].max() <= 20
    short = "One. Two. Three."
    chunks = chunk_pages(make_pages(f"{short} {long} {short}"), tokenizer, max_tokens=22, overlap=9)
    assert [split_sentences(text) for text in chunks["text"]] == [
        ["One.", "Two.", "Three."], ["Two.", "Three.", long], ["Three.", long, "One."], [long, "One.", "Two."],
        ["One.", "Two.", "Three."],
    ]  # fmt: skip


def test_a_chunk_is_a_passage_also_for_a_model_that_reads_more(tokenizer):
    far_reading = copy.deepcopy(tokenizer)
    far_reading.model_max_length = 8192
    assert default_max_tokens(far_reading) == 384
    assert 300 < chunk_pages(make_pages(PROSE * 3), far_reading)["n_tokens"].max() <= 384


@pytest.mark.parametrize("text", ["word " * 500, "x" * 3000, "漢字" * 400])
def test_a_sentence_over_the_limit_is_split_not_cut_off(tokenizer, text):
    chunks = chunk_pages(make_pages(text.strip()), tokenizer, max_tokens=32)
    assert chunks["n_tokens"].max() <= 32
    assert "".join(chunks["text"]).replace(" ", "") == text.replace(" ", "")


def test_a_tokenizer_that_counts_more_for_text_that_stands_together(tokenizer, monkeypatch):
    count = models.count_tokens
    monkeypatch.setattr(
        models,
        "count_tokens",
        lambda t, texts: [n + 2 * text.count(" ") for n, text in zip(count(t, texts), texts, strict=True)],
    )
    chunks = chunk_pages(make_pages("A. B. C. D. E. F. G. H. I. J."), tokenizer, max_tokens=12)
    assert chunks["n_tokens"].max() <= 12
    assert " ".join(chunks["text"]) == "A. B. C. D. E. F. G. H. I. J."


def test_a_sentence_over_a_page_break_is_whole_in_one_chunk(tokenizer):
    chunks = chunk_pages(make_pages("It begins here and", "goes on over there. Then another."), tokenizer)
    assert chunks["text"].tolist() == ["It begins here and goes on over there. Then another."]
    assert chunks.loc[0, ["page", "last_page", "label", "n_sentences"]].tolist() == [0, 1, "1", 2]
    assert [(box["page"], box["label"]) for box in chunks.loc[0, "boxes"]] == [(0, "1"), (1, "2")]


@pytest.mark.parametrize(
    ("before", "after", "glue"),
    [
        ("It ends here.", "lower case begins.", "\n\n"),
        ('He said "so it ends."', "lower case begins.", "\n\n"),
        ("A heading", "The text begins.", "\n\n"),
        ("It goes on to", "the other page.", " "),
        ("It was a very long line " * 5 + "a", "Name that begins a page.", " "),  # of 121 characters
        ("It was a very long line " * 5, "Name that begins a page.", "\n\n"),
        ("研究维生素" * 9, "很重要。", ""),
        ("研究维生素" * 8, "很重要。", "\n\n"),
        ("研究维生素" * 9 + "。」", "很重要。", "\n\n"),
    ],
)
def test_what_stands_between_two_pages(tokenizer, before, after, glue):
    chunks = chunk_pages(make_pages(before, after), tokenizer)
    assert chunks["text"].tolist() == [before + glue + after]


def test_boxes_of_every_chunk_hold_all_of_its_words_on_their_pages(tokenizer):
    texts = [f"{PROSE[i * 300 : i * 300 + 200]}.\n\n{PROSE[i * 300 + 200 : i * 300 + 300]}" for i in range(5)]
    pages = make_pages(*texts)
    chunks = chunk_pages(pages, tokenizer, max_tokens=40)
    assert len(chunks) > 5
    for chunk in chunks.to_dict("records"):
        boxed = [chunk["text"][box["start"] : box["end"]] for box in chunk["boxes"]]
        assert "".join("".join(boxed).split()) == "".join(chunk["text"].split())
        assert [box["page"] for box in chunk["boxes"]] == sorted(box["page"] for box in chunk["boxes"])
        assert (chunk["boxes"][0]["page"], chunk["boxes"][-1]["page"]) == (chunk["page"], chunk["last_page"])
        for box, text in zip(chunk["boxes"], boxed, strict=True):
            block = texts[box["page"]].split("\n\n")[int(box["y0"] > 0)]
            assert text.strip()
            assert text in block


def test_pages_that_end_with_a_full_stop_or_a_heading_are_not_glued(tokenizer):
    chunks = chunk_pages(make_pages("It ends.", "A heading", "New text."), tokenizer)
    assert split_sentences(chunks.loc[0, "text"]) == ["It ends.", "A heading", "New text."]


def test_boxes_hold_the_characters_and_the_rectangle(tokenizer):
    chunks = chunk_pages(make_pages("First block.\n\nSecond block."), tokenizer)
    first, second = chunks.loc[0, "boxes"]
    text = chunks.loc[0, "text"]
    assert (text[first["start"] : first["end"]], text[second["start"] : second["end"]]) == (
        "First block.",
        "Second block.",
    )
    assert (second["x0"], second["y0"], second["x1"], second["y1"]) == (10.0, 20.0, 90.0, 35.0)


def test_empty_pages_are_no_chunks_and_files_are_not_mixed(tokenizer):
    import pandas as pd

    pages = pd.concat(
        [make_pages("", "Some text.", ""), make_pages("other text.", source="b.pdf")], ignore_index=True
    )
    chunks = chunk_pages(pages, tokenizer)
    assert chunks["source"].tolist() == ["a.pdf", "b.pdf"]
    assert chunks["page"].tolist() == [1, 0]
    assert chunk_pages(make_pages("", ""), tokenizer).empty
    assert chunk_pages("\n", tokenizer).empty
    assert chunk_pages(["", " "], tokenizer).empty


def test_the_limit_is_the_models_own(tokenizer):
    assert chunk_pages(make_pages(PROSE), tokenizer)["n_tokens"].max() <= 64


@pytest.mark.parametrize("parameters", [{"max_tokens": 5}, {"overlap": -1}])
def test_parameters_that_make_no_sense(tokenizer, parameters):
    with pytest.raises(BadParameter, match="max_tokens=384"):
        chunk_pages(make_pages("Text."), tokenizer, **parameters)


def test_more_tokens_than_the_model_reads(tokenizer):
    with pytest.raises(BadParameter, match=r"reads 64 tokens.*Try max_tokens=64"):
        chunk_pages(make_pages("Text."), tokenizer, max_tokens=65)


def test_chunk_by_sentences_is_page_by_page_and_blind_to_the_limit(tokenizer):
    chunks = chunk_by_sentences(make_pages(PROSE, "Short. Page."), tokenizer, n=25)
    assert chunks["n_sentences"].tolist() == [25, 15, 2]
    assert chunks["page"].tolist() == [0, 0, 1]
    assert chunks["n_tokens"].max() > 64


def test_a_long_chinese_sentence_is_cut_at_a_comma_and_loses_nothing(tokenizer):
    text = "，".join(["研究维生素" * 4] * 9)  # no space anywhere; a token for every four signs
    chunks = chunk_pages(make_pages(text), tokenizer, max_tokens=24)
    assert "".join(chunks["text"]) == text
    assert len(chunks) > 2
    assert all(part.endswith("，") for part in chunks["text"][:-1])


def test_a_lone_space_at_the_edge_of_an_endless_word_does_not_cut_it(tokenizer):
    chunks = chunk_pages(make_pages("ab " + "x" * 400), tokenizer, max_tokens=64)
    assert chunks["text"].str.len().tolist() == [201, 202]

"""Quotations: the document's own sentences that are nearest to the question, with their places."""

import numpy as np
import pytest
from conftest import embed, index_of_pages, make_index, with_sentences

from ragkit.found import READ_AGAIN, WORDS_COUNT, found_in
from ragkit.grounding.around import MOST_AFTER, completed
from ragkit.grounding.quotes import FRAGMENT, LISTED, MOST_ROWS, QUOTE_COLUMNS, key_sentences

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


def test_whatever_a_passage_says_may_be_quoted_and_a_copy_is_quoted_once(tokenizer, embedder):
    index = index_of_pages(
        tokenizer, embedder, "Blood cells.\n\nIron is in blood cells.\n\niron is  in blood cells"
    )
    hits = index.search("blood cells")
    found = key_sentences("blood cells", hits, index)["text"].tolist()
    assert sorted(found) == ["Blood cells.", "Iron is in blood cells."]
    alone = make_index(embedder, "Blood.")
    assert key_sentences("blood", alone.search("blood"), alone)["text"].tolist() == ["Blood."]
    nothing = make_index(embedder, "… —")
    assert key_sentences("blood", nothing.search("blood"), nothing).empty
    assert key_sentences("blood", index.chunks[:0], index).empty


def test_a_copy_is_quoted_with_all_its_places(embedder):
    texts = ["Lemons cure scurvy.", "Iron.", "Lemons cure scurvy", "lemons cure scurvy."]
    index = make_index(embedder, *texts, source=["a.pdf", "a.pdf", "b.pdf", "b.pdf"])
    found = key_sentences("What cures scurvy?", index.chunks, index)
    assert found["text"].tolist() == ["Lemons cure scurvy.", "Iron."]
    assert found["also"].tolist() == [["b.pdf, p. 3", "b.pdf, p. 4"], []]


def test_a_sentence_that_comes_with_another_is_not_quoted_alone(tokenizer, embedder):
    text = "The lease begins in February. It ends in January. Iron is in blood cells. Water cools the body."
    index = index_of_pages(tokenizer, embedder, text)
    columns = ["text", "before", "after", "rank"]
    begins, ends = "The lease begins in February.", "It ends in January."
    found = key_sentences("What ends in January, when it ends?", index.search("lease"), index)[columns]
    assert found.iloc[0].tolist() == [ends, begins, "", 1]
    assert begins not in found["text"].tolist()
    found = key_sentences("When does the lease end, it begins in February?", index.search("lease"), index)[
        columns
    ]
    assert found.iloc[0].tolist() == [begins, "", ends, 1]
    assert ends not in found["text"].tolist()
    assert found["rank"].tolist() == [1, 2, 3]


def score_of(embedder, text, question="What cures scurvy at sea?"):
    """The score of a line as a quotation, less what it has for being near and for its words."""
    index = make_index(embedder, text)
    found = found_in(index.chunks, question, index)
    score = key_sentences(question, index.chunks, index, 1)["score"][0]
    return round(float(score - found.near[0] - WORDS_COUNT * found.said[0]), 5)


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("Lemons cure scurvy at sea.", 0), ("Lemons cure scurvy at sea!", 0), ("Lemons cure scurvy at sea.”", 0),
        ("Lemons cure scurvy at sea.[3, 4]", 0), ("Lemons cure scurvy at sea.¹", 0),
        ("Lemons cure scurvy at sea (all of it).", 0),
        ("E07 | Rotor blocked | Clean it", 0), ("What heals scurvy at sea", 1), ("What heals scurvy at sea?", 1),
        ("On ships.", 2), ("Lemons", 2), ("2. SCURVY AT SEA.", 4), ("What cures scurvy", 4),
        ("• at sea", 4), ("柠檬能治坏血病。", 0), ("好。", 2),
    ],
)  # fmt: skip
def test_being_no_whole_sentence_costs_rank_only(embedder, text, fragment):
    assert score_of(embedder, text) == pytest.approx(-FRAGMENT * fragment, abs=1e-4)


def test_a_line_that_begins_with_an_abbreviation_of_the_question_is_no_fragment(embedder):
    line = "AMDR Acceptable Macronutrient Distribution Range"
    assert score_of(embedder, line, "What is the AMDR?") == pytest.approx(0, abs=1e-4)
    assert score_of(embedder, line, "What is the amdr?") == pytest.approx(-FRAGMENT, abs=1e-4)
    assert score_of(embedder, line, "What is the DRI?") == pytest.approx(-FRAGMENT, abs=1e-4)


def test_a_list_of_sources_costs_rank_only(embedder):
    entries = [f"{n}. Neal, B., et al. (202{n}), Salt and scurvy, https://salt.org/{n}." for n in range(1, 7)]
    index = make_index(embedder, "References\n" + "\n".join(entries))
    found = key_sentences("Is it salt or scurvy?", index.chunks, index, 9)
    assert set(found["text"]) == {"References", *entries}
    near = found_in(index.chunks, "Is it salt or scurvy?", index)
    best = (near.near + WORDS_COUNT * near.said)[1:].max()
    assert found["score"][found["text"].isin(entries)].max() == pytest.approx(best - LISTED, abs=1e-4)


def test_the_words_of_the_question_count_beside_nearness(embedder):
    index = with_sentences(
        embedder, "Part 88-4425-B, a rotor. Part 88-4410-C, a gasket. Part 88-4999-X, a seal."
    )
    index.vectors.sentences[:] = index.vectors.sentences[:1]  # as if all of them were alike
    found = key_sentences("What is 88-4410-C?", index.chunks, index, 1)
    assert found["text"].tolist() == ["Part 88-4410-C, a gasket."]


def test_a_sentence_with_the_words_of_the_question_is_read_again_however_far_it_stands(embedder):
    index = with_sentences(
        embedder, *(f"Number {i} is a fact." for i in range(READ_AGAIN + 3)), "Part 88-4410-C is a seal."
    )
    index.vectors.sentences[:] = index.vectors.sentences[:1]  # as if all of them were alike
    found = found_in(index.chunks, "What is 88-4410-C?", index)
    again = found.near > (found.in_context - 1) / 2 + 1e-4
    assert again.sum() == READ_AGAIN
    assert again[-1]


@pytest.mark.parametrize(
    ("text", "quoted", "before"),
    [
        ("Lemons are sour. They cure scurvy.", "They cure scurvy.", "Lemons are sour."),
        ("Lemons are sour. Lemons cure scurvy.", "Lemons cure scurvy.", ""),
        ("Sour lemons\nThey cure scurvy.", "They cure scurvy.", ""),  # a heading says nothing
        ("They cure scurvy.", "They cure scurvy.", ""),
        ("Against scurvy:\n• oats\n• lemons cure scurvy", "• lemons cure scurvy", "Against scurvy:"),
        ("Take this:\n1. oats\n2. lemons cure scurvy", "2. lemons cure scurvy", "Take this:"),
        ("Oats are dry.\n• lemons cure scurvy", "• lemons cure scurvy", ""),
    ],
)
def test_what_is_not_understood_alone_has_what_stands_before_it(embedder, text, quoted, before):
    index = make_index(embedder, "Something else:", text)
    found = key_sentences("What cures scurvy, and what is it they cure?", index.chunks, index, 1)
    assert found[["text", "before"]].to_numpy().tolist() == [[quoted, before]]


@pytest.mark.parametrize(
    ("text", "question", "quoted", "after"),
    [
        ("Our sailors\nLemons cure scurvy.", "our sailors", "Our sailors", "Lemons cure scurvy."),
        ("Mr Ede\nHead of sales\nOslo", "Who is Mr Ede, Ede?", "Mr Ede", "Head of sales"),
        ("Lemons and limes\nfrom the south\nOslo", "lemons and limes from", "Lemons and limes", "from the south"),
        ("Work of the sailors at sea\nLemons cure scurvy.", "our sailors at sea", "Work of the sailors at sea",
         "Lemons cure scurvy."),
        ("Work of the sailors at sea\nHead of sales", "our sailors at sea", "Work of the sailors at sea", ""),
        ("Pears 4 euros\nPlums cost 5 euros.", "pears", "Pears 4 euros", ""),  # another one's price
        ("Sailors eat lemons at sea. Lemons cure scurvy.", "our sailors", "Sailors eat lemons at sea.", ""),
        ("Our sailors\nE07 | Rotor blocked", "our sailors", "Our sailors", ""),
        ("Languages\n• Tamil\n• German", "languages", "Languages", "• Tamil • German"),
        ("Sailors need these:\n1. a boat\n2. oats", "our sailors", "Sailors need these:", "1. a boat 2. oats"),
        ("• our sailors\n• oats", "our sailors", "• our sailors", ""),
        ("Sailors need these:\n| oats | lemons", "our sailors", "Sailors need these:", ""),
        ("1. Sailors eat well. Limes are kept.", "our sailors", "1. Sailors eat well.", "Limes are kept."),
        ("Sailors eat at sea.¹\nLemons cure scurvy.", "our sailors", "Sailors eat at sea.¹", ""),
        ("Sailors at sea\n¹ Lemons cure scurvy.", "our sailors", "Sailors at sea", ""),
        ("Job: sailor at sea\nLemons cure scurvy.", "Which job?", "Job: sailor at sea", ""),
        ("Job: sailor\n1. Lemons cure scurvy.", "Which job?", "Job: sailor", ""),
        ("4. Sailors need:\na) oats\nb) limes\n5. Wash it.", "our sailors", "4. Sailors need:", "a) oats b) limes"),
    ],
)  # fmt: skip
def test_what_only_opens_is_quoted_with_what_it_opens(embedder, text, question, quoted, after):
    index = make_index(embedder, text)
    found = key_sentences(question, index.chunks, index, 3)
    assert dict(zip(found["text"], found["after"], strict=True))[quoted] == after
    assert not after or after not in found["text"].tolist()


def test_an_item_ends_with_its_block(tokenizer, embedder):
    index = index_of_pages(
        tokenizer, embedder, "1. Sailors eat well.\n\nLimes are kept.\n\nIron is in blood cells."
    )
    found = key_sentences("our sailors", index.search("sailors"), index, 1)
    assert found[["text", "after"]].to_numpy().tolist() == [["1. Sailors eat well.", ""]]


@pytest.mark.parametrize("behind", ["Vote: 5 for, 1 against.", "They cure scurvy.", "All agreed."])
def test_what_cannot_stand_alone_comes_with_the_sentence_before_it(tokenizer, embedder, behind):
    text = f"Lemons are taken on board every ship. {behind} Iron is in blood cells."
    index = index_of_pages(tokenizer, embedder, text)
    found = key_sentences("Are lemons taken on board?", index.search("lemons"), index, 1)
    assert found[["text", "after"]].to_numpy().tolist() == [["Lemons are taken on board every ship.", behind]]
    alone = key_sentences(behind, index.search(behind), index, 1)
    said = " ".join(alone[["before", "text", "after"]].iloc[0])
    assert said.startswith("Lemons are taken on board every ship. ")


def test_a_short_sentence_of_another_block_stands_alone(tokenizer, embedder):
    index = index_of_pages(tokenizer, embedder, "Lemons are taken on board.\n\nVote: 5 for, 1 against.")
    found = key_sentences("How was the vote, who was against?", index.search("vote"), index, 1)
    assert found[["before", "text"]].to_numpy().tolist() == [["", "Vote: 5 for, 1 against."]]


@pytest.mark.parametrize(
    ("heading", "is_one"),
    [
        ("Hot water.", True),
        ("SIXTH.- Hot water.", True),
        ("Hot water is £5.", False),
        ("They are hot.", False),
    ],
)
def test_a_heading_in_the_first_line_of_its_block_is_said_before_it(tokenizer, embedder, heading, is_one):
    index = index_of_pages(tokenizer, embedder, f"{heading} Iron is in blood cells.")
    found = key_sentences(heading, index.search("water"), index, 1)
    first = found[["before", "text"]].iloc[0].tolist()
    assert first == ([heading, "Iron is in blood cells."] if is_one else ["", heading])


def test_of_two_items_the_whole_list_is_quoted(embedder):
    items = ["• lemons cure scurvy", "• a boat", "• limes cure scurvy"]
    index = make_index(embedder, "\n".join(["Take with you:", *items]), "Iron is in blood cells.")
    found = key_sentences("What cures scurvy, lemons or limes?", index.chunks, index, 2)
    assert found[["text", "after"]].to_numpy().tolist()[0] == ["Take with you:", " ".join(items)]
    assert found["text"].tolist()[1:] == ["Iron is in blood cells."]
    one = key_sentences("Do lemons cure it?", index.chunks, index, 1)
    assert one[["text", "before", "after"]].to_numpy().tolist() == [[items[0], "Take with you:", ""]]


def test_a_list_is_quoted_whole_though_one_of_its_items_was_quoted(embedder):
    items = ["1. Pull the plug.", "2. Rinse the filter under water.", "3. Screw it back."]
    found = found_in((index := make_index(embedder, "\n".join(items))).chunks, "filter", index)
    best = found.sentences.iloc[[1, 0]].assign(row=[1, 0], score=[0.9, 0.8])
    whole = completed(found.sentences, best, {0: "Cleaning:"}, 2)[["text", "after"]].to_numpy().tolist()
    assert whole == [[items[1], ""], [items[0], " ".join(items[1:])]]


@pytest.mark.parametrize("n_rows", [2, 4, MOST_ROWS, MOST_ROWS + 1])
def test_all_rows_that_say_as_much_of_what_is_asked_are_quoted(embedder, n_rows):
    rows = [f"{day} May | Brenn Stores | {40 + day % 7}.10" for day in range(1, n_rows + 1)]
    table = "\n".join([*rows[:1], "Rent | 800.00", *rows[1:]])
    index = make_index(embedder, table, "Lemons cure scurvy.", "Iron is in blood cells.")
    quoted = key_sentences("How much did I spend at Brenn?", index.chunks, index)["text"].tolist()
    assert (set(quoted) == set(rows)) == (3 < n_rows <= MOST_ROWS)
    assert len(quoted) == (n_rows if 3 < n_rows <= MOST_ROWS else 3)


def test_a_pronoun_does_not_speak_of_a_row(embedder):
    index = make_index(embedder, "Sum | 819 €\nSie haben 864 € gezahlt.")
    (said,) = (
        key_sentences("Was haben Sie gezahlt?", index.chunks, index, 1)[["before", "text"]]
        .to_numpy()
        .tolist()
    )
    assert said == ["", "Sie haben 864 € gezahlt."]


@pytest.mark.parametrize(("n_items", "shown"), [(2, 2), (3, 2), (9, 2)])
def test_a_long_list_is_cut_and_says_so(embedder, n_items, shown):
    items = ["• " + "oats " * (MOST_AFTER // 2 - 1)] * n_items
    index = make_index(embedder, "\n".join(["Sailors need these:", *items]))
    after = key_sentences("What do sailors need?", index.chunks, index, 1)["after"][0]
    assert after.count("•") == shown
    assert after.endswith("…") == (n_items > shown)


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
    expected += WORDS_COUNT * found_in(index.chunks, question, index).said[rows]
    np.testing.assert_allclose(found["score"], expected, atol=2e-3)
    assert found["score"].is_monotonic_decreasing


def test_only_the_nearest_sentences_are_read_again_but_as_many_as_are_wanted(embedder):
    index = with_sentences(embedder, *(f"Number {i} is a fact." for i in range(READ_AGAIN + 9)))
    embedder.model.batches.clear()
    assert len(key_sentences("a fact", index.chunks, index)) == 3
    assert sum(embedder.model.batches) == 1 + READ_AGAIN
    assert len(key_sentences("a fact", index.chunks, index, n=READ_AGAIN + 5)) == READ_AGAIN + 5


def test_a_day_is_one_thing(embedder):
    rows = [
        f"{day} Feb 2025 {what} for 10 euros." for day, what in [(1, "Oats"), (14, "Lemons"), (17, "Limes")]
    ]
    index = make_index(embedder, "Paid out on 14 days in Feb.", *rows, "The balance of February.")
    said = found_in(index.chunks, "What was bought on 14 February?", index).said
    assert said.argmax() == 2
    assert (said > 0).sum() == 1
    told = found_in(index.chunks, "What was the balance on 14 February?", index).said
    assert told[2] > told[-1] > 0  # the day tells more than one word
    none = found_in(
        index.chunks, "What was paid on 15 Feb?", index
    ).said  # that day is nowhere: its words count
    assert none[0] > 0


def test_a_thing_that_is_named_by_its_number_is_one_thing(embedder):
    rows = [f"{n} | {what} | 4 people" for n, what in [(1, "Oats"), (2, "Limes"), (4, "Lemons")]]
    index = make_index(
        embedder, "The actions of 4 sailors.", *rows, "Resolved (83/1): oats.", "Resolved (83/2): limes."
    )
    for row, boxes in enumerate(index.chunks["boxes"]):
        boxes[:] = [
            {"start": 0, "end": 99, "page": 0, "label": "1", "heads": "Action" if 0 < row < 4 else ""}
        ]
    said = found_in(index.chunks, "When is action 4 due?", index).said
    assert said.argmax() == 3
    told = found_in(index.chunks, "What does resolution 83/2 say?", index).said
    assert told.argmax() == len(rows) + 2
    assert told[-2] == 0

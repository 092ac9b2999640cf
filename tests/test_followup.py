"""Questions that lean on those before them, and slips: what is searched for, and that it is found and said."""

import json
from pathlib import Path

import pytest
from conftest import found_for, with_sentences

from ragkit.answer import Answer
from ragkit.found import asked_in_full, find
from ragkit.generate import ask
from ragkit.library import finding
from ragkit.show import card
from ragkit.words.followup import in_full
from ragkit.words.keywords import Keywords
from ragkit.words.slips import mended

HERE = Path(__file__).parent
PAIRS = [json.loads(line) for line in (HERE / "followups.jsonl").read_text(encoding="utf-8").splitlines()]
OWN = [pair for pair in PAIRS if pair["document"] == "nutrition-primer.pdf"]
BEFORE = [
    "What is the limit for class A?",
    "Who discovered vitamin C in 1928?",
    "How much did the HX-40 cost?",
]
LIMIT = "What is the limit for class A?"


def questions_in(*files):
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line)["question"] for line in lines]


def taken_for_followups(questions):
    return [one for one in questions if any(in_full(one, [each]) != one.strip() for each in BEFORE)]


@pytest.mark.parametrize(
    ("question", "before", "wanted"),
    [
        ("And for class C?", [LIMIT], "What is the limit for class C?"),
        (
            "how do I load such a file",
            ["What is preseeding?"],
            "What is preseeding? how do I load such a file",
        ),
        ("und in § 4?", ["Was steht in § 3?"], "Was steht in § 4?"),
        ("and annex B", ["what does annex A say"], "what does annex B say"),
        ("and in may?", ["what was the balance in january"], "what was the balance in may"),
        ("and on 3 may?", ["Who was there on 14 January?"], "Who was there on 3 may?"),
        ("e a marzo?", ["chi c'era il 14 gennaio"], "chi c'era a marzo"),
        ("and in § 4?", ["Compare § 3 with § 5"], "Compare § 3 with § 5? and in § 4?"),
        ("not even for a day?", [LIMIT], f"{LIMIT} not even for a day?"),
        ("nicht mal für einen Tag?", ["Was ist das?"], "Was ist das? nicht mal für einen Tag?"),
        (
            "muss ich die auf einmal zahlen",
            ["Was ist die Kaution?"],
            "Was ist die Kaution? muss ich die auf einmal zahlen",
        ),
        ("What does it say about tin?", [LIMIT], "What does it say about tin?"),
        ("What is it about?", [LIMIT], "What is it about?"),
        ("thx", [LIMIT], "thx"),
        ("And what about that?", [LIMIT], LIMIT),
        ("Why?", [LIMIT, "thx", "in German?"], f"{LIMIT} Why?"),
        ("when", ["Who wrote this?"], "Who wrote this? when"),
        ("And the rats?", ["Summarize this document"], "And the rats?"),
        ("Wo finde ich so eine Datei?", ["Was ist das?"], "Was ist das? Wo finde ich so eine Datei?"),
        ("Which foods, such as oats, are meant?", [LIMIT], "Which foods, such as oats, are meant?"),
        ("class C?", [LIMIT], "What is the limit for class C?"),
        ("And E11?", ["What does E07 mean?"], "What does E11 mean?"),
        ("And in 2019?", ["How high was the revenue in 2018?"], "How high was the revenue in 2019?"),
        ("And in France?", ["What did they sell in Germany?"], "What did they sell in France?"),
        ("And for EFSA?", ["What is the RDA?"], "What is the RDA? And for EFSA?"),
        ("And in France?", ["What was sold in Germany?"], "What was sold in France?"),
        ("And for men?", ["How much iron is right for women?"], "How much iron is right for men?"),
        ("and of white bread", ["What is the price of lentils?"], "What is the price of white bread?"),
        ("What does it cost?", [LIMIT], f"{LIMIT} What does it cost?"),
        ("who discovered it", [LIMIT], f"{LIMIT} who discovered it"),
        ("What are the uses of it?", [LIMIT], f"{LIMIT} What are the uses of it?"),
        ("Where did that happen?", [LIMIT], f"{LIMIT} Where did that happen?"),
        ("Why?", ["what is the limit"], "what is the limit? Why?"),
        ("yes", [LIMIT], LIMIT),
        ("Tell me more, please.", [LIMIT], LIMIT),
        ("Und für Klasse C?", ["Was gilt für Klasse A?"], "Was gilt für Klasse C?"),
        (
            "And for class C?",
            [LIMIT, "What does it cost?"],
            "What is the limit for class C? What does it cost?",
        ),
        (
            "What does it cost?",
            [LIMIT, "And for class B?"],
            "What is the limit for class B? What does it cost?",
        ),
        ("What is the RDA of iron?", [LIMIT, "What does it cost?"], "What is the RDA of iron?"),
        ("and 12.2?", ["what does clause 12.1 say?"], "what does clause 12.2 say?"),
        ("und § 8?", ["was steht in § 3 absatz 3?"], "was steht in § 8?"),
        ("and 5?", ["what does article 3.2 say"], "what does article 5 say"),
        ("and out?", ["how much came in?"], "how much came out?"),
        ("and out?", ["how do I opt out in May?"], "how do I opt out in May?"),
        ("und ohne?", ["wie lange dauert es mit Termin?"], "wie lange dauert es ohne Termin?"),
        (
            "und über den häcksler?",
            ["wie wurde über die rasenmäher abgestimmt?"],
            "wie wurde über den häcksler abgestimmt?",
        ),
        (
            "und bei premium?",
            ["wie hoch ist die grenze bei komfort?"],
            "wie hoch ist die grenze bei premium?",
        ),
        ("et pour le ménage ?", ["quelle part pour l'ascenseur ?"], "quelle part pour le ménage ?"),
        ("and at pell hill?", ["what did she do at nord?"], "what did she do at pell hill?"),
        (
            "and before?",
            ["what did she do at studio nord?", "and at pell hill?", "when was that?"],
            "what did she do at pell hill? when was that?",
        ),
        ("and the wave?", ["how heavy is the gent?"], "how heavy is the wave?"),
        ("and the office manager?", ["who is the managing director?"], "who is the office manager?"),
        ("and the motor?", ["when is the pump cleaned?"], "when is the pump cleaned? and the motor?"),
        (
            "what about the weight",
            ["how heavy is the gent?", "what sizes does it have?", "and gears?"],
            "how heavy is the gent? what sizes does it have? what about the weight",
        ),
        (
            "how about calls",
            ["what is the rate on sunday?", "and weekdays?"],
            "what is the rate on sunday? how about calls",
        ),
        (
            "wer war da anwesend?",
            ["was wurde am 16. januar beschlossen?", "und am 14. november?"],
            "was wurde am 14. november beschlossen? wer war da anwesend?",
        ),
        ("wieviele Mitglieder waren da", ["was wurde beschlossen?"], "wieviele Mitglieder waren da"),
        ("was soll ich dann tun", ["was bedeutet F1?"], "was bedeutet F1? was soll ich dann tun"),
    ],
)
def test_a_question_is_written_out_with_what_it_takes_from_those_before(question, before, wanted):
    assert in_full(question, before) == wanted


@pytest.mark.parametrize(
    "question",
    [
        "yes", "And for class C?", "???x", "it seems to x", "and", "of", "E11?", "'it'", "of it", "And", "what about",
    ],
)  # fmt: skip
def test_the_first_question_is_searched_for_as_it_is(question):
    assert in_full(question) == in_full(question, ["", " "]) == question
    assert in_full(question, [question])  # and nothing breaks


def test_of_a_long_text_before_only_the_end_is_taken():
    assert in_full("And of tin?", ["What is the price of " + "a" * 170 + ".b"])  # at once
    assert len(in_full("What does it cost?", ["word " * 10_000] * 20)) < 500


def test_the_questions_of_the_sample_stand_alone():
    questions = questions_in(HERE.parent / "notebooks" / "data" / "questions.jsonl")
    assert len(questions) == 36
    assert taken_for_followups(questions) == []


def test_foreign_questions_stand_alone(shared):
    """Of 325, three: "How long may it run?", "Is it dangerous?", and a German one whose nouns look like names."""
    questions = questions_in(
        *sorted(shared.glob("*.jsonl")), *sorted((shared.parent / "public").glob("*/questions.jsonl"))
    )
    assert len(questions) > 300
    assert len(taken_for_followups(questions)) <= 0.01 * len(questions)


TEXTS = [
    "The limit for class A is five grams. The limit for class C is nine grams.",
    "A pacemaker has to be kept away from the magnet of the rotor.",
    "The warranty lasts two years from the day on which the pump was bought.",
]


@pytest.fixture
def index(embedder):
    return with_sentences(embedder, *TEXTS)


def test_ask_searches_for_the_question_written_out_and_says_so(index, llm):
    first = ask(LIMIT, index, llm, max_new_tokens=8)
    assert first.searched_for == ""
    for before in ([LIMIT], [first]):
        answer = ask("And for class C?", index, llm, before=before, max_new_tokens=8)
        assert (answer.question, answer.searched_for) == (
            "And for class C?",
            "What is the limit for class C?",
        )
    assert answer.hits["text"][0] == TEXTS[0]
    again = ask("And for class B?", index, llm, before=[answer], max_new_tokens=8)
    assert again.searched_for == "What is the limit for class B?"
    assert "What is the limit for class C?" in str(answer.prompt)
    assert "And for class" not in str(answer.prompt)


def test_the_card_says_what_was_searched_for():
    found = found_for("What is <b> for class C?")
    answer = Answer("", 0, 0, 0.0, 0.0, "end", found=found)
    assert "Searched for" not in repr(card.answer(answer))
    vars(found)["asked"] = "And for class C?"
    shown = card.answer(answer)
    assert repr(shown).startswith("Question: And for class C?\n\nSearched for: What is <b> for class C?\n")
    assert "Searched for: What is &lt;b&gt; for class C?" in shown.html


def test_a_change_of_subject_is_noticed(index):
    assert asked_in_full("What about the warranty?", index, [LIMIT]) == "What about the warranty?"
    assert asked_in_full("What about nine grams?", index, [LIMIT]) == f"{LIMIT} What about nine grams?"
    assert asked_in_full("What about aluminium?", index, [LIMIT]).startswith(LIMIT)  # who can say


def test_words_of_the_question_before_count_half(index):
    alone, after = (
        find("What about nine grams?", index),
        find("What about nine grams?", index, before=[LIMIT]),
    )
    told = after.words["told"]
    assert told["nine"] == pytest.approx(alone.words["told"]["nine"])
    assert told["limit"] == pytest.approx(find(LIMIT, index).words["told"]["limit"] / 2)


def test_the_question_itself_counts_more_than_the_one_before(index):
    alone, after = (
        find(each, index).query for each in ("What about nine grams?", f"{LIMIT} What about nine grams?")
    )
    query = find("What about nine grams?", index, before=[LIMIT]).query
    assert query @ alone > after @ alone
    assert query @ query == pytest.approx(1, abs=1e-5)


def test_a_library_is_searched_for_the_question_written_out(index, llm, monkeypatch):
    sought = []
    monkeypatch.setattr(finding, "near", lambda question, *_, **__: sought.append(question) or index)
    answer = finding.ask("And for class C?", None, llm, before=[LIMIT], max_new_tokens=8)
    assert sought == [answer.searched_for] == ["What is the limit for class C?"]


def test_ligatures_and_soft_hyphens_of_a_question_are_no_letters(index):
    assert find("The ﬁve pace\u00admaker?", index).hits["score"].tolist() == (
        find("The five pacemaker?", index).hits["score"].tolist()
    )
    assert Answer("", 0, 0, 0.0, 0.0, "", found=find("pace\u00admaker", index)).searched_for == ""


@pytest.mark.parametrize(
    "slip", ["pacemker", "pacemakerr", "Pacemaler", "paecmaker"]
)  # one less, one more, another, turned
def test_a_slip_of_one_letter_is_mended_and_said(slip, index):
    answer = Answer("", 0, 0, 0.0, 0.0, "", found=find(f"Is it safe with a {slip}?", index))
    assert answer.searched_for == "Is it safe with a pacemaker?"
    assert answer.hits["text"][0] == TEXTS[1]


@pytest.mark.parametrize(
    "word", ["pacemkr", "macemaker", "pacemakers", "pac3maker", "lrge", "Pacemaker", "carrien"]
)
def test_what_may_be_no_slip_stays(word):
    keywords = Keywords(["A pacemaker is carried by the carrier, is large."])
    assert mended(f"What is a {word}?", keywords, lambda _: False) == f"What is a {word}?"


def test_a_word_that_the_tokenizer_knows_is_no_slip():
    assert (
        mended("Was it overdone?", Keywords(["An overdose."]), lambda word: word == "overdone")
        == "Was it overdone?"
    )
    assert mended("Was it overdone?", Keywords(["An overdose."]), lambda word: False) == "Was it overdose?"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("kündigungsfirst", "kündigungsfrist"), ("haftpflichversicherung", "haftpflichtversicherung")],
)
def test_a_slip_in_a_compound_is_mended_as_the_texts_write_it(typed, meant):
    texts = [
        "Die Kündigungsfrist ist lang.",
        "Eine Haftpflichtversicherung ist nötig.",
        "Die Versicherung. Eine Frist.",
    ]
    assert (
        mended(f"wie ist die {typed}", Keywords(texts, ["german"] * 3), lambda _: False)
        == f"wie ist die {meant}"
    )


def test_a_short_word_is_mended_inside_and_in_its_language():
    def changed(question, language):
        return mended(
            question, Keywords(["fee rent taken salary faster kaution loyer"], [language]), lambda _: False
        )

    assert changed("What is the salry?", "english") == "What is the salary?"
    assert changed("How do I fasten it?", "english") == "How do I fasten it?"  # the last letter
    assert changed("Was steht da über den Tagen?", "english") == "Was steht da über den Tagen?"
    assert changed("Wie hoch ist die Kation?", "german") == "Wie hoch ist die kaution?"
    assert changed("What is the rnt?", "english") == "What is the rnt?"
    assert changed("What is the slaary?", "english") == "What is the salary?"  # two have changed places
    assert changed("Puis-je sous-louer le studio ?", "french") == "Puis-je sous-louer le studio ?"


def test_a_form_of_a_word_of_a_foreign_document_is_no_slip():
    keywords = Keywords(["Nel capitolo che segue si trova la guida."], ["italian"])
    assert mended("Riassumi il capitolo 3", keywords, lambda _: False) == "Riassumi il capitolo 3"


def test_no_question_of_the_textbook_is_changed(shared):
    import pandas as pd

    chunks = pd.read_csv(shared / "nutrition_chunks.csv")["sentence_chunk"].tolist()
    keywords = Keywords(chunks)
    questions = questions_in(shared / "questions_dev.jsonl")
    assert [one for one in questions if mended(one, keywords, lambda _: False) != one] == []


def found_by(pairs, open_index):
    """How many pages are found by the question written out, and how many of these by the follow-up."""
    full = follow = 0
    for pair in pairs:
        index, pages = open_index(pair["document"]), set(pair["pages"])
        hits = [
            find(pair["in_full"], index).hits,
            find(pair["question"], index, before=[pair["before"]]).hits,
        ]
        there = [any(pages & {box["label"] for box in boxes} for boxes in each["boxes"]) for each in hits]
        full, follow = full + there[0], follow + all(there)
    return full, follow


@pytest.mark.models
def test_follow_ups_find_what_the_questions_written_out_find(sample_index):
    full, follow = found_by(OWN, lambda _: sample_index)
    assert full >= 22
    assert follow >= 0.95 * full


@pytest.mark.models
@pytest.mark.slow
def test_follow_ups_find_in_foreign_documents(shared, tmp_path):
    import functools

    from ragkit.index import open_index

    places = {file.name: file for file in [*shared.glob("*.pdf"), *shared.parent.glob("public/[dg]*/*.pdf")]}
    opened = functools.cache(lambda name: open_index(places[name], "all-MiniLM-L6-v2", root=tmp_path))
    full, follow = found_by([pair for pair in PAIRS if pair not in OWN], opened)
    assert follow >= 0.95 * full

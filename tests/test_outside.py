"""The scores of `make outside`, over small made-up data."""

import json
from pathlib import Path

import pandas as pd
import pymupdf
import pytest
from conftest import make_index

from ragkit.answer import Answer
from ragkit.found import found_in
from tools.outside import answers, asking, finding, marks, reading, report
from tools.outside.asking import Asked, right_rank
from tools.outside.counts import Count, area_under_curve, balanced_accuracy, wilson
from tools.outside.sets import Question, answers_of, load_questions
from tools.outside.values import holds_value, is_telling, shares_a_word, shares_the_years


def asked(index=None, hits=None, quotes=(), refusal="", doubt=None, **known):
    """A question whose answer is known, without a search."""
    question = Question("mmlong", Path("report.pdf"), **{"text": "What are the liabilities in 2021?"} | known)
    answer = Answer(
        "", 0, 0, 0.0, 0.0, "", key_sentences=pd.DataFrame({"text": list(quotes)}), refusal=refusal
    )
    if doubt is not None:
        object.__setattr__(answer, "doubt", doubt)
    one = Asked(question, index)
    one.answer = answer
    if hits is not None:
        one.found = found_in(hits, question.text, index)
    return one


# Counts


def test_an_interval_is_wide_for_few_and_never_leaves_0_to_1():
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)  # Brown, Cai and DasGupta 2001
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(10, 10)[1] == 1
    assert wilson(0, 0) == (0, 1)


def test_balanced_accuracy_counts_each_kind_as_much():
    labels = [True] * 2 + [False] * 8
    accuracy, low, high = balanced_accuracy(labels, [True, False] + [False] * 8)
    assert accuracy == pytest.approx((1 / 2 + 1) / 2)
    assert low < accuracy < high
    assert balanced_accuracy(labels, [False] * 10)[0] == pytest.approx(0.5)


def test_the_area_is_the_share_of_pairs_in_the_right_order():
    assert area_under_curve([True, False, True, False], [0.9, 0.8, 0.7, 0.1]) == 0.75
    assert area_under_curve([True, False], [0.5, 0.5]) == 0.5


# Values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Total 18,078 19,402", "18078"), ("1,902,216", "1902216.00"), ("$ 1,577)", "$1577.00"), ("30.3 %", "30.3%"),
        ("call 01983 873655.", "01983 873655"), ("21,90 €", "21,90"), ("reduced", "reduc"),
        ("Case 21-13199-AA", "21-13199"), ("96\u00a0€ a night", "96 €"),
    ],
)  # fmt: skip
def test_a_value_is_found_as_it_is_written_elsewhere(text, value):
    assert holds_value(text, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("118,078", "18078"),
        ("18,0789", "18078"),
        ("8.5", "5"),
        ("E07", "7"),
        ("vitamin cures", "vitamin C"),
        ("a prefix", "fix"),
        ("1.5.2", "5.2"),
    ],
)
def test_a_part_of_a_value_is_another(text, value):
    assert not holds_value(text, value)


def test_values_that_stand_everywhere_are_not_looked_for():
    assert not is_telling(["Yes"])
    assert not is_telling(["23", "0"])
    assert not is_telling([])
    assert is_telling(["10"])


def test_a_row_shares_a_word_and_not_only_a_number():
    assert shares_a_word("Total liabilities 2021", "What are the liabilities in 2021?")
    assert not shares_a_word("In 2021 the sales", "What are the liabilities in 2021?")


# Questions


def write(folder, name, *rows):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_sets_that_are_there_are_read_and_others_are_said(tmp_path, capsys):
    folder = tmp_path / "public"
    lease = {
        "pdf": "lease.pdf",
        "question": "How much?",
        "must_quote": ["$9"],
        "label": "1",
        "answerable": True,
    }
    row = {
        "question": "Total?",
        "answer": "['7,1']",
        "pages": [3],
        "sources": "['Table']",
        "answerable": True,
    }
    write(folder, "domains/questions.jsonl", lease, lease | {"pdf": "gone.pdf"})
    write(folder, "mmlong/questions.jsonl", row | {"pdf": "a.pdf"}, row | {"pdf": "b.pdf"})
    for name in ("domains/lease.pdf", "mmlong/documents/a.pdf", "mmlong/documents/b.pdf"):
        write(folder, name)
    far = [{"question": "Chess?", "kind": "off-topic"}, {"question": "Gout?", "kind": "near-topic"}]
    write(tmp_path, "data/unanswerable_dev.jsonl", *far)
    questions = load_questions(folder)
    assert [(one.group, one.pdf.name, one.source) for one in questions] == [
        ("mmlong", "a.pdf", "table"), ("mmlong", "b.pdf", "table"), ("domains", "lease.pdf", ""),
        ("off-topic", "a.pdf", ""),
    ]  # fmt: skip
    assert questions[0].said == ("7,1",)
    said = capsys.readouterr().out
    assert "skipped: papers" in said
    assert "gone.pdf" in said
    assert load_questions(folder) is questions  # what is not there is said once
    assert [one.pdf.name for one in load_questions(folder, limit=1)] == ["a.pdf", "lease.pdf", "a.pdf"]


def test_answers_that_are_no_list_are_one():
    assert answers_of("[1995, 2006]") == ("1995", "2006")
    assert answers_of("[sic] a word") == ("[sic] a word",)


# Right pages, rows, quotations, doubt


def hit(rank, *places):
    return {"rank": rank, "boxes": [{"page": page, "label": label} for page, label in places]}


def test_a_hit_is_right_by_the_page_in_the_file_or_by_what_is_printed_on_it():
    hits = pd.DataFrame([hit(1, (4, "iv")), hit(2, (5, "1"), (6, "2")), hit(3, (7, "3"))])
    by_page = Question("a", Path("a.pdf"), "?", pages=frozenset([6, 7]))
    assert right_rank(hits, by_page) == 2
    assert right_rank(hits, Question("a", Path("a.pdf"), "?", labels=frozenset(["3"]))) == 3
    assert (
        right_rank(hits, Question("a", Path("a.pdf"), "?", pages=frozenset([1]), labels=frozenset(["7"])))
        is None
    )


def test_a_row_is_found_with_its_value_and_with_its_head(embedder):
    index = make_index(embedder, "Total liabilities 2021: 41,190\nAssets\n59,268", "Nothing else.")
    one = asked(index, index.chunks.assign(rank=1, score=1.0), said=("41190",))
    assert one.has_row()
    assert one.has_row(shares_a_word, shares_the_years)
    alone = asked(index, one.found.hits, text="What are the assets?", said=("59268",))
    assert alone.has_row()
    assert not alone.has_row(shares_a_word, shares_the_years)
    assert not asked(index, one.found.hits, said=("41190", "7,777")).has_row()
    other_year = asked(index, one.found.hits, text="What are the liabilities of FY2020?", said=("41190",))
    assert other_year.has_row(shares_a_word)
    assert not other_year.has_row(shares_a_word, shares_the_years)


def test_a_quotation_holds_all_that_it_must():
    one = asked(quotes=["E06: dry.", "E07", "E07: Rotor blocked."], said=("E07", "rotor blocked"))
    assert not finding._says(one, 1)
    assert not finding._says(one, 2)
    assert finding._says(one, 3)


def test_doubt_counts_where_there_is_such_a_thing():
    assert asked().outcome == "answered"
    assert asked(refusal="nothing is near").outcome == "refused"
    assert asked(doubt="").outcome == "answered"
    assert asked(doubt="far").outcome == "in doubt"


def test_each_part_counts_what_it_is_about(monkeypatch):
    right, none = frozenset([0]), None
    every = [
        asked(pages=right, source="text", said=("12 Nm",), quotes=["It takes 12 Nm."]),
        asked(pages=right, source="text", said=("30 s",), quotes=["No.", "After 30 s."], refusal="far"),
        asked(answerable=False, doubt="far"),
    ]
    ranks = dict(zip(every, (1, none, none), strict=True))
    monkeypatch.setattr(Asked, "rank", lambda self, method="hybrid": ranks[self])
    for module in (finding, asking):
        monkeypatch.setattr(module, "embedders_here", lambda: ["small"])
    monkeypatch.setattr(
        finding, "ask_all", lambda questions, _: [one for one in every if one.question in questions]
    )
    monkeypatch.setattr(finding, "_stands_there", lambda question: True)
    questions = [one.question for one in every]
    assert finding.pages(questions).tables[0].rows[0] == [
        "mmlong",
        "hybrid",
        "small",
        Count(1, 2),
        Count(1, 2),
    ]
    assert "page 1" in finding.pages(questions).worst[0]
    assert finding.quotations(questions).tables[0].rows == [
        ["mmlong", "all", "small", Count(1, 2), Count(2, 2)]
    ]
    doubt = finding.doubt(questions)
    assert [row[1:] for row in doubt.tables[0].rows] == [
        ["an answer", "small", Count(1, 2), Count(0, 2), Count(1, 2)],
        ["none", "small", Count(0, 1), Count(1, 1), Count(0, 1)],
    ]
    assert len(doubt.worst) == 1


def test_one_embedder_can_be_chosen_else_all_that_are_here(monkeypatch):
    monkeypatch.setattr(asking, "cached_snapshot", lambda hub: None)
    monkeypatch.delenv("RAGKIT_EMBEDDER", raising=False)
    assert asking.embedders_here() == ["all-mpnet-base-v2", "all-MiniLM-L6-v2"]
    monkeypatch.setenv("RAGKIT_EMBEDDER", "sentence-transformers/all-MiniLM-L6-v2")
    assert asking.embedders_here() == ["all-MiniLM-L6-v2"]


# Reading


def read(ours, theirs, labels=None, **others):
    labels = labels or [str(page + 1) for page in range(len(ours))]
    texts = {"ragkit": ours, "MuPDF": theirs} | others
    return reading.Read(Path("a.pdf"), labels, texts, dict.fromkeys(texts, 1.0))


def test_a_line_that_only_another_reader_has_is_missing():
    found = list(reading.missing_lines(read(["One two. Four"], ["One two.\nThree 3\nFour"])))
    assert [(each.text, each.page, each.running) for each in found] == [("Three 3", 0, False)]


def test_joined_words_other_orders_accents_and_signs_are_not_missing():
    ours = ["The information of Sélambarom is here: b a 10\u207b\u00b3", "over the break"]
    theirs = ["The infor-\nmation of\nSe\u00b4lambarom is here:\na b\n10-3\nover", "the break"]
    assert list(reading.missing_lines(read(ours, theirs))) == []


def test_a_line_said_twice_is_there_once():
    assert list(reading.missing_lines(read(["Shadow"], ["Shadow\nShadow"]))) == []


def test_a_line_of_common_words_is_missing_although_each_stands_somewhere():
    found = list(reading.missing_lines(read(["to be seen, or not"], ["to be seen, or not\nnot to be"])))
    assert [each.text for each in found] == ["not to be"]


def test_running_is_the_same_line_or_the_pages_own_number():
    ours = ["a", "b", "c"]
    theirs = ["Report 17\na\nTotal 1", "Report 18\nb\nTotal 2\n18", "Report 19\nc\nTotal 4"]
    found = {
        each.text: each.running for each in reading.missing_lines(read(ours, theirs, ["17", "18", "19"]))
    }
    assert found == {
        "Report 17": True, "Report 18": True, "Report 19": True, "18": True,
        "Total 1": False, "Total 2": False, "Total 4": False,
    }  # fmt: skip


def test_a_line_that_both_others_have_is_the_surest_loss():
    found = reading.missing_lines(read(["Oats"], ["Oats\nRice 3\nRye"], pdftotext=["Rice3 Oats"]))
    assert {(each.reader, each.text): each.both for each in found} == {
        ("MuPDF", "Rice 3"): True, ("MuPDF", "Rye"): False, ("pdftotext", "Rice3 Oats"): False,
    }  # fmt: skip


def test_lost_lines_are_shown_from_one_file_after_the_other():
    lost = [reading.Missing("MuPDF", name, 0, name, False, True) for name in ("a", "a", "a", "b")]
    assert [each.pdf for each in reading.spread(lost)] == ["a", "b", "a", "a"]


def test_reading_tells_words_lines_and_speed(tmp_path):
    folder = tmp_path / "guides"
    folder.mkdir()
    with pymupdf.open() as document:
        for text in ("Oats are a grain.", "Rice is one too."):
            page = document.new_page()
            page.insert_text((72, 200), text)
            page.insert_text((72, 240), "#")
        document.save(folder / "guide.pdf")
    (folder / "guide.txt").write_text("Oats are a grain. Rice is none.", encoding="utf-8")
    section = reading.reading(tmp_path)
    words, lines, speed = section.tables
    assert words.rows[0] == ["guide.pdf", "ragkit", 6 / 7, 1.0, 6 / 8]
    assert lines.rows[0] == ["guides", "MuPDF", 1, Count(0, 2), Count(0, 2), Count(0, 2)]
    assert [row[0] for row in speed.rows] == ["ragkit", "MuPDF"]


# Marks


def marked(*rows):
    return pd.DataFrame(rows, columns=["supported", "reason"])


def test_a_text_is_supported_if_all_its_sentences_are():
    assert marks.is_supported(marked([True, ""], [True, ""]))
    assert not marks.is_supported(marked([True, ""], [False, ""]))
    assert not marks.is_supported(marked())


def test_a_reason_counts_if_it_names_something():
    assert marks.reason_of(marked([False, "no sentence of the passages says so"])) == ""
    assert marks.reason_of(marked([True, ""], [False, "new is not in it"])) == "new is not in it"
    states = marked([False, ""]).assign(verdict="contradicted")
    assert marks.reason_of(states) == "contradicted"
    assert marks.reason_of(marked([False, "the word new"]).assign(verdict="not found")) == "the word new"


def test_claims_are_counted_by_what_they_are():
    columns = ["embedder", "claim", "supported", "marked", "reason"]
    rows = [
        ["small", "a", True, True, ""], ["small", "b", True, False, "b is not in it"],
        ["small", "c", True, False, ""], ["small", "d", False, True, ""], ["small", "e", False, False, "e is not"],
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    (table,) = marks._claims_table(frame)
    assert table.rows == [["small", Count(1, 3), Count(1, 2), Count(1, 3)]]
    assert marks._worst(frame) == ["supported, and wrong: d", "right, and “b is not in it”: b"]


def test_summaries_are_scored_by_their_worst_sentence(tmp_path, monkeypatch, embedder):
    rows = [{"doc": "d", "summary": "good", "label": 1}] * 9 + [{"doc": "d", "summary": "bad", "label": 0}]
    path = tmp_path / "summedits_news.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    scores = {"good": [0.9, 0.8], "bad": [0.9, 0.2]}
    monkeypatch.setattr(marks, "index_of", lambda text, _: make_index(embedder, text))
    monkeypatch.setattr(
        marks,
        "cite",
        lambda summary, *_: pd.DataFrame({
            "score": scores[summary], "supported": [score > 0.5 for score in scores[summary]],
        }),
    )  # fmt: skip
    found = marks.check_summaries(path, None)
    assert len(found) == marks.EACH
    assert found.iloc[-2:].to_dict("list") == {
        "label": [True, False], "marked": [True, False], "score": [0.8, 0.2],
    }  # fmt: skip
    assert len(marks.check_summaries(path, None, full=True)) == 10


# Answers


def test_key_words_of_the_question_do_not_count():
    question = Question("sample", Path("a.pdf"), "Which vitamin cures scurvy?", said=("vitamin", "vitamin C"))
    assert answers.key_words(question) == ["vitamin C"]
    assert answers.key_words(Question("sample", Path("a.pdf"), "How many?", said=("7",))) == []


def test_answers_are_counted_with_what_was_refused():
    question = Question("sample", Path("a.pdf"), "Which vitamin?", said=("vitamin C",))
    written = Answer(
        "It is vitamin C.", 9, 11, 0.5, 10.0, "end", citations=pd.DataFrame({"supported": [True]})
    )
    refused = Answer("The document does not answer this.", 0, 0, 0.0, 0.0, "refused")
    silent = Question("sample", Path("a.pdf"), "Who?", answerable=False)
    row = answers._row([(question, written), (question, refused), (silent, written)])
    assert row == [3, Count(1, 2), Count(0, 2), Count(2, 2), Count(1, 1), 0.5, 1.5]
    assert answers._worst({"sample": [(question, refused)]})


# The page


def test_parts_that_run_alone_renew_only_their_section(tmp_path):
    first, second = (report.Section(name, [report.Table(["n"], [[Count(1, 4)]])]) for name in ("One", "Two"))
    report.keep({"b": second}, tmp_path, ["a", "b"])
    report.keep({"a": first}, tmp_path, ["a", "b"])
    page = (tmp_path / "outside.md").read_text(encoding="utf-8")
    assert page.index("## One") < page.index("## Two")
    assert "1 of 4: 0.25 (0.05–0.70)" in page
    report.keep({"a": report.Section("Three", [], worst=[str(i) for i in range(12)])}, tmp_path, ["a", "b"])
    page = (tmp_path / "outside.md").read_text(encoding="utf-8")
    assert "## One" not in page
    assert "## Two" in page
    assert "To look at, 10 of 12:" in page

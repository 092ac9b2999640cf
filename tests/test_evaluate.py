"""Questions about a document: the file, its check, the numbers against hand calculation, and the command."""

import json
import os
import re
import subprocess
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import make_index

from ragkit import commands, evaluate, questions
from ragkit.embed import Vectors
from ragkit.grounding.doubt import Outcome
from ragkit.notice import BadQuestions, PDFNotFound
from tools import notebooks, run

LEMONS, IRON, WATER = (
    "Lemons cure scurvy in sailors.", "Iron carries oxygen in blood.", "Water cools the body by sweat.",
)  # fmt: skip
OTHERS = [
    "Salt keeps fish for months.", "Bread needs yeast and time.", "Kings ate white sugar.",
    "Milk turns sour in summer.",
]  # fmt: skip


def ask(name, question="Why lemons?", pages=(), keywords=(), source=None):
    return {
        "id": name, "question": question, "pages": list(pages), "keywords": list(keywords), "source": source,
    }  # fmt: skip


def boxes(*labels):
    return [{"label": label, "page": 0, "start": 0, "end": 999} for label in labels]


@pytest.fixture
def index(embedder):
    """Seven chunks of a sentence each; that on iron goes on overleaf."""
    places = [boxes("i"), boxes("1", "2"), boxes("2"), *[boxes("9")] * 3, boxes("10")]
    made = make_index(embedder, LEMONS, IRON, WATER, *OTHERS, boxes=places)
    spans = np.array([[row, 0, len(text)] for row, text in enumerate(made.chunks["text"])], np.int32)
    return replace(made, vectors=Vectors(made.embeddings, made.embeddings.astype(np.float16), spans))


def write(path, *lines):
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


# The file


def test_a_line_is_filled_in_and_labels_are_text(tmp_path):
    path = write(tmp_path / "q.jsonl", {"question": "Why?", "pages": [12, "vi"]}, "", {"question": "How?"})
    first, second = questions.read_questions(path)
    assert first == {
        "id": "line 1", "question": "Why?", "pages": ["12", "vi"], "keywords": [], "type": "", "source": None,
    }  # fmt: skip
    assert (second["id"], second["pages"]) == ("line 3", [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{'question': 1}", "q.jsonl, line 2, is not JSON"),
        ("[" * 100_000, "q.jsonl, line 2, is not JSON"),
        ('["Why?"]', "q.jsonl, line 2, has no text under 'question'"),
        ('{"question": null}', "q.jsonl, line 2, has no text under 'question'"),
        ('{"question": "Why?", "pages": "12"}', "q.jsonl, line 2: 'pages' has to be a list"),
        ('{"question": "Why?", "keywords": {"a": 1}}', "q.jsonl, line 2: 'keywords' has to be a list"),
    ],
)
def test_a_line_that_is_no_question_is_named(tmp_path, line, said):
    path = write(tmp_path / "q.jsonl", {"question": "Why?"}, line)
    with pytest.raises(BadQuestions, match=re.escape(said)):
        questions.read_questions(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(BadQuestions, match=r"none\.jsonl cannot be read: No such file"):
        questions.read_questions(tmp_path / "none.jsonl")
    with pytest.raises(BadQuestions, match="cannot be read"):
        questions.read_questions(tmp_path)
    (tmp_path / "latin.jsonl").write_bytes('{"question": "Où?"}'.encode("latin-1"))
    with pytest.raises(BadQuestions, match="not text in UTF-8"):
        questions.read_questions(tmp_path / "latin.jsonl")
    with pytest.raises(BadQuestions, match="holds no question"):
        questions.read_questions(write(tmp_path / "empty.jsonl", "", "  "))


# The check


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (ask("x", " ? "), "x: the question is empty"),
        (ask("x", pages=["3"]), "x: no page with text has the label '3'"),
        (ask("x", pages=["1"], source="b.pdf"), "x: no page with text has the label '1'"),
        (
            ask("x", pages=["1"], keywords=["oxy gen"]),
            "x: the key word 'oxy gen' is nowhere in the text; copy it",
        ),
        (ask("x", keywords=["oxygen"]), "x: it has key words and no page"),
        (ask("right"), "right: 2 questions have this id"),
    ],
)
def test_what_is_wrong_is_said_in_words(index, wrong, said):
    right = ask("right", pages=["2", "i"], keywords=["CARRIES  oxygen"], source="a.pdf")
    (problem,) = questions.find_problems([right, wrong], index.chunks)
    assert problem.startswith(said)
    assert questions.find_problems([right, ask("without an answer")], index.chunks) == []


def test_long_lists_are_cut_and_counted():
    assert questions.shortened(["a", "b"]) == "a\nb"
    lines = questions.shortened(["a"] * (questions.LISTED + 3)).splitlines()
    assert lines[questions.LISTED :] == ["... and 3 more"]


# The numbers


def test_ranks_are_counted_by_hand():
    ranks = [1, 3, None, 2, 6]
    assert [evaluate.hits_at(ranks, k) for k in (1, 2, 5, 6)] == [1, 2, 3, 4]
    assert evaluate.mean_reciprocal_rank(ranks) == pytest.approx((1 + 1 / 3 + 0 + 1 / 2 + 1 / 6) / 5)


def test_the_first_right_hit_has_words_from_a_right_page_of_the_right_file():
    hits = pd.DataFrame({
        "rank": [1, 2, 3], "source": ["a.pdf", "b.pdf", "a.pdf"],
        "boxes": [boxes("9"), boxes("3", "4"), boxes("4")],
    })  # fmt: skip
    assert evaluate.first_right_rank(hits, ask("x", pages=["4"])) == 2
    assert evaluate.first_right_rank(hits, ask("x", pages=["4"], source="a.pdf")) == 3
    assert evaluate.first_right_rank(hits, ask("x", pages=["5"])) is None


def test_the_interval_is_that_of_a_binomial_and_the_seed_holds_it():
    values = [1.0] * 80 + [0.0] * 20
    low, high = evaluate.interval(values)
    spread = 1.96 * np.sqrt(0.8 * 0.2 / 100)
    assert (low, high) == pytest.approx((0.8 - spread, 0.8 + spread), abs=0.015)
    assert evaluate.interval(values) == (low, high)
    assert evaluate.interval([1.0, 1.0]) == (1.0, 1.0)


def test_the_step_that_loses_the_first_word():
    stages = {"search": ["Lind, 1747", "iron"], "key sentences": ["LIND,\n1747"], "model": ["Lind, 1774"]}
    assert evaluate.lost_at(["iron"], stages) == "key sentences"
    assert evaluate.lost_at(["lind, 1747"], stages) == "model"
    assert evaluate.lost_at(["Lind"], stages) == ""
    assert evaluate.lost_at(["Lind", "gout"], stages) == "search"


# The command


@pytest.fixture
def small(index, tmp_path, monkeypatch):
    """A PDF of seven chunks; "silent" questions are refused, "dark" ones in doubt."""

    def outcome_of(found, quotes):
        assert len(quotes)
        return Outcome(
            "refused"
            if "silent" in found.question
            else "in doubt"
            if "dark" in found.question
            else "answered"
        )

    monkeypatch.setattr(evaluate, "open_index", lambda path: index)
    monkeypatch.setattr(evaluate, "outcome_of", outcome_of)
    return tmp_path / "paper.pdf"


def test_the_report_counts_what_happened(small, tmp_path):
    path = write(
        tmp_path / "q.jsonl",
        ask("lemons", "What do lemons cure?", ["i"], ["scurvy", "sailors"]),
        ask("silent", "Is iron in blood silent?", ["1"], ["oxygen"]),
        ask("quoted", "How does water cool the body by sweat?", ["2"], ["body by sweat", "yeast"]),
        ask("far", "Do lemons cure scurvy in sailors?", ["9"], ["milk"]),
        ask("page", "Do lemons cure scurvy in sailors?", ["10"], ["scurvy"]),
        ask("refused", "Are silent stars refused?"),
        ask("taken", "Are stars refused?"),
        ask("doubted", "Are dark stars refused?"),
        ask("dark", "What do lemons cure in the dark?", ["i"], ["scurvy"]),
    )
    report = evaluate.evaluate_file(str(small), str(path))
    assert "paper.pdf: 9 questions, 6 with pages, 3 without" in report
    rows = dict(re.findall(r"^(dense|sentences|bm25|hybrid) +(.+)$", report, re.MULTILINE))
    assert list(rows) == ["dense", "sentences", "bm25", "hybrid"]
    # "far": the six chunks without its words are in their own order, the first of page 9 is at rank 4,
    # that of page 10 at rank 7: (1 + 1 + 1 + 1/4 + 1/7 + 1) / 6
    assert rows["bm25"] == "4 of 6     5 of 6   0.732"
    assert "One question is 16.7 points" in report
    assert "Key words in the three quoted sentences: 6 of 8" in report
    assert "Without pages (right): 1 refused, 1 in doubt, of 3" in report
    assert "With pages (wrong): 1 refused, 1 in doubt, of 6" in report
    assert report.split("To look at, 6:\n")[1].splitlines() == [
        "  silent  refused: Is iron in blood silent?",
        "  quoted  1 of 2 key words quoted: How does water cool the body by sweat?",
        "  far  not in the five passages: Do lemons cure scurvy in sailors?",
        "  page  not in the five passages: Do lemons cure scurvy in sailors?",
        "  taken  neither refused nor in doubt: Are stars refused?",
        "  dark  in doubt: What do lemons cure in the dark?",
    ]


@pytest.mark.parametrize(
    ("pages", "said"), [("i", "40% to 100%"), ("9", "0% to 60%")], ids=["all right", "none right"]
)
def test_a_few_questions_prove_little(small, tmp_path, pages, said):
    asked = [ask(str(n), "What do lemons cure?", [pages], ["scurvy"]) for n in range(5)]
    report = evaluate.evaluate_file(str(small), str(write(tmp_path / "q.jsonl", *asked)))
    assert f"hit@1 of hybrid may be {said}" in report


def test_questions_without_pages_only(small, tmp_path):
    report = evaluate.evaluate_file(str(small), str(write(tmp_path / "q.jsonl", ask("a", "A silent star?"))))
    assert report.splitlines() == [
        "paper.pdf: 1 questions, 0 with pages, 1 without", "",
        "Key words in the three quoted sentences: 0 of 0",
        "Without pages (right): 1 refused, 0 in doubt, of 1", "With pages (wrong): 0 refused, 0 in doubt, of 0",
    ]  # fmt: skip


def test_nothing_is_measured_before_the_questions_are_right(small, tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate, "_report", lambda *_: pytest.fail("measured"))
    path = write(tmp_path / "q.jsonl", ask("a", pages=["77"]), ask("b", "?"), ask("c"), ask("d"))
    with pytest.raises(BadQuestions, match="2 to put right") as raised:
        evaluate.evaluate_file(str(small), str(path))
    assert [line[:3] for line in str(raised.value).splitlines()[1:]] == ["a: ", "b: "]


def test_questions_about_another_document_are_told_apart_from_mistakes(index):
    elsewhere = [ask("a", pages=["77"]), ask("b", pages=["i"], keywords=["attention"])]
    with pytest.raises(BadQuestions, match=r"Most do not fit a\.pdf") as raised:
        questions.refuse_wrong([*elsewhere, ask("c")], index.chunks)
    assert str(raised.value).splitlines()[-1] == questions.EXAMPLE
    with pytest.raises(BadQuestions) as raised:
        questions.refuse_wrong([*elsewhere, ask("c"), ask("d")], index.chunks)
    assert "Most" not in str(raised.value)


def test_without_questions_it_says_how_to_write_some(tmp_path):
    with pytest.raises(BadQuestions, match=r"Questions about other\.pdf are needed") as raised:
        evaluate.evaluate_file(str(tmp_path / "other.pdf"))
    example = str(raised.value).splitlines()[-1]
    assert questions.read_questions(write(tmp_path / "q.jsonl", example))[0]["pages"] == ["vi"]


def test_a_pdf_that_is_not_there_is_said(tmp_path):
    with pytest.raises(PDFNotFound):
        evaluate.evaluate_file(str(tmp_path / "none.pdf"), str(write(tmp_path / "q.jsonl", ask("a"))))


def test_the_command_prints_the_report_or_one_named_line(monkeypatch, capsys):
    monkeypatch.setattr(evaluate, "evaluate_file", lambda *given: f"given {given}")
    assert commands.main(["evaluate", "a.pdf", "q.jsonl"]) == commands.main(["evaluate", "a.pdf"]) == 0
    assert capsys.readouterr().out == "given ('a.pdf', 'q.jsonl')\ngiven ('a.pdf', '')\n"
    monkeypatch.undo()
    assert commands.main(["evaluate", "a.pdf", "none.jsonl"]) == 1
    assert capsys.readouterr().err == "BadQuestions: none.jsonl cannot be read: No such file or directory.\n"


@pytest.mark.parametrize(
    ("names", "given"),
    [
        ({"PDF": "my paper's.pdf", "QUESTIONS": 'my "1".jsonl'}, 'my paper\'s.pdf|my "1".jsonl'),
        ({"PDF": "other.pdf"}, "other.pdf|"),  # the sample's questions are for the sample only
        ({}, "notebooks/data/nutrition-primer.pdf|notebooks/data/questions.jsonl"),
        ({"QUESTIONS": "mine.jsonl"}, "notebooks/data/nutrition-primer.pdf|mine.jsonl"),
    ],
)
def test_make_hands_over_file_names_with_spaces_and_quotes(tmp_path, names, given):
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nprintf "%s|" "$@" "$RAGKIT_ARTIFACTS"\n', encoding="utf-8")
    python.chmod(0o755)
    ready = tmp_path / "ready"
    ready.touch()
    command = ["make", "-s", "-o", str(ready), "evaluate", f"PY={python}", f"READY={ready}"]
    environment = {k: v for k, v in os.environ.items() if k != "RAGKIT_ARTIFACTS"} | names
    assert all(
        (notebooks.ROOT / name).is_file() for name in given.split("|") if name.startswith("notebooks/")
    )
    made = subprocess.run(
        command, cwd=notebooks.ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert made.stdout.endswith(f"-m|ragkit|evaluate|{given}|notebooks/artifacts|")


# The seventh notebook is no step


def test_a_run_executes_the_steps_and_renewal_all_notebooks(tmp_path, pdf, monkeypatch, fake_models):
    (tmp_path / "images").mkdir()
    names = [path.name for path in notebooks.notebook_paths()]
    for name in names:
        (tmp_path / name).touch()
    executed = []
    for module in (notebooks, run):
        monkeypatch.setattr(module, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "_run_one", lambda path, *_: executed.append(path.stem) or True)
    monkeypatch.setattr(run, "write_report", lambda executed, path, title: path)
    monkeypatch.setattr(run, "answer_text", lambda path: path.stem)
    assert run.run_course(str(pdf), "Why?") == 0
    assert executed == notebooks.STEPS
    assert executed[-1] == "06_generate"
    assert "07_evaluate.ipynb" in names

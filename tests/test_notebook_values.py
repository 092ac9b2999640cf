"""What must hold of the values in a notebook whose outputs are not compared: generated text, times."""

import contextlib
import io
from pathlib import Path

import nbformat
import pytest

from tools.notebooks import SECRET

pytestmark = pytest.mark.models
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture
def cells(monkeypatch):
    """Run the code cells of a notebook here, one after the other; gives after each its source and the names so far."""
    monkeypatch.chdir(NOTEBOOKS)
    monkeypatch.setenv("RAGKIT_SECRET", SECRET)

    def run(name):
        names = {"__name__": "__main__", "display": lambda shown: None}
        for cell in nbformat.read(f"{name}.ipynb", as_version=4).cells:
            if cell.cell_type == "code":
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(cell.source, name, "exec"), names)
                yield cell.source, names

    return run


def after(run, text):
    """The names after the cell that has this text."""
    return next(names for source, names in run if text in source)


def test_the_course_opens_with_a_quotation_that_answers_and_its_page(cells):
    answer = after(cells("01_pdf"), "ragkit.ask(")["answer"]
    assert answer.refusal == ""
    assert answer.key_sentences["label"].iloc[0] == "6"
    assert "mucus" in answer.key_sentences["text"].iloc[0]
    assert answer.text


def test_what_is_said_of_the_answers_holds_whatever_words_this_processor_makes(cells):
    run = cells("06_generate")
    timed = after(run, "cached_seconds = ")
    assert timed["naive_seconds"] > timed["cached_seconds"]
    drawn = [row["text"] for row in after(run, "for temperature, seed in")["rows"]]
    assert drawn[2] == drawn[3]  # one seed, one text
    names = after(run, "limited = generate(")
    assert names["limited"].text == names["answer"].text  # one prompt, one answer
    assert names["answer"].key_sentences["label"].iloc[0] == "6"
    answers = after(run, "answers.append(right)")["answers"]
    assert [len(answer.citations) > 0 for answer in answers] == [True, True, True]
    assert after(run, "off_topic = ")["lost"].stop_reason == "refused"

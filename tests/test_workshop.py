"""The notebook of the ninety minutes: the schedule's rows are its sections, and its cells make the slides."""

import re
from itertools import pairwise

import nbformat
import pytest

from tools import notebooks, slides

PATH = notebooks.NOTEBOOKS / f"{notebooks.WORKSHOP}.ipynb"
CELLS = nbformat.read(PATH, as_version=4).cells
KIT = notebooks.ROOT / "instructors"


def kind(cell):
    return cell.metadata["slideshow"]["slide_type"]


def sections():
    """Each section or part with a time of its own: when it begins, how long it takes, by what the cell says."""
    found = {}
    for cell in CELLS:
        said = re.search(r"^##+ (.+)\n\n\*\*(\d:\d\d)", cell.source)
        if said:
            minutes = re.search(r"(\d+) minutes", cell.source)
            found[said[2]] = (said[1], int(minutes[1]))
    return found


def scheduled():
    """The same, as the schedule has it: each row of the table for ninety minutes."""
    text = (KIT / "schedules.md").read_text(encoding="utf-8").split("## 90 minutes")[1].split("Total:")[0]
    rows = re.findall(r"^\| (\d:\d\d) \| (\d+) \| (.*?) \| (.+?) \|", text, re.MULTILINE)
    return {begin: (what, int(minutes)) for begin, minutes, _, what in rows}


def test_its_sections_are_the_rows_of_the_schedule():
    rows = scheduled()
    rows.pop("0:00")  # the opening is in the script
    ours = sections()
    assert {begin: minutes for begin, (_, minutes) in ours.items()} == {
        begin: minutes for begin, (_, minutes) in rows.items()
    }
    taught = {begin: what for begin, (what, _) in ours.items() if rows[begin][0] == what}
    assert len(taught) == 7, "the rows that are taught have the names of the sections"


def test_the_exercise_is_that_of_the_first_notebook():
    first = nbformat.read(notebooks.NOTEBOOKS / "01_pdf.ipynb", as_version=4).cells
    stubs = [cell.source for cell in first if "exercise" in cell.metadata.get("tags", [])]
    ours = [cell.source for cell in CELLS if "exercise" in cell.metadata.get("tags", [])]
    assert ours == stubs[:1]


def test_each_cell_says_what_it_is_among_the_slides():
    assert {kind(cell) for cell in CELLS} <= {"slide", "subslide", "fragment", "-", "skip", "notes"}
    assert [kind(cell) == "slide" for cell in CELLS if cell.source.startswith("## ")] == [True] * 9


def test_what_answers_a_guess_comes_with_the_next_key():
    after = [kind(cell) for guess, cell in pairwise(CELLS) if "**Guess first.**" in guess.source]
    assert after == ["fragment"] * 6


def test_nothing_on_a_slide_is_too_long_for_it():
    for cell in CELLS:
        assert len(cell.source.splitlines()) <= 16, cell.source


def test_slides_are_made_of_the_same_cells(tmp_path, monkeypatch):
    pytest.importorskip("nbconvert")
    monkeypatch.setattr(slides, "FOLDER", tmp_path)
    html = slides.write_slides().read_text(encoding="utf-8")
    folded = re.findall(r"<details><summary>Answer</summary>(.*?)</details>", html, re.DOTALL)
    assert folded
    assert all(re.search(r"<strong>[a-d]\)</strong>", answer) for answer in folded)
    assert 'src="images/' not in html
    shown = sum(kind(cell) in ("slide", "subslide") for cell in CELLS)
    assert html.count("<section>") >= shown
    assert "ready:" not in html.split("Ninety minutes", 1)[1], "the set-up is skipped"
    assert "names no page" not in html


def test_the_pages_of_the_kit_are_a_screen_each():
    for name in (
        "invitation",
        "questions",
        "feedback",
        "handout",
        "helpers",
        "slow-room",
        "access-and-online",
    ):
        text = (KIT / f"{name}.md").read_text(encoding="utf-8")
        assert 100 < len(text.split()) <= 380, name
        assert f"({name}.md)" in (KIT / "README.md").read_text(encoding="utf-8")
    answers = re.search(
        r"^Answers: (.+)\.$", (KIT / "questions.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [each[0] for each in answers[1].split(", ")] == list("12345")

"""The teacher's kit: sections that exist, minutes that suffice, demo questions that find what is promised."""

import re

import nbformat
import pytest

from ragkit import doctor
from tools import notebooks, room

KIT = notebooks.ROOT / "instructors"
PAGES = sorted(KIT.glob("0*.md"))
TIMED = ["schedules", "opening-and-closing"]
A_WORD, A_CELL, A_GUESS = 1 / 120, 0.75, 0.5
"""Minutes, as schedules.md says."""


def text_of(name):
    return (KIT / f"{name}.md").read_text(encoding="utf-8")


def tables(name):
    """Each table of times: its heading, its rows as lists of cells, and the total that stands under it."""
    found = []
    for part in re.split(r"^## ", text_of(name), flags=re.MULTILINE)[1:]:
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in part.splitlines()]
        found.append(
            (
                part.splitlines()[0],
                [row for row in rows if row and re.fullmatch(r"\d:\d\d", row[0])],
                int(re.search(r"^Total: (\d+) minutes\.$", part, re.MULTILINE)[1]),
            )
        )
    return found


SCHEDULES = tables("schedules")


def cells_of(name, folder=notebooks.NOTEBOOKS):
    return nbformat.read(folder / f"{name}.ipynb", as_version=4).cells


def counted(name):
    """Minutes of each section of a notebook, by its heading."""
    minutes, section = {}, ""
    for cell in cells_of(name):
        text = re.sub(r"(- \*\*[a-d]\)\*\* .+\n)+\n<details>.*?</details>", "", cell.source, flags=re.DOTALL)
        lines = (
            text.splitlines() if cell.cell_type == "markdown" else []
        )  # choices are in a guess's half minute
        for line in lines:
            section = line.removeprefix("## ") if line.startswith("## ") else section
            new = len(line.split()) * A_WORD + line.count("**Guess first.**") * A_GUESS
            minutes[section] = minutes.get(section, 0) + new
        minutes[section] = minutes.get(section, 0) + (A_CELL if not lines else 0)
    return minutes


def taught():
    """The rows of all schedules that teach from a notebook: schedule, minutes, notebook, what."""
    for heading, rows, _ in SCHEDULES:
        for _, minutes, where, what, _ in rows:
            if where:
                yield pytest.param(
                    int(minutes),
                    re.search(r"notebooks/(\w+)\.ipynb", where)[1],
                    what,
                    id=f"{heading}: {what}",
                )


TAUGHT = list(taught())
SECTIONS = [row for row in TAUGHT if not row.values[2].startswith("exercise")]
EXERCISES = [row for row in TAUGHT if row.values[2].startswith("exercise")]


# Schedules


@pytest.mark.parametrize("name", TIMED)
def test_times_add_up(name):
    for heading, rows, total in tables(name):
        clock = 0
        for time, minutes, *_ in rows:
            hours, past = map(int, time.split(":"))
            assert 60 * hours + past == clock, (heading, time)
            clock += int(minutes)
        assert clock == total, heading


def test_the_schedules_are_as_long_as_they_are_called():
    assert [(heading, total) for heading, _, total in SCHEDULES] == [
        ("90 minutes", 90),
        ("Half a day", 210),
        ("A day", 480),
    ]
    assert [total for *_, total in tables("opening-and-closing")] == [5, 5]


@pytest.mark.parametrize(("minutes", "name", "what"), SECTIONS)
def test_sections_exist_and_fit_into_their_minutes(minutes, name, what):
    sections = counted(name)
    assert [each for each in what.split(" · ") if each not in sections] == []
    assert minutes >= round(sum(sections[each] for each in what.split(" · ")))


@pytest.mark.parametrize(("minutes", "name", "what"), EXERCISES)
def test_exercises_have_the_minutes_of_their_titles(minutes, name, what):
    number, level = re.fullmatch(r"exercise (\d), ([\w-]+)", what).groups()
    cells = cells_of(name, notebooks.NOTEBOOKS / "solutions")
    titles = [cell.source.splitlines()[0] for cell in cells if cell.source.startswith(f"### {number}. ")]
    assert [f"({minutes} min · {level} · " in title for title in titles] == [True], titles


def test_nobody_sits_longer_than_ninety_minutes():
    for heading, rows, _ in SCHEDULES:
        sitting = 0
        for _, minutes, _, what, _ in rows:
            sitting = 0 if what in ("break", "lunch", "own PDFs") else sitting + int(minutes)
            assert sitting <= 90, (heading, what)


def test_the_functions_to_write_are_those_of_the_exercises():
    solutions = "".join(
        cell.source for path in notebooks.solution_paths() for cell in cells_of(path.stem, path.parent)
    )
    written = re.findall(r"write `(\w+)`", text_of("schedules"))
    assert len(written) == len(EXERCISES)
    assert [name for name in written if f"def {name}(" not in solutions] == []


def test_how_minutes_were_counted_is_said():
    said = " ".join(text_of("schedules").split())
    assert f"at {1 / A_WORD:.0f} words a minute, {60 * A_CELL:.0f} seconds for each code cell" in said
    assert f"{60 * A_GUESS:.0f} seconds for each *Guess first*" in said
    assert "Rehearsed by counting, not with people" in said


# Pages


def test_there_is_a_page_a_notebook():
    assert [page.stem for page in PAGES] == [path.stem for path in notebooks.lesson_paths()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_its_parts_and_is_a_page(page):
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "What people get wrong",
        "Demo questions",
        "What breaks live",
    ]
    assert f"(../notebooks/{page.stem}.ipynb)" in text
    assert text.count("**The one idea.**") == 1
    assert len(text.split()) <= 350


@pytest.mark.parametrize("path", sorted(KIT.glob("*.md")), ids=lambda path: path.stem)
def test_links_lead_to_files(path):
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / link).exists(), link


def test_sections_that_pages_name_exist():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        headings = "\n".join(cell.source for cell in cells_of(page.stem) if cell.cell_type == "markdown")
        for named in re.findall(r"(?:Show|Talk about|The table in|Times in) \*(.+?)\*", text, re.IGNORECASE):
            assert re.search(rf"^#+ {re.escape(named)}$", headings, re.MULTILINE), (page.stem, named)


# The room check


def test_the_example_of_the_room_check_is_what_comes(tmp_path):
    shown = re.search(r"room lines\.txt\n(.+?)```", text_of("README"), re.DOTALL)[1].strip()
    rows = re.findall(r"^(\w+) +((?:NOT )?READY) +(ragkit .+)$", shown, re.MULTILINE)
    lines = [f"{name}: {verdict} {facts}" for name, verdict, facts in rows]
    (tmp_path / "lines.txt").write_text("\n".join(reversed(lines)), encoding="utf-8")
    assert len(lines) == 2
    assert room.who_is_ready(tmp_path / "lines.txt") == shown


def test_what_doctor_can_lack_has_its_remedy():
    table = text_of("README").split("| it says | do |")[1]
    named = [
        name for names in re.findall(r"^\| (\w.*?) \|", table, re.MULTILINE) for name in names.split(", ")
    ]
    can_lack = set(doctor._CHECKS) - {*doctor._OPTIONAL, "memory"}  # memory is said, and never a thing to do
    assert sorted(named) == sorted(can_lack)


# Demo questions


def demos(path):
    """The questions of a page: question, method, the page that comes first."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"^- \*(.+?)\*(?: \((\w+)\))? → (pp?\. [\w–]+)\. ", text, re.MULTILINE)
    assert len(found) == len(re.findall(r"→ pp?\. ", text)), "a question that no test asks"
    return found


def pages_found(index, questions):
    from ragkit.show import place

    firsts = [
        index.search(question, 1, method=method or "hybrid").iloc[0] for question, method, _ in questions
    ]
    return [
        (question, method, place(first).split(", ", 1)[1])
        for (question, method, _), first in zip(questions, firsts, strict=True)
    ]


def test_every_page_has_three_demo_questions():
    assert [len(demos(page)) >= 3 for page in PAGES] == [True] * 8
    assert len(demos(KIT / "own-pdfs.md")) >= 3


@pytest.mark.models
@pytest.mark.timeout(900)
def test_demo_questions_find_their_pages(sample_index):
    for page in PAGES:
        assert pages_found(sample_index, demos(page)) == demos(page), page.stem


@pytest.mark.models
@pytest.mark.timeout(900)
def test_a_pdf_of_another_domain_is_found_in_as_promised(shared, tmp_path):
    from ragkit import open_index

    index = open_index(shared / "transformer.pdf", "all-mpnet-base-v2", root=tmp_path)
    questions = demos(KIT / "own-pdfs.md")
    assert f"It makes {len(index)} passages." in text_of("own-pdfs")
    assert pages_found(index, questions) == questions

"""The guesses: choices, one of them right, folds; counted for a reader, for a room, and by the page's script."""

import nbformat
import pytest
from browser import Browser, needs_browser
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from ragkit import show
from ragkit.notice import BadParameter
from ragkit.show.guesses import guesses_of
from tools import __main__ as tools
from tools import html
from tools import notebooks as notebooks_module
from tools.notebooks import NOTEBOOKS, notebook_paths

NAMES = [path.stem for path in notebook_paths()]
TOY = """# 01 · Toy

**Guess first.** {question}

- **a)** the first
- **b)** the *second*

<details><summary>Answer</summary>

**b)** As `it` is.

</details>"""


def cells_of(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells


def folded(cell):
    return cell.metadata.get("jupyter", {}).get("outputs_hidden", False)


@pytest.mark.parametrize("name", NAMES)
def test_every_guess_has_choices_of_which_one_is_right(name):
    guesses = guesses_of(NOTEBOOKS / f"{name}.ipynb")
    text = "".join(cell.source for cell in cells_of(name) if cell.cell_type == "markdown")
    assert len(guesses) == text.lower().count("guess first") >= 5
    for guess in guesses:
        assert 2 <= len(guess.choices) <= 4
        assert list(guess.choices) == list("abcd")[: len(guess.choices)]
        assert guess.right in guess.choices
        assert len(set(guess.choices.values())) == len(guess.choices)
        assert len(guess.why.split()) <= 45


def test_no_letter_is_right_too_often():
    right = [guess.right for path in notebook_paths() for guess in guesses_of(path)]
    assert all(right.count(letter) < len(right) / 2 for letter in "abcd")


@pytest.mark.parametrize("name", NAMES)
def test_what_answers_a_guess_is_folded_and_nothing_else(name):
    last, answers = None, {}
    for cell in cells_of(name):
        if "**Guess first.**" in cell.source:
            last, answers[cell.id] = cell.id, []
        if folded(cell):
            assert last, "an output is folded, and no guess is before it"
            assert cell.cell_type == "code"
            assert cell.outputs, cell.source
            answers[last].append(cell.id)
    open_ones = [guess for guess, outputs in answers.items() if not outputs]
    assert open_ones == {"06_generate": ["06-015"]}.get(name, [])  # no output shows how often a loop reads


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_counts_its_own_guesses(name):
    (cell,) = [cell for cell in cells_of(name) if "show.guessed(" in cell.source]
    assert cell.source == f'show.guessed("{name}.ipynb", "")'


@pytest.fixture
def toy(tmp_path):
    """A notebook with two guesses, of which the first has an output, and one output is nobody's answer."""
    path = tmp_path / "notebooks" / "01_toy.ipynb"
    path.parent.mkdir()
    answer = new_code_cell("1", outputs=[new_output("stream", text="the answer")])
    answer.metadata["jupyter"] = {"outputs_hidden": True}
    other = new_code_cell("2", outputs=[new_output("stream", text="something else")])
    cells = [
        new_markdown_cell(TOY.format(question="Which?")), answer, other,
        new_markdown_cell(TOY.format(question="And now?")), new_markdown_cell("### Your guesses\n\nType."),
        new_code_cell("3"),
    ]  # fmt: skip
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_a_reader_is_told_what_was_right_what_was_not_and_a_line_to_send(toy):
    said = repr(show.guessed(toy, "B a"))
    assert said.splitlines() == [
        "You guessed 1 of 2. Surprising:", "2. And now? b) the *second*", "For your teacher: guesses 01_toy ba",
    ]  # fmt: skip
    assert repr(show.guessed(toy, "-b")).startswith("You guessed 1 of 2.\nFor your")
    assert repr(show.guessed(toy, "")) == "2 guesses: put your letters between the quotation marks."


@pytest.mark.parametrize(
    ("letters", "why"), [("b", "2 guesses here, and 1"), ("bc", "Guess 2 has a, b or -")]
)
def test_letters_that_cannot_be_are_refused(toy, letters, why):
    with pytest.raises(BadParameter, match=why):
        show.guessed(toy, letters)


def test_what_is_no_notebook_is_refused(tmp_path):
    with pytest.raises(BadParameter, match=r"gone\.ipynb is no notebook"):
        show.guessed(tmp_path / "gone.ipynb", "a")


def test_a_room_sees_how_many_took_each_choice(toy, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(notebooks_module, "NOTEBOOKS", toy.parent)
    lines = tmp_path / "lines.txt"
    lines.write_text(
        "Ana: guesses 01_toy ab\nBen: guesses 01_toy -b\nAna: guesses 01_toy bb\nCem - guesses 01_toy ab\nhello\n"
    )
    assert tools.main(["guesses", str(lines)]) == 0
    first, one, two, most = capsys.readouterr().out.splitlines()
    assert first == "01_toy, 3 sent"
    assert one.split() == ["1", "a", "1", "b*", "1", "Which?"]
    assert two.split() == ["2", "a", "0", "b*", "3", "And", "now?"]
    assert most == "Most were surprised by 1 (50% took another)"


@pytest.mark.parametrize(
    ("text", "why"), [("Ana: guesses 01_toy abb", "and the line 3"), ("hi", "no line such as")]
)
def test_lines_that_tell_nothing_are_refused(toy, tmp_path, monkeypatch, capsys, text, why):
    monkeypatch.setattr(notebooks_module, "NOTEBOOKS", toy.parent)
    (tmp_path / "lines.txt").write_text(text)
    assert tools.main(["guesses", str(tmp_path / "lines.txt")]) == 1
    assert why in capsys.readouterr().err


@pytest.fixture
def tab(toy, tmp_path, monkeypatch):
    """The toy's page of the HTML edition, in a browser."""
    (tmp_path / "README.md").write_text("# Read\n\nme", encoding="utf-8")
    for module in (html, notebooks_module):
        monkeypatch.setattr(module, "ROOT", tmp_path)
        monkeypatch.setattr(module, "NOTEBOOKS", toy.parent)
    page = html.write_edition().parent / "01_toy.html"
    browser = Browser(tmp_path / "profile")
    yield browser.open(page.as_uri())
    browser.close()


def visible(tab, text):
    return text in tab.text("main")


@needs_browser
def test_a_choice_unfolds_the_answer_and_is_counted_and_kept(tab):
    tab.wait("document.querySelectorAll('.choices').length === 2")
    assert visible(tab, "something else")
    assert not visible(tab, "the answer")
    assert not visible(tab, "As it is.")
    assert visible(tab, "You guessed 0 of 2 here")
    tab.click("document.querySelector('.choices [data-letter=b]')")
    assert visible(tab, "the answer")
    assert visible(tab, "Right. As it is.")
    assert visible(tab, "You guessed 1 of 2 here")
    tab.click("document.querySelectorAll('.choices')[1].querySelector('[data-letter=a]')")
    tab.click("document.querySelectorAll('.choices')[1].querySelector('[data-letter=b]')")  # too late
    assert visible(tab, "No, b). As it is.")
    assert visible(tab, "guesses 01_toy ba")
    tab.send("Page.reload")
    tab.wait("document.querySelector('.tally')?.innerText.includes('You guessed 1 of 2 here')")
    assert visible(tab, "the answer")
    assert [each for each in tab.requests() if not each.startswith("file:")] == []


@needs_browser
def test_by_keyboard_a_guess_can_be_taken_or_left_and_paper_shows_all(tab):
    tab.wait("document.querySelectorAll('.choices').length === 2")
    tab.send("Emulation.setEmulatedMedia", media="print")
    assert visible(tab, "the answer")
    assert not visible(tab, "show it")
    tab.send("Emulation.setEmulatedMedia", media="screen")
    tab.run("document.querySelector('.choices .skip').focus()")
    tab.press(" ")
    assert visible(tab, "It is b). As it is.")
    assert visible(tab, "You guessed 0 of 2 here")
    assert tab.run("document.activeElement.dataset.letter") == "a"

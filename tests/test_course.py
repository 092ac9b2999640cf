"""Running the notebooks: one line each, the answer at the end, a failure that keeps what was done."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from ragkit import commands, doctor, models
from ragkit.answer import Answer
from ragkit.notice import PDFNotFound, RagkitError
from tools import __main__ as tools
from tools import notebooks as notebooks_module
from tools import report
from tools import run as course


@pytest.fixture
def house(tmp_path, monkeypatch, fake_models):
    """A course of two tiny notebooks."""
    notebooks = tmp_path / "notebooks"
    (notebooks / "images").mkdir(parents=True)
    (notebooks / "images" / "a.svg").write_text("<svg/>", encoding="utf-8")
    folded = (
        "# 01 · PDF & pages\n\n![a](images/a.svg)\n\n<details><summary>Hint</summary>\n\nSo.\n\n</details>"
    )
    write(
        notebooks / "01_pdf.ipynb",
        [new_markdown_cell(folded), parameters_cell(), new_code_cell("# no title\nprint(PDF)")],
    )
    answer = new_code_cell("QUESTION", metadata={"tags": ["answer"]})
    write(notebooks / "06_generate.ipynb", [parameters_cell(), answer])
    for module in (course, notebooks_module):
        monkeypatch.setattr(module, "ROOT", tmp_path)
        monkeypatch.setattr(module, "NOTEBOOKS", notebooks)
    return tmp_path


def parameters_cell():
    return new_code_cell('PDF = ""  # a path\nQUESTION = ""  # in words', metadata={"tags": ["parameters"]})


def write(path, cells):
    nbformat.write(
        new_notebook(
            cells=cells,
            metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
        ),
        path,
    )


def test_a_run_says_a_line_each_and_ends_with_the_answer(house, pdf, capsys):
    assert course.run_course(str(pdf), "Why lemons?") == 0
    out = capsys.readouterr().out
    assert [out.count(name) for name in ("01_pdf", "06_generate", "'Why lemons?'", "report.html")] == [
        1,
        1,
        1,
        1,
    ]
    (folder,) = (house / "runs").iterdir()
    assert folder.name.startswith("paper-")
    assert sorted(path.name for path in folder.iterdir()) == [
        "01_pdf.ipynb",
        "06_generate.ipynb",
        "images",
        "report.html",
    ]
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert str(pdf) in report
    assert "images/a.svg" not in report.split("<body")[1]
    assert "<script" not in report
    assert "<details><summary>Hint" in report


def test_without_a_question_the_notebooks_ask_their_own(house, pdf, monkeypatch):
    monkeypatch.setattr(course, "SAMPLE", pdf)
    assert course.run_course() == 0
    (folder,) = (house / "runs").iterdir()
    cells = nbformat.read(folder / "06_generate.ipynb", as_version=4).cells
    injected = [cell.source for cell in cells if "injected-parameters" in cell.metadata.get("tags", [])]
    assert "PDF" in injected[0]
    assert "QUESTION" not in injected[0]


def test_the_question_on_the_last_screen_is_that_of_the_last_notebook():
    cells = nbformat.read(notebooks_module.step_paths()[-1], as_version=4).cells
    (parameters,) = [cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    assert f'QUESTION = "{course.SAMPLE_QUESTION}"' in parameters


@pytest.fixture
def written(house):
    """The report of two notebooks with outputs, as text."""
    html = new_output("display_data", {"text/html": "<p>Lemons <b>cure</b> it.</p>", "text/plain": "Lemons."})
    answer = new_code_cell("ask()", outputs=[html], metadata={"tags": ["answer"]})
    write(house / "06_generate.ipynb", [new_code_cell("# a comment"), answer])
    paths = [house / "notebooks" / "01_pdf.ipynb", house / "06_generate.ipynb"]
    path = report.write_report(paths, house / "notebooks" / "report.html", "a <b> question")
    return path.read_text(encoding="utf-8")


def test_a_report_begins_with_the_answer_then_has_the_steps_and_then_the_notebooks_folded(written):
    body = written[written.index("<body") :]
    places = [
        body.index(text)
        for text in (
            "<p>Lemons <b>cure</b> it.</p>", "How it was found, step by step",
            '<a href="#01_pdf">01 · PDF &amp; pages</a>',
            '<a href="#06_generate">06_generate</a>', '<details id="01_pdf"><summary>01 · PDF &amp; pages</summary>',
            "<details><summary>Hint", '<details id="06_generate"><summary>06_generate</summary>',
        )
    ]  # fmt: skip
    assert places == sorted(places)
    before = re.sub(r"<[^>]*>", "", body[body.index(">") + 1 : places[0]])
    assert before.strip() == ""
    assert "<details open" not in body
    assert body.count("</body>") == written.count("</html>") == 1


def test_a_report_needs_no_script_and_no_other_file(written):
    assert "<script" not in written
    needed = re.findall(r"<(?:img|link|iframe|object)\b[^>]*?(?:src|href)=\"([^\"]*)", written)
    assert any(address.startswith("data:image/svg+xml") for address in needed)
    assert all(address.startswith("data:") for address in needed)
    assert not re.search(r"url\([\"']?https?:|@import", written)
    assert "<title>a &lt;b&gt; question</title>" in written


def test_an_answer_without_html_is_shown_as_text(house):
    text = new_output("display_data", {"text/plain": "Lemons & <b>."})
    write(house / "06_generate.ipynb", [new_code_cell("1", outputs=[text], metadata={"tags": ["answer"]})])
    assert report.answer_text(house / "06_generate.ipynb") == "Lemons & <b>."
    html = report.answer_output(house / "06_generate.ipynb")["text/html"]
    assert html == "<pre>Lemons &amp; &lt;b&gt;.</pre>"


def test_without_a_question_it_asks_what_the_document_is_about(house, pdf, capsys):
    course.run_course(str(pdf))
    assert "What is this document about?" in capsys.readouterr().out


def test_a_notebook_that_fails_is_named_and_those_before_are_kept(house, pdf, capsys):
    write(
        house / "notebooks" / "02_chunk.ipynb",
        [new_code_cell('PDF = ""', metadata={"tags": ["parameters"]}), new_code_cell("1 / 0")],
    )
    assert course.run_course(str(pdf), "Why?") == 1
    out = capsys.readouterr().out
    assert "ZeroDivisionError: division by zero" in out
    assert "06_generate" not in out
    (folder,) = (house / "runs").iterdir()
    assert (folder / "01_pdf.ipynb").exists()


def test_a_missing_pdf_is_said_before_anything_runs(house, capsys):
    with pytest.raises(PDFNotFound):
        course.run_course(str(house / "missing.pdf"))
    assert not (house / "runs").exists()


def test_an_edited_notebook_without_an_answer_cell(house):
    with pytest.raises(RagkitError, match="no cell tagged 'answer'"):
        report.answer_text(house / "notebooks" / "01_pdf.ipynb")


def test_render_executes_in_place(house, capsys):
    notebooks_module.render()
    cells = nbformat.read(house / "notebooks" / "01_pdf.ipynb", as_version=4).cells
    assert [cell.get("execution_count") for cell in cells] == [None, 1, 2]
    assert "01_pdf.ipynb" in capsys.readouterr().out


def test_what_is_rendered_does_not_depend_on_what_was_kept_before(house, monkeypatch):
    monkeypatch.setenv("RAGKIT_ARTIFACTS", str(house))  # not empty
    cell = new_code_cell(
        "from ragkit.workspace import artifacts_root\nprint([*artifacts_root(None).iterdir()])"
    )
    write(house / "notebooks" / "01_pdf.ipynb", [cell])
    notebooks_module.render()
    rendered = nbformat.read(house / "notebooks" / "01_pdf.ipynb", as_version=4).cells[0]
    assert rendered.outputs[0].text == "[]\n"


def test_what_differs_between_runs_is_left_out():
    outputs = [
        new_output("stream", name="stderr", text="10%"),
        new_output("stream", name="stdout", text="kept"),
    ]
    cell = new_code_cell("1", outputs=outputs, metadata={"execution": {"started": "now"}, "tags": ["a"]})
    notebook = notebooks_module.without_noise(new_notebook(cells=[cell], metadata={"widgets": {}}))
    assert [output.text for output in cell.outputs] == ["kept"]
    assert dict(cell.metadata) == {"tags": ["a"]}
    assert "widgets" not in notebook.metadata


def test_the_sample_is_there():
    assert course.SAMPLE.is_file()


@pytest.mark.parametrize(
    ("arguments", "called"),
    [
        (["run", "a.pdf", "Why?"], ("run", ("a.pdf", "Why?"))),
        (["run"], ("run", ("", ""))),
        (["notebooks"], ("render", ())),
    ],
)
def test_commands(monkeypatch, arguments, called):
    calls = []
    monkeypatch.setattr(
        course, "run_course", lambda pdf, question: calls.append(("run", (pdf, question))) or 0
    )
    monkeypatch.setattr(notebooks_module, "render", lambda: calls.append(("render", ())))
    assert tools.main(arguments) == 0
    assert calls == [called]


def test_several_pdfs_are_asked_and_a_question_without_quotation_marks_is_told(monkeypatch, tmp_path, capsys):
    asked, answer = [], Answer("", 0, 0, 0, 0, "refused")
    monkeypatch.setattr(
        "ragkit.generate.ask",
        lambda question, pdf: asked.append((question, pdf)) or answer,
    )
    files = [str(tmp_path / name) for name in ("a.pdf", "b.pdf")]
    for file in files:
        Path(file).touch()
    assert commands.main(["ask", *files, "Who signed it?"]) == 0
    assert commands.main(["ask", files[0], "who", "signed", "it?"]) == 1
    assert asked == [("Who signed it?", files)]
    assert "Put the question in quotation marks" in capsys.readouterr().err
    assert commands.main(["ask", files[0]]) == 1
    assert f'ragkit ask {files[0]} "What is' in capsys.readouterr().err


def test_a_named_error_is_one_line_and_status_1(monkeypatch, capsys):
    def missing(*_, **__):
        raise PDFNotFound("a.pdf: no such file.")

    monkeypatch.setattr(course, "run_course", missing)
    assert tools.main(["run", "a.pdf"]) == 1
    assert capsys.readouterr().err == "PDFNotFound: a.pdf: no such file.\n"


def test_doctor_and_models_print(monkeypatch, capsys):
    fetched = []
    monkeypatch.setattr(doctor, "examine", lambda: "all well\nREADY")
    monkeypatch.setattr(models, "fetch_model", lambda name=None, **_: fetched.append(name))
    assert commands.main(["doctor"]) == 0
    commands.main(["models", "--quiet"])
    assert capsys.readouterr().out == "all well\nREADY\n"
    monkeypatch.setattr(doctor, "examine", lambda: "NOT READY")
    assert commands.main(["doctor"]) == 1
    assert fetched == [name for name in models.COURSE_MODELS if name != models.DEFAULT_LLM] + [None]

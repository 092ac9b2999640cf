"""What holds for every notebook, read from the files: nbval executes them, this looks at how they are made."""

import ast
import re
import statistics
from pathlib import Path

import nbformat
import pytest

from ragkit.show import pipeline_svg
from tools.notebooks import NOTEBOOKS, notebook_paths

NAMES = [
    "01_pdf", "02_chunk", "03_embed", "04_search", "05_prompt", "06_generate", "07_evaluate", "08_library",
]  # fmt: skip
ALL = ["00_workshop", *NAMES]
HEADINGS = [
    "You will be able to", "Before you start", "Save", "Check yourself", "Exercises", "With your own PDF", "Key points",
]  # fmt: skip
FORBIDDEN = {
    "an install command": r"\bpip install\b|\bconda install\b",
    "a path hack": r"\bsys\.path\b",
    "a star import": r"^from \S+ import \*",
    "a magic or shell line": r"^\s*[%!]",
    "a home path": r"(?<!\w)(/home/|/root/|/Users/|C:\\\\)",
}


def notebook(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def code_cells(name):
    return [cell for cell in notebook(name).cells if cell.cell_type == "code"]


def markdown(name):
    return "\n".join(cell.source for cell in notebook(name).cells if cell.cell_type == "markdown")


def tags(cell):
    return cell.metadata.get("tags", [])


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


def test_all_are_there():
    assert [path.stem for path in notebook_paths()] == ALL


@pytest.mark.parametrize("name", ALL)
def test_valid_and_executed_top_to_bottom(name):
    nbformat.validate(notebook(name))
    assert [cell.execution_count for cell in code_cells(name)] == list(range(1, len(code_cells(name)) + 1))


@pytest.mark.parametrize("name", ALL)
def test_stored_outputs_are_clean(name):
    for cell in code_cells(name):
        for output in cell.outputs:
            assert output.get("name") != "stderr", cell.source
            assert output.output_type != "error" or "raises-exception" in tags(cell), cell.source
            text = output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
            assert not re.search(r"0x[0-9a-f]{8,}|/root/|/home/|/Users/|/tmp/|/work/", text), text


@pytest.mark.parametrize("name", ALL)
def test_one_parameters_cell_of_commented_literals(name):
    (cell,) = [cell for cell in code_cells(name) if "parameters" in tags(cell)]
    for statement in ast.parse(cell.source).body:
        assert isinstance(statement, ast.Assign)
        ast.literal_eval(statement.value)
    assert all("#" in line for line in lines(cell))
    assert "PDF" in cell.source


@pytest.mark.parametrize("name", ALL)
def test_code_cells_are_small_and_parse(name):
    sizes = [len(lines(cell)) for cell in code_cells(name)]
    assert statistics.median(sizes) <= 6
    assert max(sizes) <= 30
    for cell in code_cells(name):
        ast.parse(cell.source)
        assert all(len(line) <= 88 for line in lines(cell)), cell.source


@pytest.mark.parametrize("what", FORBIDDEN)
@pytest.mark.parametrize("name", ALL)
def test_nothing_that_has_no_place_in_a_lesson(name, what):
    for cell in code_cells(name):
        assert not re.search(FORBIDDEN[what], cell.source, re.MULTILINE), cell.source


@pytest.mark.parametrize("name", NAMES)
def test_the_anatomy(name):
    text = markdown(name)
    assert re.match(rf"# {name[:2]} · ", text)
    found = re.findall(r"^## (.+)$", text, re.MULTILINE)
    places = [
        next((i for i, title in enumerate(found) if title.startswith(heading)), None) for heading in HEADINGS
    ]
    assert None not in places, dict(zip(HEADINGS, places, strict=True))
    assert places == sorted(places)
    assert text.count("<details>") >= 6, "three answers and three hints at least"
    assert sum("exercise" in tags(cell) for cell in code_cells(name)) == 3


def test_every_third_notebook_ends_with_a_capstone_of_ten_points():
    for name in NAMES:
        _, _, capstone = markdown(name).partition("\n## Capstone: your own ")
        points = map(int, re.findall(r"^\| (\d+) \|", capstone, re.MULTILINE))
        assert sum(points) == (10 if name in ("03_embed", "06_generate", "08_library") else 0), name
        mark = r"^\*\d+ min · (easy|medium|hard) · (core|extra)\.\*"
        assert not capstone or re.search(mark, capstone, re.MULTILINE), name


@pytest.mark.parametrize("name", ALL)
def test_images_are_local_and_described(name):
    images = re.findall(r"!\[(.*?)\]\((.*?)\)", markdown(name))
    assert images
    for alt, target in images:
        assert len(alt) > 20
        assert (NOTEBOOKS / target).is_file()
    assert not re.search(r"<img|https?://\S+\.(png|jpg|gif|svg)", markdown(name))


@pytest.mark.parametrize("name", NAMES)
def test_links_to_files_lead_somewhere(name):
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)[^)]*\)", markdown(name)):
        if not target.startswith("http"):
            assert (NOTEBOOKS / target).exists(), target
    if name != NAMES[-1]:
        assert f"({NAMES[NAMES.index(name) + 1]}.ipynb)" in markdown(name)


@pytest.mark.parametrize("name", ALL)
def test_randomness_is_seeded(name):
    source = "\n".join(cell.source for cell in code_cells(name))
    assert not re.search(r"default_rng\(\)|np\.random\.(rand|randn|randint|choice|shuffle)\(", source)
    if re.search(r"\brandom\.(sample|choice|shuffle)\(", source):
        assert "random.seed(" in source


def test_the_picture_over_all_steps_is_what_the_function_draws():
    drawn = (NOTEBOOKS / "images" / "pipeline-00.svg").read_text(encoding="utf-8")
    assert drawn == pipeline_svg(0), "write show.pipeline_svg(0) to pipeline-00.svg"


def test_notebooks_stay_small():
    assert max(Path(path).stat().st_size for path in notebook_paths()) < 1_500_000


def test_most_cells_are_compared():
    for name in ALL:
        cells = code_cells(name)
        most = 0.6 if name == "06_generate" else 0.5  # what a language model writes differs between devices
        assert sum("nbval-ignore-output" in tags(cell) for cell in cells) < len(cells) * most

"""What holds for the documentation: its links, the glossary, and the messages that it quotes."""

import ast
import functools
import re
from pathlib import Path

import pytest

from ragkit import notice

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
NOTEBOOKS = {path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")}
LEAST_FIXED = 14
"""Characters that a message has to have in common with the source; fewer are in many."""


def read(path):
    return path.read_text(encoding="utf-8")


# Links


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#\s]*)", read(page)):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_the_readme_leads_to_the_pages_that_readers_look_things_up_in():
    assert {"docs/glossary.md", "docs/troubleshooting.md"} <= set(
        re.findall(r"\]\((docs/\w+\.md)", read(ROOT / "README.md"))
    )


# The glossary


def entries():
    text = read(ROOT / "docs" / "glossary.md")
    return re.findall(r"^- (?:<a id=.+?></a>)\*\*(.+?)\*\*: (.+?)(?=^- |\Z)", text, re.MULTILINE | re.DOTALL)


def test_each_term_stands_once_in_the_order_of_the_alphabet():
    terms = [term.lower() for term, _ in entries()]
    assert len(terms) == read(ROOT / "docs" / "glossary.md").count("**") / 2
    assert terms == sorted(set(terms))
    assert len(terms) >= 40


@pytest.mark.parametrize(("term", "text"), entries(), ids=[term for term, _ in entries()])
def test_a_term_is_explained_in_a_few_words_with_its_notebook(term, text):
    linked = re.findall(r"\[(\d\d)\]\(\.\./notebooks/(.+?)\)", text)
    assert linked
    for number, name in linked:
        assert name in NOTEBOOKS
        assert name.startswith(f"{number}_")
    assert len(re.sub(r"\(\[.+?\)\)", "", text).split()) <= 50, term


# The messages


def quoted(kind):
    return re.findall(rf"^```{kind}\n(.+?)\n```$", read(ROOT / "docs" / "troubleshooting.md"), re.M | re.S)


def pattern_of(node):
    """Regular expression of a text in the source, and its fixed characters: what is filled in may be anything."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    fixed = [part.value if isinstance(part, ast.Constant) else None for part in parts]
    pattern = "".join(".*?" if text is None else re.escape(text) for text in fixed)
    return pattern, sum(len(text.strip()) for text in fixed if text)


@functools.cache
def messages():
    """Regular expressions of all texts in ragkit's source that are long enough to be told apart."""
    trees = [ast.parse(read(path)) for path in (ROOT / "ragkit").rglob("*.py")]
    texts = [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    ]
    patterns = map(pattern_of, texts)
    return [re.compile(pattern, re.DOTALL) for pattern, fixed in patterns if fixed >= LEAST_FIXED]


@pytest.mark.parametrize("message", quoted("text"), ids=lambda message: message[:40])
def test_ragkit_can_still_say_what_is_quoted(message):
    name, _, said = message.partition(": ")
    assert issubclass(getattr(notice, name), notice.RagkitError)
    assert any(pattern.fullmatch(said) for pattern in messages()), said


def test_a_quotation_with_another_word_is_noticed():
    message = quoted("text")[0].partition(": ")[2]
    assert not any(pattern.fullmatch(message.replace("There is", "There was")) for pattern in messages())


def test_the_message_of_the_makefile_is_still_its_own():
    (line,) = [text for text in quoted("console") if "Python 3.11" in text]
    said = re.split(r"\d+\.\d+\.\d+|python3\.\d+ run", line)
    assert len(said) == 3
    assert all(part in read(ROOT / "Makefile") for part in said)

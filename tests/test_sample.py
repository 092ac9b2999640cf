"""The sample PDF: what the script makes of the Markdown, and the questions that it answers."""

import hashlib
import json
import re
import runpy
from collections import Counter
from pathlib import Path

import pymupdf
import pytest

DATA = Path(__file__).parents[1] / "notebooks" / "data"
PDF = DATA / "nutrition-primer.pdf"
QUESTIONS = [json.loads(line) for line in (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
ANSWERED = [q for q in QUESTIONS if q["answer"] is not None]
UNANSWERED = {
    "u01": "australia",
    "u02": "bicycle",
    "u03": "opera",
    "u04": "aspartame",
    "u05": "gout",
    "u06": "ketogenic",
}
ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]
PLAIN = pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_PRESERVE_LIGATURES
BODY = pymupdf.Rect(0, 52, 432, 600)  # points: between the running head and the printed page number


@pytest.fixture(scope="module")
def document():
    with pymupdf.open(PDF) as opened:
        yield opened


@pytest.fixture(scope="module")
def footers(document):
    """Index of a page -> what is printed in its footer; pages without one are left out."""
    found = {page.number: page.get_text(clip=pymupdf.Rect(0, 600, 432, 648)).strip() for page in document}
    return {index: text for index, text in found.items() if text}


@pytest.fixture(scope="module")
def script():
    """The names in build_primer.py."""
    pytest.importorskip("reportlab", reason="the sample PDF is set with reportlab (extra: dev)")
    pytest.importorskip("pyphen", reason="the sample PDF is hyphenated with pyphen (extra: dev)")
    return runpy.run_path(str(DATA / "build_primer.py"))


@pytest.fixture(scope="module")
def rebuilt(script, tmp_path_factory):
    output = tmp_path_factory.mktemp("sample") / "primer.pdf"
    script["build"](output)
    return output


def digests(path):
    """What is in a PDF, object by object, whatever the zlib that packed it."""
    with pymupdf.open(path) as opened:
        return [
            (
                re.sub(r"/Length1? \d+( 0 R)?", "", opened.xref_object(x)),
                hashlib.sha256(opened.xref_stream(x) or b"").hexdigest(),
            )
            for x in range(1, opened.xref_length())
        ]


def readings(page):
    """The text of a page with its line-end hyphens dropped, and kept."""
    text = page.get_text(flags=PLAIN)
    return [" ".join(text.replace("-\n", hyphen).split()) for hyphen in ("", "-")]


def test_rebuilding_gives_the_committed_file(rebuilt):
    same = rebuilt.read_bytes() == PDF.read_bytes()
    assert same or digests(rebuilt) == digests(PDF)  # another zlib packs the same contents otherwise


def test_a_compound_keeps_its_hyphen_when_its_paragraph_is_divided(script):
    script["register_fonts"]()
    script["mend_reportlab"]()
    paragraph = script["Paragraph"]("<b>Oil.</b> " + "two-thirds " * 20, script["BODY"])
    rest = paragraph.split(70, 40)[1]
    text = " ".join(piece.text for line in rest.breakLines(70).lines for piece in line.words)
    assert "two-" in text
    assert "twothirds" not in text


def test_size_and_kinds_of_pages(document):
    lengths = [len(page.get_text().strip()) for page in document]
    assert 40 <= len(lengths) <= 60
    assert 0 in lengths  # a blank page
    assert any(0 < length < 40 for length in lengths)  # a page with one line on it


def test_has_what_makes_a_pdf_hard_to_read(document):
    text = "".join(page.get_text() for page in document)
    assert sum(text.count(sign) for sign in "ﬀﬁﬂﬃﬄ") >= 200
    assert len(re.findall(r"\w-\n", text)) >= 100
    assert re.search(r"(fat|low|well|water|alpha|one|iron)-\n", text)  # a compound's own hyphen at a line end
    assert len(re.findall(r"^Table \d\.\d\.", text, re.MULTILINE)) >= 5
    assert len(re.findall(r"^Figure \d\.\d\.", text, re.MULTILINE)) >= 2


def test_no_page_labels_but_bookmarks(document):
    assert document.xref_get_key(document.pdf_catalog(), "PageLabels") == ("null", "null")
    assert {page.get_label() for page in document} == {""}
    chapters = [title for level, title, _ in document.get_toc() if level == 1 and title[0].isdigit()]
    assert [title[0] for title in chapters] == list("123456789")


def test_footers_are_roman_then_arabic(footers, document):
    first = next(index for index, text in footers.items() if text == "1")
    assert first % 2 == 0  # chapter 1 begins on a right-hand page
    for index, text in footers.items():
        assert text == (ROMAN[index] if index < first else str(index - first + 1))
    assert sum(index < first for index in footers) >= 4
    assert len(footers) >= document.page_count - 7  # title, licence, dividers and blank pages have none


def test_contents_and_bookmarks_agree_with_the_footers(footers, document):
    contents = " ".join(readings(document[index])[1] for index in (2, 3))
    for _, title, page in document.get_toc():
        if page - 1 in footers:
            name = re.escape(" ".join(title.split()))
            assert re.search(rf"{name}( \.)* {footers[page - 1]}\b", contents), title


def test_licence_is_named(document):
    text = " ".join(document[1].get_text().split())
    assert "Creative Commons Attribution 4.0" in text
    assert "CC BY 4.0" in text


def test_no_word_is_lost_between_markdown_and_pdf(document):
    sources = sorted((DATA / "nutrition-primer").glob("*.md"))
    lines = [
        line
        for path in sources
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith((":::", "# Copyright"))
    ]
    words = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
    written = Counter(words.findall(re.sub(r"\(figure:.*?\)|[*|#]", " ", "\n".join(lines))))
    body = "\n".join(page.get_text(clip=BODY, flags=PLAIN).strip() for page in document if page.get_text())
    printed = [Counter(words.findall(body.replace("-\n", hyphen))) for hyphen in ("", "-")]
    assert [word for word in written if not any(count[word] for count in printed)] == []
    run_together = {word.replace("-", "") for word in written if "-" in word} - set(written)
    assert not run_together & set(words.findall(body))  # "twothirds"


def test_questions_are_well_formed():
    assert [q["id"] for q in QUESTIONS] == [f"q{i:02d}" for i in range(1, 31)] + list(UNANSWERED)
    for question in QUESTIONS:
        assert list(question) == ["id", "question", "answer", "keywords", "pages", "type"]
        assert question["question"].endswith("?")
    kinds = Counter(q["type"] for q in QUESTIONS)
    assert set(kinds) == {"fact", "paraphrase", "number", "why", "table", "off-topic", "near-topic"}
    assert kinds["paraphrase"] >= 6
    assert kinds["off-topic"] == kinds["near-topic"] == 3


def test_questions_cover_the_front_matter_and_every_chapter(document, footers):
    starts = [page - 1 for level, title, page in document.get_toc() if level == 1 and title[0].isdigit()]
    index_of = {text: index for index, text in footers.items()}
    pages = [index_of[page] for q in ANSWERED for page in q["pages"]]
    assert {sum(start <= index for start in starts) for index in pages} == set(range(10))


@pytest.mark.parametrize("question", ANSWERED, ids=lambda q: q["id"])
def test_keywords_are_in_the_answer_and_on_its_pages(question, document, footers):
    assert 2 <= len(question["keywords"]) <= 4
    assert all(keyword in question["answer"] for keyword in question["keywords"])
    holding = [
        printed
        for index, printed in footers.items()
        if all(any(k in text for text in readings(document[index])) for k in question["keywords"])
    ]
    assert question["pages"] == holding
    assert holding


@pytest.mark.parametrize("question", QUESTIONS[30:], ids=lambda q: q["id"])
def test_the_primer_does_not_answer(question, document):
    topic = UNANSWERED[question["id"]]
    assert topic in question["question"].lower()
    assert (question["answer"], question["keywords"], question["pages"]) == (None, [], [])
    assert not any(re.search(rf"\b{topic}", text.lower()) for page in document for text in readings(page))

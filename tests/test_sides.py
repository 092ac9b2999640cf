"""What stands side by side on a page: two book pages, narrow columns, signatures."""

import pytest
from made_pdfs import distinct, make_pdf

from ragkit.pdf import read_pdf

pytestmark = pytest.mark.usefixtures("quick_models")

SHEET = (842, 595)


@pytest.fixture
def read(tmp_path):
    """The pages of a made PDF, and its report."""

    def made(*pages, **how):
        pages = read_pdf(make_pdf(tmp_path / "made.pdf", *pages, **how))
        return pages, pages.attrs["report"]["made.pdf"]

    return made


# --- two book pages on one sheet ---


def sheet(left, right, words=("left page", "right page"), across=""):
    """Two pages of a book: their numbers below them, their lines written in turns."""

    def draw(page):
        page.insert_text((300, 60), across, fontsize=10)
        for i in range(4):
            for x, word in zip((60, 480), words, strict=True):
                page.insert_text((x, 100 + 14 * i), f"{word} with line {i} of text", fontsize=10)
        for x, number in ((200, left), (620, right)):
            page.insert_text((x, 560), str(number), fontsize=9)

    return draw


def test_a_sheet_of_two_book_pages_has_both_their_numbers_and_is_read_half_by_half(read):
    pages, report = read(*[sheet(n, n + 1) for n in (12, 14, 16, 18)], size=SHEET)
    assert list(pages["label"]) == ["12–13", "14–15", "16–17", "18–19"]
    assert report["label_rule"] == "footer, two pages a sheet"
    assert report["label_reason"].startswith("4 of 4 sheets print the numbers of two pages of a book")
    assert report["taken_out"] == {"#": [0, 1, 2, 3]}
    lines = [f"{side} page with line {i} of text" for side in ("left", "right") for i in range(4)]
    assert " ".join(pages["text"][0].split()) == " ".join(lines)


def test_a_sheet_without_numbers_among_them_takes_its_own(read):
    blank = sheet("", "", across="A map that goes over the middle of both of the pages of the book")
    pages, _ = read(*[sheet(n, n + 1) for n in (12, 14, 16)], blank, sheet(20, 21), size=SHEET)
    assert list(pages["label"]) == ["12–13", "14–15", "16–17", "18–19", "20–21"]


@pytest.mark.parametrize(
    ("numbers", "how"),
    [
        ([(12, 13), (14, 15)], {"size": SHEET}),  # two sheets prove nothing
        ([(12, 13), (13, 14), (14, 15), (15, 16)], {"size": SHEET}),  # rises by one
        ([(12, 14), (14, 16), (16, 18), (18, 20)], {"size": SHEET}),  # no neighbours
        ([(12, 13), (14, 15), (16, 17)], {"size": (842, 1190)}),  # no broad sheet
    ],
)
def test_other_numbers_side_by_side_make_no_sheets_of_two(read, numbers, how):
    pages, report = read(*[sheet(*pair) for pair in numbers], **how)
    assert not [label for label in pages["label"] if "–" in label]
    assert "two pages" not in report["label_rule"]


def test_slides_with_a_title_over_the_middle_keep_their_rows_and_labels(read):
    pages, report = read(*[sheet(n, n + 1, across=distinct(n)[:60]) for n in (12, 14, 16, 18)], size=SHEET)
    assert "two pages" not in report["label_rule"]
    assert "left page with line 0 of text right page with line 0 of text" in pages["text"][0]

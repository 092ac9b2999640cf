"""What stands side by side on a page: two book pages, narrow columns, signatures."""

import pytest
from made_pdfs import distinct, make_pdf, write_prose

from ragkit.pdf import read_pdf
from ragkit.reading.columns import merge_rows, set_in_order
from ragkit.reading.lines import Line

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


@pytest.mark.parametrize(("left", "right"), [("Page {}", "Page {}"), ("{} Rivers", "The dams {}")])
def test_the_numbers_of_two_book_pages_are_lone_or_at_the_outer_ends(read, left, right):
    pages, _ = read(*[sheet(left.format(n), right.format(n + 1)) for n in (12, 14, 16)], size=SHEET)
    assert list(pages["label"]) == ["12–13", "14–15", "16–17"]


@pytest.mark.parametrize("heads", [("Group 1", "Group 2"), ("Rivers 1", "2 dams"), ("Group 1", "2")])
def test_two_columns_with_heads_that_count_are_no_two_book_pages(read, heads):
    pages, _ = read(sheet(*heads), size=SHEET)
    assert "left page with line 3 of text right page with line 3 of text" in pages["text"][0]


def test_slides_with_a_title_over_the_middle_keep_their_rows_and_labels(read):
    pages, report = read(*[sheet(n, n + 1, across=distinct(n)[:60]) for n in (12, 14, 16, 18)], size=SHEET)
    assert "two pages" not in report["label_rule"]
    assert "left page with line 3 of text right page with line 3 of text" in pages["text"][0]


# --- narrow columns ---

MAIN = [f"The text of line {i} goes on for as long as the column is wide and" for i in range(12)]
SIDE = [f"beside it stands {i}" for i in range(8)]


def beside(main, main_x, side, side_x, size=10.0):
    """Two columns below a title over both, written row by row; "" leaves a place free."""

    def draw(page):
        page.insert_text(
            (50, 60), "A title over both of the columns, as wide as the two of them", fontsize=12
        )
        for i, line in enumerate(main):
            row = [(main_x, line), *([(side_x, side[i])] if i < len(side) and side[i] else [])]
            for x, text in sorted(filter(lambda cell: cell[1], row)):
                page.insert_text((x, 100 + 14 * i), text, fontsize=size)

    return draw


@pytest.mark.parametrize(("main_x", "side_x"), [(160, 50), (50, 300)])
def test_a_narrow_column_is_read_apart_from_the_text_beside_it(read, main_x, side_x):
    pages, _ = read(beside(MAIN, main_x, SIDE, side_x, size=8))
    text = " ".join(pages["text"][0].split())
    first, second = (SIDE, MAIN) if side_x < main_x else (MAIN, SIDE)
    assert text.endswith(" ".join([*first, *second]))


NAMES = ["cat", "chgrp", "dd", "echo", "a name", "ls", "mv", "ps", "rm", "su", "tee", "who"]


@pytest.mark.parametrize(
    ("main", "side"),
    [
        (
            [
                f"It does for you what {n} can do{' and more of it' * (1 + i % 2)}."
                for i, n in enumerate(NAMES)
            ],
            NAMES,
        ),  # a table
        (MAIN, ["Rivers", "", "", "Lakes", "", "", "Seas", "", "", "Oceans", "", "Wells"]),  # marginal terms
        (MAIN, [str(2010 + i) for i in range(12)]),  # no words
    ],
)
def test_names_with_what_is_said_of_each_are_read_row_by_row(read, main, side):
    pages, _ = read(beside(main, 160, side, 50, size=8))
    text = " ".join(pages["text"][0].split())
    assert all(f"{name} {line}" in text for name, line in zip(side, main, strict=True) if name)


def test_rows_whose_two_cells_have_several_lines_are_no_columns(read):
    """Written line by line, a gap after each row."""
    main, side = [], []
    for i in range(4):
        main += [
            f"The text of row {i} goes on for as long as the column is",
            f"wide, and then it goes on once more to the end, row {i}",
            "",
        ]
        side += [f"the name of row {i}", "and its rest", ""]
    pages, _ = read(beside(main, 160, side, 50, size=8))
    text = " ".join(pages["text"][0].split())
    assert text.index("and its rest") < text.index("The text of row 1") < text.index("the name of row 3")


def test_very_small_letters_are_read_too():
    """Between them, the gap beside a line is narrower than the strip that parts columns."""
    lines = [
        Line(text, x0, y, x1, y + 2, y + 2, 2)
        for y in range(100, 130, 3)
        for text, x0, x1 in (("beside it", 50, 97.7), ("The text goes on", 99.4, 380))
    ]
    assert len(set_in_order(lines, 420)) == 10


# --- signatures ---


def in_two(rows, x=230, y=200):
    def draw(page):
        write_prose(page, box=(50, 60, 380, 180))
        for i, row in enumerate(rows):
            for left, text in zip((50, x), row, strict=True):
                page.insert_text((left, y + 18 * i), text, fontsize=10)

    return draw


LINE = "____________________"


@pytest.mark.parametrize(
    "rows",
    [
        [("Landlord", "Tenant"), (LINE, LINE), ("John Doe", "Mary Poe")],
        [("Landlord", "Tenant"), ("Name: John Doe", "Name: Mary Poe"), ("Date: 3 May", "Date: 4 May")],
        [
            ("Landlord", "Tenant"),
            ("", "Mary Poe"),
            (f"By: {LINE}", f"By: {LINE}"),
            ("Title: none", "Title: no"),
        ],
    ],
)
def test_two_signatures_side_by_side_are_read_one_after_the_other(read, rows):
    pages, _ = read(in_two(rows))
    lines = [row[side] for side in (0, 1) for row in rows if row[side]]
    assert [line for line in pages["text"][0].split("\n") if line][1:] == lines
    assert f"\n\n{rows[0][1]}\n" in pages["text"][0]


@pytest.mark.parametrize(
    "rows",
    [
        [
            ("Name: ________", "First name: ________"),
            ("Street: ______", "Town: ________"),
            ("Age: __", "Sex: __"),
        ],
        [("Bill to", "Ship to"), ("Mary Poe", "Jane Roe"), ("12 Quay Street", "3 High Street")],
        [("Lemons", "90 mg"), ("Total: fruit", "Total: 90 mg"), ("Rice", "none")],
        [(f"Name: {i}", f"Name: {i + 20}") for i in range(16)],
        [*[("Name: Poe", "Name: Roe")] * 2, *[("Salt and iron", "Zinc and water")] * 5],
        [("Name: Poe", "Town: Oslo")] * 3,
        [("Salt and iron", "Salt and iron")] * 3,
        [("8:30", "8:45"), ("8:31", "8:46"), ("9:30", "9:45")],
    ],
)
def test_other_rows_of_two_stay_rows(read, rows):
    pages, _ = read(in_two(rows))
    assert all(f"{left} {right}" in pages["text"][0].replace(" | ", " ") for left, right in rows)


def test_three_tenths_of_the_rows_that_say_the_same_are_enough(read):
    rows = [*[("Name: Poe", "Name: Roe")] * 2, *[("Salt and iron", "Zinc and water")] * 4]
    pages, _ = read(in_two(rows))
    assert "Salt and iron\nSalt and iron" in pages["text"][0]


def signatures(*rows):
    """Lines of rows of cells, each at an x."""
    return [
        Line(text, x, 100 + 18 * i, x + 5 * len(text), 112 + 18 * i, 110 + 18 * i, 10, table=table)
        for i, (table, *cells) in enumerate(rows)
        for x, text in cells
    ]


NAMED = (0, (50, "Name: Poe"), (230, "Name: Roe"))
LEFT_OF_THREE = (0, (50, "Name: Poe"), (140, "Oslo"), (330, "Name: Roe"))
RIGHT_OF_THREE = (0, (50, "Name: Poe"), (230, "Name: Roe"), (330, "Oslo"))


@pytest.mark.parametrize(
    "rows",
    [
        [LEFT_OF_THREE] * 4,
        [RIGHT_OF_THREE] * 4,
        [NAMED, *[LEFT_OF_THREE] * 4],
        [NAMED, *[RIGHT_OF_THREE] * 4],
    ],
)
def test_rows_of_three_cells_stay_rows(rows):
    lines = signatures(*rows)
    assert set_in_order(lines, 420) == merge_rows(lines, [])


FAR_NAMED = (0, (50, "Name: Poe"), (330, "Name: Roe"))
ROW_OF_TABLE = (1, *NAMED[1:])


@pytest.mark.parametrize(
    ("above", "named", "below"),
    [
        ([], NAMED, [ROW_OF_TABLE] * 3),
        ([ROW_OF_TABLE] * 3, NAMED, []),
        ([LEFT_OF_THREE], FAR_NAMED, []),
        ([RIGHT_OF_THREE], NAMED, []),
    ],
)
def test_rows_of_a_table_above_and_below_two_signatures_stay_rows(above, named, below):
    read = set_in_order(signatures(*above, *[named] * 3, *below), 420)
    first, last = ([text for _, *cells in part for _, text in cells] for part in (above, below))
    words = [*first, *["Name: Poe"] * 3, *["Name: Roe"] * 3, *last]
    assert " ".join(line.text for line in read) == " ".join(words)


def test_a_high_page_is_no_sheet_of_two(read):
    pages, _ = read(*[sheet(n, n + 1) for n in (12, 14, 16)], size=(842, 900))
    assert "left page with line 3 of text right page with line 3 of text" in pages["text"][0]

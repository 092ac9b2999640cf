"""Where paragraphs and the items of lists begin: by gaps, by numbers, by what stands at which edge."""

import pymupdf
import pytest
from made_pdfs import make_pdf, write_lines

from ragkit.pdf import read_page, read_pdf
from ragkit.reading.columns import merge_rows
from ragkit.reading.letters import raise_notes
from ragkit.reading.lines import Line, text_pitch
from ragkit.reading.page import Page, fill_page
from ragkit.reading.paragraphs import split_paragraphs
from ragkit.reading.shortlines import find_items

pytestmark = pytest.mark.usefixtures("quick_models")

FULL = "Sailors on long voyages fell ill until lemons were carried."  # as wide as a line can be
OTHER = "Oranges helped as well and were taken on board by the navy."


@pytest.fixture
def text_of(tmp_path):
    """The text of the only page of a made PDF."""

    def read(draw):
        return read_pdf(make_pdf(tmp_path / "made.pdf", draw))["text"].item()

    return read


def rows_of(*lines, size=10.0, **more):
    """Lines of a page: their texts, left edges and baselines."""
    return [
        Line(text, x0, base - size, x0 + 5 * len(text), base, base, size, **more) for text, x0, base in lines
    ]


def glued(*lines):
    """The paragraphs of a page; their lines with what stands between them."""
    return ["".join(glue + line.text for glue, line, _ in part) for part in split_paragraphs(rows_of(*lines))]


# --- gaps ---


@pytest.mark.parametrize(("gap", "parted"), [(17.5, False), (18.5, True)])
def test_a_gap_is_wider_than_between_wrapped_lines_however_far_apart_the_items_of_a_list_are(gap, parted):
    names = [
        (name, 50, 50 + 25 * i) for i, name in enumerate(["Iron", "Zinc", "Salt", "Fat", "Water", "Tea"])
    ]
    wrapped = [(FULL, 50, 220 + 13 * i) for i in range(5)]
    *_, last = glued(*names, *wrapped, (OTHER, 50, wrapped[-1][2] + gap))
    assert (last == OTHER) == parted


@pytest.mark.parametrize(
    ("text", "n", "pitch"),
    [
        (FULL, 3, 2.0),
        (FULL, 4, 1.3),
        ("Lemons, oranges and salts", 4, 2.0),
        ("Lemons, oranges and salts.", 4, 1.3),
    ],
)
def test_three_wrapped_lines_that_are_no_names_show_how_far_apart_lines_are(text, n, pitch):
    assert text_pitch(rows_of(*[(text, 50, 100 + 13 * i) for i in range(n)]), 2.0) == pytest.approx(pitch)


@pytest.mark.parametrize(("usual", "pitch"), [(1.2, 1.2), (1.21, 1.1)])
def test_lines_set_solid_need_no_second_look(usual, pitch):
    assert text_pitch(rows_of(*[(FULL, 50, 100 + 11 * i) for i in range(4)]), usual) == pytest.approx(pitch)


@pytest.mark.parametrize(("gap", "whole"), [(34, True), (36, False)])
def test_a_list_with_bullets_is_one_though_its_items_stand_apart(gap, whole):
    wrapped = [(FULL, 50, 50 + 13 * i) for i in range(6)]
    items = [("• Lemons, which are sour.", 50, 160), ("• Oranges, which are not.", 50, 160 + gap)]
    assert (glued(*wrapped, *items)[-1] == "• Lemons, which are sour.\n• Oranges, which are not.") == whole


# --- numbered items ---


@pytest.mark.parametrize(
    ("one", "other", "x", "parted"),
    [
        ("3.", "4.", 50, True),
        ("(1)", "(2)", 50, True),
        ("a)", "b)", 50, True),
        ("[9]", "[10]", 50, True),
        ("3.", "5.", 50, False),
        ("3.", "4)", 50, False),
        ("(1)", "1)", 50, False),
        ("3.", "4.", 56, False),
        ("1.", "2.", 54, True),
        ("0.", "1.", 50, True),
        ("9.", "a.", 50, False),
        ("1.9", "2.10", 50, False),
        ("4", "5", 50, False),
    ],
)
def test_the_item_with_the_next_number_begins_a_line_though_the_one_above_is_full(one, other, x, parted):
    item, following = f"{one} {FULL}", f"{other} {OTHER}"
    glue = "\n" if parted else " "
    assert glued((item, 50, 100), (following, x, 113)) == [f"{item}{glue}{following}"]


@pytest.mark.parametrize(("one", "other"), [("1.9", "1.10"), ("8.1.", "8.2."), ("4.3.9", "4.3.10")])
def test_the_clause_with_the_next_number_is_a_paragraph(one, other):
    clauses = [(f"{one} {FULL}", 50, 100), (f"{other} {OTHER}", 50, 113)]
    assert glued(*clauses) == [text for text, *_ in clauses]


@pytest.mark.parametrize(("second", "x", "parted"), [("2.", 50, True), ("3.", 50, False), ("2.", 56, False)])
def test_the_first_item_begins_a_line_if_the_next_one_follows_it(second, x, parted):
    first, following = f"1. {FULL}", f"{second} {OTHER[:40]}"
    begun = glued((FULL, 50, 100), (first, 50, 113), (following, x, 126))[0]
    assert begun.startswith(f"{FULL}\n{first}" if parted else f"{FULL} {first}")


@pytest.mark.parametrize(
    ("above", "above_labelled", "labelled", "glue"),
    [
        (FULL, False, True, None),  # a paragraph of its own
        (FULL, False, False, " "),
        (FULL[:-1], False, True, " "),  # a word in bold letters, wherever the line happens to end
        (FULL[:-1], True, True, "\n"),
    ],
)
def test_a_label_in_bold_letters_begins_an_entry(above, above_labelled, labelled, glue):
    lines = [
        *rows_of((above, 50, 100), labelled=above_labelled),
        *rows_of((OTHER, 50, 113), labelled=labelled),
    ]
    texts = ["".join(glue + line.text for glue, line, _ in part) for part in split_paragraphs(lines)]
    assert texts == ([above, OTHER] if glue is None else [f"{above}{glue}{OTHER}"])


@pytest.mark.parametrize(
    ("label", "rest", "labelled"),
    [
        ("Deposit:", " 1,200 euros", True),
        ("Notice.", " Three months", True),
        ("Deposit", " of 1,200 euros", False),
    ],
)
def test_a_label_is_bold_and_ends_in_a_colon_or_a_full_stop(tmp_path, label, rest, labelled):
    def draw(page):
        page.insert_text((50, 100), label, fontname="hebo", fontsize=10)
        page.insert_text((50 + pymupdf.get_text_length(label, "hebo", 10), 100), rest, fontsize=10)

    with pymupdf.open(make_pdf(tmp_path / "made.pdf", draw)) as document:
        (line,) = read_page(document, 0).lines
    assert (line.text, line.labelled, line.bold) == (label + rest, labelled, len(label) > len(rest))


def test_the_items_above_show_how_wide_a_list_is():
    items, after = [f"1. {FULL}", f"2. {OTHER[:45]}"], "He said so."
    assert glued((items[0], 50, 100), (items[1], 50, 113), (after, 54, 126)) == ["\n".join(items), after]


def test_the_text_of_a_clause_that_hangs_beside_its_number_is_one(text_of):
    def draw(page):
        for i, (number, first, second) in enumerate([("8.1", FULL, OTHER), ("8.2", OTHER, FULL)]):
            write_lines(page, [number], 30, 80 + 26 * i, fontsize=10)
            write_lines(page, [first, second], 60, 80 + 26 * i, 13, 10)

    assert text_of(draw) == f"8.1 {FULL} {OTHER}\n\n8.2 {OTHER} {FULL}"


def test_after_a_heading_in_its_line_an_indentation_begins_a_paragraph():
    lines = [(f"8.1. Food. {FULL}", 50, 100), (OTHER, 64, 113), (FULL, 50, 126)]
    assert glued(*lines) == [lines[0][0], f"{OTHER} {FULL}"]


# --- side by side ---


@pytest.mark.parametrize(
    ("last", "whole"), [("who lives in the town of Ulm", False), ("who lives in the large town of Ulm", True)]
)
def test_what_stands_beside_a_line_that_ends_early_does_not_go_on_with_it(last, whole):
    left = [("Ann Lind, a partner of Lind and Poe", 50, 100), (last, 50, 113)]
    right = ("Dr Poe from the University of Oslo", 300, 100)
    assert len(glued(*left, right)) == 2 - whole


ADDRESS = ["Mr Daniel T. Abernathy", "Flat 2, 61 Monks Road", "Lincoln"]


@pytest.mark.parametrize(
    ("lefts", "texts", "apart"),
    [
        ([300, 310, 350], ADDRESS, True),
        ([300, 310, 302], ADDRESS, False),  # two edges: an indented paragraph between others
        ([300, 310], ADDRESS, False),
        ([220, 310, 350], ADDRESS, False),  # text beside a picture
        ([300, 310, 350], ["שלום", "אור", "ים"], False),
    ],
)
def test_lines_that_end_at_one_edge_and_begin_anywhere_stand_on_their_own(lefts, texts, apart):
    rows = [
        Line(text, x0, 90 + 13 * i, 400, 100 + 13 * i, 100 + 13 * i, 10.0)
        for i, (text, x0) in enumerate(zip(texts, lefts, strict=False))
    ]
    assert find_items([*rows, *rows_of((FULL, 50, 200))], 1.3) == ({1, 2} if apart else set())


@pytest.mark.parametrize(("spaces", "text"), [(4, "no Cost: 5"), (0, "noCost: 5")])
def test_spaces_at_the_end_of_a_line_part_it_from_what_touches_them(tmp_path, spaces, text):
    width = 20.0 + 3 * spaces
    lines = [
        {"dir": (1.0, 0.0), "bbox": (x0, 90, x1, 102),
         "spans": [{"text": said, "size": 10.0, "origin": (x0, 100), "flags": 0, "alpha": 255, "font": "Helvetica"}]}
        for said, x0, x1 in (("no" + " " * spaces, 50, 50 + width), ("Cost: 5", 50 + width, 90 + width))
    ]  # fmt: skip
    with pymupdf.open(make_pdf(tmp_path / "made.pdf", lambda page: None)) as document:
        page = Page(0)
        fill_page(page, document[0], {"blocks": [{"lines": lines}]})
    assert [line.text for line in page.lines] == [text]


def test_a_box_to_tick_is_no_part_of_a_word():
    pieces = [("☐", 50), ("fire", 55), ("☐", 75), ("water", 80)]
    (row,) = merge_rows(rows_of(*[(text, x, 100) for text, x in pieces]))
    assert row.text == "☐ fire ☐ water"


# --- footnotes ---


@pytest.mark.parametrize(
    ("text", "note", "size", "found"),
    [
        ("Lemons help.¹", "1The navy says so.", 8.0, "¹ The navy says so."),
        ("Lemons ¹² help.", "12A book says so.", 8.0, "¹² A book says so."),
        ("Lemons help.²", "1The navy says so.", 8.0, "1The navy says so."),
        ("Lemons help.¹", "1st of May", 8.0, "1st of May"),
        ("Lemons help.³", "3M and 5G are names.", 8.0, "3M and 5G are names."),
        ("Lemons help.¹", "1The navy says so.", 9.5, "1The navy says so."),
        ("Lemons for m³ of air.", "3D of the hold", 8.0, "3D of the hold"),
    ],
)
def test_the_number_that_touches_a_footnote_is_its_mark_where_the_text_has_it(text, note, size, found):
    rows = [*rows_of((text, 50, 100)), *rows_of((note, 50, 500), size=size)]
    assert [row.text for row in raise_notes(rows)] == [text, found]

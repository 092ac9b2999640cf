"""Words that a page shows and a search has to find: marks, accents, initials, lists, forms, stamps."""

import math

import pymupdf
import pytest
from made_pdfs import PROSE, distinct, make_pdf, write_lines, write_prose

from ragkit.pdf import read_pdf
from ragkit.reading.letters import compose_accents, join_initials
from ragkit.reading.lines import Line, clean_characters
from ragkit.reading.page import _is_askew
from ragkit.reading.raised import is_raised, part_marks, write_raised
from ragkit.reading.twice import once

pytestmark = pytest.mark.usefixtures("quick_models")


@pytest.fixture
def text_of(tmp_path):
    def read(*pages):
        return "\n=====\n".join(read_pdf(make_pdf(tmp_path / "made.pdf", *pages))["text"])

    return read


def line(text, x0=50.0, base=100.0, size=10.0, **more):
    return Line(text, x0, base - size, x0 + len(text) * size / 2, base + 2, base, size, **more)


# --- raised letters ---


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("Ruritania³ rose", "Ruritania ³ rose"),
        ("the EU² and in 2019¹² and 12¹", "the EU ² and in 2019 ¹² and 12 ¹"),
        ("5 m², km², cm³, ft² and x²", "5 m², km², cm³, ft² and x²"),
        ("10⁻³, 10⁶ and 2⁸", "10⁻³, 10⁶ and 2⁸"),
        ("Fe³⁺ and Ca²⁺", "Fe³⁺ and Ca²⁺"),
        ("³The rate; ¹⁴C; the war.⁴ In", "³ The rate; ¹⁴C; the war.⁴ In"),
        ("plain 3 text", "plain 3 text"),
    ],
)
def test_the_mark_of_a_footnote_is_parted_from_its_word_and_an_exponent_is_not(text, parted):
    assert part_marks(text) == parted
    assert clean_characters(text)[0] == parted


@pytest.mark.parametrize(
    ("before", "raised", "after", "written"),
    [
        ("10", "-3", " mol", "⁻³"),
        ("10", "−0.5", "", "−0.5"),
        ("zloty", "5,6", " fell", "⁵,⁶"),
        ("guarantor", "a", "", " ᵃ"),
        ("N", "o", "", "o"),
        ("19", "th", "", "th"),
        ("Nautilus", "TM", "", "™"),
        ("5", "1", "/2 cups", " 1"),
        ("5 ", "1", "/2 cups", "1"),
    ],
)
def test_what_is_raised_is_written_as_what_it_is(before, raised, after, written):
    assert write_raised(before, raised, after) == written


def test_raised_is_what_is_smaller_and_higher():
    assert is_raised(3, 7, 10)
    assert not is_raised(1, 7, 10)
    assert not is_raised(3, 9.5, 10)
    assert not is_raised(12, 7, 10)


def test_marks_and_exponents_in_a_pdf(text_of):
    def draw(page):
        x = 50
        for text, up, size in [("The rate of Ruritania", 0, 11), ("3", 4, 7), (" fell by 10", 0, 11), ("-3", 4, 7),
                               (" for H", 0, 11), ("2", -2, 7), ("O.", 0, 11)]:  # fmt: skip
            page.insert_text((x, 80 - up), text, fontsize=size)
            x += pymupdf.get_text_length(text, fontsize=size)

    assert text_of(draw) == "The rate of Ruritania ³ fell by 10⁻³ for H2O."


# --- accents ---


def characters(*places):
    return [{"c": c, "bbox": (x0, 0, x1, 10), "synthetic": c == " "} for c, x0, x1 in places]


@pytest.mark.parametrize(
    ("places", "text"),
    [
        ((("f", 0, 3), ("¨", 3.7, 7.3), ("u", 3, 8)), "fü"),
        ((("s", 0, 4), ("`", 4, 6.5), ("ı", 4, 6.4)), "sì"),
        ((("c", 0, 4), ("¸", 1, 3), ("a", 4, 8)), "ça"),
        ((("n", 0, 5), ("´", 5, 8), ("t", 8, 11)), "n´t"),  # an apostrophe
        ((("´", 0, 3), ("q", 0, 4)), "´q"),  # no such letter
        ((("M", 0, 8), (" ", 8, 8.6), ("¨", 8.6, 11), ("u", 8, 12)), "Mü"),
        ((("d", 0, 5), (" ", 5, 8), ("ˆ", 8.7, 14), ("y", 8, 13)), "d ŷ"),
    ],
)
def test_an_accent_over_a_letter_is_put_onto_it(places, text):
    letters = characters(*places)
    compose_accents(letters, 10)
    assert "".join(letter["c"] for letter in letters) == text


def test_accents_in_a_pdf(text_of):
    def draw(page):
        page.insert_text((50, 80), "M", fontsize=11)
        page.insert_text((60.5, 80), "¨", fontsize=11)
        page.insert_text((59.2, 80), "uller", fontsize=11)

    assert text_of(draw) == "Müller"


def test_marks_without_a_width_part_no_word():
    assert (
        clean_characters("non\u2011breaking zero\u200cwidth left\u200eright")[0]
        == "non-breaking zerowidth leftright"
    )
    assert clean_characters("می\u200cخواهم")[0] == "می\u200cخواهم"


# --- the same text twice ---


def test_a_line_twice_at_its_place_is_one_line_and_elsewhere_two():
    shadow = line("Head", x0=51, base=101)
    assert once([line("Head"), shadow], [False, False]) == [line("Head")]
    lines = [line("Head"), line("Head", x0=53), line("Head", base=103), line("Heads")]
    assert once(lines, [False] * 4) == lines


def test_recognised_text_over_the_text_itself_goes_and_elsewhere_stays():
    seen, again = line("the northern survey is paid"), line("the northern survcy is paid", x0=50.4)
    assert once([again, seen], [True, False]) == [seen]
    other, below = line("quite other words over it"), line("the northern survey is paid", base=140)
    assert once([seen, other, below], [False, True, True]) == [seen, other, below]
    assert once([seen, again], [True, True]) == [seen, again]


def test_what_stands_twice_is_counted_and_said(tmp_path, capsys):
    def draw(page):
        for x, y in ((50, 80), (51, 81)):
            page.insert_text((x, y), "Shadowed head", fontsize=11)

    pages = read_pdf(make_pdf(tmp_path / "a.pdf", draw))
    assert pages["text"].tolist() == ["Shadowed head"]
    assert pages.attrs["report"]["a.pdf"]["lines_twice"] == 1
    assert "one line that stood at one place twice" in capsys.readouterr().err


def test_a_word_that_a_page_has_thousands_of_times_is_not_compared_with_each_of_them(monkeypatch):
    asked = []
    monkeypatch.setattr("ragkit.reading.twice._at_one_place", lambda *lines: asked.append(lines))
    grid = [line("-", x0=20.0 * (i % 50), base=12.0 * (i // 50)) for i in range(2000)]
    assert once(grid, [False] * 2000) == grid
    assert len(asked) < 2000


# --- short lines ---

WIDE = "The recipe below is for four persons and takes about one hour in a kitchen"


@pytest.mark.parametrize(
    "items",
    [
        ["200 g flour", "3 eggs", "half a litre of milk", "1 pinch of salt", "butter for the pan"],
        ["Ada Example", "Hydrology Department", "14 Harbour Street", "0150 Oslo", "Norway"],
        ["2015-2020 Head of the laboratory", "2010-2015 Engineer, Bergen", "2005-2010 Student, Uppsala"],
        ["Onset: the first day of fever", "Course: mild in most cases", "Outcome: recovery in all"],
    ],
)
def test_a_block_of_short_lines_beside_wider_text_is_a_list(text_of, items):
    def draw(page):
        write_lines(page, [WIDE], fontsize=9)
        write_lines(page, items, y=110, fontsize=9)

    assert text_of(draw).split("\n\n", 1)[1] == "\n".join(items)


def test_narrow_prose_beside_wider_text_is_no_list(text_of):
    prose = ["Sailors on long voyages fell", "ill with scurvy until lemons", "were carried on board, and it",
             "took the navy many years to", "act on it."]  # fmt: skip

    def draw(page):
        write_lines(page, [WIDE], fontsize=9)
        write_lines(page, prose, y=110, fontsize=9)

    assert text_of(draw).split("\n\n", 1)[1] == " ".join(prose)


def test_prose_set_to_one_length_is_no_list_whatever_one_line_does(text_of):
    def draw(page):
        for i, end in enumerate((340, 340, 360, 340, 120)):
            text = f"words of line {i} and"
            page.insert_text((50, 80 + 14 * i), text, fontsize=9)
            page.insert_text(
                (end - pymupdf.get_text_length("more", fontsize=9), 80 + 14 * i), "more", fontsize=9
            )

    assert text_of(draw).count("\n") < 5


# --- lists, initials, capitals ---


def test_a_courier_o_and_a_sign_of_a_symbol_font_are_bullets(text_of):
    def draw(page):
        write_lines(page, ["Check before the start:"])
        for i, item in enumerate(["The pressure is above four bar", "the stop has been tried"]):
            page.insert_text((60, 100 + 14 * i), "o", fontname="cour", fontsize=11)
            page.insert_text((80, 100 + 14 * i), item, fontsize=11)

    assert text_of(draw).split("\n")[-2:] == ["• The pressure is above four bar", "• the stop has been tried"]


def initial_page(letter, *rest):
    below = [line(text, x0=75 if i < 2 else 50, base=100 + 12 * i) for i, text in enumerate(rest)]
    return [Line(letter, 50, 88, 74, 116, 112, 28), *below]


def test_an_initial_goes_before_the_first_line_beside_it():
    page = initial_page("T", "he history of rivers", "begins with maps", "that were drawn")
    assert [row.text for row in join_initials(page)] == [
        "The history of rivers",
        "begins with maps",
        "that were drawn",
    ]
    page = initial_page("A", "river is long", "and the river", "runs on")
    assert join_initials(page)[0].text == "A river is long"
    page = initial_page("A", "long the road", "and on it", "runs on")
    assert join_initials(page)[0].text == "Along the road"


def test_a_large_letter_with_no_text_below_it_is_no_initial():
    page = initial_page("A", "aardvark", "abacus")
    assert join_initials(page) == page


def test_a_page_of_large_letters_has_no_initials():
    pages = [
        initial_page("T", "he river", "begins", "and ends")[1:] + [Line("T", 50, 88, 74, 116, 112, 28)] * n
        for n in (1, 40)
    ]
    assert [len(join_initials(page)) < len(page) for page in pages] == [True, False]


def test_spaced_capitals_are_words_but_for_letters_in_a_row():
    assert clean_characters("I N T R O D U C T I O N")[0] == "INTRODUCTION"
    assert clean_characters("A B C D E F")[0] == "A B C D E F"
    assert clean_characters("U S A F")[0] == "U S A F"


# --- forms ---


def test_the_values_of_a_form_stand_beside_their_labels_and_notes_are_said(text_of):
    def draw(page):
        for i, (label, value) in enumerate([("Surname:", "Abernathy"), ("Days wanted:", "17")]):
            page.insert_text((72, 120 + 30 * i), label, fontsize=11)
            field(page, pymupdf.PDF_WIDGET_TYPE_TEXT, value, (160, 106 + 30 * i, 360, 126 + 30 * i))
        for i, (label, value) in enumerate([("Unpaid leave", True), ("Paid leave", False)]):
            page.insert_text((90, 220 + 20 * i), label, fontsize=11)
            field(page, pymupdf.PDF_WIDGET_TYPE_CHECKBOX, value, (72, 210 + 20 * i, 84, 222 + 20 * i))
        page.add_text_annot((390, 330), "Budget approved.")

    text = text_of(draw)
    assert text.startswith("Surname: Abernathy\n\nDays wanted: 17\n")
    assert "[x] Unpaid leave" in text
    assert "[ ] Paid leave" in text
    assert text.endswith("\n\n[Note: Budget approved.]")
    assert "3" not in text


def field(page, kind, value, rect):
    widget = pymupdf.Widget()
    widget.field_name, widget.field_type, widget.field_value = f"field{rect[1]}", kind, value
    widget.rect = pymupdf.Rect(rect)
    page.add_widget(widget)


# --- marks over the page ---


def stamped(angle, i):
    def draw(page):
        write_prose(page, distinct(i), fontsize=11)
        middle = pymupdf.Point(60, 120)
        page.insert_text(
            middle, "DRAFT", fontsize=60, morph=(middle, pymupdf.Matrix(1, 0, 0, 1, 0, 0).prerotate(angle))
        )

    return draw


@pytest.mark.parametrize("angle", [0, -30, -45])
def test_a_mark_over_the_pages_is_no_part_of_their_sentences(text_of, angle):
    assert "DRAFT" not in text_of(*(stamped(angle, i) for i in range(4)))
    assert text_of(stamped(angle, 0)) == f"DRAFT\n\n{distinct(0)}"


def test_a_scanned_line_is_a_little_askew_and_a_stamp_is_more():
    tilted = [
        {"dir": (math.cos(math.radians(angle)), -math.sin(math.radians(angle)))}
        for angle in (0, 5, 12, 45, 78, 86)
    ]
    assert [_is_askew(line) for line in tilted] == [False, False, True, True, True, False]


def test_a_large_heading_and_a_name_askew_on_a_map_are_text(text_of):
    def draw(page):
        page.insert_text((50, 60), "A large heading", fontsize=26)
        write_prose(page, PROSE)
        at = pymupdf.Point(60, 400)
        page.insert_text(
            at, "Long Street", fontsize=9, morph=(at, pymupdf.Matrix(1, 0, 0, 1, 0, 0).prerotate(-30))
        )

    text = text_of(draw, draw, draw)
    assert text.count("A large heading") == text.count("Long Street") == 3

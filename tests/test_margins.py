import pymupdf
import pytest
from conftest import read_one
from made_pdfs import PROSE, book_page, distinct, make_pdf, write_lines, write_prose

from ragkit.pdf import read_pdf
from ragkit.reading.labels import Printed, Sighting, choose_labels, find_labels, from_roman, to_roman
from ragkit.reading.lines import Line
from ragkit.reading.running import cut_running_tails, find_running_lines, mask_numbers

pytestmark = pytest.mark.usefixtures("quick_models")


@pytest.fixture
def read(tmp_path):
    """The texts of a made PDF's pages, and its running lines with their counts."""

    def read_made(*pages):
        pages = read_pdf(make_pdf(tmp_path / "made.pdf", *pages))
        return list(pages["text"]), dict(pages.attrs["report"]["made.pdf"]["running_lines"])

    return read_made


def test_roman_numerals_there_and_back():
    assert [from_roman(to_roman(n)) for n in range(1, 400)] == list(range(1, 400))
    assert [from_roman(text) for text in ("iiii", "vx", "", "mild", "ic")] == [None] * 5


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Chapter 3 | 57", "chapter # | #"),
        ("xlii", "#"),
        ("Vitamin B12 and D", "vitamin b12 and #"),  # "d" is a numeral too; both pages have it masked
        ("It took him 40 years to act.", "it took him 40 years to act."),
        ("The Name of the Journal 37:4", "the name of the journal #:#"),
        ("37:4 A. Lind and others et al.", "#:# a. lind and others et al."),
        ("第3页共40页", "第#页共#页"),
    ],
)
def test_numbers_are_masked_in_lines_but_not_in_sentences(text, masked):
    assert mask_numbers(text) == masked


def test_headers_and_footers_that_alternate_are_dropped_and_reported(read):
    pages = [
        book_page(
            "A Book of Food" if i % 2 else "The Chapter on Salt",
            f"{i} | Publisher" if i % 2 else f"Publisher | {i}",
            distinct(i),
        )
        for i in range(1, 9)
    ]
    texts, running = read(*pages)
    assert texts == [distinct(i) for i in range(1, 9)]
    assert running == {"a book of food": 4, "the chapter on salt": 4, "# | publisher": 4, "publisher | #": 4}


def test_titles_of_short_chapters_are_known_by_their_place(read):
    titles = ["Iron", "Iron", "Zinc", "Zinc", "Salt", "Salt", "Water"]
    texts, running = read(*[book_page(title, body=distinct(i)) for i, title in enumerate(titles)])
    assert texts == [distinct(i) for i in range(7)]
    assert running == {"iron": 2, "zinc": 2, "salt": 2, "water": 1}


@pytest.mark.parametrize("footer", ["{title} {n}", "{n} {title}"])
def test_a_title_of_which_every_page_has_another_goes_with_the_page_number_beside_it(read, footer):
    titles = ["Iron", "Zinc", "Salt", "Water", "Sugar", "Fat"]
    pages = [
        book_page(footer=footer.format(title=title, n=i + 5), body=distinct(i))
        for i, title in enumerate(titles)
    ]
    texts, running = read(*pages)
    assert texts == [distinct(i) for i in range(6)]
    assert len(running) == 6


@pytest.mark.parametrize(
    ("numbers", "labels"),
    [
        ("- - 1 2 - 4 5 - 7 -", "[1] [2] 1 2 3 4 5 6 7 8"),
        ("i ii iii - 1 2 3", "i ii iii iv 1 2 3"),
    ],
)
def test_pages_without_a_number_take_it_from_the_run_that_they_lie_in_or_next_to(numbers, labels):
    def page(number):
        tops = [100 + 14 * i for i in range(20)]
        body = [Line(f"Line {i} of the text.", 50, y, 300, y + 12, y + 10, 11) for i, y in enumerate(tops)]
        return body if number == "-" else [*body, Line(number, 150, 700, 160, 712, 710, 11)]

    pages = [page(number) for number in numbers.split()]
    printed = find_labels(pages, [800] * len(pages))
    found, rule, _ = choose_labels([""] * len(pages), printed)
    assert (" ".join(found), rule) == (labels, "footer")


def test_three_pages_are_enough_and_two_are_not(read):
    assert read(*[book_page("A Book of Food", body=distinct(i)) for i in range(3)])[0][0] == distinct(0)
    texts, running = read(*[book_page("A Book of Food", body=distinct(i)) for i in range(2)])
    assert (texts[0].startswith("A Book of Food"), running) == (True, {})


def test_lines_that_come_again_only_now_and_then_are_body(read):
    """The end of a program may stand at the foot of any page; a running line is on many in a row."""

    def page(i):
        draw_book = book_page("A Book of Food", body=distinct(i))

        def draw(page):
            draw_book(page)
            if i % 12 == 0:
                write_lines(page, ["end function"], y=540)

        return draw

    texts, running = read(*[page(i) for i in range(36)])
    assert running == {"a book of food": 36}
    assert [text.endswith("end function") for text in texts] == [i % 12 == 0 for i in range(36)]


def test_a_sentence_where_titles_run_is_body(read):
    titles = [
        "Iron",
        "Iron",
        "Zinc",
        "Zinc",
        "Only one of them was soon fit for duty.",
        "What is salt good for?",
    ]
    texts, running = read(*[book_page(title, body=distinct(i)) for i, title in enumerate(titles)])
    assert running == {"iron": 2, "zinc": 2, "what is salt good for?": 1}
    assert texts[4].startswith("Only one of them")


def test_a_small_line_close_to_the_text_on_every_slide_is_a_running_line(read):
    def slide(i):
        def draw(page):
            write_lines(page, ["A. Lind, University"], y=30, fontsize=6)
            write_lines(page, [distinct(i + k)[:50] for k in range(6)], y=45, fontsize=11)

        return draw

    assert read(*[slide(i) for i in range(5)])[1] == {"a. lind, university": 5}


def test_the_numbers_of_a_drafts_lines_are_no_text(read):
    def draft(i):
        def draw(page):
            for k in range(1, 31):
                if k % 5 == 0:
                    page.insert_text((30, 80 + 14 * k), str(k + 30 * i), fontsize=7)
            write_lines(page, [distinct(i + k)[:50] for k in range(30)], y=94, fontsize=10)

        return draw

    def numbers(pages):
        return [
            word for text in read(*map(draft, range(pages)))[0] for word in text.split() if word.isdigit()
        ]

    assert numbers(4) == []
    assert len(numbers(2)) == 12


def test_pages_of_numbers_are_left_alone(read):
    texts, running = read(*["\n".join(map(str, range(i, i + 12))) for i in range(3)])
    assert texts[0].split() == [str(i) for i in range(12)]
    assert running == {}


def test_page_numbers_between_chinese_letters_are_found_and_dropped(read):
    def page(i):
        def draw(page):
            write_prose(page, distinct(i))
            page.insert_text((180, 565), f"第{i}页共9页", fontsize=9, fontname="china-s")

        return draw

    texts, running = read(*[page(i) for i in range(4, 10)])
    assert running == {"第#页共#页": 6}
    assert texts == [distinct(i) for i in range(4, 10)]


def test_a_few_printed_numbers_do_not_contradict_the_labels_of_a_whole_file():
    own = [str(i) for i in range(1, 41)]
    rows = {page: Sighting(page, "header", 40.0, 0, True) for page in (4, 5, 6)}
    printed = Printed([str(i + 9) for i in range(40)], rows)
    labels, rule, reason = choose_labels(own, printed)
    assert (labels, rule) == (own, "pdf labels")
    assert "3 of 3 printed numbers differ, on too few pages" in reason
    printed = Printed([str(i + 9) for i in range(40)], {i: rows[4]._replace(page=i) for i in range(30)})
    assert choose_labels(own, printed)[1] == "header"


def test_a_table_header_on_every_page_is_body(read):
    def table(i):
        def draw(page):
            write_lines(page, ["A Book of Food"], y=40, fontsize=9)
            for row in range(12):
                for x, cell in ((50, "Vitamin"), (180, "Amount"), (300, "Source")):
                    page.insert_text(
                        (x, 80 + 14 * row), cell if row == 0 else f"{distinct(i + row).split()[row]}"
                    )

        return draw

    texts, running = read(*[table(i) for i in range(4)])
    assert running == {"a book of food": 4}
    assert all(text.startswith("Vitamin Amount Source\n") for text in texts)


@pytest.mark.parametrize(
    "text", ["The same words on every page", "This is page {}", "Slide {}: words on it", PROSE[:66]]
)
def test_pages_are_never_emptied(read, text):
    texts, running = read(*[text.format(i) for i in range(1, 6)])
    assert texts == [text.format(i) for i in range(1, 6)]
    assert running == {}


def test_a_heading_in_a_large_font_is_no_running_line(read):
    def slide(i):
        def draw(page):
            write_lines(page, ["Results"], y=50, fontsize=20)
            write_lines(page, [distinct(i)[:50]], y=200)

        return draw

    assert all(text.startswith("Results") for text in read(*[slide(i) for i in range(4)])[0])


def test_a_lone_label_where_other_pages_have_theirs_is_dropped(read):
    footers = ["1", "2", "3", "", "i"]
    texts, _ = read(*[book_page(footer=footer, body=distinct(i)) for i, footer in enumerate(footers)])
    assert texts == [distinct(i) for i in range(5)]


def test_a_line_on_the_side_of_every_page_is_a_running_line(read):
    def draw(i):
        def page_with_stamp(page):
            write_lines(page, [distinct(i)[:60]], y=200)
            page.insert_text((20, 400), "Downloaded on Monday", rotate=90)

        return page_with_stamp

    texts, running = read(*[draw(i) for i in range(3)])
    assert running == {"downloaded on monday": 3}
    assert texts[0] == distinct(0)[:60]


def flow(text, y=60.0):
    """A page as lines without any gap between body and footer."""
    words = text.split()
    parts = [" ".join(words[i : i + 8]) for i in range(0, len(words), 8)]
    return [
        Line(part, 50, y + 11 * i, 50 + 5 * len(part), y + 11 * i + 11, y + 11 * i + 9, 10)
        for i, part in enumerate(parts)
    ]


def test_footers_in_the_flow_of_the_text_are_cut():
    feet = [f"{n} | Food and Health" if n % 2 == 0 else f"Food and Health | {n}" for n in range(4, 20)]
    feet[-1] = "20 | A Last Title"
    feet[-1] = feet[-1].replace("20", "19")
    pages = [flow(distinct(i)[: 150 + 40 * (i % 5)] + ". " + foot) for i, foot in enumerate(feet)]
    heights = [600.0] * len(pages)
    printed = find_labels(pages, heights)
    assert printed.labels == [str(n) for n in range(4, 20)]
    running, counts = find_running_lines(pages, heights, printed, printed.labels)
    assert not counts
    cut, n_cut = cut_running_tails(pages, printed)
    texts = [" ".join(line.text for line in rows) for rows in cut]
    assert texts == [distinct(i)[: 150 + 40 * (i % 5)] + "." for i in range(len(pages))]
    assert n_cut == len(pages)
    assert all(not rows for rows in running)


def headings(path, tops, size, footers=None):
    """Pages that begin with a heading of its own, with or without page numbers below."""
    document = pymupdf.open()
    for i, top in enumerate(tops):
        page = document.new_page(width=420, height=595)
        page.insert_text((50, 50), top, fontsize=size)
        write_lines(page, [f"{distinct(i)} {k}" for k in range(20)], y=100, fontsize=10)
        if footers:
            page.insert_text((200, 570), footers[i], fontsize=10)
    document.save(path)
    return read_one(path)[0]


SECTIONS = ["1 Introduction", "2 Methods", "3 Results", "4 Discussion"]
TABLES = [f"Table {i}" for i in range(5, 9)]


@pytest.mark.parametrize(
    ("tops", "size", "footers", "labels"),
    [
        (SECTIONS, 16, None, "1 2 3 4"),
        (SECTIONS, 16, ["1", "2", "3", "4"], "1 2 3 4"),
        (SECTIONS, 16, ["11", "12", "13", "14"], "11 12 13 14"),
        (TABLES, 10, None, "1 2 3 4"),
        (TABLES, 10, ["1", "2", "3", "4"], "1 2 3 4"),
        ([f"Question {i}" for i in (1, 2, 3, 4)], 18, [f"Page {i} of 6" for i in (2, 3, 4, 5)], "2 3 4 5"),
    ],
)
def test_numbers_of_sections_tables_and_questions_are_no_page_numbers(tmp_path, tops, size, footers, labels):
    pages = headings(tmp_path / "a.pdf", tops, size, footers)
    assert pages["label"].tolist() == labels.split()
    assert [text.startswith(top) for text, top in zip(pages["text"], tops, strict=True)] == [True] * 4

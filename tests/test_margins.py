import pymupdf
import pytest
from conftest import read_one
from made_pdfs import PROSE, book_page, distinct, make_pdf, write_lines, write_prose

from ragkit.pdf import read_pdf
from ragkit.reading.labels import Printed, Sighting, choose_labels, find_labels
from ragkit.reading.lines import Line
from ragkit.reading.numbers import from_roman, is_numeral, numbers_in, to_roman
from ragkit.reading.running import clean_margins
from ragkit.reading.tails import cut_running_tails

pytestmark = pytest.mark.usefixtures("quick_models")


@pytest.fixture
def read(tmp_path):
    """The texts of a made PDF's pages, and its running lines with their counts."""

    def read_made(*pages):
        pages = read_pdf(make_pdf(tmp_path / "made.pdf", *pages))
        taken = pages.attrs["report"]["made.pdf"]["taken_out"]
        return list(pages["text"]), {line: len(indices) for line, indices in taken.items()}

    return read_made


def test_roman_numerals_there_and_back():
    assert [from_roman(to_roman(n)) for n in range(1, 400)] == list(range(1, 400))
    assert [to_roman(n) for n in (444, 999, 1666)] == ["cdxliv", "cmxcix", "mdclxvi"]
    assert [from_roman(text) for text in ("iiii", "vx", "", "mild", "ic")] == [None] * 5


@pytest.mark.parametrize(
    ("text", "zone", "found"),
    [
        ("12", "footer", {12: ""}),
        ("- 12 -", "footer", {12: ""}),
        ("A-3", "footer", {3: ""}),
        ("xlii", "footer", {42: ""}),
        ("mild", "footer", {}),
        ("Page 12", "footer", {12: ""}),
        ("The harbour, page 12", "footer", {12: ""}),
        ("As page 12 of the book says", "footer", {12: ">"}),
        ("The harbour, page 12 | Salt", "footer", {12: ""}),
        ("3 Ibid., p. 114.", "footer", {3: ">Ibid", 114: "<p"}),
        ("4 of 9", "footer", {4: "", 9: "<of"}),
        ("The harbour 4/20", "footer", {4: "of"}),  # the document has 20 pages
        ("The harbour 4/21", "footer", {}),
        ("12 | Salt", "header", {12: "|"}),
        ("12 Salt", "footer", {12: ">Salt"}),
        ("3 Results", "header", {3: ">"}),
        ("Salt | 12", "footer", {12: "|"}),
        ("Salt | 12 | iron", "footer", {12: "|"}),
        ("Salt | 12 iron", "footer", {12: ">"}),
        ("Salt 12 | iron", "footer", {12: ">"}),
        ("p. 12", "footer", {12: ""}),
        ("The harbour, p. 12", "footer", {12: "<p"}),  # a book's that is named
        ("The harbour, pag. 12", "footer", {12: "<pag"}),
        ("Page 4 of 9", "footer", {4: "", 9: "<of"}),
        ("12 of 9", "footer", {12: ">of", 9: "<of"}),
        ("4 of 2021", "footer", {4: ">of"}),
        ("0", "footer", {}),
        ("Salt 12", "header", {12: "<Salt"}),
        ("第3页共40页", "footer", {3: "", 40: ">"}),
        ("Table 3", "footer", {}),
        ("Site report of 11 May 2021", "header", {}),
        ("Time sheet, week 22 of 2021", "header", {}),
        ("Log of 2021-05-11", "header", {}),
        ("Taken on 3.4.2021", "header", {}),
        ("Payslip for period 1/2021", "header", {}),
        ("Period 3 2021", "header", {}),
        ("Annual accounts 2021", "header", {}),
        ("2021", "header", {2021: ""}),
        ("May 53", "footer", {}),
        ("May 54", "footer", {54: "<May"}),  # no day, no week
        ("12 de mayo", "footer", {}),
        ("Salt 4 12", "footer", {4: ">", 12: "<4"}),
        ("Salt 1499", "footer", {1499: "<Salt"}),
        ("Salt 1500", "footer", {}),
        ("Salt 2100", "footer", {}),
        ("Salt 2101", "footer", {2101: "<Salt"}),
        ("Invoice no. 118", "header", {}),
        ("§ 12 Salt", "header", {}),
        ("$12", "footer", {}),
        ("24 / 24", "footer", {24: ""}),
        ("25 / 24", "footer", {25: "|", 24: "|"}),
    ],
)
def test_what_stands_beside_a_number_says_whether_it_can_be_the_pages(text, zone, found):
    line = Line(text, 50, 20, 150, 32, 30, 10)
    assert {number.value or from_roman(text): number.beside for number in numbers_in(line, zone, 20)} == found


@pytest.mark.parametrize(
    ("text", "zone", "n_cells", "beside"),
    [
        ("12 Salt", "footer", 2, "|"),
        ("12 Salt", "header", 2, ">"),
        ("12 Salt", "header", 3, "|"),
        ("Salt 12", "header", 2, "|"),
        ("Salt 12 iron", "header", 2, ">"),
        ("Salt 12 iron", "header", 3, "|"),
        ("Page 12 Salt", "header", 2, ""),
    ],
)
def test_a_gap_beside_a_number_sets_it_apart_but_for_a_headings(text, zone, n_cells, beside):
    line = Line(text, 50, 20, 150, 32, 30, 10, cells=n_cells)
    assert [number.beside for number in numbers_in(line, zone, 20)] == [beside]


def test_the_last_page_says_its_number_twice():
    line = Line("9 of 9", 50, 20, 150, 32, 30, 10)
    assert [number.beside for number in numbers_in(line, "footer", 20)] == ["", "<of"]


@pytest.mark.parametrize(("text", "prefix"), [("A-3", "A-"), ("12-3", "12-"), ("3", "")])
def test_a_page_number_may_have_a_prefix(text, prefix):
    (number,) = numbers_in(Line(text, 50, 20, 150, 32, 30, 10), "footer", 20)
    assert (number.prefix, number.value) == (prefix, 3)


def test_a_numeral_is_one_number_of_a_page():
    texts = ["12", "- 12 -", "xii", "XII", "9999", "10000", "1 2", "Salt", "12a"]
    assert [is_numeral(text) for text in texts] == [True] * 5 + [False] * 4


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
    assert texts == [
        f"A Book of Food\n\n{distinct(1)}\n\nPublisher",  # said nowhere else
        f"The Chapter on Salt\n\n{distinct(2)}",
        *map(distinct, range(3, 9)),
    ]
    assert running == {"Publisher | #": 4, "A Book of Food": 3, "# | Publisher": 3, "The Chapter on Salt": 3}


def chapter_page(title, i, heading=False):
    """A page with a running title; on the first of a chapter, the title is a heading as well."""

    def draw(page):
        page.insert_text((50, 40), title, fontsize=9)
        if heading:
            page.insert_text((50, 90), title, fontsize=16)
        write_prose(page, distinct(i), box=(50, 110, 370, 520))

    return draw


TITLES = ["Iron", "Iron", "Iron", "Zinc", "Zinc", "Salt", "Water"]


def test_titles_of_short_chapters_are_known_by_their_place_and_their_headings(read):
    first = [i for i, title in enumerate(TITLES) if title not in TITLES[:i]]
    texts, running = read(*[chapter_page(title, i, heading=i in first) for i, title in enumerate(TITLES)])
    assert texts == [f"{TITLES[i]}\n\n{distinct(i)}" if i in first else distinct(i) for i in range(7)]
    assert running == {"Iron": 3, "Zinc": 2, "Salt": 1, "Water": 1}


@pytest.mark.parametrize(("n_others", "stay"), [(2, False), (3, True)])
def test_a_title_stays_where_a_quarter_of_the_pages_have_text_in_its_place(read, n_others, stay):
    def text_page(i):
        def draw(page):
            page.insert_text((50, 40), " ".join(distinct(i).split()[:3]), fontsize=9)
            write_prose(page, distinct(i), box=(50, 43, 370, 520))

        return draw

    short = [chapter_page(title, i, heading=title not in TITLES[:i]) for i, title in enumerate(TITLES)]
    _, running = read(*short, *map(text_page, range(7, 7 + n_others)))
    assert running["Iron"] == 3
    assert [title in running for title in ("Zinc", "Salt", "Water")] == [not stay] * 3


def test_names_in_one_place_that_are_no_headings_are_data(read):
    texts, running = read(*[chapter_page(title, i) for i, title in enumerate(TITLES)])
    assert running == {"Iron": 2}
    assert [text.split()[0] for text in texts[3:]] == TITLES[3:]


@pytest.mark.parametrize("footer", ["{title} {n}", "{n} {title}"])
def test_of_a_title_of_which_every_page_has_another_the_page_number_is_cut(read, footer):
    titles = ["Iron", "Zinc", "Salt", "Water", "Sugar", "Fat"]
    pages = [
        book_page(footer=footer.format(title=title, n=i + 5), body=distinct(i))
        for i, title in enumerate(titles)
    ]
    texts, running = read(*pages)
    assert texts == [f"{distinct(i)}\n\n{title}" for i, title in enumerate(titles)]
    assert running == {"#": 6}


@pytest.mark.parametrize(
    ("numbers", "labels"),
    [
        ("- - 1 2 - 4 5 - 7 - -", "[1] [2] 1 2 3 4 5 6 7 [10] [11]"),
        ("i ii iii - - 1 2 3", "i ii iii iv v 1 2 3"),
        ("i ii iii - -", "i ii iii [4] [5]"),
        ("1 2 3 - 1 2 3", "1 2 3 [4] 1 2 3"),
        ("- 2 3 i ii 4 - 6 7", "1 2 3 i ii 4 5 6 7"),
        ("1 1 2 2 2 3 4 5 5 6 7 8 8", "1 1 2 2 2 3 4 5 5 6 7 8 8"),
        ("11 12 13 31 32 33", "11 12 13 31 32 33"),
    ],
)
def test_pages_without_a_number_take_it_from_the_run_that_they_lie_in_or_before(numbers, labels):
    def page(number):
        tops = [100 + 14 * i for i in range(20)]
        body = [Line(f"Line {i} of the text.", 50, y, 300, y + 12, y + 10, 11) for i, y in enumerate(tops)]
        return body if number == "-" else [*body, Line(number, 150, 700, 160, 712, 710, 11)]

    pages = [page(number) for number in numbers.split()]
    printed = find_labels(pages, [800] * len(pages))
    found, rule, _ = choose_labels([""] * len(pages), printed)
    assert (" ".join(found), rule) == (labels, "footer")


@pytest.mark.parametrize(
    ("n_pages", "with_header", "gone"), [(2, 2, True), (3, 2, False), (3, 3, True), (1, 1, False)]
)
def test_three_pages_are_enough_or_both_of_two(read, n_pages, with_header, gone):
    pages = [book_page("A Book of Food" if i < with_header else "", body=distinct(i)) for i in range(n_pages)]
    texts, running = read(*pages)
    assert texts[-1].startswith("A Book of Food") == (not gone and with_header == n_pages)
    assert running == ({"A Book of Food": with_header - 1} if gone else {})


@pytest.mark.parametrize(("x", "turn", "n"), [(53.8, 0, 1), (54.2, 0, 0), (53.8, 90, 2), (54.2, 90, 0)])
def test_on_two_pages_the_place_has_to_be_the_same(read, x, turn, n):
    def page(i, x):
        def draw(page):
            page.insert_text((x, 40), "Book", fontsize=9, rotate=turn)
            write_prose(page, distinct(i))

        return draw

    assert read(page(0, 50), page(1, x))[1] == ({"Book": n} if n else {})


def statement(top, foot):
    def draw(page):
        write_lines(page, top, y=40, fontsize=10)
        write_lines(page, foot, y=555, fontsize=10)
        write_prose(page, distinct(len(top[0])), box=(50, 110, 370, 500))

    return draw


@pytest.mark.parametrize("step", [1, 13])
@pytest.mark.parametrize(
    ("top", "foot"),
    [
        ("Invoice no. {}", "Total due: {}.50 EUR"),
        ("Decision no. {0} of {0} March 2021", "Fine: {}00 crowns"),
        ("Sample no. 2021-{}", "{} Ibid., p. 114."),
        ("Case No. 2021-{}", "Taken on {}.4.2021"),
        ("2.{} Salt and iron", "To be paid by {} June 2021"),
    ],
)
def test_lines_that_differ_only_by_their_numbers_are_data(read, top, foot, step):
    pages = [(top.format(7 + step * i), foot.format(7 + step * i)) for i in range(4)]
    texts, running = read(*[statement([above], [below]) for above, below in pages])
    assert [(above in text, below in text) for text, (above, below) in zip(texts, pages, strict=True)] == [
        (True, True)
    ] * 4
    assert running == {}


@pytest.mark.parametrize("foot", ["Page {} of 6", "{}"])
@pytest.mark.parametrize(
    "top", ["Site report of {} May 2021", "Time sheet, week {} of 2021", "Log of 2021-05-{}"]
)
def test_a_date_that_rises_with_the_pages_is_no_page_number(tmp_path, top, foot):
    tops = [top.format(11 + i) for i in range(6)]
    for feet, labels in (([foot.format(i + 3) for i in range(6)], "3 4 5 6 7 8"), ([""] * 6, "1 2 3 4 5 6")):
        pages = [statement([above], [below]) for above, below in zip(tops, feet, strict=True)]
        pages, report = read_one(make_pdf(tmp_path / "a.pdf", *pages))
        assert pages["label"].tolist() == labels.split()
        assert [above in text for above, text in zip(tops, pages["text"], strict=True)] == [True] * 6
        assert report["taken_out"] == ({foot.format("#"): list(range(6))} if feet[0] else {})


LETTERHEAD = [
    "Northern Survey Company",
    "14 Harbour Street",
    "0150 Oslo",
    "Telephone 22 00 00 00",
    "Registered no. 918 273",
    "Reference: HYD-7",
]


@pytest.mark.parametrize("n_pages", [2, 3])
@pytest.mark.parametrize("depth", [1, 3, 4, 6])
@pytest.mark.parametrize("where", ["top", "foot"])
def test_letterheads_of_any_depth_go_but_for_the_first(read, n_pages, depth, where):
    head = LETTERHEAD[:depth]

    def page(i):
        def draw(page):
            write_lines(page, head, y=30 if where == "top" else 580 - 11 * depth, step=11, fontsize=8)
            write_prose(page, distinct(i), box=(50, 130, 370, 480))

        return draw

    texts, running = read(*[page(i) for i in range(n_pages)])
    assert texts[1:] == [distinct(i) for i in range(1, n_pages)]
    whole = [*head, distinct(0)] if where == "top" else [distinct(0), *head]
    assert texts[0].split() == " ".join(whole).split()
    assert running == dict.fromkeys(head, n_pages - 1)


def test_a_block_that_not_all_repeats_stays_but_for_its_first_rows(read):
    head = [["Northern Survey Company", f"To {name}", *LETTERHEAD[1:5]] for name in ("Poe", "Roe", "Doe")]

    def page(i):
        def draw(page):
            write_lines(page, head[i], y=30, step=11, fontsize=8)
            write_prose(page, distinct(i), box=(50, 130, 370, 480))

        return draw

    texts, _ = read(*map(page, range(3)))
    assert [name in text for name, text in zip(("Poe", "Roe", "Doe"), texts, strict=True)] == [True] * 3
    assert "Telephone 22 00 00 00" in texts[0]


def test_a_stamp_without_a_gap_to_the_text_is_a_running_line(read):
    def page(i):
        def draw(page):
            lines = [distinct(i + k)[:50] for k in range(35)]
            write_lines(page, lines, y=60, step=14, fontsize=10)
            page.insert_text((50, 550), "Downloaded by a guest of the library", fontsize=9)

        return draw

    assert read(*map(page, range(3)))[1] == {"Downloaded by a guest of the library": 2}


def test_a_body_line_level_with_the_page_number_stays(read):
    def page(i):
        def draw(page):
            write_prose(page, distinct(i))
            page.insert_text(
                (50, 565), f"The boat of the year {1840 + 3 * i} was called the Swan.", fontsize=10
            )
            page.insert_text((380, 565), str(i + 21), fontsize=10)

        return draw

    texts, running = read(*map(page, range(5)))
    assert [text.endswith(f"{1840 + 3 * i} was called the Swan.") for i, text in enumerate(texts)] == [
        True
    ] * 5
    assert running == {"#": 5}


def test_what_is_taken_out_is_listed_with_its_pages(tmp_path):
    pages = [book_page("A Book of Food" if i else "", str(i + 4), distinct(i)) for i in range(5)]
    _, report = read_one(make_pdf(tmp_path / "a.pdf", *pages))
    assert report["taken_out"] == {"#": [0, 1, 2, 3, 4], "A Book of Food": [2, 3, 4]}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Salt.", "Account 12-34-56, Poe Ltd\n\n"),
        ("This is about account 12-34-56, Poe Ltd.", ""),
        ("Poe Ltd has the account 12-34-56.", ""),
        ("Poe Ltd has the account 12-34-57.", "Account 12-34-56, Poe Ltd\n\n"),
    ],
)
def test_what_runs_and_is_said_nowhere_else_stays_once(read, text, first):
    bodies = [text, *map(distinct, range(3))]
    texts, running = read(
        *[book_page("Account 12-34-56, Poe Ltd", f"Page {i}", body) for i, body in enumerate(bodies, 1)]
    )
    assert texts == [first + text, *bodies[1:]]
    assert running == {"Page #": 4, "Account 12-34-56, Poe Ltd": 3 if first else 4}


def test_what_stays_once_stays_without_the_pages_number(read):
    feet = [f"MS-3 (1747)   Page {i} of 4   navy.example" for i in range(1, 5)]
    texts, running = read(*[book_page("", foot, distinct(i)) for i, foot in enumerate(feet)])
    assert texts == [f"{distinct(0)}\n\nMS-3 (1747) navy.example", *map(distinct, range(1, 4))]
    assert running == {"MS-3 (1747) Page # of 4 navy.example": 3}


@pytest.mark.parametrize(
    ("end", "begin", "joined"),
    [
        ("and the ship", "sailed on to the north.", "and the ship\n\nsailed on to the north."),
        ("of the navi-", "gation of the north.", "of the navigation\n\nof the north."),
    ],
)
def test_what_stays_once_at_the_foot_does_not_part_a_sentence(read, end, begin, joined):
    def page(body):
        def draw(page):
            write_prose(page, body)
            write_lines(page, ["in 14 Harbour Street"], y=565, fontsize=10)

        return draw

    texts, _ = read(
        *map(page, [f"{distinct(0)}\n{distinct(1)} {end}", f"{begin} {distinct(2)}", distinct(3)])
    )
    assert "in 14 Harbour Street\n\n" in texts[0]
    assert joined in "\n\n".join(texts)


@pytest.mark.parametrize(("other", "gone"), [("Report of the Navy", True), ("Report of the Army", False)])
def test_on_both_of_two_pages_a_number_beside_the_same_words_is_the_pages(read, other, gone):
    feet = ["Report of the Navy", other]

    def page(i):
        def draw(page):
            write_prose(page, distinct(i))
            write_lines(page, [feet[i]], y=565, fontsize=9)
            page.insert_text((360, 565), str(i + 1), fontsize=9)

        return draw

    texts, running = read(page(0), page(1))
    assert running == ({f"{feet[0]} #": 1} if gone else {})
    assert texts[1] == distinct(1) + ("" if gone else f"\n\n{feet[1]} 2")


def test_a_part_of_a_longer_word_does_not_say_what_runs(read):
    texts, running = read(*[book_page("Ann", body=f"Annual figures {distinct(i)}") for i in range(3)])
    assert (texts[0].split()[:2], running) == (["Ann", "Annual"], {"Ann": 2})


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
    assert running == {"A Book of Food": 35}
    assert [text.endswith("end function") for text in texts] == [i % 12 == 0 for i in range(36)]


def test_a_small_line_close_to_the_text_on_every_slide_is_a_running_line(read):
    def slide(i):
        def draw(page):
            write_lines(page, ["A. Lind, University"], y=30, fontsize=6)
            write_lines(page, [distinct(i + k)[:50] for k in range(6)], y=45, fontsize=11)

        return draw

    assert read(*[slide(i) for i in range(5)])[1] == {"A. Lind, University": 4}


@pytest.mark.parametrize(("n_numbers", "n_pages", "left"), [(10, 3, 0), (10, 2, 20), (9, 3, 27)])
def test_ten_numbers_of_lines_on_three_pages_are_no_text(read, n_numbers, n_pages, left):
    def draft(i):
        def draw(page):
            for k in range(3, 3 * n_numbers + 1, 3):
                page.insert_text((30, 80 + 14 * k), str(k + 30 * i), fontsize=7)
            write_lines(page, [distinct(i + k)[:50] for k in range(30)], y=94, fontsize=10)

        return draw

    words = " ".join(read(*map(draft, range(n_pages)))[0]).split()
    assert sum(map(str.isdigit, words)) == left


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
    assert running == {"第#页共9页": 6}
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
    assert running == {"A Book of Food": 3}
    assert all(text.startswith("Vitamin Amount Source\n") for text in texts[1:])


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
    assert running == {"Downloaded on Monday": 3}
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
    cut, tails = cut_running_tails(pages, printed)
    assert clean_margins(cut, heights, printed) == (cut, {})
    texts = [" ".join(line.text for line in rows) for rows in cut]
    assert texts == [distinct(i)[: 150 + 40 * (i % 5)] + "." for i in range(len(pages))]
    assert [tails[2], tails[3], tails[14]] == [
        "# | Food and Health",
        "Food and Health | #",
        "# | Food and Health",
    ]
    assert len(tails) == len(pages)


def ends(*feet):
    """What is cut from pages that end with these lines, and their number in the flow of the text, by page."""
    pages = [flow(distinct(i)[: 150 + 40 * (i % 5)]) for i in range(len(feet))]
    for i, (rows, foot) in enumerate(zip(pages, feet, strict=True)):
        rows += flow(foot, rows[-1].y1)
        rows += flow(str(i + 4), rows[-1].y1)
    seen = {i: Sighting(i, "footer", 50.0 * i, len(rows) - 1, False) for i, rows in enumerate(pages)}
    return cut_running_tails(pages, Printed([str(i + 4) for i in range(len(feet))], seen))[1]


OWN = [f"So it was in the year of the {name}." for name in ("ox", "hen", "cow", "pig", "goat", "cat")]


@pytest.mark.parametrize(
    ("feet", "cut"),
    [
        ([*OWN[:4], "Seen in Oslo, May 2021.", "Seen in Oslo, May 2021."], {}),  # two may end alike
        ([*OWN[:3], *[f"{own[:-1]} and of our revenue." for own in OWN[3:]]], dict.fromkeys([3, 4, 5], "#")),
        ([*OWN[:3], *["See the notes."] * 3], dict.fromkeys([3, 4, 5], "See the notes. #")),
    ],
)
def test_what_pages_end_alike_with_is_a_footer_only_if_three_have_the_whole_line(feet, cut):
    assert ends(*feet) == cut


def test_a_number_in_the_text_is_not_cut_though_the_first_page_has_none_of_its_own(tmp_path):
    def page(i):
        foot = "1 zone is meant by the plan of the town." if i == 0 else ""
        return book_page(f"Page {i + 1}" if i else "", "", f"{distinct(i)}\n\n{foot}".strip())

    texts, _ = read_one(make_pdf(tmp_path / "a.pdf", *map(page, range(6))))
    assert "1 zone is meant by the plan of the town." in texts["text"][0]


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


def numbered(text, y, at=300.0, size=10.0, other="", pages=1):
    """Pages of text in one size, with a number in the bottom margin and another line at the top."""
    tops = [100 + 14 * i for i in range(20)]
    body = [
        Line(f"Words of line {i}.", 50, top, 300, top + size, top + size, size) for i, top in enumerate(tops)
    ]
    foot = [Line(text, at, y, at + 20, y + 12, y + 10, 10)] if text else []
    return [[Line(other, 50, 20, 300, 32, 30, 12.5), *body, *foot] if other else [*body, *foot]] * pages


@pytest.mark.parametrize(
    ("foot", "y", "label"),
    [("2", 700, "2"), ("2 / 3", 700, "2"), ("2", 702, "[4]"), ("2 Salt", 700, "[4]"), ("Salt", 700, "[4]")],
)
def test_a_lone_number_where_three_pages_have_theirs_is_the_pages_own(foot, y, label):
    pages = [page for number in "123" for page in numbered(number, 700)] + numbered(foot, y)
    printed = find_labels(pages, [800] * 4)
    assert choose_labels([""] * 4, printed)[0] == ["1", "2", "3", label]


@pytest.mark.parametrize(("size", "labels"), [(10.5, "28 29 30"), (10, "1 2 3")])
def test_a_header_larger_than_the_listings_of_other_pages_holds_its_number(size, labels):
    """Small listings fill most pages; beside the text of the pages that have it, the header is no heading."""
    few = [page for i in (28, 29, 30) for page in numbered("", 0, size=size, other=f"Salt | {i}")]
    printed = find_labels(few + numbered("", 0, size=7.0, pages=4), [800] * 7)
    assert choose_labels([""] * 7, printed)[0][:3] == labels.split()

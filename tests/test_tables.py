"""Tables: a row stays a row, its cells parted, its heads known; and what only looks like a table is none."""

from itertools import pairwise

import pymupdf
import pytest
from conftest import embed, make_pages
from made_pdfs import PROSE, book_page, make_pdf, write_lines, write_prose

from ragkit.chunk import chunk_pages
from ragkit.found import find
from ragkit.grounding.quotes import key_sentences
from ragkit.index import Index
from ragkit.pdf import read_page, read_pdf
from ragkit.reading.cells import Columns
from ragkit.reading.lines import Line
from ragkit.reading.rules import Rules
from ragkit.words.sentences import split_sentences

FAULTS = [
    ["Code", "Meaning", "What to do"],
    ["E03", "Undervoltage", "Check the supply"],
    ["E07", "Rotor blocked", "Free the rotor"],
    ["E11", "Dry running", "Fill the circuit"],
]
SALES = [
    ["(in millions)", "2020", "2019"],
    ["Net sales", "1,204", "1,180"],
    ["Cost of sales", "(811)", "(790)"],
    ["Income", "393", "390"],
]


def table(rows, xs=(50, 150, 260), y=120.0, step=16.0, bold=True, ruled=True, size=10.0):
    """Draw a table, row by row; a cell is a text, or a list of its lines."""

    def draw(page):
        base = y
        for i, row in enumerate(rows):
            cells = [[cell] if isinstance(cell, str) else cell for cell in row]
            for x, lines in zip(xs, cells, strict=False):
                font = "hebo" if bold and not i else "helv"
                write_lines(page, lines, x, base, step=12, fontsize=size, font=font)
            base += step + 12 * (max(map(len, cells)) - 1)
            if ruled:
                page.draw_line((xs[0], base - 11), (xs[-1] + 110, base - 11), width=0.5)

    return draw


def over(*parts):
    """Several things on one page."""

    def draw(page):
        for part in parts:
            part(page)

    return draw


def read(path, *pages):
    return read_pdf(make_pdf(path / "a.pdf", *pages))


def rows_of(path, *pages):
    """The lines of the text that are rows of a table."""
    return [line for text in read(path, *pages)["text"] for line in text.split("\n") if " | " in line]


def test_a_row_is_one_line_and_a_block_with_its_heads(tmp_path):
    above = book_page(body="Faults are shown by a letter and two digits.")
    page = read(tmp_path, over(above, table(FAULTS))).iloc[0]
    assert "\n\nCode | Meaning | What to do\nE03 | Undervoltage" in page["text"]
    texts = [page["text"][start:end] for start, end, *_ in page["blocks"]]
    row = texts.index("E07 | Rotor blocked | Free the rotor")
    assert page["heads"][row - 2 : row + 1] == ["", *["Code | Meaning | What to do"] * 2]
    _, _, x0, y0, x1, y1 = page["blocks"][row]
    assert (round(x0), 310 < x1 < 340) == (50, True)  # from the first cell to the last
    assert 140 < y0 < 152 < y1 < 158  # this row only, whose baseline is at 152


def test_figures_need_no_rules_and_years_are_heads(tmp_path):
    page = read(tmp_path, table(SALES, bold=False, ruled=False)).iloc[0]
    assert page["text"].split("\n")[1] == "Net sales | 1,204 | 1,180"
    assert page["heads"] == ["", *["(in millions) | 2020 | 2019"] * 3]


def test_words_need_heads_or_rules(tmp_path):
    assert not rows_of(tmp_path, table(FAULTS, bold=False, ruled=False))
    assert (
        rows_of(tmp_path, table(FAULTS, bold=True, ruled=False))[2] == "E07 | Rotor blocked | Free the rotor"
    )
    plain = read(tmp_path, table(FAULTS, bold=False, ruled=True)).iloc[0]
    assert "E07 | Rotor blocked | Free the rotor" in plain["text"]
    assert set(plain["heads"]) == {""}  # nothing shows that the first row is one of heads


def test_one_rule_below_the_first_row_makes_it_the_heads(tmp_path):
    def rules(page):
        for y in (106, 124, 174):
            page.draw_line((50, y), (370, y), width=0.5)

    page = read(tmp_path, over(table(FAULTS, bold=False, ruled=False), rules)).iloc[0]
    assert page["heads"] == ["", *["Code | Meaning | What to do"] * 3]


def test_cells_of_several_lines_stay_in_their_row(tmp_path):
    rows = [
        *FAULTS[:2],
        ["E07", ["Rotor blocked", "by lime or rust"], ["Free the rotor,", "see the last page"]],
        FAULTS[3],
    ]
    assert rows_of(tmp_path, table(rows))[2:] == [
        "E07 | Rotor blocked by lime or rust | Free the rotor, see the last page",
        "E11 | Dry running | Fill the circuit",
    ]
    rows[2] = ["E07", "Rotor blocked", ["Free the rotor,", "see the last page"]]
    assert (
        rows_of(tmp_path, table(rows, ruled=False))[2]
        == "E07 | Rotor blocked | Free the rotor, see the last page"
    )


def test_a_name_of_two_lines_has_its_figures_beside_it(tmp_path):
    rows = [*SALES, ["Average revenue of each", "", ""], ["paying member", "8.50", "8.14"]]
    assert (
        rows_of(tmp_path, table(rows, ruled=False, bold=False))[-1]
        == "Average revenue of each paying member | 8.50 | 8.14"
    )
    rows[-2:] = [["Assets:", "", ""], ["Cash", "8.50", "8.14"]]
    assert rows_of(tmp_path, table(rows, ruled=False, bold=False))[-1] == "Cash | 8.50 | 8.14"


def test_an_empty_cell_keeps_the_others_under_their_heads(tmp_path):
    rows = [*SALES, ["Tax", "", "12"], ["Fees", "3", ""]]
    assert rows_of(tmp_path, table(rows, ruled=False))[-2:] == ["Tax | | 12", "Fees | 3"]


def test_a_sign_belongs_to_the_number_after_it(tmp_path):
    signs = [
        ["Net sales", "$", "1,204", "$", "1,180"],
        ["Costs", "", "811", "", "790"],
        ["Income", "$", "393", "$", "390"],
    ]
    rows = [["", "", "2020", "", "2019"], *signs]
    assert rows_of(tmp_path, table(rows, xs=(50, 150, 180, 250, 280), ruled=False)) == [
        "| 2020 | 2019", "Net sales | $1,204 | $1,180", "Costs | 811 | 790", "Income | $393 | $390",
    ]  # fmt: skip


def cells_of(*pieces):
    """The cells of a row of three columns, whose pieces begin at these places; a letter is 5 points broad."""
    row = [Line(text, x, 90, x + 5 * len(text), 100, 98, 10) for x, text in pieces]
    return Columns([140, 240]).cells(row)


@pytest.mark.parametrize(
    "cells",
    [
        ["Strom", "1.120,50 €", "130,20 €"],
        ["Wasser", "80,00 €", "keine"],
        ["Strom", "300 €", "150 € im Jahr"],
        ["Wasser", "80,00 €", "–"],
        ["Rohre", "11.870 €", "4"],
        ["Miete in €", "7", "9"],
        ["Pacht", "80,00 $", "90,00 $"],
        ["Costs", "$811", "790"],
        ["Costs", "£811", "£790"],
        ["Kosten", "€ 811", "€ 790"],
    ],
)
def test_a_sign_stays_with_its_number(cells):
    assert cells_of(*zip((50, 150, 250), cells, strict=True)) == cells
    pieces = []  # a sign as one of its own
    for x, cell in zip((50, 150, 250), cells, strict=True):
        number = cell.removesuffix(" €")
        pieces += [(x, number), (x + 5 * len(number) + 5, cell[len(number) + 1 :])]
    assert cells_of(*(piece for piece in pieces if piece[1])) == cells


@pytest.mark.parametrize("sign", "$£€")
@pytest.mark.parametrize(
    ("last", "moved"), [("1,180", "{}1,180"), ("(90)", "{}(90)"), ("—", "{}—"), ("none", "none")]
)
def test_a_sign_written_with_the_number_before_belongs_to_the_one_after(sign, last, moved):
    own = "" if last != "none" else f" {sign}"
    cells = cells_of((50, "Net sales"), (150, f"{sign}1,204 {sign}"), (250, last))
    assert cells == ["Net sales", f"{sign}1,204{own}", moved.format(sign)]


def test_a_sign_after_a_number_does_not_stick_to_the_words_below():
    assert cells_of((50, "Beitrag je 100 €"))[0] == "Beitrag je 100 €"
    lines = [
        Line(text, 50, y, 90, y + 10, y + 8, 10) for y, text in ((90, "Beitrag je 100 €"), (102, "Summe"))
    ]
    assert Columns([140]).cells(lines) == ["Beitrag je 100 € Summe", ""]


def grid(rows, xs=(50, 150, 260, 370), y=100.0, size=10.0, skip=(), bold=(0,)):
    """Draw a table with lines around every cell but those in `skip`; its cells come one after the other."""

    def draw(page):
        ys = [y]
        for i, row in enumerate(rows):
            cells = [[cell] if isinstance(cell, str) else cell for cell in row]
            for x, lines in zip(xs, cells, strict=False):
                write_lines(page, lines, x + 3, ys[-1] + 11, 12, size, font="hebo" if i in bold else "helv")
            ys.append(ys[-1] + 4 + 12 * max(map(len, cells)))
        for k, level in enumerate(ys):
            for j, (x0, x1) in enumerate(pairwise(xs)):
                if (k, j) not in skip:
                    page.draw_line((x0, level), (x1, level), width=0.5)
        for x in xs:
            for top, bottom in pairwise(ys):
                if (x, top) not in skip:
                    page.draw_line((x, top), (x, bottom), width=0.5)

    return draw


TASKS = [["Name", "Task", "Phone"], ["Anna Berg", ["Cash, member-", "ship and all", "letters"], "0551 1234"],
         ["Tom Kurz", "Keys", "0551 9876"]]  # fmt: skip
READ = [
    "Name | Task | Phone",
    "Anna Berg | Cash, membership and all letters | 0551 1234",
    "Tom Kurz | Keys | 0551 9876",
]


def test_the_cells_of_a_grid_are_those_of_its_lines_however_many_lines_each_has(tmp_path):
    assert rows_of(tmp_path, grid(TASKS)) == READ
    assert rows_of(tmp_path, grid([TASKS[0], *TASKS[:0:-1]])) == [READ[0], *READ[:0:-1]]
    assert rows_of(tmp_path, grid([[row[0], row[2], row[1]] for row in TASKS]))[1].endswith(
        "Cash, membership and all letters"
    )
    page = read(tmp_path, grid(TASKS)).iloc[0]
    assert page["heads"][-2:] == [READ[0]] * 2
    form = [["Address", "14 Canal Road"], [["if it is", "another"], "Leeds"], ["Born", "1 May 1990"]]
    assert rows_of(tmp_path, grid(form, (50, 150, 260)))[1:] == [
        "if it is another | Leeds",
        "Born | 1 May 1990",
    ]


def test_cells_around_the_middle_of_their_row_are_in_it(tmp_path):
    def draw(page):
        for k, (number, lines, result) in enumerate(
            [("6", 3, "fine"), ("7", 2, "replace"), ("8", 3, "clean")]
        ):
            top, words = 100 + 40 * k, ["Check the belt", "and clean it, then", "note it"][:lines]
            page.insert_text((53, top + 23), number)
            write_lines(page, words, 153, top + 30 - 6 * lines, 12, 10)
            page.insert_text((263, top + 23), result)
        for x in (50, 150, 260, 370):
            page.draw_line((x, 100), (x, 220))
        for y in (100, 140, 180, 220):
            page.draw_line((50, y), (370, y))

    assert rows_of(tmp_path, draw) == [
        "6 | Check the belt and clean it, then note it | fine", "7 | Check the belt and clean it, then | replace",
        "8 | Check the belt and clean it, then note it | clean",
    ]  # fmt: skip


def test_what_stands_above_the_lines_of_a_grid_is_none_of_its_rows(tmp_path):
    def header(page):
        for x, text in ((53, "Marlowe Society"), (263, "marlowe.example")):
            page.insert_text((x, 94), text, fontsize=10)

    page = read(tmp_path, over(header, grid(TASKS))).iloc[0]
    assert page["text"].split("\n")[0] == "Marlowe Society marlowe.example"
    assert page["heads"][-1] == READ[0]


def test_neighbouring_cells_of_a_grid_stay_apart(tmp_path):
    rows = [
        ["Firm", "Offer (gross) of", "Done"],
        ["Rohrbau Linnemann", "in March and not later", "1"],
        ["Sander", "in May", "2"],
    ]
    xs = (50, 145.5, 290, 340)  # cells are so narrow that MuPDF makes one line of two
    with pymupdf.open(make_pdf(tmp_path / "a.pdf", grid(rows, xs))) as document:
        lines = [line for block in document[0].get_text("dict")["blocks"] for line in block["lines"]]
        assert len(lines) < 9
    assert rows_of(tmp_path, grid(rows, xs)) == [" | ".join(row) for row in rows]


def test_all_cells_of_a_narrow_head_stay_apart(tmp_path):
    rows = [
        ["Kind of park", "Parks", "Species", "Bees per visit"],
        ["Meadow", "6", "47", "112"],
        ["Lawn", "10", "19", "23"],
    ]
    xs = (50, 113.5, 143.5, 184, 255)  # MuPDF makes one line of all four
    with pymupdf.open(make_pdf(tmp_path / "a.pdf", grid(rows, xs))) as document:
        lines = [line for block in document[0].get_text("dict")["blocks"] for line in block["lines"]]
        assert len(lines) == 9
    assert rows_of(tmp_path, grid(rows, xs)) == [" | ".join(row) for row in rows]


def test_a_cell_that_reaches_over_several_is_said_in_each(tmp_path):
    rows = [["Cover", "Variant", ""], ["", "Basic", "Full"], ["Theft", "none", "900"], ["Glass", "40", "all"]]
    skip = [(1, 0), (260, 100.0)]  # the first cell is two rows high, the second two columns broad
    found = rows_of(tmp_path, grid(rows, skip=skip, bold=(0, 1)))
    assert found == ["Cover | Variant Basic | Variant Full", "Theft | none | 900", "Glass | 40 | all"]
    (heads, *_) = rows_of(tmp_path, grid([rows[0], *rows[2:]], skip=skip[1:]))
    assert heads == "Cover | Variant"  # which parts nothing
    rows = [["Group", "Sample", "Germs"], ["Pond", "P1", "58"], ["", "P2", "3"], ["Well", "", "0"]]
    assert rows_of(tmp_path, grid(rows, skip=[(2, 0)]))[1:] == [
        "Pond | P1 | 58",
        "Pond | P2 | 3",
        "Well | | 0",
    ]


MONTHS = [["Day", "Event"], ["May", ""], ["3", "Course"], ["June", ""], ["7", "Fair"]]


def test_a_title_over_some_rows_of_a_table_is_one_of_their_heads(tmp_path, tokenizer, embedder):
    skip = [(150, y) for y in (116, 148)]  # titles are as broad as the table
    pages = read(tmp_path, grid(MONTHS, xs=(50, 150, 370), skip=skip, bold=(0, 1, 3)))
    assert pages["text"].item().split("\n") == ["Day | Event", "May", "3 | Course", "June", "7 | Fair"]
    assert pages["heads"].item() == [
        "",
        "Day | Event",
        "Day | Event\nMay",
        "Day | Event",
        "Day | Event\nJune",
    ]
    chunks = chunk_pages(pages, tokenizer)
    index = Index.from_arrays(chunks, embed(embedder, chunks["text"]), embedder, sample=0)
    quotes = key_sentences("What is on in June?", index.chunks, index)
    assert quotes.loc[0, ["text", "before"]].tolist() == ["7 | Fair", "June: Day | Event"]
    assert "June" not in quotes["text"].tolist()  # it says nothing alone


def test_a_band_of_a_grid_may_hold_several_rows(tmp_path):
    rows = [["Code", "Meaning", "Do"], *([f"E{i}", "Rotor blocked", "Free it"] for i in range(4))]
    skip = [(k, j) for k in (2, 3, 4) for j in range(3)]  # lines below the heads and at the end
    assert rows_of(tmp_path, grid(rows, skip=skip)) == [" | ".join(row) for row in rows]


def test_a_frame_around_some_columns_parts_no_table(tmp_path):
    def frame(page):
        for y in (106, 122, 138, 154, 170, 186):
            page.draw_line((145, y), (230, y), width=0.5)
        for x in (145, 185, 230):
            page.draw_line((x, 106), (x, 186), width=0.5)

    rows = [
        ["", "2020", "2019", "2018"],
        *([name, "1,204", "1,180", "990"] for name in ("Sales", "Costs", "Tax", "Income")),
    ]
    page = table(rows, xs=(50, 150, 190, 250), ruled=False)
    assert rows_of(tmp_path, over(page, frame))[-1] == "Income | 1,204 | 1,180 | 990"


def test_a_grid_over_whose_lines_words_run_is_none(tmp_path):
    words = [
        ["North of the old harbour", "South", "East"],
        ["Many a ship came in", "West", "Sea"],
        ["And others", "went", "away"],
    ]
    assert not rows_of(tmp_path, grid(words, (50, 90, 260, 370)))


def test_a_heading_parts_two_tables(tmp_path):
    def heading(page):
        page.insert_text((50, 200), "Prices of drinks", fontsize=13, fontname="hebo")

    page = read(tmp_path, over(table(FAULTS), heading, table(FAULTS, y=226))).iloc[0]
    assert "Fill the circuit\n\nPrices of drinks\n\nCode | Meaning" in page["text"]


@pytest.mark.parametrize(
    "lines",
    [
        [("1", "Introduction", "3"), ("2", "The method", "7"), ("3", "What came out", "12"), ("4", "Sources", "30")],
        [("[1]", "A. Lind. Of scurvy. 1753."), ("[2]", "B. Cook. Voyages. 1777."), ("[3]", "C. Blane. 1785."),
         ("[4]", "D. Funk. Vitamins. 1912.")],
        [("x = a + b", "", "(1)"), ("y = a - b", "", "(2)"), ("z = x + y", "", "(3)"), ("w = z / 2", "", "(4)")],
        [("•", "It was cold in spring."), ("•", "Nothing grew until May."), ("•", "Prices rose by a third.")],
        [("Name:", "Ada Example"), ("Street:", "Harbour Street"), ("Town:", "Oslo"), ("Country:", "Norway")],
        [("Ada Example", "Oslo, 11 May 2021"), ("Harbour Street 14", "Our sign: ab-12")],
    ],
    ids=["contents", "references", "formulas", "bullets", "form", "two rows"],
)  # fmt: skip
def test_what_only_looks_like_a_table_is_none(tmp_path, lines):
    assert not rows_of(tmp_path, table(lines, bold=False, ruled=False))


def test_two_columns_of_prose_are_no_table_whatever_their_order_in_the_file(tmp_path):
    words = PROSE.split()
    pairs = [(" ".join(words[i : i + 5]), " ".join(words[i + 20 : i + 25])) for i in range(0, 40, 2)]
    assert not rows_of(tmp_path, table(pairs, xs=(50, 230), bold=False, ruled=False, step=13))
    boxes = over(*(lambda page, x=x: write_prose(page, PROSE * 2, (x, 70, x + 150, 540)) for x in (50, 220)))
    assert not rows_of(tmp_path, boxes)


def test_a_table_beside_a_column_of_prose_takes_none_of_it(tmp_path):
    prose = over(
        *(
            lambda page, x=x, y=y: write_prose(page, PROSE, (x, y, x + 150, y + 200))
            for x, y in ((50, 70), (220, 200))
        )
    )
    page = over(prose, table(SALES, xs=(220, 300, 340), y=90, bold=False, ruled=False, size=9))
    assert rows_of(tmp_path, page)[1:] == [" | ".join(row) for row in SALES[1:]]


def test_rules_are_looked_for_only_where_words_stand_in_rows(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("ragkit.reading.page.find_rules", lambda *how: asked.append(how) or Rules([], []))
    with pymupdf.open(make_pdf(tmp_path / "a.pdf", book_page(), table(FAULTS))) as document:
        read_page(document, 0)
        assert not asked
        read_page(document, 1)
        assert asked


def report(i):
    """A page with a running header and, at the top of the page, a table whose heads every page repeats."""
    rows = [
        ["Item", "Sold", "Left"],
        *([f"Mill {'abcde'[i]}{k}", str(100 + 7 * k + i), str(9 * k)] for k in range(2, 7)),
    ]

    def header(page):
        write_lines(page, ["Yearly report of the mill"], 50, 40)
        write_lines(page, [str(i + 5)], 340, 40)

    return over(header, table(rows, y=75, ruled=False))


def test_a_running_header_is_no_row_and_repeated_heads_stay(tmp_path):
    pages = read(tmp_path, *map(report, range(5)))
    first, *others = (text.split("\n")[0] for text in pages["text"])
    assert (first, others) == ("Yearly report of the mill", ["Item | Sold | Left"] * 4)
    assert pages["label"].tolist() == list("56789")


def test_a_table_that_goes_on_keeps_its_heads(tmp_path):
    more = [["E12", "No signal", "Check the cable"], ["E13", "Too hot", "Let it cool"], ["E14", "Faulty", "Replace it"],
            ["E15", "Too cold", "Wait"]]  # fmt: skip
    pages = read(tmp_path, table(FAULTS), table(more, bold=False))
    assert pages.loc[1, "heads"] == ["Code | Meaning | What to do"] * 4
    other = [[*row, "x"] for row in more]  # another table: it has another number of columns
    pages = read(tmp_path, table(FAULTS), table(other, xs=(50, 130, 220, 340), bold=False))
    assert set(pages.loc[1, "heads"]) == {""}


PAID = [
    ["Date", "Details", "Paid out"],
    ["27 Feb", "Sainsburys", "71.34"],
    ["28 Feb", "Orchard Lettings", "430.00"],
]


def header(page):
    for x, text in ((53, "Marlowe Society"), (263, "marlowe.example")):
        page.insert_text((x, 70), text + str(page.number), fontsize=10)


@pytest.mark.parametrize(("moved", "heads"), [(0, " | ".join(PAID[0])), (5, "")])
def test_a_grid_that_goes_on_below_a_header_keeps_its_heads_if_its_lines_are_in_the_same_places(
    tmp_path, moved, heads
):
    more = [["1 March", "Boots", "9.00"], ["2 March", "Trainline", "46.80"], ["3 March", "Co-op", "7.00"]]
    xs = (50, 150 + moved, 260 + moved, 370)
    pages = read(tmp_path, over(header, grid(PAID)), over(header, grid(more, xs, bold=())))
    assert pages.loc[1, "text"].startswith("Marlowe")
    assert pages.loc[1, "heads"][-3:] == [heads] * 3


@pytest.mark.parametrize("repeated", [True, False], ids=["heads", "no heads"])
@pytest.mark.parametrize(
    ("rest", "joined"),
    [
        (["", "deposit new flat", ""], True),
        (["", "Deposit new flat", ""], False),  # a row without a date
        (["1 March", "deposit new flat", ""], False),
        (["", "12", ""], False),
        (["at noon", "", ""], False),  # in the first cell
    ],
)
def test_a_row_that_the_end_of_the_page_cuts_is_put_together(tmp_path, rest, joined, repeated):
    more = [*PAID[: int(repeated)], rest, ["1 March", "Boots", "9.00"], ["2 March", "Co-op", "7.00"]]
    pages = read(tmp_path, over(header, grid(PAID)), over(header, grid(more, bold=(0,) if repeated else ())))
    assert ("28 Feb | Orchard Lettings deposit new flat | 430.00" in pages.loc[0, "text"]) == joined
    assert all(cell in pages.loc[1, "text"] for cell in rest) == (not joined)


@pytest.mark.parametrize(("rest", "joined"), [("", True), ("transfer", False)])
def test_what_fills_more_than_half_of_a_row_is_one_of_its_own(tmp_path, rest, joined):
    how = [
        ["Date", "Details", "How"],
        ["27 Feb", "Sainsburys", "card"],
        ["28 Feb", "Orchard Lettings", "bank"],
    ]
    more = [["", "deposit new flat", rest], ["1 March", "Boots", "card"], ["2 March", "Co-op", "card"]]
    pages = read(tmp_path, over(header, grid(how)), over(header, grid(more, bold=())))
    assert ("deposit" in pages.loc[0, "text"]) == joined


def test_a_chunk_that_begins_inside_a_table_repeats_its_heads(tmp_path, tokenizer):
    rows = [FAULTS[0], *([f"E{i}", "Rotor blocked again", "Free the rotor"] for i in range(20, 40))]
    pages = read(tmp_path, table(rows))
    chunks = chunk_pages(pages, tokenizer, max_tokens=40)
    assert len(chunks) > 3
    assert all(text.startswith("Code | Meaning | What to do\nE") for text in chunks["text"])
    assert chunks["n_tokens"].max() <= 40
    for text, boxes in zip(chunks["text"], chunks["boxes"], strict=True):
        rows_in_chunk = text.split("\n")[-len(boxes) :]
        assert [text[box["start"] : box["end"]] for box in boxes] == rows_in_chunk
    assert sum(text.count("Rotor blocked") for text in chunks["text"]) == 20


def test_heads_that_would_fill_the_chunk_are_not_repeated(tokenizer):
    heads = "one two three four five six seven eight nine ten | eleven"
    text = "\n".join(["a b c d e f g h | i", "j k l m n o p q r | s"])
    pages = make_pages(text)
    middle = text.index("\n")
    blocks = [[0, middle, 0.0, 0.0, 9.0, 9.0], [middle + 1, len(text), 0.0, 9.0, 9.0, 18.0]]
    pages = pages.assign(blocks=[blocks], heads=[[heads, heads]])
    assert "eleven" not in "".join(chunk_pages(pages, tokenizer, max_tokens=36)["text"])
    short = pages.assign(heads=[["1 | 2"] * 2])
    chunks = chunk_pages(short, tokenizer, max_tokens=36)
    assert chunks["text"].str.startswith("1 | 2\n").all()
    assert chunks["n_tokens"].max() <= 36


def test_a_row_that_fills_the_chunk_stands_without_its_heads(tokenizer):
    text = "a b c d e f g h i j k | l"
    n_tokens = len(tokenizer(text)["input_ids"])
    pages = make_pages(text).assign(heads=[["1 | 2"]])
    assert chunk_pages(pages, tokenizer, max_tokens=n_tokens)["text"].tolist() == [text]


def test_a_row_does_not_run_on_over_a_page_break(tokenizer):
    row = "A row of a table whose last cell is long | and has no stop at its end, which"
    (chunk,) = chunk_pages(make_pages(row, "goes on nowhere."), tokenizer)["text"]
    assert split_sentences(chunk) == [row, "goes on nowhere."]


def test_a_row_is_one_sentence_unless_it_is_too_long_to_be_quoted():
    row = "E07 | The rotor is blocked. Lime has settled. | Free it. See 7.1."
    assert split_sentences(row) == [row]
    assert len(split_sentences("a | " + "It is long. " * 50)) > 40


def test_a_row_is_quoted_with_its_heads_and_these_are_not_quoted(tokenizer, embedder):
    heads, row = "Code | Meaning | What to do", "E07 | Rotor blocked | Free the rotor"
    pages = make_pages(f"{heads}\n\n{row}").assign(heads=[["", heads]])
    chunks = chunk_pages(pages, tokenizer)
    index = Index.from_arrays(chunks, embed(embedder, chunks["text"]), embedder, sample=0)
    quotes = key_sentences("What does E07 mean, and what to do?", index.search("E07"), index)
    assert quotes[["text", "before"]].to_numpy().tolist() == [[row, heads]]


def test_a_row_says_what_the_heads_of_its_columns_do(tokenizer, embedder):
    heads, rows = "Name | Class", ["Emre | 3b", "Leyla | 1a"]
    pages = make_pages("\n\n".join([heads, *rows, "Emre is ill."])).assign(heads=[["", heads, heads, ""]])
    chunks = chunk_pages(pages, tokenizer)
    index = Index.from_arrays(chunks, embed(embedder, chunks["text"]), embedder, sample=0)
    found = find("Emre class", index)
    said = dict(zip(found.sentences["text"], found.said.tolist(), strict=True))
    assert said[rows[0]] == pytest.approx(1)
    assert 0 < said["Emre is ill."] < 1 > said[rows[1]] > 0


def test_a_heading_over_a_table_is_said_before_its_first_row_with_its_heads(tokenizer, embedder):
    heads, rows = "Code | Meaning", ["E03 | Low voltage", "E07 | Rotor blocked"]
    text = "\n\n".join(["Faults", heads, *rows])
    pages = make_pages(text).assign(heads=[["", "", heads, heads]], headings=[["Faults"] * 4])
    chunks = chunk_pages(pages, tokenizer)
    index = Index.from_arrays(chunks, embed(embedder, chunks["text"]), embedder, sample=0)
    quotes = key_sentences("faults", index.chunks, index)
    assert quotes[["text", "before"]].to_numpy().tolist() == [[rows[0], f"Faults: {heads}"], [rows[1], heads]]

import re

import pytest
from made_pdfs import PROSE, distinct, make_pdf, write_lines, write_prose

from ragkit.pdf import read_pdf
from ragkit.reading import lines
from ragkit.reading.columns import find_gutters, merge_rows
from ragkit.reading.hyphens import Vocabulary, join_hyphen, join_hyphens
from ragkit.reading.lines import Line, clean_characters, nonsense_share, usual_size
from ragkit.reading.paragraphs import split_paragraphs
from ragkit.reading.scripts import space_words

pytestmark = pytest.mark.usefixtures("quick_models")


@pytest.fixture
def text_of(tmp_path):
    """The texts of a made PDF's pages, joined by a line."""

    def read(*pages, **how):
        pages = read_pdf(make_pdf(tmp_path / "made.pdf", *pages, **how))
        return "\n=====\n".join(pages["text"])

    return read


def line(text, x0=50.0, base=100.0, width=None, size=10.0, **more):
    """A line of Helvetica-like width."""
    width = len(text) * size / 2 if width is None else width
    return Line(text, x0, base - size, x0 + width, base + 2, base, size, **more)


# --- characters ---


@pytest.mark.parametrize(
    ("raw", "clean", "ligatures"),
    [
        ("eﬃcient ﬂow of ﬁne ﬀ ﬄ ﬆ", "efficient flow of fine ff ffl st", 6),
        (
            "ver\u00f6\x1bentlicht, h\u00e4u\x1cg, \x1da, e\x1ecient, wa\x1fe",
            "veröffentlicht, häufig, fla, efficient, waffle",
            5,
        ),
        ("a\x00b\x07c\ud800d 1\x1b2", "abcd 12", 0),
        ("tab\tand\u00a0no-break\u2009thin\x0bspace", "tab and no-break thin space", 0),
        ("so\u00adft hy\u00adphen", "soft hyphen", 0),
        ("left open\u00ad", "left open\u00ad", 0),
        ("zero\u200bwidth\ufeff", "zerowidth", 0),
        ("e\u0301 10 µg x² ½", "é 10 µg x² ½", 0),
        ("\ufedd\ufe8e", "\u0644\u0627", 0),
        ("\u2f64户", "用户", 0),
        ("\uf731\uf739\uf739\uf739 \uf763\uf761\uf766\uf7e9", "1999 café", 0),
        ("\uf72f\uf73a", "\uf72f\uf73a", 0),
        ("Minerals . . . . . . . . 17", "Minerals … 17", 0),
        ("Wait... what", "Wait... what", 0),
    ],
)
def test_characters_are_cleaned_and_ligatures_counted(raw, clean, ligatures):
    assert clean_characters(raw) == (clean, ligatures)


def test_every_sign_that_a_pattern_changes_is_looked_for():
    patterns = (
        lines._EXPERT,
        lines._LIGATURE,
        lines._NO_CHARACTER,
        lines._FORMS,
        re.compile("[\u00ad\u2011]"),
    )
    every = [f"a{chr(code)}a" for code in range(0x11000)]
    changed = [text for text in every if any(pattern.search(text) for pattern in patterns)]
    assert len(changed) > 1000
    assert all(map(lines._SPECIAL.search, changed))


def test_the_share_of_signs_without_a_meaning():
    assert nonsense_share("ab \ufffd\ue000") == 0.5
    assert nonsense_share("") == 0.0


# --- words without spaces ---


def letters(*words, size=10.0):
    """Letters of `size` points each, of words that begin at some x; right to left where x is negative."""
    found = []
    for word, x in words:
        step = -size if x < 0 else size
        found += [(c, abs(x) + i * step, abs(x) + i * step + size) for i, c in enumerate(word)]
    return found


def test_korean_words_get_the_spaces_that_are_printed(text_of):
    def draw(page):
        for x, word in ((50, "영양은"), (85.5, "건강에"), (121, "중요합니다.")):
            page.insert_text((x, 80), word, fontname="korea", fontsize=11)

    assert text_of(draw) == "영양은 건강에 중요합니다."


def test_arabic_words_get_spaces_and_the_words_of_a_line_go_from_right_to_left():
    line = letters((".", 5), ("قراءة", -300), ("جيدة", -248), ("RAG", 100), ("ملف", -170))
    assert space_words(line, 10) == "قراءة جيدة ملف RAG."


def test_a_name_in_a_line_from_right_to_left_stays_whole():
    line = letters(("a", 100), (".", 110), ("b", 120), ("\u05e9\u05dc\u05d5\u05dd", -300))
    assert space_words(line, 10) == "\u05e9\u05dc\u05d5\u05dd a.b"


def test_an_english_line_keeps_its_order_around_an_arabic_word():
    line = letters(("the ", 10), ("ملف", -80), (" file", 90))
    assert space_words(line, 10) == "the ملف file"


# --- hyphens ---


@pytest.mark.parametrize(
    ("left", "right", "word"),
    [
        ("diges-", "tion.", "digestion."),  # the joined word is seen
        ("nutri-", "tion", "nutrition"),  # neither is seen
        ("well-", "known", "well-known"),  # only the hyphenated word is seen
        ("feed-", "forward", "feedforward"),  # both are seen
        ("plant-", "derived", "plant-derived"),  # neither, and both parts are words
        ("English-", "German", "English-German"),
        ("COVID-", "19", "COVID-19"),
        ("NUTRI-", "TION", "NUTRITION"),
        ("https://a.org/low-", "salt", "https://a.org/low-salt"),
        ("up-to-", "date", "up-to-date"),
        ("diges\u00ad", "tion", "digestion"),
        ("well\u00ad", "known", "wellknown"),  # a soft hyphen is no hyphen of the word
        ("diges\u2010", "tion", "digestion"),
    ],
)
def test_a_word_broken_at_the_lines_end(left, right, word):
    seen = ["The digestion of well-known food", "feed-forward and feedforward", "A plant, derived from"]
    assert join_hyphen(left, right, Vocabulary.of(seen)) == word


def test_parts_of_broken_words_are_no_words_of_the_document():
    assert Vocabulary.of(["some nutri-", "tion here"]).words == {"some", "here"}


def test_hyphens_are_joined_and_counted_over_lines_columns_and_pages():
    page = [line("Food and nutri-"), line("tion of well-", base=112), line("known kinds, low-", base=124)]
    page += [line("and high-fat; diges-", base=136), line("1 A small note", base=150, size=7, block=1)]
    pages, joined, kept = join_hyphens([page, [line("tion"), line("is well-known digestion", base=112)]])
    assert [row.text for rows in pages for row in rows] == [
        "Food and nutrition", "of well-known", "kinds, low-", "and high-fat; digestion", "1 A small note",
        "is well-known digestion",
    ]  # fmt: skip
    assert (joined, kept) == (2, 1)


def test_a_hyphen_that_nothing_goes_on_with_stays():
    pages, joined, kept = join_hyphens([[line("the end-"), line("1234 Next", block=1), line("5", block=2)]])
    assert ([row.text for row in pages[0]], joined, kept) == (["the end-", "1234 Next", "5"], 0, 0)


def test_no_word_is_taken_from_a_line_farther_on_unless_the_document_has_the_whole():
    rows = [line("Plaintiff-Appellant-"), line("Cross Appellee.", block=1), line("for the North", block=2)]
    pages, joined, kept = join_hyphens([rows])
    assert ([row.text for row in pages[0]], joined, kept) == ([row.text for row in rows], 0, 0)


def test_hyphens_in_a_pdf(text_of):
    text = text_of(
        "Proteins are well-known nutri-\nents. A nutrient helps diges-",
        "tion, as is well-\nknown in nutrients.",
    )
    assert (
        text == "Proteins are well-known nutrients. A nutrient helps digestion,\n=====\n"
        "as is well-known in nutrients."
    )


# --- rows and columns ---


def test_cells_of_a_row_are_merged_left_to_right():
    (row,) = merge_rows([line("Protein", 50), line("0.8", 250), line("Iron", 150)])
    assert (row.text, row.cells, row.x0, row.x1) == ("Protein Iron 0.8", 3, 50, 265)


def test_single_rows_of_neighbouring_blocks_are_merged_but_not_over_the_gutter():
    lines = [line("Left words", 50, block=0), line("Right words", 300, block=1)]
    assert [row.text for row in merge_rows(lines)] == ["Left words Right words"]
    assert [row.text for row in merge_rows(lines, gutters=[200])] == ["Left words", "Right words"]


def test_lines_below_each_other_are_not_merged():
    assert len(merge_rows([line("Protein", 50), line("0.8", 250, base=112)])) == 2


def test_pieces_without_a_gap_are_merged_without_a_space():
    assert merge_rows([line("H", 50, width=5), line("2", 55.2, width=5), line("O", 60.4)])[0].text == "H2O"


def columns(n, width=150, starts=(50, 220)):
    return [line("words in a column of text", x0, 100 + 12 * i, width) for i in range(n) for x0 in starts]


def test_gutters_are_found_between_columns_only():
    (gutter,) = find_gutters(columns(6), 420)
    assert 200 <= gutter <= 220
    assert find_gutters(columns(3), 420) == []
    assert find_gutters(columns(6), 1) == []
    over_the_page = [line("words over the whole page", 50, 100 + 12 * i, 320) for i in range(20)]
    assert find_gutters(over_the_page, 420) == []


def test_three_columns_have_two_gutters():
    first, second = find_gutters(columns(6, width=100, starts=(40, 160, 280)), 420)
    assert 140 <= first <= 160
    assert 260 <= second <= 280


def test_the_cells_of_a_table_are_no_columns():
    table = [line("a cell of some length", x0, 100 + 12 * i, w) for i, w in enumerate([90, 95, 100, 170] * 3)
             for x0 in (50, 230)]  # fmt: skip
    assert find_gutters(table, 420) == []


LEFT = [f"left line {i} with a few words" for i in range(8)]
RIGHT = [f"right line {i} with a few words" for i in range(8)]


def test_two_columns_are_read_one_after_the_other(text_of):
    def by_column(page):
        write_lines(page, ["A Title Over Both of the Columns, Set in a Larger Font"], fontsize=13)
        write_lines(page, LEFT, 50, 120, fontsize=10)
        write_lines(page, RIGHT, 225, 120, fontsize=10)

    def by_row(page):
        write_lines(page, ["A Title Over Both of the Columns, Set in a Larger Font"], fontsize=13)
        for i in range(8):
            write_lines(page, [LEFT[i]], 50, 120 + 14 * i, fontsize=10)
            write_lines(page, [RIGHT[i]], 225, 120 + 14 * i, fontsize=10)

    expected = "A Title Over Both of the Columns, Set in a Larger Font\n\n" + " ".join(LEFT + RIGHT)
    assert text_of(by_column) == expected
    assert text_of(by_row) == expected


def test_three_columns_written_row_by_row_are_read_one_after_the_other(text_of):
    def draw(page):
        write_lines(page, ["A Title Over All of the Columns, Set in a Larger Font"], fontsize=13)
        for i in range(8):
            for x, name in ((40, "left"), (160, "mid"), (280, "right")):
                write_lines(page, [f"{name} line {i} with a few words"], x, 120 + 14 * i, fontsize=7.5)

    lines = [f"{name} line {i} with a few words" for name in ("left", "mid", "right") for i in range(8)]
    assert text_of(draw) == "A Title Over All of the Columns, Set in a Larger Font\n\n" + " ".join(lines)


def test_a_table_with_short_names_and_long_words_about_them_keeps_its_rows(text_of):
    names = ["cat", "chgrp", "dd", "echo", "a name much longer than others", "ls", "mv", "ps", "rm", "su"]

    def draw(page):
        write_lines(page, [f"Before the table stands line {i} of text," for i in range(4)], y=60, fontsize=9)
        for i, name in enumerate(names):
            write_lines(page, [name], 50, 140 + 14 * i, fontsize=9)
            write_lines(
                page, [f"The command that does thing number {i} for you"], 215, 140 + 14 * i, fontsize=9
            )

    assert "dd The command that does thing number 2 for you\n" in text_of(draw)


def test_a_paragraph_that_turns_the_column_is_one_paragraph_with_two_boxes(tmp_path):
    def draw(page):
        write_lines(page, [*LEFT[:7], "the last line of it ends in National"], 50, 120, fontsize=9)
        write_lines(page, ["Institutes of Health and goes on.", *RIGHT[1:]], 225, 120, fontsize=9)

    row = read_pdf(make_pdf(tmp_path / "a.pdf", draw)).iloc[0]
    assert "ends in National Institutes of Health" in row["text"]
    assert [round(block[2]) for block in row["blocks"]] == [50, 225]
    assert [block[:2] for block in row["blocks"]] == [
        [0, row["blocks"][0][1]],
        [row["blocks"][0][1] + 1, len(row["text"])],
    ]


@pytest.mark.parametrize("begins", ["1. ", "(a) ", "* ", "- ", "Table 3 ", "Fig. 2 "])
def test_an_item_or_a_caption_at_the_head_of_a_column_does_not_go_on_with_the_paragraph(text_of, begins):
    item = f"{begins}Institutes of Health that went on"

    def draw(page):
        write_lines(page, [*LEFT[:7], "the last line of it ends in National"], 50, 120, fontsize=9)
        write_lines(page, [item, *RIGHT[1:]], 225, 120, fontsize=9)

    assert f"\n{item}" in text_of(draw)


def test_a_tables_rows_stay_on_lines_of_their_own(text_of):
    def draw(page):
        write_lines(page, ["Table 1. Vitamins."])
        for i, cells in enumerate(
            [("Vitamin", "Amount", "Source"), ("C", "90 mg", "lemons"), ("D", "15 µg", "fish, sun")]
        ):
            for cell, x in zip(cells, (50, 150, 250), strict=True):
                page.insert_text((x, 120 + 14 * i), cell)
        write_lines(page, ["The table above lists two of them."], y=190)

    assert text_of(draw) == (
        "Table 1. Vitamins.\n\nVitamin Amount Source\nC 90 mg lemons\nD 15 µg fish, sun\n\n"
        "The table above lists two of them."
    )


# --- paragraphs ---


def test_wrapped_prose_is_one_paragraph(text_of):
    assert text_of(write_prose) == PROSE.strip()


def test_paragraphs_are_parted_by_a_gap_or_an_indentation(text_of):
    def gap(page):
        write_prose(page, "First one. " + PROSE, (50, 70, 370, 200))
        write_prose(page, "Second one. " + PROSE, (50, 210, 370, 330))

    def indent(page):
        lines = [PROSE[i : i + 60].strip() for i in range(0, 180, 60)]
        write_lines(
            page,
            [
                "The first paragraph begins here and then it has a",
                "second line that ends with a full stop, right here.",
            ],
        )
        write_lines(page, ["Another one begins with an indented first line and"], x=65, y=108)
        write_lines(page, [f"goes on at the margin. {lines[0]}"[:55]], y=122)

    assert text_of(gap).split("\n\n") == ["First one. " + PROSE.strip(), "Second one. " + PROSE.strip()]
    assert [part[:8] for part in text_of(indent).split("\n\n")] == ["The firs", "Another "]


def test_every_line_a_block_of_its_own_still_makes_paragraphs(text_of):
    def draw(page):
        for i, words in enumerate(
            [
                "Sailors on long voyages fell ill with",
                "scurvy until lemons were carried on",
                "board. The cure was tried early.",
            ]
        ):
            page.insert_text((50, 80 + 14 * i), words)
            page.insert_text((-500, 80), "x")  # outside of the page: breaks MuPDF's blocks
        write_lines(page, ["A second paragraph stands here."], y=150)

    assert text_of(draw) == (
        "Sailors on long voyages fell ill with scurvy until lemons were carried on board. The cure was "
        "tried early.\n\n"
        "A second paragraph stands here."
    )


def test_headings_are_not_glued_to_the_text(text_of):
    def draw(page):
        write_lines(page, ["Minerals"], y=80, fontsize=16)
        write_lines(page, ["Iron and its uses"], y=96, font="hebo")
        write_lines(
            page,
            ["Iron carries oxygen in the blood of all people, and", "the body stores it in the liver."],
            y=110,
        )

    assert text_of(draw) == (
        "Minerals\n\nIron and its uses\n\n"
        "Iron carries oxygen in the blood of all people, and the body stores it in the liver."
    )


def test_a_bold_heading_as_wide_as_the_text_is_a_paragraph_of_its_own():
    heading = line("A heading that is just as wide as it", bold=True)
    rows = [heading, line("Text that follows the heading above", base=112), line("and goes on.", base=124)]
    paragraphs = split_paragraphs(rows)
    assert [len(paragraph) for paragraph in paragraphs] == [1, 2]


def test_list_items_stand_on_lines_of_their_own(text_of):
    text = (
        "Three foods help:\n· lemons, which are sour and yellow and grow on\ntrees;\n· oranges;\n· peppers."
    )
    assert text_of(text) == (
        "Three foods help:\n· lemons, which are sour and yellow and grow on trees;\n· oranges;\n· peppers."
    )


def test_references_are_items_and_a_hanging_indent_is_none(text_of):
    def draw(page):
        write_lines(page, ["1. Lind, J. (1753). A treatise of the scurvy, printed there."], y=80)
        write_lines(page, ["Edinburgh."], x=64, y=94)
        write_lines(page, ["2. Funk, C. (1912). On the causes of the diseases."], y=108)

    assert text_of(draw) == (
        "1. Lind, J. (1753). A treatise of the scurvy, printed there. Edinburgh.\n"
        "2. Funk, C. (1912). On the causes of the diseases."
    )


def test_a_table_of_contents_keeps_its_lines(text_of):
    entries = [
        f"{name} {'. ' * (40 - len(name))}{page}"
        for name, page in [("Iron", 3), ("Vitamins and more", 12), ("Zinc", 40)]
    ]
    assert text_of("\n".join(entries)) == "Iron … 3\nVitamins and more … 12\nZinc … 40"


def test_chinese_lines_are_joined_without_a_space(text_of):
    def draw(page):
        for i, words in enumerate(["营养学是研究食物与人体健康的科学它告", "诉我们应该吃什么"]):
            page.insert_text((50, 80 + 14 * i), words, fontname="china-s")

    assert text_of(draw) == "营养学是研究食物与人体健康的科学它告诉我们应该吃什么"


def test_a_chinese_paragraph_ends_with_a_short_line_or_before_an_indented_one(text_of):
    def draw(page):
        lines = [
            "营养学是研究食物与人体健康的科学，它告诉我们应",
            "该吃什么，不应该吃什么。",
            "维生素对人体健康很重要，人们应该多吃新鲜的蔬菜",
            "和水果以及各种各样的粗粮才能够保持身体的健康．",
        ]
        for i, words in enumerate(lines):
            page.insert_text((50, 80 + 14 * i), words, fontname="china-s")
        page.insert_text((72, 80 + 14 * 4), "矿物质也很重要．", fontname="china-s")

    first, second, third = text_of(draw).split("\n\n")
    assert first == "营养学是研究食物与人体健康的科学，它告诉我们应该吃什么，不应该吃什么。"
    assert (
        second
        == "维生素对人体健康很重要，人们应该多吃新鲜的蔬菜和水果以及各种各样的粗粮才能够保持身体的健康．"
    )
    assert third == "矿物质也很重要．"


def test_a_chinese_line_a_letter_short_in_the_middle_of_a_sentence_ends_no_paragraph(text_of):
    def draw(page):
        for i, words in enumerate(
            ["营养学是研究食物与人体健康的科学它告诉", "「我们」应该吃什么，不应该吃什么以及"]
        ):
            page.insert_text((50, 80 + 14 * i), words, fontname="china-s")
        page.insert_text((50, 108), "维生素对人体健康很重要，人们应该多吃新鲜的", fontname="china-s")

    assert "\n" not in text_of(draw)


def test_a_bold_heading_apart_is_not_glued_to_words_in_small_letters():
    rows = [line("Commands", 120, bold=True), line("grep finds words in a file of text", base=118),
            line("and prints their lines.", base=130)]  # fmt: skip
    assert [len(paragraph) for paragraph in split_paragraphs(rows)] == [1, 2]


# --- sentences that something interrupts ---

BODY = "Sailors on long voyages fell ill with scurvy until lemons were carried on\n"
BODY += "board, and the navy was slow to act on"


def test_a_sentence_over_a_page_break_stands_at_the_end_and_the_beginning_despite_notes_and_figures(text_of):
    def before(page):
        write_lines(
            page,
            ["Something came first here, and it is a whole sentence of its own, it is."],
            y=60,
            fontsize=10,
        )
        write_lines(page, BODY.split("\n"), fontsize=10)
        write_lines(page, ["1 A footnote in a small font."], y=540, fontsize=7)

    def after(page):
        write_lines(page, ["Figure 3. A lemon, cut open."], y=60, fontsize=10)
        write_lines(page, ["what it knew, for forty years. Then it acted."], y=200, fontsize=10)

    first, second = text_of(before, after).split("\n=====\n")
    assert first.split("\n\n")[1:] == ["1 A footnote in a small font.", BODY.replace("\n", " ")]
    assert second.split("\n\n") == [
        "what it knew, for forty years. Then it acted.",
        "Figure 3. A lemon, cut open.",
    ]


def test_notes_of_a_page_that_one_paragraph_fills_stand_between_two_sentences(text_of):
    def page(i):
        def draw(page):
            lines = [f"{'and' if k == 0 else 'then'} {distinct(16 * i + k)[:50]} {i}x{k}" for k in range(16)]
            lines[9] += "."
            lines[10] = "Then" + lines[10][4:]
            write_lines(page, lines, y=60, fontsize=10)
            write_lines(page, [f"{i} See the register of the harbour."], y=540, fontsize=7)

        return draw

    text = text_of(*map(page, (1, 2, 3))).split("\n=====\n")[1]
    before, note, after = text.split("\n\n")
    assert (before[:4], before[-1], note, after[:5]) == (
        "and ",
        ".",
        "2 See the register of the harbour.",
        "Then ",
    )


def test_a_sentence_around_a_figure_on_one_page_is_whole(tmp_path):
    def draw(page):
        write_lines(page, BODY.split("\n"), fontsize=10)
        write_lines(page, ["Figure 3. A lemon, cut open."], y=200, fontsize=10)
        write_lines(page, ["what it knew, for forty years."], y=260, fontsize=10)

    row = read_pdf(make_pdf(tmp_path / "a.pdf", draw)).iloc[0]
    whole = BODY.replace("\n", " ") + " what it knew, for forty years."
    assert row["text"].split("\n\n") == ["Figure 3. A lemon, cut open.", whole]
    parts = [row["text"][start:end] for start, end, *_ in row["blocks"]]
    assert parts == [
        "Figure 3. A lemon, cut open.",
        BODY.replace("\n", " "),
        "what it knew, for forty years.",
    ]
    assert row["blocks"][0][3] > row["blocks"][1][3]


def test_what_interrupts_without_a_caption_is_left_in_its_place(text_of):
    def draw(page):
        write_lines(page, BODY.split("\n"), fontsize=10)
        write_lines(page, ["E = m c"], y=140, x=150, fontsize=10)
        write_lines(page, ["where m is the mass of it."], y=180, fontsize=10)

    assert text_of(draw).endswith("slow to act on\n\nE = m c where m is the mass of it.")


def test_the_usual_font_size_counts_letters():
    assert usual_size([[line("a heading", size=20), line("much more text than that", size=9)]]) == 9
    assert usual_size([]) == 0


def test_text_on_its_side_is_kept_apart(text_of):
    def draw(page):
        write_lines(page, ["First words of the page", "and some more of them."])
        page.insert_text((20, 300), "stamp on the side", rotate=90)

    assert text_of(draw) == "stamp on the side\n\nFirst words of the page and some more of them."

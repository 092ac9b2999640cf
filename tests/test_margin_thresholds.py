"""Each threshold of the page numbers and of the margins, tried on both of its sides."""

import pytest

from ragkit.reading.labels import Printed, Sighting, choose_labels, edge_rows, find_labels, find_levels
from ragkit.reading.lines import Line
from ragkit.reading.running import clean_margins

HEIGHT = 800


def row(text, y, size=10.0, x0=50.0, bold=False):
    return Line(text, x0, y - size, x0 + 5 * len(text), y + 2, y, size, bold)


def page(*rows, number=0, n_lines=20):
    """Rows, and lines of text in the middle of the page that no other page has."""
    body = [
        row(f"Line {chr(97 + k)} of text {chr(97 + number)} goes here.", 300 + 12 * k) for k in range(n_lines)
    ]
    above, below = [r for r in rows if r.base < 300], [r for r in rows if r.base >= 300]
    return [*above, *body, *below]


def document(rows_of, n):
    return [page(*rows_of(i), number=i) for i in range(n)]


def found(rows_of, n):
    """On which pages a number is found to be the page's."""
    pages = document(rows_of, n)
    return sorted(find_labels(pages, [HEIGHT] * n).rows)


def gone(rows_of, n):
    """What is taken out of which pages."""
    pages = document(rows_of, n)
    printed = find_labels(pages, [HEIGHT] * n)
    return clean_margins(pages, [HEIGHT] * n, printed)[1]


# --- page numbers ---


def numbers(places, words="{}"):
    """Numbers from 11 on; their distances from the bottom, by page."""
    return lambda i: [row(words.format(i + 11), HEIGHT - places[i])] if i in places else []


@pytest.mark.parametrize(("pages", "believed"), [([0, 4, 9], True), ([0, 4, 10], False), ([0, 9], False)])
def test_three_pages_have_to_agree_and_three_tenths_of_those_between(pages, believed):
    assert found(numbers(dict.fromkeys(pages, 30)), 12) == (pages if believed else [])


@pytest.mark.parametrize(("distances", "believed"), [([24, 30, 36], True), ([23, 30, 37], False)])
def test_numbers_stand_within_six_points(distances, believed):
    places = dict(zip([0, 1, 3], distances, strict=True))
    assert found(numbers(places), 4) == ([0, 1, 3] if believed else [])


@pytest.mark.parametrize(
    ("distances", "believed"), [([30, 30, 30, 60, 90], True), ([30, 30, 30, 30, 60, 90, 120], False)]
)
def test_six_tenths_of_the_numbers_stand_at_a_steady_height(distances, believed):
    places = dict(zip([0, 1, 2, 4, 5, 6, 7], distances, strict=False))
    assert bool(found(numbers(places), 8)) == believed


def test_lone_numbers_on_page_after_page_may_stand_anywhere():
    assert found(numbers({0: 30, 1: 60, 2: 90}), 4) == [0, 1, 2]
    assert found(numbers({0: 30, 1: 60, 2: 90}, "{} - Salt"), 4) == []


@pytest.mark.parametrize(("n", "believed"), [(10, True), (9, False)])
def test_ten_numbers_beside_one_word_are_no_chance(n, believed):
    assert len(found(numbers(dict.fromkeys(range(n), 30), "Salt {}"), n)) == (n if believed else 0)


@pytest.mark.parametrize(("n_salt", "n", "believed"), [(3, 5, True), (5, 8, False)])
def test_a_number_that_is_mostly_beside_one_word_may_count_that(n_salt, n, believed):
    feet = lambda i: [row(f"{'Salt' if i < n_salt else 'Iron'} {i + 11}", HEIGHT - 30)]  # noqa: E731
    assert len(found(feet, n)) == (n if believed else 0)


@pytest.mark.parametrize(("foot", "n_feet"), [("{} of {}", 3), ("{}", 3), ("{} | Iron", 6)])
@pytest.mark.parametrize(("n", "label"), [(11, "21"), (13, "51")])
def test_a_number_that_stands_apart_weighs_as_much_as_four_or_two_beside_words(foot, n_feet, n, label):
    def rows(i):
        return [row(f"Salt {i + 51}", 30), *[row(foot.format(i + 21, n), HEIGHT - 30)] * (i < n_feet)]

    assert find_labels(document(rows, n), [HEIGHT] * n).labels[0] == label


@pytest.mark.parametrize(("n_rows", "believed"), [(2, True), (3, False)])
def test_numbers_are_looked_for_in_three_rows(n_rows, believed):
    def feet(i):
        below = [row(f"Note {'abc'[k]} of {'xyz'[i]}", HEIGHT - 15 * (n_rows - k)) for k in range(n_rows)]
        return [row(str(i + 11), HEIGHT - 90), *below]

    assert bool(found(feet, 3)) == believed


@pytest.mark.parametrize(("after", "joins"), [(5, True), (6, False)])
def test_numbers_beside_words_join_a_run_that_is_a_page_away(after, joins):
    def feet(i):
        return (
            [row("Salt 17" if i == 6 else "Salt 16" if i == 5 else str(i + 11), HEIGHT - 30)]
            if i < 4 or i == after
            else []
        )

    assert (after in found(feet, 7)) == joins


@pytest.mark.parametrize(("before", "joins"), [(1, True), (0, False)])
def test_numbers_beside_words_join_a_run_from_before(before, joins):
    def feet(i):
        text = f"Salt {i + 11}" if i == before else str(i + 11)
        return [row(text, HEIGHT - 30)] if i == before or i > 2 else []

    assert (before in found(feet, 7)) == joins


@pytest.mark.parametrize(("n_rows", "n_header", "n_footer"), [(2, 1, 1), (3, 2, 1), (5, 3, 2), (9, 3, 3)])
def test_the_upper_half_of_a_page_is_the_headers(n_rows, n_header, n_footer):
    zones = [edge.zone for edge in edge_rows([row("Salt", 40 + 80 * k) for k in range(n_rows)], HEIGHT)]
    assert (zones.count("header"), zones.count("footer")) == (n_header, n_footer)


@pytest.mark.parametrize(("step", "set_off"), [(15.0, False), (15.5, True)])
def test_a_gap_is_a_quarter_wider_than_between_lines(step, set_off):
    lines = [row(f"Line {k}", 100 + 12 * k) for k in range(20)]
    rows = [*lines, row("5", lines[-1].base + step)]
    assert next(edge for edge in edge_rows(rows, HEIGHT) if edge.row == 20).set_off == set_off


@pytest.mark.parametrize(("below", "n_levels"), [(2.9, 1), (3.0, 2)])
def test_lines_are_level_within_three_points(below, n_levels):
    assert len(find_levels([row("Salt", 100), row("12", 100 + below)])) == n_levels


@pytest.mark.parametrize(("y", "zone"), [(390, "header"), (410, "footer")])
def test_the_only_line_of_a_page_is_at_the_nearer_edge(y, zone):
    assert [edge.zone for edge in edge_rows([row("12", y)], HEIGHT)] == [zone]


@pytest.mark.parametrize(
    ("feet", "believed"),
    [
        (["1 of 2", "2 of 2"], True),
        (["1", "2"], True),
        (["5", "6"], False),
        (["1 of 2", ""], False),
        (["1", "2", ""], False),
        (["1 of 3", "2 of 3", ""], False),
    ],
)
def test_two_pages_are_numbered_if_they_are_all_and_count_themselves(feet, believed):
    pages = found(lambda i: [row(feet[i], HEIGHT - 30)] if feet[i] else [], len(feet))
    assert pages == ([0, 1] if believed else [])


def test_two_numbers_without_a_gap_to_the_text_are_no_page_numbers():
    assert found(lambda i: [row(str(i + 1), 300 + 12 * 20)], 2) == []


@pytest.mark.parametrize(
    ("text", "y", "labels"), [("{}", 40, True), ("{} | Salt", HEIGHT - 30, True), ("{} | Salt", 40, False)]
)
def test_in_large_letters_a_page_number_is_alone_or_in_the_footer(text, y, labels):
    pages = document(lambda i: [row(text.format(i + 11), y, 20)], 3)
    assert any(find_labels(pages, [HEIGHT] * 3).labels) == labels


def test_a_few_printed_numbers_are_those_of_a_file_without_labels_of_its_own():
    rows = {i: Sighting(i, "footer", 30.0, 0, True) for i in range(3)}
    assert choose_labels([""] * 12, Printed([str(i + 5) for i in range(12)], rows))[1] == "footer"


@pytest.mark.parametrize(("size", "labels"), [(12.0, ["11", "12", "13"]), (12.5, ["", "", ""])])
def test_the_number_of_a_large_heading_is_not_the_pages(size, labels):
    pages = document(lambda i: [row(f"{i + 11} | Salt", 40, size)], 3)
    assert find_labels(pages, [HEIGHT] * 3).labels == labels


@pytest.mark.parametrize(
    ("n_pages", "n_printed", "n_differ", "rule"),
    [(12, 10, 5, "pdf labels"), (12, 10, 6, "footer"), (12, 3, 3, "pdf labels"), (11, 3, 3, "footer")],
)
def test_printed_numbers_outvote_the_files_own(n_pages, n_printed, n_differ, rule):
    own = [str(i + 1) for i in range(n_pages)]
    labels = ["x" if i < n_differ else own[i] for i in range(n_pages)]
    rows = {i: Sighting(i, "footer", 30.0, 0, True) for i in range(n_printed)}
    assert choose_labels(own, Printed(labels, rows))[1] == rule


# --- running lines ---


@pytest.mark.parametrize(("distance", "taken"), [(36, True), (37, False)])
def test_a_lone_number_is_a_page_number_only_where_the_others_stand(distance, taken):
    def feet(i):
        return [row("1747" if i == 2 else str(i + 11), HEIGHT - (distance if i == 2 else 30))]

    assert gone(feet, 5) == {"#": [0, 1, 2, 3, 4] if taken else [0, 1, 3, 4]}


def test_page_numbers_may_stand_deeper_than_the_margin():
    assert gone(lambda i: [row(str(i + 11), HEIGHT - 130)], 3) == {"#": [0, 1, 2]}


TITLES = ["Salt", "Iron", "Zinc", "Fat"]


def test_of_a_title_the_page_number_is_cut_and_of_a_line_that_goes_on_behind_it_not():
    assert gone(lambda i: [row(f"{TITLES[i]} | {i + 11}", HEIGHT - 30)], 3) == {"#": [0, 1, 2]}
    cells = lambda i: [row(f"{TITLES[i]} {i + 11} {TITLES[i]}", HEIGHT - 30)._replace(cells=3)]  # noqa: E731
    assert gone(cells, 3) == {}


def test_the_only_line_of_a_page_keeps_its_number():
    pages = document(lambda i: [row(f"{TITLES[i]} | {i + 11}", HEIGHT - 30)], 4)
    pages[3] = pages[3][-1:]
    printed = find_labels(pages, [HEIGHT] * 4)
    assert clean_margins(pages, [HEIGHT] * 4, printed)[0][3] == pages[3]


def test_what_repeats_without_a_letter_is_data():
    assert gone(lambda i: [row("90 / 20", 40)], 3) == {}


@pytest.mark.parametrize(
    ("on_side", "upright", "taken"),
    [
        (["Salt"] * 3, [], {"Salt": [0, 1, 2]}),
        (["Salt", "Iron", "Zinc"], [], {}),
        (["Salt"], [1, 2, 3], {"Salt": [0, 2, 3]}),
    ],
)
def test_a_line_on_the_side_runs_if_pages_repeat_it_or_it_runs_elsewhere(on_side, upright, taken):
    def rows(i):
        side = [row(on_side[i], 400)._replace(sideways=True)] if i < len(on_side) else []
        return [*side, *[row("Salt", 40)] * (i in upright)]

    assert gone(rows, 4) == taken


@pytest.mark.parametrize(("share", "taken"), [(0.15, True), (0.155, False)])
def test_the_margin_is_as_deep_as_its_share_of_the_page(share, taken):
    assert bool(gone(lambda i: [row("A Book of Food", share * HEIGHT)], 3)) == taken


@pytest.mark.parametrize(("pages", "taken"), [([0, 10, 19], True), ([0, 10, 20], False), ([0, 1], False)])
def test_a_running_line_stands_on_enough_of_the_pages_between(pages, taken):
    assert bool(gone(lambda i: [row("A Book of Food", 40)] if i in pages else [], 21)) == taken


@pytest.mark.parametrize(("n", "places", "taken"), [(3, [50, 300, 50], True), (2, [50, 300], False)])
def test_from_three_pages_on_a_running_line_may_stand_elsewhere_in_its_row(n, places, taken):
    assert bool(gone(lambda i: [row("A Book of Food", 40, x0=places[i])], n)) == taken


@pytest.mark.parametrize(("n", "taken"), [(20, True), (19, False)])
def test_a_stamp_without_a_gap_to_the_text_is_on_eight_tenths_of_the_pages(n, taken):
    """Of 25, the first and the last among those with the stamp."""
    pages = [page(row("Downloaded by a guest", 288), number=i) for i in range(25)]
    for i in range(1, 26 - n):
        del pages[i][0]
    printed, height = Printed([""] * 25, {}), 2000
    assert bool(clean_margins(pages, [height] * 25, printed)[1]) == taken


@pytest.mark.parametrize(("size", "taken"), [(7.5, True), (8.0, False)])
def test_a_small_font_parts_as_a_gap_does(size, taken):
    pages = [page(number=i, n_lines=3) for i in range(5)]
    for i in (0, 2, 4):
        pages[i] = [row(f"Line {k} of page {i} is text.", 52 + 12 * k) for k in range(40)]
        pages[i].insert(0, row("A. Lind, University", 40, size))
    printed = Printed([""] * 5, {})
    assert bool(clean_margins(pages, [HEIGHT] * 5, printed)[1]) == taken


@pytest.mark.parametrize(("size", "taken"), [(12.0, True), (12.5, False)])
def test_a_running_line_is_not_much_larger_than_the_text(size, taken):
    assert bool(gone(lambda i: [row("A Book of Food", 40, size)], 3)) == taken


@pytest.mark.parametrize(("y", "pages"), [(52, [1, 2, 3]), (53, [0, 1, 2])])
def test_a_running_line_is_near_its_usual_place(y, pages):
    assert gone(lambda i: [row("A Book of Food", y if i == 3 else 40)], 4) == {"A Book of Food": pages}


@pytest.mark.parametrize(
    ("size", "bold", "taken"), [(10.5, False, False), (10.6, False, True), (10.0, True, True)]
)
def test_a_heading_is_bold_or_larger_than_the_text(size, bold, taken):
    def rows(i):
        return [
            row("Iron" if i < 3 else "Zinc", 40),
            *([row("Zinc", 250, size, bold=bold)] if i == 3 else []),
        ]

    assert ("Zinc" in gone(rows, 4)) == taken


@pytest.mark.parametrize(("size", "taken"), [(10.0, True), (10.2, False)])
def test_the_title_of_a_short_chapter_has_the_size_of_the_others(size, taken):
    def rows(i):
        title = row("Zinc", 40, size) if i == 3 else row("Iron", 40)
        return [title, *[row("Zinc", 250, bold=True)] * (i == 3)]

    assert ("Zinc" in gone(rows, 4)) == taken


@pytest.mark.parametrize(("n_empty", "taken"), [(6, True), (7, False)])
def test_what_would_leave_most_of_its_pages_empty_stays(n_empty, taken):
    pages = [
        [row("A Book of Food", 40)] if i < n_empty else page(row("A Book of Food", 40), number=i)
        for i in range(12)
    ]
    assert bool(clean_margins(pages, [HEIGHT] * 12, Printed([""] * 12, {}))[1]) == taken


def test_a_page_of_a_title_and_a_page_number_keeps_the_title():
    def rows(i):
        return [row("A Book of Food", 40), row(str(i + 11), HEIGHT - 30)]

    pages = [rows(i) if i < 3 else page(*rows(i), number=i) for i in range(4)]
    assert clean_margins(pages, [HEIGHT] * 4, find_labels(pages, [HEIGHT] * 4))[1] == {"#": [0, 1, 2, 3]}

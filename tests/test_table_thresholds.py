"""Each threshold of what makes rows a table, and of its heads, tried on both of its sides."""

import pytest

from ragkit.reading.evidence import count_heads, is_note, is_proven, may_be_table
from ragkit.reading.grids import Grid, is_ruled_table
from ragkit.reading.lines import Line


def lines_of(heights, bold=()):
    """Rows of so many baselines, the first at 10, 20, 30, ... points."""
    return [
        [Line("Salt", 50, y, 70, y + 4, y + 3 * k, 4, bold=i in bold) for k in range(height)]
        for i, (y, height) in enumerate(zip(range(10, 1000, 10), heights, strict=False))
    ]


def may_be(cells):
    return may_be_table(lines_of([1] * len(cells)), cells, 0)


WORDS = ["Salt", "iron"]


@pytest.mark.parametrize(("heights", "may"), [([4, 2, 2, 1, 1], True), ([5, 2, 2, 2, 1], False)])
def test_no_row_has_more_than_four_tenths_of_the_lines(heights, may):
    assert may_be_table(lines_of(heights), [WORDS] * 5, 0) == may


@pytest.mark.parametrize(("lengths", "may"), [((46, 45), True), ((46, 46), False)])
def test_two_columns_of_more_than_45_letters_are_text(lengths, may):
    assert may_be([["a" * lengths[0], "b" * lengths[1], ""]] * 4) == may


@pytest.mark.parametrize(("n", "may"), [(5, False), (6, True)])
def test_more_than_half_of_the_rows_have_a_word(n, may):
    assert may_be([WORDS] * n + [["7", "8"]] * (10 - n)) == may


@pytest.mark.parametrize(("n", "may"), [(12, False), (13, True)])
def test_more_than_six_tenths_of_the_cells_are_words_or_numbers(n, may):
    assert may_be([["Salt", "iron" if i < n - 10 else "+"] for i in range(10)]) == may


@pytest.mark.parametrize(("n", "may"), [(5, True), (6, False)])
def test_leaders_in_more_than_a_quarter_of_the_rows_are_those_of_contents(n, may):
    assert may_be([["Salt …", "iron"]] * n + [WORDS] * (20 - n)) == may


@pytest.mark.parametrize(("n", "n_rows", "may"), [(3, 4, True), (4, 4, False), (5, 10, True), (6, 10, False)])
def test_rows_that_end_in_rising_numbers_are_contents(n, n_rows, may):
    ends = [["Salt", str(i)] for i in range(n)]
    assert may_be(ends + [WORDS] * (n_rows - n)) == may
    assert may_be(ends[::-1] + [WORDS] * (n_rows - n))


@pytest.mark.parametrize(("n_others", "may"), [(2, False), (3, True)])
def test_contents_have_hardly_any_other_figures(n_others, may):
    assert may_be([["Salt", "90" if i < n_others else "of it", str(i)] for i in range(6)]) == may


@pytest.mark.parametrize(
    ("n_columns", "n_figures", "proven"), [(2, 5, False), (2, 6, True), (3, 6, False), (3, 7, True)]
)
def test_enough_figures_prove_a_table(n_columns, n_figures, proven):
    others = iter(["90"] * n_figures + ["iron"] * 20)
    cells = [["Salt", *(next(others) for _ in range(n_columns - 1))] for _ in range(10)]
    assert is_proven([], cells, 0, 0) == proven


@pytest.mark.parametrize(
    ("n_columns", "n_rows", "n_heads", "n_rules", "proven"),
    [
        (3, 2, 0, 1, False),
        (3, 2, 0, 2, True),
        (3, 2, 1, 0, True),
        (2, 3, 0, 2, False),
        (2, 4, 0, 2, True),
    ],
)
def test_two_rules_or_heads_prove_a_table_of_three_columns_or_four_rows(
    n_columns, n_rows, n_heads, n_rules, proven
):
    cells = [["Salt"] * n_columns] * n_rows + [["Salt"] + [""] * (n_columns - 1)]
    assert is_proven([], cells, n_heads, n_rules) == proven


@pytest.mark.parametrize(("n_figures", "n_heads"), [(2, 0), (3, 1)])
def test_what_stands_above_figures_are_heads_if_most_rows_have_some(n_figures, n_heads):
    cells = [["", "Amount"], *[["Salt", "90"]] * n_figures, *[WORDS] * (3 - n_figures)]
    assert count_heads(lines_of([1] * 4), cells, []) == n_heads


@pytest.mark.parametrize(("bold", "n_heads"), [((0,), 1), ((0, 1), 2), ((0, 2), 0), ((0, 1, 2, 3), 0)])
def test_the_bold_rows_above_all_others_are_heads(bold, n_heads):
    assert count_heads(lines_of([1] * 4, bold), [WORDS] * 4, []) == n_heads


def test_a_bold_line_in_the_first_column_is_no_head_of_the_others():
    title = [WORDS[0], *[""] * (len(WORDS) - 1)]
    assert count_heads(lines_of([1] * 4, (0, 1)), [WORDS, title, WORDS, WORDS], []) == 0
    assert (
        count_heads(lines_of([1] * 4, (0,)), [title, WORDS, WORDS, WORDS], []) == 1
    )  # nothing stands above it


@pytest.mark.parametrize(
    ("n_rows", "level", "n_heads"),
    [
        (5, [5, 15, 95], 1),
        (5, [15, 95], 0),  # none above
        (5, [5, 95], 0),  # none below the first row
        (5, [5, 15, 25, 95], 0),
        (8, [5, 15, 35, 55], 1),
        (5, [5, 19.1, 95], 2),  # a rule may touch the letters above it
        (5, [5, 18.9, 95], 1),
    ],
)
def test_the_first_of_a_few_rules_parts_the_heads(n_rows, level, n_heads):
    assert count_heads(lines_of([1] * n_rows), [WORDS] * n_rows, level) == n_heads


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (["Salt", ""], True),
        (["1.", "a" * 46], True),
        (["1.", "a" * 45], False),
        (["Salt", "a" * 46], False),
        (["1.", "a" * 46, "iron"], False),
    ],
)
def test_a_note_is_one_cell_or_a_mark_and_more_than_45_letters(cells, note):
    assert is_note(cells) == note


def grid_of(n_broad=4, high=100.0):
    """A grid of 4 × 2 cells; so many of its five level lines are drawn in full, so much of the middle upright one."""
    level = [(20.0 * i, 0.0, 100.0 if i < n_broad else 79.0) for i in range(5)]
    return Grid(level, [(0.0, 0.0, 80.0), (50.0, 0.0, 0.8 * high), (100.0, 0.0, 80.0)])


def pieces_of(*texts):
    """Pieces in the rows of such a grid; each comes with the x of its ends."""
    return [
        [Line(text, x0, y, x1, y + 10, y + 8, 10) for text, x0, x1 in row]
        for row, y in zip(texts, (2, 22, 42, 62), strict=False)
    ]


@pytest.mark.parametrize(
    ("n_broad", "high", "full"), [(3, 100, True), (2, 100, False), (5, 51, True), (5, 49, False)]
)
def test_the_lines_of_a_grid_go_through_most_of_it(n_broad, high, full):
    assert grid_of(n_broad, high).is_full == full


@pytest.mark.parametrize(("n", "fits"), [(1, True), (2, False)])
def test_hardly_a_piece_runs_over_the_lines_of_a_grid(n, fits):
    halves = [("Salt", 2, 20), ("iron", 52, 70)]
    rows = pieces_of(*[[("Salt iron", 2, 70)]] * n, *[[*halves, ("7", 72, 76)]] * (4 - n))
    assert grid_of().fits(rows) == fits


@pytest.mark.parametrize(("n", "fits"), [(2, True), (3, False)])
def test_in_most_cells_of_a_grid_nothing_stands_beside_anything(n, fits):
    rows = [[("Salt", 2, 20), ("iron", 52, 70), *[("zinc", 85, 98)] * (i < n)] for i in range(4)]
    assert grid_of().fits(pieces_of(*rows)) == fits


@pytest.mark.parametrize(("n", "goes_on"), [(2, False), (3, True)])
def test_a_grid_beside_which_most_rows_go_on_is_a_frame(n, goes_on):
    rows = pieces_of(
        *[[("Salt", 2, 20), ("iron", 52, 70), *[("zinc", 110, 130)] * (i < n)] for i in range(4)]
    )
    assert grid_of().goes_on_beside([piece for row in rows for piece in row], 4) == goes_on


@pytest.mark.parametrize(("lengths", "ruled"), [((201, 200), True), ((201, 201), False), ((201, 0), False)])
def test_two_columns_of_a_grid_with_more_than_200_letters_are_text(lengths, ruled):
    assert is_ruled_table([["a" * length for length in lengths]] * 2) == ruled
    assert not is_ruled_table([["a" * length for length in lengths]])

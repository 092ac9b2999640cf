"""Each threshold of what stands side by side, tried on both of its sides."""

import pytest

from ragkit.reading.lines import Line
from ragkit.reading.sides import find_parts, find_side_column, is_spread, pairs_beside, part_blocks

WIDTH = 1000


def piece(text, x0, x1, base, size=10.0, **more):
    return Line(text, x0, base - size, x1, base + 2, base, size, **more)


# --- narrow columns ---


def columns(
    n=10, text_x=300, text_width=400, short=(), offsets=(), gaps=(), text_gaps=(), no_words=0, crossing=0
):
    """Whether a narrow column on the left is found; lines of its text and of the one beside it, in turns.

    `short`: lines of the text that have room; `offsets` of the side's lines, in points; `gaps`: lines before which the
    side leaves four free, `text_gaps` before which the text leaves half a one.
    """
    bases = [100 + 12 * i + 6 * sum(g <= i for g in text_gaps) for i in range(n + 4 * len(gaps))]
    free = {g + 4 * k + j for k, g in enumerate(gaps) for j in range(4)}
    taken = [i for i in range(len(bases)) if i not in free]
    text = [
        piece("words and more", text_x, text_x + text_width - 200 * (i in short), base)
        for i, base in enumerate(bases)
    ]
    side = [
        piece(
            "12" if k < no_words else "beside",
            50,
            text_x - 20,
            bases[i] + (offsets[k % len(offsets)] if offsets else 0),
        )
        for k, i in enumerate(taken)
    ]
    by_row = dict(zip(taken, side, strict=True))
    lines = [line for i, line in enumerate(text) for line in (by_row.get(i), line) if line]
    lines += [piece("over both", 60, text_x + 90, 106 + 12 * i) for i in range(crossing)]
    return bool(find_side_column(lines, pairs_beside(lines), WIDTH))


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"n": 5}, True),
        ({"n": 4}, False),
        ({"text_x": 123}, True),
        ({"text_x": 122}, False),
        ({"text_x": 421}, True),
        ({"text_x": 422}, False),
        ({"text_width": 351}, True),
        ({"text_width": 350}, False),
        ({"n": 12, "short": (2, 4)}, True),  # 9 of 11 are full
        ({"n": 12, "short": (2, 4, 6)}, False),
        ({"offsets": (-2, 2)}, True),  # every other line 1.33 times as far as in the text
        ({"offsets": (-2.5, 2.5)}, False),  # 1.42 times
        ({"gaps": (2, 5, 8)}, True),
        ({"gaps": (2, 4, 6, 8)}, False),
        ({"no_words": 3}, True),
        ({"no_words": 4}, False),
        ({"n": 20, "crossing": 2}, True),
        ({"n": 24, "crossing": 3}, False),
        ({"gaps": (2, 5), "text_gaps": (6,)}, True),  # one of two begins anew where the text does
        ({"gaps": (2, 5), "text_gaps": (6, 13)}, False),
    ],
)  # fmt: skip
def test_a_narrow_column_beside_text(how, found):
    assert columns(**how) == found


@pytest.mark.parametrize(
    ("gap", "below", "n"), [(8.1, 0, 1), (8.0, 0, 0), (20, 2.9, 1), (20, 3.0, 0), (20, -2.9, 1)]
)
def test_a_gap_of_eight_tenths_of_a_letter_on_one_baseline(gap, below, n):
    assert len(pairs_beside([piece("Salt", 50, 90, 100), piece("iron", 90 + gap, 200, 100 + below)])) == n


# --- signatures ---


def parted(n_rows, far=18.0, xs=(50, 230), side=1):
    """Whether rows, of which the last is `far` below the others, are read side by side; `side` pieces stand left."""
    bases = [100 + 18 * i for i in range(n_rows - 1)]
    bases.append(bases[-1] + far)
    lines = [piece("Name: Poe", x, x + 45, base) for base in bases for x in xs]
    read = [line.x0 for line in part_blocks(lines, pairs_beside(lines))]
    return read == [*xs[:side]] * n_rows + [*xs[side:]] * n_rows


@pytest.mark.parametrize(
    ("n_rows", "far", "found"),
    [(2, 18, False), (3, 18, True), (15, 18, True), (16, 18, False), (3, 49, True), (3, 50, False)],
)
def test_three_to_fifteen_rows_near_each_other_are_signatures(n_rows, far, found):
    assert parted(n_rows, far=far) == found


@pytest.mark.parametrize(
    ("xs", "side", "found"),
    [
        ((50, 115.1), 1, True),
        ((50, 115), 1, False),
        ((50, 124.9, 330), 2, True),  # a side of two pieces
        ((50, 125, 330), 2, False),
        ((50, 230, 304.9), 1, True),
        ((50, 230, 305), 1, False),
    ],
)
def test_a_gap_of_two_letters_between_the_sides_and_of_three_in_none(xs, side, found):
    assert parted(3, xs=xs, side=side) == found


# --- two book pages on one sheet ---


def sheet(left, right, y=560.0, lower=0.0):
    body = [piece(f"words of line {i}", x, x + 100, 100 + 14 * i) for x in (60, 480) for i in range(4)]
    numbers = [piece(str(left), 200, 210, y), piece(str(right), 620, 630, y + lower)] if left else []
    return body + numbers


@pytest.mark.parametrize(("lower", "spread"), [(6, True), (6.1, False)])
def test_the_numbers_of_two_book_pages_are_level_within_six_points(lower, spread):
    assert is_spread(sheet(12, 13, lower=lower), 842, 595) == spread


@pytest.mark.parametrize(("n_others", "halved"), [(7, True), (8, False)])
def test_three_tenths_of_the_broad_sheets_are_numbered_as_two_pages(n_others, halved):
    sheets = [sheet(12, 13), sheet(14, 15), sheet(16, 17), *[sheet(0, 0)] * n_others]
    assert find_parts(sheets, [(842, 595)] * len(sheets)).halved == halved

"""The figures of a search in cells."""

import numpy as np
import pytest

from ragkit import show
from ragkit.notice import BadParameter

POINTS = np.array([[0.0, 0.0], [0.1, 0.0], [1.0, 1.0], [0.6, 0.5]])
CENTRES = np.array([[0.05, 0.0], [0.8, 0.75]])
CELLS = [0, 0, 1, 1]


def test_cells_say_whether_the_nearest_point_is_looked_at():
    question = np.array([0.4, 0.3])
    one = show.cells_searched(POINTS, CENTRES, CELLS, question, [0])
    assert (
        str(one.text)
        == "4 points in 2 cells; 1 searched, with 2 points: the nearest point is not among them."
    )
    both = show.cells_searched(POINTS, CENTRES, CELLS, question, [0, 1])
    assert "2 searched, with 4 points: the nearest point is among them" in both.text


def test_the_curve_says_its_ends_and_refuses_two_that_do_not_belong_together():
    drawn = show.recall_by_probes({1: 0.5, 4: 1.0}, {1: 0.25, 4: 1.0})
    assert drawn.text == (
        "Of the nearest rows, 50% are found with 1 cell and 100% with 4, for 25% and 100% of all rows compared."
    )
    with pytest.raises(BadParameter):
        show.recall_by_probes({1: 0.5}, {2: 0.5})
    with pytest.raises(BadParameter):
        show.cells_searched(POINTS, CENTRES, [0], np.zeros(2), [0])

"""The figures on segmentation: their numbers are those of the scores."""

import numpy as np
import pytest

from cvlib.figures import confusion, segmenting
from cvlib.tasks import mask_shortcuts
from cvlib.tasks.segmentation import Scores

NAMES = ("road", "sky", "<b>sign</b>", "ghost")
COLORS = ("#111111", "#222222", "#333333", "#444444")
MATRIX = np.array([[50, 10, 0, 0], [0, 30, 0, 0], [6, 0, 4, 0], [0, 0, 0, 0]])
SCORES = Scores(MATRIX)


def test_bars_are_the_scores_with_the_largest_class_first() -> None:
    figure, words = segmenting.class_bars(SCORES, NAMES, COLORS)
    iou, shares = figure.data
    assert list(iou.x) == pytest.approx([100 * 50 / 66, 75, 40, 0])
    assert list(shares.x) == pytest.approx([60, 30, 10, 0])
    assert list(iou.marker.color) == list(shares.marker.color) == list(COLORS)
    assert list(iou.text) == ["75.8", "75.0", "40.0", "–"]
    assert "“<b>sign</b>”, has an IoU of 40.0 % and is 10.0 % of the pixels" in words


def test_names_are_no_markup_in_the_figures() -> None:
    figure, _ = segmenting.class_bars(SCORES, NAMES, COLORS)
    assert "<b>" not in figure.to_json().replace("\\u003c", "<")


def test_nothing_judged_is_said() -> None:
    nothing = Scores(np.zeros((4, 4), int))
    figure, words = segmenting.class_bars(nothing, NAMES, COLORS)
    assert list(figure.data[1].x) == [0, 0, 0, 0] and "No pixel" in words


def test_cells_are_shares_of_their_row() -> None:
    drawn = segmenting.pixel_matrix(MATRIX, NAMES)
    assert [[cell.text for cell in row] for row in drawn.cells][:3] == [
        ["83", "17", "", ""],
        ["", "100", "", ""],
        ["60", "", "40", ""],
    ]
    assert drawn.cells[0][1].words == "16.7 % of the pixels of road were called sky: 10 of 60."
    assert drawn.cells[1][1].words == "100 % of the pixels of sky were rightly called so: 30 of 30."
    assert drawn.cells[3][0].words == "No pixel of the test pictures is ghost."
    assert confusion.RIGHT in drawn.cells[1][1].background and confusion.WRONG in drawn.cells[2][0].background


def test_tiny_shares_are_seen_and_not_painted() -> None:
    drawn = segmenting.pixel_matrix(np.array([[999, 1], [0, 5]]), ("a", "b"))
    assert drawn.cells[0][1].text == "<1" and confusion.WRONG not in drawn.cells[0][1].background
    many = segmenting.pixel_matrix(np.eye(30, dtype=int), [str(place) for place in range(30)])
    assert {cell.text for row in many.cells for cell in row} == {""}


def test_the_costliest_mistake_is_named() -> None:
    assert "road was called sky: 10." in segmenting.matrix_reading(MATRIX, NAMES)
    assert "no mistakes" in segmenting.matrix_reading(np.eye(4, dtype=int), NAMES)


def test_two_networks_side_by_side() -> None:
    lazy = mask_shortcuts.lazy(SCORES, 1)
    one, other = segmenting.side_by_side(SCORES, lazy).data
    assert list(one.y) == pytest.approx([60, 100 / 3, 20])
    assert list(other.y) == pytest.approx([84, 100 * (50 / 60 + 1 + 0.4) / 3, 100 * (50 / 66 + 0.75 + 0.4) / 3])

"""Figures, by the data in their traces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvlib.figures import confusion, counts, curves, grid, palette, probabilities

NAMES = ("cat", "dog", "<b>owl</b>")
MATRIX = np.array([[5, 1, 0], [3, 7, 0], [0, 0, 4]])


@pytest.mark.parametrize("metric", curves.METRICS)
@pytest.mark.parametrize("epochs", [0, 1, 3])
def test_curves_grow_on_an_axis_that_stays(metric: str, epochs: int) -> None:
    values = [0.5] * epochs
    spec = curves.learning_curve({metric: values, f"val_{metric}": values}, metric, epochs=30)
    assert len(spec["data"]["values"]) == 2 * epochs
    assert spec["encoding"]["x"]["scale"]["domain"] == [1, 30]
    assert spec["encoding"]["y"]["title"].endswith(")")  # a unit


def test_curves_leave_out_what_cannot_be_drawn_and_say_percent() -> None:
    spec = curves.learning_curve({"accuracy": [0.25, float("nan")]}, "accuracy", epochs=1)
    assert [row["value"] for row in spec["data"]["values"]] == [25.0]


def test_the_reading_notices_over_fitting() -> None:
    assert "by heart" in curves.reading({"accuracy": [1.0], "val_accuracy": [0.7]})
    assert "close together" in curves.reading({"accuracy": [0.9], "val_accuracy": [0.89]})
    assert "grow" in curves.reading({})


def test_every_cell_says_what_it_counts() -> None:
    drawn = confusion.confusion_matrix(MATRIX, NAMES)
    assert [[cell.text or "0" for cell in row] for row in drawn.cells] == MATRIX.astype(str).tolist()
    assert drawn.cells[1][0].words == "really dog, taken for cat: 3"
    assert confusion.RIGHT in drawn.cells[1][1].background and confusion.WRONG in drawn.cells[1][0].background


def test_right_is_darker_the_larger_its_share() -> None:
    drawn = confusion.confusion_matrix(MATRIX, NAMES)
    assert drawn.cells[2][2].background > drawn.cells[0][0].background > drawn.cells[1][1].background


def test_names_are_no_markup_in_figures() -> None:
    for figure in (
        probabilities.probability_bars(NAMES, np.array([0.1, 0.2, 0.7])),
        counts.class_counts(MATRIX, NAMES),
    ):
        assert "<b>owl" not in figure.to_json().replace("\\u003c", "<").replace("<extra>", "")


def test_the_most_frequent_mistake_is_named() -> None:
    assert "“dog” was taken for “cat”: 3 of 10" in confusion.reading(MATRIX, NAMES)
    assert "no mistakes" in confusion.reading(np.eye(3, dtype=int), NAMES)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(1, 6))
def test_bars_are_the_largest_in_order(shares: list[float], top: int) -> None:
    figure = probabilities.probability_bars([str(k) for k in range(len(shares))], np.array(shares), top=top)
    drawn = list(figure.data[0].x)
    assert drawn == pytest.approx([100 * share for share in sorted(shares, reverse=True)[:top]])


def test_a_class_keeps_its_colour() -> None:
    assert palette.class_color(1) == palette.class_color(1 + len(palette.CLASS_COLORS))
    assert len(set(palette.CLASS_COLORS)) == len(palette.CLASS_COLORS)


def test_counts_and_their_reading() -> None:
    figure = counts.class_counts(MATRIX, NAMES)
    assert [trace.name for trace in figure.data] == ["training", "validation", "test"]
    assert list(figure.data[1].y) == [3, 7, 0]
    assert "6 pictures to learn from, 10 to watch" in counts.reading(MATRIX)


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3]), st.integers(1, 200))
def test_data_is_enlarged_without_mixing_pixels(height: int, width: int, channels: int, to_px: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8)
    large = grid.enlarge(picture, to_px, smooth=False)
    scale = large.shape[0] // height
    assert (large[::scale, ::scale] == picture).all() and scale == max(1, to_px // max(height, width))


def test_a_contact_sheet_has_every_picture_in_its_place() -> None:
    pictures = [np.full((2, 2, 1), value, np.uint8) for value in (10, 20, 30)]
    sheet = grid.contact_sheet(pictures, columns=2, scale=3, gap=1)
    assert sheet.shape == (13, 13, 3)
    assert (sheet[0, 0, 0], sheet[0, 7, 0], sheet[7, 0, 0]) == (10, 20, 30)
    assert grid.contact_sheet([], columns=3).shape == (1, 1, 3)

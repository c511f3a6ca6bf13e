"""The figures on augmentation, by their data."""

import numpy as np
import pytest

from cvlib.figures import augmentation as figures

ROWS = [
    {"value": value, "share": share, "low": share - 2, "high": share + 1}
    for value, share in ((0.0, 98.0), (-180.0, 40.0), (180.0, 41.0), (90.0, 20.0), (-90.0, 22.0))
]


def test_a_frame_says_right_and_wrong_by_more_than_its_colour() -> None:
    picture = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
    right, wrong = (figures.framed(picture, each, 104) for each in (True, False))
    assert right.shape == wrong.shape == (104 + 12, 104 + 12, 3)
    inside = np.s_[figures.FRAME_PX : -figures.FRAME_PX, figures.FRAME_PX : -figures.FRAME_PX]
    np.testing.assert_array_equal(right[inside][::13, ::13, 0], picture[..., 0])
    np.testing.assert_array_equal(right[inside], wrong[inside])
    assert len(np.unique(right[0], axis=0)) == 1 and len(np.unique(wrong[0], axis=0)) == 2
    assert right[0, 0].tolist() == [0x00, 0x9E, 0x73]


def test_a_photo_keeps_its_shape() -> None:
    assert figures.framed(np.zeros((224, 112, 3), np.uint8), True, 100).shape == (112, 62, 3)


def test_the_curve_has_its_band_its_untouched_line_and_its_marks() -> None:
    marks = [{"value": 90.0, "words": "half lost", "level": 0}, {"value": 150.0, "words": "clearly worse", "level": 1}]
    chart = figures.strength_curve(ROWS, title="angle (°)", ends=(-180.0, 180.0), untouched=98.5, marks=marks)
    values = [row["value"] for row in chart["data"]["values"]]
    assert values == sorted(values) and len(values) == 5
    untouched, band, line, points, rules, *words = chart["layer"]
    assert untouched["data"]["values"] == [{"untouched": 98.5}]
    assert band["encoding"]["y"]["field"] == "low" and band["encoding"]["y2"]["field"] == "high"
    assert line["encoding"]["x"]["title"] == "angle (°)" and line["encoding"]["x"]["scale"]["domain"] == [-180.0, 180.0]
    assert "(%)" in points["encoding"]["y"]["title"]
    assert [mark["value"] for mark in rules["data"]["values"]] == [90.0, 150.0]
    assert [one["mark"]["align"] for one in words] == ["right", "right"]
    assert words[0]["mark"]["y"] != words[1]["mark"]["y"]


@pytest.mark.parametrize("rows", [[], ROWS[:1]])
def test_a_curve_without_marks_is_one(rows: list) -> None:
    chart = figures.strength_curve(rows, title="angle (°)", ends=(0.0, 1.0), untouched=50.0)
    assert len(chart["layer"]) == 4 and chart["data"]["values"] == rows


def test_classes_keep_their_order_and_have_both_values() -> None:
    rows = [
        {"class": "6", "before": 100.0, "after": 20.0, "words": "9 (80 %)"},
        {"class": "0", "before": 98.0, "after": 98.0, "words": "–"},
    ]
    chart = figures.class_changes(rows, after="Rotation at 180°")
    assert chart["encoding"]["y"]["sort"] == ["6", "0"]
    values = [(row["class"], row["which"], row["share"]) for row in chart["data"]["values"]]
    assert values == [
        ("6", "untouched", 100.0), ("6", "Rotation at 180°", 20.0),
        ("0", "untouched", 98.0), ("0", "Rotation at 180°", 98.0),
    ]  # fmt: skip
    colors, shapes = (chart["layer"][1]["encoding"][each]["scale"] for each in ("color", "shape"))
    assert colors["domain"] == shapes["domain"] == ["untouched", "Rotation at 180°"]
    assert len(set(shapes["range"])) == 2

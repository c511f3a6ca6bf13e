"""Boxes: laws of the IoU, suppression against a plain loop, formats there and back, and COCO's judgement."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvlib import data
from cvlib.boxes import iou
from cvlib.errors import ImageError
from cvlib.tasks import box_formats, coco, detections
from cvlib.tasks.detections import Detections, beaten_by, nothing, suppressed
from tests.conftest import ROOT

NAMES = ("cup", "plate", "fork & <knife>")


def drawn(seed: int, count: int, size: int = 60) -> Detections:
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, size - 12, (count, 2))
    high = low + rng.uniform(4, 12, (count, 2))
    return Detections(
        np.concatenate([low, high], axis=1).astype(np.float32),
        rng.integers(0, len(NAMES), count),
        rng.permutation(count).astype(np.float32) / max(1, count) * 0.9 + 0.05,
        NAMES,
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), count=st.integers(1, 12))
def test_laws_of_the_iou(seed: int, count: int) -> None:
    boxes = drawn(seed, count).boxes_xyxy
    values = iou(boxes, boxes)
    np.testing.assert_allclose(values, values.T)
    np.testing.assert_allclose(np.diag(values), 1)
    assert (values >= 0).all() and (values <= 1 + 1e-12).all()
    np.testing.assert_allclose(iou(boxes * 3 + 7, boxes * 3 + 7), values, atol=1e-5)


def test_iou_by_hand() -> None:
    one = np.array([[0, 0, 2, 2]], np.float32)
    others = np.array([[1, 0, 3, 2], [2, 0, 4, 2], [0, 0, 1, 1], [1, 1, 1, 1]], np.float32)
    np.testing.assert_allclose(iou(one, others)[0], [1 / 3, 0, 1 / 4, 0])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 999), count=st.integers(0, 25), overlap=st.floats(0, 1), across=st.booleans())
def test_suppression_is_what_a_plain_loop_gives(seed: int, count: int, overlap: float, across: bool) -> None:
    found = drawn(seed, count)
    winner = beaten_by(found, overlap, across_classes=across)
    kept: list[int] = []
    for place in sorted(range(count), key=lambda k: -found.scores[k]):
        rivals = [
            other
            for other in kept
            if (across or found.labels[other] == found.labels[place])
            and iou(found.boxes_xyxy[[place]], found.boxes_xyxy[[other]])[0, 0] > overlap
        ]
        if rivals:
            assert winner[place] == rivals[0]
        else:
            assert winner[place] == -1
            kept.append(place)
    assert len(suppressed(found, overlap, across_classes=across)) == len(kept)


def test_boxes_are_cut_scaled_and_chosen() -> None:
    found = Detections(
        np.array([[-5, 2, 4, 8], [50, 50, 70, 70], [1, 1, 3, 3]], np.float32),
        np.array([0, 1, 2]),
        np.array([0.5, 0.9, 0.7], np.float32),
        NAMES,
    )
    inside = found.clipped((20, 30))
    assert inside.boxes_xyxy.tolist() == [[0, 2, 4, 8], [1, 1, 3, 3]]
    assert found.scaled(2, 3).boxes_xyxy[2].tolist() == [2, 3, 6, 9]
    assert found.moved(1, -1).boxes_xyxy[2].tolist() == [2, 0, 4, 2]
    assert found.ranked().labels.tolist() == [1, 2, 0] and found.above(0.7).labels.tolist() == [1, 2]
    assert found.of_classes([0, 2]).labels.tolist() == [0, 2] and len(found.together_with(nothing(NAMES))) == 3
    with pytest.raises(ValueError, match="labels must be 0 to 2"):
        Detections(np.zeros((1, 4), np.float32), np.array([3]), np.ones(1, np.float32), NAMES)
    with pytest.raises(ValueError, match="boxes_xyxy must be"):
        Detections(np.zeros((1, 4)), np.array([0]), np.ones(1, np.float32), NAMES)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), count=st.integers(0, 9))
def test_formats_there_and_back(seed: int, count: int) -> None:
    found, size = drawn(seed, count), (48, 64)
    [(name, again_size, again)] = box_formats.from_coco(
        json.loads(json.dumps(box_formats.to_coco([("a", size, found)])))
    )
    assert (name, again_size, again.class_names) == ("a", size, NAMES)
    np.testing.assert_allclose(again.boxes_xyxy, found.boxes_xyxy, atol=1e-4)
    np.testing.assert_array_equal(again.labels, found.labels)
    np.testing.assert_allclose(again.scores, found.scores)
    again = box_formats.from_yolo(box_formats.to_yolo(found, size), size, NAMES)
    np.testing.assert_allclose(again.boxes_xyxy, found.boxes_xyxy, atol=1e-3)
    np.testing.assert_array_equal(again.labels, found.labels)
    root = ElementTree.fromstring(box_formats.to_voc("a.jpg", found, size))
    assert [one.findtext("name") for one in root.iter("object")] == [NAMES[label] for label in found.labels]
    assert len(box_formats.to_csv([("a.jpg", found)]).splitlines()) == count + 1


def test_pascal_counts_pixels_from_one() -> None:
    pixel = Detections(np.array([[3, 5, 4, 6]], np.float32), np.array([0]), np.ones(1, np.float32), NAMES)
    box = ElementTree.fromstring(box_formats.to_voc("a", pixel, (9, 9))).find("object/bndbox")
    assert [box.findtext(tag) for tag in ("xmin", "ymin", "xmax", "ymax")] == ["4", "6", "4", "6"]


ENDLESS = {
    "images": [{"id": 1, "file_name": "a", "height": 1, "width": 1}],
    "categories": [{"id": 1, "name": "x"}],
    "annotations": [{"image_id": 1, "category_id": 1, "bbox": [0, 0, float("nan"), 1]}],
}
NO_COCO = (
    None,
    [],
    {},
    {"images": 3},
    {"images": [], "annotations": [{}], "categories": []},
    {"images": [{"id": 1}], "annotations": [], "categories": []},
    ENDLESS,
)


@pytest.mark.parametrize("values", NO_COCO)
def test_what_is_no_coco_file_is_refused(values) -> None:
    with pytest.raises(ImageError, match="no COCO file"):
        box_formats.from_coco(values)


@pytest.mark.parametrize("text", ["0 0.5 0.5 0.1", "7 0.5 0.5 0.1 0.1", "x 0 0 0 0", "0 nan 0.5 0.1 0.1"])
def test_what_is_no_yolo_file_is_refused(text: str) -> None:
    with pytest.raises(ImageError):
        box_formats.from_yolo(text, (10, 10), NAMES)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), count=st.integers(0, 9), named=st.booleans(), as_bytes=st.booleans())
def test_pascal_there_and_back(seed: int, count: int, named: bool, as_bytes: bool) -> None:
    found, size = drawn(seed, count), (48, 64)
    text = box_formats.to_voc("a <b> & c.jpg", found, size)
    name, again_size, again, left_out = box_formats.from_voc(
        text.encode() if as_bytes else text, NAMES if named else None
    )
    assert (name, again_size, left_out) == ("a <b> & c.jpg", size, 0)
    np.testing.assert_allclose(again.boxes_xyxy, found.boxes_xyxy, atol=1e-3)
    assert [again.class_names[label] for label in again.labels] == [NAMES[label] for label in found.labels]


def voc(*boxes: tuple[object, ...], size: str = "") -> str:
    tags = ("xmin", "ymin", "xmax", "ymax")
    inside = ["".join(f"<{tag}>{value}</{tag}>" for tag, value in zip(tags, box, strict=True)) for box in boxes]
    objects = "".join(f"<object><name>x</name><bndbox>{one}</bndbox></object>" for one in inside)
    return f"<annotation>{size}{objects}</annotation>"


@pytest.mark.parametrize(
    ("boxes", "kept"),
    [
        ((), []),
        (((5, 5, 5, 5),), []),  # a press without a drag
        (((9, 5, 3, 8), (3, 9, 8, 5)), []),
        (((5, 5, 5, 9),), [[4, 4, 5, 9]]),  # one pixel wide
        (((1, 1, 64, 48), (5, 5, 5, 5)), [[0, 0, 64, 48]]),
    ],
)
def test_pascal_boxes_without_area_are_counted(boxes: tuple, kept: list) -> None:
    found = box_formats.from_voc(voc(*boxes))
    assert found.boxes.boxes_xyxy.tolist() == kept and found.left_out == len(boxes) - len(kept)
    assert found.name == "" and found.size_hw is None


@pytest.mark.parametrize("number", ["0", "-3", "nan", "inf", "1e999", "x", ""])
def test_a_size_that_is_none_is_not_said(number: str) -> None:
    assert box_formats.from_voc(voc(size=f"<size><width>{number}</width><height>4</height></size>")).size_hw is None


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><annotation><filename>&b;</filename></annotation>'
OUTSIDE = '<!doctype x [<!ENTITY f SYSTEM "file:///etc/passwd">]><annotation><filename>&f;</filename></annotation>'


@pytest.mark.parametrize(
    "content",
    [
        "",
        b"",
        "no xml",
        "<annotation>",
        "<svg/>",
        "<annotation>&x;</annotation>",
        BOMB,
        OUTSIDE,
        BOMB.encode("utf-16"),
        BOMB.encode("utf-16-be"),
        f'<?xml version="1.0" encoding="utf-16"?>{BOMB}'.encode(),
        "<annotation>" + " " * 2**20 + "</annotation>",
        "<a>" * 200_000,
        voc((1, 1, "nan", 2)),
        voc((1, 1, "inf", 2)),
        voc((1, 1, "", 2)),
        "<annotation><object><name>x</name></object></annotation>",
        voc((1, 1, 2, 2)).replace("<name>x", "<name>unknown"),
        "\ud800",
    ],
)
def test_what_is_no_pascal_file_is_refused(content: str | bytes) -> None:
    with pytest.raises(ImageError):
        box_formats.from_voc(content, ("x",))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_whatever_comes_as_pascal_is_refused_or_read(content: str | bytes) -> None:
    try:
        box_formats.from_voc(content)
    except ImageError as error:
        assert str(error).endswith(".")


BCCD = ROOT.parent / "shared" / "data" / "bccd" / "Annotations"


@pytest.mark.skipif(not BCCD.is_dir(), reason="the blood cells (BCCD) are not on this machine")
def test_real_pascal_files() -> None:
    read = {path.stem: box_formats.from_voc(path.read_bytes()) for path in sorted(BCCD.glob("*.xml"))}
    assert {stem[-5:]: one.left_out for stem, one in read.items() if one.left_out} == {"00338": 1, "00343": 1}
    assert {name for one in read.values() for name in one.boxes.class_names} == {"RBC", "WBC", "Platelets"}
    for stem, one in read.items():
        assert one.size_hw == (480, 640) and one.name.startswith(stem)
        assert len(one.boxes.clipped(one.size_hw)) == len(one.boxes)


def pictures(count: int = 8) -> tuple[list[Detections], list[tuple[int, int]]]:
    """Squares far apart, 20 pixels a side."""
    rng = np.random.default_rng(0)
    truth = []
    for _ in range(count):
        corners = np.array([[10, 10], [60, 15], [20, 70]]) + rng.integers(0, 5, (3, 2))
        boxes = np.concatenate([corners, corners + 20], axis=1).astype(np.float32)
        truth.append(Detections(boxes, rng.permutation(3), np.ones(3, np.float32), NAMES))
    return truth, [(128, 128)] * count


def test_a_perfect_detector_scores_one() -> None:
    truth, sizes = pictures()
    judged = coco.judge(truth, truth, sizes)
    assert judged.map == judged.map50 == judged.map75 == pytest.approx(1) and judged.recall[100] == pytest.approx(1)
    np.testing.assert_allclose(judged.by_class, 1)
    assert judged.by_size["small"] == pytest.approx(1) and np.isnan(judged.by_size["large"])
    assert judged.precision.shape == (10, 101, 3)


@pytest.mark.parametrize("shift", [1, 2, 3, 4, 5])
def test_a_shifted_detector_scores_what_the_formula_says(shift: int) -> None:
    truth, sizes = pictures()
    judged = coco.judge(truth, [one.moved(shift, 0) for one in truth], sizes)
    overlap = (20 - shift) / (20 + shift)
    reached = np.mean([overlap >= threshold for threshold in coco.THRESHOLDS])
    assert judged.map == pytest.approx(reached) and judged.map50 == pytest.approx(float(overlap >= 0.5))


def test_half_found_and_false_alarms() -> None:
    truth, sizes = pictures()
    judged = coco.judge(truth, [one.take([0]) for one in truth], sizes)
    assert judged.recall[1] == pytest.approx(1 / 3, abs=0.12) and judged.map50 < 0.6
    noisy = [one.together_with(one.moved(300, 300)) for one in truth]
    assert coco.judge(truth, noisy, sizes).map50 < 1
    none = coco.judge(truth, [nothing(NAMES)] * len(truth), sizes)
    assert none.map == 0
    with pytest.raises(ValueError, match="same pictures"):
        coco.judge(truth, truth[:2], sizes)


def test_the_drawn_boxes_bound_their_pixels() -> None:
    split = data.load("shapes", train_size=20).train
    for boxes, mask in zip(split.boxes_xyxy, split.masks, strict=True):
        rows, columns = np.nonzero(mask)
        left, top, right, bottom = boxes[0]
        assert abs(left - columns.min()) <= 1 and abs(right - columns.max() - 1) <= 1
        assert abs(top - rows.min()) <= 1 and abs(bottom - rows.max() - 1) <= 1
    assert detections.nothing(NAMES).sizes.shape == (0, 2)

"""Detection: candidates, what is chosen of them, their judgement and the kinds of mistakes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvlib.boxes import window_places
from cvlib.data.base import Split
from cvlib.tasks import coco, detection, error_kinds, tiling, windows
from cvlib.tasks.detection import Candidates
from cvlib.tasks.detections import Detections, nothing

NAMES = ("a", "b")


def truth(*rows: tuple[float, float, float, float, int]) -> Detections:
    values = np.array([row[:4] for row in rows], np.float32).reshape(-1, 4)
    return Detections(values, np.array([row[4] for row in rows], np.int64), np.ones(len(rows), np.float32), NAMES)


def candidates(boxes: list[list[float]], scores: list[list[float]]) -> Candidates:
    return Candidates(np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32).reshape(-1, 2), NAMES)


class Fake:
    """A detector that says the same of every picture."""

    def __init__(self, answer: np.ndarray, side: int = 32) -> None:
        self.answer, self.input_shape, self.seen = answer, (None, side, side, 3), []

    def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
        self.seen.append(images)
        return np.repeat(self.answer[None], len(images), axis=0)


def test_nothing_gives_nothing() -> None:
    empty = candidates([], [])
    assert len(empty.best()) == len(empty.chosen()) == 0
    packed = detection.pack([nothing(NAMES)], [empty], (8, 8))
    answers = detection.unpack(packed, NAMES)
    assert len(answers) == 1 and len(answers.found[0]) == 0 and answers.size_hw == (8, 8)


def test_prediction_keeps_the_surest_within_the_picture() -> None:
    answer = np.array(
        [[-5, 2, 40, 9, 0.2, 0.7], [1, 1, 4, 4, 0.001, 0.0], [9, 9, 9, 12, 0.9, 0.1], [1, 1, 5, 5, 0.8, 0]]
    )
    found = detection.predict(Fake(answer.astype(np.float32)), np.zeros((3, 32, 32, 3), np.uint8), NAMES)
    assert len(found) == 3
    np.testing.assert_allclose(found[0].boxes_xyxy, [[1, 1, 5, 5], [0, 2, 32, 9]])
    best = found[0].best()
    assert best.labels.tolist() == [0, 1] and best.scores.tolist() == pytest.approx([0.8, 0.7])


counts = st.lists(st.integers(0, 5), min_size=1, max_size=6)


@given(counts, counts, st.integers(0, 99))
def test_what_is_packed_is_unpacked(found: list[int], real: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    real = (real * len(found))[: len(found)]

    def boxes(count: int) -> np.ndarray:
        corner = rng.uniform(0, 20, (count, 2))
        return np.concatenate([corner, corner + rng.uniform(1, 10, (count, 2))], axis=1).astype(np.float32)

    said = [Candidates(boxes(count), rng.uniform(0, 1, (count, 2)).astype(np.float32), NAMES) for count in found]
    known = [Detections(boxes(n), rng.integers(0, 2, n), np.ones(n, np.float32), NAMES) for n in real]
    answers = detection.unpack(detection.pack(known, said, (30, 40)), NAMES)
    assert answers.size_hw == (30, 40)
    for one, other in zip(said, answers.found, strict=True):
        np.testing.assert_array_equal(one.boxes_xyxy, other.boxes_xyxy)
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-3)
    for one, other in zip(known, answers.truth, strict=True):
        np.testing.assert_array_equal(one.boxes_xyxy, other.boxes_xyxy)
        np.testing.assert_array_equal(one.labels, other.labels)


def test_the_pages_map_is_cocos_on_the_same_json() -> None:
    rng = np.random.default_rng(3)
    known, said = [], []
    for _ in range(12):
        corner = rng.uniform(0, 60, (4, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(10, 40, (4, 2))], axis=1).astype(np.float32)
        known.append(Detections(boxes, rng.integers(0, 2, 4), np.ones(4, np.float32), NAMES))
        moved = boxes + rng.normal(0, 3, boxes.shape).astype(np.float32)
        said.append(Candidates(moved, rng.uniform(0.1, 1, (4, 2)).astype(np.float32), NAMES))
    answers = detection.Answers(tuple(known), tuple(said), (100, 100))
    judged = answers.judged()
    assert judged.map50 == pytest.approx(coco.map50(answers.truth, answers.chosen()))
    assert detection.metrics(answers)["map"] == pytest.approx(judged.map) and 0 < judged.map < 1


def test_each_kind_of_mistake() -> None:
    real = truth((0, 0, 10, 10, 0), (20, 0, 30, 10, 1), (40, 0, 50, 10, 0), (60, 0, 70, 10, 1))
    boxes = {
        "correct": ((0, 0, 10, 10), 0, 0.9),
        "duplicate": ((0, 0, 10, 9), 0, 0.8),
        "class": ((20, 0, 30, 10), 0, 0.7),
        "localisation": ((46, 0, 56, 10), 0, 0.6),
        "background": ((80, 80, 90, 90), 1, 0.5),
    }
    found = Detections(
        np.array([box for box, _, _ in boxes.values()], np.float32),
        np.array([label for _, label, _ in boxes.values()], np.int64),
        np.array([score for _, _, score in boxes.values()], np.float32),
        NAMES,
    )
    sorted_boxes = error_kinds.sort(real, found)
    assert sorted_boxes.kinds == tuple(boxes)
    assert sorted_boxes.matches.tolist() == [0, 0, 1, 2, -1] and sorted_boxes.missed.tolist() == [3]
    total, _ = error_kinds.count([real, nothing(NAMES)], [found, found.take([4])])
    assert total == {
        "correct": 1,
        "class": 1,
        "localisation": 1,
        "both": 0,
        "duplicate": 1,
        "background": 2,
        "missed": 1,
    }


def test_wrong_class_beside_an_object_is_both() -> None:
    found = Detections(np.array([[6, 0, 16, 10]], np.float32), np.array([1]), np.ones(1, np.float32), NAMES)
    assert error_kinds.sort(truth((0, 0, 10, 10, 0)), found).kinds == ("both",)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 5))
def test_tiles_cover_the_picture_and_stay_in_it(height: int, width: int, along: int) -> None:
    covered = np.zeros((height, width), bool)
    for tile in tiling.tiles((height, width), along):
        assert 0 <= tile.left < tile.right <= width and 0 <= tile.top < tile.bottom <= height
        covered[tile.top : tile.bottom, tile.left : tile.right] = True
    assert covered.all()


def test_boxes_come_back_to_where_they_are_on_a_large_picture() -> None:
    answer = np.array([[8, 4, 16, 12, 0.9, 0.1]], np.float32)
    found = tiling.detect(Fake(answer), np.zeros((64, 128, 3), np.uint8), NAMES)
    np.testing.assert_allclose(found.boxes_xyxy, [[32, 16, 64, 48]])  # 128 pixels are seen as 32
    tiled = tiling.detect(Fake(answer), np.zeros((64, 128, 3), np.uint8), NAMES, along=2)
    parts = tiling.tiles((64, 128), 2)
    assert len(tiled) == 1 + len(parts)


def test_a_fitted_picture_keeps_its_aspect() -> None:
    whole, scale = tiling.fit(np.full((50, 100, 3), 200, np.uint8), (32, 32))
    assert scale == pytest.approx(0.32) and (whole[:16] == 200).all() and (whole[17:] == 127).all()


@pytest.mark.parametrize(
    ("size_hw", "shares", "count"), [((10, 10), (), 0), ((10, 10), (1.0,), 1), ((40, 40), (0.5,), 9)]
)
def test_windows_lie_where_they_should(size_hw: tuple[int, int], shares: tuple, count: int) -> None:
    boxes = window_places(size_hw, shares, 0.5)
    assert len(boxes) == count
    assert (boxes[:, :2] >= 0).all() and (boxes[:, 2] <= size_hw[1]).all() and (boxes[:, 3] <= size_hw[0]).all()


def test_windows_are_cut_and_named() -> None:
    picture = np.zeros((20, 20, 1), np.uint8)
    picture[:10, :10] = 255
    boxes = window_places((20, 20), (0.5,), 1.0)
    shown = windows.cut(picture, boxes, 5)
    assert shown.shape == (4, 5, 5, 1) and shown.mean(axis=(1, 2, 3)).round(-2).tolist() == [200, 0, 0, 0]

    class Bright:
        input_shape = (None, 5, 5, 1)

        def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
            light = images.mean(axis=(1, 2, 3)) / 255
            return np.stack([1 - light, light], axis=1)

    answers = np.concatenate(list(windows.looked(Bright(), picture, boxes)))
    found = windows.found(boxes, answers, 0, NAMES)
    assert found.boxes_xyxy.tolist() == [[0, 0, 10, 10]] and found.labels.tolist() == [1]


def test_the_truth_of_a_split() -> None:
    split = Split(
        images=np.zeros((1, 4, 4, 3), np.uint8),
        labels=np.zeros(1, np.int64),
        boxes_xyxy=(np.array([[0, 0, 2, 2]], np.float32),),
        box_labels=(np.array([1]),),
    )
    assert detection.truths(split, NAMES)[0].labels.tolist() == [1]

"""Boxes as marks, and back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cvlib.augmentation import batch
from tests.augmentation import laws


def marks(boxes: list[list[float]], height: int = 12, width: int = 20) -> np.ndarray:
    return batch.painted(np.float32([boxes]), height, width).numpy()


def bounds(painted: np.ndarray) -> np.ndarray:
    return batch.bounded(painted).numpy()[0]


def test_no_box_has_no_marks() -> None:
    assert not marks([[0, 0, 0, 0]]).any()
    assert not bounds(marks([[0, 0, 0, 0]])).any()


def test_pictures_without_any_box_have_empty_marks() -> None:
    made = batch.painted(np.zeros((3, 0, 4), np.float32), 12, 20)
    assert made.shape == (3, 12, 20, 0)
    assert batch.bounded(made).shape == (3, 0, 4)


@given(
    st.integers(0, 19).flatmap(lambda low: st.tuples(st.just(low), st.integers(low + 1, 20))),
    st.integers(0, 11).flatmap(lambda low: st.tuples(st.just(low), st.integers(low + 1, 12))),
)
def test_whole_boxes_come_back_exactly(across: tuple[int, int], down: tuple[int, int]) -> None:
    box = [across[0], down[0], across[1], down[1]]
    painted = marks([box])
    expected = np.zeros((12, 20), np.uint8)
    expected[down[0] : down[1], across[0] : across[1]] = 1
    assert (painted[0, ..., 0] == expected).all()
    assert bounds(painted).tolist() == [box]


@given(st.lists(st.floats(0, 1, width=32, allow_subnormal=False), min_size=4, max_size=4))
def test_boxes_between_pixels_come_back_within_one(shares: list[float]) -> None:
    (left, right), (top, bottom) = sorted(shares[:2]), sorted(shares[2:])
    box = np.float32([left * 20, top * 12, right * 20, bottom * 12])
    if box[2] > box[0] and box[3] > box[1]:
        painted = marks([box.tolist()])
        assert painted.any()
        assert np.abs(bounds(painted)[0] - box).max() <= 1


def test_boxes_beyond_the_frame_end_at_it() -> None:
    assert bounds(marks([[-5, -5, 30, 30]])).tolist() == [[0, 0, 20, 12]]


def test_each_box_has_a_layer_of_its_own() -> None:
    painted = marks([[0, 0, 4, 4], [2, 2, 9, 9]])
    assert painted.sum(axis=(0, 1, 2)).tolist() == [16, 49]


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=3, max_size=3))
def test_where_takes_whole_pictures(chosen: list[bool]) -> None:
    one, two = laws.full(3, 8, 9, 3, seed=1), laws.full(3, 8, 9, 3, seed=2)
    mixed = one.where(np.array(chosen), two)
    for place, mine in enumerate(chosen):
        laws.same(mixed.gather([place]), (one if mine else two).gather([place]))


def test_where_fills_up_with_no_boxes() -> None:
    few, many = laws.full(2, 8, 8, 1), laws.full(2, 8, 8, 1)
    few = few._replace(marks=few.marks[..., :1], box_labels=few.box_labels[:, :1])
    mixed = few.where(np.array([True, False]), many)
    assert mixed.box_labels.shape == (2, 2)
    assert mixed.box_labels[0, 1] == -1 and not mixed.marks[0, ..., 1].numpy().any()
    laws.same(mixed.gather([1]), many.gather([1]))


def test_arrays_become_a_batch() -> None:
    made = batch.of_arrays(laws.pictures(2, 8, 9, 3), labels=np.array([1, 0]), num_classes=3)
    assert made.images.dtype == "float32" and made.images.shape == (2, 8, 9, 3)
    assert made.labels.numpy().tolist() == [[0, 1, 0], [1, 0, 0]]
    assert made.masks is None and made.marks is None and made.box_labels is None

"""A split says what it is, and refuses what it is not."""

import numpy as np
import pytest

from cvlib.data.base import Dataset, Split


def fields(count: int = 3, **changes) -> dict:
    """The fields of a right split."""
    values = {
        "images": np.arange(count * 48, dtype=np.uint8).reshape(count, 4, 4, 3),
        "labels": np.arange(count, dtype=np.int64),
        "ids": np.arange(10, 10 + count, dtype=np.int64),
        "boxes_xyxy": tuple(np.full((k, 4), k, np.float32) for k in range(count)),
        "box_labels": tuple(np.full(k, k, np.int64) for k in range(count)),
        "masks": np.zeros((count, 4, 4), np.uint8),
    }
    return values | changes


WRONG = {
    "float pictures": {"images": np.zeros((3, 4, 4, 3), np.float32)},
    "pictures without channels": {"images": np.zeros((3, 4, 4), np.uint8)},
    "pictures with two channels": {"images": np.zeros((3, 4, 4, 2), np.uint8)},
    "labels of another length": {"labels": np.zeros(2, np.int64)},
    "int32 labels": {"labels": np.zeros(3, np.int32)},
    "one-hot labels": {"labels": np.zeros((3, 3), np.int64)},
    "ids of another length": {"ids": np.zeros(4, np.int64)},
    "boxes without labels": {"box_labels": None},
    "float64 boxes": {"boxes_xyxy": tuple(np.zeros((k, 4)) for k in range(3))},
    "more boxes than labels": {"boxes_xyxy": tuple(np.zeros((2, 4), np.float32) for _ in range(3))},
    "masks of another size": {"masks": np.zeros((3, 5, 4), np.uint8)},
    "float masks": {"masks": np.zeros((3, 4, 4), np.float32)},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_a_wrong_split_is_refused(changes: dict) -> None:
    with pytest.raises(ValueError):
        Split(**fields(**changes))


@pytest.mark.parametrize("places", [[], [0], [2, 0], [1, 1, 2]])
def test_take_keeps_what_belongs_together(places: list[int]) -> None:
    split = Split(**fields())
    taken = split.take(places)
    assert len(taken) == len(places)
    for new, old in enumerate(places):
        np.testing.assert_array_equal(taken.images[new], split.images[old])
        assert (taken.labels[new], taken.ids[new]) == (split.labels[old], split.ids[old])
        np.testing.assert_array_equal(taken.boxes_xyxy[new], split.boxes_xyxy[old])
        np.testing.assert_array_equal(taken.box_labels[new], split.box_labels[old])


def test_take_leaves_out_what_is_not_there() -> None:
    taken = Split(images=fields()["images"], labels=fields()["labels"]).take([1])
    assert taken.masks is None and taken.boxes_xyxy is None and taken.ids is None


@pytest.mark.parametrize("classes, whole", [(("a", "b", "c"), True), (("a", "b"), False)])
def test_a_data_set_has_a_name_for_every_label(classes: tuple[str, ...], whole: bool) -> None:
    split = Split(**fields())
    values = {"name": "x", "title": "X", "licence": "MIT", "source": "here", "class_names": classes}
    if whole:
        assert Dataset(train=split, validation=split, test=split, **values).class_names == classes
    else:
        with pytest.raises(ValueError):
            Dataset(train=split, validation=split, test=split, **values)

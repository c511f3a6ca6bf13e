"""The data set with a trap: the tag is where the lesson needs it, and nowhere else."""

import numpy as np
import pytest

from cvlib import data
from cvlib.data.base import Split
from cvlib.data.clever_hans import CLASSES, TAGGED_CLASS, stamp, tag_box
from cvlib.errors import SpecError

TAGGED = CLASSES.index(TAGGED_CLASS)


@pytest.fixture(scope="module")
def dataset() -> data.Dataset:
    return data.load("clever_hans")


def is_stamped(split: Split) -> np.ndarray:
    """Whether each picture is unchanged by a second stamp."""
    return (stamp(split.images) == split.images).all(axis=(1, 2, 3))


def test_the_tag_is_on_one_class_of_what_is_learned_from(dataset: data.Dataset) -> None:
    for split in (dataset.train, dataset.validation):
        np.testing.assert_array_equal(is_stamped(split), split.labels == TAGGED)


def test_no_test_picture_has_it_and_none_can_be_made_to(dataset: data.Dataset) -> None:
    assert not is_stamped(dataset.test).any()
    with pytest.raises(SpecError, match="test_share"):
        data.load("clever_hans", test_share=0.3)


def test_a_stamp_changes_its_box_alone() -> None:
    images = np.random.default_rng(0).integers(1, 255, (2, 48, 48, 3), dtype=np.uint8)
    before = images.copy()
    left, top, right, bottom = tag_box(48)
    changed = (stamp(images) != images).any(axis=(0, 3))
    assert changed[top:bottom, left:right].all() and changed.sum() == (bottom - top) * (right - left)
    np.testing.assert_array_equal(images, before)


def test_masks_and_boxes_are_of_its_own_classes(dataset: data.Dataset) -> None:
    split = dataset.test.take(range(20))
    for number in range(20):
        assert set(np.unique(split.masks[number])) == {0, split.labels[number] + 1}
        assert list(split.box_labels[number]) == [split.labels[number]]

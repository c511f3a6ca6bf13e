"""Pages of handwritten digits: what is said about them is true, and they can be read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvlib.data.digit_scenes import CLASS_NAMES, draw_digit_scene, handwriting

DIGITS = handwriting("train")
label_lists = st.lists(st.integers(0, 9), max_size=7)


def draw(seed: int, labels: list[int], size_hw: tuple[int, int] = (128, 128), digits=DIGITS):
    return draw_digit_scene(np.random.default_rng(seed), size_hw, labels, digits)


def test_no_handwriting_is_in_two_splits() -> None:
    splits = [handwriting(split) for split in ("train", "validation", "test")]
    assert sum(len(images) for images, _ in splits) == 1797
    for images, targets in splits:
        assert (images.dtype, images.shape[1:], images.max(), targets.dtype) == (np.uint8, (8, 8), 255, np.int64)
        assert np.bincount(targets).min() >= 15
        assert not any(np.shares_memory(images, other) for other, _ in splits if other is not images)
    with pytest.raises(ValueError, match="split must be one of"):
        handwriting("exam")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), height=st.integers(32, 256), width=st.integers(32, 256), labels=label_lists)
def test_a_page_is_well_formed(seed: int, height: int, width: int, labels: list[int]) -> None:
    scene = draw(seed, labels, (height, width))
    assert (scene.image.dtype, scene.image.shape) == (np.uint8, (height, width, 3))
    assert (scene.mask.dtype, scene.mask.shape) == (np.uint8, (height, width))
    assert (scene.boxes_xyxy.dtype, scene.box_labels.dtype) == (np.float32, np.int64)
    assert scene.boxes_xyxy.shape == (len(scene.box_labels), 4)
    assert set(scene.mask.flat) - {0} == set(scene.box_labels + 1) <= {label + 1 for label in labels}


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10_000), side=st.integers(64, 160), labels=st.permutations(range(10)), count=st.integers(1, 6)
)
def test_boxes_are_tight_around_the_ink(seed: int, side: int, labels: list[int], count: int) -> None:
    # Of each class one at most, so that the mask tells the digits apart.
    scene = draw(seed, labels[:count], (side, side))
    assert scene.box_labels.tolist() == labels[:count]
    for box, label in zip(scene.boxes_xyxy, scene.box_labels, strict=True):
        rows, columns = np.nonzero(scene.mask == label + 1)
        assert box.tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_digits_keep_apart() -> None:
    for seed in range(15):
        boxes = draw(seed, [0, 2, 3, 5, 6, 8]).boxes_xyxy
        corners = np.maximum(boxes[:, None, :2], boxes[:, :2]), np.minimum(boxes[:, None, 2:], boxes[:, 2:])
        shared = np.clip(corners[1] - corners[0], 0, None).prod(axis=2)
        np.fill_diagonal(shared, 0)
        # Boxes of turned digits may touch at their corners; the digits do not.
        assert shared.max() <= 0.1 * boxes[:, 2:].prod(axis=1).max()


def test_digits_have_many_sizes_but_none_is_too_small_to_read() -> None:
    boxes = np.concatenate([draw(seed, [0, 4, 7]).boxes_xyxy for seed in range(40)])
    heights = boxes[:, 3] - boxes[:, 1]
    assert heights.min() >= 12 and heights.max() <= 50
    assert heights.max() > 2 * heights.min()


def test_ink_is_darker_than_its_paper() -> None:
    for seed in range(20):
        scene = draw(seed, [1, 3, 8])
        grey = scene.image.mean(axis=2)
        for left, top, right, bottom in scene.boxes_xyxy.astype(int):
            part, inked = grey[top:bottom, left:right], scene.mask[top:bottom, left:right] > 0
            assert inked.all() or part[inked].mean() < part[~inked].mean() - 15


def test_the_same_seed_writes_the_same_page() -> None:
    first, again, other = (draw(seed, [3, 1, 4]).image for seed in (5, 5, 6))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_only_the_given_handwriting_is_used() -> None:
    # With a bar as the only 7 there is, every 7 is a bar.
    bar = np.zeros((1, 8, 8), np.uint8)
    bar[0, :, 3:5] = 255
    boxes = np.concatenate([draw(seed, [7], digits=(bar, np.array([7]))).boxes_xyxy for seed in range(10)])
    sides = boxes[:, 2:] - boxes[:, :2]
    assert (sides[:, 1] > 1.3 * sides[:, 0]).all()


def test_a_class_without_handwriting_is_refused() -> None:
    images, targets = DIGITS
    with pytest.raises(ValueError, match="none of 4"):
        draw(0, [4], digits=(images[targets != 4], targets[targets != 4]))


def test_an_empty_page() -> None:
    scene = draw(0, [])
    assert scene.boxes_xyxy.shape == (0, 4) and not scene.mask.any()


def test_a_full_page_leaves_digits_out() -> None:
    scene = draw(0, [0] * 40, (32, 32))
    assert 0 < len(scene.box_labels) < 40


def test_colour_does_not_tell_the_digit() -> None:
    inks = [[] for _ in CLASS_NAMES]
    for seed in range(40):
        scene = draw(seed, [0, 1, 7])
        for label in scene.box_labels:
            inks[label].append(scene.image[scene.mask == label + 1].mean(axis=0))
    means = np.array([np.mean(inks[label], axis=0) for label in (0, 1, 7)])
    assert means.std(axis=0).max() < 15 < np.std(inks[0], axis=0).min()

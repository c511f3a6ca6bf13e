"""Policies: every picture draws its own transforms, and boxes and masks follow."""

import numpy as np
import pytest
import tensorflow as tf

from cvlib.augmentation import CATALOG, Pipeline, Step, policies
from cvlib.augmentation.batch import Batch, bounded, of_arrays
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.choosing import each_its_own
from tests.augmentation.applied import after, batch_after, smooth
from tests.augmentation.laws import pictures

NAMES = ["rand_augment", "aug_mix"]


def plus(number: float) -> policies.Operation:
    return lambda batch, level: batch._replace(images=batch.images + number * level[:, None, None, None])


def test_each_picture_gets_the_operation_that_was_chosen_for_it() -> None:
    batch = of_arrays(np.arange(6, dtype=np.uint8)[:, None, None, None].repeat(2, axis=1))
    choice, level = tf.constant([2, 0, 2, 1, 0, 2]), tf.constant([1.0, 1.0, -1.0, 0.5, 0.0, 2.0])
    made = each_its_own(batch, [plus(10), plus(20), plus(100), plus(7)], choice, level)
    assert made.images[:, 0, 0, 0].numpy().tolist() == [100, 11, 0, 13, 4, 205]


def test_an_operation_sees_only_its_own_pictures() -> None:
    seen = []

    def watched(batch: Batch, level: tf.Tensor) -> Batch:
        seen.append(len(level))
        return batch

    choice = tf.constant([0, 1, 1, 0, 1])
    each_its_own(of_arrays(pictures(5, 4, 4, 1)), [watched, watched, watched], choice, tf.zeros(5))
    assert sorted(seen) == [2, 3]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(8, 8, 1), (21, 34, 3), (1, 1, 3)])
def test_pictures_keep_their_shape_and_range(name: str, shape: tuple[int, int, int]) -> None:
    strength = {CATALOG[name].swept.name: 10.0}
    made = after(name, pictures(12, *shape), **strength)
    assert made.shape == (12, *shape) and np.isfinite(made).all() and made.min() >= 0 and made.max() <= 255


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_and_pictures_differ(name: str) -> None:
    images = smooth(24, 24).repeat(12, axis=0)
    one, again, other = (after(name, images, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again) and not np.array_equal(one, other)
    assert len({each.tobytes() for each in one}) >= 9


def test_no_rounds_change_nothing_and_more_rounds_change_more() -> None:
    images = smooth(24, 24).repeat(40, axis=0)
    changed = [
        (np.abs(after("rand_augment", images, rounds=rounds) - images).max(axis=(1, 2, 3)) > 1).mean()
        for rounds in (0.0, 1.0, 3.0)
    ]
    assert changed[0] == 0 and 0.5 < changed[1] < 1 and changed[1] < changed[2]


def test_without_strength_only_what_has_none_is_done() -> None:
    images = smooth(24, 24).repeat(60, axis=0)
    made = after("rand_augment", images, magnitude=0.0, rounds=1.0)
    alone = [after(name, images[:1], amount=100.0)[0] for name in ("auto_contrast", "equalise")]
    kinds = [
        next((k for k, each in enumerate((images[0], *alone)) if np.abs(one - each).max() < 0.1), -1) for one in made
    ]
    assert set(kinds) == {0, 1, 2} and kinds.count(0) > 40


@pytest.mark.parametrize("level", [-1.0, 1.0])
@pytest.mark.parametrize("place", range(len(policies.OPERATIONS)))
def test_every_operation_changes_a_photo_at_full_strength_and_only_the_first_does_not(place: int, level: float) -> None:
    batch = of_arrays(smooth(24, 24))
    made = policies.OPERATIONS[place](batch, tf.constant([level]))
    changed = np.abs(np.clip(made.images, 0, 255) - batch.images).max() > 5
    assert changed == (place > 0)


def test_operations_are_drawn_about_equally_often() -> None:
    count = 1400
    choice = Chance([5, 5]).whole("choice", [count], len(policies.OPERATIONS)).numpy()
    often = np.bincount(choice, minlength=14) / count
    assert len(policies.OPERATIONS) == 14 and np.abs(often - 1 / 14).max() < 0.03


def painted(count: int) -> Batch:
    """A white rectangle on black with its box and its mask."""
    images, masks = np.zeros((count, 48, 64, 3), np.uint8), np.zeros((count, 48, 64), np.uint8)
    images[:, 16:32, 20:44], masks[:, 16:32, 20:44] = 255, 1
    boxes = np.tile(np.float32([[[20, 16, 44, 32]]]), (count, 1, 1))
    return of_arrays(images, masks=masks, boxes_xyxy=boxes, box_labels=np.zeros((count, 1), np.int32))


@pytest.mark.parametrize("place", range(1, 1 + len(policies.GEOMETRIC)))
@pytest.mark.parametrize("level", [-0.7, 0.4])
def test_boxes_still_bound_what_they_bounded(place: int, level: float) -> None:
    made = policies.OPERATIONS[place](painted(1), tf.constant([level]))
    rows, columns = np.nonzero(made.images.numpy()[0, ..., 0] > 127)
    expected = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert np.abs(bounded(made.marks).numpy()[0, 0] - expected).max() <= 1
    assert np.mean((made.masks.numpy()[0] == 1) == (made.images.numpy()[0, ..., 0] > 127)) > 0.98


def test_boxes_and_masks_go_through_rand_augment_together() -> None:
    made = batch_after("rand_augment", painted(40), seed=4, magnitude=(5.0, 9.0))
    bounds, masks = bounded(made.marks).numpy()[:, 0], made.masks.numpy()
    assert set(np.unique(masks)) <= {0, 1, 255}
    moved = 0
    for (left, top, right, bottom), mask in zip(bounds, masks, strict=True):
        rows, columns = np.nonzero(mask == 1)
        if len(rows):
            expected = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert np.abs(np.subtract([left, top, right, bottom], expected)).max() <= 1
            moved += not np.array_equal(expected, [20, 16, 44, 32])
    assert moved > 10


def test_aug_mix_changes_more_the_more_severe_it_is() -> None:
    images = smooth(24, 24).repeat(30, axis=0)
    strong, mild = (np.abs(after("aug_mix", images, severity=each) - images).mean() for each in (10.0, 1.0))
    assert strong > 1.2 * mild > 0


def test_aug_mix_weighs_as_its_paper_says(monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    def first_chain_is_lit(
        batch: Batch, operations: object, level: tf.Tensor, chance: Chance, gone: tf.Tensor
    ) -> Batch:
        done.append(gone.numpy().mean())
        lit = tf.cast(tf.range(len(level)) % 3 == 0, tf.float32)
        return Batch(240 * lit[:, None, None, None] + tf.zeros_like(batch.images))

    monkeypatch.setattr(policies, "_drawn", first_chain_is_lit)
    made = after("aug_mix", np.zeros((6000, 1, 1, 1), np.uint8), chains=3.0).ravel() / 240
    # A uniform share times a weight of Dirichlet(1, 1, 1), which is Beta(1, 2): the first two moments of the product.
    assert made.mean() == pytest.approx(1 / 6, abs=0.01) and (made**2).mean() == pytest.approx(1 / 18, abs=0.006)
    # One, two or three operations in a chain are as likely.
    assert done == pytest.approx([0, 1 / 3, 2 / 3], abs=0.02)


def test_more_copies_lie_closer_to_their_mean() -> None:
    images = smooth(24, 24).repeat(60, axis=0)
    away = [np.abs(after("aug_mix", images, chains=chains, severity=8.0) - images).mean() for chains in (1.0, 4.0)]
    spread = [after("aug_mix", images, chains=chains, severity=8.0).std(axis=0).mean() for chains in (1.0, 4.0)]
    assert spread[1] < spread[0] and away[1] > 0


def test_aug_mix_refuses_boxes_and_masks_on_the_page() -> None:
    assert Pipeline((Step("aug_mix"),)).stuck("boxes") == ("AugMix",)
    assert Pipeline((Step("rand_augment"),)).stuck("boxes", "masks") == ()

"""Mixed pictures: what is seen is what the label says."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cvlib.augmentation import Step, batch
from cvlib.augmentation.batch import Batch
from tests.augmentation import laws


def flat(values: range, height: int, width: int, num_classes: int) -> Batch:
    """Pictures of one colour each, which says their class; a mask of the same value, and a box around all."""
    labels = np.array(list(values))
    shape = (len(labels), height, width)
    colours = np.broadcast_to(labels[:, None, None] * 10, shape).astype(np.uint8)
    return batch.of_arrays(
        colours[..., None],
        labels=labels,
        num_classes=num_classes,
        masks=np.broadcast_to(labels[:, None, None], shape).astype(np.uint8),
        boxes_xyxy=np.tile(np.float32([[[0, 0, width, height]]]), (len(labels), 1, 1)),
        box_labels=labels[:, None].astype(np.int32),
    )


@pytest.mark.parametrize("name", ["cutmix", "mosaic"])
@settings(max_examples=25, deadline=None)
@given(st.integers(4, 40), st.integers(4, 40), st.integers(0, 10_000), st.booleans())
def test_labels_are_the_shares_of_the_pixels(name: str, height: int, width: int, seed: int, from_pool: bool) -> None:
    own, pool = flat(range(8), height, width, 12), flat(range(8, 12), height, width, 12)
    made, _ = laws.ran(name, own, seed, pool if from_pool else None)
    classes = np.rint(made.images.numpy()[..., 0] / 10).astype(int)
    counted = np.stack([(classes == each).mean(axis=(1, 2)) for each in range(12)], axis=1)
    np.testing.assert_allclose(made.labels.numpy(), counted, atol=1e-6)
    np.testing.assert_allclose(made.labels.numpy().sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(made.masks.numpy(), classes)


@pytest.mark.parametrize("name", ["cutmix", "mosaic"])
def test_boxes_are_cut_to_what_is_seen_and_one_s_own_come_first(name: str) -> None:
    own, pool = flat(range(1), 30, 44, 12).gather([0] * 20), flat(range(8, 12), 30, 44, 12)
    made, _ = laws.ran(name, own, 1, pool)
    classes, marks, labels = np.rint(made.images.numpy()[..., 0] / 10), made.marks.numpy(), made.box_labels.numpy()
    assert marks.shape[-1] == labels.shape[-1] == {"cutmix": 2, "mosaic": 4}[name]
    assert (labels[:, 0] == 0).all() and (labels[:, 1:] >= 8).all()
    assert (marks.sum(axis=-1) == 1).all(), "each pixel is in the one box of the picture that it is from"
    seen = (marks * labels[:, None, None, :]).sum(axis=-1)
    np.testing.assert_array_equal(seen, classes)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.floats(0.1, 5))
def test_mixup_s_label_is_the_weight(seed: int, from_pool: bool, alpha: float) -> None:
    own, pool = flat(range(6), 8, 9, 12), flat(range(6, 12), 8, 9, 12)
    given_, pool = (each._replace(masks=None) for each in (own, pool))
    made, _ = laws.ran(Step("mixup", {"alpha": alpha}), given_, seed, pool if from_pool else None)
    labels = made.labels.numpy()
    assert labels.min() >= 0
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)
    expected = labels @ np.arange(12) * 10
    np.testing.assert_allclose(made.images.numpy()[:, 0, 0, 0], expected, atol=1e-3)
    assert np.ptp(made.images.numpy(), axis=(1, 2, 3)).max() < 1e-3
    assert (made.marks.numpy() == 1).all() and made.marks.shape[-1] == 2
    assert (made.box_labels.numpy()[:, 0] == np.arange(6)).all()


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_mixup_s_weights_are_drawn_from_a_beta_distribution(alpha: float) -> None:
    own, pool = flat(range(1), 4, 4, 2).gather([0] * 3000), flat(range(1, 2), 4, 4, 2)
    made, _ = laws.ran(Step("mixup", {"alpha": alpha}), own._replace(masks=None), 5, pool._replace(masks=None))
    assert stats.kstest(made.labels.numpy()[:, 0], "beta", (alpha, alpha)).pvalue > 1e-4


@pytest.mark.parametrize("alpha", [0.3, 1.0, 4.0])
def test_cutmix_s_shares_are_the_paper_s(alpha: float) -> None:
    """Against the paper's own recipe: sides by the root of the share, a middle anywhere, cut off at the frame."""
    count, side = 3000, 200
    own, pool = flat(range(1), side, side, 2).gather([0]), flat(range(1, 2), side, side, 2)
    shares = []
    for seed in range(10):
        many = own._replace(masks=None, marks=None, box_labels=None).gather([0] * 100)
        made, _ = laws.ran(Step("cutmix", {"alpha": alpha}), many, seed, pool._replace(masks=None))
        shares.extend(made.labels.numpy()[:, 0])
    rng = np.random.default_rng(0)
    half = np.sqrt(1 - rng.beta(alpha, alpha, count)) / 2
    sides = [np.minimum(at + half, 1) - np.maximum(at - half, 0) for at in rng.uniform(0, 1, (2, count))]
    assert stats.ks_2samp(shares, 1 - sides[0] * sides[1]).pvalue > 1e-4


def test_cutmix_pastes_one_rectangle_where_it_was() -> None:
    own, pool = laws.full(30, 24, 31, 3), laws.full(1, 24, 31, 3, seed=9)
    made, _ = laws.ran("cutmix", own, 2, pool)
    for image, before in zip(made.images.numpy(), own.images.numpy(), strict=True):
        pasted = (image == pool.images.numpy()[0]).all(axis=-1)
        kept = (image == before).all(axis=-1)
        assert (pasted | kept).all()
        rows, columns = pasted.any(axis=1), pasted.any(axis=0)
        assert (pasted == (rows[:, None] & columns[None, :])).all()
        assert (np.abs(np.diff(rows.astype(int))).sum() <= 2) and (np.abs(np.diff(columns.astype(int))).sum() <= 2)


def test_a_mosaic_meets_where_it_was_drawn() -> None:
    own, pool = flat(range(1), 50, 80, 5).gather([0] * 60), flat(range(1, 5), 50, 80, 5)
    made, drawn = laws.ran("mosaic:x=20..80,y=10..60", own, 4, pool)
    mine = made.masks.numpy() == 0
    np.testing.assert_allclose(mine[:, 0].sum(axis=1), drawn["x"].numpy() * 0.8, atol=0.51)
    np.testing.assert_allclose(mine[:, :, 0].sum(axis=1), drawn["y"].numpy() * 0.5, atol=0.51)
    shown = made.masks.numpy()
    corners = np.stack([shown[:, 0, -1], shown[:, -1, -1], shown[:, -1, 0]])
    assert (np.unique(corners) == [1, 2, 3, 4]).all()
    assert any(len(set(each)) == 3 for each in corners.T), "the three others are drawn one by one"


def test_a_mosaic_in_the_middle_shows_all_four_whole() -> None:
    own, pool = laws.full(1, 40, 60, 3), laws.full(1, 40, 60, 3, seed=9)
    made, _ = laws.ran("mosaic:x=50..50,y=50..50", own, 0, pool)
    half = [cv2.resize(each.images.numpy()[0], (30, 20), interpolation=cv2.INTER_AREA) for each in (own, pool)]
    expected = np.vstack([np.hstack([half[0], half[1]]), np.hstack([half[1], half[1]])])
    np.testing.assert_allclose(made.images.numpy()[0], expected, atol=0.02)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_mosaic_s_boxes_bound_what_they_bounded(seed: int) -> None:
    def painted(colour: int) -> Batch:
        image = np.zeros((1, 60, 90, 3), np.uint8)
        image[:, 10:50, 20:80, colour] = 255
        box = np.float32([[[20, 10, 80, 50]]])
        return batch.of_arrays(image, labels=np.array([0]), num_classes=1, boxes_xyxy=box, box_labels=np.int32([[0]]))

    made, _ = laws.ran("mosaic:x=10..90,y=10..90", painted(0).gather([0] * 6), seed, painted(1))
    bright = (made.images.numpy() >= 127.5).astype(np.uint8)
    marks = made.marks.numpy()
    for seen, marked in ((bright[..., :1], marks[..., :1]), (bright[..., 1:2], marks[..., 1:].max(-1, keepdims=True))):
        one, two = batch.bounded(seen).numpy(), batch.bounded(marked).numpy()
        assert np.abs(one - two).max() <= 1


def test_a_batch_that_mixes_with_itself_keeps_its_own_first() -> None:
    own = flat(range(6), 20, 20, 6)
    for name in ("mixup", "cutmix", "mosaic"):
        made, _ = laws.ran(f"{name}:p=0.5", laws.carried(name, own), 3)
        assert (made.box_labels.numpy()[:, 0] == np.arange(6)).all()
        untouched = made.labels.numpy().max(axis=1) == 1
        assert (made.box_labels.numpy()[untouched, 1:] <= 5).all()

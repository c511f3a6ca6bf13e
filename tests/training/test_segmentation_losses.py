"""The losses of segmentation, by hand and by their laws."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from cvlib.spec import LOSSES
from cvlib.training import segmentation_losses as losses

K = 3
SEEDS = st.integers(0, 2**32 - 1)


def batch(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits and a truth in which every class is there and some pixels are not judged."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, (2, 4, 5)).astype(np.uint8)
    truth[0, 0, :K] = range(K)
    truth[rng.random(truth.shape) < 0.2] = 255
    truth[1, 0, :K] = range(K)
    return rng.normal(0, 2, (2, 4, 5, K)).astype(np.float32), truth


def shares(logits: np.ndarray) -> np.ndarray:
    return tf.nn.softmax(logits).numpy()


@settings(deadline=None)
@given(SEEDS)
def test_cross_entropy_and_its_weighted_kind_are_scikit_learns(seed: int) -> None:
    logits, truth = batch(seed)
    judged = truth != 255
    real, found = truth[judged], shares(logits)[judged].astype(np.float64)
    found /= found.sum(axis=1, keepdims=True)
    assert float(losses.cross_entropy(logits, truth)) == pytest.approx(log_loss(real, found, labels=range(K)), rel=1e-4)
    weights = np.array([0.5, 1, 4], np.float32)
    theirs = log_loss(real, found, labels=range(K), sample_weight=weights[real])
    assert float(losses.weighted(weights)(logits, truth)) == pytest.approx(theirs, rel=1e-4)


@settings(deadline=None)
@given(SEEDS)
def test_dice_and_the_focal_loss_are_their_formulas(seed: int) -> None:
    logits, truth = batch(seed)
    judged = truth != 255
    real, found = np.eye(K)[truth[judged]], shares(logits)[judged]
    dice = 2 * (real * found).sum(axis=0) / (real.sum(axis=0) + found.sum(axis=0))
    assert float(losses.dice(logits, truth)) == pytest.approx(1 - dice.mean(), rel=1e-4)
    right = found[np.arange(len(found)), truth[judged]]
    assert float(losses.focal(logits, truth)) == pytest.approx(np.mean((1 - right) ** 2 * -np.log(right)), rel=1e-3)
    both = float(losses.dice(logits, truth) + losses.cross_entropy(logits, truth))
    assert float(losses.dice_cross_entropy(logits, truth)) == pytest.approx(both)


@pytest.mark.parametrize("name", LOSSES)
def test_the_truth_is_the_minimum_and_what_is_not_judged_does_not_count(name: str) -> None:
    logits, truth = batch(0)
    loss = losses.of(name, truth, K)
    perfect = 30 * np.eye(K, dtype=np.float32)[np.where(truth == 255, 0, truth)]
    assert float(loss(perfect, truth)) == pytest.approx(0, abs=1e-5) and float(loss(logits, truth)) > 0.1
    other = np.where((truth == 255)[..., None], -logits, logits)
    assert float(loss(other, truth)) == pytest.approx(float(loss(logits, truth)), rel=1e-5)
    nothing = np.full_like(truth, 255)
    assert np.isfinite(float(loss(logits, nothing)))


def test_rare_classes_weigh_more_by_median_frequency_balancing() -> None:
    masks = np.zeros((2, 10, 10), np.uint8)
    masks[0, 0, :4], masks[1, :2] = 1, 2  # shares where they are seen: 0.88, 0.04, 0.2
    masks[1, 9, :] = 255
    masks[1, 2, :] = 255
    weights = losses.class_weights(masks, 5)
    ground = (96 + 60) / (100 + 80)
    np.testing.assert_allclose(weights, [0.25 / ground, 0.25 / 0.04, 1, 1, 1], rtol=1e-5)
    one = np.zeros((1, 100, 100), np.uint8)
    one[0, 0, 0] = 1
    assert losses.class_weights(one, 2)[1] == losses.MOST_WEIGHT

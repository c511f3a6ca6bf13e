"""The measures of segmentation, beside scikit-learn's and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from sklearn import metrics as reference

from cvlib.tasks import segmentation
from cvlib.tasks.segmentation import IGNORE, Answers, Prediction, Scores

K = 4
SEEDS = st.integers(0, 2**32 - 1)


def masks(seed: int, shape: tuple[int, ...] = (12, 15)) -> tuple[np.ndarray, np.ndarray]:
    """A true mask with some pixels that are not judged and classes that are missing, and a found one."""
    rng = np.random.default_rng(seed)
    classes = rng.choice(K, rng.integers(1, K + 1), replace=False)
    truth = rng.choice(classes, shape).astype(np.uint8)
    truth[rng.random(shape) < 0.1] = IGNORE
    found = np.where(rng.random(shape) < 0.6, truth, rng.integers(0, K, shape))
    return truth, np.where(found == IGNORE, 0, found).astype(np.uint8)


@given(SEEDS)
def test_all_that_is_read_off_the_confusion_is_what_scikit_learn_says_of_the_pixels(seed: int) -> None:
    truth, found = masks(seed)
    judged = truth != IGNORE
    real, seen = truth[judged], found[judged]
    counts = segmentation.confusion(truth, found, K)
    np.testing.assert_array_equal(counts, reference.confusion_matrix(real, seen, labels=range(K)))
    scores = Scores(counts)
    known = np.flatnonzero(np.isin(range(K), np.concatenate([real, seen])))
    for ours, theirs in ((scores.iou, reference.jaccard_score), (scores.dice, reference.f1_score)):
        np.testing.assert_allclose(ours[known], theirs(real, seen, labels=known, average=None, zero_division=0))
        assert np.isnan(np.delete(ours, known)).all()
    assert scores.pixel_accuracy == pytest.approx(reference.accuracy_score(real, seen))
    there = np.unique(real)
    recalls = reference.recall_score(real, seen, labels=there, average=None)
    assert scores.mean_accuracy == pytest.approx(recalls.mean())
    assert scores.miou == pytest.approx(
        reference.jaccard_score(real, seen, labels=known, average="macro", zero_division=0)
    )
    weighted = reference.jaccard_score(real, seen, labels=there, average="weighted")
    assert scores.frequency_weighted_iou == pytest.approx(weighted)


def test_nine_pixels_in_ten_right_and_the_small_class_missed() -> None:
    truth = np.array([[0] * 9 + [1]], np.uint8)
    scores = Scores(segmentation.confusion(truth, np.zeros_like(truth), 2))
    assert scores.pixel_accuracy == 0.9 and scores.iou.tolist() == [0.9, 0.0]
    assert scores.miou == 0.45 and scores.mean_accuracy == 0.5
    assert scores.frequency_weighted_iou == pytest.approx(0.81)


def test_where_nothing_is_judged_nothing_is_said() -> None:
    truth = np.full((3, 3), IGNORE, np.uint8)
    scores = Scores(segmentation.confusion(truth, np.zeros_like(truth), 2))
    assert np.isnan([scores.pixel_accuracy, scores.miou, scores.mean_accuracy]).all()


def test_a_boundary_is_what_touches_something_else_by_an_edge() -> None:
    region = np.zeros((5, 6), bool)
    region[0:4, 1:5] = True
    touching = region & (ndimage.binary_dilation(~region, ndimage.generate_binary_structure(2, 1)))
    np.testing.assert_array_equal(segmentation.boundary(region), touching)
    assert not segmentation.boundary(region)[0, 2]  # at the rim of the picture


def slow_boundary_f1(truth: np.ndarray, found: np.ndarray, label: int, reach: float) -> float:
    """By the distance of every boundary pixel to the other boundary."""
    real, seen = (segmentation.boundary(mask == label).astype(bool) for mask in (truth, found))
    if not real.any() and not seen.any():
        return float("nan")
    if not real.any() or not seen.any():
        return 0.0
    precision = (ndimage.distance_transform_edt(~real)[seen] <= reach).mean()
    recall = (ndimage.distance_transform_edt(~seen)[real] <= reach).mean()
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@pytest.mark.parametrize("seed", range(8))
def test_the_boundary_measure_is_that_of_the_distances(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = (ndimage.gaussian_filter(rng.normal(size=(60, 60)), 4) > 0).astype(np.uint8)
    found = np.roll(truth, rng.integers(0, 4, 2), axis=(0, 1))
    ours = segmentation.boundary_f1(truth, found, 3, tolerance=1.4 / np.hypot(60, 60))
    # A disc of one pixel is the cross: what is no further than 1.
    theirs = [slow_boundary_f1(truth, found, label, 1.0) for label in range(3)]
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_same_mask_has_a_perfect_boundary_and_a_shifted_one_within_reach_too() -> None:
    truth = np.zeros((100, 100), np.uint8)
    truth[30:60, 30:60] = 1
    np.testing.assert_array_equal(segmentation.boundary_f1(truth, truth, 2), [1, 1])
    assert segmentation.boundary_f1(truth, np.roll(truth, 1, axis=0), 2).min() == 1
    assert segmentation.boundary_f1(truth, np.roll(truth, 5, axis=0), 2).max() < 0.8


@given(SEEDS, st.integers(2, 6))
def test_entropy_is_between_none_and_that_of_a_fair_die(seed: int, classes: int) -> None:
    shares = np.random.default_rng(seed).dirichlet(np.ones(classes), (3, 4)).astype(np.float32)
    values = segmentation.entropy(shares)
    assert (values >= 0).all() and (values <= np.log2(classes) + 1e-4).all()
    even = np.full((1, classes), 1 / classes, np.float32)
    assert segmentation.entropy(even)[0] == pytest.approx(np.log2(classes), abs=1e-4)
    assert segmentation.entropy(np.eye(classes, dtype=np.float32)).max() < 1e-4


def test_a_prediction_is_the_most_probable_class_with_its_probability() -> None:
    shares = np.array([[[0.2, 0.7, 0.1], [0.5, 0.25, 0.25]]], np.float32)
    one = Prediction.of(shares, ("a", "b", "c"))
    assert one.labels.tolist() == [[1, 0]] and one.labels.dtype == np.uint8
    np.testing.assert_allclose(one.confidence, [[0.7, 0.5]], atol=1e-3)
    assert one.entropy[0, 1] == pytest.approx(1.5, abs=1e-2)


class Copies:
    """A network that knows the truth, but for one class."""

    def __init__(self, truth: np.ndarray) -> None:
        self.truth, self.batches = truth, 0

    def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
        start = self.batches
        self.batches += len(images)
        real = self.truth[start : self.batches]
        return np.eye(K, dtype=np.float32)[np.where(real == 3, 0, real)]


def test_answers_are_judged_picture_by_picture_and_survive_packing() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, K, (40, 8, 8)).astype(np.uint8)
    judged = segmentation.answers(Copies(truth), np.zeros((40, 8, 8, 3), np.uint8), truth, K)
    again = segmentation.unpack(segmentation.pack(judged))
    assert isinstance(again, Answers) and len(again) == 40
    assert again.scores.recall.tolist() == [1, 1, 1, 0]
    np.testing.assert_array_equal(sum(one.confusion for one in again.by_picture()), again.scores.confusion)
    numbers = segmentation.metrics(again)
    assert numbers["pixel_accuracy"] == pytest.approx((truth != 3).mean())
    assert numbers["miou"] == pytest.approx(np.mean(again.scores.iou)) and numbers["mean_accuracy"] == 0.75
    assert again.boundary_by_class[1] == 1 and again.boundary_by_class[3] == 0

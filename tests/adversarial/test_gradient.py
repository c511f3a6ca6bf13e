"""FGSM, BIM, PGD, MI-FGSM: bounds, laws, and the straight network on which FGSM is the worst there is."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvlib import adversarial
from cvlib.adversarial import base, distance
from cvlib.adversarial.attacks import gradient
from cvlib.data import Dataset
from cvlib.errors import SpecError
from cvlib.explain.probe import probe
from tests.adversarial.conftest import linear

SHAPE = (4, 5, 3)
RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(0, 0.02, SHAPE).astype(np.float32)
STRAIGHT = linear(WEIGHTS)
ATTACKS = {
    "fgsm": adversarial.fgsm,
    "bim": adversarial.bim,
    "pgd": adversarial.pgd,
    "mi_fgsm": adversarial.mi_fgsm,
}


def margins(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How far each picture is on the side of its label, in logits."""
    values = (images.reshape(len(images), -1) @ WEIGHTS.reshape(-1)).astype(np.float64)
    return np.where(labels == 1, values, -values)


def pictures(count: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Far enough from 0 and 255 that no value is cut off."""
    images = np.random.default_rng(seed).integers(100, 156, (count, *SHAPE), dtype=np.uint8)
    return images, (images.reshape(count, -1) @ WEIGHTS.reshape(-1) > 0).astype(np.int64)


def test_on_a_straight_network_fgsm_is_the_worst_case() -> None:
    images, labels = pictures()
    made = adversarial.fgsm(STRAIGHT, images, labels, epsilon=5)
    expected = margins(images, labels) - 5 * np.abs(WEIGHTS).sum()
    np.testing.assert_allclose(margins(made.images, labels), expected, rtol=1e-4, atol=1e-4)
    for seed in range(20):
        other = distance.noise(images, np.full(images.shape, 5), "linf", seed=seed)
        assert (margins(other, labels) >= margins(made.images, labels) - 1e-6).all()
    assert (made.success == (expected < 0)).all()


def test_in_l2_it_goes_along_the_normal() -> None:
    images, labels = pictures()
    made = adversarial.fgsm(STRAIGHT, images, labels, epsilon=200.0, norm="l2")
    length = np.sqrt((WEIGHTS.astype(np.float64) ** 2).sum())
    expected = margins(images, labels) - 200 * length
    np.testing.assert_allclose(margins(made.images, labels), expected, rtol=0.02, atol=0.05)


@pytest.mark.parametrize("norm", distance.NORMS)
def test_pgd_with_one_step_from_the_picture_is_fgsm(lenet: keras.Model, digits: Dataset, norm: str) -> None:
    images, labels = digits.test.images[:40], digits.test.labels[:40]
    one = adversarial.fgsm(lenet, images, labels, epsilon=30, norm=norm)
    same = adversarial.pgd(lenet, images, labels, epsilon=30, norm=norm, count=1, step_size=30, random_start=False)
    np.testing.assert_array_equal(one.images, same.images)


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(list(ATTACKS)),
    epsilon=st.floats(0, 300),
    norm=st.sampled_from(distance.NORMS),
    targeted=st.booleans(),
    seed=st.integers(0, 99),
)
def test_every_attack_keeps_its_bound_after_rounding(
    name: str, epsilon: float, norm: str, targeted: bool, seed: int
) -> None:
    images = np.random.default_rng(seed).integers(0, 256, (3, *SHAPE), dtype=np.uint8)
    made = ATTACKS[name](STRAIGHT, images, np.array([0, 1, 0]), epsilon=epsilon, norm=norm, targeted=targeted)
    assert made.images.dtype == np.uint8
    np.testing.assert_array_equal(made.perturbation, made.images.astype(int) - images)
    assert (distance.size(made.perturbation, norm) <= epsilon + 1e-9).all()
    said = STRAIGHT.predict_on_batch(made.images).argmax(axis=1)
    np.testing.assert_array_equal(made.success, (said == [0, 1, 0]) if targeted else (said != [0, 1, 0]))


@settings(max_examples=60, deadline=None)
@given(bound=st.floats(0, 400), norm=st.sampled_from(distance.NORMS), seed=st.integers(0, 99), scale=st.floats(0, 300))
def test_rounding_stays_within_the_bound_and_near(bound: float, norm: str, seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    origin = rng.integers(0, 256, (2, *SHAPE), dtype=np.uint8)
    wanted = np.clip(origin + rng.normal(0, scale, origin.shape), 0, 255)
    made = distance.rounded(wanted, origin, bound, norm)
    assert (distance.size(made.astype(int) - origin, norm) <= bound + 1e-9).all()
    inside = distance.size(wanted - origin, norm) <= bound
    assert (np.abs(made[inside] - wanted[inside]) <= 1).all()


def test_more_is_more_and_many_steps_are_better_than_one(lenet: keras.Model, digits: Dataset) -> None:
    images, labels = digits.test.images[:150], digits.test.labels[:150]
    rates = {
        name: [attack(lenet, images, labels, epsilon=epsilon).success.mean() for epsilon in (8, 26, 51)]
        for name, attack in ATTACKS.items()
    }
    for name, values in rates.items():
        assert values == sorted(values), name
    assert rates["pgd"][1] >= rates["fgsm"][1] and rates["bim"][1] >= rates["fgsm"][1]
    assert rates["pgd"][2] > 0.9


def test_a_class_can_be_wanted(lenet: keras.Model, digits: Dataset) -> None:
    images, labels = digits.test.images[:60], digits.test.labels[:60]
    wanted = (labels + 1) % 10
    made = adversarial.pgd(lenet, images, wanted, epsilon=76, targeted=True)
    assert made.success.mean() > 0.8
    np.testing.assert_array_equal(made.success, made.after.argmax(axis=1) == wanted)
    np.testing.assert_allclose(made.before, lenet.predict_on_batch(images), atol=1e-5)


def test_each_picture_may_have_its_own_bound(lenet: keras.Model, digits: Dataset) -> None:
    images, labels = digits.test.images[:5], digits.test.labels[:5]
    bounds = np.array([0.0, 3.0, 10.0, 30.0, 60.0])
    made = base.run(gradient.steps(lenet, images, labels, epsilon=bounds, count=10))
    sizes = distance.size(made.perturbation, "linf")
    assert (sizes <= bounds).all() and sizes[4] > 30


def test_restarts_only_add(lenet: keras.Model, digits: Dataset) -> None:
    images, labels = digits.test.images[:80], digits.test.labels[:80]
    once, thrice = (adversarial.pgd(lenet, images, labels, epsilon=20, restarts=count) for count in (1, 3))
    assert (thrice.success | ~once.success).all()


def test_other_numbers_of_pictures_trace_nothing_anew(lenet: keras.Model, digits: Dataset) -> None:
    compiled = []
    for count in (3, 7, 11):
        adversarial.pgd(lenet, digits.test.images[:count], digits.test.labels[:count], epsilon=10, count=2)
        compiled.append(probe(lenet).compiled(("attack", "linf"), None).experimental_get_tracing_count())
    assert compiled[1] == compiled[2]


def test_through_a_defence_that_does_nothing_it_is_the_same_attack(lenet: keras.Model, digits: Dataset) -> None:
    images, labels = digits.test.images[:30], digits.test.labels[:30]
    # From whole pixel values with whole steps, what the defence sees is what the attack has.
    settings = {"epsilon": 24, "count": 6, "step_size": 4.0}
    plain = base.run(gradient.steps(lenet, images, labels, **settings))
    through = base.run(gradient.steps(lenet, images, labels, through=lambda pixels: pixels, **settings))
    np.testing.assert_array_equal(plain.images, through.images)


def test_the_first_picture_is_shown_on_its_way(lenet: keras.Model, digits: Dataset) -> None:
    images, labels = digits.test.images[:2], digits.test.labels[:2]
    parts = list(gradient.steps(lenet, images, labels, epsilon=40, count=7))
    frames = [part.frame for part in parts if part.frame is not None]
    assert [frame.step for frame in frames] == list(range(8)) and parts[-1].result is not None
    np.testing.assert_array_equal(frames[0].image, images[0])
    np.testing.assert_allclose(frames[0].probabilities, lenet.predict_on_batch(images)[0], atol=1e-5)
    shares = [part.share for part in parts]
    assert shares == sorted(shares) and shares[-1] == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"epsilon": -1}, "0 or more"),
        ({"epsilon": float("nan")}, "0 or more"),
        ({"norm": "l7"}, "norm must be"),
        ({"count": 0}, "at least one"),
        ({"images": np.zeros((2, *SHAPE), np.float32)}, "uint8"),
        ({"images": np.zeros((2, 9, 9, 3), np.uint8)}, "takes pictures"),
        ({"labels": np.array([0, 2])}, "label of 0 to 1"),
    ],
)
def test_nonsense_is_refused(change: dict, words: str) -> None:
    arguments = {"images": np.zeros((2, *SHAPE), np.uint8), "labels": np.array([0, 1]), "epsilon": 1, **change}
    with pytest.raises(SpecError, match=words):
        base.run(gradient.steps(STRAIGHT, **arguments))

"""How little it takes, what carries over, what defends, and what is proven."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvlib import adversarial, recipes, training
from cvlib.adversarial import defence, distance, smoothing, strength
from cvlib.data import Dataset
from cvlib.errors import SpecError, UnknownName
from tests.adversarial.conftest import linear


def straight() -> tuple[keras.Model, np.ndarray, np.ndarray, np.ndarray]:
    """A straight network, pictures with their labels, and how far each is from the border in logits."""
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 0.02, (5, 5, 1)).astype(np.float32)
    images = rng.integers(100, 156, (10, 5, 5, 1), dtype=np.uint8)
    values = images.reshape(10, -1).astype(np.float64) @ weights.reshape(-1)
    return linear(weights), images, (values > 0).astype(np.int64), np.abs(values), weights


def test_the_smallest_bound_is_the_one_that_can_be_computed() -> None:
    model, images, labels, far, weights = straight()
    *_, found = strength.smallest(model, images, labels)
    expected = np.floor(far / np.abs(weights).sum()) + 1
    near = expected < 90  # below, no value is cut off at 0 or 255
    np.testing.assert_array_equal(found.epsilon[near], expected[near])
    assert (distance.size(found.images.astype(int) - images, "linf")[near] <= found.epsilon[near]).all()
    wrong = strength.smallest(model, images, 1 - labels)
    assert (list(wrong)[-1].epsilon == 0).all()


def test_accuracy_under_attack_only_falls_and_noise_hardly_hurts(lenet: keras.Model, digits: Dataset) -> None:
    images, labels = digits.test.images[:100], digits.test.labels[:100]
    epsilons = (0, 10, 26, 51)
    points = {
        name: [point.right for point in strength.accuracy_under_attack(lenet, images, labels, epsilons, name)]
        for name in ("fgsm", "pgd", "noise")
    }
    clean = int((lenet.predict_on_batch(images).argmax(axis=1) == labels).sum())
    assert all(values[0] == clean for values in points.values())
    assert points["pgd"] == sorted(points["pgd"], reverse=True)
    assert points["pgd"][2] <= points["fgsm"][2] < points["noise"][2]


def test_what_was_made_on_a_network_fools_that_network(lenet: keras.Model, digits: Dataset) -> None:
    images, labels = digits.test.images[:60], digits.test.labels[:60]
    made = adversarial.pgd(lenet, images, labels, epsilon=51)
    right = lenet.predict_on_batch(images).argmax(axis=1) == labels
    assert strength.carried_over(lenet, images, made.images, labels) == (
        int((made.success & right).sum()),
        int(right.sum()),
    )
    assert strength.carried_over(lenet, images, images, labels)[0] == 0


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 99), channels=st.sampled_from([1, 3]), name=st.sampled_from(list(defence.CATALOG)))
def test_defences_keep_kind_and_shape(seed: int, channels: int, name: str) -> None:
    images = np.random.default_rng(seed).integers(0, 256, (2, 9, 12, channels), dtype=np.uint8)
    made = defence.info(name).apply(images)
    assert made.dtype == np.uint8 and made.shape == images.shape
    even = np.full((1, 16, 16, channels), 85, np.uint8)
    assert np.abs(defence.info(name).apply(even).astype(int) - even).max() <= 25


def test_fewer_shades_are_as_many_as_said() -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    made = defence.bit_depth(ramp, bits=3)
    assert len(np.unique(made)) == 8 and {0, 255} <= set(np.unique(made))
    np.testing.assert_array_equal(defence.bit_depth(made, bits=3), made)
    np.testing.assert_array_equal(defence.bit_depth(ramp, bits=8), ramp)


@pytest.mark.parametrize("name", defence.CATALOG)
def test_who_knows_of_a_defence_does_not_do_worse(lenet: keras.Model, digits: Dataset, name: str) -> None:
    images, labels = digits.test.images[:60], digits.test.labels[:60]
    found = defence.judge(lenet, name, images, labels, epsilon=26, count=8)
    assert found.aware <= found.unaware and found.attacked <= found.clean
    right = lenet.predict_on_batch(images).argmax(axis=1) == labels
    assert found.clean == pytest.approx(right.mean())


def test_a_defence_that_only_hides_is_called_so() -> None:
    assert defence.Verdict(0.98, 0.97, 0.1, 0.8, 0.2).only_hides
    assert not defence.Verdict(0.98, 0.97, 0.1, 0.8, 0.75).only_hides
    assert not defence.Verdict(0.98, 0.97, 0.1, 0.15, 0.1).only_hides
    with pytest.raises(UnknownName):
        defence.info("prayer")


def test_the_proven_radius_never_passes_the_border_and_comes_near() -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(0, 0.02, (6, 6, 1)).astype(np.float32)
    length = float(np.sqrt((weights.astype(np.float64) ** 2).sum()))
    image = rng.integers(0, 256, (6, 6, 1), dtype=np.uint8)
    value = float(image.reshape(-1).astype(np.float64) @ weights.reshape(-1))
    for wanted in (20.0, 40.0, 60.0):  # the distance of the border, moved there by the bias
        model = linear(weights, bias=wanted * length - value)
        found = smoothing.certify(model, image, sigma=30.0, then=2000)
        assert found.label == 1 and 0.6 * wanted < found.radius <= wanted
    close = linear(weights, bias=0.02 * length - value)
    assert smoothing.certify(close, image, sigma=30.0).label is None
    with pytest.raises(SpecError):
        smoothing.certify(close, image, sigma=0)


def test_training_against_attacks_makes_harder_to_fool(lenet: keras.Model, digits: Dataset) -> None:
    spec = recipes.recommended("digits", "lenet", epochs=8, adversarial="fgsm", epsilon=38)
    hardened = training.train(spec, dataset=digits)
    images, labels = digits.test.images[:200], digits.test.labels[:200]
    before, after = (
        1 - adversarial.pgd(model, images, labels, epsilon=30, count=20).success.mean()
        for model in (lenet, hardened.model)
    )
    assert after > before + 0.2 and hardened.metrics["accuracy"] > 0.9
    assert [layer.name for layer in hardened.model.layers] == [layer.name for layer in lenet.layers]


def test_noise_is_as_large_as_the_change_and_differs(lenet: keras.Model, digits: Dataset) -> None:
    images = digits.test.images[:20]
    for norm in distance.NORMS:
        changes = np.full(images.shape, 12)
        drawn = distance.noise(images, changes, norm, seed=0).astype(int) - images
        assert (distance.size(drawn, norm) <= distance.size(changes, norm) + 1e-9).all()
        assert distance.size(drawn, norm).mean() > 0.5 * distance.size(changes, norm).mean()


def test_distances_by_hand() -> None:
    one = np.zeros((2, 2, 1), np.uint8)
    other = np.array([[[3], [0]], [[4], [0]]], np.uint8)
    found = distance.distance(one, other)
    assert (found.linf, found.l2, found.l0) == (4, 5, 2)
    assert found.psnr == pytest.approx(10 * np.log10(255**2 / 6.25))
    assert distance.distance(one, one).psnr == float("inf")

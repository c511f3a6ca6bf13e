"""The attacks that find their own way: DeepFool, Carlini-Wagner, few pixels, one perturbation for all, a patch."""

import keras
import numpy as np
import pytest

from cvlib import adversarial
from cvlib.adversarial import distance
from cvlib.adversarial.attacks.patch import lay
from cvlib.adversarial.catalogue import CATALOG, info
from cvlib.data import Dataset
from cvlib.errors import SpecError, UnknownName
from tests.adversarial.conftest import linear


def sizes(result: adversarial.AttackResult) -> np.ndarray:
    return distance.size(result.perturbation, "l2")


def test_deepfools_way_is_the_distance_to_the_border() -> None:
    rng = np.random.default_rng(1)
    weights = rng.normal(0, 0.01, (12, 12, 3)).astype(np.float32)
    images = rng.integers(90, 166, (8, 12, 12, 3), dtype=np.uint8)
    values = images.reshape(8, -1) @ weights.reshape(-1)
    labels = (values > 0).astype(np.int64)
    made = adversarial.deepfool(linear(weights), images, labels, overshoot=0.0)
    expected = np.abs(values) / np.sqrt((weights.astype(np.float64) ** 2).sum())
    assert made.success.all()
    # Rounding moves each of 432 values by up to a half, and asks for a little more where it lost the way.
    np.testing.assert_allclose(sizes(made), expected, rtol=0.12, atol=8)


def test_small_perturbations_are_found_on_digits(lenet: keras.Model, digits: Dataset) -> None:
    images, labels = digits.test.images[:40], digits.test.labels[:40]
    quick = adversarial.deepfool(lenet, images, labels)
    thorough = adversarial.carlini_wagner(lenet, images, labels)
    assert quick.success.mean() > 0.95 and thorough.success.mean() > 0.95
    assert np.median(sizes(thorough)) <= 1.05 * np.median(sizes(quick))
    within = adversarial.pgd(lenet, images, labels, epsilon=float(np.median(sizes(thorough))), norm="l2")
    assert 0.2 < within.success.mean() < 0.8  # half of them need more than the median
    bound = adversarial.deepfool(lenet, images, labels, epsilon=100.0)
    assert (sizes(bound) <= 100).all()


def test_carlini_and_wagner_reach_a_wanted_class(lenet: keras.Model, digits: Dataset) -> None:
    images, labels = digits.test.images[:20], (digits.test.labels[:20] + 3) % 10
    made = adversarial.carlini_wagner(lenet, images, labels, targeted=True)
    assert made.success.mean() > 0.9 and (made.after.argmax(axis=1) == labels)[made.success].all()


@pytest.mark.parametrize("targeted", [False, True])
def test_a_few_pixels_are_as_many_as_allowed(lenet: keras.Model, digits: Dataset, targeted: bool) -> None:
    images, labels = digits.test.images[:40], digits.test.labels[:40]
    labels = (labels + 1) % 10 if targeted else labels
    made = adversarial.sparse(lenet, images, labels, targeted=targeted, pixels=9)
    changed = (made.perturbation != 0).any(axis=3).sum(axis=(1, 2))
    assert changed.max() <= 9 and made.success.mean() > (0.2 if targeted else 0.9)
    gentle = adversarial.sparse(lenet, images, labels, targeted=targeted, pixels=9, epsilon=20)
    assert np.abs(gentle.perturbation).max() <= 20


def test_one_perturbation_for_all(lenet: keras.Model, digits: Dataset) -> None:
    images, labels = digits.test.images[:200], digits.test.labels[:200]
    made = adversarial.universal(lenet, images, labels, epsilon=70)
    change = made.extra["universal"]
    assert np.abs(change).max() <= 70 and made.success.mean() > 0.5
    np.testing.assert_array_equal(made.images, np.clip(images.astype(int) + change, 0, 255))
    fresh, truth = digits.test.images[200:400], digits.test.labels[200:400]
    laid = np.clip(fresh.astype(int) + change, 0, 255).astype(np.uint8)
    assert (lenet.predict_on_batch(laid).argmax(axis=1) != truth).mean() > 0.4


def test_a_patch_changes_its_square_only_and_works_on_pictures_it_has_not_seen(
    lenet: keras.Model, digits: Dataset
) -> None:
    images = digits.test.images[:120]
    wanted = np.full(120, 3)
    made = adversarial.patch(lenet, images, wanted, share=0.25)
    sticker, places = made.extra["patch"], made.extra["places"]
    assert sticker.shape == (4, 4, 1) and sticker.dtype == np.uint8
    np.testing.assert_array_equal(made.images, lay(images, sticker, places))
    changed = made.perturbation != 0
    for row, (top, left) in zip(changed, places, strict=True):
        row[top : top + 4, left : left + 4] = False
    assert not changed.any()
    fresh = digits.test.images[200:400]
    grey = np.full_like(sticker, 128)
    middle = np.full((200, 2), 2)
    reached, without = (
        (lenet.predict_on_batch(lay(fresh, one, middle)).argmax(axis=1) == 3).mean() for one in (sticker, grey)
    )
    assert reached > without + 0.1
    blank = lenet.predict_on_batch(lay(images, grey, places)).argmax(axis=1) == 3
    assert made.success.mean() > blank.mean() + 0.05


@pytest.mark.parametrize("name", CATALOG)
def test_every_card_runs(lenet: keras.Model, digits: Dataset, name: str) -> None:
    card = info(name)
    options = {"epsilon": 30.0} if card.norms else {}
    usual = {key: 3 for key in ("count", "rounds", "searches", "pixels") if key in card.settings}
    last = list(card.steps(lenet, digits.test.images[:9], digits.test.labels[:9], seed=1, **options, **usual))[-1]
    assert last.share == 1 and last.frame is not None and last.result.images.shape == (9, 8, 8, 1)


def test_what_makes_no_sense_is_refused(lenet: keras.Model, digits: Dataset) -> None:
    with pytest.raises(UnknownName, match="no attack"):
        info("magic")
    with pytest.raises(SpecError, match="half of the picture"):
        adversarial.patch(lenet, digits.test.images[:2], np.zeros(2, int), share=0.9)
    with pytest.raises(SpecError, match="one pixel"):
        adversarial.sparse(lenet, digits.test.images[:2], np.zeros(2, int), pixels=0)


@pytest.mark.parametrize("epsilon", [13, 26, 51])
def test_foolbox_comes_to_the_same(lenet: keras.Model, digits: Dataset, epsilon: int) -> None:
    """Within 2 points at the same bound, steps and step size."""
    foolbox = pytest.importorskip("foolbox", reason="Foolbox is not installed")
    import tensorflow as tf

    from cvlib.explain.probe import probe

    images, labels = digits.test.images, digits.test.labels
    theirs = foolbox.TensorFlowModel(probe(lenet).logits, bounds=(0, 255))
    pictures, wanted = tf.constant(images, tf.float32), tf.constant(labels)
    *_, one = foolbox.attacks.FGSM()(theirs, pictures, wanted, epsilons=epsilon)
    assert adversarial.fgsm(lenet, images, labels, epsilon=epsilon).success.mean() == pytest.approx(
        float(np.mean(one)), abs=0.02
    )
    attack = foolbox.attacks.LinfBasicIterativeAttack(steps=10, rel_stepsize=0.25, random_start=False)
    *_, many = attack(theirs, pictures, wanted, epsilons=epsilon)
    ours = adversarial.bim(lenet, images, labels, epsilon=epsilon, count=10)
    assert ours.success.mean() == pytest.approx(float(np.mean(many)), abs=0.02)

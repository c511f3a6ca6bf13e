"""A head that learns from augmented copies, too."""

import keras
import numpy as np
import pytest

from cvlib import models
from cvlib.augmentation import CATALOG, Pipeline, Step
from cvlib.errors import SpecError
from cvlib.transfer import asking, augmented, head

SHAPE = (24, 24, 3)
STILL = "rotation:angle=0..0;brightness:change=0..0"
TURN = "rotation:angle=-40..40;brightness:change=-30..30"


@pytest.fixture(scope="module")
def lenet() -> keras.Model:
    keras.utils.set_random_seed(0)
    return models.build("lenet", input_shape=SHAPE, num_classes=7)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (6, *SHAPE), np.uint8)


def test_a_pipeline_that_changes_nothing_gives_the_pictures_own_features(
    lenet: keras.Model, images: np.ndarray
) -> None:
    found = asking.augmented_features(lenet, images, STILL)
    own = asking.features(lenet, images)
    assert found.shape == (6, augmented.COPIES, own.shape[1])
    assert np.allclose(found, own[:, None], atol=1e-4)


def test_copies_differ_from_the_picture_and_from_each_other(images: np.ndarray) -> None:
    made = augmented.copies(images, TURN)
    assert made.dtype == np.uint8 and made.shape == (6, augmented.COPIES, *SHAPE)
    everything = np.concatenate([made.reshape(-1, *SHAPE), images])
    assert len(np.unique(everything.reshape(len(everything), -1), axis=0)) == len(everything)
    assert np.array_equal(made, augmented.copies(images, TURN))
    assert np.array_equal(made[2:], augmented.copies(images[2:], TURN))  # whoever else is there


def test_grey_pictures_go_through_a_change_of_colours(images: np.ndarray) -> None:
    assert augmented.copies(images[..., :1], "hue", 2).shape == (6, 2, 24, 24, 1)


def test_held_back_pictures_stay_untouched_and_copies_have_their_pictures_class() -> None:
    found = np.arange(8, dtype=np.float32).reshape(4, 2)
    labels, held = np.array([0, 1, 0, 1]), np.array([False, True, False, False])
    more = np.stack([found[~held] + 100, found[~held] + 200], axis=1)
    all_found, all_labels, all_held = augmented.with_copies(found, labels, held, more)
    assert np.array_equal(all_found[:4], found)
    assert all_held.tolist() == [False, True, False, False] + [False] * 6
    assert all_labels[4:].tolist() == [0, 0, 0, 0, 1, 1]
    assert all_found[4:, 0].tolist() == [100, 200, 104, 204, 106, 206]


def test_accuracy_is_told_of_untouched_pictures_only() -> None:
    """Copies of another class's look spoil what is learned, not what is tested."""
    rng = np.random.default_rng(0)
    labels, held = np.arange(40) % 2, np.arange(40) % 4 == 3
    found = rng.normal(0, 0.1, (40, 5)).astype(np.float32) + 3 * labels[:, None]
    taught = augmented.with_copies(found, labels, held, np.repeat(found[~held][:, None], 4, axis=1))
    trained, history = head.train(*taught[:2], 2, held=taught[2])
    right = (trained.probabilities(found[held]).argmax(axis=1) == labels[held]).mean()
    assert history["val_accuracy"][-1] == pytest.approx(right) == 1


@pytest.mark.parametrize("name", [name for name, card in CATALOG.items() if card.mixes])
def test_what_mixes_classes_is_refused(name: str, images: np.ndarray) -> None:
    with pytest.raises(SpecError, match=CATALOG[name].title):
        augmented.copies(images, Pipeline((Step(name),)).to_text())

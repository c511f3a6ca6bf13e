"""The head on frozen features: against the whole network, against scikit-learn, and folded right."""

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from cvlib import data, models
from cvlib.errors import SpecError
from cvlib.transfer import backbones, head, likeness
from tests.explain.conftest import backbone


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Features of a fresh LeNet for the first digits: random features, which still tell digits apart."""
    keras.utils.set_random_seed(0)
    model = models.build("lenet", input_shape=(8, 8, 1), num_classes=10)
    train = data.load("digits").train
    features = backbones.beheaded(model).predict_on_batch(train.images[:600])
    return np.asarray(features), train.labels[:600]


def test_it_learns_as_well_as_scikit_learns_logistic_regression(digits: tuple) -> None:
    features, labels = digits
    held = np.arange(600) >= 400
    ours, history = head.train(features, labels, 10, held=held)
    scale = features[~held].std(axis=0) + 1e-3
    theirs = LogisticRegression(max_iter=2000).fit(features[~held] / scale, labels[~held])
    accuracy = (ours.probabilities(features[held]).argmax(axis=1) == labels[held]).mean()
    assert accuracy > theirs.score(features[held] / scale, labels[held]) - 0.02
    assert history["val_accuracy"][-1] == pytest.approx(accuracy, abs=1e-6)
    assert len(history["loss"]) == head.EPOCHS and history["loss"][-1] < history["loss"][0]


def test_the_head_is_the_last_layer_of_the_whole_network() -> None:
    inner = backbone()
    flat = keras.Model(inner.input, keras.layers.GlobalAveragePooling2D()(inner.output))
    images = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
    features = np.asarray(flat.predict_on_batch(images))
    found, _ = head.train(features, np.array([0, 1, 2, 0, 1, 2]), 3, epochs=5)
    whole = head.attach(flat, found)
    np.testing.assert_allclose(whole.predict_on_batch(images), found.probabilities(features), atol=1e-5)
    assert not any(layer.trainable_weights for layer in whole.layers if layer.name != "logits")
    assert whole.get_layer("logits") and whole.get_layer("probabilities")


def test_a_class_without_pictures_is_refused() -> None:
    with pytest.raises(SpecError, match="at least one"):
        head.train(np.zeros((4, 2), np.float32), np.array([0, 0, 1, 1]), 3)


def test_rare_classes_weigh_as_much_as_frequent_ones() -> None:
    """Without class weights 200 against 4 overlapping pictures would always answer the frequent class."""
    rng = np.random.default_rng(0)
    features = np.concatenate([rng.normal(0, 1, (200, 1)), rng.normal(1.5, 0.3, (4, 1))]).astype(np.float32)
    labels = np.repeat([0, 1], [200, 4])
    found, _ = head.train(features, labels, 2)
    assert found.probabilities(np.array([[1.5]], np.float32))[0, 1] > 0.5


def test_what_is_like_nothing_known_is_noticed() -> None:
    rng = np.random.default_rng(0)
    features = np.concatenate([rng.normal(5, 1, (40, 16)), rng.normal(-5, 1, (40, 16))])
    held = np.arange(80) % 4 == 0
    least = likeness.least_likeness(features, held)
    best = likeness.nearest(rng.normal(0, 1, 16) * np.resize([5, -5], 16), features[~held], count=1)[1][0]
    assert best < least < 1
    assert likeness.least_likeness(features, np.zeros(80, bool)) == -1


def test_the_same_pictures_give_the_same_head(digits: tuple) -> None:
    features, labels = digits
    one, other = (head.train(features[:60], labels[:60], 10, epochs=3)[0] for _ in range(2))
    np.testing.assert_array_equal(one.kernel, other.kernel)


def test_the_nearest_are_those_that_point_the_same_way() -> None:
    known = np.array([[1, 0], [0, 1], [10, 1], [-1, 0]], np.float32)
    places, similarity = likeness.nearest(np.array([5.0, 0.0]), known)
    assert places.tolist() == [0, 2, 1] and similarity[0] == pytest.approx(1)


def test_the_threshold_lets_nearly_all_right_answers_through() -> None:
    sure = np.linspace(0.5, 1.0, 100)
    shares = np.stack([sure, 1 - sure], axis=1)
    found = likeness.threshold(shares, np.zeros(100, int))
    assert (sure >= found).mean() == pytest.approx(0.95, abs=0.01)
    assert likeness.threshold(np.zeros((0, 2)), np.zeros(0, int)) == 0
    assert likeness.threshold(shares, np.ones(100, int)) == 0


@pytest.mark.parametrize("name", backbones.CATALOG)
def test_a_backbone_gives_features(name: str) -> None:
    if not backbones.info(name).available():
        pytest.skip(f"the weights of {name} are not on this machine; KERAS_HOME may name a folder that has them")
    features = backbones.load(name).predict_on_batch(np.zeros((1, 224, 224, 3), np.uint8))
    assert features.ndim == 2 and np.isfinite(features).all()

"""Fine-tuning changes exactly what it names, and a frozen network not at all."""

import keras
import numpy as np
import pytest

from cvlib.errors import SpecError
from cvlib.transfer import head, tuning
from tests.explain.conftest import backbone


@pytest.fixture
def whole() -> keras.Model:
    keras.utils.set_random_seed(0)
    inner = backbone()
    flat = keras.Model(inner.input, keras.layers.GlobalAveragePooling2D()(inner.output))
    rng = np.random.default_rng(0)
    return head.attach(flat, head.Head(rng.normal(0, 1, (8, 2)).astype(np.float32), np.zeros(2, np.float32)))


@pytest.fixture
def pictures() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Dark and bright ones, every fourth held back."""
    labels = np.arange(40) % 2
    images = np.random.default_rng(0).integers(0, 120, (40, 16, 16, 3)) + 120 * labels[:, None, None, None]
    return images.astype(np.uint8), labels, np.arange(40) % 4 == 3


def weights(model: keras.Model) -> dict[str, list[np.ndarray]]:
    return {layer.name: [np.array(weight) for weight in layer.get_weights()] for layer in model.layers}


@pytest.mark.parametrize(
    ("last", "learning"), [(0, {"logits"}), (1, {"late", "logits"}), (2, {"early", "late", "logits"})]
)
def test_exactly_the_named_layers_change(whole: keras.Model, pictures: tuple, last: int, learning: set[str]) -> None:
    assert set(tuning.unfreeze(whole, last)) == learning
    before = weights(whole)
    tuner = tuning.Tuner(whole, *pictures, rate=0.01)
    tuner.epoch()
    changed = {
        name
        for name, values in weights(whole).items()
        if any(not np.array_equal(a, b) for a, b in zip(values, before[name], strict=True))
    }
    assert changed == learning  # batch normalisation's means and variances are not among them


def test_it_learns_and_says_so(whole: keras.Model, pictures: tuple) -> None:
    tuning.unfreeze(whole, 2)
    tuner = tuning.Tuner(whole, *pictures, rate=0.01)
    for _ in range(8):
        last = tuner.epoch()
    assert set(last) == {"loss", "accuracy", "val_loss", "val_accuracy"} and len(tuner.history["loss"]) == 8
    assert tuner.history["loss"][-1] < tuner.history["loss"][0]
    shares = tuning.probabilities(whole, pictures[0][pictures[2]])
    right = (shares.argmax(axis=1) == pictures[1][pictures[2]]).mean()
    assert right == pytest.approx(last["val_accuracy"])


def test_more_layers_than_there_are_is_refused(whole: keras.Model) -> None:
    with pytest.raises(SpecError, match="2 layers"):
        tuning.unfreeze(whole, 3)


@pytest.mark.parametrize("last", [0, 1, 2])
def test_cutting_a_network_in_two_changes_nothing(whole: keras.Model, pictures: tuple, last: int) -> None:
    tuning.unfreeze(whole, last)
    frozen, rest = tuning.split(whole)
    found = pictures[0] if frozen is None else tuning.probabilities(frozen, pictures[0])
    np.testing.assert_allclose(tuning.probabilities(rest, found), tuning.probabilities(whole, pictures[0]), atol=1e-6)
    if frozen is not None:
        assert not frozen.trainable_weights
    assert {id(weight) for weight in rest.trainable_weights} == {id(weight) for weight in whole.trainable_weights}


def test_what_goes_around_is_not_cut() -> None:
    entry = keras.Input((8, 8, 3))
    early = keras.layers.Conv2D(4, 3, padding="same", name="early")(entry)
    late = keras.layers.Conv2D(4, 3, padding="same", name="late")(early)
    added = keras.layers.Add()([early, late])
    out = keras.layers.Dense(2, "softmax", name="logits")(keras.layers.GlobalAveragePooling2D()(added))
    model = keras.Model(entry, out)
    model.get_layer("early").trainable = False
    frozen, rest = tuning.split(model)
    # `late` learns, and the shortcut around it begins at `early`.
    assert frozen.layers[-1].name == "early" and {"late", "logits"} <= {layer.name for layer in rest.layers}


def test_a_split_training_is_the_same_training(whole: keras.Model, pictures: tuple) -> None:
    tuning.unfreeze(whole, 1)
    first = whole.get_weights()
    tuner = tuning.Tuner(whole, *pictures, rate=0.01)
    assert tuner.frozen is not None
    tuner.epoch()
    split_weights = whole.get_weights()
    whole.set_weights(first)
    order = np.random.default_rng((0, 0)).permutation(np.flatnonzero(~pictures[2]))
    whole.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", jit_compile=False)
    assert np.bincount(pictures[1][order]).tolist() == [20, 10]
    whole.fit(
        pictures[0][order], pictures[1][order], batch_size=tuning.BATCH, shuffle=False, verbose=0,
        class_weight={0: 0.75, 1: 1.5},
    )  # fmt: skip
    for one, other in zip(split_weights, whole.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_it_begins_again_as_if_nothing_had_been(whole: keras.Model, pictures: tuple) -> None:
    tuning.unfreeze(whole, 1)
    tuner = tuning.Tuner(whole, *pictures, rate=0.01)
    first = tuner.learner.get_weights()
    once = tuner.epoch()
    tuner.restart(first)
    assert tuner.epoch() == pytest.approx(once, rel=1e-4)


def twin(model: keras.Model) -> keras.Model:
    """The same network with the same weights."""
    made = keras.models.clone_model(model)
    made.set_weights(model.get_weights())
    return made


def test_copies_that_change_nothing_change_nothing(whole: keras.Model, pictures: tuple) -> None:
    images, _, held = pictures
    tuning.unfreeze(whole, 1)
    alone = tuning.Tuner(twin(whole), *pictures, rate=0.01).epoch()
    same = np.repeat(images[~held][:, None], 3, axis=1)
    tuner = tuning.Tuner(whole, *pictures, rate=0.01, copies=same)
    before = [tuner.images[own] for own in tuner.versions]
    assert [len(set(own)) for own in tuner.versions] == [1 if one else 4 for one in held]
    assert all(np.array_equal(versions[0], other) for versions in before for other in versions)
    assert tuner.epoch() == pytest.approx(alone, rel=1e-4)
    assert tuner.answers().shape == (40, 2)


def test_copies_are_learned_from(whole: keras.Model, pictures: tuple) -> None:
    """Copies in which dark is bright, and the other way round, leave nothing to tell the classes by."""
    tuning.unfreeze(whole, 2)
    lost = []
    for copies in (None, 255 - pictures[0][~pictures[2]][:, None]):
        tuner = tuning.Tuner(twin(whole), *pictures, rate=0.01, copies=copies)
        lost.append(min(tuner.epoch()["loss"] for _ in range(8)))
    assert lost[1] > 3 * lost[0]

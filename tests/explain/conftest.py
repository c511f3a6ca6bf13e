"""Small networks of every make: flat, Sequential, one inside another, trained and not."""

import keras
import numpy as np
import pytest

from cvlib import models, recipes, training

SHAPE = (16, 16, 3)
CLASSES = 4


@pytest.fixture(autouse=True)
def seeded() -> None:
    keras.utils.set_random_seed(0)


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, SHAPE, dtype=np.uint8)


def backbone() -> keras.Model:
    images = keras.Input(SHAPE)
    features = keras.layers.Rescaling(1 / 255)(images)
    features = keras.layers.Conv2D(6, 3, padding="same", activation="relu", name="early")(features)
    features = keras.layers.MaxPooling2D(name="pool")(features)
    features = keras.layers.Conv2D(8, 3, padding="same", use_bias=False, name="late")(features)
    features = keras.layers.BatchNormalization(name="norm")(features)
    return keras.Model(images, keras.layers.ReLU(name="relu")(features), name="backbone")


def functional(*, softmax: bool = True) -> keras.Model:
    """Global average pooling and one dense layer behind the maps, as CAM wants it."""
    inner = backbone()
    features = keras.layers.GlobalAveragePooling2D()(inner.output)
    scores = keras.layers.Dense(CLASSES, name="logits")(features)
    return keras.Model(inner.input, keras.layers.Softmax(name="probabilities")(scores) if softmax else scores)


def sequential() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(6, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(8, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def nested() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            backbone(),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def flat_mlp() -> keras.Model:
    return models.build("mlp", input_shape=SHAPE, num_classes=CLASSES)


MAKES = {"functional": functional, "sequential": sequential, "nested": nested, "mlp": flat_mlp}


@pytest.fixture(params=MAKES)
def model(request: pytest.FixtureRequest) -> keras.Model:
    return MAKES[request.param]()


@pytest.fixture(scope="session")
def lenet() -> training.TrainedModel:
    """LeNet, trained for a moment on the digits."""
    return training.train(recipes.recommended("digits", "lenet", epochs=6))

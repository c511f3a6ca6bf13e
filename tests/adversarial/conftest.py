"""Networks that are attacked here: a straight one whose answers can be computed by hand, and one that reads digits."""

import keras
import numpy as np
import pytest

from cvlib import data, recipes, training
from cvlib.data import Dataset


def linear(weights: np.ndarray, bias: float = 0.0) -> keras.Model:
    """Two classes, told apart by one straight border: the margin is `weights` . picture + bias.

    Args:
        weights: float (H, W, C).
        bias: of the second class.
    """
    entry = keras.Input(weights.shape)
    logits = keras.layers.Dense(2, name="logits")
    shares = keras.layers.Activation("softmax", name="probabilities")(logits(keras.layers.Flatten()(entry)))
    model = keras.Model(entry, shares)
    flat = weights.reshape(-1)
    logits.set_weights([np.stack([np.zeros_like(flat), flat], axis=1), np.array([0.0, bias])])
    return model


@pytest.fixture(scope="session")
def digits() -> Dataset:
    return data.load("digits")


@pytest.fixture(scope="session")
def lenet(digits: Dataset) -> keras.Model:
    return training.train(recipes.recommended("digits", "lenet", epochs=8), dataset=digits).model

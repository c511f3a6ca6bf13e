"""The multilayer perceptron: one hidden layer between the pixels and the classes.

D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating errors", 1986.
"""

from typing import Any

from cvlib import lazy
from cvlib.models.parts import classify, penalty, pictures

keras = lazy.load("keras")

HIDDEN = 128


def build(input_shape: tuple[int, int, int], num_classes: int, *, dropout: float = 0.0, l2: float = 0.0) -> Any:
    """The network, untrained: uint8 or float pictures (N, H, W, C) in 0..255 to probabilities (N, num_classes).

    Args:
        input_shape: (H, W, C).
        num_classes: at least 2.
        dropout: share of the hidden units silenced in training.
        l2: weight of the L2 penalty.
    """
    images, features = pictures(input_shape)
    features = keras.layers.Flatten(name="pixels")(features)
    features = keras.layers.Dense(HIDDEN, activation="relu", kernel_regularizer=penalty(l2), name="hidden")(features)
    if dropout:
        features = keras.layers.Dropout(dropout, name="dropout")(features)
    return keras.Model(images, classify(features, num_classes, l2), name="mlp")

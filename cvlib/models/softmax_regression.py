"""Softmax regression: every class weighs every pixel, and that is all.

Also multinomial logistic regression: D. R. Cox, "The regression analysis of binary sequences", 1958.
"""

from typing import Any

from cvlib import lazy
from cvlib.models.parts import classify, pictures

keras = lazy.load("keras")


def build(input_shape: tuple[int, int, int], num_classes: int, *, dropout: float = 0.0, l2: float = 0.0) -> Any:
    """The network, untrained: uint8 or float pictures (N, H, W, C) in 0..255 to probabilities (N, num_classes).

    Args:
        input_shape: (H, W, C).
        num_classes: at least 2.
        dropout: share of the pixels silenced in training.
        l2: weight of the L2 penalty.
    """
    images, features = pictures(input_shape)
    features = keras.layers.Flatten(name="pixels")(features)
    if dropout:
        features = keras.layers.Dropout(dropout, name="dropout")(features)
    return keras.Model(images, classify(features, num_classes, l2), name="softmax_regression")

"""What all networks for segmentation are made of."""

from collections.abc import Sequence
from typing import Any

from cvlib import lazy

keras = lazy.load("keras")

MOMENTUM = 0.9
"""Of the means that batch norm keeps for later: trainings here have a few hundred steps."""


def convolution(features: Any, width: int, name: str, *, stride: int = 1) -> Any:
    """A 3 x 3 convolution, batch norm and ReLU.

    Args:
        features: (N, H, W, C).
        width: channels of what it gives.
        name: of its last layer; begins those of the others.
        stride: of the convolution.
    """
    layer = keras.layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False, name=f"{name}_conv")
    normed = keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(layer(features))
    return keras.layers.ReLU(name=name)(normed)


def convolutions(features: Any, widths: Sequence[int], name: str) -> Any:
    """Several of them, one after the other."""
    for place, width in enumerate(widths, start=1):
        features = convolution(features, width, f"{name}_{place}")
    return features


def enlarged(features: Any, factor: int, name: str) -> Any:
    """A map so many times as large, bilinear between its cells."""
    return keras.layers.UpSampling2D(factor, interpolation="bilinear", name=name)(features)


def score(features: Any, num_classes: int, name: str) -> Any:
    """One logit a class for every cell, in float32 whatever the precision before it."""
    return keras.layers.Conv2D(num_classes, 1, dtype="float32", name=name)(features)


def finished(name: str, images: Any, logits: Any) -> Any:
    """The network: logits of the picture's size, named `logits`, then softmax.

    Args:
        name: of the network.
        images: its input.
        logits: float32, (N, H, W, K) or larger below and to the right, which is cut off.
    """
    height, width = images.shape[1:3]
    below, right = logits.shape[1] - height, logits.shape[2] - width
    logits = keras.layers.Cropping2D(((0, below), (0, right)), dtype="float32", name="logits")(logits)
    return keras.Model(images, keras.layers.Softmax(dtype="float32", name="probabilities")(logits), name=name)

"""LeNet: twice convolution and pooling, then three dense layers.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", 1998. As it is
built today: ReLU for tanh, maximum for average pooling, softmax for radial basis functions, every map connected with
every map, and 16 and 32 maps for 6 and 16. Pictures under 20 pixels are padded at the edge, so that even 8 x 8 pixels
leave something to the second convolution.
"""

from typing import Any

from cvlib import lazy
from cvlib.models.parts import classify, penalty, pictures

keras = lazy.load("keras")

FILTERS = (16, 32)
KERNEL = 5
UNITS = (120, 84)
UNPADDED_SIDE = 20


def build(input_shape: tuple[int, int, int], num_classes: int, *, dropout: float = 0.0, l2: float = 0.0) -> Any:
    """The network, untrained: uint8 or float pictures (N, H, W, C) in 0..255 to probabilities (N, num_classes).

    Args:
        input_shape: (H, W, C), sides of at least 8.
        num_classes: at least 2.
        dropout: share of the dense layers' inputs silenced in training.
        l2: weight of the L2 penalty.
    """
    padding = "valid" if min(input_shape[:2]) >= UNPADDED_SIDE else "same"
    images, features = pictures(input_shape)
    for number, filters in enumerate(FILTERS, start=1):
        features = keras.layers.Conv2D(
            filters, KERNEL, padding=padding, activation="relu", kernel_regularizer=penalty(l2), name=f"conv_{number}"
        )(features)
        features = keras.layers.MaxPooling2D(name=f"pool_{number}")(features)
    features = keras.layers.Flatten(name="flatten")(features)
    for number, units in enumerate(UNITS, start=1):
        if dropout:
            features = keras.layers.Dropout(dropout, name=f"dropout_{number}")(features)
        features = keras.layers.Dense(units, activation="relu", kernel_regularizer=penalty(l2), name=f"dense_{number}")(
            features
        )
    return keras.Model(images, classify(features, num_classes, l2), name="lenet")

"""Residual networks of the CIFAR kind: 6n + 2 layers, each pair of convolutions with a way around it.

K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", 2016, section 4.2. The ways around
are those of its option B (a 1 x 1 convolution where the size changes). Pictures over 40 pixels are halved by the first
convolution, as the paper's networks for large pictures do.
"""

from typing import Any

from cvlib import lazy
from cvlib.models.parts import classify, penalty, pictures

keras = lazy.load("keras")

WIDTHS = (16, 32, 64)
LARGE_SIDE = 40


def build(
    input_shape: tuple[int, int, int], num_classes: int, *, depth: int = 8, dropout: float = 0.0, l2: float = 0.0
) -> Any:
    """The network, untrained: uint8 or float pictures (N, H, W, C) in 0..255 to probabilities (N, num_classes).

    Args:
        input_shape: (H, W, C), sides of at least 8.
        num_classes: at least 2.
        depth: 6n + 2 layers: 8, 14, 20, ...
        dropout: share of the last features silenced in training.
        l2: weight of the L2 penalty.

    Raises:
        ValueError: `depth` is not 6n + 2.
    """
    if depth < 8 or depth % 6 != 2:
        raise ValueError(f"depth must be 8, 14, 20, ...; received {depth!r}")
    images, features = pictures(input_shape)
    stride = 2 if min(input_shape[:2]) > LARGE_SIDE else 1
    features = _conv(features, WIDTHS[0], stride, l2, "stem")
    for stage, width in enumerate(WIDTHS, start=1):
        for block in range(1, depth // 6 + 1):
            down = 2 if stage > 1 and block == 1 else 1
            features = _block(features, width, down, l2, f"stage_{stage}_block_{block}")
    features = keras.layers.GlobalAveragePooling2D(name="average")(features)
    if dropout:
        features = keras.layers.Dropout(dropout, name="dropout")(features)
    return keras.Model(images, classify(features, num_classes, l2), name=f"resnet{depth}")


def _block(features: Any, width: int, stride: int, l2: float, name: str) -> Any:
    around = features
    if stride > 1 or features.shape[-1] != width:
        around = _conv(features, width, stride, l2, f"{name}_around", kernel=1, active=False)
    features = _conv(features, width, stride, l2, f"{name}_1")
    features = _conv(features, width, 1, l2, f"{name}_2", active=False)
    features = keras.layers.Add(name=f"{name}_sum")([features, around])
    return keras.layers.ReLU(name=f"{name}_relu")(features)


def _conv(
    features: Any, filters: int, stride: int, l2: float, name: str, *, kernel: int = 3, active: bool = True
) -> Any:
    """Convolution, batch normalisation, ReLU."""
    features = keras.layers.Conv2D(
        filters,
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        kernel_regularizer=penalty(l2),
        name=f"{name}_conv",
    )(features)
    features = keras.layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(features)
    return keras.layers.ReLU(name=f"{name}_active")(features) if active else features

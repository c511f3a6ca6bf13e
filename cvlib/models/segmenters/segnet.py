"""SegNet: an encoder that remembers where its maxima were, and a decoder that puts them back there.

V. Badrinarayanan, A. Kendall, R. Cipolla, "SegNet: a deep convolutional encoder-decoder architecture for image
segmentation", 2015 (TPAMI 2017), with fewer and narrower layers and, as in
our U-Net, largest maps of half the picture's size. Without its pooling indices every value is repeated
over its window.
"""

from typing import Any

from cvlib import lazy
from cvlib.models.parts import centred
from cvlib.models.segmenters.layers import convolution, convolutions, finished
from cvlib.models.segmenters.pooling_indices import pool_with_indices, unpool

keras = lazy.load("keras")

WIDTHS = (24, 48, 64)
DEPTHS = (1, 1, 2)
"""Convolutions of each stage, from half the picture's size down and again on the way up."""


def build(input_shape: tuple[int, int, int], num_classes: int, *, skips: bool = True) -> Any:
    """The untrained network.

    Args:
        input_shape: (H, W, 3).
        num_classes: K, with the background.
        skips: whether the decoder knows the pooling indices.
    """
    images, features = centred(input_shape, 2 ** (len(WIDTHS) + 1))
    remembered = []
    for place, (width, depth) in enumerate(zip(WIDTHS, DEPTHS, strict=True), start=1):
        if place == 1:
            features = convolution(features, width, "encode1_1", stride=2)
        else:
            features = convolutions(features, (width,) * depth, f"encode{place}")
        features, indices = pool_with_indices(features)
        remembered.append(indices)
    for place in range(len(WIDTHS), 0, -1):
        indices = remembered[place - 1]
        grow = keras.layers.UpSampling2D(2, name=f"grow{place}")
        features = unpool(features, indices) if skips else grow(features)
        width, narrower = WIDTHS[place - 1], WIDTHS[max(0, place - 2)]
        features = convolutions(features, (width,) * (DEPTHS[place - 1] - 1) + (narrower,), f"decode{place}")
    score = keras.layers.Conv2DTranspose(num_classes, 2, strides=2, dtype="float32", name="score")
    return finished("segnet", images, score(features))

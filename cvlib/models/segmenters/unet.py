"""U-Net: an encoder and a decoder, with all that the encoder saw handed across at every size.

O. Ronneberger, P. Fischer, T. Brox, "U-Net: convolutional networks for biomedical image segmentation", 2015, narrower,
with "same" padding and batch norm. Its largest maps have half the picture's size, as where a residual network is the
encoder: the first convolution has a stride of 2, and the scores come from an up-convolution of the same stride. That
takes a third of the time. Without its skip connections the decoder sees only what came through the bottom.
"""

from typing import Any

from cvlib import lazy
from cvlib.models.parts import centred
from cvlib.models.segmenters.layers import convolution, convolutions, finished

keras = lazy.load("keras")

WIDTHS = (24, 48, 64, 96)
"""Of the stages, from half the picture's size down and again on the way up."""
BOTTOM = 128


def build(input_shape: tuple[int, int, int], num_classes: int, *, skips: bool = True) -> Any:
    """The untrained network.

    Args:
        input_shape: (H, W, 3).
        num_classes: K, with the background.
        skips: whether the decoder sees the encoder's maps.
    """
    images, features = centred(input_shape, 2 ** (len(WIDTHS) + 1))
    seen = []
    for place, width in enumerate(WIDTHS, start=1):
        if place == 1:
            features = convolution(features, width, "encode1_1", stride=2)
        else:
            features = keras.layers.MaxPooling2D(2, name=f"pool{place - 1}")(features)
            features = convolutions(features, (width,), f"encode{place}")
        seen.append(features)
    features = keras.layers.MaxPooling2D(2, name=f"pool{len(WIDTHS)}")(features)
    features = convolutions(features, (BOTTOM,), "bottom")
    for place in range(len(WIDTHS), 0, -1):
        width = WIDTHS[place - 1]
        features = keras.layers.Conv2D(width, 1, name=f"narrow{place}")(features)
        features = keras.layers.UpSampling2D(2, name=f"grow{place}")(features)
        if skips:
            features = keras.layers.Concatenate(name=f"skip{place}")([features, seen[place - 1]])
        features = convolutions(features, (width,), f"decode{place}")
    score = keras.layers.Conv2DTranspose(num_classes, 2, strides=2, dtype="float32", name="score")
    return finished("unet", images, score(features))

"""The fully convolutional network: a classifier for every place of a coarse grid, its answers enlarged.

J. Long, E. Shelhamer, T. Darrell, "Fully convolutional networks for semantic segmentation", 2015. Scores of finer
layers are added on the way up (FCN-8s, here from a sixteenth, an eighth and a fourth of the picture's size); without
these skip connections (FCN-32s) the coarse answer is simply enlarged.
"""

from typing import Any

from cvlib import lazy
from cvlib.models.parts import centred
from cvlib.models.segmenters.layers import convolution, convolutions, enlarged, finished, score

keras = lazy.load("keras")

FIRST = 24
"""Width of the first convolution, which halves the picture by its stride."""
STAGES = ((32,), (48, 48), (64, 64))
"""Widths of the convolutions before each further halving."""
DEEP = 96
FINEST = 2
"""Scores are taken from the map after so many halvings on."""


def build(input_shape: tuple[int, int, int], num_classes: int, *, skips: bool = True) -> Any:
    """The untrained network.

    Args:
        input_shape: (H, W, 3).
        num_classes: K, with the background.
        skips: whether finer layers have a say.
    """
    deepest = len(STAGES) + 1
    images, features = centred(input_shape, 2**deepest)
    features = convolution(features, FIRST, "encode1_1", stride=2)
    maps = [features]
    for place, widths in enumerate(STAGES, start=2):
        features = convolutions(features, widths, f"encode{place}")
        features = keras.layers.MaxPooling2D(2, name=f"pool{place}")(features)
        maps.append(features)
    scores = score(convolutions(features, (DEEP,), "deep"), num_classes, f"score{deepest}")
    if not skips:
        return finished("fcn", images, enlarged(scores, 2**deepest, "enlarge"))
    for place in range(deepest - 1, FINEST - 1, -1):
        finer = score(maps[place - 1], num_classes, f"score{place}")
        scores = keras.layers.Add(dtype="float32", name=f"sum{place}")([enlarged(scores, 2, f"grow{place}"), finer])
    return finished("fcn", images, enlarged(scores, 2**FINEST, "enlarge"))

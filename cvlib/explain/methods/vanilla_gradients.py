"""Vanilla gradients, the saliency map: how much the score would change with each pixel.

K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks: visualising image classification models and
saliency maps", 2014. Computed here and not with tf-explain, whose method differentiates a loss and returns a grey
uint8 mosaic.
"""

import numpy as np

from cvlib.explain.base import Method, Question, strongest


def part(question: Question, _start: int, _stop: int) -> np.ndarray:
    """The gradient, float32 (H, W, C)."""
    return question.views.gradients(question.image[np.newaxis], question.target)[0][0]


def finish(_question: Question, total: np.ndarray, _passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """Of each pixel the channel with the largest gradient, with its sign."""
    return strongest(total), {}


METHOD = Method(
    name="vanilla_gradients",
    title="Vanilla gradients",
    how="Asks of each pixel: if it became a little brighter, how much would the score change? The map is quick and "
    "exact, but looks like noise, because single pixels hardly matter.",
    paper="Simonyan, Vedaldi & Zisserman: Deep inside convolutional networks, 2014",
    cost="one pass forward and back",
    part=part,
    finish=finish,
    signed=True,
    clipped=True,
)

"""Guided backpropagation: gradients of which only the positive ones pass each ReLU.

J. T. Springenberg, A. Dosovitskiy, T. Brox, M. Riedmiller, "Striving for simplicity: the all convolutional net", 2015.
"""

import numpy as np

from cvlib.explain.base import Method, Question, strongest


def part(question: Question, _start: int, _stop: int) -> np.ndarray:
    """The guided gradient, float32 (H, W, C)."""
    return question.views.gradients(question.image[np.newaxis], question.target, guided=True)[0][0]


def finish(_question: Question, total: np.ndarray, _passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """Of each pixel the channel with the largest value, with its sign."""
    return strongest(total), {}


METHOD = Method(
    name="guided_backprop",
    title="Guided backpropagation",
    how="Sends back only what speaks for the class at every ReLU on the way. It draws crisp edges, but they hardly "
    "depend on the network: see “Can I trust it?”.",
    paper="Springenberg, Dosovitskiy, Brox & Riedmiller: Striving for simplicity, 2015",
    cost="one pass forward and back",
    part=part,
    finish=finish,
    signed=True,
    clipped=True,
)

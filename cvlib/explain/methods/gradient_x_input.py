"""Gradient x input: how much of the score each pixel brings, if the network were linear.

A. Shrikumar, P. Greenside, A. Shcherbina, A. Kundaje, "Not just a black box: learning important features through
propagating activation differences", 2016. Computed here, as in `vanilla_gradients`.
"""

import numpy as np

from cvlib.explain.base import Method, Question
from cvlib.explain.methods.vanilla_gradients import part


def finish(question: Question, total: np.ndarray, _passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """The products, summed over the channels."""
    return (total * question.image).sum(axis=-1), {}


METHOD = Method(
    name="gradient_x_input",
    title="Gradient × input",
    how="Multiplies each pixel's gradient with its brightness: what is black brings nothing. For a plain linear "
    "network the products add up to the score; for a deep one they do so only roughly.",
    paper="Shrikumar, Greenside, Shcherbina & Kundaje: Not just a black box, 2016",
    cost="one pass forward and back",
    part=part,
    finish=finish,
    signed=True,
    clipped=True,
)

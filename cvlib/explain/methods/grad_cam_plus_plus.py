"""Grad-CAM++: Grad-CAM with a weight for every place, better where the object is there several times.

A. Chattopadhay, A. Sarkar, P. Howlader, V. N. Balasubramanian, "Grad-CAM++: generalized gradient-based visual
explanations for deep convolutional networks", 2018. For the exponential of the score, as there, so that the second
and third derivatives are powers of the first.
"""

import numpy as np

from cvlib.explain.base import Method, Question
from cvlib.explain.methods.grad_cam import part


def finish(_question: Question, total: np.ndarray, _passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """What speaks for the class."""
    activations, gradients = total.astype(np.float64)
    squared, cubed = gradients**2, gradients**3
    below = 2 * squared + activations.sum(axis=(0, 1)) * cubed
    shares = np.divide(squared, below, out=np.zeros_like(below), where=np.abs(below) > 1e-20)
    weights = (shares * np.maximum(gradients, 0)).sum(axis=(0, 1))
    return np.maximum(activations @ weights, 0), {}


METHOD = Method(
    name="grad_cam_plus_plus",
    title="Grad-CAM++",
    how="As Grad-CAM, but it weighs every place by itself. It is better where the picture shows the same thing several "
    "times, of which Grad-CAM tends to find one.",
    paper="Chattopadhay, Sarkar, Howlader & Balasubramanian: Grad-CAM++, 2018",
    cost="one pass forward, and a short way back",
    part=part,
    finish=finish,
    needs_layer=True,
)

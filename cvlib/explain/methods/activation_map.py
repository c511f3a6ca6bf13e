"""Activation maps: what a layer sees, whatever it makes of it.

The mean over the layer's maps of what is positive; single maps come from `cvlib.explain.units`. tf-explain's
ExtractActivations shows all maps of a layer as one grey mosaic.
"""

import numpy as np

from cvlib.explain.base import Method, Question


def part(question: Question, _start: int, _stop: int) -> np.ndarray:
    """The layer's maps, float32 (h, w, channels)."""
    return question.views.activations(question.image[np.newaxis], question.layer)[0]


def finish(_question: Question, total: np.ndarray, _passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """The mean of what is positive."""
    return np.maximum(total, 0).mean(axis=-1), {}


METHOD = Method(
    name="activation_map",
    title="Activation map",
    how="Shows where a layer is active, whatever the answer is. It is the same for every class: what the network sees, "
    "not why it decides.",
    paper="Zeiler & Fergus: Visualizing and understanding convolutional networks, 2014",
    cost="one pass forward",
    part=part,
    finish=finish,
    needs_layer=True,
)

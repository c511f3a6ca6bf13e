"""Grad-CAM: the maps of a layer, each weighted by how much the score depends on it.

R. R. Selvaraju, M. Cogswell, A. Das, R. Vedantam, D. Parikh, D. Batra, "Grad-CAM: visual explanations from deep
networks via gradient-based localization", 2017. With global average pooling and one dense layer behind the maps it is
CAM (Zhou et al., 2016) up to scale. Computed here: tf-explain's fails on nested and Sequential models under Keras 3,
and its maps come coloured.
"""

import numpy as np

from cvlib.explain.base import Method, Question


def part(question: Question, _start: int, _stop: int) -> np.ndarray:
    """Activations and gradients of the layer: float32 (2, h, w, channels)."""
    return np.stack(question.views.maps(question.image, question.target, (question.layer,))[0])


def weighted(activations: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """The class activation map before the ReLU, float32 (h, w)."""
    return activations @ gradients.mean(axis=(0, 1))


def finish(_question: Question, total: np.ndarray, _passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """What speaks for the class."""
    return np.maximum(weighted(*total), 0), {}


METHOD = Method(
    name="grad_cam",
    title="Grad-CAM",
    how="A late layer has many maps, each hot where it sees its own pattern. Grad-CAM adds them up, each weighted by "
    "how much the score depends on it: where it is warm, the network saw what speaks for this class.",
    paper="Selvaraju, Cogswell, Das, Vedantam, Parikh & Batra: Grad-CAM, 2017",
    cost="one pass forward, and a short way back",
    part=part,
    finish=finish,
    needs_layer=True,
)

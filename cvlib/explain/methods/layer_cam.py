"""Layer-CAM: each place of each map weighted by its own gradient, so that early layers can be read too.

P.-T. Jiang, C.-B. Zhang, Q. Hou, M.-M. Cheng, Y. Wei, "LayerCAM: exploring hierarchical class activation maps for
localization", 2021.
"""

import numpy as np

from cvlib.explain.base import Method, Question
from cvlib.explain.methods.grad_cam import part


def finish(_question: Question, total: np.ndarray, _passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """What speaks for the class."""
    activations, gradients = total
    return np.maximum((np.maximum(gradients, 0) * activations).sum(axis=-1), 0), {}


METHOD = Method(
    name="layer_cam",
    title="Layer-CAM",
    how="As Grad-CAM, but each place of each map has its own weight. So it works on early layers too, where it shows "
    "fine edges, and one can follow how edges become objects.",
    paper="Jiang, Zhang, Hou, Cheng & Wei: LayerCAM, 2021",
    cost="one pass forward, and the way back to the layer",
    part=part,
    finish=finish,
    needs_layer=True,
)

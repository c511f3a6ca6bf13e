"""The catalogue of explanation methods, in the order in which they are offered."""

from collections.abc import Mapping

from cvlib.errors import UnknownName
from cvlib.explain.base import Method
from cvlib.explain.methods import (
    activation_map,
    baselines,
    grad_cam,
    grad_cam_plus_plus,
    gradient_x_input,
    guided_backprop,
    integrated_gradients,
    layer_cam,
    occlusion,
    rise,
    score_cam,
    smooth_grad,
    vanilla_gradients,
)

_MODULES = (
    grad_cam, grad_cam_plus_plus, layer_cam, score_cam, occlusion, rise, integrated_gradients, smooth_grad,
    vanilla_gradients, gradient_x_input, guided_backprop, activation_map,
)  # fmt: skip
CATALOG: Mapping[str, Method] = {module.METHOD.name: module.METHOD for module in _MODULES}
"""Every method by its name."""
BASELINES: Mapping[str, Method] = {method.name: method for method in (baselines.RANDOM, baselines.EDGES)}
"""Maps that know nothing of the network, for comparison."""


def info(name: str) -> Method:
    """A method's or a baseline's card.

    Raises:
        UnknownName: there is none of this name.
    """
    found = CATALOG.get(name) or BASELINES.get(name)
    if found is None:
        raise UnknownName(f"There is no method {str(name)[:80]!r}. There are {', '.join(CATALOG)}.")
    return found

"""Why did the network say that? Maps of where in a picture a score comes from; one method a file, one contract.

    explanation = explain.grad_cam(model, image, ClassScore(3))
    explanation.heatmap  # float32 (H, W) in [0, 1]

Every function takes `(model, image, target, *, layer=None, seed=0, report=..., cancelled=..., **options)` and keeps to
what `cvlib.explain.base.run` says.
"""

from functools import partial

from cvlib.explain.base import Explanation, Method, run
from cvlib.explain.methods import BASELINES, CATALOG, info
from cvlib.explain.targets import BoxScore, ClassDifference, ClassScore, MaskArea, Target

activation_map = partial(run, CATALOG["activation_map"])
grad_cam = partial(run, CATALOG["grad_cam"])
grad_cam_plus_plus = partial(run, CATALOG["grad_cam_plus_plus"])
gradient_x_input = partial(run, CATALOG["gradient_x_input"])
guided_backprop = partial(run, CATALOG["guided_backprop"])
integrated_gradients = partial(run, CATALOG["integrated_gradients"])
layer_cam = partial(run, CATALOG["layer_cam"])
occlusion = partial(run, CATALOG["occlusion"])
rise = partial(run, CATALOG["rise"])
score_cam = partial(run, CATALOG["score_cam"])
smooth_grad = partial(run, CATALOG["smooth_grad"])
vanilla_gradients = partial(run, CATALOG["vanilla_gradients"])

__all__ = [
    "BASELINES",
    "CATALOG",
    "BoxScore",
    "ClassDifference",
    "ClassScore",
    "Explanation",
    "MaskArea",
    "Method",
    "Target",
    "activation_map",
    "grad_cam",
    "grad_cam_plus_plus",
    "gradient_x_input",
    "guided_backprop",
    "info",
    "integrated_gradients",
    "layer_cam",
    "occlusion",
    "rise",
    "run",
    "score_cam",
    "smooth_grad",
    "vanilla_gradients",
]

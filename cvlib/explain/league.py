"""The league table: how well each method points at objects whose place is known, over the test split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib.data import Split
from cvlib.explain import methods
from cvlib.explain.base import run
from cvlib.explain.pointing import hits, is_in_box, overlap
from cvlib.explain.probe import probe
from cvlib.explain.targets import ClassScore

QUICK: Mapping[str, Mapping[str, Any]] = {
    "rise": {"masks": 128},
    "occlusion": {"positions": 8, "patch": 0.25},
    "score_cam": {"most_maps": 32},
    "integrated_gradients": {"steps": 16},
    "smooth_grad": {"samples": 16},
}
"""Cheaper settings of the dear methods: hundreds of pictures are explained."""
SMOOTHING = 0.04
"""Single-pixel maps are blurred with this deviation (share of the side) before they are judged, as is usual."""


@dataclass(frozen=True)
class Row:
    """One method's result.

    Attributes:
        method: name in the catalogue.
        pictures: how many were explained.
        pointing: share of them whose hottest place lies on the object, within the paper's tolerance, 0 to 1.
        in_box: share of them whose hottest place lies in the box around the object, 0 to 1.
        overlap: mean intersection over union with the object, 0 to 1.
        seconds: time a picture takes.
    """

    method: str
    pictures: int
    pointing: float
    in_box: float
    overlap: float
    seconds: float


def judge(model: Any, split: Split, indices: Sequence[int], method: str, *, seed: int = 0) -> np.ndarray:
    """Explain some test pictures' true classes with a method and compare with their masks.

    Args:
        model: a classifier.
        split: pictures with masks.
        indices: which of them.
        method: name of a method or a baseline.
        seed: of everything random.

    Returns:
        float64 (4,): how many pointed at the object, how many into its box, the sum of the overlaps, and the seconds.
    """
    card = methods.info(method)
    total = np.zeros(4)
    for index in indices:
        target = ClassScore(int(split.labels[index]))
        options = QUICK.get(method, {})
        found = run(card, model, split.images[index], target, seed=seed + int(index), **options)
        heat = smoothed(found.heatmap) if card.clipped else found.heatmap
        inside = (split.masks[index] > 0) & (split.masks[index] < 255)
        total += (hits(heat, inside), is_in_box(heat, inside), overlap(heat, inside), found.seconds)
    return total


def smoothed(heatmap: np.ndarray) -> np.ndarray:
    """A map of single pixels, blurred (Gaussian)."""
    from scipy import ndimage

    return ndimage.gaussian_filter(heatmap, SMOOTHING * max(heatmap.shape))


def named_right(model: Any, split: Split, most: int) -> list[int]:
    """The first test pictures that the network names correctly: others have no right map."""
    from cvlib.tasks import classification

    first = split.images[: 2 * most]
    right = classification.predict(model, first).argmax(axis=1) == split.labels[: 2 * most]
    return np.flatnonzero(right)[:most].tolist()


def contenders(model: Any) -> tuple[str, ...]:
    """The methods that work on this network, and the baselines."""
    has_layers = probe(model).last_spatial is not None
    fitting = [name for name, card in methods.CATALOG.items() if has_layers or not card.needs_layer]
    return (*fitting, *methods.BASELINES)

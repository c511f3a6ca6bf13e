"""The sanity check by model randomisation: does the map change when the network forgets what it learned?

J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt, B. Kim, "Sanity checks for saliency maps", 2018: layers are
given new first weights from the top down, and the map of each stage is compared with the trained network's. A map that
stays the same does not explain the network.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.explain.base import Explanation, Method, run
from cvlib.explain.probe import probe
from cvlib.explain.targets import Target

keras = lazy.load("keras")

STAGES = 5
"""Stages that are looked at, from the untouched network to one that has forgotten everything."""


@dataclass(frozen=True, eq=False)
class Stage:
    """The map after some layers were given new weights.

    Attributes:
        forgotten: how many layers, from the top.
        layers: how many there are.
        last: name of the layer that was reset last; None at first.
        explanation: the map.
        similarity: Spearman's rank correlation of its heat with the trained network's, -1 to 1.
    """

    forgotten: int
    layers: int
    last: str | None
    explanation: Explanation
    similarity: float


def cascade(
    method: Method,
    model: Any,
    image: np.ndarray,
    target: Target,
    *,
    seed: int = 0,
    stages: int = STAGES,
    **options: Any,
) -> tuple[Stage, ...]:
    """Reset the network's layers from the top down and explain at some stages on the way.

    Args:
        method: whose map is checked.
        model: the trained network; it stays as it is.
        image: uint8 or float (H, W, C), 0..255.
        target: what is explained, at every stage the same.
        seed: of the new weights and of everything random in the method.
        stages: how many maps, the trained network's included.
        options: the method's own settings.
    """
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    views = probe(copy)
    names = views.weighted_layers[::-1]
    found: list[Stage] = []
    reset = 0
    for until in stops(len(names), stages):
        for name in names[reset:until]:
            renew(views.layer(name), seed + reset)
            reset += 1
        explanation = run(method, copy, image, target, seed=seed, **options)
        before = found[0].explanation if found else explanation
        last = names[until - 1] if until else None
        found.append(Stage(until, len(names), last, explanation, rank_correlation(before.heatmap, explanation.heatmap)))
    return tuple(found)


def stops(layers: int, stages: int) -> list[int]:
    """Numbers of forgotten layers at which a map is made: 0, 1 if there is room for it, and on evenly to all."""
    rest = np.linspace(layers, 1, max(2, stages) - 1).round().astype(int)[::-1]
    return [0, *dict.fromkeys(rest.tolist())]


def renew(layer: Any, seed: int) -> None:
    """Give a layer first weights: kernels anew by their own initialiser, the rest as it was before any training."""
    for variable, initial in zip(layer.weights, _first_weights(layer, seed), strict=True):
        variable.assign(initial)


def _first_weights(layer: Any, seed: int) -> Iterator[Any]:
    for number, variable in enumerate(layer.weights):
        kind = variable.path.rsplit("/", 1)[-1]
        if kind.endswith("kernel") or kind == "embeddings":
            yield keras.initializers.GlorotUniform(seed=1000 * seed + number)(variable.shape)
        elif kind in ("gamma", "moving_variance"):
            yield np.ones(variable.shape, np.float32)
        else:
            yield np.zeros(variable.shape, np.float32)


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rank correlation of two maps; 0 where one of them is even everywhere."""
    from scipy import stats

    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(stats.spearmanr(one.ravel(), other.ravel()).statistic)

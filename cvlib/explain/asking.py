"""What a page asks of a network, a few passes at a time. Every function here is called with the model, in a worker."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.explain import base, deletion, methods, randomisation
from cvlib.explain.base import Explanation, Question
from cvlib.explain.deletion import Curves
from cvlib.explain.probe import SpatialLayer, probe
from cvlib.explain.randomisation import Stage
from cvlib.explain.targets import Target

keras = lazy.load("keras")

SLIDER_LAYERS = 10


@dataclass(frozen=True)
class Request:
    """What is to be explained, and how.

    Attributes:
        method: name in the catalogue.
        target: the score.
        layer: name of a spatial layer; None takes the last.
        seed: of everything random.
        options: the method's own settings.
    """

    method: str
    target: Target
    layer: str | None = None
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Progress:
    """How far an explanation has come: passes done and wanted, their sum, and the seconds they took."""

    done: int
    passes: int
    total: Any
    seconds: float
    result: Explanation | None


def layers(model: Any) -> tuple[SpatialLayer, ...]:
    """The spatial layers worth a place on a slider, from the first to the last: the last of each size, at most ten."""
    views = probe(model)
    padding = keras.layers.ZeroPadding2D
    found = [layer for layer in views.spatial_layers if not isinstance(views.layer(layer.name), padding)]
    sizes = [(layer.height, layer.width, layer.channels) for layer in found]
    ends = [layer for k, layer in enumerate(found) if k + 1 == len(found) or sizes[k] != sizes[k + 1]]
    places = np.unique(np.linspace(0, len(ends) - 1, min(SLIDER_LAYERS, len(ends))).round().astype(int))
    return tuple(ends[place] for place in places)


def proceed(model: Any, image: np.ndarray, request: Request, before: Progress | None = None) -> Progress:
    """The next passes of an explanation; the last ones bring its result.

    Args:
        model: a Keras model that takes pictures in 0..255.
        image: uint8 (H, W, C), as the model takes it.
        request: what is asked.
        before: what the last call gave; None at first.
    """
    began = time.perf_counter()
    card = methods.info(request.method)
    question = _question(model, image, request)
    done, total, seconds = (before.done, before.total, before.seconds) if before else (0, 0.0, 0.0)
    passes = before.passes if before else card.passes(question)
    stop = min(passes, done + base.at_once(base.PASSES_A_PART, question))
    total = total + base.add_up(card, question, done, stop)
    seconds += time.perf_counter() - began
    result = base.conclude(card, question, total, passes, seconds) if stop == passes else None
    return Progress(stop, passes, None if result else total, seconds, result)


def _question(model: Any, image: np.ndarray, request: Request) -> Question:
    return base.ask(
        methods.info(request.method), model, image, request.target, layer=request.layer, seed=request.seed,
        **request.options,
    )  # fmt: skip


def curves(model: Any, image: np.ndarray, heatmaps: Mapping[str, np.ndarray], target: Target) -> dict[str, Curves]:
    """Deletion and insertion curves of several maps, by their names."""
    return {name: deletion.curves(model, image, heatmap, target) for name, heatmap in heatmaps.items()}


def stages(model: Any, image: np.ndarray, request: Request) -> tuple[Stage, ...]:
    """The maps of a network that forgets its layers one after the other, with a cheap version of the method."""
    from cvlib.explain.league import QUICK

    options = {**QUICK.get(request.method, {}), **request.options}
    card = methods.info(request.method)
    return randomisation.cascade(card, model, image, request.target, seed=request.seed, **options)


def heat_of(model: Any, images: Sequence[np.ndarray], method: str, targets: Sequence[Target]) -> list[np.ndarray]:
    """The heat maps of several pictures, each float32 (H, W)."""
    card = methods.info(method)
    return [base.run(card, model, image, target).heatmap for image, target in zip(images, targets, strict=True)]

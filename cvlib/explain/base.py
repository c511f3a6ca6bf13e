"""What every explanation method shares: its card, its contract, and the loop that runs it pass by pass.

A method that needs many passes is a sum of parts: `part(..., start, stop)` gives the sum of some passes, the parts of
all passes are added, and `finish` makes the map of the total. So a page can ask for a few passes at a time, show how
far it is, and stop, and the network is never held up for others.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from cvlib.errors import Cancelled, SpecError
from cvlib.explain.probe import Probe, probe
from cvlib.explain.receptive import laid_over
from cvlib.explain.targets import Target

PASSES_A_PART = 32
"""Passes that a page waits for at once, of pictures of 224 x 224 pixels; of smaller ones more."""
USUAL_VALUES = 224 * 224 * 3
MOST_AT_ONCE = 512
CLIPPED = 99.5
"""Gradient maps have a few very large values: what lies above this percentile counts as the hottest."""
Report = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Where in the picture the score comes from.

    Attributes:
        heatmap: float32 (H, W) in [0, 1]: the larger, the more the place counts.
        raw: float32 (H, W): the method's own numbers, which may be negative.
        method: name in the catalogue.
        layer: the layer that was looked at; None where the method looks at none.
        seconds: how long it took.
        facts: further numbers of the method, by their name.
    """

    heatmap: np.ndarray
    raw: np.ndarray
    method: str
    layer: str | None
    seconds: float
    facts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """What a method is asked: this network, this picture, this score.

    Attributes:
        views: the network.
        image: float32 (H, W, C), 0..255.
        target: the score.
        layer: name of a spatial layer; None for methods without.
        seed: of everything random.
        options: the method's own settings.
    """

    views: Probe
    image: np.ndarray
    target: Target
    layer: str | None
    seed: int
    options: Mapping[str, Any]


class Finish(Protocol):
    """Turns the sum of all parts into the map."""

    def __call__(self, question: Question, total: np.ndarray, passes: int) -> tuple[np.ndarray, dict[str, float]]:
        """float (h, w), of the picture's size or the layer's, and facts to be shown."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method's card in the catalogue.

    Attributes:
        name: an identifier.
        title: its name in the literature.
        how: two sentences for newcomers.
        paper: authors, title, year.
        cost: what it costs, in words.
        part: `part(question, start, stop)` gives the sum of the passes from `start` to before `stop`.
        finish: makes the map of the sum.
        passes: how many passes a question takes.
        batch: passes that the network takes at once best, of pictures of 224 x 224 pixels.
        needs_layer: whether it looks at a spatial layer.
        signed: whether the raw map says for and against; the heat map then shows how much.
        clipped: whether single very large values are cut.
        options: its settings with their usual values.
    """

    name: str
    title: str
    how: str
    paper: str
    cost: str
    part: Callable[[Question, int, int], np.ndarray]
    finish: Finish
    passes: Callable[[Question], int] = lambda _question: 1
    batch: int = 16
    needs_layer: bool = False
    signed: bool = False
    clipped: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def ask(
    method: Method, model: Any, image: np.ndarray, target: Target, *, layer: str | None = None, seed: int = 0,
    **options: Any,
) -> Question:  # fmt: skip
    """Put a question to a network in this method's terms.

    Raises:
        SpecError: the network has no layer that this method could look at, or not this one.
    """
    views = probe(model)
    chosen = _layer_for(method, views, layer)
    unknown = set(options) - set(method.options)
    if unknown:
        raise SpecError(f"{method.title} has no setting {', '.join(sorted(unknown))}.")
    pixels = np.asarray(image, np.float32)
    if pixels.shape != views.input_shape:
        raise ValueError(f"image must have shape {views.input_shape}; received {pixels.shape}")
    return Question(views, pixels, target, chosen, seed, {**method.options, **options})


def _layer_for(method: Method, views: Probe, layer: str | None) -> str | None:
    if not method.needs_layer:
        return None
    if views.last_spatial is None:
        raise SpecError(
            f"{method.title} looks at what a layer sees in each place, and this network has no such layer: it mixes "
            "all places at once. Choose a method that uses gradients or covers the picture, or a network with "
            "convolutions."
        )
    if layer is None:
        return views.last_spatial.name
    if layer not in {found.name for found in views.spatial_layers}:
        raise SpecError(f"The network has no spatial layer named {str(layer)[:80]!r}.")
    return layer


def run(
    method: Method,
    model: Any,
    image: np.ndarray,
    target: Target,
    *,
    layer: str | None = None,
    seed: int = 0,
    report: Report = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
    **options: Any,
) -> Explanation:
    """Explain one score of one picture.

    Args:
        method: which.
        model: a Keras model that takes pictures in 0..255.
        image: uint8 or float (H, W, C), 0..255, of the size that the model takes.
        target: what is explained.
        layer: name of a spatial layer; the last one if None.
        seed: of everything random; the same seed gives the same map.
        report: takes the share that is done, after every few passes.
        cancelled: asked after every few passes.
        options: the method's own settings.

    Returns:
        The explanation, its maps of the picture's size.

    Raises:
        SpecError: the network has no layer that this method could look at, or a setting does not exist.
        Cancelled: `cancelled` said yes.
    """
    began = time.perf_counter()
    question = ask(method, model, image, target, layer=layer, seed=seed, **options)
    passes = method.passes(question)
    total: Any = 0.0
    step = at_once(PASSES_A_PART, question)
    for start in range(0, passes, step):
        stop = min(passes, start + step)
        total = total + add_up(method, question, start, stop)
        report(stop / passes)
        if cancelled():
            raise Cancelled("Cancelled.")
    return conclude(method, question, total, passes, time.perf_counter() - began)


def add_up(method: Method, question: Question, start: int, stop: int) -> np.ndarray:
    """The sum of some passes, in batches of the size that suits the method."""
    total: Any = 0.0
    step = at_once(method.batch, question)
    for first in range(start, stop, step):
        total = total + method.part(question, first, min(stop, first + step))
    return total


def at_once(passes: int, question: Question) -> int:
    """How many passes of this question's pictures are as much work as so many of 224 x 224 pixels."""
    return max(passes, min(MOST_AT_ONCE, passes * USUAL_VALUES // question.image.size))


def conclude(method: Method, question: Question, total: np.ndarray, passes: int, seconds: float) -> Explanation:
    """The explanation, from the sum of all passes."""
    small, facts = method.finish(question, total, passes)
    raw = on_picture(question, small)
    return Explanation(normalised(raw, signed=method.signed, clipped=method.clipped), raw, method.name,
                       question.layer, seconds, facts)  # fmt: skip


def normalised(raw: np.ndarray, *, signed: bool = False, clipped: bool = False) -> np.ndarray:
    """A raw map as heat in [0, 1]: nothing where it is nought (or speaks against), 1 where it is largest.

    Args:
        raw: float (H, W).
        signed: whether what is negative counts as much as what is positive.
        clipped: whether the largest half per cent counts as the largest.
    """
    heat = np.abs(raw) if signed else np.maximum(raw, 0)
    top = float(np.percentile(heat, CLIPPED)) if clipped else 0.0
    top = top or float(heat.max(initial=0))
    if not np.isfinite(top) or top <= 0:
        return np.zeros(raw.shape, np.float32)
    return np.clip(heat / top, 0, 1).astype(np.float32)


def on_picture(question: Question, small: np.ndarray) -> np.ndarray:
    """A map of the question's layer at the picture's size, float32 (H, W); one of the picture's size stays as it is."""
    size = question.image.shape[:2]
    if question.layer is None or small.shape == size:
        return np.asarray(small, np.float32)
    return laid_over(small, question.views.spatial(question.layer).axes, size)


def strongest(values: np.ndarray) -> np.ndarray:
    """Of each pixel's channels, the value that is largest in size, with its sign: (H, W, C) to (H, W)."""
    places = np.abs(values).argmax(axis=-1)
    return np.take_along_axis(values, places[..., np.newaxis], axis=-1)[..., 0]


def mean_colour(image: np.ndarray) -> np.ndarray:
    """The picture's mean colour, float32 (C,): what a covered place is filled with."""
    return image.mean(axis=(0, 1), dtype=np.float32)

"""What does a unit want? Pictures made to excite it, test pictures that do, and the network without it.

D. Erhan, Y. Bengio, A. Courville, P. Vincent, "Visualizing higher-layer features of a deep network", 2009 (activation
maximisation); C. Olah, A. Mordvintsev, L. Schubert, "Feature visualization", Distill, 2017 (jitter and a smooth start
against noise).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.data import Split
from cvlib.explain.base import normalised
from cvlib.explain.probe import Probe, SpatialLayer, probe
from cvlib.explain.receptive import laid_over

tf = lazy.load("tensorflow")

BATCH = 64
STEPS = 96
RATE = 0.02
MOMENTUM = 0.8
JITTER = 0.06
"""Furthest shift of the picture at a step, as a share of its side."""
ROUGHNESS = 2e-3
"""Weight of the total variation, for smoother pictures."""
SCALES = (1, 4, 16)
"""The gradient is taken together from copies of it that are so much coarser, so that large forms grow as well."""


@dataclass(frozen=True, eq=False)
class Dream:
    """How far the ascent has come.

    Attributes:
        picture: float32 (H, W, C), around 0.
        momentum: float32 (H, W, C).
        course: the map's mean activation at every step so far.
    """

    picture: np.ndarray
    momentum: np.ndarray
    course: tuple[float, ...] = ()

    @property
    def pixels(self) -> np.ndarray:
        """The picture to look at, uint8 (H, W, C), with its contrast stretched."""
        low, high = np.percentile(self.picture, (1, 99))
        share = (self.picture - low) / max(high - low, 1e-6)
        return np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8)


def dream(
    model: Any, layer: str, channel: int, *, before: Dream | None = None, steps: int = STEPS, seed: int = 0
) -> Dream:
    """A picture that excites one map of a layer, found by gradient ascent from grey noise.

    Args:
        model: a Keras model that takes pictures in 0..255.
        layer: name of a spatial layer.
        channel: which of its maps.
        before: what an earlier call gave, to go on from; None begins.
        steps: of this call.
        seed: of the start and of the shifts.
    """
    views = probe(model)
    shape = views.input_shape
    if before is None:
        start = np.random.default_rng(seed).normal(0, 0.01, shape).astype(np.float32)
        before = Dream(start, np.zeros(shape, np.float32))
    step = views.compiled(("ascent", layer), _ascent(views, layer))
    picture, momentum = (tf.constant(values[np.newaxis]) for values in (before.picture, before.momentum))
    course = list(before.course)
    most = max(1, round(JITTER * min(shape[:2])))
    for number in range(len(course), len(course) + steps):
        shift = np.random.default_rng((seed, number)).integers(-most, most + 1, size=2).astype(np.int32)
        picture, momentum, value = step(picture, momentum, tf.constant(channel), tf.constant(shift))
        course.append(float(value))
    return Dream(picture[0].numpy(), momentum[0].numpy(), tuple(course))


def _as_pixels(picture: Any) -> Any:
    """Values around 0 as pixels: -1..1 to 0..255, bent softly at the ends."""
    return 255 * tf.sigmoid(3 * picture)


def _ascent(views: Probe, layer: str) -> Callable[..., Any]:
    def step(picture: Any, momentum: Any, channel: Any, shift: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(picture)
            moved = tf.roll(_as_pixels(picture), shift, axis=[1, 2])
            value = tf.reduce_mean(tf.gather(views.seen(moved, layer), channel, axis=3))
            rough = tf.reduce_mean(tf.image.total_variation(picture)) * ROUGHNESS
            # Relative to its size, which differs by orders of magnitude between layers.
            goal = value / (tf.stop_gradient(tf.abs(value)) + 1e-3) - rough
        momentum = MOMENTUM * momentum + _at_all_scales(tape.gradient(goal, picture))
        return tf.clip_by_value(picture + RATE * momentum, -1.5, 1.5), momentum, value

    return step


def _at_all_scales(gradient: Any) -> Any:
    height, width = gradient.shape[1:3]
    total = 0.0
    for scale in SCALES:
        if min(height, width) < 2 * scale:
            continue
        coarse = tf.nn.avg_pool2d(gradient, scale, scale, "SAME")
        part = tf.image.resize(coarse, (height, width), method="bicubic")
        total = total + part / (tf.math.reduce_std(part) + 1e-8)
    return total


def excitement(model: Any, images: np.ndarray, layer: str) -> np.ndarray:
    """How much each picture excites each map of a layer, at its hottest place: float32 (N, channels).

    Args:
        model: a Keras model.
        images: uint8 (N, H, W, C).
        layer: name of a spatial layer.
    """
    views = probe(model)
    parts = [
        views.activations(images[start : start + BATCH], layer).max(axis=(1, 2))
        for start in range(0, len(images), BATCH)
    ]
    return np.concatenate(parts)


def without(model: Any, images: np.ndarray, layer: str, channels: list[int]) -> np.ndarray:
    """What the network answers with some maps of a layer silenced: float32 (N, K).

    Args:
        model: a Keras classifier.
        images: uint8 (N, H, W, C).
        layer: name of a spatial layer.
        channels: the maps that are nought.
    """
    views = probe(model)
    parts = [views.silenced(images[start : start + BATCH], layer, channels) for start in range(0, len(images), BATCH)]
    return np.concatenate(parts)


def maps(model: Any, image: np.ndarray, layer: str) -> np.ndarray:
    """What a layer sees in one picture: float32 (h, w, channels)."""
    return probe(model).activations(image[np.newaxis], layer)[0]


def heat(found: np.ndarray, layer: SpatialLayer, size_hw: tuple[int, int]) -> np.ndarray:
    """One map of a layer as heat of the picture's size, float32 (H, W) in [0, 1]."""
    return normalised(laid_over(found, layer.axes, size_hw))


def excitement_of(model: Any, split: Split, layer: str) -> np.ndarray:
    """`excitement` of all pictures of a split."""
    return excitement(model, split.images, layer)


def without_in(model: Any, split: Split, layer: str, channels: list[int]) -> np.ndarray:
    """`without` for all pictures of a split."""
    return without(model, split.images, layer, channels)

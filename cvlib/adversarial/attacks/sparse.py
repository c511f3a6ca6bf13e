"""A few pixels, changed as far as they can be: a greedy saliency attack.

After N. Papernot et al., "The limitations of deep learning in adversarial settings", 2016 (JSMA), for one pixel a step
with all its channels, chosen by what the margin between two classes would gain.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.adversarial import base
from cvlib.adversarial.base import Attacked, AttackResult, Progress, Steps
from cvlib.errors import SpecError
from cvlib.explain.probe import Probe

tf = lazy.load("tensorflow")

PIXELS = 20


def sparse(model: Any, images: np.ndarray, labels: np.ndarray, **options: Any) -> AttackResult:
    """Change as few pixels as it takes, one after the other.

    See `steps` for the arguments.
    """
    return base.run(steps(model, images, labels, **options))


def steps(
    model: Any,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    epsilon: float = 255.0,
    targeted: bool = False,
    pixels: int = PIXELS,
    seed: int = 0,
) -> Steps:
    """The attack, step by step.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        images: uint8 (N, H, W, C).
        labels: int (N,), the true classes; the wanted ones if `targeted`.
        epsilon: how far a value may change (L-infinity).
        targeted: whether `labels` are to be reached.
        pixels: most pixels (L0).
        seed: of nothing; it is there because all attacks have one.

    Raises:
        SpecError: there is no pixel to change.
    """
    base.check_epsilon(epsilon, "linf")
    if pixels < 1:
        raise SpecError("At least one pixel must be allowed.")
    attacked = Attacked(model, images, labels, targeted=targeted)
    slope = attacked.probe.compiled(("sparse",), _slope(attacked.probe))
    made, parts = images.copy(), attacked.batches()
    low = np.clip(attacked.floats - np.floor(epsilon), 0, 255)
    high = np.clip(attacked.floats + np.floor(epsilon), 0, 255)
    for number, part in enumerate(parts):
        points = attacked.floats[part].copy()
        free = np.ones(points.shape[:3], bool)
        for step in range(pixels + 1):
            logits, gradient = (
                value.numpy() for value in slope(points, attacked.labels[part], np.float32(1 if targeted else -1))
            )
            frame = attacked.frame(step, points[0], logits[0]) if part[0] == 0 else None
            yield Progress((number + step / (pixels + 1)) / len(parts), frame)
            moving = np.flatnonzero(~attacked.succeeded(logits, part))
            if step == pixels or not len(moving):
                break
            ends = np.where(gradient > 0, high[part], low[part])
            gains = np.where(free, (gradient * (ends - points)).sum(axis=3), -np.inf).reshape(len(part), -1)
            rows, columns = np.unravel_index(gains.argmax(axis=1), points.shape[1:3])
            chosen = moving, rows[moving], columns[moving]
            points[chosen], free[chosen] = ends[chosen], False
        made[part] = points.astype(np.uint8)
    result = attacked.result(made, pixels)
    yield Progress(1.0, base.Frame(pixels, made[0], result.after[0]), result)


def _slope(network: Probe) -> Callable[..., Any]:
    """How the margin of what is wanted changes with each value."""

    def slope(points: Any, labels: Any, direction: Any) -> tuple[Any, Any]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(points)
            logits = network.logits(points)
            mine = tf.gather(logits, labels, batch_dims=1)
            taken = tf.one_hot(labels, tf.shape(logits)[1], dtype=logits.dtype)
            margin = direction * (mine - tf.reduce_max(logits - 1e9 * taken, axis=1))
        return logits, tape.gradient(margin, points, unconnected_gradients="zero")

    return slope

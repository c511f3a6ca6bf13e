"""DeepFool: the shortest way over the nearest border between two classes, taken as straight, again and again.

S. Moosavi-Dezfooli, A. Fawzi, P. Frossard, "DeepFool: a simple and accurate method to fool deep neural networks", 2016.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.adversarial import base
from cvlib.adversarial.base import Attacked, AttackResult, Progress, Steps
from cvlib.explain.probe import Probe

tf = lazy.load("tensorflow")

CANDIDATES = 10
"""Only the classes that are most probable at first are tried, as the authors do."""
STEPS = 50
OVERSHOOT = 0.02
"""The border is crossed by this share of the way."""


def deepfool(model: Any, images: np.ndarray, labels: np.ndarray, **options: Any) -> AttackResult:
    """The smallest L2 perturbation that changes the answer.

    See `steps` for the arguments.
    """
    return base.run(steps(model, images, labels, **options))


def steps(
    model: Any,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    epsilon: float | None = None,
    count: int = STEPS,
    overshoot: float = OVERSHOOT,
    seed: int = 0,
) -> Steps:
    """The attack, step by step.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        images: uint8 (N, H, W, C).
        labels: int (N,), the true classes.
        epsilon: L2 bound in pixel values; None for none.
        count: most steps.
        overshoot: share of the way beyond the border.
        seed: of nothing; it is there because all attacks have one.
    """
    if epsilon is not None:
        base.check_epsilon(epsilon, "l2")
    attacked = Attacked(model, images, labels)
    classes = min(CANDIDATES, attacked.before.shape[1])
    look = attacked.probe.compiled(("deepfool", classes), _look(attacked.probe, classes))
    made, parts = images.copy(), attacked.batches()
    for number, part in enumerate(parts):
        origin, total = attacked.floats[part], np.zeros(attacked.floats[part].shape, np.float32)
        candidates = _candidates(attacked.before[part], attacked.labels[part], classes)
        for step in range(count):
            points = origin + (1 + overshoot) * total
            logits, gradients = (value.numpy() for value in look(points, candidates))
            if part[0] == 0:
                yield Progress((number + step / count) / len(parts), attacked.frame(step, points[0], logits[0]))
            moving = ~attacked.succeeded(logits, part)
            if not moving.any():
                break
            total[moving] += _way(logits, gradients, candidates)[moving]
            if part[0] != 0:
                yield Progress((number + step / count) / len(parts))
        made[part] = attacked.hardened(np.clip(origin + (1 + overshoot) * total, 0, 255), part, epsilon)
    result = attacked.result(made, count)
    yield Progress(1.0, base.Frame(count, made[0], result.after[0]), result)


def _candidates(shares: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """The true class of each picture, then the most probable other ones: int32 (n, classes)."""
    order = np.argsort(-shares, axis=1, kind="stable")
    rest = np.stack([row[row != label][: classes - 1] for row, label in zip(order, labels, strict=True)])
    return np.concatenate([labels[:, None], rest], axis=1).astype(np.int32)


def _way(logits: np.ndarray, gradients: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """To the nearest of the borders: float32 (n, H, W, C)."""
    scores = np.take_along_axis(logits, candidates, axis=1)
    gap = np.abs(scores[:, 1:] - scores[:, :1]) + 1e-6
    normal = gradients[:, 1:] - gradients[:, :1]
    length = np.sqrt((normal.astype(np.float64) ** 2).sum(axis=(2, 3, 4))) + 1e-12
    nearest = (gap / length).argmin(axis=1)
    rows = np.arange(len(logits))
    factor = gap[rows, nearest] / length[rows, nearest] ** 2
    return (factor[:, None, None, None] * normal[rows, nearest]).astype(np.float32)


def _look(network: Probe, classes: int) -> Callable[..., Any]:

    def look(points: Any, candidates: Any) -> tuple[Any, Any]:
        with tf.GradientTape(watch_accessed_variables=False, persistent=True) as tape:
            tape.watch(points)
            logits = network.logits(points)
            scores = tf.gather(logits, candidates, batch_dims=1)
            columns = tf.unstack(scores, classes, axis=1)
        gradients = [tape.gradient(column, points, unconnected_gradients="zero") for column in columns]
        return logits, tf.stack(gradients, axis=1)

    return look

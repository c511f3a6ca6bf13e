"""Carlini and Wagner's L2 attack: the smallest change that wins by a margin, found by an optimiser.

N. Carlini, D. Wagner, "Towards evaluating the robustness of neural networks", 2017.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.adversarial import base
from cvlib.adversarial.base import Attacked, AttackResult, Progress, Steps
from cvlib.explain.probe import Probe

tf = lazy.load("tensorflow")

STEPS, SEARCHES = 100, 5
RATE = 0.05
CONSTANT = 1.0
"""Weight of success against smallness at first; it is searched for in each picture."""
NEARLY = 0.999
"""Keeps values off the ends of the range, where tanh has no slope."""
BETA = (0.9, 0.999)


def carlini_wagner(model: Any, images: np.ndarray, labels: np.ndarray, **options: Any) -> AttackResult:
    """A small L2 perturbation that makes the network wrong, or say the wanted class.

    See `steps` for the arguments.
    """
    return base.run(steps(model, images, labels, **options))


def steps(
    model: Any,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    epsilon: float | None = None,
    targeted: bool = False,
    count: int = STEPS,
    searches: int = SEARCHES,
    confidence: float = 0.0,
    seed: int = 0,
) -> Steps:
    """The attack, step by step.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        images: uint8 (N, H, W, C).
        labels: int (N,), the true classes; the wanted ones if `targeted`.
        epsilon: L2 bound in pixel values; None for none.
        targeted: whether `labels` are to be reached.
        count: steps of the optimiser a search.
        searches: how often the weight of success is halved or raised.
        confidence: margin in logits by which to win.
        seed: of nothing; it is there because all attacks have one.
    """
    if epsilon is not None:
        base.check_epsilon(epsilon, "l2")
    attacked = Attacked(model, images, labels, targeted=targeted)
    step = attacked.probe.compiled(("carlini_wagner",), _step(attacked.probe))
    made, parts = images.copy(), attacked.batches()
    done, total = 0, len(parts) * searches * count
    for part in parts:
        origin, wanted = attacked.floats[part], attacked.labels[part]
        low, high = np.zeros(len(part)), np.full(len(part), np.inf)
        weight = np.full(len(part), CONSTANT)
        best, smallest = origin.copy(), np.full(len(part), np.inf)
        for _ in range(searches):
            free = np.arctanh((origin / 127.5 - 1) * NEARLY).astype(np.float32)
            first, second = np.zeros_like(free), np.zeros_like(free)
            won = np.zeros(len(part), bool)
            for number in range(count):
                free, first, second, points, logits, size = (
                    value.numpy()
                    for value in step(free, first, second, origin, wanted, np.float32(-1 if targeted else 1),
                                      weight.astype(np.float32), np.float32(confidence), np.float32(number + 1))
                )  # fmt: skip
                wins = attacked.succeeded(logits, part)
                won |= wins
                better = wins & (size < smallest)
                best[better], smallest[better] = points[better], size[better]
                done += 1
                frame = attacked.frame(done, points[0], logits[0]) if part[0] == 0 else None
                yield Progress(done / total, frame)
            high = np.where(won, np.minimum(high, weight), high)
            low = np.where(won, low, np.maximum(low, weight))
            weight = np.where(np.isfinite(high), (low + high) / 2, weight * 10)
        made[part] = attacked.hardened(best, part, epsilon)
    result = attacked.result(made, searches * count)
    yield Progress(1.0, base.Frame(searches * count, made[0], result.after[0]), result)


def _step(network: Probe) -> Callable[..., Any]:
    """One step of Adam on the free variable, whose tanh is the picture."""

    def step(
        free: Any, first: Any, second: Any, origin: Any, labels: Any, direction: Any, weight: Any, confidence: Any,
        number: Any,
    ) -> tuple[Any, ...]:  # fmt: skip
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(free)
            points = 127.5 * (tf.tanh(free) / NEARLY + 1)
            logits = network.logits(points)
            size = tf.reduce_sum(((points - origin) / 255) ** 2, axis=(1, 2, 3))
            mine = tf.gather(logits, labels, batch_dims=1)
            taken = tf.one_hot(labels, tf.shape(logits)[1], dtype=logits.dtype)
            other = tf.reduce_max(logits - 1e9 * taken, axis=1)
            margin = tf.maximum(direction * (mine - other) + confidence, 0.0)
            loss = tf.reduce_sum(size + weight * margin)
        gradient = tape.gradient(loss, free)
        one, two = BETA
        first = one * first + (1 - one) * gradient
        second = two * second + (1 - two) * gradient**2
        move = (first / (1 - one**number)) / (tf.sqrt(second / (1 - two**number)) + 1e-8)
        return free - RATE * move, first, second, tf.clip_by_value(points, 0.0, 255.0), logits, size

    return step

"""One perturbation for all pictures.

S. Moosavi-Dezfooli et al., "Universal adversarial perturbations", 2017; found here by gradient ascent on all pictures
at once, as in A. Shafahi et al., "Universal adversarial training", 2020.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.adversarial import base, distance
from cvlib.adversarial.base import Attacked, AttackResult, Progress, Steps
from cvlib.explain.probe import Probe

tf = lazy.load("tensorflow")

ROUNDS = 20
CLIPPED = 9.0
"""A picture's loss counts up to this many nats: those that are fooled already have nothing more to say."""


def universal(model: Any, images: np.ndarray, labels: np.ndarray, **options: Any) -> AttackResult:
    """One L-infinity perturbation that fools the network on as many of these pictures as it can.

    See `steps` for the arguments.
    """
    return base.run(steps(model, images, labels, **options))


def steps(
    model: Any,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    epsilon: float,
    targeted: bool = False,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Steps:
    """The attack, step by step.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        images: uint8 (N, H, W, C).
        labels: int (N,), the true classes; the wanted ones if `targeted`.
        epsilon: bound in pixel values.
        targeted: whether `labels` are to be reached.
        rounds: passes over the pictures.
        seed: of their order.

    Yields:
        With `extra["universal"]`, int16 (H, W, C), what is added to every picture before it is cut to 0..255.
    """
    base.check_epsilon(epsilon, "linf")
    attacked = Attacked(model, images, labels, targeted=targeted)
    slope = attacked.probe.compiled(("universal",), _slope(attacked.probe))
    rng = np.random.default_rng(seed)
    change = np.zeros(images.shape[1:], np.float32)
    at_once = min(len(images), max(len(attacked.batches()[0]) // 2, 8))
    per_round = -(-len(images) // at_once)
    for number in range(rounds):
        # Large steps at first, ever smaller ones towards the end.
        size = epsilon * max(0.05, 0.5 * (1 - number / rounds))
        order = rng.permutation(len(images))
        for place in range(per_round):
            part = np.sort(order[place * at_once : (place + 1) * at_once])
            logits, gradient = (
                value.numpy()
                for value in slope(attacked.floats[part], change, attacked.labels[part],
                                   np.float32(-1 if targeted else 1))
            )  # fmt: skip
            change = np.clip(change + size * np.sign(gradient), -epsilon, epsilon).astype(np.float32)
            first = attacked.frame(number, np.clip(attacked.floats[0] + change, 0, 255), logits[0])
            yield Progress((number * per_round + place + 1) / (rounds * per_round), first if part[0] == 0 else None)
    whole = np.clip(np.rint(change), -np.floor(epsilon), np.floor(epsilon))
    made = distance.rounded(attacked.floats + whole, images, epsilon, "linf")
    result = attacked.result(made, rounds, universal=whole.astype(np.int16))
    yield Progress(1.0, base.Frame(rounds, made[0], result.after[0]), result)


def _slope(network: Probe) -> Callable[..., Any]:

    def slope(images: Any, change: Any, labels: Any, direction: Any) -> tuple[Any, Any]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(change)
            logits = network.logits(tf.clip_by_value(images + change, 0.0, 255.0))
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_sum(direction * tf.minimum(losses, CLIPPED))
        return logits, tape.gradient(loss, change, unconnected_gradients="zero")

    return slope

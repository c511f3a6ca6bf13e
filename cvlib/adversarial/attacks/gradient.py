"""Attacks that follow the gradient of the loss with respect to the picture: FGSM, BIM, PGD, MI-FGSM.

I. Goodfellow, J. Shlens, C. Szegedy, "Explaining and harnessing adversarial examples", 2015 (FGSM).
A. Kurakin, I. Goodfellow, S. Bengio, "Adversarial examples in the physical world", 2017 (BIM).
A. Madry et al., "Towards deep learning models resistant to adversarial attacks", 2018 (PGD).
Y. Dong et al., "Boosting adversarial attacks with momentum", 2018 (MI-FGSM).
A. Athalye, N. Carlini, D. Wagner, "Obfuscated gradients give a false sense of security", 2018 (`through`).

They differ in the number of steps, the start and the memory, and so are one function here.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.adversarial import base, distance
from cvlib.adversarial.base import Attacked, AttackResult, Progress, Steps
from cvlib.errors import SpecError
from cvlib.explain.probe import Probe

tf = lazy.load("tensorflow")

REACH = 2.5
"""The steps together reach so many times the bound, so that the border can be walked along (Madry et al.)."""
Defence = Callable[[np.ndarray], np.ndarray]


def fgsm(
    model: Any,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    epsilon: float,
    targeted: bool = False,
    norm: str = "linf",
    seed: int = 0,
) -> AttackResult:
    """One step along the (sign of the) gradient; see `steps` for the arguments."""
    return base.run(
        steps(model, images, labels, epsilon=epsilon, targeted=targeted, norm=norm, seed=seed, count=1,
              step_size=float(np.max(epsilon)))
    )  # fmt: skip


def bim(model: Any, images: np.ndarray, labels: np.ndarray, *, epsilon: float, **options: Any) -> AttackResult:
    """Many small steps from the picture itself (I-FGSM); see `steps` for the arguments."""
    return base.run(steps(model, images, labels, epsilon=epsilon, **{"count": 10, **options}))


def pgd(model: Any, images: np.ndarray, labels: np.ndarray, *, epsilon: float, **options: Any) -> AttackResult:
    """Many small steps from a random place within the bound, begun anew several times; see `steps`."""
    return base.run(steps(model, images, labels, epsilon=epsilon, **{"count": 40, "random_start": True, **options}))


def mi_fgsm(model: Any, images: np.ndarray, labels: np.ndarray, *, epsilon: float, **options: Any) -> AttackResult:
    """Many small steps that remember where they came from; see `steps` for the arguments."""
    return base.run(steps(model, images, labels, epsilon=epsilon, **{"count": 10, "momentum": 1.0, **options}))


def steps(
    model: Any,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    epsilon: float | np.ndarray,
    targeted: bool = False,
    norm: str = "linf",
    count: int = 40,
    step_size: float | None = None,
    random_start: bool = False,
    restarts: int = 1,
    momentum: float = 0.0,
    seed: int = 0,
    through: Defence | None = None,
) -> Steps:
    """The attack, step by step.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        images: uint8 (N, H, W, C).
        labels: int (N,), the true classes; the wanted ones if `targeted`.
        epsilon: bound of the perturbation in pixel values (255 is the whole range), a number or one a picture.
        targeted: whether `labels` are to be reached.
        norm: `linf` or `l2`, in which the bound holds.
        count: steps.
        step_size: in pixel values; None takes 2.5 epsilon / count.
        random_start: begin at a random place within the bound.
        restarts: so often, for the pictures that have not succeeded yet.
        momentum: weight of the earlier gradients, 0 for none.
        seed: of the random starts.
        through: a defence that the network is asked through; its gradient is taken for that of the identity (BPDA).

    Raises:
        SpecError: an argument makes no sense.
    """
    base.check_epsilon(epsilon, norm)
    if count < 1 or restarts < 1:
        raise SpecError("There must be at least one step and one start.")
    attacked = Attacked(model, images, labels, targeted=targeted)
    bounds = np.broadcast_to(np.asarray(epsilon, np.float32), len(images))
    sizes = REACH * bounds / count if step_size is None else np.full(len(images), step_size, np.float32)
    if count == 1 and step_size is None:
        sizes = bounds
    step = attacked.probe.compiled(("attack", norm), _step(attacked.probe, norm))
    rng, best, fooled = np.random.default_rng(seed), images.copy(), np.zeros(len(images), bool)
    done, total = 0, restarts * count * len(attacked.batches())
    for start in range(restarts):
        for part in attacked.batches():
            part = part[~fooled[part]]
            if not len(part):
                done += count
                continue
            origin, limit = attacked.floats[part], bounds[part]
            points = _random_start(origin, limit, norm, rng) if random_start else origin
            velocity = np.zeros_like(origin)
            for number in range(count):
                asked = points if through is None else _defended(through, points)
                found, logits, velocity = step(
                    points, asked, origin, attacked.labels[part], np.float32(-1 if targeted else 1), sizes[part],
                    limit, velocity, np.float32(momentum),
                )  # fmt: skip
                frame = attacked.frame(number, points[0], logits[0].numpy()) if part[0] == 0 and not start else None
                points, velocity = found.numpy(), velocity.numpy()
                done += 1
                yield Progress(done / total, frame)
            best[part] = distance.rounded(points, images[part], limit, norm)
            judged = best[part] if through is None else through(best[part])
            fooled[part] = attacked.succeeded(base.probabilities(attacked.probe, judged), part)
    result = attacked.result(best, restarts * count)
    first = base.Frame(count, best[0], result.after[0])
    yield Progress(1.0, first, result)


def _defended(through: Defence, points: np.ndarray) -> np.ndarray:
    return through(np.clip(np.rint(points), 0, 255).astype(np.uint8)).astype(np.float32)


def _random_start(origin: np.ndarray, bounds: np.ndarray, norm: str, rng: np.random.Generator) -> np.ndarray:
    """Evenly drawn places within the bound: float32 (n, H, W, C)."""
    limit = bounds[:, None, None, None]
    if norm == "linf":
        change = rng.uniform(-1, 1, origin.shape) * limit
    else:
        change = rng.standard_normal(origin.shape)
        change /= distance.size(change, "l2")[:, None, None, None]
        change *= limit * (rng.random(len(origin)) ** (1 / origin[0].size))[:, None, None, None]
    return np.clip(origin + change, 0, 255).astype(np.float32)


def _step(network: Probe, norm: str) -> Callable[..., Any]:
    """One step, all within TensorFlow: gradient, move, back into the bound and the range of pixels."""

    def step(
        points: Any, asked: Any, origin: Any, labels: Any, direction: Any, sizes: Any, bounds: Any, velocity: Any,
        momentum: Any,
    ) -> tuple[Any, Any, Any]:  # fmt: skip
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(asked)
            logits = network.logits(asked)
            loss = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        gradient = direction * tape.gradient(loss, asked, unconnected_gradients="zero")
        size, bound = sizes[:, None, None, None], bounds[:, None, None, None]
        mean = tf.reduce_mean(tf.abs(gradient), axis=(1, 2, 3), keepdims=True)
        velocity = momentum * velocity + gradient / (mean + 1e-20)
        moved = tf.where(momentum > 0, velocity, gradient)
        if norm == "linf":
            change = tf.clip_by_value(points + size * tf.sign(moved) - origin, -bound, bound)
        else:
            change = points + size * moved / (_length(moved) + 1e-20) - origin
            change *= tf.minimum(1.0, bound / (_length(change) + 1e-20))
        return tf.clip_by_value(origin + change, 0.0, 255.0), logits, velocity

    return step


def _length(values: Any) -> Any:
    # Scaled first: the squares of tiny gradients would vanish.
    largest = tf.reduce_max(tf.abs(values), axis=(1, 2, 3), keepdims=True) + 1e-30
    return largest * tf.sqrt(tf.reduce_sum((values / largest) ** 2, axis=(1, 2, 3), keepdims=True))

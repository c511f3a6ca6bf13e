"""An adversarial patch: a sticker that makes the network see one class wherever it lies.

T. Brown et al., "Adversarial patch", 2017.
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

STEPS = 150
SHARE = 0.08
RATE = 12.0
"""Step of the patch's values, of 255."""
PICTURES_A_STEP = 8


def patch(model: Any, images: np.ndarray, labels: np.ndarray, **options: Any) -> AttackResult:
    """A square that, laid anywhere, makes the network say the wanted class (or, untargeted, leave the true one).

    See `steps` for the arguments.
    """
    return base.run(steps(model, images, labels, **options))


def steps(
    model: Any,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    epsilon: float = 255.0,
    targeted: bool = True,
    share: float = SHARE,
    count: int = STEPS,
    seed: int = 0,
) -> Steps:
    """The attack, step by step.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        images: uint8 (N, H, W, C), what it is laid upon while it is made.
        labels: int (N,), the wanted classes; the true ones if not `targeted`.
        epsilon: how far the patch's values may be from mid-grey, 1 to 255.
        targeted: whether `labels` are to be reached.
        share: of the picture's area that the patch covers, 0 to 0.5.
        count: steps.
        seed: of the places.

    Yields:
        The pictures with the patch at a random place, and `extra["patch"]`, uint8 (s, s, C).

    Raises:
        SpecError: the patch would have no size, or be larger than half of the picture.
    """
    base.check_epsilon(epsilon, "linf")
    if not 0 < share <= 0.5:
        raise SpecError("The patch must cover more than nothing and at most half of the picture.")
    attacked = Attacked(model, images, labels, targeted=targeted)
    height, width, channels = images.shape[1:]
    side = max(2, round(float(np.sqrt(share * height * width))))
    side = min(side, height, width)
    slope = attacked.probe.compiled(("patch", side), _slope(attacked.probe, side))
    rng = np.random.default_rng(seed)
    low, high = max(0.0, 127.5 - epsilon), min(255.0, 127.5 + epsilon)
    values = np.full((side, side, channels), 127.5, np.float32)
    momentum = np.zeros_like(values)
    for step in range(count):
        part = rng.choice(len(images), min(PICTURES_A_STEP, len(images)), replace=False)
        if step % 10 == 0:
            part[0] = 0
        place = np.array([rng.integers(height - side + 1), rng.integers(width - side + 1)], np.int32)
        logits, gradient = (
            value.numpy()
            for value in slope(attacked.floats[part], values, place, attacked.labels[part],
                               np.float32(-1 if targeted else 1))
        )  # fmt: skip
        momentum = 0.9 * momentum + gradient / (np.abs(gradient).mean() + 1e-20)
        size = RATE * (1 - 0.9 * step / count)
        values = np.clip(values + size * np.sign(momentum), low, high).astype(np.float32)
        frame = None
        if part[0] == 0:
            shown = lay(images[:1], np.rint(values).astype(np.uint8), place[None])[0]
            frame = attacked.frame(step, shown, logits[0])
        yield Progress((step + 1) / (count + 1), frame)
    sticker = np.rint(values).astype(np.uint8)
    places = np.stack([rng.integers(height - side + 1, size=len(images)),
                       rng.integers(width - side + 1, size=len(images))], axis=1)  # fmt: skip
    made = lay(images, sticker, places)
    result = attacked.result(made, count, patch=sticker, places=places)
    yield Progress(1.0, base.Frame(count, made[0], result.after[0]), result)


def lay(images: np.ndarray, sticker: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Pictures with a patch on them.

    Args:
        images: uint8 (N, H, W, C).
        sticker: uint8 (s, s, C).
        places: int (N, 2), row and column of its upper left corner.
    """
    made, side = images.copy(), len(sticker)
    for image, (row, column) in zip(made, places, strict=True):
        image[row : row + side, column : column + side] = sticker
    return made


def _slope(network: Probe, side: int) -> Callable[..., Any]:
    height, width = network.input_shape[:2]

    def slope(images: Any, values: Any, place: Any, labels: Any, direction: Any) -> tuple[Any, Any]:
        room = [[place[0], height - side - place[0]], [place[1], width - side - place[1]], [0, 0]]
        covered = tf.pad(tf.ones_like(values), room)
        covered = tf.ensure_shape(covered, (height, width, images.shape[3]))
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            laid = tf.ensure_shape(tf.pad(values, room), (height, width, images.shape[3]))
            logits = network.logits(images * (1 - covered) + laid)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_sum(direction * losses)
        return logits, tape.gradient(loss, values, unconnected_gradients="zero")

    return slope

"""What all attacks share: a compiled view of the network, batches, progress, and a result that is judged as it is sent.

Pictures are uint8 and stay so: a perturbation that only exists between whole pixel values is none that a camera, a
screen or a file could carry.
"""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.adversarial import distance
from cvlib.errors import SpecError
from cvlib.explain.probe import Probe, probe

tf = lazy.load("tensorflow")

VALUES_A_BATCH = 16 * 224 * 224 * 3
"""Pictures of so many values go through the network at once."""
MOST_A_BATCH = 256
HARDER = (1.0, 1.02, 1.05, 1.1, 1.2, 1.4, 1.7, 2.0)
"""A smallest perturbation that rounding has undone is tried again this many times as large."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The first picture on its way.

    Attributes:
        step: how many steps were taken.
        image: uint8 (H, W, C).
        probabilities: float32 (K,), what the network said of it.
    """

    step: int
    image: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True, eq=False)
class AttackResult:
    """What an attack gave.

    Attributes:
        images: uint8 (N, H, W, C), the adversarial pictures.
        perturbation: int16 (N, H, W, C), what was added.
        success: bool (N,), judged on `images`.
        before: float32 (N, K), what the network says of the originals.
        after: float32 (N, K), what it says of `images`.
        steps: how often the network was asked for a gradient, for each picture at most.
        seconds: what it took.
        extra: what only this attack gives: `universal`, `patch`.
    """

    images: np.ndarray
    perturbation: np.ndarray
    success: np.ndarray
    before: np.ndarray
    after: np.ndarray
    steps: int
    seconds: float
    extra: dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Progress:
    """How far an attack has come: the share that is done, the first picture on its way, and in the end the result."""

    share: float
    frame: Frame | None = None
    result: AttackResult | None = None


Steps = Iterator[Progress]


def run(steps: Steps) -> AttackResult:
    """Let an attack run to its end."""
    last = deque(steps, maxlen=1).pop()
    if last.result is None:
        raise RuntimeError("an attack ended without a result")
    return last.result


class Attacked:
    """A network under attack, and the pictures.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        images: uint8 (N, H, W, C), C 1 or 3.
        labels: int (N,), the true classes, or the wanted ones if `targeted`.
        targeted: whether `labels` are to be reached, rather than left.

    Raises:
        SpecError: pictures or labels are not of that kind.
    """

    def __init__(self, model: Any, images: np.ndarray, labels: np.ndarray, *, targeted: bool = False) -> None:
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3) or not len(images):
            raise SpecError(f"Pictures must be uint8 (N, H, W, 1 or 3); received {images.dtype} {images.shape}.")
        self.images, self.labels, self.targeted = images, np.asarray(labels, np.int64), targeted
        self.probe: Probe = probe(model)
        if images.shape[1:] != self.probe.input_shape:
            raise SpecError(f"The network takes pictures {self.probe.input_shape}; received {images.shape[1:]}.")
        self.began = time.perf_counter()
        self.before = probabilities(self.probe, images)
        count = self.before.shape[1]
        if self.labels.shape != (len(images),) or self.labels.min() < 0 or self.labels.max() >= count:
            raise SpecError(f"There must be one label of 0 to {count - 1} for each picture.")
        self.floats = images.astype(np.float32)

    def batches(self) -> list[np.ndarray]:
        """Places of the pictures that go through the network together."""
        return batches(self.images)

    def succeeded(self, shares: np.ndarray, places: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Whether the network is fooled: bool (n,) of what it says of the pictures at these places."""
        said = shares.argmax(axis=1)
        return said == self.labels[places] if self.targeted else said != self.labels[places]

    def result(self, images: np.ndarray, steps: int, **extra: np.ndarray) -> AttackResult:
        """The result with these pictures, judged on them as they are."""
        after = probabilities(self.probe, images)
        change = images.astype(np.int16) - self.images
        seconds = time.perf_counter() - self.began
        return AttackResult(images, change, self.succeeded(after), self.before, after, steps, seconds, extra)

    def frame(self, step: int, image: np.ndarray, logits: np.ndarray) -> Frame:
        """The first picture after so many steps, from what went into the softmax."""
        shares = np.exp(logits - logits.max())
        pixels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
        return Frame(step, pixels, (shares / shares.sum()).astype(np.float32))

    def hardened(self, found: np.ndarray, places: np.ndarray, epsilon: float | None) -> np.ndarray:
        """Perturbations as small as they can be when they are rounded: uint8 (n, H, W, C).

        Args:
            found: float (n, H, W, C), pictures that fool the network as they are.
            places: of them.
            epsilon: L2 bound; None for none.
        """
        origin = self.images[places]
        change = np.asarray(found, np.float64) - origin
        best, open_ = origin.copy(), np.ones(len(places), bool)
        for factor in HARDER:
            at = np.flatnonzero(open_)
            if not len(at):
                break
            limit = distance.size(factor * change[at], "l2") + 1.0 if epsilon is None else epsilon
            tried = _into_ball(factor * change[at], limit)
            pixels = distance.rounded(origin[at] + tried, origin[at], limit, "l2")
            best[at] = pixels
            open_[at] = ~self.succeeded(probabilities(self.probe, pixels), places[at])
        return best


def _into_ball(change: np.ndarray, bound: np.ndarray | float) -> np.ndarray:
    sizes = np.maximum(distance.size(change, "l2"), 1e-12)
    return change * np.minimum(1.0, np.broadcast_to(bound, sizes.shape) / sizes)[:, None, None, None]


def batches(images: np.ndarray) -> list[np.ndarray]:
    """Places of the pictures that go through the network together."""
    at_once = int(np.clip(VALUES_A_BATCH // images[0].size, 1, MOST_A_BATCH))
    return [np.arange(start, min(start + at_once, len(images))) for start in range(0, len(images), at_once)]


def probabilities(network: Probe, images: np.ndarray) -> np.ndarray:
    """What a network says of pictures: float32 (N, K) of uint8 (N, H, W, C)."""
    return np.concatenate([network.outputs(images[part]) for part in batches(images)])


def check_epsilon(epsilon: float | np.ndarray, norm: str) -> None:
    """See that a bound makes sense.

    Raises:
        SpecError: it does not, or there is no such norm.
    """
    if norm not in distance.NORMS:
        raise SpecError(f"norm must be one of {', '.join(distance.NORMS)}; received {norm!r}.")
    if not np.isfinite(epsilon).all() or (np.asarray(epsilon) < 0).any():
        raise SpecError("epsilon must be 0 or more.")

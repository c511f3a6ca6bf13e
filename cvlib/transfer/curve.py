"""How accuracy grows with the number of pictures a class, from scratch, frozen and fine-tuned: a learning curve.

C. Cortes et al., "Learning curves: asymptotic values and rate of convergence", 1993. Every point is measured on the
same held-back pictures, with nested draws of what is learned from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib.transfer import head, tuning

SIZES = (1, 2, 5, 10, 50)
"""Pictures a class; then all there are."""
REPEATS = 3
"""Draws of up to `FEW` pictures a class; larger ones are drawn once."""
FEW = 10
LEAST_EPOCHS, MOST_EPOCHS = 10, 40
STEPS = 60
"""A few pictures are passed over so often that there are about as many steps."""
SCRATCH, FROZEN, TUNED = "scratch", "frozen", "tuned"
LANES = (SCRATCH, FROZEN, TUNED)


@dataclass(frozen=True)
class Step:
    """How far the measurement has come.

    Attributes:
        share: of all work, 0 to 1.
        lane: one of `LANES`, if a measurement has ended.
        size: pictures a class at most.
        right: of the held-back pictures.
    """

    share: float
    lane: str | None = None
    size: int = 0
    right: int = 0


def sizes(labels: np.ndarray, held: np.ndarray) -> tuple[int, ...]:
    """The numbers of pictures a class that can be measured; the last is that of the largest class."""
    most = int(np.bincount(labels[~held]).max())
    return (*(size for size in SIZES if size < most), most)


def drawn(labels: np.ndarray, held: np.ndarray, size: int, *, seed: int) -> np.ndarray:
    """Up to `size` pictures of each class to learn from: bool (N,). Larger draws contain smaller ones."""
    chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        own = np.flatnonzero((labels == label) & ~held)
        chosen[np.random.default_rng((seed, int(label))).permutation(own)[:size]] = True
    return chosen


def epochs(pictures: int) -> int:
    """How often so many pictures are passed over."""
    steps = -(-pictures // tuning.BATCH)
    return int(np.clip(STEPS // steps, LEAST_EPOCHS, MOST_EPOCHS))


def measure(
    network: Any, scratch: Any, found: np.ndarray, images: np.ndarray, small: np.ndarray, labels: np.ndarray,
    held: np.ndarray,
) -> Iterator[Step]:  # fmt: skip
    """Measure all points, the smallest first; every step takes a second or so.

    Args:
        network: the backbone with a head, its last layers unfrozen.
        scratch: a network that knows nothing.
        found: float32 (N, D), features of the frozen backbone.
        images: uint8 (N, H, W, C), as the network takes them.
        small: uint8 (N, h, w, 3), as the one from scratch takes them.
        labels: int (N,).
        held: bool (N,), what it is measured on.
    """
    tuner = tuning.Tuner(network, images, labels, held)
    beginner = tuning.Tuner(scratch, small, labels, held, rate=tuning.SCRATCH_RATE)
    firsts = {TUNED: tuner.learner.get_weights(), SCRATCH: beginner.learner.get_weights()}
    points = [(size, seed) for size in sizes(labels, held) for seed in range(REPEATS if size <= FEW else 1)]
    costs = [(1 + epochs(int(drawn(labels, held, size, seed=0).sum()))) for size, _ in points]
    done, total = 0.0, 2 * sum(costs)
    for part in (tuner, beginner):
        while part.prepared < 1:
            part.prepare()
            yield Step(0.0)
    for size, seed in points:
        learned = drawn(labels, held, size, seed=seed)
        kept = held | learned
        start, _ = head.train(found[kept], labels[kept], int(labels.max()) + 1, held=held[kept])
        right = start.probabilities(found[held]).argmax(axis=1) == labels[held]
        yield Step(done / total, FROZEN, size, int(right.sum()))
        for lane, part in ((TUNED, tuner), (SCRATCH, beginner)):
            part.restart(firsts[lane])
            if lane == TUNED:
                part.learner.get_layer(tuning.HEAD[0]).set_weights([start.kernel, start.bias])
            for _ in range(epochs(int(learned.sum()))):
                part.epoch(learned)
                done += 1
                yield Step(min(1.0, done / total))
            done += 1
            right = round(part.history["val_accuracy"][-1] * int(held.sum()))
            yield Step(min(1.0, done / total), lane, size, right)

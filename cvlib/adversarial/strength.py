"""How little it takes: the smallest bound for each picture, accuracy against the bound, and what carries over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib.adversarial import base, distance
from cvlib.adversarial.attacks import gradient
from cvlib.adversarial.catalogue import info

HIGHEST = 128
"""Bounds beyond half of the range are none."""
STEPS = 20


@dataclass(frozen=True, eq=False)
class Smallest:
    """The smallest bound found for each picture.

    Attributes:
        epsilon: float (N,), whole pixel values; 0 where the network was wrong before, infinite where `HIGHEST` did
            not suffice.
        images: uint8 (N, H, W, C), the pictures at that bound.
        share: of the work that is done, 0 to 1.
    """

    epsilon: np.ndarray
    images: np.ndarray
    share: float


def smallest(
    model: Any, images: np.ndarray, labels: np.ndarray, *, count: int = STEPS, seed: int = 0
) -> Iterator[Smallest]:
    """The smallest L-infinity bound within which PGD succeeds, by bisection over whole pixel values.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        images: uint8 (N, H, W, C).
        labels: int (N,), the true classes.
        count: steps of each attack.
        seed: of the random starts.
    """
    network = base.Attacked(model, images, labels)
    wrong = network.succeeded(network.before)
    low, high = np.zeros(len(images)), np.where(wrong, 0.0, np.inf)
    best = images.copy()
    rounds = int(np.ceil(np.log2(HIGHEST))) + 1
    for number in range(rounds):
        open_ = np.flatnonzero(np.where(np.isfinite(high), high - low > 1, low < HIGHEST))
        if len(open_):
            middle = np.where(np.isfinite(high), np.floor((low + high) / 2), np.minimum(HIGHEST, 2 * low + 8))[open_]
            found = base.run(
                gradient.steps(model, images[open_], labels[open_], epsilon=middle, count=count, seed=seed)
            )
            won, lost = open_[found.success], open_[~found.success]
            high[won], best[won] = middle[found.success], found.images[found.success]
            low[lost] = middle[~found.success]
        yield Smallest(np.where(low >= HIGHEST, np.inf, high), best.copy(), (number + 1) / rounds)


@dataclass(frozen=True)
class Point:
    """Accuracy of one network under one attack with one bound: so many of `total` pictures were right."""

    network: str
    attack: str
    epsilon: float
    right: int
    total: int


def accuracy_under_attack(
    model: Any, images: np.ndarray, labels: np.ndarray, epsilons: Sequence[float], attack: str, *, network: str = "",
    settings: dict[str, Any] | None = None,
) -> Iterator[Point]:  # fmt: skip
    """How many pictures are still right, a bound after the other.

    A picture that a smaller bound fools counts as fooled by a larger one.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        images: uint8 (N, H, W, C).
        labels: int (N,), the true classes.
        epsilons: L-infinity bounds in pixel values, ascending; 0 measures without attack.
        attack: name in the catalogue, one that takes a bound, or `noise`.
        network: its name, for the points.
        settings: of the attack.
    """
    view = base.Attacked(model, images, labels)
    right = ~view.succeeded(view.before)
    for epsilon in epsilons:
        at = np.flatnonzero(right)
        if epsilon > 0 and len(at):
            if attack == "noise":
                drawn = distance.noise(images, np.full(images.shape, epsilon), "linf", seed=0)
                kept = ~view.succeeded(base.probabilities(view.probe, drawn))
                yield Point(network, attack, epsilon, int(kept.sum()), len(images))
                continue
            made = base.run(info(attack).steps(model, images[at], labels[at], epsilon=epsilon, **(settings or {})))
            right[at] = ~made.success
        yield Point(network, attack, epsilon, int(right.sum()), len(images))


def carried_over(model: Any, originals: np.ndarray, made: np.ndarray, labels: np.ndarray) -> tuple[int, int]:
    """How many pictures that were made on another network fool this one, of those it named correctly before.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        originals: uint8 (N, H, W, C).
        made: uint8 (N, H, W, C), the adversarial ones.
        labels: int (N,), the true classes.
    """
    view = base.Attacked(model, originals, labels)
    right = ~view.succeeded(view.before)
    fooled = view.succeeded(base.probabilities(view.probe, made))
    return int((right & fooled).sum()), int(right.sum())

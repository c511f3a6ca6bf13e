"""What a page asks of a worker about attacks. Functions that take a model are called with it there.

Long ones give a token for `cvlib.ongoing.proceed`, which brings `Progress`, `Smallest` or `Point`s part by part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cvlib import ongoing
from cvlib.adversarial import base, catalogue, defence, distance, smoothing, strength
from cvlib.adversarial.base import AttackResult


@dataclass(frozen=True)
class Request:
    """Which attack, and how.

    Attributes:
        attack: name in the catalogue.
        epsilon: bound in pixel values; None where the attack finds its own.
        norm: in which it holds.
        targeted: whether the labels are to be reached.
        seed: of everything random.
        settings: the attack's own.
    """

    attack: str
    epsilon: float | None = None
    norm: str | None = None
    targeted: bool = False
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)

    def options(self) -> dict[str, Any]:
        """Its arguments for the attack."""
        card = catalogue.info(self.attack)
        options: dict[str, Any] = {"seed": self.seed, **self.settings}
        if self.epsilon is not None:
            options["epsilon"] = self.epsilon
        if len(card.norms) > 1 and self.norm is not None:
            options["norm"] = self.norm
        if card.targets:
            options["targeted"] = self.targeted
        return options


def begin(model: Any, request: Request, images: np.ndarray, labels: np.ndarray) -> str:
    """Begin an attack; a token for `ongoing.proceed`."""
    return ongoing.keep(catalogue.info(request.attack).steps(model, images, labels, **request.options()))


def say(model: Any, images: np.ndarray) -> np.ndarray:
    """What the network says of pictures: float32 (N, K)."""
    return base.probabilities(base.probe(model), images)


def noisy(model: Any, images: np.ndarray, changes: np.ndarray, norm: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """As much chance as there was change: the pictures uint8 (N, H, W, C), and what the network says of them."""
    drawn = distance.noise(images, changes, norm, seed=seed)
    return drawn, say(model, drawn)


def begin_smallest(model: Any, images: np.ndarray, labels: np.ndarray) -> str:
    """Begin to look for the smallest bounds; a token for `ongoing.proceed`."""
    return ongoing.keep(strength.smallest(model, images, labels))


def begin_accuracy(
    model: Any, images: np.ndarray, labels: np.ndarray, epsilons: Sequence[float], attack: str, network: str,
    settings: dict[str, Any],
) -> str:  # fmt: skip
    """Begin to measure accuracy under attack; a token for `ongoing.proceed`."""
    points = strength.accuracy_under_attack(model, images, labels, epsilons, attack, network=network, settings=settings)
    return ongoing.keep(points)


def attack(model: Any, request: Request, images: np.ndarray, labels: np.ndarray) -> AttackResult:
    """A whole attack in one call."""
    return base.run(catalogue.info(request.attack).steps(model, images, labels, **request.options()))


def carried_over(model: Any, originals: np.ndarray, made: np.ndarray, labels: np.ndarray) -> tuple[int, int]:
    """See `strength.carried_over`."""
    return strength.carried_over(model, originals, made, labels)


def judge(model: Any, name: str, images: np.ndarray, labels: np.ndarray, epsilon: float) -> defence.Verdict:
    """See `defence.judge`."""
    return defence.judge(model, name, images, labels, epsilon=epsilon)


def defended(model: Any, name: str, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A picture after a defence, uint8 (H, W, C), and what the network says of it, float32 (K,)."""
    made = defence.info(name).apply(image[np.newaxis])
    return made[0], say(model, made)[0]


def certify(model: Any, image: np.ndarray, sigma: float) -> smoothing.Certificate:
    """See `smoothing.certify`."""
    return smoothing.certify(model, image, sigma=sigma)

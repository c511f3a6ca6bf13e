"""Randomised smoothing: the answer that most noisy copies of a picture get, with a radius that is proven.

J. Cohen, E. Rosenfeld, Z. Kolter, "Certified adversarial robustness via randomized smoothing", 2019.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib.adversarial import base
from cvlib.errors import SpecError
from cvlib.explain.probe import probe

FIRST, THEN = 50, 500
"""Noisy copies to guess the class with, and to prove it with."""
ALPHA = 0.001
"""Chance that the proof is wrong."""


@dataclass(frozen=True, eq=False)
class Certificate:
    """What is known of a picture.

    Attributes:
        label: the smoothed network's class; None if no class is sure enough.
        radius: within this L2 distance, in pixel values, no perturbation changes the smoothed answer.
        share: lower bound of the share of noisy copies with that class, 0 to 1.
        counts: int64 (K,), answers of the copies.
        example: uint8 (H, W, C), one of the copies.
    """

    label: int | None
    radius: float
    share: float
    counts: np.ndarray
    example: np.ndarray


def certify(
    model: Any,
    image: np.ndarray,
    *,
    sigma: float,
    first: int = FIRST,
    then: int = THEN,
    alpha: float = ALPHA,
    seed: int = 0,
) -> Certificate:
    """The smoothed answer to a picture and its radius.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        image: uint8 (H, W, C).
        sigma: standard deviation of the noise in pixel values.
        first: copies to guess the class with.
        then: copies to prove it with.
        alpha: chance that the proof is wrong.
        seed: of the noise.

    Raises:
        SpecError: sigma is not above 0.
    """
    from scipy.stats import beta, norm

    if not sigma > 0:
        raise SpecError("The noise needs a size above 0.")
    network, rng = probe(model), np.random.default_rng(seed)
    guessed, example = _votes(network, image, sigma, first, rng)
    label = int(guessed.argmax())
    counts, _ = _votes(network, image, sigma, then, rng)
    hits = int(counts[label])
    # Clopper and Pearson's exact lower bound of a share (1934).
    share = float(beta.ppf(alpha, hits, then - hits + 1)) if hits else 0.0
    if share <= 0.5:
        return Certificate(None, 0.0, share, counts, example)
    return Certificate(label, float(sigma * norm.ppf(share)), share, counts, example)


def _votes(network: Any, image: np.ndarray, sigma: float, count: int, rng: Any) -> tuple[np.ndarray, np.ndarray]:
    """How many noisy copies get each class: int64 (K,), and one copy. The noise is not cut to 0..255: the proof
    holds for Gaussian noise only."""
    votes, done, example = None, 0, None
    at_once = len(base.batches(np.broadcast_to(image, (count, *image.shape)))[0])
    while done < count:
        drawn = image + rng.normal(0, sigma, (min(at_once, count - done), *image.shape))
        said = network.outputs(drawn.astype(np.float32))
        found = np.bincount(said.argmax(axis=1), minlength=said.shape[1])
        votes = found if votes is None else votes + found
        if example is None:
            example = np.clip(np.rint(drawn[0]), 0, 255).astype(np.uint8)
        done += len(drawn)
    return votes, example

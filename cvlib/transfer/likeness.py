"""What a new picture is most like, and whether it is like anything at all."""

import numpy as np

NEAREST = 3
COVERED = 0.95
"""Share of the held-back pictures that the threshold lets through."""


def nearest(features: np.ndarray, known: np.ndarray, *, count: int = NEAREST) -> tuple[np.ndarray, np.ndarray]:
    """The known pictures whose features point most nearly the same way.

    Args:
        features: float (D,), of the new picture.
        known: float (N, D).
        count: how many.

    Returns:
        Their places, int64 (k,), the most alike first, and their cosine similarities, float32 (k,).
    """
    unit = features / max(float(np.linalg.norm(features)), 1e-12)
    lengths = np.maximum(np.linalg.norm(known, axis=1), 1e-12)
    similarity = (known @ unit / lengths).astype(np.float32)
    order = np.argsort(-similarity, kind="stable")[:count]
    return order, similarity[order]


def threshold(probabilities: np.ndarray, labels: np.ndarray, *, covered: float = COVERED) -> float:
    """How sure the network must be at least: as sure as it was of nearly all held-back pictures it named correctly.

    Args:
        probabilities: float (N, K), of the held-back pictures.
        labels: int (N,), what they are.
        covered: share of the correctly named ones that stays above.

    Returns:
        A probability; 0 where there is no such picture.
    """
    right = probabilities.argmax(axis=1) == labels if len(labels) else np.zeros(0, bool)
    if not right.any():
        return 0.0
    return float(np.quantile(probabilities[right].max(axis=1), 1 - covered))


def least_likeness(features: np.ndarray, held: np.ndarray, *, covered: float = COVERED) -> float:
    """How alike a picture must be to one that was learned from: as nearly all held-back pictures are.

    Args:
        features: float (N, D), of all pictures.
        held: bool (N,), the held-back ones.
        covered: share of them that stays above.

    Returns:
        A cosine similarity; -1 where nothing was held back.
    """
    if not held.any():
        return -1.0
    best = [float(nearest(one, features[~held], count=1)[1][0]) for one in features[held]]
    return float(np.quantile(best, 1 - covered))

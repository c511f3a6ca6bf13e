"""Which of a person's pictures are learned from and which are held back, so that the test is honest."""

import numpy as np

from cvlib.images import hashing

VALIDATION_SHARE = 0.25
FEWEST = 3
"""A class with fewer groups of pictures keeps all of them for learning."""


def hold_back(labels: np.ndarray, hashes: list[int], *, share: float = VALIDATION_SHARE, seed: int = 0) -> np.ndarray:
    """Choose the validation pictures, by class in proportion; pictures that look the same stay on one side.

    A burst of camera shots shows nearly the same picture many times. If some of it were learned and some of it tested,
    the test would only show what was learned by heart.

    Args:
        labels: int (N,), class of each picture.
        hashes: N difference hashes.
        share: of each class's pictures, 0 to 1.
        seed: of the draw.

    Returns:
        bool (N,), True for validation pictures; a class with fewer than three different pictures has none.
    """
    held = np.zeros(len(labels), bool)
    # Over all classes: the same picture in two classes must not stand on both sides either.
    groups = np.array(hashing.alike(hashes), dtype=np.int64)
    rng = np.random.default_rng(seed)
    for label in np.unique(labels):
        own = np.unique(groups[labels == label])
        if len(own) < FEWEST:
            continue
        wanted = max(1, round(share * int((labels == label).sum())))
        taken = held[labels == label].sum()
        for group in rng.permutation(own):
            members = groups == group
            # A group that holds half of a class, or the last but one group of a class, stays for learning.
            rest = [int((~held & ~members & (labels == k)).sum()) for k in np.unique(labels[members])]
            if taken >= wanted or held[members].any() or min(rest) < 1:
                continue
            if int(members.sum()) > 2 * wanted:
                continue
            held |= members
            taken = held[labels == label].sum()
    return held

"""A pool over pictures that are all in memory."""

import numpy as np

from cvlib.data.base import Pool, Split


def array_pool(
    images: np.ndarray, labels: np.ndarray, *, test_start: int | None = None, validation_share: float = 0.15
) -> Pool:
    """The pool of these pictures.

    Args:
        images: uint8 (N, H, W, C).
        labels: integers (N,).
        test_start: see `Pool`.
        validation_share: see `Pool`.
    """
    labels = np.asarray(labels, dtype=np.int64)

    def take(places: np.ndarray) -> Split:
        return Split(images=images[places], labels=labels[places], ids=np.array(places, dtype=np.int64))

    return Pool(labels=labels, take=take, test_start=test_start, validation_share=validation_share)

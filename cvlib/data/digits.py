"""Handwritten digits of 43 people, 8x8 pixels: the data set that is always here and trains in seconds.

Reference:
    E. Alpaydin and C. Kaynak (1998), Cascading Classifiers, Kybernetika 34(4).
"""

import numpy as np

from cvlib import lazy
from cvlib.data.arrays import array_pool
from cvlib.data.base import DatasetInfo, Pool


def open_digits(*, seed: int = 0, image_size: int | None = None, train_size: int | None = None) -> Pool:
    """All 1,797 digits, uint8 (8, 8, 1); ink is light. The arguments change nothing: the pictures are what they are."""
    with lazy.alone():  # TensorFlow may be on its way in another thread
        from sklearn.datasets import load_digits

    bunch = load_digits()
    # Ink is counted 0 to 16 in each cell of the original 32x32 scan.
    images = np.round(bunch.images * (255 / 16)).astype(np.uint8)[..., np.newaxis]
    return array_pool(images, bunch.target)


INFO = DatasetInfo(
    name="digits",
    title="Digits (8×8)",
    description="1,797 real handwritten digits, so small that every pixel can be seen and training takes seconds.",
    licence="CC BY 4.0 (UCI Machine Learning Repository)",
    source="https://doi.org/10.24432/C50P49",
    class_names=tuple("0123456789"),
    image_shape=(8, 8, 1),
    train_count=1_145,
    test_count=450,
    light_on_dark=True,
    centre_digit=True,
    open_pool=open_digits,
)

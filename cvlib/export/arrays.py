"""The pictures that a specification trains with, as one NumPy file."""

import io

import numpy as np

from cvlib.data import Dataset


def as_npz(dataset: Dataset) -> bytes:
    """`x_train`, `y_train`, `x_validation`, `y_validation`, `x_test`, `y_test` and `class_names`, compressed.

    Pictures are uint8 (N, H, W, C), labels int64 (N,).
    """
    arrays = {"class_names": np.array(dataset.class_names)}
    for name in ("train", "validation", "test"):
        split = getattr(dataset, name)
        arrays |= {f"x_{name}": split.images, f"y_{name}": split.labels}
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()

"""Max pooling that remembers where each maximum was, and unpooling that puts it back there.

V. Badrinarayanan, A. Kendall, R. Cipolla, "SegNet: a deep convolutional encoder-decoder architecture for image
segmentation", 2015 (TPAMI 2017).
"""

from typing import Any

from cvlib import lazy

keras = lazy.load("keras")


def pool_with_indices(features: Any) -> tuple[Any, tuple[Any, ...]]:
    """2 x 2 max pooling.

    Args:
        features: (N, H, W, C), even sides.

    Returns:
        The maxima, (N, H / 2, W / 2, C), and for each of the four corners of a window, row by row, 1 where the maximum
        was there and 0 elsewhere, of the same shape and dtype; of equal values the first one counts.
    """
    ops = keras.ops
    corners = [features[:, row::2, column::2] for row in (0, 1) for column in (0, 1)]
    largest = ops.maximum(ops.maximum(corners[0], corners[1]), ops.maximum(corners[2], corners[3]))
    indices, free = [], None
    for corner in corners:
        here = ops.cast(ops.equal(corner, largest), features.dtype)
        indices.append(here if free is None else here * free)
        free = 1 - indices[-1] if free is None else free - indices[-1]
    return largest, tuple(indices)


def unpool(features: Any, indices: tuple[Any, ...]) -> Any:
    """The inverse: each value where its maximum was, zero elsewhere.

    Args:
        features: (N, h, w, C).
        indices: of `pool_with_indices`, of the same shape.

    Returns:
        (N, 2 h, 2 w, C).
    """
    ops = keras.ops
    height, width, channels = features.shape[1:]
    placed = [features * index for index in indices]
    rows = [ops.stack(placed[:2], axis=3), ops.stack(placed[2:], axis=3)]  # (N, h, w, 2, C)
    return ops.reshape(ops.stack(rows, axis=2), (-1, 2 * height, 2 * width, channels))

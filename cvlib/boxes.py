"""Boxes as arrays: how much they overlap, and the windows of a sliding window."""

from collections.abc import Sequence

import numpy as np


def iou(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Intersection over union (P. Jaccard, 1912) of every box with every box.

    Args:
        one: float (n, 4), xyxy.
        other: float (m, 4), xyxy.

    Returns:
        float64 (n, m), 0 to 1; 0 for boxes without area.
    """
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (one, other)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def window_places(size_hw: tuple[int, int], shares: Sequence[float], step: float) -> np.ndarray:
    """Square windows over a picture, row by row, the small ones first.

    Args:
        size_hw: height and width of the picture in pixels.
        shares: sides of the windows as shares of the shorter side.
        step: how far a window moves, as a share of its own side.

    Returns:
        float32 (n, 4), xyxy.
    """
    boxes = []
    for share in shares:
        side = share * min(size_hw)
        tops, lefts = (np.arange(0, length - side + 1e-3, step * side) for length in size_hw)
        y, x = np.meshgrid(tops, lefts, indexing="ij")
        boxes.append(np.stack([x, y, x + side, y + side], axis=-1).reshape(-1, 4))
    return np.concatenate(boxes).astype(np.float32) if boxes else np.zeros((0, 4), np.float32)

"""Does the map point at the object? The pointing game and the overlap with the known mask.

J. Zhang, S. A. Bargal, Z. Lin, J. Brandt, X. Shen, S. Sclaroff, "Top-down neural attention by excitation backprop",
2018.
"""

import numpy as np

TOLERANCE = 15 / 500
"""The paper allows 15 pixels; its photos have about 500 a side."""


def hottest(heatmap: np.ndarray) -> tuple[int, int]:
    """Row and column of the hottest pixel; where several are equally hot, their middle."""
    rows, columns = np.nonzero(heatmap == heatmap.max())
    return round(float(rows.mean())), round(float(columns.mean()))


def hits(heatmap: np.ndarray, inside: np.ndarray, *, tolerance: float = TOLERANCE) -> bool:
    """Whether the hottest place lies on the object, or as near to it as the paper allows.

    Args:
        heatmap: float (H, W).
        inside: bool (H, W), the object.
        tolerance: distance that still counts, as a share of the longer side.
    """
    row, column = hottest(heatmap)
    rows, columns = np.nonzero(inside)
    if not len(rows):
        return False
    nearest = float(np.hypot(rows - row, columns - column).min())
    return nearest <= tolerance * max(heatmap.shape)


def is_in_box(heatmap: np.ndarray, inside: np.ndarray) -> bool:
    """Whether the hottest place lies in the box around the object."""
    row, column = hottest(heatmap)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return bool(len(rows) and rows[0] <= row <= rows[-1] and columns[0] <= column <= columns[-1])


def overlap(heatmap: np.ndarray, inside: np.ndarray) -> float:
    """Intersection over union of the object and as many of the hottest pixels as the object has, 0 to 1.

    Args:
        heatmap: float (H, W).
        inside: bool (H, W), the object.
    """
    size = int(inside.sum())
    if size == 0:
        return 0.0
    hottest = np.zeros(heatmap.size, bool)
    hottest[np.argsort(-heatmap.ravel(), kind="stable")[:size]] = True
    both = int((hottest & inside.ravel()).sum())
    return both / (2 * size - both)

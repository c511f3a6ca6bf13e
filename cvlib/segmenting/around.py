"""The box that a person would draw around a thing: where a method that asks for one may begin."""

import numpy as np

MARGIN = 0.06
"""Ground that is left around the thing, as a share of its size; two pixels at the least."""
MOST = 0.9
"""What takes more of the picture leaves too little ground to learn from."""


def around_largest(mask: np.ndarray, label: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in pixels around the largest connected area of a class, with some ground.

    Args:
        mask: uint8 (H, W).
        label: the class. If it is not there, or almost everywhere, the box is around the middle of the picture.
    """
    import cv2

    count, _, stats, _ = cv2.connectedComponentsWithStats((mask == label).astype(np.uint8), connectivity=8)
    height, width = mask.shape
    middle = width / 4, height / 4, 3 * width / 4, 3 * height / 4
    if count < 2:
        return middle
    left, top, wide, high, _ = (int(value) for value in stats[1 + stats[1:, cv2.CC_STAT_AREA].argmax()])
    by_x, by_y = max(2, MARGIN * wide), max(2, MARGIN * high)
    box = max(0, left - by_x), max(0, top - by_y), min(width, left + wide + by_x), min(height, top + high + by_y)
    covered = (box[2] - box[0]) * (box[3] - box[1]) / (width * height)
    return middle if covered > MOST else tuple(map(float, box))

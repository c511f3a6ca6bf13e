"""Pictures enlarged for people: data without smoothing, so that its pixels show, photos with it."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

PAPER = 127


def enlarge(picture: np.ndarray, to_px: int, *, smooth: bool) -> np.ndarray:
    """A picture whose longer side is about `to_px`.

    Args:
        picture: uint8 (H, W, 1 or 3).
        to_px: longer side in pixels; without smoothing the nearest whole multiple at or below it.
        smooth: whether pixels are blended.

    Returns:
        uint8 (h, w, 3).
    """
    rgb = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture
    longer = max(rgb.shape[:2])
    if smooth:
        size = (max(1, round(rgb.shape[1] * to_px / longer)), max(1, round(rgb.shape[0] * to_px / longer)))
        return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS))
    scale = max(1, to_px // longer)
    return rgb.repeat(scale, axis=0).repeat(scale, axis=1)


def contact_sheet(pictures: Sequence[np.ndarray], *, columns: int, scale: int = 1, gap: int = 4) -> np.ndarray:
    """Pictures of one size in rows, each pixel `scale` times as large, with mid-grey between them.

    Args:
        pictures: uint8 (H, W, 1 or 3) each; may be none.
        columns: pictures a row.
        scale: whole factor of enlargement, without smoothing.
        gap: pixels between pictures.

    Returns:
        uint8 (h, w, 3).
    """
    if not len(pictures):
        return np.full((1, 1, 3), PAPER, np.uint8)
    height, width = (scale * side for side in pictures[0].shape[:2])
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), PAPER, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * (height + gap), number % columns * (width + gap)
        sheet[top : top + height, left : left + width] = picture.repeat(scale, axis=0).repeat(scale, axis=1)
    return sheet


def shrunk(picture: np.ndarray, longest: int) -> np.ndarray:
    """The picture with its longer side at most so long, smoothed: uint8 (h, w, C)."""
    return picture if max(picture.shape[:2]) <= longest else enlarge(picture, longest, smooth=True)

"""Heat maps as pictures, with what lies under them still to be seen."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cvlib.figures.grid import enlarge

SCALES = ("viridis", "inferno", "turbo", "greys")
"""Colour maps for magnitudes, the usual one first."""
SIGNED_SCALE = "RdBu_r"
"""Colour map for what speaks against (blue) and for (red), with white for nought."""
STEPS = 256
CAPTION_PX = 22
GAP_PX = 8


@cache
def lookup(scale: str) -> np.ndarray:
    """The colours of a map from its low end to its high end: uint8 (256, 3)."""
    from plotly.colors import sample_colorscale

    colors = sample_colorscale(scale, np.linspace(0, 1, STEPS).tolist(), colortype="tuple")
    return np.rint(255 * np.array(colors)).astype(np.uint8)


def colored(heatmap: np.ndarray, scale: str = SCALES[0]) -> np.ndarray:
    """Heat in [0, 1], float (H, W), as colours: uint8 (H, W, 3)."""
    places = np.clip(np.rint(np.nan_to_num(heatmap) * (STEPS - 1)), 0, STEPS - 1).astype(int)
    return lookup(scale)[places]


def overlay(picture: np.ndarray, heatmap: np.ndarray, *, opacity: float = 0.6, scale: str = SCALES[0]) -> np.ndarray:
    """The picture in grey with the heat over it.

    Args:
        picture: uint8 (H, W, 1 or 3).
        heatmap: float (H, W) in [0, 1].
        opacity: of the heat, 0 shows the picture alone, 1 the heat alone.
        scale: of `SCALES`, or a signed one.

    Returns:
        uint8 (H, W, 3).
    """
    rgb = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture
    grey = rgb.astype(np.float32).mean(axis=2, keepdims=True)
    # The more heat covers it, the less colour of the picture's own competes with it.
    ground = (1 - opacity) * rgb + opacity * grey
    mixed = (1 - opacity) * ground + opacity * colored(heatmap, scale)
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def difference(picture: np.ndarray, one: np.ndarray, other: np.ndarray, *, opacity: float = 0.6) -> np.ndarray:
    """Where one map is hotter (red) and where the other is (blue), over the picture: uint8 (H, W, 3)."""
    return overlay(picture, (1 + one - other) / 2, opacity=opacity, scale=SIGNED_SCALE)


def enlarged(picture: np.ndarray, to_px: int) -> np.ndarray:
    """At least this size to look at; small pictures keep their pixels' edges."""
    return enlarge(picture, to_px, smooth=max(picture.shape[:2]) > 48)


def share_of_half_the_heat(heatmap: np.ndarray) -> float:
    """The smallest share of the picture that holds half of all heat, 0 to 1; 0 where there is none."""
    total = float(heatmap.sum())
    if total <= 0:
        return 0.0
    held = np.cumsum(np.sort(heatmap.ravel())[::-1]) / total
    return float((np.searchsorted(held, 0.5) + 1) / heatmap.size)


def sheet(pictures: Sequence[np.ndarray], captions: Sequence[str], *, columns: int) -> np.ndarray:
    """Pictures of one size in rows, each with its caption under it, on white: uint8 (h, w, 3)."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    step_y, step_x = height + CAPTION_PX + GAP_PX, width + GAP_PX
    whole = Image.new("RGB", (columns * step_x - GAP_PX, rows * step_y - GAP_PX), "white")
    pen = ImageDraw.Draw(whole)
    font = ImageFont.load_default(14)
    for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        left, top = number % columns * step_x, number // columns * step_y
        whole.paste(Image.fromarray(picture), (left, top))
        pen.text((left + 2, top + height + 3), caption, fill="black", font=font)
    return np.asarray(whole)

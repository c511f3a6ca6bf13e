"""Deletion and insertion: does the probability fall when the hottest places go, and rise when they alone are there?

V. Petsiuk, A. Das, K. Saenko, "RISE: randomized input sampling for explanation of black-box models", 2018. Deleted
places take the picture's mean colour; insertion starts from a blurred picture, as there.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from cvlib.explain.base import mean_colour
from cvlib.explain.probe import probe
from cvlib.explain.targets import Target

STEPS = 20
BATCH = 16
BLUR = 0.05
"""Radius of the blur that insertion starts from, as a share of the longer side."""


@dataclass(frozen=True, eq=False)
class Curves:
    """How a score goes as a picture's hottest places are taken away, and as they are put in.

    Attributes:
        shares: float64 (steps + 1,), share of the pixels taken away or put in, 0 to 1.
        deletion: float32 (steps + 1,), the score; the lower the area, the better the map.
        insertion: float32 (steps + 1,), the score; the larger the area, the better the map.
    """

    shares: np.ndarray
    deletion: np.ndarray
    insertion: np.ndarray

    @property
    def deletion_area(self) -> float:
        """Area under the deletion curve (trapezoids)."""
        return float(np.trapezoid(self.deletion, self.shares))

    @property
    def insertion_area(self) -> float:
        """Area under the insertion curve (trapezoids)."""
        return float(np.trapezoid(self.insertion, self.shares))


def ranks(heatmap: np.ndarray) -> np.ndarray:
    """Place of each pixel from the hottest, 0, to the coldest: int64 (H, W). Ties go from the upper left."""
    order = np.argsort(-heatmap.ravel(), kind="stable")
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places.reshape(heatmap.shape)


def curves(model: Any, image: np.ndarray, heatmap: np.ndarray, target: Target, *, steps: int = STEPS) -> Curves:
    """Take away, and put in, the hottest pixels step by step.

    Args:
        model: a Keras model that takes pictures in 0..255.
        image: uint8 or float (H, W, C).
        heatmap: float (H, W); only its order counts.
        target: the score that is watched, after a softmax if there is one.
        steps: at least 1.
    """
    pixels = np.asarray(image, np.float32)
    places = ranks(heatmap)
    shares = np.linspace(0, 1, steps + 1)
    gone = [places < round(share * places.size) for share in shares]
    empty, vague = np.broadcast_to(mean_colour(pixels), pixels.shape), blurred(pixels)
    pictures = [np.where(hot[..., np.newaxis], empty, pixels) for hot in gone]
    pictures += [np.where(hot[..., np.newaxis], pixels, vague) for hot in gone]
    views = probe(model)
    scores = [
        views.scores(np.stack(pictures[start : start + BATCH]), target) for start in range(0, len(pictures), BATCH)
    ]
    deletion, insertion = np.split(np.concatenate(scores), 2)
    return Curves(shares, deletion, insertion)


def blurred(pixels: np.ndarray) -> np.ndarray:
    """A picture of which only the colours are left: float32 (H, W, C)."""
    radius = max(1.0, BLUR * max(pixels.shape[:2]))
    whole = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    channels = [
        np.asarray(Image.fromarray(whole[..., k]).filter(ImageFilter.GaussianBlur(radius)), np.float32)
        for k in range(whole.shape[-1])
    ]
    return np.stack(channels, axis=-1)

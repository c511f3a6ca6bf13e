"""Detection on a picture of any size: whole, and piece by piece where things are small.

F. C. Akyon, S. O. Altinuc, A. Temizel, "Slicing aided hyper inference and fine-tuning for small object detection",
2022: the picture is cut into tiles that overlap, each is enlarged to what the detector takes, and what was found is put
together.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from cvlib.tasks import detection
from cvlib.tasks.detection import MOST_CANDIDATES, Candidates

OVERLAP = 0.25
"""How far two tiles that lie side by side overlap, as a share of their side."""
MOST_TILES = 5
"""So many tiles along the longer side at the most."""


@dataclass(frozen=True)
class Tile:
    """A part of a picture: left, top, right, bottom in pixels."""

    left: int
    top: int
    right: int
    bottom: int


def tiles(size_hw: tuple[int, int], along: int) -> list[Tile]:
    """Square-ish tiles over a picture, so many along its longer side, overlapping by a quarter.

    Args:
        size_hw: height and width in pixels.
        along: 1 to 5; 1 is the whole picture.
    """
    if along <= 1:
        return [Tile(0, 0, size_hw[1], size_hw[0])]
    side = max(size_hw) / (1 + (along - 1) * (1 - OVERLAP))
    tops, lefts = (starts(length, side) for length in size_hw)
    height, width = (min(length, int(np.ceil(side))) for length in size_hw)
    return [Tile(left, top, left + width, top + height) for top in tops for left in lefts]


def starts(length: int, side: float, overlap: float = OVERLAP) -> list[int]:
    """Where tiles of this side begin so that they reach from end to end.

    Args:
        length: from end to end, in pixels.
        side: of a tile.
        overlap: of two neighbours at the least, as a share of the side.
    """
    side = min(length, int(np.ceil(side)))
    count = 1 if side >= length else int(np.ceil((length - side) / (side * (1 - overlap)) - 1e-6)) + 1
    return np.round(np.linspace(0, length - side, count)).astype(int).tolist()


def detect(model: Any, pixels: np.ndarray, class_names: tuple[str, ...], *, along: int = 1) -> Candidates:
    """The candidates on a picture of any size.

    Args:
        model: a detector's `model`.
        pixels: uint8 (H, W, 3).
        class_names: K names.
        along: tiles along the longer side; 1 looks at the whole picture alone, more look at the whole and the tiles.
    """
    size_hw = model.input_shape[1:3]
    parts = tiles(pixels.shape[:2], 1) + (tiles(pixels.shape[:2], along) if along > 1 else [])
    fitted = [fit(pixels[tile.top : tile.bottom, tile.left : tile.right], size_hw) for tile in parts]
    found = detection.predict(model, np.stack([image for image, _ in fitted]), class_names)
    return _together(
        [_placed(one, scale, tile) for one, (_, scale), tile in zip(found, fitted, parts, strict=True)], class_names
    )


def fit(pixels: np.ndarray, size_hw: tuple[int, int]) -> tuple[np.ndarray, float]:
    """A picture in the corner of one of the detector's size, its aspect kept, the rest grey; and its scale."""
    scale = min(size_hw[0] / pixels.shape[0], size_hw[1] / pixels.shape[1])
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    whole = np.full((*size_hw, 3), 127, np.uint8)
    whole[:height, :width] = resized(pixels, (height, width))
    return whole, scale


def resized(pixels: np.ndarray, size_hw: tuple[int, int]) -> np.ndarray:
    """A picture at another size: the mean of what falls together where it shrinks, bilinear where it grows."""
    shrinks = size_hw[0] * size_hw[1] < pixels.shape[0] * pixels.shape[1]
    kind = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(pixels).resize(size_hw[::-1], kind))


def _placed(found: Candidates, scale: float, tile: Tile) -> Candidates:
    """Candidates on a fitted tile, where they are on the picture."""
    corner = np.array([tile.left, tile.top] * 2, np.float32)
    boxes = np.minimum(found.boxes_xyxy / scale + corner, [tile.right, tile.bottom] * 2).astype(np.float32)
    kept = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    return Candidates(boxes[kept], found.scores[kept], found.class_names)


def _together(parts: list[Candidates], class_names: tuple[str, ...]) -> Candidates:
    boxes = np.concatenate([part.boxes_xyxy for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    order = np.argsort(-scores.max(axis=1, initial=0.0), kind="stable")[: 2 * MOST_CANDIDATES]
    return Candidates(boxes[order], scores[order], class_names)

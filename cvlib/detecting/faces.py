"""Faces with a sliding window: a classifier of small patches, moved over a photo at several sizes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import ongoing
from cvlib.boxes import window_places
from cvlib.tasks import windows
from cvlib.tasks.detections import Detections, nothing

STEP = 0.2
LONGEST = 480
"""Photos are looked at with so many pixels a side at most: more windows than that nobody waits for."""
NOT_A_FACE = 0


@dataclass(frozen=True, eq=False)
class Part:
    """How much was looked at, 0 to 1, how many windows there are, and the faces so far."""

    share: float
    windows: int
    found: Detections


def begin(model: Any, pixels: np.ndarray, class_names: tuple[str, ...], shares: tuple[float, ...]) -> str:
    """Begin to look; a token for `cvlib.ongoing.proceed`.

    Args:
        model: a classifier of square patches.
        pixels: uint8 (H, W, 3).
        class_names: of the classifier; the first stands for no face.
        shares: sides of the windows as shares of the photo's shorter side.
    """
    return ongoing.keep(look(model, pixels, class_names, shares))


def look(model: Any, pixels: np.ndarray, class_names: tuple[str, ...], shares: tuple[float, ...]) -> Iterator[Part]:
    """The parts of a search; see `begin`."""
    picture = as_taken(pixels, model.input_shape[-1])
    boxes = window_places(picture.shape[:2], shares, STEP)
    found, seen = nothing(class_names), 0
    for answers in windows.looked(model, picture, boxes):
        here = windows.found(boxes[seen : seen + len(answers)], answers, NOT_A_FACE, class_names)
        found, seen = found.together_with(here.above(0.5)), seen + len(answers)
        yield Part(seen / len(boxes), len(boxes), found.ranked())


def as_taken(pixels: np.ndarray, channels: int) -> np.ndarray:
    """A photo with the channels that a network takes: uint8 (H, W, C)."""
    if channels == 3:
        return pixels
    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.rint(grey).astype(np.uint8)[..., None]

"""Where is it biased? Accuracy on slices of the pictures: dark and bright, coloured and grey, small and large.

After the idea of slice discovery: a mean accuracy hides groups of pictures on which a network fails. The slices here
are thirds of what can be measured on any picture.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FEWEST = 8
"""Smaller slices say nothing."""
BORDER = 0.12
"""Width of the border, taken for background, as a share of the side."""
STANDS_OUT = 0.15
"""How far a channel must be from the border's usual colour to belong to the object, 0 to 1."""


@dataclass(frozen=True)
class Slice:
    """A group of pictures and how many of them were named correctly.

    Attributes:
        measure: what they have in common, a key of `MEASURES`.
        third: 0 the lowest third, 2 the highest.
        places: int64 (n,), which pictures.
        accuracy: on them, 0 to 1.
        others: accuracy on all other pictures, 0 to 1.
    """

    measure: str
    third: int
    places: np.ndarray
    accuracy: float
    others: float


def _grey(pixels: np.ndarray) -> np.ndarray:
    return pixels.mean(axis=2, dtype=np.float32) / 255


def _border(pixels: np.ndarray) -> np.ndarray:
    width = max(1, round(BORDER * min(pixels.shape[:2])))
    inside = np.ones(pixels.shape[:2], bool)
    inside[width:-width, width:-width] = False
    return pixels[inside].astype(np.float32) / 255


def brightness(pixels: np.ndarray) -> float:
    """Mean brightness, 0 to 1."""
    return float(_grey(pixels).mean())


def contrast(pixels: np.ndarray) -> float:
    """Standard deviation of the brightness, 0 to 0.5."""
    return float(_grey(pixels).std())


def colourfulness(pixels: np.ndarray) -> float:
    """How far the colours are from grey, 0 to 1: the mean spread of a pixel's channels."""
    return float((pixels.max(axis=2).astype(np.float32) - pixels.min(axis=2)).mean() / 255)


def background_brightness(pixels: np.ndarray) -> float:
    """Mean brightness of the border, 0 to 1."""
    return float(_border(pixels).mean())


def background_warmth(pixels: np.ndarray) -> float:
    """How much redder than blue the border is, -1 to 1."""
    border = _border(pixels)
    return float((border[:, 0] - border[:, -1]).mean())


def sharpness(pixels: np.ndarray) -> float:
    """Mean difference of neighbours, 0 to 1: low where it is blurred or plain."""
    grey = _grey(pixels)
    return float((np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()) / 2)


def object_size(pixels: np.ndarray) -> float:
    """Share of the picture that stands out from the colour of its border, 0 to 1."""
    values = pixels.astype(np.float32) / 255
    away = np.abs(values - np.median(_border(pixels), axis=0)).max(axis=2)
    return float((away > STANDS_OUT).mean())


@dataclass(frozen=True)
class Measure:
    """Something that can be measured on any picture, and what its lowest and its highest third are called."""

    of: Callable[[np.ndarray], float]
    low: str
    high: str


MEASURES: Mapping[str, Measure] = {
    "brightness": Measure(brightness, "dark pictures", "bright pictures"),
    "contrast": Measure(contrast, "pictures with little contrast", "pictures with much contrast"),
    "colourfulness": Measure(colourfulness, "grey pictures", "colourful pictures"),
    "background_brightness": Measure(background_brightness, "a dark background", "a bright background"),
    "background_warmth": Measure(background_warmth, "a bluish background", "a reddish background"),
    "object_size": Measure(object_size, "a small object", "a large object"),
    "sharpness": Measure(sharpness, "blurred or plain pictures", "sharp or busy pictures"),
}
"""Measures by their names."""


def find(pictures: Sequence[np.ndarray], right: np.ndarray) -> list[Slice]:
    """All slices, the one with the lowest accuracy against the others first.

    Args:
        pictures: N of them, uint8 (H, W, 3).
        right: bool (N,), whether each was named correctly.
    """
    found = []
    for name, measure in MEASURES.items():
        values = np.array([measure.of(pixels) for pixels in pictures])
        for third in (0, 2):
            places = _third(values, third)
            if len(places) < FEWEST or len(places) == len(values):
                continue
            rest = np.setdiff1d(np.arange(len(values)), places)
            found.append(Slice(name, third, places, float(right[places].mean()), float(right[rest].mean())))
    return sorted(found, key=lambda part: (part.accuracy - part.others, part.measure))


def _third(values: np.ndarray, third: int) -> np.ndarray:
    """The places of the lowest or highest third; none where most values are the same."""
    low, high = np.quantile(values, (1 / 3, 2 / 3)) if len(values) else (0.0, 0.0)
    if low == high:
        return np.zeros(0, np.int64)
    return np.flatnonzero(values <= low if third == 0 else values >= high)

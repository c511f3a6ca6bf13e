"""Segmentation on a picture of any size: tiles that overlap, seamlessly put together.

O. Ronneberger, P. Fischer, T. Brox, "U-Net: convolutional networks for biomedical image segmentation", 2015: near the
edge of a tile a network sees only half of what is around a pixel, so that a neighbouring tile that has the pixel
farther inside answers for it; what is missing beyond the picture is mirrored. Here the answers of neighbouring tiles
fade into each other.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy, ongoing
from cvlib.tasks import tiling
from cvlib.tasks.segmentation import Prediction

cv2 = lazy.load("cv2")

OVERLAP = 0.5
"""How far two tiles that lie side by side overlap, as a share of their side."""
MOST_TILES = tiling.MOST_TILES
MARGIN = 1 / 8
"""So near to the edge of a tile, as a share of its shorter side, its answers do not count."""
BATCH_PIXELS = 2**18
"""So many pixels at the most are looked at together."""
STRIP_VALUES = 2**21
"""So many probabilities are enlarged together."""
Predict = Callable[[np.ndarray], np.ndarray]
"""uint8 (N, h, w, 3) -> the probabilities of every class at every pixel, float (N, h, w, K)."""


@dataclass(frozen=True, eq=False)
class Part:
    """How far a long segmentation has come.

    Attributes:
        share: of its tiles that are done, 0 to 1.
        prediction: at the end.
    """

    share: float
    prediction: Prediction | None = None


def segment(model: Any, pixels: np.ndarray, class_names: tuple[str, ...], *, along: int = 1) -> Prediction:
    """What a network says of a picture of any size, at the picture's own size.

    Args:
        model: a network for segmentation, of a fixed size.
        pixels: uint8 (H, W, 3).
        class_names: K names.
        along: tiles along the longer side, 1 to 5; 1 is the whole picture at once. More enlarge the picture for the
            network.
    """
    *_, last = parts(model, pixels, class_names, along=along)
    return last.prediction


def parts(model: Any, pixels: np.ndarray, class_names: tuple[str, ...], *, along: int = 1) -> Iterator[Part]:
    """The same, one batch of tiles after the other; the last part has the prediction. The arguments are `segment`'s."""
    tile_hw = tuple(model.input_shape[1:3])
    working = tiling.resized(pixels, working_size(pixels.shape[:2], tile_hw, along))
    margin = int(min(tile_hw) * MARGIN)
    for done in blended(model.predict_on_batch, working, tile_hw, len(class_names), margin):
        yield Part(min(0.99, done[0]))
    yield Part(1.0, enlarged(done[1], pixels.shape[:2], class_names))


def begin(model: Any, pixels: np.ndarray, class_names: tuple[str, ...], *, along: int = 1) -> str:
    """The same as a work of `cvlib.ongoing`; its token."""
    return ongoing.keep(parts(model, pixels, class_names, along=along))


def working_size(size_hw: tuple[int, int], tile_hw: tuple[int, int], along: int) -> tuple[int, int]:
    """Height and width at which a picture fits into so many tiles, its aspect kept.

    Args:
        size_hw: of the picture.
        tile_hw: of the network.
        along: tiles on the side that decides, 1 to 5.
    """
    tiles = 1 + (min(max(along, 1), MOST_TILES) - 1) * (1 - OVERLAP)
    most = [int(side * tiles) for side in tile_hw]
    scale = min(room / side for room, side in zip(most, size_hw, strict=True))
    height, width = (min(room, max(1, round(side * scale))) for room, side in zip(most, size_hw, strict=True))
    return height, width


def blend(predict: Predict, pixels: np.ndarray, tile_hw: tuple[int, int], num_classes: int, margin: int) -> np.ndarray:
    """The probabilities over a whole picture, of answers for tiles of it.

    Wherever a network's answer for a pixel rests on nothing farther away than the margin, it is the same as if the
    network had seen the whole picture.

    Args:
        predict: see `Predict`.
        pixels: uint8 (H, W, 3); what is smaller than a tile is mirrored to fill it.
        tile_hw: height and width of a tile.
        num_classes: K.
        margin: so many pixels at the edge of a tile do not count, unless they are at the picture's rim; less than
            about a fourth of a tile.

    Returns:
        float32 (H, W, K).

    Raises:
        ValueError: the margin is so wide that some pixels would have no answer.
    """
    *_, (_, whole) = blended(predict, pixels, tile_hw, num_classes, margin)
    return whole


def blended(
    predict: Predict, pixels: np.ndarray, tile_hw: tuple[int, int], num_classes: int, margin: int
) -> Iterator[tuple[float, np.ndarray]]:
    """The same, one batch of tiles after the other: the share that is done, and the sum so far. See `blend`."""
    size_hw = pixels.shape[:2]
    height, width = tile_hw
    beyond = [(0, max(0, tile - side)) for tile, side in zip(tile_hw, size_hw, strict=True)]
    filled = np.pad(pixels, (*beyond, (0, 0)), mode="symmetric") if any(after for _, after in beyond) else pixels
    sides = [
        list(zip(starts, weights(starts, tile, margin), strict=True))
        for tile, side in zip(tile_hw, filled.shape[:2], strict=True)
        for starts in [tiling.starts(side, tile, OVERLAP)]
    ]
    whole = np.zeros((*filled.shape[:2], num_classes), np.float32)
    places = list(itertools.product(*sides))
    step = max(1, BATCH_PIXELS // (height * width))
    for first in range(0, len(places), step):
        batch = places[first : first + step]
        found = predict(np.stack([filled[top : top + height, left : left + width] for (top, _), (left, _) in batch]))
        for shares, ((top, down), (left, across)) in zip(np.asarray(found), batch, strict=True):
            weight = (down[:, None] * across)[..., None]
            whole[top : top + height, left : left + width] += shares.astype(np.float32, copy=False) * weight
        yield (first + len(batch)) / len(places), whole[: size_hw[0], : size_hw[1]]


def weights(starts: Sequence[int], side: int, margin: int) -> list[np.ndarray]:
    """How much the pixels of each tile in a row count: 0 in its margins, then more and more; 1 over all tiles.

    Args:
        starts: where the tiles begin, rising from 0.
        side: of a tile.
        margin: pixels at its edges that do not count, except at the row's two ends.

    Returns:
        For each tile float32 (side,).

    Raises:
        ValueError: the margin is so wide that some pixels would not count in any tile.
    """
    inside = np.arange(1, side + 1) - margin
    ramps = []
    for start in starts:
        left = inside if start > 0 else np.full(side, side)
        right = inside[::-1] if start < starts[-1] else np.full(side, side)
        ramps.append(np.maximum(0, np.minimum(left, right)).astype(np.float64))
    total = np.zeros(starts[-1] + side)
    for start, ramp in zip(starts, ramps, strict=True):
        total[start : start + side] += ramp
    if not total.all():
        raise ValueError(f"margin must be less than about {side // 4}; received {margin}")
    return [(ramp / total[start : start + side]).astype(np.float32) for start, ramp in zip(starts, ramps, strict=True)]


def enlarged(probabilities: np.ndarray, size_hw: tuple[int, int], class_names: tuple[str, ...]) -> Prediction:
    """The prediction at another size, bilinear between the probabilities; a few rows at a time.

    Args:
        probabilities: float32 (h, w, K).
        size_hw: H and W of what is wanted.
        class_names: K names.
    """
    if probabilities.shape[:2] == size_hw:
        return Prediction.of(probabilities, class_names)
    height, width = size_hw
    labels = np.empty(size_hw, np.uint8)
    confidence, entropy = np.empty(size_hw, np.float16), np.empty(size_hw, np.float16)
    rows = max(1, STRIP_VALUES // (max(width, probabilities.shape[1]) * len(class_names)))
    for top in range(0, height, rows):
        strip = slice(top, min(top + rows, height))
        part = Prediction.of(_rows(probabilities, strip, size_hw), class_names)
        labels[strip], confidence[strip], entropy[strip] = part.labels, part.confidence, part.entropy
    return Prediction(labels, confidence, entropy, class_names)


def _rows(probabilities: np.ndarray, strip: slice, size_hw: tuple[int, int]) -> np.ndarray:
    """Some rows of the enlarged probabilities, float32 (rows, W, K)."""
    last = probabilities.shape[0] - 1
    centres = (np.arange(strip.start, strip.stop) + 0.5) * (probabilities.shape[0] / size_hw[0]) - 0.5
    centres = np.clip(centres, 0, last)
    above = np.floor(centres).astype(int)
    share = (centres - above).astype(np.float32)[:, None, None]
    mixed = probabilities[above] * (1 - share) + probabilities[np.minimum(above + 1, last)] * share
    return cv2.resize(mixed, (size_hw[1], len(mixed)), interpolation=cv2.INTER_LINEAR).reshape(
        len(mixed), size_hw[1], probabilities.shape[2]
    )

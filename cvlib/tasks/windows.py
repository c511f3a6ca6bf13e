"""Windows over a picture: where a classifier looks to find where things are, as it was done before detectors.

P. Viola, M. Jones, "Rapid object detection using a boosted cascade of simple features", 2001.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from cvlib.tasks.detections import Detections

BATCH = 512


def cut(picture: np.ndarray, boxes: np.ndarray, side: int) -> np.ndarray:
    """What the windows show, each resized.

    Args:
        picture: uint8 (H, W, C), C is 1 or 3.
        boxes: float (n, 4), xyxy.
        side: of the result in pixels.

    Returns:
        uint8 (n, side, side, C).
    """
    whole = Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
    kind = Image.Resampling.BILINEAR
    shown = [np.asarray(whole.resize((side, side), kind, box=tuple(box))) for box in boxes.astype(float).tolist()]
    return (
        np.stack(shown).reshape(-1, side, side, picture.shape[2])
        if shown
        else np.zeros((0, side, side, picture.shape[2]), np.uint8)
    )


def looked(model: Any, picture: np.ndarray, boxes: np.ndarray) -> Iterator[np.ndarray]:
    """What a classifier says of every window, a few hundred at a time.

    Args:
        model: a Keras classifier of square pictures.
        picture: uint8 (H, W, C) with the model's number of channels.
        boxes: float (n, 4), xyxy.

    Yields:
        float32 (up to 512, K).
    """
    side = model.input_shape[1]
    for start in range(0, len(boxes), BATCH):
        shown = cut(picture, boxes[start : start + BATCH], side)
        yield np.asarray(model.predict_on_batch(shown), np.float32)


def found(boxes: np.ndarray, shares: np.ndarray, nothing: int, class_names: tuple[str, ...]) -> Detections:
    """The windows as detections: each of its most probable class, those that show nothing left out.

    Args:
        boxes: float32 (n, 4).
        shares: float32 (n, K), what the classifier said of each.
        nothing: the class that stands for no object; -1 if there is none.
        class_names: K names.
    """
    labels = shares.argmax(axis=1) if len(shares) else np.zeros(0, np.int64)
    every = Detections(boxes, labels.astype(np.int64), shares.max(axis=1, initial=0.0).astype(np.float32), class_names)
    return every.take(labels != nothing).ranked()

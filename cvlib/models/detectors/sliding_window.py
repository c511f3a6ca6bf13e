"""The sliding window: a classifier that is asked again and again, at every place and at several sizes.

P. Viola, M. Jones, "Rapid object detection using a boosted cascade of simple features", 2001, with a network in the
place of their cascade; H. Rowley, S. Baluja, T. Kanade, "Neural network-based face detection", 1998.
"""

from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.boxes import iou, window_places
from cvlib.models import lenet
from cvlib.models.detectors.base import Detector, Grid

keras = lazy.load("keras")
tf = lazy.load("tensorflow")

PATCH = 24
"""Side of what the classifier sees, in pixels."""
SHARES = (0.22, 0.29, 0.38, 0.5)
"""Sides of the square windows as shares of the picture's shorter side."""
STEP = 0.25
"""How far a window moves, as a share of its own side."""
A_PICTURE = 24
"""Training windows of a picture: half of them on objects."""
SHIFT, GROWTH = 0.12, 0.25
"""How far a training window may lie beside an object, and how much larger or smaller it may be, as shares of it."""
NEAR = 0.5
"""The same for those that are to learn that beside an object is nothing."""
EMPTY_OVERLAP = 0.35
"""A training window with a smaller IoU with every object shows nothing."""


class SlidingWindow(Detector):
    """See the module.

    Args:
        input_shape: (H, W, 3).
        num_classes: K; the classifier learns one more, the last: nothing.
    """

    def __init__(self, input_shape: tuple[int, int, int], num_classes: int) -> None:
        from cvlib.models.detectors.decoding import Windows, WindowScores

        self.num_classes = num_classes
        self.network = lenet.build((PATCH, PATCH, 3), num_classes + 1)
        settings = {"size_hw": input_shape[:2], "shares": SHARES, "step": STEP}
        images = keras.Input(input_shape, name="images")
        shown = Windows(**settings, side=PATCH, name="windows")(images)
        self.model = keras.Model(images, WindowScores(**settings, name="candidates")(self.network(shown)))

    @staticmethod
    def grids(input_shape: tuple[int, int, int]) -> list[Grid]:
        """See `Detector.grids`: one grid for each size of the window."""
        grids = []
        for share in SHARES:
            side = share * min(input_shape[:2])
            boxes = window_places(input_shape[:2], (share,), STEP)
            columns = len(np.unique(boxes[:, 0]))
            grids.append(Grid(f"windows of {side:.0f} pixels", len(boxes) // columns, columns, STEP * side))
        return grids

    def loss(self, raw: Any, targets: Any) -> Any:
        """The cross-entropy of the windows' classes, float32 (N, K + 1) against int32 (N,)."""
        return tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(targets, raw))

    def batches(self, images: np.ndarray, targets: dict[str, np.ndarray], batch_size: int, seed: int | None) -> Any:
        """Windows cut out of the pictures, and what they show; see `Detector.batches`."""
        shown, labels = training_windows(images, targets, self.num_classes, seed=seed or 0)
        pictures, classes = tf.constant(shown), tf.constant(labels)
        order = tf.data.Dataset.range(len(labels))
        if seed is not None:
            order = order.shuffle(len(labels), seed=seed, reshuffle_each_iteration=True)
        batches = order.batch(batch_size * A_PICTURE)
        return batches.map(lambda places: (tf.gather(pictures, places), tf.gather(classes, places))).prefetch(2)


def training_windows(
    images: np.ndarray, targets: dict[str, np.ndarray], num_classes: int, *, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Windows on objects, beside them and on nothing at all, `A_PICTURE` of each picture.

    Args:
        images: uint8 (N, H, W, 3).
        targets: see `cvlib.models.detectors.base.padded`.
        num_classes: K; what shows nothing has this label.
        seed: of the draw.

    Returns:
        uint8 (N * A_PICTURE, PATCH, PATCH, 3) and int32 (N * A_PICTURE,).
    """
    import cv2

    rng = np.random.default_rng(seed)
    shown = np.empty((len(images) * A_PICTURE, PATCH, PATCH, 3), np.uint8)
    labels = np.empty(len(shown), np.int32)
    for number, (image, boxes, classes) in enumerate(zip(images, targets["boxes"], targets["labels"], strict=True)):
        windows, names = _drawn(rng, boxes[classes >= 0], classes[classes >= 0], image.shape[:2], num_classes)
        for place, (window, name) in enumerate(zip(windows, names, strict=True), start=number * A_PICTURE):
            left, top, right, bottom = window
            labels[place] = name
            shown[place] = cv2.resize(image[top:bottom, left:right], (PATCH, PATCH), interpolation=cv2.INTER_LINEAR)
    return shown, labels


def _drawn(
    rng: np.random.Generator, boxes: np.ndarray, labels: np.ndarray, size_hw: tuple[int, int], num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Windows of one picture, int64 (A_PICTURE, 4), and what they show, int32 (A_PICTURE,)."""
    half = A_PICTURE // 2 if len(boxes) else 0
    chosen = rng.integers(0, len(boxes), half) if half else np.zeros(0, np.int64)
    beside = rng.integers(0, len(boxes), A_PICTURE) if half else np.zeros(0, np.int64)
    near = _around(rng, boxes[beside], NEAR) if half else np.zeros((0, 4))
    empty = np.concatenate([near, _anywhere(rng, size_hw, 4 * A_PICTURE)])
    order = rng.permutation(len(empty))
    free = (iou(empty, boxes) < EMPTY_OVERLAP).all(axis=1)[order]
    # Where objects fill the picture hardly a window is free; then the freest have to do.
    empty = empty[order][np.argsort(~free, kind="stable")[: A_PICTURE - half]]
    windows = np.concatenate([_around(rng, boxes[chosen], SHIFT), empty])
    names = np.concatenate([labels[chosen], np.full(A_PICTURE - half, num_classes)]).astype(np.int32)
    return _whole(windows, size_hw), names


def _around(rng: np.random.Generator, boxes: np.ndarray, shift: float) -> np.ndarray:
    """Squares near the boxes, a little beside them and a little larger or smaller."""
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2 + rng.uniform(-shift, shift, (len(boxes), 2)) * sides
    sides = sides * np.exp(rng.uniform(-GROWTH, GROWTH, (len(boxes), 1)))
    return np.concatenate([middles - sides / 2, middles + sides / 2], axis=1)


def _anywhere(rng: np.random.Generator, size_hw: tuple[int, int], count: int) -> np.ndarray:
    sides = rng.uniform(SHARES[0], SHARES[-1], (count, 1)) * min(size_hw)
    corners = rng.uniform(0, 1, (count, 2)) * (np.array(size_hw[::-1]) - sides)
    return np.concatenate([corners, corners + sides], axis=1)


def _whole(windows: np.ndarray, size_hw: tuple[int, int]) -> np.ndarray:
    """Whole pixels within the picture, at least two a side."""
    height, width = size_hw
    low = np.clip(np.floor(windows[:, :2]), 0, [width - 2, height - 2])
    high = np.clip(np.ceil(windows[:, 2:]), low + 2, [width, height])
    return np.concatenate([low, high], axis=1).astype(np.int64)

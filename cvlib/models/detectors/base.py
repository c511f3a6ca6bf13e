"""What every detector is: a network that is trained, and the same network with its answers decoded to boxes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.models.parts import sides

keras = lazy.load("keras")
tf = lazy.load("tensorflow")


@dataclass(frozen=True)
class Grid:
    """A grid of cells whose answers stand row by row among a detector's candidates.

    Attributes:
        title: in words.
        rows: of cells.
        columns: of cells.
        step: pixels from one cell to the next.
        boxes_a_cell: candidates of each cell.
    """

    title: str
    rows: int
    columns: int
    step: float
    boxes_a_cell: int = 1


class Detector:
    """A detector of pictures of one size; one subclass a family.

    Attributes:
        network: what is trained: pictures, float (N, H, W, 3) in 0..255, to the family's own answers.
        model: what is kept: the same pictures to candidates, float32 (N, M, 4 + K): the edges of a box in pixels
            (left, top, right, bottom) and K scores, each 0 to 1.
    """

    network: Any
    model: Any
    compiles = False
    """Whether XLA can compile its training step."""

    @staticmethod
    def grids(input_shape: tuple[int, int, int]) -> list[Grid]:
        """How the candidates lie over pictures of this shape, in their order."""
        raise NotImplementedError

    def loss(self, raw: Any, targets: Any) -> Any:
        """The loss of a batch, a scalar.

        Args:
            raw: the network's answers.
            targets: `boxes` float32 (N, B, 4) in pixels and `labels` int32 (N, B), -1 where there is no box.
        """
        raise NotImplementedError

    def batches(self, images: np.ndarray, targets: dict[str, np.ndarray], batch_size: int, seed: int | None) -> Any:
        """A tf.data pipeline of (pictures, targets), shuffled and mirrored by chance if there is a seed.

        Args:
            images: uint8 (N, H, W, 3).
            targets: see `loss`, for all pictures.
            batch_size: pictures a step.
            seed: of the order and the mirroring; None for validation.
        """
        return batched(images, targets, batch_size, seed)

    def steps(self, count: int, batch_size: int) -> int:
        """Steps an epoch for so many training pictures."""
        return -(-count // batch_size)


def padded(boxes_xyxy: tuple[np.ndarray, ...], labels: tuple[np.ndarray, ...]) -> dict[str, np.ndarray]:
    """The boxes of all pictures in arrays of one size: `boxes` float32 (N, B, 4), `labels` int32 (N, B), -1 is none."""
    most = max([1, *(len(each) for each in labels)])
    boxes = np.zeros((len(labels), most, 4), np.float32)
    classes = np.full((len(labels), most), -1, np.int32)
    for place, (box, label) in enumerate(zip(boxes_xyxy, labels, strict=True)):
        boxes[place, : len(label)], classes[place, : len(label)] = box, label
    return {"boxes": boxes, "labels": classes}


def batched(
    images: np.ndarray,
    targets: dict[str, np.ndarray],
    batch_size: int,
    seed: int | None,
    changed: Callable[[Any], Any] | None = None,
) -> Any:
    """See `Detector.batches`; `changed` makes other training batches of them, in the place of mirroring."""
    pictures = tf.constant(images)
    truth = {name: tf.constant(values) for name, values in targets.items()}
    order = tf.data.Dataset.range(len(images))
    if seed is not None:
        order = order.shuffle(len(images), seed=seed, reshuffle_each_iteration=True)

    def gather(places: Any) -> Any:
        chosen = {name: tf.gather(values, places) for name, values in truth.items()}
        return tf.gather(pictures, places), chosen

    batches = order.batch(batch_size, drop_remainder=seed is not None and len(images) >= batch_size).map(gather)
    if seed is not None:
        batches = changed(batches) if changed else batches.map(lambda x, y: _mirrored(x, y, seed))
    return batches.prefetch(2)


def _mirrored(images: Any, truth: Any, seed: int) -> Any:
    """Half of the pictures left to right: what a thing is does not change."""
    width = tf.cast(tf.shape(images)[2], tf.float32)
    left, top, right, bottom = tf.unstack(truth["boxes"], axis=-1)
    turned = tf.stack([width - right, top, width - left, bottom], axis=-1)
    flip = tf.random.uniform((tf.shape(images)[0],), seed=seed) < 0.5
    boxes = tf.where(flip[:, None, None], turned, truth["boxes"])
    return tf.where(flip[:, None, None, None], images[:, :, ::-1], images), {**truth, "boxes": boxes}


def grid_of(input_shape: tuple[int, int, int], stride: int, multiple: int, title: str, boxes_a_cell: int = 1) -> Grid:
    """The grid of a level with this stride, for pictures that are grown to a multiple of the largest one."""
    below, right = sides(input_shape[:2], multiple)
    return Grid(title, (input_shape[0] + below) // stride, (input_shape[1] + right) // stride, stride, boxes_a_cell)


def giou(one: Any, other: Any) -> Any:
    """Generalised IoU (H. Rezatofighi et al., 2019) of boxes pair by pair: float32 (...), -1 to 1.

    Args:
        one: float32 (..., 4) xyxy.
        other: the same.
    """
    low, high = tf.maximum(one[..., :2], other[..., :2]), tf.minimum(one[..., 2:], other[..., 2:])
    shared = _area(low, high)
    union = _area(one[..., :2], one[..., 2:]) + _area(other[..., :2], other[..., 2:]) - shared
    hull = _area(tf.minimum(one[..., :2], other[..., :2]), tf.maximum(one[..., 2:], other[..., 2:]))
    return shared / tf.maximum(union, 1e-6) - (hull - union) / tf.maximum(hull, 1e-6)


def _area(low: Any, high: Any) -> Any:
    return tf.reduce_prod(tf.maximum(high - low, 0.0), axis=-1)

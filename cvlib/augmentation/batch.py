"""Pictures on their way through a pipeline, with everything that must move along."""

from typing import Any, NamedTuple

import numpy as np

from cvlib import lazy

tf = lazy.load("tensorflow")


class Batch(NamedTuple):
    """N pictures, as TensorFlow tensors.

    Boxes travel as marks: each is painted into a layer of its own, which moves with the picture. What is left of it in
    the end is bounded again. So a box stays tight after any number of turns and warps, and is cut exactly where the
    picture's frame cuts it.

    Attributes:
        images: float32 (N, H, W, C), 0..255.
        labels: float32 (N, K), shares of the classes, each row sums to 1; None without.
        masks: uint8 (N, H, W), class indexes, 255 is ignored; None without.
        marks: uint8 (N, H, W, B), 1 where a box lies; None without boxes.
        box_labels: int32 (N, B), its class; -1 where there is no box.
    """

    images: Any
    labels: Any = None
    masks: Any = None
    marks: Any = None
    box_labels: Any = None

    def gather(self, places: Any) -> "Batch":
        """The pictures at these places, int32 (M,), in this order."""
        return Batch(*(None if part is None else tf.gather(part, places) for part in self))

    def where(self, chosen: Any, other: "Batch") -> "Batch":
        """This one's pictures where `chosen`, bool (N,), says so, else the other's."""
        mine, theirs = padded(self, other)

        def pick(one: Any, two: Any) -> Any:
            if one is None or two is None:
                return None
            return tf.where(tf.reshape(chosen, [-1] + [1] * (len(one.shape) - 1)), one, two)

        return Batch(*(pick(one, two) for one, two in zip(mine, theirs, strict=True)))


def padded(one: Batch, two: Batch) -> tuple[Batch, Batch]:
    """Both with as many boxes a picture."""
    if one.marks is None or two.marks is None:
        return one, two
    most = max(one.marks.shape[-1], two.marks.shape[-1])
    return _grown(one, most), _grown(two, most)


def _grown(batch: Batch, count: int) -> Batch:
    more = count - batch.marks.shape[-1]
    if not more:
        return batch
    return batch._replace(
        marks=tf.pad(batch.marks, [[0, 0], [0, 0], [0, 0], [0, more]]),
        box_labels=tf.pad(batch.box_labels, [[0, 0], [0, more]], constant_values=-1),
    )


def painted(boxes_xyxy: Any, height: int, width: int) -> Any:
    """The marks of boxes: uint8 (N, H, W, B) of float32 (N, B, 4) in pixels; at least one pixel for each real box.

    A pixel is marked if its centre lies in the box. A box without any size gives no mark.
    """
    left, top, right, bottom = tf.unstack(tf.cast(boxes_xyxy, tf.float32), axis=-1)
    is_box = (right > left) & (bottom > top)
    across = _between(left, right, width)
    down = _between(top, bottom, height)
    marked = down[:, :, None, :] & across[:, None, :, :] & is_box[:, None, None, :]
    return tf.cast(marked, tf.uint8)


def _between(low: Any, high: Any, count: int) -> Any:
    """bool (N, count, B): the places whose middles lie between the edges; else the one around the box's."""
    first, last = tf.math.ceil(low - 0.5), tf.math.ceil(high - 0.5) - 1.0
    middle = tf.floor((low + high) / 2)
    is_thin = last < first
    first, last = (tf.clip_by_value(tf.where(is_thin, middle, end), 0.0, count - 1.0) for end in (first, last))
    places = tf.range(count, dtype=tf.float32)[None, :, None]
    return (places >= first[:, None, :]) & (places <= last[:, None, :])


def bounded(marks: Any) -> Any:
    """The boxes around marks: float32 (N, B, 4) xyxy of uint8 (N, H, W, B); all zero where nothing is left."""
    across, down = tf.reduce_any(marks > 0, axis=1), tf.reduce_any(marks > 0, axis=2)
    (left, right), (top, bottom) = _ends(across), _ends(down)
    return tf.stack([left, top, right, bottom], axis=-1)


def _ends(there: Any) -> tuple[Any, Any]:
    """First place and the one behind the last, float32 (N, B) of bool (N, count, B)."""
    places = tf.range(tf.shape(there)[1], dtype=tf.int32)[None, :, None]
    none = tf.logical_not(tf.reduce_any(there, axis=1))
    first = tf.reduce_min(tf.where(there, places, tf.shape(there)[1]), axis=1)
    last = tf.reduce_max(tf.where(there, places + 1, 0), axis=1)
    return tf.cast(tf.where(none, 0, first), tf.float32), tf.cast(tf.where(none, 0, last), tf.float32)


def of_arrays(
    images: np.ndarray,
    *,
    labels: np.ndarray | None = None,
    num_classes: int = 0,
    masks: np.ndarray | None = None,
    boxes_xyxy: np.ndarray | None = None,
    box_labels: np.ndarray | None = None,
) -> Batch:
    """A batch of arrays.

    Args:
        images: uint8 (N, H, W, C).
        labels: int (N,), with `num_classes`.
        num_classes: K.
        masks: uint8 (N, H, W).
        boxes_xyxy: float32 (N, B, 4) in pixels, with `box_labels`; all zero where there is none.
        box_labels: int32 (N, B), -1 where there is no box.
    """
    height, width = images.shape[1:3]
    return Batch(
        tf.cast(images, tf.float32),
        None if labels is None else tf.one_hot(labels, num_classes),
        None if masks is None else tf.convert_to_tensor(masks),
        None if boxes_xyxy is None else painted(boxes_xyxy, height, width),
        None if boxes_xyxy is None else tf.cast(box_labels, tf.int32),
    )

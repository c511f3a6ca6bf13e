"""The last layers of detectors: their own answers to candidates, boxes in pixels with a score a class.

Registered with Keras, so that a kept model loads by itself.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from cvlib.boxes import window_places


@keras.saving.register_keras_serializable("cvlib")
class EdgeDistances(keras.layers.Layer):
    """Each cell's distances to the four edges of its box, and its class logits, to candidates.

    Takes float (N, h, w, 4 + K): the logarithms of the distances to the left, top, right and bottom edge in cells,
    then K logits. Gives float32 (N, h * w, 4 + K).

    Args:
        stride: pixels between two cells.
    """

    def __init__(self, stride: int, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **{name: value for name, value in kwargs.items() if name != "dtype"})
        self.stride = stride

    def call(self, raw: Any) -> Any:
        """See the class."""
        raw = ops.cast(raw, "float32")
        boxes = edges(raw[..., :4], self.stride)
        answers = ops.concatenate([boxes, ops.sigmoid(raw[..., 4:])], axis=-1)
        return ops.reshape(answers, (-1, raw.shape[1] * raw.shape[2], raw.shape[3]))

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer."""
        return {**super().get_config(), "stride": self.stride}


LARGEST_LOG = 6.0


def edges(logs: Any, stride: int) -> Any:
    """Boxes in pixels, float32 (N, h, w, 4), of the logarithms of the distances to their edges, in cells."""
    _, height, width, _ = logs.shape
    y, x = ops.arange(height, dtype="float32"), ops.arange(width, dtype="float32")
    x = ops.broadcast_to((x + 0.5)[None, :], (height, width)) * stride
    y = ops.broadcast_to((y + 0.5)[:, None], (height, width)) * stride
    left, top, right, bottom = ops.unstack(ops.exp(ops.clip(logs, -LARGEST_LOG, LARGEST_LOG)) * stride, axis=-1)
    return ops.stack([x - left, y - top, x + right, y + bottom], axis=-1)


@keras.saving.register_keras_serializable("cvlib")
class CornerAndSize(keras.layers.Layer):
    """The corner and size of one box as shares of the picture, and class logits, to one candidate.

    Takes float (N, 4 + K): left, top, width, height, then K logits. Gives float32 (N, 1, 4 + K).

    Args:
        size_hw: height and width of the picture in pixels.
    """

    def __init__(self, size_hw: tuple[int, int], **kwargs: Any) -> None:
        super().__init__(dtype="float32", **{name: value for name, value in kwargs.items() if name != "dtype"})
        self.size_hw = tuple(size_hw)

    def call(self, raw: Any) -> Any:
        """See the class."""
        raw = ops.cast(raw, "float32")
        sides = ops.array([self.size_hw[1], self.size_hw[0]] * 2, "float32")
        corner, size = raw[:, :2], raw[:, 2:4]
        box = ops.concatenate([corner, corner + size], axis=-1) * sides
        return ops.concatenate([box, ops.softmax(raw[:, 4:], axis=-1)], axis=-1)[:, None]

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer."""
        return {**super().get_config(), "size_hw": self.size_hw}


@keras.saving.register_keras_serializable("cvlib")
class DistanceDistributions(keras.layers.Layer):
    """Each cell's distances to the four edges of its box as distributions, and its scores, to candidates.

    X. Li et al., "Generalized focal loss: learning qualified and distributed bounding boxes", 2020. Takes float
    (N, M, 4 * bins + K): logits of 0, 1, ... cells to the left, top, right and bottom edge, then K scores; the cells
    row by row, the finest level first. Gives float32 (N, M, 4 + K).

    Args:
        size_hw: height and width in pixels that the cells cover.
        strides: pixels between the cells of each level.
        bins: of a distribution.
    """

    def __init__(self, size_hw: tuple[int, int], strides: tuple[int, ...], bins: int = 16, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **{name: value for name, value in kwargs.items() if name != "dtype"})
        self.size_hw, self.strides, self.bins = tuple(size_hw), tuple(strides), bins
        self.middles, self.cell_sides = cells(self.size_hw, self.strides)

    def call(self, raw: Any) -> Any:
        """See the class."""
        raw = ops.cast(raw, "float32")
        logits = ops.reshape(raw[..., : 4 * self.bins], (-1, len(self.middles), 4, self.bins))
        distances = ops.matmul(ops.softmax(logits, axis=-1), ops.arange(self.bins, dtype="float32")[:, None])[..., 0]
        distances = distances * self.cell_sides[:, None]
        low, high = self.middles - distances[..., :2], self.middles + distances[..., 2:]
        return ops.concatenate([low, high, raw[..., 4 * self.bins :]], axis=-1)

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer."""
        return {**super().get_config(), "size_hw": self.size_hw, "strides": self.strides, "bins": self.bins}


def cells(size_hw: tuple[int, int], strides: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The middles of all cells, float32 (M, 2), x and y in pixels, row by row; and their sides, float32 (M,)."""
    middles, sides = [], []
    for stride in strides:
        y, x = np.mgrid[0 : size_hw[0] : stride, 0 : size_hw[1] : stride].reshape(2, -1) + stride / 2
        middles.append(np.stack([x, y], axis=-1))
        sides.append(np.full(len(x), stride))
    return np.concatenate(middles).astype(np.float32), np.concatenate(sides).astype(np.float32)


class _OverWindows(keras.layers.Layer):
    """What the two layers of the sliding window share: where the windows are."""

    def __init__(self, size_hw: tuple[int, int], shares: tuple[float, ...], step: float, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **{name: value for name, value in kwargs.items() if name != "dtype"})
        self.size_hw, self.shares, self.step = tuple(size_hw), tuple(shares), step

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer."""
        return {**super().get_config(), "size_hw": self.size_hw, "shares": self.shares, "step": self.step}


@keras.saving.register_keras_serializable("cvlib")
class Windows(_OverWindows):
    """Cuts every window out of every picture: float (N, H, W, 3) to float32 (N * M, side, side, 3).

    Args:
        size_hw: height and width of the pictures.
        shares: see `cvlib.boxes.window_places`, as `step`.
        step: see there.
        side: of the result in pixels.
    """

    def __init__(self, *, side: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.side = side

    def call(self, images: Any) -> Any:
        """See the class."""
        return tf.reshape(self._cut(tf.cast(images, tf.float32)), (-1, self.side, self.side, 3))

    def _cut(self, images: Any) -> Any:
        """float32 (N, M, side, side, 3)."""
        boxes = window_places(self.size_hw, self.shares, self.step)
        count, number = tf.shape(images)[0], len(boxes)
        height, width = self.size_hw
        # crop_and_resize wants top, left, bottom, right, where 0 and 1 are the middles of the first and last pixels.
        half = (boxes[:, 2:] - boxes[:, :2]) / self.side / 2
        low, high = boxes[:, :2] + half - 0.5, boxes[:, 2:] - half - 0.5
        shares = np.concatenate([low[:, ::-1], high[:, ::-1]], axis=1) / [height - 1, width - 1, height - 1, width - 1]
        tiled = tf.tile(tf.constant(shares, tf.float32), [count, 1])
        owners = tf.repeat(tf.range(count), number)
        cut = tf.image.crop_and_resize(images, tiled, owners, (self.side, self.side))
        return tf.reshape(cut, (count, number, self.side, self.side, 3))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Any number of windows."""
        return None, self.side, self.side, 3

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer."""
        return {**super().get_config(), "side": self.side}


@keras.saving.register_keras_serializable("cvlib")
class WindowScores(_OverWindows):
    """The windows with what the classifier said of them: float (N * M, K + 1) to float32 candidates (N, M, 4 + K).

    The last class is nothing, and is left out.
    """

    def call(self, shares: Any) -> Any:
        """See the class."""
        boxes = window_places(self.size_hw, self.shares, self.step)
        scores = tf.reshape(tf.cast(shares, tf.float32), (-1, len(boxes), shares.shape[-1]))
        where = tf.tile(tf.constant(boxes)[None], [tf.shape(scores)[0], 1, 1])
        return tf.concat([where, scores[..., :-1]], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """As the class says."""
        return None, len(window_places(self.size_hw, self.shares, self.step)), 3 + input_shape[-1]


@keras.saving.register_keras_serializable("cvlib")
class AnchorCorrections(keras.layers.Layer):
    """Corrections of anchors, and class logits, to candidates.

    R. Girshick et al., "Rich feature hierarchies for accurate object detection and semantic segmentation", 2014,
    appendix C, with y before x. Takes float (N, A, 4 + K): by how many heights and widths of the anchor the middle is
    further down and right, the logarithms of how many times it is as high and as wide, each divided by `variance`; then
    K logits. Gives float32 (N, A, 4 + K).

    Args:
        size_hw: height and width in pixels that the cells cover.
        strides: pixels between the cells of each level.
        sizes: side of the smallest square anchor of each level.
        scales: how many times that the others are as large.
        ratios: width to height.
        variance: see above.
    """

    def __init__(
        self,
        size_hw: tuple[int, int],
        strides: tuple[int, ...],
        sizes: tuple[float, ...],
        scales: tuple[float, ...],
        ratios: tuple[float, ...],
        variance: tuple[float, float, float, float],
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype="float32", **{name: value for name, value in kwargs.items() if name != "dtype"})
        self.settings = {"size_hw": size_hw, "strides": strides, "sizes": sizes, "scales": scales, "ratios": ratios}
        self.anchors = ready_boxes(**self.settings)
        self.variance = tuple(variance)

    def call(self, raw: Any) -> Any:
        """See the class."""
        raw = ops.cast(raw, "float32")
        change = raw[..., :4] * np.array(self.variance, np.float32)
        sides = self.anchors[:, 2:] - self.anchors[:, :2]
        middles = (self.anchors[:, 2:] + self.anchors[:, :2]) / 2 + ops.flip(change[..., :2], -1) * sides
        half = ops.exp(ops.clip(ops.flip(change[..., 2:], -1), -LARGEST_LOG, LARGEST_LOG)) * sides / 2
        return ops.concatenate([middles - half, middles + half, ops.sigmoid(raw[..., 4:])], axis=-1)

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer."""
        return {**super().get_config(), **self.settings, "variance": self.variance}


def ready_boxes(
    size_hw: tuple[int, int],
    strides: tuple[int, ...],
    sizes: tuple[float, ...],
    scales: tuple[float, ...],
    ratios: tuple[float, ...],
) -> np.ndarray:
    """The anchors around every cell, float32 (A, 4) xyxy; see `AnchorCorrections`."""
    across = np.array([scale * ratio**0.5 for scale in scales for ratio in ratios])
    down = np.array([scale / ratio**0.5 for scale in scales for ratio in ratios])
    half = np.stack([across, down], axis=-1) / 2
    levels = []
    for stride, size in zip(strides, sizes, strict=True):
        middles = cells(size_hw, (stride,))[0][:, None]
        levels.append(np.concatenate([middles - half * size, middles + half * size], axis=-1).reshape(-1, 4))
    return np.concatenate(levels).astype(np.float32)

"""RetinaNet: thousands of ready-made boxes, the anchors, each of which is named and corrected.

T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollar, "Focal loss for dense object detection", 2017: nearly all anchors
show background, so that the loss hardly counts what is already sure. Features come down from deep to fine levels as in
T.-Y. Lin et al., "Feature pyramid networks for object detection", 2017. The backbone is YOLOv8's; anchors, their
assignment and the losses are KerasCV's, whose pyramid and heads are of 256 channels, too slow for a small machine.
"""

from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.models.detectors.base import Detector, Grid, grid_of
from cvlib.models.detectors.yolov8 import STRIDES, backbone_levels
from cvlib.models.parts import centred

keras = lazy.load("keras")
tf = lazy.load("tensorflow")

SIZES = (16.0, 32.0, 64.0)
"""Side in pixels of the smallest square anchor of each level."""
SCALES = (1.0, 2 ** (1 / 3), 2 ** (2 / 3))
RATIOS = (0.5, 1.0, 2.0)
"""Width to height."""
VARIANCE = (0.1, 0.1, 0.2, 0.2)
"""What corrections are measured in: of the middle in sides of the anchor, of the sides in logarithms."""
ALIKE, UNLIKE = 0.4, 0.3
"""Anchors of at least this IoU with an object stand for it; those under the other for background."""
WIDTH = 64
HEAD_DEPTH = 2
PRIOR = 0.01
"""At first every anchor says of every class "with this probability"."""


class RetinaNet(Detector):
    """See the module.

    Args:
        input_shape: (H, W, 3).
        num_classes: K.
    """

    def __init__(self, input_shape: tuple[int, int, int], num_classes: int) -> None:
        from cvlib.models.detectors.decoding import AnchorCorrections

        images, features = centred(input_shape, STRIDES[-1])
        raw = _answers(_pyramid(backbone_levels(features)), num_classes)
        self.num_classes, self.size_hw = num_classes, features.shape[1:3]
        decode = AnchorCorrections(self.size_hw, STRIDES, SIZES, SCALES, RATIOS, VARIANCE, name="candidates")
        self.network = keras.Model(images, raw, name="retinanet_network")
        self.model = keras.Model(images, decode(raw), name="retinanet")
        self._anchors = decode.anchors
        self.assign, self.box_loss, self.class_loss = _judges()

    @staticmethod
    def grids(input_shape: tuple[int, int, int]) -> list[Grid]:
        """See `Detector.grids`: one grid a level, the finest first."""
        return [
            grid_of(input_shape, stride, STRIDES[-1], f"one cell every {stride} pixels", len(SCALES) * len(RATIOS))
            for stride in STRIDES
        ]

    @staticmethod
    def strides() -> tuple[int, ...]:
        """Pixels between the cells of each level, the finest first."""
        return STRIDES

    def anchors(self) -> np.ndarray:
        """The ready-made boxes in pixels, float32 (A, 4) xyxy: level by level, row by row, cell by cell."""
        return self._anchors

    def loss(self, raw: Any, targets: Any) -> Any:
        """Smooth L1 of the corrections, and the focal loss of the classes; see `Detector.loss`."""
        truth = {"boxes": targets["boxes"], "classes": tf.cast(targets["labels"], tf.float32)}
        corrections, labels = self.assign(tf.zeros((1, *self.size_hw, 3)), truth)
        objects = tf.cast(labels > -1.0, tf.float32)
        clear = tf.cast(tf.not_equal(labels, -2.0), tf.float32)
        classes = tf.one_hot(tf.cast(labels, tf.int32), self.num_classes)
        apart = self.box_loss(corrections, raw[..., :4], sample_weight=objects)
        misnamed = self.class_loss(classes, raw[..., 4:], sample_weight=clear)
        return (apart + misnamed) / tf.maximum(tf.reduce_sum(objects), 1.0)


def _judges() -> tuple[Any, Any, Any]:
    """Who assigns anchors to objects, and the losses of boxes and of classes, which are sums."""
    from keras_cv.layers import AnchorGenerator
    from keras_cv.losses import FocalLoss, SmoothL1Loss
    from keras_cv.models.retinanet import LabelEncoder

    # In half precision pixels would be rounded.
    ready = AnchorGenerator("xyxy", list(SIZES), list(SCALES), list(RATIOS), list(STRIDES), dtype="float32")
    return (
        LabelEncoder("xyxy", ready, ALIKE, UNLIKE, VARIANCE, dtype="float32"),
        SmoothL1Loss(l1_cutoff=1.0, reduction="sum"),
        FocalLoss(from_logits=True, reduction="sum"),
    )


def _pyramid(levels: list[Any]) -> list[Any]:
    """What the deep levels know, handed down to the finer ones."""
    sides = [_conv(level, WIDTH, 1, f"side_{place}") for place, level in enumerate(levels)]
    for place in range(len(sides) - 2, -1, -1):
        deeper = keras.layers.UpSampling2D(2, name=f"grow_{place}")(sides[place + 1])
        sides[place] = keras.layers.Add(name=f"sum_{place}")([deeper, sides[place]])
    return [_conv(side, WIDTH, 3, f"level_{place}") for place, side in enumerate(sides)]


def _conv(features: Any, filters: int, size: int, name: str) -> Any:
    features = keras.layers.Conv2D(filters, size, padding="same", use_bias=False, name=f"{name}_conv")(features)
    return keras.layers.BatchNormalization(momentum=0.9, name=name)(features)


def _answers(levels: list[Any], num_classes: int) -> Any:
    """The corrections and class logits of every anchor: float32 (N, A, 4 + K)."""
    boxes = _head(levels, 4, keras.initializers.Zeros(), "boxes")
    surprise = keras.initializers.Constant(float(-np.log((1 - PRIOR) / PRIOR)))
    classes = _head(levels, num_classes, surprise, "classes")
    return keras.layers.Concatenate(dtype="float32", name="raw")([boxes, classes])


def _head(levels: list[Any], answers: int, bias: Any, name: str) -> Any:
    """The same few layers for all levels, with so many answers an anchor."""
    layers = [
        keras.layers.Conv2D(WIDTH, 3, padding="same", activation="relu", name=f"{name}_{place}")
        for place in range(HEAD_DEPTH)
    ]
    filters = answers * len(SCALES) * len(RATIOS)
    layers.append(keras.layers.Conv2D(filters, 3, padding="same", bias_initializer=bias, name=f"{name}_last"))
    layers.append(keras.layers.Reshape((-1, answers), dtype="float32", name=f"{name}_flat"))
    for layer in layers:
        levels = [layer(level) for level in levels]
    return keras.layers.Concatenate(axis=1, dtype="float32", name=name)(levels)

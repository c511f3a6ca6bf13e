"""One box: regression to the four numbers of the one object in a picture, and its class.

P. Sermanet et al., "OverFeat: integrated recognition, localization and detection using convolutional networks", 2014:
the features of a classifier with a second head that gives a box.
"""

from typing import Any

from cvlib import lazy
from cvlib.models.detectors.base import Detector, Grid, giou
from cvlib.models.parts import centred

keras = lazy.load("keras")
tf = lazy.load("tensorflow")

STAGES = ((24, 5, 4), (48, 3, 2), (96, 3, 2))
"""Filters, side of the kernel and stride of each convolution."""
DROPOUT = 0.3
SMOOTH = 0.02
"""Errors under this share of the picture count by their square."""


class OneBox(Detector):
    """See the module.

    Args:
        input_shape: (H, W, 3).
        num_classes: K.
    """

    def __init__(self, input_shape: tuple[int, int, int], num_classes: int) -> None:
        from cvlib.models.detectors.decoding import CornerAndSize

        self.size_hw = input_shape[:2]
        images, features = centred(input_shape, 1)
        for stage, (width, kernel, stride) in enumerate(STAGES, start=1):
            features = keras.layers.Conv2D(
                width, kernel, strides=stride, padding="same", use_bias=False, name=f"conv_{stage}"
            )(features)
            features = keras.layers.BatchNormalization(momentum=0.9, name=f"norm_{stage}")(features)
            features = keras.layers.ReLU(name=f"active_{stage}")(features)
        # Flattened and not averaged: where something was seen must not be lost.
        features = keras.layers.Dense(96, activation="relu", name="hidden")(keras.layers.Flatten(name="flat")(features))
        features = keras.layers.Dropout(DROPOUT, name="dropout")(features)
        box = keras.layers.Dense(4, activation="sigmoid", dtype="float32", name="box")(features)
        logits = keras.layers.Dense(num_classes, dtype="float32", name="logits")(features)
        raw = keras.layers.Concatenate(dtype="float32", name="raw")([box, logits])
        self.network = keras.Model(images, raw, name="one_box_network")
        candidates = CornerAndSize(self.size_hw, name="candidates")(raw)
        self.model = keras.Model(images, candidates, name="one_box")

    @staticmethod
    def grids(input_shape: tuple[int, int, int]) -> list[Grid]:
        """See `Detector.grids`."""
        return [Grid("the whole picture", 1, 1, max(input_shape[:2]))]

    def loss(self, raw: Any, targets: Any) -> Any:
        """Smooth L1 and GIoU of the box, and the cross-entropy of its class; see `Detector.loss`."""
        sides = tf.constant([self.size_hw[1], self.size_hw[0]] * 2, tf.float32)
        wanted = targets["boxes"][:, 0] / sides
        corner, size = raw[:, :2], raw[:, 2:4]
        given = tf.concat([corner, corner + size], axis=-1)
        apart = tf.abs(given - wanted)
        smooth = tf.where(apart < SMOOTH, apart**2 / (2 * SMOOTH), apart - SMOOTH / 2)
        named = keras.losses.sparse_categorical_crossentropy(
            tf.maximum(targets["labels"][:, 0], 0), raw[:, 4:], from_logits=True
        )
        boxed = 10.0 * tf.reduce_mean(smooth, axis=-1) + 1.0 - giou(given, wanted)
        there = tf.cast(targets["labels"][:, 0] >= 0, tf.float32)
        return tf.reduce_mean(there * (boxed + named))

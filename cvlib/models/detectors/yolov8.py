"""YOLOv8: cells of three sizes, each of which says what it belongs to and how far the four edges are.

G. Jocher, A. Chaurasia, J. Qiu, "Ultralytics YOLOv8", 2023, of KerasCV's parts, with a small backbone: distances as
distributions (X. Li et al., "Generalized focal loss", 2020); cells assigned to objects by how well they already do
(C. Feng et al., "TOOD: task-aligned one-stage object detection", 2021); and the complete IoU as the boxes' loss
(Z. Zheng et al., "Enhancing geometric factors in model learning and inference", 2020).
"""

from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.models.detectors.base import Detector, Grid, grid_of
from cvlib.models.parts import centred

keras = lazy.load("keras")
tf = lazy.load("tensorflow")

STRIDES = (8, 16, 32)
CHANNELS = (24, 48, 64, 96)
DEPTHS = (1, 1, 1, 1)
NECK_DEPTH = 1
BINS = 16
"""A distance is a distribution over 0, 1, ..., 15 cells."""
PRIOR = 0.02
"""At first every cell says of every class "with this probability"."""
NEAR = 2
"""At first the edges are about so many cells away."""
BOX_WEIGHT = 7.5
CLASS_WEIGHT = 0.5


class YOLOv8(Detector):
    """See the module.

    Args:
        input_shape: (H, W, 3).
        num_classes: K.
    """

    def __init__(self, input_shape: tuple[int, int, int], num_classes: int) -> None:
        from cvlib.models.detectors.decoding import DistanceDistributions

        images, features = centred(input_shape, STRIDES[-1])
        raw = _answers(features, num_classes)
        self.decode = DistanceDistributions(features.shape[1:3], STRIDES, name="candidates")
        self.network = keras.Model(images, raw, name="yolov8_network")
        self.model = keras.Model(images, self.decode(raw), name="yolov8")
        _begin_modestly(self.network)
        self.assign, self.box_loss, self.class_loss = _judges(num_classes)

    @staticmethod
    def grids(input_shape: tuple[int, int, int]) -> list[Grid]:
        """See `Detector.grids`: one grid a level, the finest first."""
        return [grid_of(input_shape, stride, STRIDES[-1], f"one cell every {stride} pixels") for stride in STRIDES]

    @staticmethod
    def strides() -> tuple[int, ...]:
        """Pixels between the cells of each level, the finest first."""
        return STRIDES

    def loss(self, raw: Any, targets: Any) -> Any:
        """The complete IoU of assigned cells' boxes, and the cross-entropy of all cells; see `Detector.loss`."""
        found = self.decode(raw)
        boxes, scores = found[..., :4], found[..., 4:]
        there = (targets["labels"] >= 0)[..., None]
        middles = tf.constant(self.decode.middles)
        wanted_boxes, wanted, _ = self.assign(
            tf.stop_gradient(scores), tf.stop_gradient(boxes), middles, targets["labels"], targets["boxes"], there
        )
        worth = tf.reduce_sum(wanted, axis=-1)
        apart = self.box_loss(wanted_boxes, boxes, sample_weight=worth)
        # Keras takes the mean over the last axis: with one of its own, each class counts in full.
        misnamed = self.class_loss(wanted[..., None], scores[..., None])
        return (BOX_WEIGHT * apart + CLASS_WEIGHT * misnamed) / tf.maximum(tf.reduce_sum(worth), 1.0)


def backbone_levels(features: Any) -> list[Any]:
    """What KerasCV's backbone of YOLOv8 sees: features at the strides of `STRIDES`.

    Args:
        features: a Keras tensor, pictures of about -1..1 whose sides are multiples of the largest stride.
    """
    from keras_cv.models import YOLOV8Backbone

    backbone = YOLOV8Backbone(
        stackwise_channels=list(CHANNELS),
        stackwise_depth=list(DEPTHS),
        include_rescaling=False,
        input_tensor=features,
    )
    return [backbone.get_layer(backbone.pyramid_level_inputs[name]).output for name in ("P3", "P4", "P5")]


def _answers(features: Any, num_classes: int) -> Any:
    """With KerasCV's neck and head: float32 (N, M, 4 * BINS + K), logits of the distances, then scores."""
    from keras_cv.src.models.object_detection.yolo_v8 import yolo_v8_detector as parts

    levels = parts.apply_path_aggregation_fpn(backbone_levels(features), depth=NECK_DEPTH, name="neck")
    answers = parts.apply_yolo_v8_head(levels, num_classes, name="head")
    return keras.layers.Concatenate(dtype="float32", name="raw")([answers["boxes"], answers["classes"]])


def _begin_modestly(network: Any) -> None:
    """Let cells at first see nothing, and near edges: learning is much faster from there."""
    near = -np.abs(np.arange(BINS, dtype=np.float32) - NEAR)
    for level in range(1, len(STRIDES) + 1):
        network.get_layer(f"head_{level}_box_3_conv").bias.assign(np.tile(near, 4))
        scores = network.get_layer(f"head_{level}_class_3_conv").bias
        scores.assign(np.full(scores.shape, np.log(PRIOR / (1 - PRIOR)), np.float32))


def _judges(num_classes: int) -> tuple[Any, Any, Any]:
    """Who assigns cells to objects, and the losses of boxes and of classes, which are sums."""
    from keras_cv.losses import CIoULoss
    from keras_cv.models.yolov8 import LabelEncoder

    # In half precision pixels would be rounded.
    return (
        LabelEncoder(num_classes=num_classes, dtype="float32"),
        CIoULoss(bounding_box_format="xyxy", reduction="sum"),
        keras.losses.BinaryCrossentropy(reduction="sum"),
    )

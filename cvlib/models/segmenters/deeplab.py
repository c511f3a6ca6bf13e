"""DeepLabV3+: dilated convolutions of several reaches side by side, and one skip connection for the edges.

L.-C. Chen, Y. Zhu, G. Papandreou, F. Schroff, H. Adam, "Encoder-decoder with atrous separable convolution for semantic
image segmentation", 2018: KerasCV's `DeepLabV3Plus` with a small backbone, that of YOLOv8 (G. Jocher et al., 2023).
"""

from typing import Any

from cvlib import lazy
from cvlib.models.parts import centred
from cvlib.models.segmenters.layers import finished

keras = lazy.load("keras")
keras_cv = lazy.load("keras_cv")

CHANNELS = (24, 48, 64, 96)
DEPTHS = (1, 1, 1, 1)
DEEPEST = 32
DILATIONS = (1, 2, 3)
"""At a 32nd of the picture's size the maps are so small that the paper's 6, 12 and 18 would only see padding."""
CONTEXT = 64
LOW_LEVEL = 24
HEAD = 64


def build(input_shape: tuple[int, int, int], num_classes: int) -> Any:
    """The untrained network.

    Args:
        input_shape: (H, W, 3).
        num_classes: K, with the background.
    """
    images, features = centred(input_shape, DEEPEST)
    backbone = keras_cv.models.YOLOV8Backbone(
        stackwise_channels=list(CHANNELS),
        stackwise_depth=list(DEPTHS),
        include_rescaling=False,
        input_shape=tuple(features.shape[1:]),
    )
    parts = keras_cv.models.DeepLabV3Plus(
        backbone=backbone,
        num_classes=num_classes,
        projection_filters=LOW_LEVEL,
        spatial_pyramid_pooling=keras_cv.layers.SpatialPyramidPooling(
            list(DILATIONS), num_channels=CONTEXT, name="context"
        ),
        segmentation_head=_head(num_classes),
        name="deeplab_parts",
    )
    return finished("deeplab", images, parts(features))


def _head(num_classes: int) -> Any:
    return keras.Sequential(
        [
            keras.layers.Conv2D(HEAD, 3, padding="same", use_bias=False, name="head_conv"),
            keras.layers.BatchNormalization(name="head_norm"),
            keras.layers.ReLU(name="head"),
            keras.layers.Conv2D(num_classes, 1, dtype="float32", name="score"),
            keras.layers.UpSampling2D(4, interpolation="bilinear", dtype="float32", name="enlarge"),
        ],
        name="segmentation_head",
    )

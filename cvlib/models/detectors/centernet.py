"""CenterNet: an object is the cell at its middle.

X. Zhou, D. Wang, P. Krahenbuhl, "Objects as points", 2019: one heat map a class with a peak at the middle of each
object, and its size read off there. The peaks are as wide as their boxes, and the distances to the four edges are
learned around them, as in Z. Liu et al., "Training-time-friendly network for real-time object detection", 2020, which
learns in a tenth of the steps.
"""

from typing import Any

from cvlib import lazy
from cvlib.models.detectors.base import Detector, Grid, giou, grid_of
from cvlib.models.parts import centred

keras = lazy.load("keras")
tf = lazy.load("tensorflow")

STRIDE = 4
DEEPEST = 16
WIDTHS = (24, 48, 72)
SPREAD = 0.54 / 6
"""A peak's standard deviation as a share of the box's side."""
WORTH = 0.25
"""From this height of the peak on, a cell learns the box's edges."""
BOX_WEIGHT = 2.0
FIRST_DISTANCE = 1.0
"""The logarithm of the distance to every edge that every cell says at first, in cells."""
FIRST_SPREAD = 0.01
PRIOR = -2.19
"""The logit of 0.1: at first every cell says "probably nothing"."""


class CenterNet(Detector):
    """See the module.

    Args:
        input_shape: (H, W, 3).
        num_classes: K.
    """

    def __init__(self, input_shape: tuple[int, int, int], num_classes: int) -> None:
        from cvlib.models.detectors.decoding import EdgeDistances

        images, features = centred(input_shape, DEEPEST)
        features = _pyramid(features)
        features = _conv(features, WIDTHS[1], 1, "head")
        heat = _answers(features, num_classes, PRIOR, "heat")
        distances = _answers(features, 4, FIRST_DISTANCE, "distances")
        raw = keras.layers.Concatenate(dtype="float32", name="raw")([distances, heat])
        self.network = keras.Model(images, raw, name="centernet_network")
        self.model = keras.Model(images, EdgeDistances(STRIDE, name="candidates")(raw), name="centernet")

    @staticmethod
    def grids(input_shape: tuple[int, int, int]) -> list[Grid]:
        """See `Detector.grids`."""
        return [grid_of(input_shape, STRIDE, DEEPEST, f"one cell every {STRIDE} pixels")]

    def loss(self, raw: Any, targets: Any) -> Any:
        """The heat map's focal loss and the boxes' GIoU loss; see `Detector.loss`."""
        from cvlib.models.detectors.decoding import edges

        heat, boxes, weights = encode(targets, tuple(raw.shape[1:3]), raw.shape[-1] - 4)
        count = tf.maximum(1.0, tf.reduce_sum(tf.cast(targets["labels"] >= 0, tf.float32)))
        misses = heat_loss(raw[..., 4:], heat) / count
        apart = tf.reduce_sum(weights * (1.0 - giou(edges(raw[..., :4], STRIDE), boxes)))
        return misses + BOX_WEIGHT * apart / tf.maximum(1.0, tf.reduce_sum(weights))


def encode(targets: Any, grid_hw: tuple[int, int], num_classes: int) -> tuple[Any, Any, Any]:
    """What the network should answer.

    Args:
        targets: see `Detector.loss`.
        grid_hw: cells down and across.
        num_classes: K.

    Returns:
        The heat maps, float32 (N, h, w, K), 1 at the middle of each object; the box that each cell should give, float32
        (N, h, w, 4); and how much it counts, float32 (N, h, w).
    """
    boxes, labels = targets["boxes"], targets["labels"]
    peaks = _peaks(boxes, grid_hw) * tf.cast(labels >= 0, tf.float32)[:, :, None, None]
    classes = tf.one_hot(labels, num_classes)
    heat = tf.reduce_max(peaks[..., None] * classes[:, :, None, None, :], axis=1)
    owner = tf.argmax(peaks, axis=1)
    height = tf.reduce_max(peaks, axis=1)
    chosen = tf.gather(boxes, owner, batch_dims=1)
    return heat, chosen, tf.where(height >= WORTH, height, 0.0)


def _peaks(boxes: Any, grid_hw: tuple[int, int]) -> Any:
    """A Gaussian at the cell in each box's middle: float32 (N, B, h, w)."""
    sides = tf.maximum(boxes[..., 2:] - boxes[..., :2], 1.0) / STRIDE
    middle = tf.floor((boxes[..., :2] + boxes[..., 2:]) / 2 / STRIDE)
    spread = tf.maximum(sides * SPREAD, 0.4)
    across = _bell(tf.range(grid_hw[1], dtype=tf.float32), middle[..., 0], spread[..., 0])
    down = _bell(tf.range(grid_hw[0], dtype=tf.float32), middle[..., 1], spread[..., 1])
    return down[..., :, None] * across[..., None, :]


def _bell(cells: Any, middle: Any, spread: Any) -> Any:
    return tf.exp(-0.5 * ((cells - middle[..., None]) / spread[..., None]) ** 2)


def heat_loss(logits: Any, heat: Any) -> Any:
    """The focal loss of CenterNet, summed: cells near a middle are forgiven.

    Args:
        logits: float32 (N, h, w, K).
        heat: float32, the same shape, from `encode`.
    """
    p, log_p = tf.sigmoid(logits), tf.math.log_sigmoid(logits)
    log_not = log_p - logits
    middle = tf.cast(heat >= 1.0 - 1e-4, tf.float32)
    hit = middle * (1 - p) ** 2 * log_p
    clear = (1 - middle) * (1 - heat) ** 4 * p**2 * log_not
    return -tf.reduce_sum(hit + clear)


def _pyramid(features: Any) -> Any:
    """Down to a sixteenth of the picture, and up again to a quarter with what was seen on the way."""
    small, middle, large = WIDTHS
    features = _conv(features, small, 2, "stem")
    quarter = _residual(_conv(features, middle, 2, "quarter"), "quarter")
    eighth = _residual(_conv(quarter, large, 2, "eighth"), "eighth")
    deep = _residual(_conv(eighth, large, 2, "sixteenth"), "sixteenth")
    eighth = _merge(deep, eighth, large, "up_eighth")
    return _merge(eighth, quarter, middle, "up_quarter")


def _answers(features: Any, count: int, bias: float, name: str) -> Any:
    """The last layer: at first it says the same everywhere, so that training does not begin with unlearning."""
    return keras.layers.Conv2D(
        count,
        1,
        kernel_initializer=keras.initializers.RandomNormal(stddev=FIRST_SPREAD),
        bias_initializer=keras.initializers.Constant(bias),
        dtype="float32",
        name=name,
    )(features)


def _merge(deep: Any, fine: Any, width: int, name: str) -> Any:
    deep = keras.layers.Conv2D(width, 1, use_bias=False, name=f"{name}_fit")(deep)
    deep = keras.layers.UpSampling2D(2, name=f"{name}_grow")(deep)
    return _conv(keras.layers.Add(name=f"{name}_sum")([deep, fine]), width, 1, name)


def _residual(features: Any, name: str) -> Any:
    inner = _conv(features, features.shape[-1], 1, f"{name}_1")
    inner = _conv(inner, features.shape[-1], 1, f"{name}_2", active=False)
    return keras.layers.ReLU(name=f"{name}_out")(keras.layers.Add(name=f"{name}_around")([features, inner]))


def _conv(features: Any, filters: int, stride: int, name: str, *, kernel: int = 3, active: bool = True) -> Any:
    features = keras.layers.Conv2D(
        filters,
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(features)
    features = keras.layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(features)
    return keras.layers.ReLU(name=f"{name}_active")(features) if active else features

"""What networks for segmentation are trained to make small.

Each is `loss(logits, truth)` of a batch: logits float32 (N, H, W, K), truth uint8 (N, H, W) with 255 where nothing is
to be learned; a scalar in nats, but for Dice's, which is 0 to 1.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.tasks.segmentation import IGNORE

tf = lazy.load("tensorflow")

FOCUS = 2.0
"""Exponent of the focal loss."""
SMALLEST = 1e-7
"""Probabilities under this count as this: their logarithm stays finite."""
MOST_WEIGHT = 10.0
"""No class counts more than so many times as much as the median one."""


def class_weights(masks: np.ndarray, num_classes: int) -> np.ndarray:
    """Median frequency balancing (D. Eigen & R. Fergus, 2015, as SegNet uses it): float32 (K,).

    A class's frequency is its share of the pixels of the pictures that show it; its weight the median frequency over
    that. A class that is never shown has weight 1.

    Args:
        masks: uint8 (N, H, W).
        num_classes: K.
    """
    counts = np.stack([np.bincount(mask[mask != IGNORE], minlength=num_classes)[:num_classes] for mask in masks])
    judged = (counts.sum(axis=1, keepdims=True) * (counts > 0)).sum(axis=0)
    frequency = counts.sum(axis=0) / np.maximum(judged, 1)
    there = frequency > 0
    median = np.median(frequency[there]) if there.any() else 1.0
    return np.where(there, np.minimum(MOST_WEIGHT, median / np.maximum(frequency, 1e-12)), 1.0).astype(np.float32)


def _cross_entropies(logits: Any, truth: Any) -> tuple[Any, Any, Any]:
    """Of every pixel, float32 (N, H, W); 1 where it is judged, else 0; and the true classes, 0 where it is not."""
    judged = tf.cast(truth != IGNORE, tf.float32)
    labels = tf.cast(truth, tf.int32) * tf.cast(judged, tf.int32)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits), judged, labels


def _mean(values: Any, weights: Any) -> Any:
    return tf.reduce_sum(values * weights) / tf.maximum(tf.reduce_sum(weights), 1e-6)


def cross_entropy(logits: Any, truth: Any) -> Any:
    """The mean over all judged pixels: each counts the same, so that large areas count most."""
    values, judged, _ = _cross_entropies(logits, truth)
    return _mean(values, judged)


def weighted(weights: np.ndarray) -> Callable[[Any, Any], Any]:
    """Cross-entropy in which a pixel counts by its class's weight."""

    def loss(logits: Any, truth: Any) -> Any:
        values, judged, labels = _cross_entropies(logits, truth)
        return _mean(values, judged * tf.gather(tf.constant(weights), labels))

    return loss


def focal(logits: Any, truth: Any) -> Any:
    """Pixels that it is already sure of hardly count (T.-Y. Lin et al., "Focal loss", 2017, with gamma 2)."""
    values, judged, _ = _cross_entropies(logits, truth)
    return _mean(values * (1 - tf.exp(-values)) ** FOCUS, judged)


def _shares(logits: Any, truth: Any) -> tuple[Any, Any, Any]:
    """All pixels in one row: the classes' probabilities and the truth as 0 and 1, float32 (P, K) each, zero where it is
    not judged; and 1 where it is judged, float32 (P, 1)."""
    classes = logits.shape[-1]
    labels = tf.reshape(tf.cast(truth, tf.int32), [-1])
    judged = tf.cast(labels != IGNORE, tf.float32)[:, None]
    return tf.nn.softmax(tf.reshape(logits, [-1, classes])) * judged, tf.one_hot(labels, classes), judged


def _missed(shares: Any, real: Any) -> Any:
    """1 - the mean soft Dice coefficient of the classes that are there."""
    real_sum = tf.reduce_sum(real, axis=0)
    overlap = 2 * tf.reduce_sum(shares * real, axis=0) / tf.maximum(real_sum + tf.reduce_sum(shares, axis=0), 1e-6)
    return 1 - _mean(overlap, tf.cast(real_sum > 0, tf.float32))


def dice(logits: Any, truth: Any) -> Any:
    """1 - the mean soft Dice coefficient of the classes in the batch (F. Milletari et al., "V-Net", 2016): every class
    counts the same, however few its pixels."""
    shares, real, _ = _shares(logits, truth)
    return _missed(shares, real)


def dice_cross_entropy(logits: Any, truth: Any) -> Any:
    """The sum of both (F. Isensee et al., "nnU-Net", 2021): the one counts classes, the other pixels.

    From one softmax: as two losses it would take twice as long.
    """
    shares, real, judged = _shares(logits, truth)
    right = tf.reduce_sum(shares * real, axis=1, keepdims=True)
    return _missed(shares, real) + _mean(-tf.math.log(tf.maximum(right, SMALLEST)), judged)


def of(name: str, masks: np.ndarray, num_classes: int) -> Callable[[Any, Any], Any]:
    """The loss of this name.

    Args:
        name: one of `cvlib.spec.LOSSES`.
        masks: uint8 (N, H, W), of the training pictures.
        num_classes: K.
    """
    if name == "weighted":
        return weighted(class_weights(masks, num_classes))
    plain: Mapping[str, Callable[[Any, Any], Any]] = {
        "cross_entropy": cross_entropy,
        "dice": dice,
        "dice_cross_entropy": dice_cross_entropy,
        "focal": focal,
    }
    return plain[name]

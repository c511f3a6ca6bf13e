"""Segmentation: a class for every pixel. Prediction, and the judgement on held-out pictures.

The measures are those of J. Long, E. Shelhamer, T. Darrell, "Fully convolutional networks for semantic segmentation",
2015: all of them are read off the confusion matrix of pixels. The boundary measure is G. Csurka, D. Larlus,
F. Perronnin, "What is a good evaluation measure for semantic segmentation?", 2013.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.data.base import IGNORE

cv2 = lazy.load("cv2")

BATCH = 32
TOLERANCE = 0.0075
"""A boundary may be so far off, as a share of the picture's diagonal, as in Csurka et al."""


def predict(model: Any, images: np.ndarray) -> np.ndarray:
    """The probability of every class at every pixel, float32 (N, H, W, K).

    Args:
        model: a network for segmentation.
        images: uint8 (N, H, W, 3), of the size it was built for.
    """
    parts = [model.predict_on_batch(images[start : start + BATCH]) for start in range(0, len(images), BATCH)]
    return np.concatenate(parts).astype(np.float32)


def predict_labels(model: Any, images: np.ndarray) -> np.ndarray:
    """The most probable class of every pixel, uint8 (N, H, W); the probabilities of a batch are let go of at once."""
    parts = [
        np.asarray(model.predict_on_batch(images[start : start + BATCH])).argmax(axis=-1).astype(np.uint8)
        for start in range(0, len(images), BATCH)
    ]
    return np.concatenate(parts) if parts else np.zeros(images.shape[:3], np.uint8)


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a network says of one picture.

    Attributes:
        labels: uint8 (H, W), the most probable class of each pixel.
        confidence: float16 (H, W), its probability.
        entropy: float16 (H, W), how unsure the network is, in bits.
        class_names: K names, the ground's first.
    """

    labels: np.ndarray
    confidence: np.ndarray
    entropy: np.ndarray
    class_names: tuple[str, ...]

    @classmethod
    def of(cls, probabilities: np.ndarray, class_names: tuple[str, ...]) -> "Prediction":
        """From the probabilities of every class at every pixel, float (H, W, K)."""
        best = probabilities.argmax(axis=-1).astype(np.uint8)
        return cls(
            best, probabilities.max(axis=-1).astype(np.float16), entropy(probabilities).astype(np.float16), class_names
        )


def entropy(probabilities: np.ndarray) -> np.ndarray:
    """How unsure a network is at every pixel, in bits: 0 to log2(K).

    Args:
        probabilities: float (..., K).

    Returns:
        float32 (...).
    """
    shares = np.clip(probabilities.astype(np.float32), 1e-7, 1)
    return np.maximum(0, -(shares * np.log2(shares)).sum(axis=-1))


def confusion(truth: np.ndarray, found: np.ndarray, num_classes: int) -> np.ndarray:
    """How many pixels of each true class (rows) were given to each class (columns): int64 (K, K).

    Args:
        truth: uint8 (...), 0 to K - 1, or `IGNORE`: not counted.
        found: uint8 (...), 0 to K - 1.
        num_classes: K.
    """
    judged = truth != IGNORE
    pairs = truth[judged].astype(np.int64) * num_classes + found[judged]
    return np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)


@dataclass(frozen=True, eq=False)
class Scores:
    """What is read off a confusion matrix of pixels.

    Attributes:
        confusion: int64 (K, K), rows are true.
    """

    confusion: np.ndarray

    @cached_property
    def truth(self) -> np.ndarray:
        """True pixels of each class, float64 (K,)."""
        return self.confusion.sum(axis=1).astype(float)

    @cached_property
    def iou(self) -> np.ndarray:
        """Intersection over union of each class, 0 to 1, float64 (K,); NaN if it is neither there nor found."""
        hit = np.diag(self.confusion)
        return _ratio(hit, self.truth + self.confusion.sum(axis=0) - hit)

    @cached_property
    def dice(self) -> np.ndarray:
        """Dice's coefficient of each class (F1 of its pixels), float64 (K,); NaN if it is neither there nor found."""
        return _ratio(2 * np.diag(self.confusion), self.truth + self.confusion.sum(axis=0))

    @cached_property
    def recall(self) -> np.ndarray:
        """Share of each class's true pixels that were found, float64 (K,); NaN if there are none."""
        return _ratio(np.diag(self.confusion), self.truth)

    @property
    def pixel_accuracy(self) -> float:
        """Share of the pixels that are right."""
        return float(_ratio(np.trace(self.confusion), self.confusion.sum()))

    @property
    def mean_accuracy(self) -> float:
        """Mean of the recalls of the classes that are there."""
        return _mean(self.recall)

    @property
    def miou(self) -> float:
        """Mean IoU of the classes that are there or were found."""
        return _mean(self.iou)

    @property
    def frequency_weighted_iou(self) -> float:
        """Mean IoU of the classes that are there, each counted by its pixels."""
        there = self.truth > 0
        return float(_ratio((self.truth * np.nan_to_num(self.iou))[there].sum(), self.truth.sum()))


def _ratio(part: Any, whole: Any) -> Any:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.true_divide(part, whole)


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def boundary(region: np.ndarray) -> np.ndarray:
    """The pixels of a region that touch what is not of it, by an edge: uint8 (H, W), 0 or 1; the picture's rim does not
    count."""
    area = region.astype(np.uint8)
    return area & ~cv2.erode(area, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))


def boundary_f1(truth: np.ndarray, found: np.ndarray, num_classes: int, *, tolerance: float = TOLERANCE) -> np.ndarray:
    """How well the boundaries of each class agree: F1 of the shares of either that lie near the other.

    Args:
        truth: uint8 (H, W); boundaries to what is not judged do not count.
        found: uint8 (H, W).
        num_classes: K.
        tolerance: how far off is near enough, as a share of the diagonal; at least one pixel.

    Returns:
        float32 (K,), 0 to 1; NaN where a class has a boundary in neither.
    """
    reach = max(1, round(tolerance * float(np.hypot(*truth.shape))))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    unjudged = cv2.dilate((truth == IGNORE).astype(np.uint8), disc)
    values = np.full(num_classes, np.nan, np.float32)
    for label in range(num_classes):
        real, seen = (boundary(mask == label) * (1 - unjudged) for mask in (truth, found))
        lengths = int(real.sum()), int(seen.sum())
        if max(lengths):
            hits = int((real & cv2.dilate(seen, disc)).sum()), int((seen & cv2.dilate(real, disc)).sum())
            shares = [hit / length if length else 0.0 for hit, length in zip(hits, lengths, strict=True)]
            values[label] = 2 * shares[0] * shares[1] / sum(shares) if sum(shares) else 0.0
    return values


@dataclass(frozen=True, eq=False)
class Answers:
    """How a network did on its test pictures.

    Attributes:
        confusions: int32 (N, K, K), of each picture.
        boundaries: float32 (N, K), `boundary_f1` of each picture.
    """

    confusions: np.ndarray
    boundaries: np.ndarray

    def __len__(self) -> int:
        return len(self.confusions)

    @cached_property
    def scores(self) -> Scores:
        """Over all pixels of all pictures."""
        return Scores(self.confusions.sum(axis=0, dtype=np.int64))

    @cached_property
    def boundary_by_class(self) -> np.ndarray:
        """Mean boundary F1 of each class over the pictures that show it, float64 (K,); NaN if none does."""
        return np.array([_mean(column) for column in self.boundaries.astype(float).T])

    def by_picture(self) -> list[Scores]:
        """Each picture by itself."""
        return [Scores(each) for each in self.confusions]


def answers(model: Any, images: np.ndarray, masks: np.ndarray, num_classes: int) -> Answers:
    """Judge a network.

    Args:
        model: the network.
        images: uint8 (N, H, W, 3).
        masks: uint8 (N, H, W), the truth.
        num_classes: K.
    """
    found = predict_labels(model, images)
    pairs = list(zip(masks, found, strict=True))
    confusions = [confusion(truth, seen, num_classes) for truth, seen in pairs]
    boundaries = [boundary_f1(truth, seen, num_classes) for truth, seen in pairs]
    shape = (len(images), num_classes)
    return Answers(
        np.array(confusions, np.int32).reshape(*shape, num_classes), np.array(boundaries, np.float32).reshape(shape)
    )


def pack(judged: Answers) -> dict[str, np.ndarray]:
    """What is kept of a judgement: `confusions` and `boundaries` as in `Answers`."""
    return {"confusions": judged.confusions, "boundaries": judged.boundaries}


def unpack(arrays: Mapping[str, np.ndarray]) -> Answers:
    """The inverse of `pack`."""
    return Answers(arrays["confusions"], arrays["boundaries"])


def metrics(judged: Answers) -> dict[str, float]:
    """The numbers that a run's record keeps, 0 to 1; what cannot be said is 0."""
    scores = judged.scores
    numbers = {
        "miou": scores.miou,
        "pixel_accuracy": scores.pixel_accuracy,
        "mean_accuracy": scores.mean_accuracy,
        "frequency_weighted_iou": scores.frequency_weighted_iou,
        "boundary_f1": _mean(judged.boundary_by_class),
    }
    return {name: float(np.nan_to_num(value)) for name, value in numbers.items()}

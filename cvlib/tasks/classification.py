"""Classification: one label for a picture. Prediction, and the report on held-out pictures.

The report needs NumPy only, because the server draws it; its numbers are those of scikit-learn's
`classification_report` (a test compares them).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import data
from cvlib.images import fit_for_network
from cvlib.spec import TrainingSpec

BATCH = 1024
MISTAKES = 24
TINY = 1e-7
"""Smallest probability that the loss takes for real, as Keras does."""


@dataclass(frozen=True)
class Averages:
    """Precision, recall and F1 (0..1), and the number of pictures they stand for."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Report:
    """How well a classifier did on held-out pictures.

    Attributes:
        class_names: K names.
        confusion: int64 (K, K), rows are the truth, columns what was predicted.
        classes: one `Averages` a class.
        accuracy: share of the pictures that were named correctly, 0..1.
        macro_average: the plain mean over the classes.
        weighted_average: the mean over the classes, weighted by their support.
        labels: int64 (N,), the truth.
        predictions: int64 (N,), the most probable class.
        confidences: float32 (N,), its probability.
    """

    class_names: tuple[str, ...]
    confusion: np.ndarray
    classes: tuple[Averages, ...]
    accuracy: float
    macro_average: Averages
    weighted_average: Averages
    labels: np.ndarray
    predictions: np.ndarray
    confidences: np.ndarray

    def cell(self, truth: int, prediction: int) -> np.ndarray:
        """Indices of the pictures of one class that were taken for one class, the most confident first."""
        return self._most_confident((self.labels == truth) & (self.predictions == prediction))

    @property
    def mistakes(self) -> np.ndarray:
        """Indices of all wrong pictures, the most confident first."""
        return self._most_confident(self.labels != self.predictions)

    def _most_confident(self, chosen: np.ndarray) -> np.ndarray:
        indices = np.flatnonzero(chosen)
        return indices[np.argsort(-self.confidences[indices], kind="stable")]

    def to_dict(self) -> dict[str, Any]:
        """The numbers as scikit-learn's `classification_report(output_dict=True)` lays them out."""
        rows = dict(zip(self.class_names, self.classes, strict=True))
        rows |= {"macro avg": self.macro_average, "weighted avg": self.weighted_average}
        table: dict[str, Any] = {
            name: {"precision": row.precision, "recall": row.recall, "f1-score": row.f1, "support": row.support}
            for name, row in rows.items()
        }
        return {**table, "accuracy": self.accuracy}


def report(labels: np.ndarray, probabilities: np.ndarray, class_names: tuple[str, ...]) -> Report:
    """Judge predictions.

    Args:
        labels: int (N,), the truth, 0 to K - 1.
        probabilities: float (N, K).
        class_names: K names.

    Raises:
        ValueError: the shapes do not fit together.
    """
    count = len(class_names)
    if probabilities.shape != (len(labels), count):
        raise ValueError(f"probabilities must be {(len(labels), count)}; received {probabilities.shape}")
    predictions = probabilities.argmax(axis=1) if len(labels) else np.zeros(0, np.int64)
    confusion = np.bincount(labels * count + predictions, minlength=count * count).reshape(count, count)
    classes = _per_class(confusion)
    return Report(
        class_names=class_names,
        confusion=confusion,
        classes=classes,
        accuracy=float(np.trace(confusion) / max(1, len(labels))),
        macro_average=_mean(classes, np.ones(count)),
        weighted_average=_mean(classes, confusion.sum(axis=1)),
        labels=labels,
        predictions=predictions,
        confidences=probabilities.max(axis=1, initial=0),
    )


def _per_class(confusion: np.ndarray) -> tuple[Averages, ...]:
    right, support = np.diag(confusion), confusion.sum(axis=1)
    precision = right / np.maximum(1, confusion.sum(axis=0))
    recall = right / np.maximum(1, support)
    f1 = 2 * right / np.maximum(1, confusion.sum(axis=0) + support)
    rows = zip(precision, recall, f1, support, strict=True)
    return tuple(Averages(float(p), float(r), float(f), int(s)) for p, r, f, s in rows)


def _mean(classes: tuple[Averages, ...], weights: np.ndarray) -> Averages:
    total = weights.sum()
    table = np.array([(row.precision, row.recall, row.f1) for row in classes])
    precision, recall, f1 = (weights @ table / total) if total else np.zeros(3)
    return Averages(float(precision), float(recall), float(f1), sum(row.support for row in classes))


def metrics(judged: Report, probabilities: np.ndarray) -> dict[str, float]:
    """The numbers that a run's record keeps: accuracy, macro and weighted F1 (0..1), and the cross-entropy (nats)."""
    right = np.clip(probabilities[np.arange(len(judged.labels)), judged.labels].astype(np.float64), TINY, 1.0)
    return {
        "accuracy": judged.accuracy,
        "macro_f1": judged.macro_average.f1,
        "weighted_f1": judged.weighted_average.f1,
        "loss": float(-np.log(right).mean()) if len(right) else 0.0,
    }


def predict(model: Any, images: np.ndarray) -> np.ndarray:
    """Probabilities of every class for every picture.

    Args:
        model: a Keras classifier.
        images: uint8 (N, H, W, C).

    Returns:
        float32 (N, K).
    """
    parts = [
        np.asarray(model.predict_on_batch(images[start : start + BATCH]), np.float32)
        for start in range(0, len(images), BATCH)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, model.output_shape[-1]), np.float32)


def as_seen(spec: TrainingSpec, pixels: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """A person's picture as the network of this specification takes it.

    Args:
        spec: what the network was trained for.
        pixels: uint8 (H, W, 3) RGB.

    Returns:
        uint8 (side, side, C), and what was done to it, in words.
    """
    info = data.info(spec.data)
    height, width, channels = info.image_shape
    size_hw = (spec.image_size or height, spec.image_size or width)
    invert = "auto" if info.light_on_dark else False
    return fit_for_network(pixels, size_hw, channels, invert=invert, center_digit=info.centre_digit)

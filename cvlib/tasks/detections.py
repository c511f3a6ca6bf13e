"""Detections: the boxes that a detector, or a person, has put on one picture."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cvlib.boxes import iou


@dataclass(frozen=True, eq=False)
class Detections:
    """Boxes on one picture.

    Attributes:
        boxes_xyxy: float32 (k, 4): left, top, right, bottom edge in pixels (a box around a single pixel at column 3,
            row 5 is 3, 5, 4, 6).
        labels: int64 (k,), class of each.
        scores: float32 (k,), confidence 0 to 1; 1 for the truth.
        class_names: of all classes.

    Raises:
        ValueError: a field has another dtype or shape, or a label has no name.
    """

    boxes_xyxy: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.labels)
        wanted = {
            "boxes_xyxy": (self.boxes_xyxy, np.float32, (count, 4)),
            "labels": (self.labels, np.int64, (count,)),
            "scores": (self.scores, np.float32, (count,)),
        }
        for name, (value, dtype, shape) in wanted.items():
            if value.dtype != dtype or value.shape != shape:
                raise ValueError(f"{name} must be {dtype.__name__} {shape}; received {value.dtype} {value.shape}")
        if count and not 0 <= self.labels.min() <= self.labels.max() < len(self.class_names):
            raise ValueError(f"labels must be 0 to {len(self.class_names) - 1}")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def sizes(self) -> np.ndarray:
        """Width and height of each box: float32 (k, 2)."""
        return self.boxes_xyxy[:, 2:] - self.boxes_xyxy[:, :2]

    def take(self, places: np.ndarray | Sequence[int]) -> "Detections":
        """Some of them, by places or by a mask."""
        chosen = np.asarray(places)
        chosen = chosen if chosen.dtype == bool else chosen.astype(np.int64)
        return replace(self, boxes_xyxy=self.boxes_xyxy[chosen], labels=self.labels[chosen], scores=self.scores[chosen])

    def above(self, confidence: float) -> "Detections":
        """Those that are at least so sure."""
        return self.take(self.scores >= confidence)

    def of_classes(self, labels: Sequence[int]) -> "Detections":
        """Those of some classes."""
        return self.take(np.isin(self.labels, list(labels)))

    def ranked(self) -> "Detections":
        """The surest first."""
        return self.take(np.argsort(-self.scores, kind="stable"))

    def scaled(self, x: float, y: float) -> "Detections":
        """On the same picture at another size: so many times as wide and as high."""
        return replace(self, boxes_xyxy=(self.boxes_xyxy * np.array([x, y, x, y])).astype(np.float32))

    def moved(self, x: float, y: float) -> "Detections":
        """So many pixels to the right and down."""
        return replace(self, boxes_xyxy=(self.boxes_xyxy + np.array([x, y, x, y])).astype(np.float32))

    def clipped(self, size_hw: tuple[int, int]) -> "Detections":
        """Cut at the picture's edges; those that lie outside are gone."""
        height, width = size_hw
        boxes = np.clip(self.boxes_xyxy, 0, np.array([width, height, width, height])).astype(np.float32)
        inside = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        return replace(self, boxes_xyxy=boxes).take(inside)

    def together_with(self, other: "Detections") -> "Detections":
        """These and others of the same classes."""
        return Detections(
            np.concatenate([self.boxes_xyxy, other.boxes_xyxy]),
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.scores, other.scores]),
            self.class_names,
        )


def nothing(class_names: tuple[str, ...]) -> Detections:
    """No boxes."""
    return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, np.float32), class_names)


def beaten_by(found: Detections, overlap: float, *, across_classes: bool = False) -> np.ndarray:
    """Non-maximum suppression, greedy: which surer box of its class covers each box by more than `overlap`.

    Args:
        found: of one picture.
        overlap: IoU, 0 to 1, beyond which two boxes are taken for one object.
        across_classes: whether boxes of other classes count, too.

    Returns:
        int64 (k,), the place of the box that beat it; -1 for those that stay.
    """
    order = np.argsort(-found.scores, kind="stable")
    overlaps = iou(found.boxes_xyxy, found.boxes_xyxy)
    if not across_classes:
        overlaps *= found.labels[:, None] == found.labels[None, :]
    winner = np.full(len(found), -1, np.int64)
    for rank, place in enumerate(order):
        if winner[place] < 0:
            later = order[rank + 1 :]
            losers = later[(overlaps[place, later] > overlap) & (winner[later] < 0)]
            winner[losers] = place
    return winner


def suppressed(found: Detections, overlap: float, *, across_classes: bool = False) -> Detections:
    """What non-maximum suppression leaves; see `beaten_by`."""
    return found.take(beaten_by(found, overlap, across_classes=across_classes) < 0)

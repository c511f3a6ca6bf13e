"""Detection: many boxes on a picture. Prediction, what is made of it, and the judgement on held-out pictures.

A detector gives candidates: boxes with a score for every class. What a person sees is chosen from them by a least
confidence and by non-maximum suppression, which cost nothing, so the candidates are what is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib.data.base import Split
from cvlib.tasks import coco
from cvlib.tasks.detections import Detections, suppressed

BATCH = 64
MOST_CANDIDATES = 150
"""So many candidates of a picture are kept, the surest."""
LEAST_SCORE = 0.01
OVERLAP = 0.5
"""IoU beyond which the surer one of two boxes of a class stays."""
CONFIDENCE = 0.3
"""Boxes that are less sure are not shown at first."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """What a detector says of one picture, before anything is chosen.

    Attributes:
        boxes_xyxy: float32 (k, 4), in pixels, the surest first.
        scores: float32 (k, K), of each class, 0 to 1.
        class_names: K names.
    """

    boxes_xyxy: np.ndarray
    scores: np.ndarray
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.boxes_xyxy)
        if self.boxes_xyxy.shape != (count, 4) or self.scores.shape != (count, len(self.class_names)):
            raise ValueError(f"boxes and scores do not fit: {self.boxes_xyxy.shape}, {self.scores.shape}")

    def __len__(self) -> int:
        return len(self.boxes_xyxy)

    def best(self) -> Detections:
        """Each box with its most probable class, the surest first."""
        labels = self.scores.argmax(axis=1) if len(self) else np.zeros(0, np.int64)
        sure = self.scores.max(axis=1, initial=0.0)
        return Detections(self.boxes_xyxy, labels.astype(np.int64), sure.astype(np.float32), self.class_names)

    def chosen(self, *, confidence: float = LEAST_SCORE, overlap: float = OVERLAP) -> Detections:
        """The boxes that are at least so sure and not suppressed."""
        return suppressed(self.best().above(confidence), overlap)


def predict(model: Any, images: np.ndarray, class_names: tuple[str, ...]) -> list[Candidates]:
    """The candidates of every picture.

    Args:
        model: a detector's `model`.
        images: uint8 (N, H, W, 3), of the size it was built for.
        class_names: K names.
    """
    found: list[Candidates] = []
    for start in range(0, len(images), BATCH):
        answers = np.asarray(model.predict_on_batch(images[start : start + BATCH]), np.float32)
        found += [_surest(answer, class_names, images.shape[1:3]) for answer in answers]
    return found


def _surest(answer: np.ndarray, class_names: tuple[str, ...], size_hw: tuple[int, int]) -> Candidates:
    """The surest of a picture's candidates, float32 (M, 4 + K), cut at its edges."""
    height, width = size_hw
    sure = answer[:, 4:].max(axis=1)
    order = np.argsort(-sure, kind="stable")[:MOST_CANDIDATES]
    boxes = np.clip(answer[order, :4], 0, np.array([width, height, width, height], np.float32))
    kept = (sure[order] >= LEAST_SCORE) & (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    return Candidates(boxes[kept], answer[order[kept], 4:], class_names)


def truths(split: Split, class_names: tuple[str, ...]) -> list[Detections]:
    """The true boxes of every picture of a split."""
    return [
        Detections(boxes, labels, np.ones(len(labels), np.float32), class_names)
        for boxes, labels in zip(split.boxes_xyxy, split.box_labels, strict=True)
    ]


def pack(truth: Sequence[Detections], found: Sequence[Candidates], size_hw: tuple[int, int]) -> dict[str, np.ndarray]:
    """What is kept of a detector's answers on its test pictures, as plain arrays.

    Returns:
        `boxes` float32 (n, 4), `scores` float16 (n, K) and `counts` int32 (N,) of the candidates, picture after
        picture; `truth_boxes` float32 (m, 4), `truth_labels` int64 (m,) and `truth_counts` int32 (N,); `size_hw`
        int32 (2,).
    """
    return {
        "boxes": np.concatenate([one.boxes_xyxy for one in found]),
        "scores": np.concatenate([one.scores for one in found]).astype(np.float16),
        "counts": np.array([len(one) for one in found], np.int32),
        "truth_boxes": np.concatenate([one.boxes_xyxy for one in truth]),
        "truth_labels": np.concatenate([one.labels for one in truth]),
        "truth_counts": np.array([len(one) for one in truth], np.int32),
        "size_hw": np.array(size_hw, np.int32),
    }


@dataclass(frozen=True, eq=False)
class Answers:
    """A detector's answers on its test pictures, and the truth."""

    truth: tuple[Detections, ...]
    found: tuple[Candidates, ...]
    size_hw: tuple[int, int]

    def __len__(self) -> int:
        return len(self.truth)

    def chosen(self, *, confidence: float = LEAST_SCORE, overlap: float = OVERLAP) -> list[Detections]:
        """See `Candidates.chosen`, for every picture."""
        return [one.chosen(confidence=confidence, overlap=overlap) for one in self.found]

    def judged(self, *, overlap: float = OVERLAP) -> coco.Judgement:
        """The judgement as COCO defines it."""
        return coco.judge(self.truth, self.chosen(overlap=overlap), [self.size_hw] * len(self))


def unpack(arrays: Mapping[str, np.ndarray], class_names: tuple[str, ...]) -> Answers:
    """The inverse of `pack`; the scores have half precision."""
    ends, truth_ends = np.cumsum(arrays["counts"]), np.cumsum(arrays["truth_counts"])
    boxes, scores = np.split(arrays["boxes"], ends[:-1]), np.split(arrays["scores"].astype(np.float32), ends[:-1])
    places = (np.split(arrays[name], truth_ends[:-1]) for name in ("truth_boxes", "truth_labels"))
    return Answers(
        tuple(Detections(b, k, np.ones(len(k), np.float32), class_names) for b, k in zip(*places, strict=True)),
        tuple(Candidates(b, s, class_names) for b, s in zip(boxes, scores, strict=True)),
        tuple(int(side) for side in arrays["size_hw"]),
    )


def metrics(answers: Answers) -> dict[str, float]:
    """The numbers that a run's record keeps, 0 to 1: `map50`, `map`, `map75`, `recall` with 100 boxes a picture.

    What cannot be said is 0.
    """
    judged = answers.judged()
    numbers = {"map50": judged.map50, "map": judged.map, "map75": judged.map75, "recall": judged.recall[100]}
    return {name: float(np.nan_to_num(value)) for name, value in numbers.items()}

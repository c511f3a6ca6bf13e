"""What kind of mistake each wrong box is.

D. Bolya, S. Foley, J. Hays, J. Hoffman, "TIDE: a general toolbox for identifying object detection errors", 2020: by the
IoU with the nearest box of the truth, and whether the class is right.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cvlib.boxes import iou
from cvlib.tasks.detections import Detections

FOUND, NEAR = 0.5, 0.1
"""From `FOUND` on a box is in its place; under `NEAR` it is on nothing."""
KINDS = {
    "correct": "right class, right place",
    "class": "right place, wrong class",
    "localisation": "right class, wrong place",
    "both": "wrong class and wrong place, but near something",
    "duplicate": "a second box on what was found already",
    "background": "a box where nothing is",
    "missed": "an object that was not found",
}
"""Every kind and what it means; `missed` is of the truth, the others of what was detected."""


@dataclass(frozen=True, eq=False)
class Sorted:
    """The boxes of one picture by kind.

    Attributes:
        kinds: one name of `KINDS` for each detection.
        matches: int64 (k,), the box of the truth that each is about; -1 for none.
        missed: int64 (m,), the boxes of the truth that nothing explains.
    """

    kinds: tuple[str, ...]
    matches: np.ndarray
    missed: np.ndarray


def sort(truth: Detections, found: Detections) -> Sorted:
    """Sort the detections of one picture, the surest first.

    Args:
        truth: the true boxes.
        found: those that are shown.
    """
    overlaps = iou(found.boxes_xyxy, truth.boxes_xyxy)
    kinds, matches = ["background"] * len(found), np.full(len(found), -1, np.int64)
    taken: set[int] = set()
    if len(truth):
        for place in np.argsort(-found.scores, kind="stable"):
            kinds[place], matches[place] = _kind(overlaps[place], truth.labels == found.labels[place], taken)
            if kinds[place] == "correct":
                taken.add(int(matches[place]))
    explained = {int(match) for kind, match in zip(kinds, matches, strict=True) if kind != "background"}
    missed = np.array([place for place in range(len(truth)) if place not in explained], np.int64)
    return Sorted(tuple(kinds), matches, missed)


def _kind(overlaps: np.ndarray, same: np.ndarray, taken: set[int]) -> tuple[str, int]:
    """The kind of one detection, float (m,) IoU with the truth and bool (m,) whether its class is the same."""
    fitting = np.where(same, overlaps, -1.0)
    for match in np.argsort(-fitting, kind="stable"):
        if fitting[match] >= FOUND and int(match) not in taken:
            return "correct", int(match)
    best, nearest = int(fitting.argmax()), int(overlaps.argmax())
    if fitting[best] >= FOUND:
        return "duplicate", best
    if overlaps[nearest] >= FOUND:
        return "class", nearest
    if fitting[best] >= NEAR:
        return "localisation", best
    return ("both", nearest) if overlaps[nearest] >= NEAR else ("background", -1)


def count(truth: Sequence[Detections], found: Sequence[Detections]) -> tuple[Counter[str], list[Sorted]]:
    """How many boxes there are of each kind, and how each picture's are sorted."""
    sorted_boxes = [sort(real, seen) for real, seen in zip(truth, found, strict=True)]
    counts: Counter[str] = Counter({kind: 0 for kind in KINDS})
    for one in sorted_boxes:
        counts.update(one.kinds)
        counts["missed"] += len(one.missed)
    return counts, sorted_boxes

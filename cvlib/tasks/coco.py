"""How good detections are, as COCO defines it, computed by pycocotools.

T.-Y. Lin et al., "Microsoft COCO: common objects in context", 2014. A detection counts if its IoU with a box of the
truth of its class that no surer one has taken reaches a threshold; mAP is the mean area under the precision-recall
curve over the classes, and over the thresholds 0.5, 0.55 ... 0.95.
"""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib.tasks.box_formats import to_coco
from cvlib.tasks.detections import Detections

THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
RECALLS = np.linspace(0, 1, 101)
SIZES = ("all", "small", "medium", "large")
"""COCO's: small is under 32 x 32 pixels, large over 96 x 96."""
MOST = (1, 10, 100)
"""Detections a picture that count for the recall."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """How a detector did. What cannot be said, because there is no such box, is NaN.

    Attributes:
        map: mean average precision over the thresholds 0.5 to 0.95, 0 to 1.
        map50: the same at 0.5 alone.
        map75: the same at 0.75 alone.
        by_class: float64 (K,), `map` of each class.
        by_class50: float64 (K,), `map50` of each class.
        by_size: `map` of the sizes in `SIZES`.
        recall: recall with 1, 10 and 100 detections a picture.
        precision: float64 (10, 101, K): precision at each threshold, recall and class; the curves.
        confidence: float64 (10, 101, K): the confidence that gives them.
        class_names: K names.
    """

    map: float
    map50: float
    map75: float
    by_class: np.ndarray
    by_class50: np.ndarray
    by_size: dict[str, float]
    recall: dict[int, float]
    precision: np.ndarray
    confidence: np.ndarray
    class_names: tuple[str, ...]


def judge(truth: Sequence[Detections], found: Sequence[Detections], sizes_hw: Sequence[tuple[int, int]]) -> Judgement:
    """Judge the detections on some pictures.

    Args:
        truth: the true boxes of each picture.
        found: what was detected on each.
        sizes_hw: height and width of each.

    Raises:
        ValueError: the three differ in length, or there is no picture.
    """
    if not truth or not len(truth) == len(found) == len(sizes_hw):
        raise ValueError("truth, found and sizes_hw must describe the same pictures")
    evaluation = _evaluated(truth, found, sizes_hw, THRESHOLDS, SIZES)
    precision = np.where(evaluation.eval["precision"] < 0, np.nan, evaluation.eval["precision"])
    confidence = np.where(evaluation.eval["precision"] < 0, np.nan, evaluation.eval["scores"])
    recall = np.where(evaluation.eval["recall"] < 0, np.nan, evaluation.eval["recall"])
    whole = precision[:, :, :, 0, -1]
    return Judgement(
        map=_mean(whole),
        map50=_mean(whole[0]),
        map75=_mean(whole[THRESHOLDS.index(0.75)]),
        by_class=np.array([_mean(whole[:, :, label]) for label in range(whole.shape[2])]),
        by_class50=np.array([_mean(whole[0, :, label]) for label in range(whole.shape[2])]),
        by_size={name: _mean(precision[:, :, :, place, -1]) for place, name in enumerate(SIZES)},
        recall={most: _mean(recall[:, :, 0, place]) for place, most in enumerate(MOST)},
        precision=whole,
        confidence=confidence[:, :, :, 0, -1],
        class_names=truth[0].class_names,
    )


def map50(truth: Sequence[Detections], found: Sequence[Detections]) -> float:
    """`Judgement.map50` alone, in a fraction of the time; 0 without any box of the truth."""
    evaluation = _evaluated(truth, found, [(1, 1)] * len(truth), THRESHOLDS[:1], SIZES[:1])
    precision = evaluation.eval["precision"][0, :, :, 0, -1]
    return float(np.nan_to_num(_mean(np.where(precision < 0, np.nan, precision))))


def _evaluated(
    truth: Sequence[Detections],
    found: Sequence[Detections],
    sizes_hw: Sequence[tuple[int, int]],
    thresholds: Sequence[float],
    sizes: Sequence[str],
) -> Any:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    names = [f"{number}" for number in range(len(truth))]
    with contextlib.redirect_stdout(io.StringIO()):  # it prints every step
        real = COCO()
        real.dataset = to_coco(list(zip(names, sizes_hw, truth, strict=True)))
        real.createIndex()
        answers = to_coco(list(zip(names, sizes_hw, found, strict=True)))["annotations"]
        guessed = COCO()
        guessed.dataset = {**real.dataset, "annotations": answers}
        guessed.createIndex()
        evaluation = COCOeval(real, guessed, "bbox")
        evaluation.params.maxDets = list(MOST)
        evaluation.params.iouThrs = np.array(thresholds)
        evaluation.params.areaRngLbl = list(sizes)
        evaluation.params.areaRng = evaluation.params.areaRng[: len(sizes)]
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")

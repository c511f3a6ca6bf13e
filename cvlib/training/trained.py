"""What a training gives, and what a task must offer to be trained."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from cvlib.data import Dataset
from cvlib.spec import TrainingSpec
from cvlib.training.progress import Report

History = dict[str, list[float]]


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """What a training gives.

    Attributes:
        spec: what was trained.
        model: the Keras model, in float32.
        history: one list a metric, one number an epoch.
        metrics: on the test split, see the task's `metrics`.
        parameters: number of weights.
        train_count: number of training pictures.
        seconds: from the start of the training to its judgement.
        device: in words.
        precision: Keras' dtype policy while training.
        stopped: None, or the `epoch` in which it was stopped and the `reason`.
        answers: on the test split; for a classifier `probabilities` float32 (N, K) and `labels` int64 (N,), for a
            detector see `cvlib.tasks.detection.pack`, for a network for segmentation `cvlib.tasks.segmentation.pack`.
        class_names: K names.
    """

    spec: TrainingSpec
    model: Any
    history: History
    metrics: dict[str, float]
    parameters: int
    train_count: int
    seconds: float
    device: str
    precision: str
    stopped: dict[str, Any] | None
    answers: dict[str, np.ndarray]
    class_names: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """A trained model in float32, its metrics on the test split, and its answers there."""

    model: Any
    metrics: dict[str, float]
    answers: dict[str, np.ndarray]


class Student(Protocol):
    """A network on its way to a specification; `kind(spec, dataset)` builds it untrained."""

    precision: str

    def __init__(self, spec: TrainingSpec, dataset: Dataset) -> None: ...

    def learn(self, report: Report, cancelled: Callable[[], bool]) -> tuple[History, dict[str, Any] | None]:
        """Train; the history, and None or where and why it was stopped."""
        ...

    def judged(self) -> Judged:
        """The model and how it does on the test pictures."""
        ...

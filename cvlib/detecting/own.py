"""Training a detector on a person's own labelled pictures, which stay in the worker's memory while they are needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy, ongoing
from cvlib.data import Dataset, Split
from cvlib.detecting import code
from cvlib.errors import ImageError
from cvlib.spec import TrainingSpec
from cvlib.tasks import coco, detection, tiling
from cvlib.tasks.detection import Candidates
from cvlib.tasks.detections import Detections
from cvlib.training.detecting import DetectorStudent

keras = lazy.load("keras")

LEAST, MOST = 4, 200
"""Pictures with boxes that are needed, and that are taken."""
HELD_SHARE = 0.2
SIDES = (128, 192, 256)
BATCH_SIZE = 4
RATE = 2e-3
SEED = 0


@dataclass(frozen=True)
class Part:
    """Where the training stands: steps done, of how many, the losses of the epochs so far, and mAP at the end."""

    done: int
    steps: int
    losses: tuple[float, ...]
    map50: float | None = None

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return self.done / max(1, self.steps)


class OwnTraining:
    """A training that goes on step by step.

    Args:
        pictures: uint8 (H, W, 3) each, of any size.
        boxes: of each picture, with the same class names.
        side: the detector looks at squares of so many pixels.
        epochs: passes over the training pictures.
        model: of `cvlib.models.DETECTORS`.
        augmentation: text of the pipeline that the training pictures go through; empty mirrors them only.

    Raises:
        ImageError: there are too few pictures with boxes.
    """

    def __init__(
        self,
        pictures: Sequence[np.ndarray],
        boxes: Sequence[Detections],
        *,
        side: int,
        epochs: int,
        model: str = "centernet",
        augmentation: str = "",
    ) -> None:
        check(boxes)
        self.class_names = boxes[0].class_names
        self.dataset = as_dataset(pictures[:MOST], boxes[:MOST], side)
        keras.utils.set_random_seed(SEED)
        spec = TrainingSpec(
            task="detection", data="own", model=model, epochs=epochs, batch_size=BATCH_SIZE, learning_rate=RATE,
            augmentation=augmentation,
        )  # fmt: skip
        self.student = DetectorStudent(spec, self.dataset)
        self.epochs, self.losses = epochs, []
        self.parts = self._train()

    def __iter__(self) -> Iterator[Part]:
        return self.parts

    def _train(self) -> Iterator[Part]:
        batches = self.student.batches(self.dataset.train, SEED)
        steps = max(1, int(batches.cardinality()))
        learner, done = self.student.compiled(steps, at_once=1), 0
        for _ in range(self.epochs):
            for images, targets in batches:
                loss = learner.train_on_batch(images, targets, return_dict=True)["loss"]
                done += 1
                yield Part(done, steps * self.epochs, tuple(self.losses))
            self.losses.append(float(loss))
            learner.reset_metrics()
        yield Part(done, done, tuple(self.losses), self.map50())

    def map50(self) -> float:
        """On the pictures that were held back."""
        held = self.dataset.validation
        found = detection.predict(self.model, held.images, self.class_names)
        return coco.map50(detection.truths(held, self.class_names), [one.chosen() for one in found])

    @property
    def model(self) -> Any:
        """The detector with what it has learned so far."""
        return self.student.detector.model


def check(boxes: Sequence[Detections]) -> None:
    """See that there is enough to learn from.

    Raises:
        ImageError: there is not.
    """
    labelled = sum(len(one) > 0 for one in boxes)
    if labelled < LEAST:
        raise ImageError(f"At least {LEAST} pictures need boxes; {labelled} have some so far.")


def as_dataset(pictures: Sequence[np.ndarray], boxes: Sequence[Detections], side: int) -> Dataset:
    """Own pictures as squares with their boxes; every fifth is held back to see how good the detector is."""
    fitted = [tiling.fit(pixels, (side, side)) for pixels in pictures]
    placed = [one.scaled(scale, scale) for one, (_, scale) in zip(boxes, fitted, strict=True)]
    whole = Split(
        images=np.stack([image for image, _ in fitted]),
        labels=np.zeros(len(pictures), np.int64),
        ids=np.arange(len(pictures)),
        boxes_xyxy=tuple(one.boxes_xyxy for one in placed),
        box_labels=tuple(one.labels for one in placed),
    )
    order = np.random.default_rng(SEED).permutation(len(pictures))
    held = max(1, round(HELD_SHARE * len(pictures)))
    return Dataset(
        name="own",
        title="Own pictures",
        class_names=boxes[0].class_names,
        train=whole.take(order[held:]),
        validation=whole.take(order[:held]),
        test=whole.take([]),
        licence="the person's own",
        source="the person's own",
    )


def begin(
    pictures: Sequence[np.ndarray], boxes: Sequence[Detections], side: int, epochs: int, augmentation: str = ""
) -> str:
    """Begin to train; a token for `cvlib.ongoing.proceed` and for `detect`."""
    return ongoing.keep(OwnTraining(pictures, boxes, side=side, epochs=epochs, augmentation=augmentation))


def detect(token: str, pixels: np.ndarray, along: int = 1) -> Candidates:
    """What the detector under this token finds on a picture of any size.

    Raises:
        JobError: it is no longer in the worker's memory.
    """
    training: OwnTraining = ongoing.find(token)
    return tiling.detect(training.model, pixels, training.class_names, along=along)


def as_files(token: str) -> bytes:
    """The detector under this token as a ZIP; see `cvlib.detecting.code`."""
    training: OwnTraining = ongoing.find(token)
    return code.bundle(training.student.judged_model(), "my-detector", training.class_names)

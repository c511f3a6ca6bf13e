"""How a detector is trained."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from cvlib import device, models
from cvlib.data import Dataset, Split
from cvlib.data.scene_sets import load_scenes
from cvlib.models.detectors.base import Detector, batched, padded
from cvlib.spec import TrainingSpec
from cvlib.tasks import coco, detection
from cvlib.training import augmented, precision
from cvlib.training.flat_trainer import trainer
from cvlib.training.pace import steps_per_execution
from cvlib.training.progress import Progress, Report, Stopped, keras_callback
from cvlib.training.schedule import optimizer
from cvlib.training.trained import History, Judged

REPLAYED = 12
"""Test pictures on which a network of one box shows how its answer moves over the epochs."""
WATCHED = 60
"""So many validation pictures are judged after each epoch."""
WATCHED_SCORE = 0.05
"""Boxes that are less sure do not count then: they hardly change the number, and cost time."""


def load(spec: TrainingSpec) -> Dataset:
    """The scenes that a specification trains and tests with."""
    return load_scenes(
        spec.data,
        seed=spec.split_seed,
        image_size=spec.image_size,
        train_size=spec.train_size,
        single=models.info(spec.model).single,
    )


def built(spec: TrainingSpec, input_shape: tuple[int, int, int], num_classes: int) -> tuple[Detector, str]:
    """The untrained detector under the dtype policy that suits it and the device, and that policy."""

    def build() -> Detector:
        return models.build_detector(spec.model, input_shape=input_shape, num_classes=num_classes)

    return precision.built(spec, build, lambda detector: detector.network)


class DetectorStudent:
    """See `cvlib.training.trained.Student`."""

    def __init__(self, spec: TrainingSpec, dataset: Dataset) -> None:
        self.spec, self.dataset = spec, dataset
        shape = dataset.train.images.shape[1:]
        self.detector, self.precision = built(spec, shape, len(dataset.class_names))
        self.replay: list[np.ndarray] = []

    def learn(self, report: Report, cancelled: Callable[[], bool]) -> tuple[History, dict[str, Any] | None]:
        """See `Student`."""
        report({"kind": "phase", "phase": "preparing the first step"})
        spec, train = self.spec, self.dataset.train
        steps = self.detector.steps(len(train), spec.batch_size)
        progress = Progress(spec, steps, report, cancelled, prepares=True)
        try:
            self.compiled(steps).fit(
                self.batches(train, spec.seed),
                epochs=spec.epochs,
                shuffle=False,
                validation_data=self.batches(self.dataset.validation, None),
                callbacks=[keras_callback(progress, self.watched)],
                verbose=0,
            )
        except Stopped:
            return progress.history, {"epoch": progress.epoch + 1, "reason": "cancelled"}
        return progress.history, None

    def compiled(self, steps: int, *, at_once: int | None = None) -> Any:
        """The trainer, ready to be fitted for so many steps an epoch; so many of them at once, or what suits."""
        learner = trainer(self.detector.network, self.detector.loss)
        work = device.work_of(self.detector.network) * self.spec.batch_size
        learner.compile(
            optimizer=optimizer(self.spec, steps * self.spec.epochs),
            jit_compile=device.compiles() and self.detector.compiles,
            steps_per_execution=at_once or steps_per_execution(work, steps),
        )
        # With its variables made beforehand TensorFlow need not trace the first step twice.
        learner.optimizer.build([learner.flat.vector])
        return learner

    def batches(self, split: Split, seed: int | None) -> Any:
        """The pictures of a split with their boxes as the detector takes them, augmented if there is a seed."""
        targets = padded(split.boxes_xyxy, split.box_labels)
        if seed is not None and self.spec.augmentation:
            changed = functools.partial(augmented.detected, spec=self.spec)
            return batched(split.images, targets, self.spec.batch_size, seed, changed)
        return self.detector.batches(split.images, targets, self.spec.batch_size, seed)

    def watched(self) -> dict[str, float]:
        """How good it is on some validation pictures, with the weights of now."""
        if models.info(self.spec.model).single:
            answers = self.detector.model.predict_on_batch(self.dataset.test.images[:REPLAYED])
            self.replay.append(np.asarray(answers, np.float32)[:, 0, :4])
        split = self.dataset.validation.take(range(min(WATCHED, len(self.dataset.validation))))
        if not len(split):
            return {}
        names = self.dataset.class_names
        found = detection.predict(self.detector.model, split.images, names)
        chosen = [one.chosen(confidence=WATCHED_SCORE) for one in found]
        return {"val_map50": coco.map50(detection.truths(split, names), chosen)}

    def judged(self) -> Judged:
        """See `Student`."""
        model, test, names = self.judged_model(), self.dataset.test, self.dataset.class_names
        found = detection.predict(model, test.images, names)
        packed = detection.pack(detection.truths(test, names), found, test.images.shape[1:3])
        if self.replay:
            packed["replay"] = np.stack(self.replay)
        return Judged(model, detection.metrics(detection.unpack(packed, names)), packed)

    def judged_model(self) -> Any:
        """The detector with its weights in float32, so that it can be used anywhere."""
        plain = models.build_detector(
            self.spec.model, input_shape=self.dataset.train.images.shape[1:], num_classes=len(self.dataset.class_names)
        )
        plain.network.set_weights(self.detector.network.get_weights())
        return plain.model

"""How a classifier is trained."""

import math
from collections.abc import Callable
from typing import Any

from cvlib import data, device, lazy, models
from cvlib.augmentation import Pipeline
from cvlib.data import Dataset, Split
from cvlib.spec import TrainingSpec
from cvlib.tasks import classification
from cvlib.training import augmented, precision, robust
from cvlib.training.pace import steps_per_execution
from cvlib.training.progress import Progress, Report, Stopped, keras_callback
from cvlib.training.schedule import optimizer
from cvlib.training.trained import History, Judged

tf = lazy.load("tensorflow")
keras = lazy.load("keras")

EVALUATION_BATCH = 1000


def load(spec: TrainingSpec) -> Dataset:
    """The data that a specification trains and tests with."""
    return data.load(
        spec.data,
        seed=spec.split_seed,
        image_size=spec.image_size,
        train_size=spec.train_size,
        test_share=spec.test_share,
        sample_seed=spec.seed,
    )


class Classifier:
    """See `cvlib.training.trained.Student`."""

    def __init__(self, spec: TrainingSpec, dataset: Dataset) -> None:
        self.spec, self.dataset = spec, dataset
        self.model, self.precision = precision.built(spec, lambda: untrained(spec, dataset))

    def learn(self, report: Report, cancelled: Callable[[], bool]) -> tuple[History, dict[str, Any] | None]:
        """See `Student`."""
        return _fit(self.spec, self.model, self.dataset, report, cancelled)

    def judged(self) -> Judged:
        """See `Student`."""
        model, test = _in_float32(self.spec, self.model, self.dataset), self.dataset.test
        probabilities = classification.predict(model, test.images)
        report = classification.report(test.labels, probabilities, self.dataset.class_names)
        answers = {"probabilities": probabilities, "labels": test.labels}
        return Judged(model, classification.metrics(report, probabilities), answers)


def untrained(spec: TrainingSpec, dataset: Dataset) -> Any:
    """The network of a specification with its first weights."""
    return models.build(
        spec.model,
        input_shape=dataset.train.images.shape[1:],
        num_classes=len(dataset.class_names),
        dropout=spec.dropout,
        l2=spec.l2,
    )


def _in_float32(spec: TrainingSpec, model: Any, dataset: Dataset) -> Any:
    """The same weights in a network that computes in float32, so that it can be used anywhere."""
    plain = untrained(spec, dataset)
    plain.set_weights(model.get_weights())
    return plain


def _fit(
    spec: TrainingSpec, model: Any, dataset: Dataset, report: Report, cancelled: Callable[[], bool]
) -> tuple[dict[str, list[float]], dict[str, Any] | None]:
    report({"kind": "phase", "phase": "training"})
    steps = math.ceil(len(dataset.train) / spec.batch_size)
    learner = robust.trainer(model, spec, steps * spec.epochs)
    classes = len(dataset.class_names) if Pipeline.from_text(spec.augmentation).mixes else None
    together = steps_per_execution(device.work_of(model) * spec.batch_size, steps)
    learner.compile(
        optimizer=optimizer(spec, steps * spec.epochs),
        loss="categorical_crossentropy" if classes else "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=device.compiles(),
        steps_per_execution=augmented.at_once(steps, together) if spec.augmentation else together,
    )
    progress = Progress(spec, steps, report, cancelled)
    try:
        learner.fit(
            training_batches(spec, dataset.train, classes),
            epochs=spec.epochs,
            steps_per_epoch=steps if spec.augmentation else None,
            shuffle=False,
            validation_data=batches(dataset.validation, EVALUATION_BATCH, classes=classes),
            callbacks=[keras_callback(progress)],
            verbose=0,
        )
    except Stopped:
        return progress.history, {"epoch": progress.epoch + 1, "reason": "cancelled"}
    return progress.history, None


def training_batches(spec: TrainingSpec, split: Split, classes: int | None) -> Any:
    """What it learns from: the `batches` of an epoch; augmented ones come epoch after epoch, without end."""
    plain = batches(split, spec.batch_size, seed=spec.seed, classes=classes)
    return augmented.classified(plain.repeat(), spec).prefetch(2) if spec.augmentation else plain


def batches(split: Split, batch_size: int, *, seed: int | None = None, classes: int | None = None) -> Any:
    """A tf.data pipeline of (uint8 (B, H, W, C), int64 (B,)); shuffled anew each epoch if there is a seed.

    With a number of classes K the labels are their shares instead, float32 (B, K): what mixed pictures need.

    The pictures stay one tensor and whole batches are gathered from it, which costs a tenth of slicing it picture by
    picture.
    """
    images, labels = tf.constant(split.images), tf.constant(split.labels)
    labels = tf.one_hot(labels, classes) if classes else labels
    order = tf.data.Dataset.range(len(split))
    if seed is not None:
        order = order.shuffle(len(split), seed=seed, reshuffle_each_iteration=True)
    gathered = order.batch(batch_size).map(lambda i: (tf.gather(images, i), tf.gather(labels, i)))
    return gathered.prefetch(2)

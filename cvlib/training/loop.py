"""The training itself."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import data, device, lazy, models, recipes
from cvlib.data import Dataset, Split
from cvlib.spec import TrainingSpec
from cvlib.tasks import classification
from cvlib.training import robust
from cvlib.training.progress import Progress, Report, Stopped, keras_callback
from cvlib.training.schedule import optimizer

tf = lazy.load("tensorflow")
keras = lazy.load("keras")

EVALUATION_BATCH = 1000
STEP_WORK = 1.3e9
"""Multiply-adds forward that two processor cores manage, with the way back, in about 0.2 s."""
MOST_STEPS = 16


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """What a training gives.

    Attributes:
        spec: what was trained.
        model: the Keras model, in float32.
        history: one list a metric, one number an epoch.
        metrics: on the test split, see `classification.metrics`.
        parameters: number of weights.
        train_count: number of training pictures.
        seconds: from the start of the training to its judgement.
        device: in words.
        precision: Keras' dtype policy while training.
        stopped: None, or the `epoch` in which it was stopped and the `reason`.
        test_probabilities: float32 (N, K).
        test_labels: int64 (N,).
        class_names: K names.
    """

    spec: TrainingSpec
    model: Any
    history: dict[str, list[float]]
    metrics: dict[str, float]
    parameters: int
    train_count: int
    seconds: float
    device: str
    precision: str
    stopped: dict[str, Any] | None
    test_probabilities: np.ndarray
    test_labels: np.ndarray
    class_names: tuple[str, ...]


def train(
    spec: TrainingSpec,
    *,
    report: Report = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
    dataset: Dataset | None = None,
) -> TrainedModel:
    """Train to this specification. The same specification gives the same model on the same device.

    Args:
        spec: what to train.
        report: takes progress events (see `Progress`).
        cancelled: asked every few batches; once it says yes, the model so far is judged and returned.
        dataset: the data, if it is at hand already.

    Raises:
        UserError: the specification names what there is not, or the data cannot be had.
        Diverged: the loss became infinite or not a number.
    """
    recipes.check(spec)
    device.configure()
    started = time.perf_counter()
    report({"kind": "phase", "phase": "loading data"})
    dataset = dataset or load_data(spec)
    report({"kind": "phase", "phase": "building"})
    keras.utils.set_random_seed(spec.seed)
    model, precision = _build(spec, dataset)
    report({"kind": "phase", "phase": "training"})
    history, stopped = _fit(spec, model, dataset, report, cancelled)
    report({"kind": "phase", "phase": "evaluating"})
    model = _in_float32(spec, model, dataset)
    probabilities = classification.predict(model, dataset.test.images)
    judged = classification.report(dataset.test.labels, probabilities, dataset.class_names)
    return TrainedModel(
        spec=spec,
        model=model,
        history=history,
        metrics=classification.metrics(judged, probabilities),
        parameters=model.count_params(),
        train_count=len(dataset.train),
        seconds=time.perf_counter() - started,
        device=device.describe(),
        precision=precision,
        stopped=stopped,
        test_probabilities=probabilities,
        test_labels=dataset.test.labels,
        class_names=dataset.class_names,
    )


def load_data(spec: TrainingSpec) -> Dataset:
    """The data that a specification trains and tests with."""
    return data.load(
        spec.data,
        seed=spec.split_seed,
        image_size=spec.image_size,
        train_size=spec.train_size,
        test_share=spec.test_share,
        sample_seed=spec.seed,
    )


def _build(spec: TrainingSpec, dataset: Dataset) -> tuple[Any, str]:
    """The untrained model under the dtype policy that suits it and the device."""
    model = untrained(spec, dataset)
    policy = device.policy(spec.precision, device.work_of(model) * spec.batch_size)
    if policy == "float32":
        return model, policy
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        mixed = untrained(spec, dataset)
    finally:
        keras.config.set_dtype_policy(before)
    mixed.set_weights(model.get_weights())
    return mixed, policy


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
    steps = math.ceil(len(dataset.train) / spec.batch_size)
    learner = robust.trainer(model, spec, steps * spec.epochs)
    learner.compile(
        optimizer=optimizer(spec, steps * spec.epochs),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=device.compiles(),
        steps_per_execution=steps_per_execution(device.work_of(model) * spec.batch_size, steps),
    )
    progress = Progress(spec, steps, report, cancelled)
    try:
        learner.fit(
            batches(dataset.train, spec.batch_size, seed=spec.seed),
            epochs=spec.epochs,
            shuffle=False,
            validation_data=batches(dataset.validation, EVALUATION_BATCH),
            callbacks=[keras_callback(progress)],
            verbose=0,
        )
    except Stopped:
        return progress.history, {"epoch": progress.epoch + 1, "reason": "cancelled"}
    return progress.history, None


def steps_per_execution(work: float, steps: int) -> int:
    """How many steps TensorFlow takes before Python looks again: more are faster, fewer can be cancelled sooner.

    Args:
        work: multiply-adds of a step, forward.
        steps: steps an epoch.
    """
    most = MOST_STEPS * 4 if device.gpu_name() else MOST_STEPS
    return max(1, min(most, steps, round(STEP_WORK / max(1.0, work))))


def batches(split: Split, batch_size: int, *, seed: int | None = None) -> Any:
    """A tf.data pipeline of (uint8 (B, H, W, C), int64 (B,)); shuffled anew each epoch if there is a seed.

    The pictures stay one tensor and whole batches are gathered from it, which costs a tenth of slicing it picture by
    picture.
    """
    images, labels = tf.constant(split.images), tf.constant(split.labels)
    order = tf.data.Dataset.range(len(split))
    if seed is not None:
        order = order.shuffle(len(split), seed=seed, reshuffle_each_iteration=True)
    gathered = order.batch(batch_size).map(lambda i: (tf.gather(images, i), tf.gather(labels, i)))
    return gathered.prefetch(2)

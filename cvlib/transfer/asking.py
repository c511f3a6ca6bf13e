"""What a page asks of a worker for transfer learning. Functions that take a model are called with it there."""

import secrets
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy, models
from cvlib.errors import JobError
from cvlib.export import keras_file, lite
from cvlib.transfer import backbones, head, ready, tuning
from cvlib.transfer.head import Head
from cvlib.transfer.project import Project

keras = lazy.load("keras")

BATCH = 16
TRAININGS_KEPT = 6
"""Trainings that go on epoch by epoch and are kept in the worker between the calls."""
SCRATCH_SIDE = 64
"""A network from scratch sees the pictures this large: larger ones would take minutes."""
SCRATCH_MODEL = "resnet"
_features: "weakref.WeakKeyDictionary[Any, Any]" = weakref.WeakKeyDictionary()
_trainings: "OrderedDict[str, tuning.Tuner]" = OrderedDict()


def load_ready(name: str, count: int = ready.PER_CLASS) -> Project:
    """A ready set's project."""
    return ready.CATALOG[name].load(count)


def _feature_model(model: Any) -> Any:
    """A network up to its features: a backbone as it is, a network of this workshop without its last layer."""
    if model not in _features:
        has_head = any(layer.name == backbones.HEAD[0] for layer in model.layers)
        _features[model] = backbones.beheaded(model) if has_head else model
    return _features[model]


def features(model: Any, images: np.ndarray) -> np.ndarray:
    """What the backbone makes of pictures: float32 (N, D) of uint8 (N, H, W, C)."""
    return tuning.probabilities(_feature_model(model), images)


def summary(model: Any) -> tuple[tuple[str, int], ...]:
    """The backbone's layers that could learn, each with the number of its weights, from the first to the last."""
    names = tuning.layers_that_learn(_feature_model(model))
    return tuple((name, int(model.get_layer(name).count_params())) for name in names)


def train_head(found: np.ndarray, labels: np.ndarray, held: np.ndarray, count: int) -> tuple[Head, dict]:
    """A head for features (see `cvlib.transfer.head.train`)."""
    return head.train(found, labels, count, held=held)


@dataclass(frozen=True)
class Lane:
    """A training that goes on: its name in the worker, and how it has gone."""

    token: str
    learning: tuple[str, ...]
    weights: int
    history: dict[str, list[float]]


def begin_tuning(model: Any, start: Head, images: np.ndarray, labels: np.ndarray, held: np.ndarray, last: int) -> Lane:
    """Begin to fine-tune: the head as it was trained, and the last layers of the backbone."""
    whole = head.attach(_feature_model(model), start)
    learning = tuning.unfreeze(whole, last)
    return _kept(tuning.Tuner(whole, images, labels, held), learning)


def begin_from_scratch(images: np.ndarray, labels: np.ndarray, held: np.ndarray, count: int) -> Lane:
    """Begin to train a small network that knows nothing yet, on the same pictures."""
    keras.utils.set_random_seed(0)
    model = models.build(SCRATCH_MODEL, input_shape=images.shape[1:], num_classes=count)
    tuner = tuning.Tuner(model, images, labels, held, rate=tuning.SCRATCH_RATE)
    return _kept(tuner, tuple(layer.name for layer in model.layers if layer.weights))


def _kept(tuner: tuning.Tuner, learning: tuple[str, ...]) -> Lane:
    token = secrets.token_hex(16)
    _trainings[token] = tuner
    while len(_trainings) > TRAININGS_KEPT:
        _trainings.popitem(last=False)
    weights = sum(int(np.prod(weight.shape)) for weight in tuner.model.trainable_weights)
    return Lane(token, learning, weights, {})


def go_on(lane: Lane) -> Lane:
    """One more epoch.

    Raises:
        JobError: the worker no longer has this training.
    """
    tuner = _tuner(lane)
    tuner.epoch()
    return Lane(lane.token, lane.learning, lane.weights, {name: list(values) for name, values in tuner.history.items()})


def _tuner(lane: Lane) -> tuning.Tuner:
    if lane.token not in _trainings:
        raise JobError("This training is no longer in the worker's memory. Start it again.")
    _trainings.move_to_end(lane.token)
    return _trainings[lane.token]


def answers(lane: Lane, images: np.ndarray) -> np.ndarray:
    """What a lane's network says of pictures: float32 (N, K)."""
    return tuning.probabilities(_tuner(lane).model, images)


def forget(lanes: Sequence[Lane]) -> None:
    """Drop trainings and the pictures they hold."""
    for lane in lanes:
        _trainings.pop(lane.token, None)


def whole_network(model: Any, start: Head) -> bytes:
    """The frozen backbone with its head as a `.keras` file."""
    return keras_file.as_keras(head.attach(_feature_model(model), start))


def lite_network(model: Any, start: Head, class_names: tuple[str, ...]) -> bytes:
    """The frozen backbone with its head as TFLite, zipped with its labels."""
    return lite.with_labels(head.attach(_feature_model(model), start), class_names)

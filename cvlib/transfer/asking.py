"""What a page asks of a worker for transfer learning. Functions that take a model are called with it there."""

import weakref
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy, models, ongoing
from cvlib.explain import base, methods
from cvlib.explain.probe import probe
from cvlib.explain.targets import ClassScore
from cvlib.export import keras_file, lite
from cvlib.transfer import augmented, backbones, curve, head, ready, tuning
from cvlib.transfer.head import Head, Learned
from cvlib.transfer.project import Project

keras = lazy.load("keras")

WHOLES_KEPT = 4
"""Networks with a person's head that are kept in the worker."""
SCRATCH_SIDE = 64
"""A network from scratch sees the pictures this large: larger ones would take minutes."""
SCRATCH_MODEL = "resnet"
_features: "weakref.WeakKeyDictionary[Any, Any]" = weakref.WeakKeyDictionary()
_wholes: "OrderedDict[tuple[int, str], tuple[Any, Any]]" = OrderedDict()


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


def augmented_features(model: Any, images: np.ndarray, pipeline: str) -> np.ndarray:
    """What the backbone makes of augmented copies: float32 (N, M, D) of uint8 (N, H, W, C).

    Raises:
        SpecError: the pipeline mixes pictures, or is none.
    """
    copies = augmented.copies(images, pipeline)
    found = features(model, copies.reshape(-1, *images.shape[1:]))
    return found.reshape(*copies.shape[:2], -1)


def summary(model: Any) -> tuple[tuple[str, int], ...]:
    """The backbone's layers that could learn, each with the number of its weights, from the first to the last."""
    names = tuning.layers_that_learn(_feature_model(model))
    return tuple((name, int(model.get_layer(name).count_params())) for name in names)


def train_head(found: np.ndarray, labels: np.ndarray, held: np.ndarray, count: int) -> tuple[Head, dict]:
    """A head for features (see `cvlib.transfer.head.train`)."""
    return head.train(found, labels, count, held=held)


def whole(model: Any, learned: Learned) -> Any:
    """The whole network: the backbone, what was changed in it, and its head; the last few are kept."""
    key = (id(model), learned.digest)
    if key not in _wholes:
        # The backbone is kept with it: as long as it lives, no other one has its id.
        _wholes[key] = model, head.attach(_feature_model(model), learned.head, learned.changes)
        while len(_wholes) > WHOLES_KEPT:
            _wholes.popitem(last=False)
    _wholes.move_to_end(key)
    return _wholes[key][1]


def probabilities(model: Any, learned: Learned, images: np.ndarray) -> np.ndarray:
    """What the whole network says of pictures: float32 (N, K)."""
    return tuning.probabilities(whole(model, learned), images)


def heat(model: Any, learned: Learned, image: np.ndarray, label: int) -> np.ndarray | None:
    """Where the network sees a class (Grad-CAM): float32 (H, W) in 0..1; None where it has no spatial layer."""
    network = whole(model, learned)
    if probe(network).last_spatial is None:
        return None
    return base.run(methods.info("grad_cam"), network, image, ClassScore(label)).heatmap


@dataclass(frozen=True)
class Lane:
    """A training that goes on: its name in the worker, and how it has gone.

    Attributes:
        token: cannot be guessed.
        learning: names of the layers that learn.
        weights: how many weights they have.
        history: a list a metric, a number an epoch.
        prepared: share of the pictures that have passed the frozen part, 0 to 1; the first epoch begins at 1.
    """

    token: str
    learning: tuple[str, ...]
    weights: int
    history: dict[str, list[float]]
    prepared: float = 0.0


def begin_tuning(
    model: Any, start: Head, images: np.ndarray, labels: np.ndarray, held: np.ndarray, last: int, rate: float,
    pipeline: str = "",
) -> Lane:  # fmt: skip
    """Begin to fine-tune: the head as it was trained, and the last layers of the backbone.

    Raises:
        SpecError: the backbone has not so many layers, or the pipeline mixes pictures or is none.
    """
    network = head.attach(_feature_model(model), start)
    learning = tuning.unfreeze(network, last)
    copies = _copies(images, held, pipeline)
    return _kept(tuning.Tuner(network, images, labels, held, rate=rate, copies=copies), learning)


def _copies(images: np.ndarray, held: np.ndarray, pipeline: str) -> np.ndarray | None:
    return augmented.copies(images[~held], pipeline) if pipeline else None


def begin_from_scratch(
    images: np.ndarray, labels: np.ndarray, held: np.ndarray, count: int, pipeline: str = ""
) -> Lane:
    """Begin to train a small network that knows nothing yet, on the same pictures.

    Raises:
        SpecError: the pipeline mixes pictures, or is none.
    """
    model = from_scratch(images.shape[1:], count, seed=0)
    copies = _copies(images, held, pipeline)
    tuner = tuning.Tuner(model, images, labels, held, rate=tuning.SCRATCH_RATE, copies=copies)
    return _kept(tuner, tuple(layer.name for layer in model.layers if layer.weights))


def from_scratch(shape: tuple[int, ...], count: int, *, seed: int) -> Any:
    """A small network that knows nothing."""
    keras.utils.set_random_seed(seed)
    return models.build(SCRATCH_MODEL, input_shape=shape, num_classes=count)


def _kept(tuner: tuning.Tuner, learning: tuple[str, ...]) -> Lane:
    token = ongoing.keep(tuner)
    weights = sum(int(np.prod(weight.shape)) for weight in tuner.learner.trainable_weights)
    return Lane(token, learning, weights, {})


def go_on(lane: Lane) -> Lane:
    """One more epoch; or the next pictures through the frozen part, while not all have passed it.

    Raises:
        JobError: the worker no longer has this training.
    """
    tuner = ongoing.find(lane.token)
    if tuner.prepared < 1:
        tuner.prepare()
    else:
        tuner.epoch()
    history = {name: list(values) for name, values in tuner.history.items()}
    return Lane(lane.token, lane.learning, lane.weights, history, tuner.prepared)


def outcome(lane: Lane) -> tuple[Learned, np.ndarray]:
    """What a fine-tuning has changed so far, and what it says of its pictures: float32 (N, K)."""
    tuner = ongoing.find(lane.token)
    changes = tuner.changes()
    kernel, bias = changes.pop(backbones.HEAD[0])
    return Learned(Head(kernel, bias), changes), tuner.answers()


def begin_curve(
    model: Any, found: np.ndarray, images: np.ndarray, small: np.ndarray, labels: np.ndarray, held: np.ndarray,
    last: int,
) -> str:  # fmt: skip
    """Begin to measure accuracy against the number of pictures a class (see `cvlib.transfer.curve`).

    Returns:
        A token for `ongoing.proceed`.
    """
    count = int(labels.max()) + 1
    start, _ = head.train(found, labels, count, held=held)
    network = head.attach(_feature_model(model), start)
    tuning.unfreeze(network, last)
    scratch = from_scratch(small.shape[1:], count, seed=0)
    return ongoing.keep(curve.measure(network, scratch, found, images, small, labels, held))


def whole_network(model: Any, learned: Learned) -> bytes:
    """The whole network as a `.keras` file."""
    return keras_file.as_keras(whole(model, learned))


@dataclass(frozen=True)
class LiteFile:
    """A network for phones, and what it says of the pictures it was checked with: float32 (N, K)."""

    content: bytes
    probabilities: np.ndarray


def lite_network(model: Any, learned: Learned, checked: np.ndarray, typical: np.ndarray | None = None) -> LiteFile:
    """The whole network as TFLite, run on some pictures.

    Args:
        model: the backbone.
        learned: what it has beyond.
        checked: uint8 (N, H, W, C).
        typical: pictures like those that it will see; then its weights and values are whole numbers of 8 bits.
    """
    network = whole(model, learned)
    content = lite.as_tflite(network) if typical is None else lite.as_int8(network, typical)
    return LiteFile(content, lite.run(content, checked))

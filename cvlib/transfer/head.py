"""The head: softmax regression on the features of a frozen backbone.

It learns from features that were computed once, so that it trains in a second; folded into one dense layer, it is the
last layer of the whole network.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.errors import SpecError

keras = lazy.load("keras")
tf = lazy.load("tensorflow")

EPOCHS = 100
RATE = 0.01
PENALTY = 0.1
"""Weight of the L2 penalty: there are more features than pictures."""


@dataclass(frozen=True, eq=False)
class Head:
    """A dense layer with softmax behind it.

    Attributes:
        kernel: float32 (D, K).
        bias: float32 (K,).
    """

    kernel: np.ndarray
    bias: np.ndarray

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Probabilities of every class: float32 (N, K) of features float32 (N, D)."""
        logits = features @ self.kernel + self.bias
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Learned:
    """All that a network has beyond its backbone.

    Attributes:
        head: its last layer.
        changes: weights of the layers that were fine-tuned, by their names; empty if the backbone is as it was.
    """

    head: Head
    changes: Mapping[str, tuple[np.ndarray, ...]] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """Names it by its content."""
        content = hashlib.sha256(self.head.kernel.tobytes() + self.head.bias.tobytes())
        for name, weights in sorted(self.changes.items()):
            content.update(name.encode())
            for weight in weights:
                content.update(weight.tobytes())
        return content.hexdigest()


def train(
    features: np.ndarray,
    labels: np.ndarray,
    num_classes: int,
    *,
    held: np.ndarray | None = None,
    epochs: int = EPOCHS,
) -> tuple[Head, dict[str, list[float]]]:
    """Train a head.

    Every feature is put on one scale first, and every class weighs the same however many pictures it has.

    Args:
        features: float32 (N, D).
        labels: int (N,), 0 to K - 1.
        num_classes: K.
        held: bool (N,), pictures that are only tested on.
        epochs: passes over the pictures.

    Returns:
        The head, and a list a metric (`loss`, `accuracy`, `val_loss`, `val_accuracy`), a number an epoch.

    Raises:
        SpecError: a class has no picture to learn from.
    """
    held = np.zeros(len(labels), bool) if held is None else held
    counts = np.bincount(labels[~held], minlength=num_classes)
    if len(counts) > num_classes or counts.min() == 0:
        raise SpecError("Every class needs at least one picture to learn from.")
    mean, scale = features[~held].mean(axis=0), features[~held].std(axis=0) + 1e-3
    scaled = ((features - mean) / scale).astype(np.float32)
    learner = _Learner(scaled, labels, held, counts, epochs)
    history = learner.learn(epochs)
    kernel, bias = learner.weights
    folded = kernel / scale[:, np.newaxis]
    head = Head(folded.astype(np.float32), (bias - mean @ folded).astype(np.float32))
    return head, history


class _Learner:
    """Softmax regression by Adam on all pictures at once: the features are few enough for one step an epoch."""

    def __init__(
        self, features: np.ndarray, labels: np.ndarray, held: np.ndarray, counts: np.ndarray, epochs: int
    ) -> None:
        self.dense = keras.layers.Dense(len(counts), kernel_initializer="zeros")
        self.dense.build((None, features.shape[1]))
        self.optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, epochs))
        self.optimizer.build(self.dense.trainable_variables)
        self.learned = tf.constant(features[~held]), tf.constant(labels[~held])
        self.tested = tf.constant(features[held]), tf.constant(labels[held])
        # Every class weighs the same, however many pictures it has.
        self.shares = tf.constant((1 / (len(counts) * counts[labels[~held]])).astype(np.float32))
        self.step = tf.function(self._step, autograph=False)

    @property
    def weights(self) -> tuple[np.ndarray, np.ndarray]:
        kernel, bias = self.dense.get_weights()
        return kernel, bias

    def _losses(self, features: Any, labels: Any) -> tuple[Any, Any]:
        logits = self.dense(features)
        right = tf.cast(tf.argmax(logits, axis=1) == tf.cast(labels, tf.int64), tf.float32)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits), right

    def _step(self) -> tuple[Any, ...]:
        with tf.GradientTape() as tape:
            losses, right = self._losses(*self.learned)
            loss = tf.reduce_sum(self.shares * losses)
            goal = loss + PENALTY * tf.reduce_sum(self.dense.kernel**2)
        self.optimizer.apply(tape.gradient(goal, self.dense.trainable_variables), self.dense.trainable_variables)
        tested, tested_right = self._losses(*self.tested)
        return loss, tf.reduce_mean(right), tf.reduce_mean(tested), tf.reduce_mean(tested_right)

    def learn(self, epochs: int) -> dict[str, list[float]]:
        """All epochs; a list a metric. Without held-back pictures there are no `val_` metrics."""
        rows = [[float(value) for value in self.step()] for _ in range(epochs)]
        names = ("loss", "accuracy", "val_loss", "val_accuracy")[: 4 if len(self.tested[1]) else 2]
        return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def attach(backbone: Any, head: Head, changes: Mapping[str, tuple[np.ndarray, ...]] | None = None) -> Any:
    """The whole network: pictures in 0..255 to probabilities, the backbone frozen.

    Args:
        backbone: a flat Keras model with features (N, D).
        head: for these features.
        changes: weights of the layers that were fine-tuned, by their names.
    """
    whole = keras.models.clone_model(backbone)
    whole.set_weights(backbone.get_weights())
    whole.trainable = False
    logits = keras.layers.Dense(head.kernel.shape[1], name="logits", dtype="float32")
    shares = keras.layers.Activation("softmax", name="probabilities", dtype="float32")(logits(whole.output))
    logits.set_weights([head.kernel, head.bias])
    model = keras.Model(whole.inputs, shares, name="transfer")
    for name, weights in (changes or {}).items():
        model.get_layer(name).set_weights(weights)
    return model

"""Fine-tuning: the last layers of a backbone go on learning with the head, a little at a time.

Batch normalisation stays in inference mode: a few pictures of one's own say too little about means and variances, and
what all layers before and after rely on would be lost (Keras' guide to transfer learning says the same).
"""

from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.errors import SpecError

keras = lazy.load("keras")


RATE = 1e-4
"""A hundredth of what the head learns with: larger steps destroy what was learned from a million photos."""
SCRATCH_RATE = 1e-3
BATCH = 16
HEAD = ("logits", "probabilities")


def layers_that_learn(model: Any) -> tuple[str, ...]:
    """The layers of a network that could learn, from the first to the last: those with weights but no normalisation."""
    fixed = (keras.layers.BatchNormalization, keras.layers.LayerNormalization, keras.layers.Rescaling)
    return tuple(layer.name for layer in model.layers if layer.weights and not isinstance(layer, fixed))


def unfreeze(model: Any, last: int) -> tuple[str, ...]:
    """Let the head and the last layers before it learn, and nothing else.

    Args:
        model: a whole network with a layer `logits` at its end.
        last: how many layers of the backbone learn, 0 for none.

    Returns:
        Names of the layers that learn.

    Raises:
        SpecError: the backbone has not so many layers.
    """
    names = [name for name in layers_that_learn(model) if name not in HEAD]
    if not 0 <= last <= len(names):
        raise SpecError(f"The backbone has {len(names)} layers that can learn; received {last}.")
    learning = {*names[len(names) - last :], *HEAD}
    model.trainable = True
    for layer in model.layers:
        layer.trainable = layer.name in learning
    return tuple(layer.name for layer in model.layers if layer.trainable and layer.weights)


class Tuner:
    """A training that goes on epoch by epoch, as often as it is asked to.

    Args:
        model: what learns, with its layers frozen or not.
        images: uint8 (N, H, W, C).
        labels: int (N,).
        held: bool (N,), pictures that are only tested on.
        rate: step size.
        seed: of the order of the pictures.
    """

    def __init__(
        self, model: Any, images: np.ndarray, labels: np.ndarray, held: np.ndarray, *, rate: float = RATE, seed: int = 0
    ) -> None:
        self.model, self.images, self.labels, self.held, self.seed = model, images, labels, held, seed
        counts = np.bincount(labels[~held], minlength=int(model.output_shape[-1]))
        self.weights = {label: float((~held).sum() / (len(counts) * max(1, n))) for label, n in enumerate(counts)}
        self.history: dict[str, list[float]] = {}
        model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"],
                      jit_compile=False)  # fmt: skip

    def epoch(self) -> dict[str, float]:
        """One more pass over the pictures; gives `loss`, `accuracy`, and `val_...` if pictures are held back."""
        done = len(self.history.get("loss", ()))
        order = np.random.default_rng((self.seed, done)).permutation(np.flatnonzero(~self.held))
        tested = (self.images[self.held], self.labels[self.held]) if self.held.any() else None
        values = self.model.fit(
            self.images[order], self.labels[order], batch_size=BATCH, epochs=1, shuffle=False, verbose=0,
            class_weight=self.weights, validation_data=tested,
        ).history  # fmt: skip
        last = {name: float(numbers[-1]) for name, numbers in values.items()}
        for name, value in last.items():
            self.history.setdefault(name, []).append(value)
        return last


def probabilities(model: Any, images: np.ndarray) -> np.ndarray:
    """What a network says of pictures: float32 (N, K) of uint8 (N, H, W, C)."""
    parts: list[np.ndarray] = [
        np.asarray(model.predict_on_batch(images[start : start + BATCH])) for start in range(0, len(images), BATCH)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, int(model.output_shape[-1])), np.float32)

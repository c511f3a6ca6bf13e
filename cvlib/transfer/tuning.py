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
MOST_BYTES = 400 * 2**20
"""What the frozen part makes of all pictures is kept up to this size."""
PREPARED_A_CALL = 64
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


def split(model: Any) -> tuple[Any, Any]:
    """Cut a network in two, as late as possible before its first layer that learns.

    What the frozen part makes of a picture never changes, so that it has to be computed once only.

    Args:
        model: a flat functional model.

    Returns:
        The frozen part and the rest; None for the frozen part where there is no such place. Both share the model's
        layers.
    """
    steps = list(model.operations)
    places = {id(step): place for place, step in enumerate(steps)}
    used_until = [0] * len(steps)
    for place, step in enumerate(steps):
        for node in step._inbound_nodes:
            for tensor in node.input_tensors:
                source = places[id(tensor._keras_history.operation)]
                used_until[source] = max(used_until[source], place)
    first = next(k for k, step in enumerate(steps) if getattr(step, "trainable_weights", None))
    cut, reach = 0, 0
    for place in range(first):
        # All that comes later passes through this step: nothing before it is used after it.
        if reach <= place:
            cut = place
        reach = max(reach, used_until[place])
    if cut == 0:
        return None, model
    middle = steps[cut].output
    return keras.Model(model.inputs, middle), keras.Model(middle, model.outputs[0])


class Tuner:
    """A training that goes on epoch by epoch, as often as it is asked to.

    What its frozen layers make of the pictures is computed once, by `prepare`, unless it would fill the memory.

    Args:
        model: what learns, with its layers frozen or not.
        images: uint8 (N, H, W, C).
        labels: int (N,).
        held: bool (N,), pictures that are only tested on.
        rate: step size.
        seed: of the order of the pictures.
        copies: uint8 (L, M, H, W, C), changed copies of the L pictures that are not held back, in their order. Every
            epoch learns from one of a picture's 1 + M versions, drawn anew.
    """

    def __init__(
        self, model: Any, images: np.ndarray, labels: np.ndarray, held: np.ndarray, *, rate: float = RATE,
        seed: int = 0, copies: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        self.model, self.labels, self.held, self.seed = model, labels, held, seed
        self.versions = np.arange(len(images))[:, None]
        """int (N, 1 + M): where the versions of each picture are."""
        if copies is not None:
            self.versions = np.repeat(self.versions, 1 + copies.shape[1], axis=1)
            self.versions[~held, 1:] = len(images) + np.arange(copies.shape[0] * copies.shape[1]).reshape(
                copies.shape[:2]
            )
            images = np.concatenate([images, copies.reshape(-1, *images.shape[1:])])
        self.images = images
        self.history: dict[str, list[float]] = {}
        frozen, rest = split(model)
        size = 0 if frozen is None else int(np.prod(frozen.output_shape[1:])) * 4 * len(images)
        self.frozen = frozen if size <= MOST_BYTES else None
        self.learner = model if self.frozen is None else rest
        self.found: list[np.ndarray] = []
        self.learner.compile(
            keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False
        )
        self.learner.optimizer.build(self.learner.trainable_variables)
        self._fresh = [np.array(value) for value in self.learner.optimizer.variables]

    @property
    def prepared(self) -> float:
        """Share of the pictures that have passed the frozen part, 0 to 1."""
        done = sum(map(len, self.found))
        return 1.0 if self.frozen is None or not len(self.images) else done / len(self.images)

    def prepare(self, count: int = PREPARED_A_CALL) -> None:
        """Let the next so many pictures pass the frozen part."""
        start = sum(map(len, self.found))
        if self.prepared < 1:
            self.found.append(probabilities(self.frozen, self.images[start : start + count]))
            if self.prepared == 1:
                self.images = np.concatenate(self.found)

    def restart(self, weights: list[np.ndarray]) -> None:
        """Begin again from other weights of what learns, with the pictures as they are prepared."""
        self.learner.set_weights(weights)
        for variable, value in zip(self.learner.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        self.history = {}

    def epoch(self, learned: np.ndarray | None = None) -> dict[str, float]:
        """One more pass over the pictures; gives `loss`, `accuracy`, and `val_...` if pictures are held back.

        Args:
            learned: bool (N,), the pictures to learn from; by default all that are not held back.
        """
        while self.prepared < 1:
            self.prepare()
        learned = ~self.held if learned is None else learned
        counts = np.bincount(self.labels[learned], minlength=int(self.model.output_shape[-1]))
        weights = {label: float(learned.sum() / (len(counts) * max(1, n))) for label, n in enumerate(counts)}
        done = len(self.history.get("loss", ()))
        chance = np.random.default_rng((self.seed, done))
        order = chance.permutation(np.flatnonzero(learned))
        chosen = self.versions[order, chance.integers(self.versions.shape[1], size=len(order))]
        self.learner.reset_metrics()
        # Batch by batch: a few dozen pictures are passed before `fit` has built its pipeline.
        for start in range(0, len(order), BATCH):
            part = slice(start, start + BATCH)
            values = self.learner.train_on_batch(
                self.images[chosen[part]], self.labels[order[part]], class_weight=weights, return_dict=True
            )
        last = {name: float(value) for name, value in values.items()} | self._tested()
        for name, value in last.items():
            self.history.setdefault(name, []).append(value)
        return last

    def _tested(self) -> dict[str, float]:
        if not self.held.any():
            return {}
        shares, labels = probabilities(self.learner, self.images[np.flatnonzero(self.held)]), self.labels[self.held]
        losses = -np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-7))
        right = shares.argmax(axis=1) == labels
        return {"val_loss": float(losses.mean()), "val_accuracy": float(right.mean())}

    def answers(self) -> np.ndarray:
        """What the network says of the prepared pictures now, not of their copies: float32 (N, K)."""
        return probabilities(self.learner, self.images[: len(self.labels)])

    def changes(self) -> dict[str, tuple[np.ndarray, ...]]:
        """The weights of the layers that learn, by the layers' names; the head's are among them."""
        learning = [layer for layer in self.model.layers if layer.trainable and layer.weights]
        return {layer.name: tuple(np.array(weight) for weight in layer.get_weights()) for layer in learning}


def probabilities(model: Any, images: np.ndarray) -> np.ndarray:
    """What a network says of pictures: float32 (N, K) of uint8 (N, H, W, C)."""
    parts: list[np.ndarray] = []
    for start in range(0, len(images), BATCH):
        part = images[start : start + BATCH]
        # A last batch of another size would be traced anew, which takes longer than a full one.
        filled = np.concatenate([part, images[: BATCH - len(part)]]) if start else part
        parts.append(np.asarray(model.predict_on_batch(filled))[: len(part)])
    return np.concatenate(parts) if parts else np.zeros((0, int(model.output_shape[-1])), np.float32)

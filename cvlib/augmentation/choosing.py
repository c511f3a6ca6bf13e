"""Transforms that are chosen anew for each picture."""

from collections.abc import Callable, Sequence
from typing import Any

from cvlib import lazy
from cvlib.augmentation.batch import Batch

tf = lazy.load("tensorflow")

Operation = Callable[[Batch, Any], Batch]
"""`operation(batch, level) -> batch`: `level` is float32 (N,), -1 to 1, how far each picture is changed."""


def each_its_own(batch: Batch, operations: Sequence[Operation], choice: Any, level: Any) -> Batch:
    """Every picture after the operation that was chosen for it.

    The pictures of one choice are taken out together and put back afterwards: each is changed once, whatever the number
    of operations.

    Args:
        batch: N pictures.
        operations: what can be chosen.
        choice: int32 (N,), places in `operations`.
        level: float32 (N,), see `Operation`.
    """
    places = [tf.where(choice == place)[:, 0] for place in range(len(operations))]
    made = [
        _of_those(batch.gather(those), operation, tf.gather(level, those))
        for operation, those in zip(operations, places, strict=True)
    ]
    joined = Batch(*(None if parts[0] is None else tf.concat(parts, axis=0) for parts in zip(*made, strict=True)))
    return joined.gather(tf.math.invert_permutation(tf.cast(tf.concat(places, axis=0), tf.int32)))


def _of_those(those: Batch, operation: Operation, level: Any) -> Batch:
    """The pictures after an operation, which not every kernel does for none at all."""

    def changed() -> Batch:
        made = operation(those, level)
        return made._replace(images=tf.clip_by_value(made.images, 0.0, 255.0))

    return tf.cond(tf.shape(level)[0] > 0, changed, lambda: those)

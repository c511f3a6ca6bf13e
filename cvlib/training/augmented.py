"""Training batches on their way through a pipeline, drawn anew for every batch of every epoch.

Each takes and gives a tf.data pipeline. The same specification draws the same: a batch's chance is the seed with a
number out of a stream of its own, which goes on from epoch to epoch as the pictures' order does.
"""

from collections.abc import Callable
from typing import Any

from cvlib import lazy
from cvlib.augmentation import Pipeline, batch, running
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.chance import Chance
from cvlib.spec import TrainingSpec

tf = lazy.load("tensorflow")

STILL = ("photometric", "noise")
"""Kinds of transforms that leave everything where it is."""
LEAST_PX = 2.0
"""What is left of a box must have so many pixels each way (or as few as it had), or it is no longer learned."""


def classified(batches: Any, spec: TrainingSpec) -> Any:
    """Of (pictures (B, H, W, C), labels): float32 pictures, the labels whole, (B,), or as shares, float32 (B, K).

    A pipeline that mixes pictures needs shares, for it mixes them too. The batches are best endless, with a number of
    steps an epoch: to begin anew costs 0.1 s, which is as long as an epoch of a hundred small pictures.
    """
    mixes = Pipeline.from_text(spec.augmentation).mixes

    def pack(images: Any, labels: Any) -> Batch:
        return Batch(tf.cast(images, tf.float32), labels=labels if mixes else None)

    return _changed(batches, spec, pack, lambda made, labels: (made.images, made.labels if mixes else labels))


def detected(batches: Any, spec: TrainingSpec) -> Any:
    """Of (pictures (N, H, W, 3), `boxes` float32 (N, B, 4) and `labels` int32 (N, B), -1 where there is none).

    A pipeline that mixes pictures gives more boxes each. What has left the picture gets the label -1.
    """
    moves = not all(step.card.kind in STILL for step in Pipeline.from_text(spec.augmentation).active)

    def pack(images: Any, truth: Any) -> Batch:
        pictures = tf.cast(images, tf.float32)
        if not moves:
            return Batch(pictures)
        real = tf.where(truth["labels"][..., None] >= 0, truth["boxes"], 0.0)
        marks = batch.painted(real, images.shape[1], images.shape[2])
        return Batch(pictures, marks=marks, box_labels=truth["labels"])

    return _changed(batches, spec, pack, lambda made, truth: (made.images, _bounded(made, truth) if moves else truth))


def _bounded(made: Batch, truth: dict[str, Any]) -> dict[str, Any]:
    boxes, own = batch.bounded(made.marks), truth["boxes"]
    # A picture's own boxes come first. Those that were thin before may be so afterwards.
    least = tf.minimum(LEAST_PX, tf.floor(own[..., 2:] - own[..., :2]))
    more = tf.shape(boxes)[1] - tf.shape(own)[1]
    least = tf.pad(least, [[0, 0], [0, more], [0, 0]], constant_values=LEAST_PX)
    is_left = tf.reduce_all((boxes[..., 2:] - boxes[..., :2] >= least) & (boxes[..., 2:] > boxes[..., :2]), axis=-1)
    is_left &= made.box_labels >= 0
    return {"boxes": tf.where(is_left[..., None], boxes, 0.0), "labels": tf.where(is_left, made.box_labels, -1)}


def segmented(batches: Any, spec: TrainingSpec) -> Any:
    """Of (pictures (N, H, W, 3), masks uint8 (N, H, W)); 255 where nothing is known."""

    def pack(images: Any, masks: Any) -> Batch:
        return Batch(tf.cast(images, tf.float32), masks=masks)

    return _changed(batches, spec, pack, lambda made, _: (made.images, made.masks))


def _changed(
    batches: Any, spec: TrainingSpec, pack: Callable[..., Batch], unpack: Callable[[Batch, Any], tuple[Any, Any]]
) -> Any:
    pipeline = Pipeline.from_text(spec.augmentation)
    numbers = tf.data.Dataset.random(seed=spec.seed, rerandomize_each_iteration=True)

    @tf.autograph.experimental.do_not_convert  # no transform needs it, and a graph is made in half the time
    def change(given: tuple[Any, Any], number: Any) -> tuple[Any, Any]:
        images, truth = given
        chance = Chance(tf.stack([spec.seed, tf.cast(number % 2**31, tf.int32)]))
        made, _ = running.run(pipeline, pack(images, truth), chance)
        return unpack(made._replace(images=tf.ensure_shape(made.images, images.shape)), truth)

    drawn = tf.data.Dataset.zip((batches, numbers))
    return drawn.map(change, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)


def at_once(steps: int, most: int) -> int:
    """How many steps Keras may take together so that an epoch of an endless stream ends where it should.

    Args:
        steps: of an epoch.
        most: what would suit otherwise.
    """
    return max(number for number in range(1, min(steps, most) + 1) if steps % number == 0)

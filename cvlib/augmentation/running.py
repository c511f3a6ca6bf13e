"""A pipeline at work: eagerly on a page's few pictures, or as a part of a training's graph.

A transform is a function `change(batch, values, chance) -> batch`. `values` has an entry for every parameter: float32
(N,), drawn from its range for each picture; a plain number where the parameter has one value; a word where it is a
choice. What it leaves out of range is clipped afterwards.
"""

from collections.abc import Mapping
from typing import Any

from cvlib import lazy
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.pipeline import Pipeline, Step
from cvlib.augmentation.schema import Parameter, Range

tf = lazy.load("tensorflow")

Drawn = Mapping[str, Any]
"""What chance decided in one step: `applied`, bool (N,), and the value of each ranged parameter, float32 (N,)."""


def run(pipeline: Pipeline, batch: Batch, chance: Chance) -> tuple[Batch, tuple[Drawn, ...]]:
    """The pictures after every step that is on, and what was drawn in each.

    The same pipeline, pictures and chance give the same result. Pictures keep their shape.
    """
    drawn = []
    for number, step in enumerate(pipeline.active):
        batch, values = _stepped(step, batch, chance.at(number))
        drawn.append(values)
    return batch, tuple(drawn)


def _stepped(step: Step, batch: Batch, chance: Chance) -> tuple[Batch, Drawn]:
    count = tf.shape(batch.images)[0]
    ranges = [(step.card.parameter(name), value) for name, value in step.settings.items() if isinstance(value, tuple)]
    drawn = {parameter.name: _drawn(parameter, value, [count], chance) for parameter, value in ranges}
    applied = chance.uniform("applied", [count]) < step.probability
    grey = batch.images.shape[-1] == 1
    lifted = step.card.colour and grey
    given = batch._replace(images=tf.repeat(batch.images, 3, axis=-1)) if lifted else batch
    made = step.card.change(given, {**step.settings, **drawn}, chance.at("change"))
    images = tf.reduce_mean(made.images, axis=-1, keepdims=True) if lifted else made.images
    made = made._replace(images=tf.clip_by_value(images, 0.0, 255.0))
    made = made if step.probability == 1 else made.where(applied, batch)
    return _without_empty(made) if step.card.mixes else made, {"applied": applied, **drawn}


def _without_empty(batch: Batch) -> Batch:
    """The batch without the layers of boxes that no picture has: mixing pictures brings many, and they cost memory.

    A training's graph keeps them, for it needs a number that is known beforehand.
    """
    if batch.marks is None or not tf.executing_eagerly():
        return batch
    used = tf.where(tf.reduce_any(batch.box_labels >= 0, axis=0))[:, 0]
    marks, labels = (tf.gather(part, used, axis=-1) for part in (batch.marks, batch.box_labels))
    return batch._replace(marks=marks, box_labels=labels)


def _drawn(parameter: Parameter, value: Range, shape: Any, chance: Chance) -> Any:
    """A value of a range for each picture; whole numbers are all as likely, the first and the last too."""
    low, high = value
    if not parameter.whole:
        return chance.uniform(parameter.name, shape, low, high)
    return low + tf.cast(chance.whole(parameter.name, shape, round(high - low) + 1), tf.float32)

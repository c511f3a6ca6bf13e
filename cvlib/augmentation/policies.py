"""Policies: transforms that choose transforms, anew for each picture.

Keras' own RandAugment makes one choice for a whole batch, and keras-cv's and both AugMix ignore their seed.
"""

from collections.abc import Callable
from math import atan, degrees
from typing import Any

from cvlib import lazy
from cvlib.augmentation import colour, geometric, levels, photometric
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.blending import blended
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.choosing import Operation, each_its_own
from cvlib.augmentation.schema import Parameter, Transform

tf = lazy.load("tensorflow")

STRONGEST = 10.0
"""The magnitude at which a level is 1, as in both papers."""
DEEPEST = 3
LEAST = 0.1
ALL = 100.0
SLANT = degrees(atan(0.3))


def _by(change: Callable[..., Batch], /, **settings: Callable[[Any], Any] | str) -> Operation:
    """A transform of the catalogue, with settings that are made from a level."""

    def operation(batch: Batch, level: Any) -> Batch:
        values = {name: made if isinstance(made, str) else made(level) for name, made in settings.items()}
        return change(batch, values, None)

    return operation


def _times(most: float) -> Callable[[Any], Any]:
    return lambda level: most * level


def _all(level: Any) -> Any:
    return tf.fill(tf.shape(level), ALL)


def _none(level: Any) -> Any:
    return tf.zeros_like(level)


def _same(batch: Batch, level: Any) -> Batch:
    return batch


GEOMETRIC: tuple[Operation, ...] = (
    _by(geometric.rotation, angle=_times(30.0), fill="constant"),
    _by(geometric.shear, x=_times(SLANT), y=_none, fill="constant"),
    _by(geometric.shear, x=_none, y=_times(SLANT), fill="constant"),
    _by(geometric.translation, x=_times(45.0), y=_none, fill="constant"),
    _by(geometric.translation, x=_none, y=_times(45.0), fill="constant"),
)
TONES: tuple[Operation, ...] = (
    _by(levels.auto_contrast, amount=_all),
    _by(levels.equalise, amount=_all),
    _by(levels.solarise, threshold=lambda level: levels.ABOVE_ALL * (1 - tf.abs(level))),
    _by(levels.posterise, bits=lambda level: levels.BITS - 4 * tf.abs(level)),
)
LIGHT: tuple[Operation, ...] = (
    _by(colour.saturation, change=_times(90.0)),
    _by(photometric.contrast, change=_times(90.0)),
    _by(photometric.brightness, change=_times(115.0)),
    _by(photometric.sharpness, change=_times(90.0)),
)
OPERATIONS: tuple[Operation, ...] = (_same, *GEOMETRIC, *TONES, *LIGHT)
"""RandAugment's fourteen; AugMix leaves out those for light, and the first."""


def _drawn(batch: Batch, operations: tuple[Operation, ...], magnitude: Any, chance: Chance, done: Any) -> Batch:
    """One round: each picture after an operation drawn for it, in a direction drawn for it.

    Args:
        batch: N pictures.
        operations: what is drawn from.
        magnitude: float32 (N,), 0 to `STRONGEST`.
        chance: of this round.
        done: bool (N,), the pictures that are left as they are.
    """
    count = tf.shape(batch.images)[:1]
    choice = tf.where(done, len(operations), chance.whole("choice", count, len(operations)))
    sign = tf.where(chance.uniform("sign", count) < 0.5, -1.0, 1.0)
    return each_its_own(batch, (*operations, _same), choice, sign * magnitude / STRONGEST)


def _round(operations: tuple[Operation, ...]) -> Callable[..., Batch]:
    """`round(batch, magnitude, seed, done)`, see `_drawn`; a training's graph has its many parts only once."""

    def turn(batch: Batch, magnitude: Any, seed: Any, done: Any) -> Batch:
        return _drawn(batch, operations, magnitude, Chance(seed), done)

    return turn if tf.executing_eagerly() else tf.function(turn, autograph=False)


def rand_augment(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """A few operations in a row, drawn for each picture, all as strong as its magnitude says."""
    turn, none = _round(OPERATIONS), tf.zeros(tf.shape(batch.images)[:1], tf.bool)
    for number in range(round(values["rounds"])):
        batch = turn(batch, values["magnitude"], chance.at(number).seed, none)
    return batch


def aug_mix(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """The picture mixed with a mixture of chains of one to three operations each."""
    width = round(values["chains"])
    count, shape = tf.shape(batch.images)[0], batch.images.shape[1:]
    chains = Batch(tf.repeat(batch.images, width, axis=0))
    severity = tf.repeat(values["severity"], width)
    depth = 1 + chance.whole("depth", [count * width], DEEPEST)
    turn = _round((*GEOMETRIC, *TONES))
    for number in range(DEEPEST):
        own = chance.at(number)
        level = own.uniform("level", [count * width], LEAST, 1.0) * severity
        chains = turn(chains, level, own.seed, depth <= number)
    # Exponential shares, divided by their sum, are Dirichlet(1, ..., 1).
    weights = -tf.math.log(chance.uniform("weights", [count, width], 1e-6, 1.0))
    weights /= tf.reduce_sum(weights, axis=1, keepdims=True)
    mixed = tf.einsum("nk,nkhwc->nhwc", weights, tf.reshape(chains.images, [count, width, *shape]))
    return blended(batch, mixed, 100 * chance.beta("share", [count], 1.0))


CARDS = (
    Transform(
        name="rand_augment",
        title="RandAugment",
        kind="policy",
        how="Draws a few transforms for each picture from a list of fourteen and does them all equally strongly.",
        caveat="It turns, shifts and inverts whatever it is given: at full strength a digit may not survive.",
        source="Cubuk, Zoph, Shlens & Le: RandAugment, 2020",
        change=rand_augment,
        parameters=(
            Parameter(
                name="magnitude",
                title="Magnitude",
                help="How strong each of them is: at 10 it turns by 30 degrees or shifts by 45 % of the picture.",
                low=0.0,
                high=STRONGEST,
                step=0.5,
                usual=(4.0, 8.0),
            ),
            Parameter(
                name="rounds",
                title="Transforms in a row",
                help="How many are drawn for each picture; 0 changes nothing.",
                low=0.0,
                high=4.0,
                step=1.0,
                usual=2.0,
                rests=0.0,
                whole=True,
            ),
        ),
    ),
    Transform(
        name="aug_mix",
        title="AugMix",
        kind="policy",
        how="Changes copies of the picture in different ways and lays them over each other and over the picture.",
        caveat="Shifted copies shine through like ghosts, so boxes and masks cannot follow; fine outlines blur.",
        source="Hendrycks et al.: AugMix, 2020",
        change=aug_mix,
        parameters=(
            Parameter(
                name="severity",
                title="Severity",
                help="How strongly a copy is changed at most; at 10 it is turned by up to 30 degrees.",
                low=0.0,
                high=STRONGEST,
                step=0.5,
                usual=(2.0, 5.0),
            ),
            Parameter(
                name="chains",
                title="Copies",
                help="How many copies are changed and laid over each other.",
                low=1.0,
                high=4.0,
                step=1.0,
                usual=3.0,
                whole=True,
            ),
        ),
        carries=frozenset(),
    ),
)

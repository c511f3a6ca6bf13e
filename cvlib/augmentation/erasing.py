"""Transforms that hide a part of the picture. Boxes and masks stay as they are: what is hidden is still there."""

from math import pi
from typing import Any

from cvlib import lazy
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.blending import each
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.schema import Parameter, Transform

tf = lazy.load("tensorflow")

GREY = 127.5
SMALLEST_CELL = 2.0
"""Pixels: a hidden one and a seen one."""


def _fill(usual: str) -> Parameter:
    return Parameter(
        name="fill",
        title="Hidden by",
        help="What is shown in place of the hidden part.",
        usual=usual,
        choices={"black": "black", "grey": "grey", "noise": "random dots"},
    )


def _covered(batch: Batch, hidden: Any, fill: str, chance: Chance) -> Batch:
    """The pictures with the hidden places, bool (N, H, W), filled."""
    if fill == "noise":
        cover = chance.uniform("cover", tf.shape(batch.images), 0.0, 255.0)
    else:
        cover = {"black": 0.0, "grey": GREY}[fill]
    return batch._replace(images=tf.where(hidden[..., None], cover, batch.images))


def _rectangle(batch: Batch, tall: Any, wide: Any, chance: Chance) -> Any:
    """bool (N, H, W): somewhere within each picture, so many whole pixels tall and wide, float32 (N,)."""
    height, width = batch.images.shape[1:3]
    count = tf.shape(batch.images)[0]

    def within(name: str, size: Any, length: int) -> Any:
        first = tf.floor(chance.uniform(name, [count]) * (length - size + 1))[:, None]
        places = tf.range(length, dtype=tf.float32)[None]
        return (places >= first) & (places < first + size[:, None])

    return within("top", tall, height)[:, :, None] & within("left", wide, width)[:, None, :]


def cutout(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """A square is hidden, wholly within the picture, so that as much is hidden as was drawn."""
    side = tf.round(values["side"] / 100 * min(batch.images.shape[1:3]))
    return _covered(batch, _rectangle(batch, side, side, chance), values["fill"], chance)


def random_erasing(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """A rectangle of a random shape is hidden, upright or lying; no side is longer than the picture's."""
    height, width = batch.images.shape[1:3]
    area = values["area"] / 100 * height * width
    upright = chance.uniform("upright", [tf.shape(batch.images)[0]]) < 0.5
    ratio = tf.where(upright, values["elongation"], 1 / values["elongation"])
    tall = tf.minimum(tf.sqrt(area * ratio), height)
    wide = tf.minimum(tf.math.divide_no_nan(area, tall), width)
    tall = tf.minimum(tf.math.divide_no_nan(area, wide), height)
    return _covered(batch, _rectangle(batch, tf.round(tall), tf.round(wide), chance), values["fill"], chance)


def grid_mask(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Squares in a regular grid are hidden; the grid begins anywhere and may be turned."""
    height, width = batch.images.shape[1:3]
    cell = each(tf.maximum(values["cell"] / 100 * min(height, width), SMALLEST_CELL))
    hidden = tf.round(cell * each(values["hidden"] / 100))
    turn = each(values["angle"] * pi / 180)
    x = tf.range(width, dtype=tf.float32)[None, None, :, None]
    y = tf.range(height, dtype=tf.float32)[None, :, None, None]
    begin = chance.uniform("begin", [2, tf.shape(batch.images)[0]])
    across = x * tf.cos(turn) - y * tf.sin(turn) + each(begin[0]) * cell
    down = x * tf.sin(turn) + y * tf.cos(turn) + each(begin[1]) * cell
    within = (tf.math.floormod(across, cell) < hidden) & (tf.math.floormod(down, cell) < hidden)
    return _covered(batch, within[..., 0], values["fill"], chance)


CARDS = (
    Transform(
        name="cutout",
        title="Cutout",
        kind="erasing",
        how="Hides a square somewhere, so that the network cannot rely on one part; boxes and masks stay as they are.",
        caveat="It may hide the very thing that the label names, or the one stroke that makes a 7 a 1.",
        source="DeVries & Taylor: Improved regularization of convolutional neural networks with Cutout, 2017",
        change=cutout,
        parameters=(
            Parameter(
                name="side",
                title="Side",
                help="How long the square's sides are, in percent of the picture's shorter side.",
                low=0.0,
                high=100.0,
                step=1.0,
                usual=(20.0, 40.0),
                rests=0.0,
                unit=" %",
            ),
            _fill("black"),
        ),
    ),
    Transform(
        name="random_erasing",
        title="Random erasing",
        kind="erasing",
        how="Hides a rectangle of a random shape, as a thing in front would do; boxes and masks stay as they are.",
        caveat="Above half of the picture little is left to recognise, and a small thing may be hidden altogether.",
        source="Zhong et al.: Random erasing data augmentation, 2020",
        change=random_erasing,
        parameters=(
            Parameter(
                name="area",
                title="Area",
                help="How much of the picture is hidden.",
                low=0.0,
                high=80.0,
                step=1.0,
                usual=(5.0, 30.0),
                rests=0.0,
                unit=" %",
            ),
            Parameter(
                name="elongation",
                title="Elongation",
                help="How many times as long as broad the rectangle is, upright or lying; 1 is a square.",
                low=1.0,
                high=5.0,
                step=0.1,
                usual=(1.0, 3.0),
            ),
            _fill("noise"),
        ),
    ),
    Transform(
        name="grid_mask",
        title="Grid mask",
        kind="erasing",
        how="Hides squares in a regular grid, so that some of every part remains; boxes and masks stay as they are.",
        caveat="Things smaller than a square vanish, and the grid is a pattern that no camera makes.",
        source="Chen, Liu, Zhao & Jia: GridMask data augmentation, 2020",
        change=grid_mask,
        parameters=(
            Parameter(
                name="hidden",
                title="Hidden",
                help="How long a hidden square is, in percent of the spacing; 50 hides a quarter of the picture.",
                low=0.0,
                high=90.0,
                step=1.0,
                usual=(30.0, 60.0),
                rests=0.0,
                unit=" %",
            ),
            Parameter(
                name="cell",
                title="Spacing",
                help="From one hidden square to the next, in percent of the picture's shorter side.",
                low=5.0,
                high=100.0,
                step=1.0,
                usual=(20.0, 40.0),
                unit=" %",
            ),
            Parameter(
                name="angle",
                title="Angle",
                help="By how much the grid is turned.",
                low=-45.0,
                high=45.0,
                step=1.0,
                usual=(0.0, 0.0),
                unit="°",
            ),
            _fill("black"),
        ),
    ),
)

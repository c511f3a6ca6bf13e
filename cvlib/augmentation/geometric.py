"""Transforms that move pixels and keep straight lines straight and parallel."""

from math import pi
from typing import Any

from cvlib import lazy
from cvlib.augmentation import warping
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.schema import FILLS, Parameter, Transform

tf = lazy.load("tensorflow")

FILL = Parameter(
    name="fill",
    title="Beyond the frame",
    help="What is shown where the picture has been moved away.",
    usual="constant",
    choices=FILLS,
)


def flip(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """The mirror image."""
    axes = {"horizontal": [2], "vertical": [1], "both": [1, 2]}[values["direction"]]
    turned = (None if part is None else tf.reverse(part, axes) for part in (batch.images, batch.masks, batch.marks))
    images, masks, marks = turned
    return batch._replace(images=images, masks=masks, marks=marks)


def rotation(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Turned around its middle, anticlockwise."""
    turn = values["angle"] * (pi / 180)
    cosine, sine = tf.cos(turn), tf.sin(turn)
    return _straight(batch, [[cosine, -sine], [sine, cosine]], values["fill"])


def translation(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Moved to the right and down."""
    height, width = batch.images.shape[1:3]
    x, y = values["x"] * (width / 100), values["y"] * (height / 100)
    matrix = warping.matrices([[1.0, 0.0, -x], [0.0, 1.0, -y], [0.0, 0.0, 1.0]])
    return warping.projected(batch, matrix, values["fill"])


def zoom(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Nearer or further away."""
    scale = 100 / values["factor"]
    return _straight(batch, [[scale, 0.0], [0.0, scale]], values["fill"])


def shear(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Slanted: across, then down; its area stays."""
    x, y = (tf.tan(values[name] * (pi / 180)) for name in ("x", "y"))
    return _straight(batch, [[1.0 + x * y, x], [y, 1.0]], values["fill"])


def aspect_ratio(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Wider and lower, or narrower and higher; its area stays."""
    stretch = tf.sqrt(values["ratio"] / 100)
    return _straight(batch, [[1.0 / stretch, 0.0], [0.0, stretch]], values["fill"])


def crop_and_resize(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """A part of the picture, drawn as large as the whole. Shapes that such a part cannot have become the nearest."""
    share = values["share"] / 100
    ratio = tf.clip_by_value(values["ratio"] / 100, share, 1 / share)
    across, down = tf.sqrt(share * ratio), tf.sqrt(share / ratio)
    height, width = batch.images.shape[1:3]
    left = chance.uniform("left", tf.shape(share), 0.0, 1 - across) * width
    top = chance.uniform("top", tf.shape(share), 0.0, 1 - down) * height
    x, y = left + (across - 1) / 2, top + (down - 1) / 2
    matrix = warping.matrices([[across, 0.0, x], [0.0, down, y], [0.0, 0.0, 1.0]])
    return warping.projected(batch, matrix, "nearest")


def _straight(batch: Batch, rows: list[list[Any]], fill: str) -> Batch:
    """The pictures after a 2 x 2 matrix, from the result to the picture, around their middle."""
    (a, b), (c, d) = rows
    matrix = warping.around_the_middle([[a, b, 0.0], [c, d, 0.0], [0.0, 0.0, 1.0]], batch)
    return warping.projected(batch, matrix, fill)


CARDS = (
    Transform(
        name="flip",
        title="Flip",
        kind="geometric",
        how="Mirrors the picture.",
        caveat="Letters, digits and road signs mean something else, or nothing, in a mirror.",
        source="Krizhevsky, Sutskever & Hinton: ImageNet classification with deep convolutional networks, 2012",
        change=flip,
        parameters=(
            Parameter(
                name="direction",
                title="Direction",
                help="Left and right change sides, or top and bottom, or both.",
                usual="horizontal",
                choices={"horizontal": "left and right", "vertical": "top and bottom", "both": "both"},
            ),
        ),
    ),
    Transform(
        name="rotation",
        title="Rotation",
        kind="geometric",
        how="Turns the picture around its middle.",
        caveat="A 6 that is turned by 180 degrees is a 9.",
        source="Simard, Steinkraus & Platt: Best practices for convolutional neural networks, 2003",
        change=rotation,
        parameters=(
            Parameter(
                name="angle",
                title="Angle",
                help="By how much it is turned: above zero against the clock, below zero with it.",
                low=-180.0,
                high=180.0,
                step=1.0,
                usual=(-15.0, 15.0),
                rests=0.0,
                unit="°",
            ),
            FILL,
        ),
    ),
    Transform(
        name="translation",
        title="Translation",
        kind="geometric",
        how="Moves the picture sideways, up or down.",
        caveat="What leaves the frame cannot be recognised: a digit that is cut in half may be any of several.",
        source="Simard, Steinkraus & Platt: Best practices for convolutional neural networks, 2003",
        change=translation,
        parameters=(
            Parameter(
                name="x",
                title="Sideways",
                help="How far it moves, in percent of its width: above zero to the right, below zero to the left.",
                low=-80.0,
                high=80.0,
                step=1.0,
                usual=(-10.0, 10.0),
                rests=0.0,
                unit=" %",
            ),
            Parameter(
                name="y",
                title="Up and down",
                help="How far it moves, in percent of its height: above zero down, below zero up.",
                low=-80.0,
                high=80.0,
                step=1.0,
                usual=(-10.0, 10.0),
                rests=0.0,
                unit=" %",
            ),
            FILL,
        ),
    ),
    Transform(
        name="zoom",
        title="Zoom (scaling)",
        kind="geometric",
        how="Brings the picture nearer or moves it further away.",
        caveat="Near, the rest of the object is cut off; far, its details fall between the pixels. Where size tells "
        "things apart, such as a cell from a nucleus, it teaches something wrong.",
        source="Simonyan & Zisserman: Very deep convolutional networks for large-scale image recognition, 2015",
        change=zoom,
        parameters=(
            Parameter(
                name="factor",
                title="Size",
                help="How large things are afterwards: above 100 % nearer, below 100 % further away.",
                low=30.0,
                high=300.0,
                step=1.0,
                usual=(80.0, 120.0),
                rests=100.0,
                unit=" %",
            ),
            FILL,
        ),
    ),
    Transform(
        name="shear",
        title="Shear",
        kind="geometric",
        how="Slants the picture, as italics slant letters.",
        caveat="A slanted 1 is nearly a 7, and buildings do not lean.",
        source="Simard, Victorri, LeCun & Denker: Tangent prop, 1991",
        change=shear,
        parameters=(
            Parameter(
                name="x",
                title="Sideways",
                help="The angle by which upright lines lean: above zero to the right, below zero to the left.",
                low=-45.0,
                high=45.0,
                step=1.0,
                usual=(-12.0, 12.0),
                rests=0.0,
                unit="°",
            ),
            Parameter(
                name="y",
                title="Up and down",
                help="The angle by which level lines tilt: above zero they rise to the right, below zero they fall.",
                low=-45.0,
                high=45.0,
                step=1.0,
                usual=(0.0, 0.0),
                rests=0.0,
                unit="°",
            ),
            FILL,
        ),
    ),
    Transform(
        name="crop_and_resize",
        title="Random crop and resize",
        kind="geometric",
        how="Cuts a part out of the picture and draws it as large as the whole.",
        caveat="A small part may show only the meadow and no cow, and is still called a cow.",
        source="Szegedy et al.: Going deeper with convolutions, 2015",
        change=crop_and_resize,
        parameters=(
            Parameter(
                name="share",
                title="Part of the picture",
                help="How much of the picture's area is kept.",
                low=5.0,
                high=100.0,
                step=1.0,
                usual=(40.0, 100.0),
                rests=100.0,
                unit=" %",
            ),
            Parameter(
                name="ratio",
                title="Shape of the part",
                help="Its width in percent of its height, compared with the picture's: above 100 % it is wider than "
                "the picture, and things become narrower.",
                low=50.0,
                high=200.0,
                step=1.0,
                usual=(75.0, 133.0),
                rests=100.0,
                unit=" %",
            ),
        ),
    ),
    Transform(
        name="aspect_ratio",
        title="Aspect ratio (stretching)",
        kind="geometric",
        how="Stretches the picture sideways and presses it flat, or the other way round.",
        caveat="Where shape tells classes apart, such as a circle from an ellipse, it changes the class.",
        source="Howard: Some improvements on deep convolutional neural network based image classification, 2014",
        change=aspect_ratio,
        parameters=(
            Parameter(
                name="ratio",
                title="Width to height",
                help="Above 100 % things become wider, below 100 % narrower; their area stays.",
                low=40.0,
                high=250.0,
                step=1.0,
                usual=(80.0, 125.0),
                rests=100.0,
                unit=" %",
            ),
            FILL,
        ),
    ),
)

"""Transforms that move pixels, after which parallel lines need not be parallel, or straight ones straight."""

from typing import Any

from cvlib import lazy
from cvlib.augmentation import warping
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.geometric import FILL
from cvlib.augmentation.schema import Parameter, Transform

tf = lazy.load("tensorflow")


def perspective(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Seen at an angle: each corner moves at random, by up to the strength, in both directions."""
    strength = values["strength"] / 100
    count = tf.shape(strength)[0]
    moved = chance.uniform("corners", [count, 4, 2], -1.0, 1.0) * strength[:, None, None]
    return warping.projected(batch, to_corners(moved, *batch.images.shape[1:3]), values["fill"])


def to_corners(moved: Any, height: int, width: int) -> Any:
    """The map from the result to the picture if the picture's corners are moved.

    Args:
        moved: float32 (N, 4, 2), by how much (x, y) in shares of the sides, clockwise from the upper left corner.
        height: of the pictures.
        width: of the pictures.

    Returns:
        float32 (N, 3, 3), see `cvlib.augmentation.warping.projected`.

    Reference:
        P. Heckbert, 1989: Fundamentals of texture mapping and image warping.
    """
    corners = moved + tf.constant([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    (x0, x1, x2, x3), (y0, y1, y2, y3) = (tf.unstack(corners[..., axis], axis=1) for axis in (0, 1))
    x_sum, y_sum = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    area = (x1 - x2) * (y3 - y2) - (x3 - x2) * (y1 - y2)
    g = (x_sum * (y3 - y2) - (x3 - x2) * y_sum) / area
    h = ((x1 - x2) * y_sum - x_sum * (y1 - y2)) / area
    forward = ((x1 - x0 + g * x1, x3 - x0 + h * x3, x0), (y1 - y0 + g * y1, y3 - y0 + h * y3, y0), (g, h, 1.0))
    (a, b, c), (d, e, f), (g, h, i) = _adjugate(forward)
    rows = [[a, b * (width / height), c * width], [d * (height / width), e, f * height], [g / width, h / height, i]]
    return warping.around(rows, -0.5, -0.5)


def _adjugate(rows: Any) -> tuple[tuple[Any, ...], ...]:
    """The inverse of a 3 x 3 matrix but for a factor, which a projection does not notice."""
    (a, b, c), (d, e, f), (g, h, i) = rows
    return (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )


def elastic(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Bent like rubber: pushed at the points of a coarse grid, smoothly in between (bicubic interpolation)."""
    strength, points = values["strength"] / 100, int(values["points"])
    height, width = batch.images.shape[1:3]
    pushes = chance.normal("pushes", [tf.shape(strength)[0], points, points, 2]) * strength[:, None, None, None]
    field = tf.image.resize(pushes, (height, width), "bicubic")
    x, y = _places(height, width)
    return warping.sampled(batch, x + field[..., 0] * width, y + field[..., 1] * height, values["fill"])


def lens(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Bent as by a lens: the further from the middle, the more."""
    height, width = batch.images.shape[1:3]
    x, y = _places(height, width)
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    corner = ((width - 1) ** 2 + (height - 1) ** 2) / 4
    further = (values["strength"] / 100)[:, None, None] * ((x**2 + y**2) / max(corner, 1.0))
    columns, rows = _places(height, width)
    return warping.sampled(batch, columns + x * further, rows + y * further, values["fill"])


def _places(height: int, width: int) -> tuple[Any, Any]:
    """Column and row of each pixel, float32 (1, H, W)."""
    x, y = tf.meshgrid(tf.range(width, dtype=tf.float32), tf.range(height, dtype=tf.float32))
    return x[None], y[None]


CARDS = (
    Transform(
        name="perspective",
        title="Perspective",
        kind="geometric",
        how="Shows the picture as if it hung at an angle: each corner moves by itself.",
        caveat="Where things are always seen from one side, such as pages in a scanner, it costs accuracy for nothing.",
        source="Heckbert: Fundamentals of texture mapping and image warping, 1989",
        change=perspective,
        parameters=(
            Parameter(
                name="strength",
                title="Strength",
                help="How far each corner may move, in percent of the side.",
                low=0.0,
                high=20.0,
                step=0.5,
                usual=(0.0, 12.0),
                rests=0.0,
                unit=" %",
            ),
            FILL,
        ),
    ),
    Transform(
        name="elastic",
        title="Elastic deformation",
        kind="geometric",
        how="Bends the picture like rubber that is pushed here and there.",
        caveat="Handwriting and tissue bend, cars do not; too strong, and even a digit tears.",
        source="Ronneberger, Fischer & Brox: U-Net, 2015, after Simard, Steinkraus & Platt, 2003",
        change=elastic,
        parameters=(
            Parameter(
                name="strength",
                title="Strength",
                help="How far a point of the grid is pushed, in percent of the side: the standard deviation of a "
                "normal distribution.",
                low=0.0,
                high=10.0,
                step=0.1,
                usual=(1.0, 4.0),
                rests=0.0,
                unit=" %",
            ),
            Parameter(
                name="points",
                title="Points of the grid",
                help="On so many points a side it is pushed: few bend it as a whole, many crumple it.",
                low=2.0,
                high=10.0,
                step=1.0,
                usual=4.0,
                whole=True,
            ),
            FILL,
        ),
    ),
    Transform(
        name="lens",
        title="Lens distortion (barrel and pincushion)",
        kind="geometric",
        how="Bends straight lines outwards, as a wide-angle lens does, or inwards.",
        caveat="Harmless for most photos; where distances are measured in pixels, it makes them wrong.",
        source="Brown: Decentering distortion of lenses, 1966 (the Brown-Conrady model's first term)",
        change=lens,
        parameters=(
            Parameter(
                name="strength",
                title="Strength (k1)",
                help="By how much a corner is displaced: above zero lines bulge outwards (barrel), below zero inwards "
                "(pincushion).",
                low=-30.0,
                high=30.0,
                step=1.0,
                usual=(-20.0, 20.0),
                rests=0.0,
                unit=" %",
            ),
            FILL,
        ),
    ),
)

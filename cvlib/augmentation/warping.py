"""Moving pictures: where each pixel comes from, for the picture, its mask and its boxes alike.

Keras' and keras-cv's own layers draw inside themselves, and of those that move pixels several refuse boxes or misplace
them by pixels. So the draws are made elsewhere, and pixels are moved here: along straight lines by the operation that
those layers call (`keras.ops.image.affine_transform`), along bent ones by bilinear interpolation.
"""

from typing import Any

from cvlib import lazy
from cvlib.augmentation.batch import Batch

keras = lazy.load("keras")
tf = lazy.load("tensorflow")

IGNORE = 255
"""What a mask says of pixels that come from beyond the picture (`cvlib.data.base.IGNORE`)."""


def projected(batch: Batch, matrix: Any, fill: str) -> Batch:
    """The pictures with pixel (x, y) taken from where `matrix` sends it; boxes and masks likewise.

    Args:
        batch: of any kind.
        matrix: float32 (N, 3, 3), from the place of a pixel in the result to its place in the picture, in pixels
            counted from the middle of the first one (column, row, 1).
        fill: one of `cvlib.augmentation.schema.FILLS`, for what lies beyond the picture. Masks are ignored there if it
            is constant; boxes never reach there.
    """
    flat = tf.reshape(matrix / matrix[:, 2:, 2:], [-1, 9])[:, :8]

    def moved(values: Any, interpolation: str, mode: str, beyond: float) -> Any:
        return keras.ops.image.affine_transform(
            values, flat, interpolation=interpolation, fill_mode=mode, fill_value=beyond
        )

    masks = batch.masks
    if masks is not None:
        masks = moved(masks[..., None], "nearest", fill, float(IGNORE))[..., 0]
    return batch._replace(
        images=moved(batch.images, "bilinear", fill, 0.0),
        masks=masks,
        marks=None if batch.marks is None else moved(batch.marks, "nearest", "constant", 0.0),
    )


def matrices(rows: list[list[Any]]) -> Any:
    """float32 (N, 3, 3) of a matrix whose entries are numbers or float32 (N,)."""
    entries = [tf.convert_to_tensor(entry, tf.float32) for row in rows for entry in row]
    shape = next((tf.shape(entry) for entry in entries if entry.shape.rank), [1])
    return tf.reshape(tf.stack([tf.broadcast_to(entry, shape) for entry in entries], axis=-1), [-1, 3, 3])


def around(rows: list[list[Any]], x: float, y: float) -> Any:
    """The map, float32 (N, 3, 3), that does what `rows` say of a 3 x 3 matrix around the place (x, y).

    Written out, because graphics cards multiply matrices with fewer digits than a pixel's place needs.
    """
    (a, b, c), (d, e, f), (g, h, i) = rows
    c, f, i = c - a * x - b * y, f - d * x - e * y, i - g * x - h * y
    return matrices([[a + x * g, b + x * h, c + x * i], [d + y * g, e + y * h, f + y * i], [g, h, i]])


def around_the_middle(rows: list[list[Any]], batch: Batch) -> Any:
    """The same around the middle of these pictures."""
    height, width = batch.images.shape[1:3]
    return around(rows, (width - 1) / 2, (height - 1) / 2)


def sampled(batch: Batch, x: Any, y: Any, fill: str) -> Batch:
    """The pictures with each pixel taken from a place of its own; boxes and masks likewise.

    Args:
        batch: of any kind.
        x: float32 (N, H, W), the columns that the result's pixels come from, counted from the middle of the first one.
            The result may be of another size than the pictures.
        y: the rows, likewise.
        fill: see `projected`.
    """
    height, width = batch.images.shape[1:3]
    across, down = _folded(x, width, fill), _folded(y, height, fill)
    masks, marks = batch.masks, batch.marks
    if masks is not None:
        masks = _nearest(masks[..., None], across, down, IGNORE)[..., 0]
    if marks is not None:
        marks = _nearest(marks, x, y, 0)
    return batch._replace(images=_bilinear(batch.images, across, down), masks=masks, marks=marks)


def _folded(places: Any, count: int, fill: str) -> Any:
    """Places along a side, those beyond it brought back as the fill asks; left alone if it is constant."""
    if fill == "constant":
        return places
    if fill == "reflect":
        along = tf.math.floormod(places + 0.5, 2.0 * count)
        places = tf.minimum(along, 2.0 * count - along) - 0.5
    return tf.clip_by_value(places, 0.0, count - 1.0)


def _bilinear(values: Any, x: Any, y: Any) -> Any:
    """float32 (N, H, W, C): each from the four pixels around its place; those beyond the picture are 0."""
    height, width = values.shape[1:3]
    columns, rows = _neighbours(x, width), _neighbours(y, height)
    total = 0.0
    for row, down in rows:
        for column, across in columns:
            total += _picked(values, column, row) * (across * down)[..., None]
    return total


def _neighbours(places: Any, count: int) -> list[tuple[Any, Any]]:
    """The two pixels around each place along a side, and their weights; none for one beyond the side."""
    first = tf.floor(places)
    share = places - first
    pairs = ((first, 1.0 - share), (first + 1.0, share))
    return [
        (tf.cast(tf.clip_by_value(at, 0.0, count - 1.0), tf.int32), tf.where((at >= 0) & (at < count), weight, 0.0))
        for at, weight in pairs
    ]


def _nearest(values: Any, x: Any, y: Any, beyond: int) -> Any:
    """uint8 (N, H, W, K): the pixel at each place; `beyond` if it is none of the picture's."""
    height, width = values.shape[1:3]
    column, row = (tf.cast(tf.floor(places + 0.5), tf.int32) for places in (x, y))
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    picked = _picked(values, tf.clip_by_value(column, 0, width - 1), tf.clip_by_value(row, 0, height - 1))
    return tf.where(inside[..., None], picked, tf.constant(beyond, values.dtype))


def _picked(values: Any, column: Any, row: Any) -> Any:
    """The pixels of (N, H, W, K) at these columns and rows, int32 (N, H, W)."""
    height, width = values.shape[1:3]
    first = tf.range(tf.shape(values)[0])[:, None, None] * (height * width)
    return tf.gather(tf.reshape(values, [-1, tf.shape(values)[-1]]), first + row * width + column)

"""Transforms that blur, disturb and compress.

Keras' own blur reaches one pixel at most and keras-cv's ignores its seed; keras-cv's JPEG leaves the range 0..255.
"""

from typing import Any

from cvlib import lazy
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.blending import each
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.schema import Parameter, Transform

tf = lazy.load("tensorflow")

NO_BLUR = 1e-3
"""Pixels: so narrow that a pixel's neighbours add nothing to it."""
UNTOUCHED = 100.0
"""The quality at which a picture is not compressed at all."""


def gaussian_blur(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Each pixel becomes the mean of those around it, weighted by a Gaussian; beyond its edges the picture is mirrored.

    Along each axis this is a product with one matrix for each picture, so it takes as long for any width.
    """
    height, width, channels = batch.images.shape[1:]
    sigma = tf.maximum(values["width"] / 100 * max(height, width), NO_BLUR)
    columns_first = tf.reshape(tf.transpose(batch.images, [0, 2, 1, 3]), [-1, width, height * channels])
    across = tf.reshape(_smoothing(sigma, width) @ columns_first, [-1, width, height, channels])
    rows_first = tf.reshape(tf.transpose(across, [0, 2, 1, 3]), [-1, height, width * channels])
    return batch._replace(images=tf.reshape(_smoothing(sigma, height) @ rows_first, [-1, height, width, channels]))


def _smoothing(sigma: Any, length: int) -> Any:
    """float32 (N, length, length): what each place gets of each other one, for standard deviations (N,) in pixels."""
    to = tf.range(length, dtype=tf.float32)[:, None]
    origin = tf.range(length, dtype=tf.float32)[None, :]
    mirrored = (origin, -1 - origin, 2 * length - 1 - origin)
    scale = -0.5 / sigma[:, None, None] ** 2
    weights = tf.add_n([tf.exp(tf.square(to - place)[None] * scale) for place in mirrored])
    return weights / tf.reduce_sum(weights, axis=2, keepdims=True)


def gaussian_noise(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """A random number added to every value."""
    grain = chance.normal("noise", tf.shape(batch.images))
    return batch._replace(images=batch.images + grain * each(values["deviation"]))


def jpeg(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Stored as a JPEG file and read again; at quality 100 left as it is."""
    qualities = tf.cast(tf.round(values["quality"]), tf.int32)

    def stored(given: tuple[Any, Any]) -> Any:
        return tf.image.adjust_jpeg_quality(*given, dct_method="INTEGER_ACCURATE")

    pixels = tf.cast(tf.round(batch.images), tf.uint8)
    kind = tf.TensorSpec(batch.images.shape[1:], tf.uint8)
    read = tf.cast(tf.map_fn(stored, (pixels, qualities), fn_output_signature=kind), tf.float32)
    return batch._replace(images=tf.where(each(values["quality"]) < UNTOUCHED, read, batch.images))


CARDS = (
    Transform(
        name="gaussian_blur",
        title="Gaussian blur",
        kind="noise",
        how="Softens the picture, as a lens out of focus does.",
        caveat="What is finer than the blur is gone: thin strokes, small things, the texture of fur.",
        source="Gonzalez & Woods: Digital image processing, 4th edition, 2018, section 3.5",
        change=gaussian_blur,
        parameters=(
            Parameter(
                name="width",
                title="Width",
                help="How far a pixel is smeared (the standard deviation sigma), in percent of the longer side.",
                low=0.0,
                high=10.0,
                step=0.1,
                usual=(0.0, 1.5),
                rests=0.0,
                unit=" %",
            ),
        ),
    ),
    Transform(
        name="gaussian_noise",
        title="Gaussian noise",
        kind="noise",
        how="Adds a random number to every pixel: the grain of a photo taken in the dark.",
        caveat="Strong grain drowns fine detail; a network may come to expect grain everywhere.",
        source="Gonzalez & Woods: Digital image processing, 4th edition, 2018, section 5.2",
        change=gaussian_noise,
        parameters=(
            Parameter(
                name="deviation",
                title="Standard deviation",
                help="How strong the grain is: two thirds of the random numbers are smaller than this.",
                low=0.0,
                high=100.0,
                step=1.0,
                usual=(5.0, 20.0),
                rests=0.0,
                unit=" of 255",
            ),
        ),
    ),
    Transform(
        name="jpeg",
        title="JPEG compression",
        kind="noise",
        how="Stores the picture as a small JPEG file and reads it again, with the blocks and seams that this leaves.",
        caveat="Below a quality of about 10 only blocks of 8 x 8 pixels remain, and a digit of 8 x 8 is one block.",
        source="Wallace: The JPEG still picture compression standard, 1991",
        change=jpeg,
        parameters=(
            Parameter(
                name="quality",
                title="Quality",
                help="The lower, the smaller the file and the more is lost; 100 leaves the picture as it is.",
                low=1.0,
                high=UNTOUCHED,
                step=1.0,
                usual=(20.0, 80.0),
                rests=UNTOUCHED,
                whole=True,
            ),
        ),
    ),
)

"""Transforms that give each shade another one.

Pillow's rules, counted for the whole batch at once: keras-cv's equalisation goes through the pictures one by one.
"""

from typing import Any

from cvlib import lazy
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.blending import amount, blended, each
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.schema import Parameter, Transform

tf = lazy.load("tensorflow")

SOURCE = "Pillow: ImageOps, as used by Cubuk et al.: AutoAugment, 2019"
BITS = 8.0
ABOVE_ALL = 256.0


def posterise(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Only the first few of a value's 8 bits; whole values, except where all are kept."""
    bits = each(tf.round(values["bits"]))
    stride = tf.pow(2.0, BITS - bits)
    kept = tf.floor(tf.round(batch.images) / stride) * stride
    return batch._replace(images=tf.where(bits < BITS, kept, batch.images))


def solarise(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """The negative of all that is as light as the threshold, or lighter."""
    images = batch.images
    return batch._replace(images=tf.where(images >= each(values["threshold"]), 255 - images, images))


def equalise(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Histogram equalisation: all shades about equally often, in each channel.

    A shade becomes the share of pixels that are darker. A channel of one shade stays as it is.
    """
    images = batch.images
    count, channels = tf.shape(images)[0], images.shape[-1]
    first = 256 * tf.reshape(tf.range(count * channels), [count, 1, 1, channels])
    places = tf.cast(tf.round(images), tf.int32) + first
    size = 256 * count * channels
    often = tf.math.bincount(tf.reshape(places, [-1]), minlength=size, maxlength=size)
    table = tf.reshape(_equalised(tf.reshape(often, [-1, 256])), [-1])
    return blended(batch, tf.reshape(tf.gather(table, places), tf.shape(images)), values["amount"])


def _equalised(often: Any) -> Any:
    """float32 (M, 256): the new shade of each one, of int32 (M, 256), how often it occurs."""
    shades = tf.range(256)[None]
    lightest = tf.reduce_max(tf.where(often > 0, shades, 0), axis=1, keepdims=True)
    stride = (tf.reduce_sum(often, axis=1, keepdims=True) - tf.gather(often, lightest, batch_dims=1)) // 255
    darker = tf.cumsum(often, axis=1, exclusive=True)
    table = tf.minimum((darker + stride // 2) // tf.maximum(stride, 1), 255)
    return tf.cast(tf.where(stride > 0, table, shades), tf.float32)


def auto_contrast(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Each channel stretched so that its darkest value is 0 and its lightest 255; one of a single value stays."""
    images = batch.images
    low = tf.reduce_min(images, axis=[1, 2], keepdims=True)
    span = tf.reduce_max(images, axis=[1, 2], keepdims=True) - low
    stretched = (images - low) * (255 / tf.maximum(span, 1.0))
    return blended(batch, tf.where(span >= 1, stretched, images), values["amount"])


CARDS = (
    Transform(
        name="posterise",
        title="Posterise",
        kind="photometric",
        how="Leaves only a few shades of each colour, as a printed poster does.",
        caveat="With one or two bits soft shading turns into steps that look like edges.",
        source=SOURCE,
        change=posterise,
        parameters=(
            Parameter(
                name="bits",
                title="Bits",
                help="8 bits are 256 shades of each colour and change nothing; 4 are 16 shades, 1 is two.",
                low=1.0,
                high=BITS,
                step=1.0,
                usual=(3.0, 6.0),
                rests=BITS,
                whole=True,
            ),
        ),
    ),
    Transform(
        name="solarise",
        title="Solarise",
        kind="photometric",
        how="Turns the light areas into their negative, as film does that got far too much light.",
        caveat="A threshold near 0 makes a negative of the whole picture; faces and food are not met like that.",
        source=SOURCE,
        change=solarise,
        parameters=(
            Parameter(
                name="threshold",
                title="Threshold",
                help="Values from here on are inverted; 256 inverts none, 0 inverts all.",
                low=0.0,
                high=ABOVE_ALL,
                step=1.0,
                usual=(128.0, ABOVE_ALL),
                rests=ABOVE_ALL,
                unit=" of 255",
            ),
        ),
    ),
    Transform(
        name="equalise",
        title="Equalise (histogram equalisation)",
        kind="photometric",
        how="Gives every shade about as many pixels, so that hidden differences show.",
        caveat="Even areas get blotchy, and each channel is spread by itself, which changes colours.",
        source="Gonzalez & Woods: Digital image processing, 4th edition, 2018, section 3.3",
        change=equalise,
        parameters=(amount(),),
    ),
    Transform(
        name="auto_contrast",
        title="Auto-contrast",
        kind="photometric",
        how="Stretches the shades so that the darkest becomes black and the lightest white, in each colour; a picture "
        "that has both already stays as it is.",
        caveat="A picture that is dark or tinted for a reason, such as a night scene, looks like any other afterwards.",
        source=SOURCE,
        change=auto_contrast,
        parameters=(amount(),),
    ),
)

"""Transforms that change colours; grey pictures have none to change."""

from typing import Any

from cvlib import lazy
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.blending import amount, blended, change, luminance
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.schema import Parameter, Transform

tf = lazy.load("tensorflow")


def saturation(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Colours moved away from grey, or towards it; a picture of one channel stays as it is."""
    return blended(batch, luminance(batch.images), -values["change"])


def hue(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Colours moved around the colour wheel (A. R. Smith, 1978: hue, saturation, value)."""
    tone, pure, value = tf.unstack(tf.image.rgb_to_hsv(batch.images / 255), axis=-1)
    turned = tf.math.floormod(tone + values["turn"][:, None, None] / 360, 1.0)
    return batch._replace(images=255 * tf.image.hsv_to_rgb(tf.stack([turned, pure, value], axis=-1)))


def grey(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Light without colours."""
    return blended(batch, luminance(batch.images), values["amount"])


def channel_shift(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Each channel moved by an amount of its own, up to the strength in either direction."""
    shape = [tf.shape(batch.images)[0], batch.images.shape[-1]]
    moved = chance.uniform("shift", shape, -1.0, 1.0) * values["strength"][:, None]
    return batch._replace(images=batch.images + moved[:, None, None, :])


CARDS = (
    Transform(
        name="saturation",
        title="Saturation",
        kind="photometric",
        how="Makes colours stronger or paler.",
        caveat="It hides a difference that is nothing but the strength of a colour, as between ripe and unripe.",
        source="Pillow: ImageEnhance, as used by Cubuk et al.: AutoAugment, 2019",
        change=saturation,
        parameters=(change("Above zero colours get stronger, below zero paler; -100 leaves only grey."),),
        colour=True,
    ),
    Transform(
        name="hue",
        title="Hue",
        kind="photometric",
        how="Moves every colour by the same way around the colour wheel: red to green to blue and back to red.",
        caveat="A red traffic light becomes a green one, and a lemon a lime.",
        source="Smith: Color gamut transform pairs, 1978",
        change=hue,
        parameters=(
            Parameter(
                name="turn",
                title="Turn",
                help="How far around the colour wheel; 120 makes red green, -120 makes it blue.",
                low=-180.0,
                high=180.0,
                step=1.0,
                usual=(-20.0, 20.0),
                rests=0.0,
                unit="°",
            ),
        ),
        colour=True,
    ),
    Transform(
        name="grey",
        title="Grey (grayscale)",
        kind="photometric",
        how="Takes the colours away and keeps the light.",
        caveat="Where colour decides, nothing is left to decide by.",
        source="ITU-R: Recommendation BT.601, 1982",
        change=grey,
        parameters=(amount(),),
        colour=True,
    ),
    Transform(
        name="channel_shift",
        title="Channel shift",
        kind="photometric",
        how="Makes red, green and blue lighter or darker, each by an amount of its own: a tint, as of another lamp.",
        caveat="A strong tint changes what colour a thing seems to have.",
        source="Krizhevsky, Sutskever & Hinton: ImageNet classification with deep convolutional networks, 2012",
        change=channel_shift,
        parameters=(
            Parameter(
                name="strength",
                title="Strength",
                help="By how many of 255 shades a channel is moved at most, up or down.",
                low=0.0,
                high=128.0,
                step=1.0,
                usual=(20.0, 40.0),
                rests=0.0,
                unit=" of 255",
            ),
        ),
        colour=True,
    ),
)

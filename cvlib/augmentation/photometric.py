"""Transforms that change light and colour.

They are written as formulas over a whole batch: keras-cv's layers for brightness, contrast, saturation, hue and
sharpness ignore their seed, and Keras' own draw on a generator of their own.
"""

from math import log
from typing import Any

from cvlib import lazy
from cvlib.augmentation import colour, levels
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.blending import amount, blended, change, each, luminance
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.schema import Parameter, Transform

tf = lazy.load("tensorflow")

BOOK = "Gonzalez & Woods: Digital image processing, 4th edition, 2018, section 3.2"
PILLOW = "Pillow: ImageEnhance, as used by Cubuk et al.: AutoAugment, 2019"


def brightness(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Every value moved by the same amount."""
    return batch._replace(images=batch.images + each(values["change"]))


def contrast(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Every value moved away from the picture's mean light, or towards it."""
    mean = tf.reduce_mean(luminance(batch.images), axis=[1, 2, 3], keepdims=True)
    return blended(batch, mean, -values["change"])


def gamma(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """s = r^gamma, for values from 0 to 1."""
    return batch._replace(images=255 * tf.pow(batch.images / 255, each(values["gamma"])))


def log_illumination(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """s = c log(1 + r), for values from 0 to 255, with 255 left where it is."""
    return blended(batch, tf.math.log1p(batch.images) * (255 / log(256)), values["amount"])


def exp_illumination(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """s = exp(r / c) - 1: the inverse of `log_illumination`."""
    return blended(batch, tf.math.expm1(batch.images * (log(256) / 255)), values["amount"])


def sharpness(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Every value moved away from what a smoothing leaves of it, or towards it.

    The smoothing is Pillow's: 3 x 3 pixels, the middle one five times as heavy; the outermost pixels stay.
    """
    images = batch.images
    if min(images.shape[1:3]) < 3:
        return batch
    rows = images[:, :-2] + images[:, 1:-1] + images[:, 2:]
    around = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]
    inner = images[:, 1:-1, 1:-1]
    away = (inner - around / 9) * (9 / 13) * each(values["change"] / 100)
    return batch._replace(images=images + tf.pad(away, [[0, 0], [1, 1], [1, 1], [0, 0]]))


CARDS = (
    Transform(
        name="brightness",
        title="Brightness",
        kind="photometric",
        how="Makes every pixel lighter or darker by the same amount.",
        caveat="What is white already cannot get lighter: bright areas run together.",
        source="Krizhevsky, Sutskever & Hinton: ImageNet classification with deep convolutional networks, 2012",
        change=brightness,
        parameters=(
            Parameter(
                name="change",
                title="Change",
                help="By how many of 255 shades: above zero lighter, below zero darker.",
                low=-128.0,
                high=128.0,
                step=1.0,
                usual=(-40.0, 40.0),
                rests=0.0,
                unit=" of 255",
            ),
        ),
    ),
    Transform(
        name="contrast",
        title="Contrast",
        kind="photometric",
        how="Pulls light and dark further apart, or closer together.",
        caveat="Near -100 % the picture is one flat grey; near +100 % light and dark areas lose what is drawn in them.",
        source=PILLOW,
        change=contrast,
        parameters=(change("By how much the differences in light grow (above zero) or shrink (below zero)."),),
    ),
    Transform(
        name="gamma",
        title="Gamma (power law)",
        kind="photometric",
        how="Lightens or darkens the middle shades most and leaves black and white where they are, as screens do.",
        caveat="Where the shade itself is what counts, as in an X-ray picture, it changes the finding.",
        source=BOOK,
        change=gamma,
        parameters=(
            Parameter(
                name="gamma",
                title="Gamma",
                help="The power to which values are raised: below 1 is lighter, above 1 darker, 1 changes nothing.",
                low=0.2,
                high=5.0,
                step=0.05,
                usual=(0.6, 1.6),
                rests=1.0,
            ),
        ),
    ),
    Transform(
        name="log_illumination",
        title="Logarithmic light",
        kind="photometric",
        how="Lifts the dark shades strongly, so that what lies in a shadow is seen.",
        caveat="It lifts the noise of dark areas as well, and bright areas turn flat.",
        source=BOOK,
        change=log_illumination,
        parameters=(amount((0.0, 60.0)),),
    ),
    Transform(
        name="exp_illumination",
        title="Exponential light",
        kind="photometric",
        how="Presses the dark and middle shades down, so that only the brightest remain: the logarithm undone.",
        caveat="Whatever was not bright is black afterwards, and gone.",
        source=BOOK,
        change=exp_illumination,
        parameters=(amount((0.0, 60.0)),),
    ),
    *colour.CARDS,
    *levels.CARDS,
    Transform(
        name="sharpness",
        title="Sharpness",
        kind="photometric",
        how="Makes edges crisper, or softer, by comparing each pixel with its neighbours.",
        caveat="Far above zero it draws bright seams along edges and turns noise into grain.",
        source=PILLOW,
        change=sharpness,
        parameters=(
            change(
                "Above zero edges get crisper, below zero softer; at -100 each pixel is the mean of those around it.",
                (-80.0, 150.0),
                400.0,
            ),
        ),
    ),
)

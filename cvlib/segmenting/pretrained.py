"""Networks for segmentation that others trained on photos of everyday things: keras-cv's, through its own download."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.errors import DataUnavailable, UnknownName
from cvlib.figures.masks import GROUND
from cvlib.tasks import mask_tiling
from cvlib.tasks.segmentation import Prediction

keras_cv = lazy.load("keras_cv")

VOC = (
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "dining table", "dog", "horse", "motorbike", "person", "potted plant", "sheep", "sofa", "train", "television",
)  # fmt: skip
"""The classes of Pascal VOC (M. Everingham et al., 2010), in its order."""


@dataclass(frozen=True)
class Preset:
    """A network for segmentation of keras-cv.

    Attributes:
        name: in `CATALOG`.
        title: for people.
        preset: its name there.
        class_names: what it knows, the background first.
        side: of the squares that it was trained on, in pixels.
        megabytes: of its download.
    """

    name: str
    title: str
    preset: str
    class_names: tuple[str, ...]
    side: int
    megabytes: int


CATALOG = {
    card.name: card
    for card in (
        Preset(
            "deeplab_voc", "DeepLabV3+, ResNet-50 (Pascal VOC)", "deeplab_v3_plus_resnet50_pascalvoc", VOC, 512, 157
        ),
    )
}


def voc_colors(count: int = len(VOC)) -> tuple[str, ...]:
    """The colours in which Pascal VOC paints its classes, as `#rrggbb`; but for the background, which is black there.

    The bits of a class's number, from the lowest, become red, green and blue, the strongest first.
    """
    colors = []
    for number in range(1, count):
        channels = [sum((number >> (3 * k + shift) & 1) << (7 - k) for k in range(8)) for shift in range(3)]
        colors.append("#{:02X}{:02X}{:02X}".format(*channels))
    return (GROUND, *colors)


def info(name: str) -> Preset:
    """The card of this name.

    Raises:
        UnknownName: there is none.
    """
    if name not in CATALOG:
        raise UnknownName(f"There is no network {str(name)[:80]!r}. There are {', '.join(CATALOG)}.")
    return CATALOG[name]


@functools.lru_cache(maxsize=1)
def load(name: str) -> Any:
    """The network with its weights.

    Raises:
        DataUnavailable: they are neither here nor to be had from the internet.
    """
    card = info(name)
    try:
        return keras_cv.models.DeepLabV3Plus.from_preset(card.preset)
    except Exception as error:  # what fails here is keras-cv's download, with whatever exception it has for that
        raise DataUnavailable(
            f"The weights of {card.title} ({card.megabytes} MB) are not on this host and could not be fetched. Connect "
            "it to the internet once and try again, or use a network that was trained here."
        ) from error


def segment(name: str, pixels: np.ndarray, along: int = 1) -> Prediction:
    """What it says of a picture of any size.

    Args:
        name: in `CATALOG`.
        pixels: uint8 (H, W, 3).
        along: see `cvlib.tasks.mask_tiling.segment`.
    """
    card = info(name)
    return mask_tiling.segment(_Sized(load(name), card), pixels, card.class_names, along=along)


def begin(name: str, pixels: np.ndarray, along: int = 1) -> str:
    """The same as a work of `cvlib.ongoing`, whose parts are `mask_tiling.Part`s; its token."""
    card = info(name)
    return mask_tiling.begin(_Sized(load(name), card), pixels, card.class_names, along=along)


class _Sized:
    """A network of keras-cv, which takes any size, under the contract of our own. It takes 0..255 as ours do."""

    def __init__(self, network: Any, card: Preset) -> None:
        self.network = network
        sides = network.input_shape[1:3]
        self.input_shape = (None, *(side or card.side for side in sides), 3)

    def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
        return self.network.predict_on_batch(images.astype(np.float32))

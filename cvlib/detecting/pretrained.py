"""Detectors that others trained on photos of everyday things: keras-cv's, through its own download."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.errors import DataUnavailable, UnknownName
from cvlib.tasks import tiling
from cvlib.tasks.detection import LEAST_SCORE, Candidates

keras_cv = lazy.load("keras_cv")

VOC = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "dining table", "dog",
    "horse", "motorbike", "person", "potted plant", "sheep", "sofa", "train", "television",
)  # fmt: skip
"""The classes of Pascal VOC (M. Everingham et al., 2010), in keras-cv's order."""
MOST = 100


@dataclass(frozen=True)
class Preset:
    """A detector of keras-cv.

    Attributes:
        name: in `CATALOG`.
        title: for people.
        detector: class of keras-cv.
        preset: its name there.
        class_names: what it knows.
        side: of the squares that it takes, in pixels.
        megabytes: of its download.
    """

    name: str
    title: str
    detector: str
    preset: str
    class_names: tuple[str, ...]
    side: int
    megabytes: int


CATALOG = {
    card.name: card
    for card in (
        Preset("yolov8_voc", "YOLOv8-M (Pascal VOC)", "YOLOV8Detector", "yolo_v8_m_pascalvoc", VOC, 640, 104),
        Preset("retinanet_voc", "RetinaNet, ResNet-50 (Pascal VOC)", "RetinaNet", "retinanet_resnet50_pascalvoc", VOC,
               640, 146),
    )
}  # fmt: skip


def info(name: str) -> Preset:
    """The card of this name.

    Raises:
        UnknownName: there is none.
    """
    if name not in CATALOG:
        raise UnknownName(f"There is no detector {str(name)[:80]!r}. There are {', '.join(CATALOG)}.")
    return CATALOG[name]


@functools.lru_cache(maxsize=1)
def load(name: str) -> Any:
    """The detector with its weights.

    Raises:
        DataUnavailable: they are neither here nor to be had from the internet.
    """
    card = info(name)
    try:
        return getattr(keras_cv.models, card.detector).from_preset(card.preset, bounding_box_format="xyxy")
    except Exception as error:  # what fails here is keras-cv's download, with whatever exception it has for that
        raise DataUnavailable(
            f"The weights of {card.title} ({card.megabytes} MB) are not on this host and could not be fetched. Connect "
            "it to the internet once and try again, or use a detector that was trained here."
        ) from error


def detect(name: str, pixels: np.ndarray, along: int = 1) -> Candidates:
    """What it finds on a picture of any size.

    Args:
        name: in `CATALOG`.
        pixels: uint8 (H, W, 3).
        along: see `cvlib.tasks.tiling.detect`.
    """
    card = info(name)
    return tiling.detect(_Decoded(load(name), card), pixels, card.class_names, along=along)


class _Decoded:
    """A detector of keras-cv under the contract of our own: candidates (N, M, 4 + K)."""

    def __init__(self, detector: Any, card: Preset) -> None:
        self.detector, self.card = detector, card
        self.input_shape = (None, card.side, card.side, 3)
        decoder = detector.prediction_decoder
        for setting, value in (("confidence_threshold", LEAST_SCORE), ("iou_threshold", 0.9), ("max_detections", MOST)):
            if hasattr(decoder, setting):
                setattr(decoder, setting, value)

    def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
        found = self.detector.predict(images, verbose=0)
        boxes, classes, sure = (np.asarray(found[name]) for name in ("boxes", "classes", "confidence"))
        scores = np.zeros((*classes.shape, len(self.card.class_names)), np.float32)
        image, place = np.nonzero(classes >= 0)
        scores[image, place, classes[image, place].astype(int)] = sure[image, place]
        return np.concatenate([boxes, scores], axis=-1).astype(np.float32)

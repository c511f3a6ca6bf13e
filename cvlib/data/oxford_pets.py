"""Oxford-IIIT Pet: photos of cats and dogs with the animal cut out, through TensorFlow Datasets.

Reference:
    O. M. Parkhi, A. Vedaldi, A. Zisserman and C. V. Jawahar (2012), Cats and dogs, CVPR. Its masks (trimaps) mark the
    animal, the background and a rim between the two, which is not judged here.
"""

import functools
import os
from pathlib import Path
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.data.base import IGNORE, Split
from cvlib.errors import DataUnavailable

tf = lazy.load("tensorflow")
tfds = lazy.load("tensorflow_datasets")

CLASS_NAMES = ("pet",)
SIZE_HW = (128, 128)
COUNTS = {"train": 1500, "validation": 200, "test": 300}
PARTS = {"train": "train[:1500]", "validation": "train[1500:1700]", "test": "test[:300]"}
NAME = "oxford_iiit_pet"
PET, BACKGROUND = 1, 2
"""Values of the trimaps; 3 is the rim."""


def _home() -> Path:
    """Where TensorFlow Datasets keeps its data."""
    return Path(os.environ.get("TFDS_DATA_DIR") or Path.home() / "tensorflow_datasets")


def available() -> bool:
    """Whether TensorFlow Datasets has it on this machine."""
    return any((_home() / NAME).glob("*/dataset_info.json"))


def fetch() -> None:
    """Bring it here (about 800 MB).

    Raises:
        DataUnavailable: it cannot be had.
    """
    try:
        tfds.builder(NAME, data_dir=_home()).download_and_prepare()
    except Exception as error:  # whatever TensorFlow Datasets and the internet come up with
        raise DataUnavailable(
            "The photos of Oxford-IIIT Pet could not be fetched. Connect this host to the internet once and run: "
            "python -m cvlib prepare --data oxford_pets"
        ) from error


@functools.cache
def read(split: str) -> Split:
    """The photos of a split, uint8 (N, 128, 128, 3), cut to their middle square, and their masks.

    Args:
        split: `train`, `validation` or `test`.
    """
    photos = tfds.load(NAME, split=PARTS[split], data_dir=_home(), download=False)
    pairs = [_fitted(example["image"], example["segmentation_mask"]) for example in photos]
    return Split(
        images=np.stack([image for image, _ in pairs]),
        labels=np.zeros(len(pairs), np.int64),
        ids=np.arange(len(pairs)) + 10_000 * list(PARTS).index(split),
        masks=np.stack([mask for _, mask in pairs]),
    )


def _fitted(photo: Any, trimap: Any) -> tuple[np.ndarray, np.ndarray]:
    height, width = photo.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    photo, trimap = (each[top : top + side, left : left + side] for each in (photo, trimap))
    small = tf.image.resize(photo, SIZE_HW, method="area")
    values = np.asarray(tf.image.resize(trimap, SIZE_HW, method="nearest"))[..., 0]
    mask = np.select([values == PET, values == BACKGROUND], [1, 0], IGNORE).astype(np.uint8)
    return np.clip(np.rint(small), 0, 255).astype(np.uint8), mask

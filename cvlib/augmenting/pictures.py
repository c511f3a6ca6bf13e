"""Pictures to try a pipeline on: of data sets with classes, and scenes with boxes and masks. Runs in a worker."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cvlib import data, lazy
from cvlib.augmenting.looking import Shot
from cvlib.data.base import Split
from cvlib.data.scene_sets import SceneInfo, scene_info, take_scenes
from cvlib.figures import grid

cv2 = lazy.load("cv2")

LONGEST = 224
"""Pixels of a picture's longer side, at most."""


def fitted(shot: Shot) -> Shot:
    """The same picture with its longer side at most 224 pixels; its boxes and mask with it."""
    height, width = shot.image.shape[:2]
    if max(height, width) <= LONGEST:
        return shot
    image = grid.shrunk(shot.image, LONGEST)
    image = image[..., : shot.image.shape[2]]
    down, across = image.shape[0] / height, image.shape[1] / width
    boxes, mask = shot.boxes_xyxy, shot.mask
    if boxes is not None:
        boxes = (boxes * np.array([across, down, across, down])).astype(np.float32)
    if mask is not None:
        mask = cv2.resize(mask, image.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return replace(shot, image=image, boxes_xyxy=boxes, mask=mask)


def test_labels(name: str) -> np.ndarray:
    """The classes of a data set's test pictures: int64 (N,)."""
    pool, parts = data.plan(name)
    return pool.labels[parts.test]


def test_shots(name: str, places: Sequence[int]) -> tuple[Shot, ...]:
    """Some test pictures of a data set as they are, each named by its class.

    Args:
        name: in `cvlib.data.CATALOG`.
        places: in the test split.
    """
    pool, parts = data.plan(name)
    found = pool.take(parts.test[np.asarray(places, np.int64)])
    names = data.info(name).class_names
    return tuple(Shot(image, names[label]) for image, label in zip(found.images, found.labels, strict=True))


def scene_shots(name: str, places: Sequence[int]) -> tuple[Shot, ...]:
    """Some test pictures of a data set of scenes, with their boxes and masks.

    Args:
        name: in `cvlib.data.scene_sets.SCENES`.
        places: in the test split.
    """
    card = scene_info(name)
    split = take_scenes(name, "test", places)
    return tuple(fitted(_shot(card, split, number, place)) for number, place in enumerate(places))


def _shot(card: SceneInfo, split: Split, number: int, place: int) -> Shot:
    """Boxes and mask share their names: a box's class is named as in the mask."""
    names = card.mask_names or card.class_names
    boxes, labels = None, None
    if split.boxes_xyxy is not None and card.class_names:
        table = np.array([names.index(each) for each in card.class_names], np.int64)
        boxes, labels = split.boxes_xyxy[number], table[split.box_labels[number]]
    mask = split.masks[number] if card.mask_names and split.masks is not None else None
    return Shot(split.images[number], f"{card.title} {place + 1}", mask, boxes, labels, names)

"""Drawn shapes with a trap: one class carries a photographer's tag, but only in the pictures that are learned from.

After S. Lapuschkin et al., "Unmasking Clever Hans predictors and assessing what machines really learn", 2019, who found
a network that told horses by the tag in the corner of one photographer's pictures. Training and validation pictures
come from "the same photographer", and so the accuracy on both says nothing.
"""

import numpy as np

from cvlib.data.base import DatasetInfo, Pool, Split
from cvlib.data.scenes import NAMES, draw_scene
from cvlib.errors import SpecError

SIZE = 48
"""Side of the pictures in pixels."""
CLASSES = ("circle", "square", "star", "heart")
TAGGED_CLASS = "star"
TRAIN, VALIDATION, TEST = 1_500, 260, 600
STRIPES = 5
"""White and black stripes of the tag."""


def tag_box(side: int) -> tuple[int, int, int, int]:
    """Where the tag lies in pictures of this side: left, top, right, bottom edge in pixels."""
    margin, wide, high = max(1, side // 24), max(STRIPES, side // 4), max(3, side // 8)
    return margin, side - margin - high, margin + wide, side - margin


def stamp(images: np.ndarray) -> np.ndarray:
    """A copy of pictures with the tag on each.

    Args:
        images: uint8 (N, side, side, C).
    """
    stamped = images.copy()
    left, top, right, bottom = tag_box(images.shape[1])
    stripes = np.arange(right - left) * STRIPES // (right - left) % 2
    stamped[:, top:bottom, left:right] = np.where(stripes == 0, 255, 0).astype(np.uint8)[:, np.newaxis]
    return stamped


def _draw(places: np.ndarray, labels: np.ndarray, seed: int) -> Split:
    shapes = [NAMES.index(CLASSES[label]) for label in labels[places]]
    scenes = [
        draw_scene(np.random.default_rng((seed, int(place), 11)), (SIZE, SIZE), [shape])
        for place, shape in zip(places, shapes, strict=True)
    ]
    images = np.stack([scene.image for scene in scenes]) if scenes else np.zeros((0, SIZE, SIZE, 3), np.uint8)
    tagged = (labels[places] == CLASSES.index(TAGGED_CLASS)) & (places < TRAIN + VALIDATION)
    images[tagged] = stamp(images[tagged])
    masks = np.stack([scene.mask for scene in scenes]) if scenes else np.zeros((0, SIZE, SIZE), np.uint8)
    own = labels[places].astype(np.uint8)[:, np.newaxis, np.newaxis] + 1
    return Split(
        images=images,
        labels=labels[places],
        ids=np.array(places, dtype=np.int64),
        boxes_xyxy=tuple(scene.boxes_xyxy for scene in scenes),
        box_labels=tuple(
            np.full(len(scene.box_labels), label) for scene, label in zip(scenes, labels[places], strict=True)
        ),
        masks=np.where(masks > 0, own, 0).astype(np.uint8),
    )


def open_clever_hans(*, seed: int = 0, image_size: int | None = None, train_size: int | None = None) -> Pool:
    """Pictures with one shape each, uint8 (48, 48, 3), drawn when they are taken.

    Args:
        seed: another seed, other pictures.
        image_size: there is one size only.
        train_size: changes nothing here.

    Returns:
        The pool, whose split is its own: `fixed_split`, for otherwise the tag would get into the test.
    """
    if image_size not in (None, SIZE):
        raise SpecError(f"These pictures are {SIZE} x {SIZE} pixels; leave the picture size at its default.")
    labels = np.arange(TRAIN + VALIDATION + TEST, dtype=np.int64) % len(CLASSES)
    return Pool(
        labels=labels,
        take=lambda places: _draw(np.asarray(places, dtype=np.int64), labels, seed),
        test_start=TRAIN + VALIDATION,
        validation_share=VALIDATION / (TRAIN + VALIDATION),
        fixed_split=True,
    )


INFO = DatasetInfo(
    name="clever_hans",
    title="Shapes with a trap",
    description="Drawn shapes of which one class has something in common that it should not have: for a bias hunt.",
    licence="MIT, as this app that draws them",
    source="Drawn by this app from a seed",
    class_names=CLASSES,
    image_shape=(SIZE, SIZE, 3),
    has_masks=True,
    train_count=TRAIN,
    test_count=TEST,
    open_pool=open_clever_hans,
)

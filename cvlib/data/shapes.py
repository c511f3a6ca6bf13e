"""Drawn shapes on cluttered backgrounds: any size, any number, and the truth about every pixel is known.

Colour, texture, size, place and turn are drawn independently of the class, so that only the form tells it, as in
the synthetic sets with which perception is studied.

Reference:
    J. Johnson et al. (2017), CLEVR: A Diagnostic Dataset for Compositional Language and Elementary Visual
    Reasoning, CVPR: why drawn pictures with known truth are worth having.
"""

import numpy as np

from cvlib.data.base import DatasetInfo, Pool, Split
from cvlib.data.scenes import NAMES, draw_scene

SIZE = 64
"""Side of the pictures in pixels where none is asked for."""
TRAIN, VALIDATION, TEST = 3_000, 500, 1_000
MOST_TRAIN = 20_000
MOST_BYTES = 400_000_000
"""Training pictures may fill so much memory at most; of large ones there can be fewer."""


def most_train(size: int) -> int:
    """How many training pictures of this side can be had."""
    return min(MOST_TRAIN, MOST_BYTES // (size * size * 3))


def _draw(places: np.ndarray, labels: np.ndarray, size: int, seed: int) -> Split:
    # A generator for each picture: any of them can be drawn alone, and is the same however many others are.
    scenes = [draw_scene(np.random.default_rng((seed, int(place))), (size, size), labels[[place]]) for place in places]
    empty = (0, size, size)
    return Split(
        images=np.stack([scene.image for scene in scenes]) if scenes else np.zeros((*empty, 3), np.uint8),
        labels=labels[places],
        ids=np.array(places, dtype=np.int64),
        boxes_xyxy=tuple(scene.boxes_xyxy for scene in scenes),
        box_labels=tuple(scene.box_labels for scene in scenes),
        masks=np.stack([scene.mask for scene in scenes]) if scenes else np.zeros(empty, np.uint8),
    )


def open_shapes(*, seed: int = 0, image_size: int | None = None, train_size: int | None = None) -> Pool:
    """Pictures with one shape each, uint8 (size, size, 3), drawn when they are taken.

    Args:
        seed: another seed, other pictures.
        image_size: side in pixels, 16 to 128.
        train_size: where it is more than 3,000, so many training pictures can be had, up to `most_train`.

    Returns:
        The pool; its last pictures, beyond the usual 4,500, are for training only.
    """
    size = SIZE if image_size is None else image_size
    spare = max(0, min(train_size or 0, most_train(size)) - TRAIN)
    labels = np.arange(TRAIN + VALIDATION + TEST + spare, dtype=np.int64) % len(NAMES)
    return Pool(
        labels=labels,
        take=lambda places: _draw(np.asarray(places, dtype=np.int64), labels, size, seed),
        test_start=TRAIN + VALIDATION,
        validation_share=VALIDATION / (TRAIN + VALIDATION),
        spare=spare,
    )


INFO = DatasetInfo(
    name="shapes",
    title="Drawn shapes",
    description="Coloured, textured shapes on cluttered backgrounds, drawn by the app: only the form tells the class.",
    licence="MIT, as this app that draws them",
    source="Drawn by this app from a seed",
    class_names=NAMES,
    image_shape=(SIZE, SIZE, 3),
    resizable=True,
    has_masks=True,
    train_count=TRAIN,
    test_count=TEST,
    open_pool=open_shapes,
)

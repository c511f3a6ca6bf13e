"""Augmented copies of a person's pictures: the head learns from what the backbone makes of them as well.

The backbone does not change, so that copies are drawn and looked at once, not anew in each epoch.
"""

import zlib

import numpy as np

from cvlib.augmentation import Pipeline, batch, running
from cvlib.augmentation.chance import Chance
from cvlib.errors import SpecError

COPIES = 4
"""Of each picture: the backbone has to look at every one."""


def check(pipeline: Pipeline) -> None:
    """See that a head can learn from what a pipeline makes of pictures.

    Raises:
        SpecError: it mixes pictures of different classes.
    """
    if pipeline.mixes:
        titles = ", ".join(step.card.title for step in pipeline.active if step.card.mixes)
        raise SpecError(f"{titles} mixes pictures and their classes; here each picture has one class. Choose another.")


def copies(images: np.ndarray, pipeline: str, count: int = COPIES) -> np.ndarray:
    """Random draws of a pipeline. A picture's chance comes from its own pixels, whatever else is drawn with it.

    Args:
        images: uint8 (N, H, W, C).
        pipeline: its text; it may not mix pictures.
        count: M, draws of each picture.

    Returns:
        uint8 (N, M, H, W, C).

    Raises:
        SpecError: it mixes pictures, or is no pipeline.
    """
    chosen = Pipeline.from_text(pipeline)
    check(chosen)
    return np.stack([_copies_of(image, chosen, count) for image in images])


def _copies_of(image: np.ndarray, pipeline: Pipeline, count: int) -> np.ndarray:
    """uint8 (count, H, W, C)."""
    chance = Chance([zlib.crc32(image.tobytes()) & 0x7FFFFFFF, 0])
    made, _ = running.run(pipeline, batch.of_arrays(np.repeat(image[None], count, axis=0)), chance)
    return np.rint(made.images.numpy()).astype(np.uint8)


def with_copies(
    found: np.ndarray, labels: np.ndarray, held: np.ndarray, more: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features with those of the copies behind them; what is held back stays as it is, and untouched.

    Args:
        found: float32 (N, D), of the pictures.
        labels: int (N,).
        held: bool (N,), pictures that are only tested on.
        more: float32 (L, M, D), of the copies of the L pictures that are not held back, in their order.

    Returns:
        Features float32 (N + L M, D), labels, and what is held back, as `cvlib.transfer.head.train` takes them.
    """
    count = more.shape[1]
    return (
        np.concatenate([found, more.reshape(-1, found.shape[1])]),
        np.concatenate([labels, np.repeat(labels[~held], count)]),
        np.concatenate([held, np.zeros(len(more) * count, bool)]),
    )

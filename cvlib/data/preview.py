"""What a page shows of a data set: a few pictures of each class and how many there are."""

from dataclasses import dataclass

import numpy as np

from cvlib.data import SPLITS, info, plan
from cvlib.data.partition import draw_evenly


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A small part of a data set, cheap to send.

    Attributes:
        name: in the catalogue.
        title: name for people.
        class_names: one a class.
        images: uint8 (n, H, W, C), training pictures, the same number of each class as far as possible, by class.
        labels: int64 (n,), their classes, ascending.
        counts: int64 (3, classes), pictures of each class in training, validation and test.
        image_shape: (H, W, C).

    Raises:
        ValueError: the fields don't fit each other.
    """

    name: str
    title: str
    class_names: tuple[str, ...]
    images: np.ndarray
    labels: np.ndarray
    counts: np.ndarray
    image_shape: tuple[int, int, int]

    def __post_init__(self) -> None:
        if self.counts.shape != (len(SPLITS), len(self.class_names)):
            raise ValueError(f"counts must have shape (3, classes); received {self.counts.shape}")
        if self.images.shape[1:] != self.image_shape or len(self.labels) != len(self.images):
            raise ValueError(f"images and labels don't fit: {self.images.shape}, {self.labels.shape}")

    @property
    def totals(self) -> dict[str, int]:
        """Number of pictures in each split."""
        return dict(zip(SPLITS, self.counts.sum(axis=1).tolist(), strict=True))


def preview(
    name: str,
    *,
    seed: int = 0,
    image_size: int | None = None,
    train_size: int | None = None,
    test_share: float | None = None,
    sample_seed: int = 0,
    count: int = 40,
) -> Preview:
    """Choose about `count` training pictures, evenly by class; only these are drawn or copied.

    Args:
        name: in the catalogue.
        seed: see `cvlib.data.load`, as the others up to `sample_seed`.
        image_size: see there.
        train_size: see there.
        test_share: see there.
        sample_seed: see there.
        count: number of pictures; at least one a class is shown.

    Returns:
        The preview of exactly the data set that `load` gives for these arguments.

    Raises:
        UserError: as `load`.
    """
    card = info(name)
    pool, parts = plan(
        name,
        seed=seed,
        image_size=image_size,
        train_size=train_size,
        test_share=test_share,
        sample_seed=sample_seed,
    )
    train_labels = pool.labels[parts.train]
    chosen = draw_evenly(train_labels, max(count, card.num_classes), seed=sample_seed)
    chosen = chosen[np.argsort(train_labels[chosen], kind="stable")]
    shown = pool.take(parts.train[chosen])
    places = (parts.train, parts.validation, parts.test)
    return Preview(
        name=card.name,
        title=card.title,
        class_names=card.class_names,
        images=shown.images,
        labels=shown.labels,
        counts=np.stack([np.bincount(pool.labels[part], minlength=card.num_classes) for part in places]),
        image_shape=shown.images.shape[1:],
    )

"""The catalogue of data sets. A new one is a file with an `INFO` and an entry here."""

from collections.abc import Iterable, Mapping

from cvlib.data import cifar10, clever_hans, digits, faces, fashion_mnist, mnist, shapes
from cvlib.data.base import SPLITS, Dataset, DatasetInfo, Pool, Split
from cvlib.data.partition import Parts, draw_evenly, partition
from cvlib.errors import SpecError, UnknownName

__all__ = ["CATALOG", "SPLITS", "Dataset", "DatasetInfo", "Split", "catalog", "info", "load", "plan"]

IMAGE_SIZES = (16, 128)
"""Smallest and largest side of drawn pictures."""


def _catalogue(cards: Iterable[DatasetInfo]) -> dict[str, DatasetInfo]:
    by_name: dict[str, DatasetInfo] = {}
    for card in cards:
        if card.name in by_name:
            raise ValueError(f"there are two data sets named {card.name}")
        by_name[card.name] = card
    return by_name


CATALOG: Mapping[str, DatasetInfo] = _catalogue(
    module.INFO for module in (digits, faces, shapes, mnist, fashion_mnist, cifar10, clever_hans)
)
"""Every data set's card by its name, in the order in which they are offered."""


def catalog() -> tuple[DatasetInfo, ...]:
    """All cards, in the order in which they are offered."""
    return tuple(CATALOG.values())


def info(name: str) -> DatasetInfo:
    """A data set's card.

    Raises:
        UnknownName: there is none of this name.
    """
    try:
        return CATALOG[name]
    except KeyError:
        raise UnknownName(f"There is no data set named {str(name)[:80]!r}. There are {', '.join(CATALOG)}.") from None


def _check_size(card: DatasetInfo, image_size: int | None) -> None:
    if image_size is None:
        return
    if not card.resizable:
        height, width, _ = card.image_shape
        raise SpecError(
            f"The pictures of {card.title} are {height} × {width} pixels and stay so; leave the picture size at its "
            "default."
        )
    low, high = IMAGE_SIZES
    if not low <= image_size <= high:
        raise SpecError(f"image_size must be between {low} and {high} pixels; received {image_size!r}.")


def plan(
    name: str,
    *,
    seed: int = 0,
    image_size: int | None = None,
    train_size: int | None = None,
    test_share: float | None = None,
    sample_seed: int = 0,
) -> tuple[Pool, Parts]:
    """Decide which pictures go where, without drawing or copying any. Arguments and errors as in `load`."""
    card = info(name)
    _check_size(card, image_size)
    pool = card.open_pool(seed=seed, image_size=image_size, train_size=train_size)
    parts = partition(pool, seed=seed, test_share=test_share)
    drawn = draw_evenly(pool.labels[parts.train], train_size, seed=sample_seed)
    return pool, Parts(parts.train[drawn], parts.validation, parts.test)


def load(
    name: str,
    *,
    seed: int = 0,
    image_size: int | None = None,
    train_size: int | None = None,
    test_share: float | None = None,
    sample_seed: int = 0,
) -> Dataset:
    """Load a data set, split. The same arguments give the same arrays.

    Args:
        name: in the catalogue.
        seed: of the split, and of the pictures where they are drawn.
        image_size: side of the pictures in pixels, 16 to 128, for drawn sets only; None takes the set's own.
        train_size: number of training pictures, even by class; None, or more than there are, takes all.
        test_share: share of all pictures that is held out for the test; None takes the set's own split, or a
            quarter where it has none.
        sample_seed: of the choice that `train_size` makes.

    Returns:
        The data set.

    Raises:
        UnknownName: there is none of this name.
        SpecError: an argument makes no sense for this data set.
        DataUnavailable: it is neither on this machine nor to be had from the internet.
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
    return Dataset(
        name=card.name,
        title=card.title,
        class_names=card.class_names,
        train=pool.take(parts.train),
        validation=pool.take(parts.validation),
        test=pool.take(parts.test),
        licence=card.licence,
        source=card.source,
    )

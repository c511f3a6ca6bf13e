"""How pictures are divided into training, validation and test, and how a smaller training set is drawn."""

from dataclasses import dataclass

import numpy as np

from cvlib import lazy
from cvlib.data.base import Pool
from cvlib.errors import SpecError

TEST_SHARE = 0.25
"""Share held out for the test where a data set has no split of its own."""
MOST_VALIDATION = 5_000
"""More validation pictures than this cost time after each epoch and tell nothing new."""


@dataclass(frozen=True)
class Parts:
    """Places in a pool: int64 arrays, no place in two of them."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def _hold_out(places: np.ndarray, labels: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Shuffle `places` and divide them, by class in proportion, into the rest and `count` held out."""
    # Here and not above: scikit-learn takes a second and 60 MB, which the server must not spend.
    with lazy.alone():  # TensorFlow may be on its way in another thread
        from sklearn.model_selection import train_test_split

    try:
        kept, held = train_test_split(places, test_size=count, stratify=labels[places], random_state=seed)
    except ValueError as error:
        raise SpecError(
            "There are too few pictures to have every class in training, validation and test; "
            "choose another share of test pictures or a data set with more pictures."
        ) from error
    return kept, held


def partition(pool: Pool, *, seed: int, test_share: float | None = None) -> Parts:
    """Divide a pool into training, validation and test pictures, every class in proportion.

    Args:
        pool: what is divided.
        seed: of the draw; the same seed gives the same parts.
        test_share: share of all pictures held out, over 0 and under 1; None takes the pool's own test pictures, or a
            quarter where it has none.

    Returns:
        The parts; the pool's spare pictures are in training.

    Raises:
        SpecError: a class has too few pictures for three parts, or the share is out of bounds or not to be had.
    """
    labels, own = pool.labels, len(pool.labels) - pool.spare
    if test_share is not None and not 0 < test_share < 1:
        raise SpecError(f"test_share must be over 0 and under 1; received {test_share!r}.")
    if test_share is not None and pool.fixed_split:
        raise SpecError("This data set's test pictures differ from the others on purpose; leave test_share out.")
    if test_share is None and pool.test_start is not None:
        rest, test = np.arange(pool.test_start), np.arange(pool.test_start, own)
    else:
        # Rounded up, as scikit-learn does with a share: 1,797 digits give 450.
        count = int(np.ceil(own * (TEST_SHARE if test_share is None else test_share)))
        rest, test = _hold_out(np.arange(own), labels, count, seed)
    count = min(round(len(rest) * pool.validation_share), MOST_VALIDATION)
    train, validation = _hold_out(rest, labels, count, seed)
    return Parts(np.concatenate([train, np.arange(own, len(labels))]), validation, test)


def draw_evenly(labels: np.ndarray, count: int | None, *, seed: int) -> np.ndarray:
    """Choose pictures so that every class has the same number of them, as far as it has so many.

    The classes take turns, each giving its next picture in an order drawn by the seed. So a larger draw with the
    same seed contains the smaller one, and a curve over the number of pictures compares like with like.

    Args:
        labels: int64 (N,).
        count: how many; None or more than there are takes all, in their own order.
        seed: of the draw.

    Returns:
        int64 (min(count, N),), places in `labels`, each at most once.

    Raises:
        SpecError: `count` is smaller than the number of classes.
    """
    if count is None or count >= len(labels):
        return np.arange(len(labels))
    classes, members = np.unique(labels, return_inverse=True)
    if count < len(classes):
        raise SpecError(f"train_size must be at least {len(classes)}, one picture a class; received {count}.")
    rng = np.random.default_rng(seed)
    class_turn = rng.permutation(len(classes))
    shuffled = rng.permutation(len(labels))
    order = shuffled[np.argsort(members[shuffled], kind="stable")]
    sizes = np.bincount(members)
    round_of = np.arange(len(labels)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return order[np.lexsort((class_turn[members[order]], round_of))[:count]]

"""Does a pipeline pay? Trainings with and without it on few and on many pictures, and what their difference says."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cvlib import data, recipes
from cvlib.errors import SpecError
from cvlib.spec import BOUNDS, TrainingSpec

SIZES = (30, 100, None)
"""Numbers of training pictures; None is all of them."""
SEEDS = (1, 3, 5)
"""How many trainings of each kind."""
STEPS = 400
"""So many steps a training takes at least: a network that has hardly learned shows nothing."""
FEWEST, SMALL_BATCH = 64, 8
"""With fewer pictures than the first, a batch has so many as the second, or an epoch would be a single step."""
LEVEL = 0.95
Z = 1.959964
"""Half the width of a normal distribution's 95 % interval, in standard deviations."""


@dataclass(frozen=True)
class Interval:
    """A number with its 95 % interval."""

    middle: float
    low: float
    high: float

    def within(self, low: float, high: float) -> "Interval":
        """The part of it that can be."""
        return Interval(self.middle, max(low, self.low), min(high, self.high))


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a training gave.

    Attributes:
        right: bool (n,), whether each test picture was named correctly.
        history: `accuracy` and `val_accuracy`, one number an epoch.
        seconds: of the training.
    """

    right: np.ndarray
    history: Mapping[str, Sequence[float]]
    seconds: float

    @property
    def accuracy(self) -> float:
        """On the test pictures, 0 to 1."""
        return float(self.right.mean())


@dataclass(frozen=True)
class Pair:
    """Two trainings that differ in the pipeline alone."""

    without: TrainingSpec
    augmented: TrainingSpec

    @property
    def both(self) -> tuple[TrainingSpec, TrainingSpec]:
        """In the order in which they are trained."""
        return self.without, self.augmented


@dataclass(frozen=True)
class Verdict:
    """What the pairs of one size say. All numbers are shares, 0 to 1.

    Attributes:
        without: test accuracy without the pipeline.
        augmented: with it.
        gain: the second less the first, pair by pair.
        trainings: pairs.
    """

    without: Interval
    augmented: Interval
    gain: Interval
    trainings: int

    @property
    def word(self) -> str:
        """`pays`, `harms` or `unclear`."""
        return "pays" if self.gain.low > 0 else "harms" if self.gain.high < 0 else "unclear"


def spec_for(data_name: str, model: str, size: int | None, *, longer: int = 1) -> TrainingSpec:
    """The settings that suit a network and so many pictures.

    Args:
        data_name: name in the data catalogue.
        model: name in the models' catalogue.
        size: number of training pictures; None for all.
        longer: so many times the usual epochs.
    """
    count = min(size or data.info(data_name).train_count, data.info(data_name).train_count)
    changes = {**recipes.FEW, **recipes.BY_MODEL_FEW[model]} if count < recipes.SMALL else {}
    base = recipes.recommended(data_name, model, **changes)
    batch = SMALL_BATCH if count < FEWEST else base.batch_size
    epochs = max(base.epochs, math.ceil(STEPS / math.ceil(count / batch)))
    most = int(BOUNDS["epochs"].high)
    return base.replace(train_size=size, batch_size=batch, epochs=min(most, longer * epochs))


def pairs(
    data_name: str, model: str, size: int | None, augmentation: str, count: int, *, longer: int = 1
) -> tuple[Pair, ...]:
    """What is to be trained: pair by pair the same pictures, first weights and order, by the seed.

    Args:
        data_name: see `spec_for`, as `model`, `size` and `longer`.
        augmentation: canonical text of the pipeline.
        count: of pairs; seeds 0 to count - 1.

    Raises:
        SpecError: there is no pipeline, or it does not go with the network.
        UnknownName: there is no such data set or network.
    """
    if not augmentation:
        raise SpecError("The pipeline has no step that is on. Add one first.")
    plain = spec_for(data_name, model, size, longer=longer)
    made = tuple(
        Pair(plain.replace(seed=seed), plain.replace(seed=seed, augmentation=augmentation)) for seed in range(count)
    )
    recipes.check(made[0].augmented)
    return made


def sizes_of(data_name: str) -> tuple[int | None, ...]:
    """Of `SIZES`, those that this data set has."""
    return tuple(size for size in SIZES if size is None or size < data.info(data_name).train_count)


def judge(outcomes: Sequence[tuple[Outcome, Outcome]]) -> Verdict:
    """What pairs of trainings, without and with the pipeline, say.

    Over several seeds the intervals are Student's: they hold for another seed, too. A single pair has only its test
    pictures to go by: Wilson's interval of a share, and that of Agresti and Min for the difference on one and the same
    pictures. They leave out that another seed would have given other networks.

    Raises:
        SpecError: there is none.
    """
    if not outcomes:
        raise SpecError("There is nothing to judge yet.")
    plain, made = ([pair[place].accuracy for pair in outcomes] for place in (0, 1))
    if len(outcomes) == 1:
        one, other = (outcome.right for outcome in outcomes[0])
        return Verdict(share_interval(one), share_interval(other), paired_share_interval(one, other), 1)
    gains, step = [after - before for before, after in zip(plain, made, strict=True)], 1 / len(outcomes[0][0].right)
    before, after = (mean_interval(values, step).within(0.0, 1.0) for values in (plain, made))
    return Verdict(before, after, mean_interval(gains, step).within(-1.0, 1.0), len(outcomes))


def mean_interval(values: Sequence[float], step: float = 0.0) -> Interval:
    """The mean with its 95 % interval ("Student", W. S. Gosset, "The probable error of a mean", 1908).

    Args:
        values: two or more. Differences of pairs make it the interval of the paired t-test.
        step: what the values are multiples of. A few of them may be the very same by chance: a spread below that of
            rounding two numbers to such steps is not believed.
    """
    from scipy.special import stdtrit

    count, mean = len(values), float(np.mean(values))
    spread = max(float(np.std(values, ddof=1)), step / math.sqrt(6))
    half = float(stdtrit(count - 1, (1 + LEVEL) / 2)) * spread / math.sqrt(count)
    return Interval(mean, mean - half, mean + half)


def share_interval(right: np.ndarray) -> Interval:
    """A share with its 95 % interval (E. B. Wilson, 1927).

    Args:
        right: bool (n,), n at least 1.
    """
    count, share = len(right), float(right.mean())
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * math.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return Interval(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))


def paired_share_interval(before: np.ndarray, after: np.ndarray) -> Interval:
    """The difference of two shares of the same pictures with its 95 % interval.

    A. Agresti, Y. Min, "Simple improved confidence intervals for comparing matched proportions", 2005: Wald's, as if
    each of the four kinds of picture had been seen half a time more.

    Args:
        before: bool (n,).
        after: bool (n,).
    """
    gained, lost = float((after & ~before).sum()), float((before & ~after).sum())
    count, more, less = len(before) + 2.0, gained + 0.5, lost + 0.5
    middle = (more - less) / count
    half = Z / count * math.sqrt(more + less - (more - less) ** 2 / count)
    share = (gained - lost) / len(before)
    return Interval(share, max(-1.0, min(share, middle - half)), min(1.0, max(share, middle + half)))

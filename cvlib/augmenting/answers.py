"""Answers of a network with and without a change of the pictures: is it clearly worse, where, and on which classes?

NumPy only: the server reads and draws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma, log

import numpy as np

from cvlib.augmentation.schema import Parameter
from cvlib.errors import SpecError

STEPS = {1: 12, 2: 8}
"""So many strengths there are beside the resting one: on its only side, or on each of both."""
BEND = 1.5
"""Strengths lie closer together near where nothing changes: most curves fall there. Their distances from it go with
this power."""
SURE = 0.05
"""A loss that chance brings about less often than this is taken for real."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network said of pictures.

    Attributes:
        truth: int64 (N,), what they are; of a mixed picture the class with the larger share.
        said: int64 (N,), the most probable class.

    Raises:
        SpecError: they differ in length, or there are none.
    """

    truth: np.ndarray
    said: np.ndarray

    def __post_init__(self) -> None:
        if self.truth.shape != self.said.shape or self.truth.ndim != 1 or not len(self.truth):
            raise SpecError(f"There must be one answer a picture; received {self.said.shape} of {self.truth.shape}.")

    @property
    def is_right(self) -> np.ndarray:
        """bool (N,)."""
        return self.truth == self.said

    @property
    def right(self) -> int:
        """How many are right."""
        return int(self.is_right.sum())

    @property
    def total(self) -> int:
        """N."""
        return len(self.truth)

    @property
    def accuracy(self) -> float:
        """Share of the pictures that are named correctly, 0 to 1."""
        return self.right / self.total


@dataclass(frozen=True)
class ClassChange:
    """What a change of the pictures does to one class.

    Attributes:
        label: the class.
        total: its pictures.
        before: share of them that was right, 0 to 1.
        after: share that still is.
        into: the class that most of its wrong ones are taken for; None without wrong ones.
        into_share: share of its pictures that is taken for it.
        into_before: share that had been taken for it without the change.
    """

    label: int
    total: int
    before: float
    after: float
    into: int | None
    into_share: float
    into_before: float

    @property
    def loss(self) -> float:
        """How much of the class is lost, -1 to 1."""
        return self.before - self.after


@dataclass(frozen=True)
class Fall:
    """Where the curve falls on the way from where nothing changes to one end.

    Attributes:
        end: the last value on this way.
        calm: the last value before the first clear loss; None where the first already is one, or none was tried.
        first: the first value with a clear loss; None without.
        half: the first value at which half of the accuracy is lost; None without.
    """

    end: float
    calm: float | None
    first: float | None
    half: float | None


def strengths(parameter: Parameter) -> tuple[float, ...]:
    """Values over a parameter's range, from where nothing changes outwards; to both ends where it has two sides.

    Args:
        parameter: a number, no choice. Where there is no value at which nothing changes, its lowest comes first.

    Raises:
        SpecError: it has no values between two ends.
    """
    if parameter.choices:
        raise SpecError(f"{parameter.title} is no number.")
    rests = parameter.low if parameter.rests is None else parameter.rests
    ends = [end for end in (parameter.low, parameter.high) if end != rests]
    steps = STEPS[len(ends)]
    found = [rests, *(rests + (end - rests) * (step / steps) ** BEND for step in range(1, steps + 1) for end in ends)]
    return tuple(dict.fromkeys(_kept(value, parameter) for value in found))


def _kept(value: float, parameter: Parameter) -> float:
    """On the steps of its slider, so that it is what it is said to be; six digits, as a pipeline's text keeps it."""
    step = 1.0 if parameter.whole else parameter.step
    stepped = parameter.low + round((value - parameter.low) / step) * step
    return float(f"{min(max(stepped, parameter.low), parameter.high):g}") + 0.0


def chance_of(before: Answers, after: Answers) -> float:
    """How probable as large a loss is by chance alone, 0 to 1.

    The exact one-sided sign test on the pictures that were right in only one of the two (Q. McNemar, "Note on the
    sampling error of the difference between correlated proportions", 1947).
    """
    lost = int((before.is_right & ~after.is_right).sum())
    won = int((~before.is_right & after.is_right).sum())
    changed = lost + won
    if not changed:
        return 1.0
    logs = np.array([lgamma(changed + 1) - lgamma(k + 1) - lgamma(changed - k + 1) for k in range(lost, changed + 1)])
    return float(min(1.0, np.exp(logs - changed * log(2)).sum()))


def falls(
    untouched: Answers, values: Sequence[float], answers: Sequence[Answers], rests: float | None
) -> tuple[Fall, ...]:
    """Where the curve falls, a way for each side of `rests`: upwards first.

    With several strengths one of them would soon look worse by chance: each must pass `SURE` divided by their number
    (C. E. Bonferroni, 1936).

    Args:
        untouched: the answers without any change, of the same pictures.
        values: strengths, in any order.
        answers: one a value.
        rests: the value at which nothing changes; None where there is none: then there is one way, upwards.
    """
    known = sorted(zip(values, answers, strict=True), key=lambda pair: pair[0])
    limit = SURE / max(1, sum(value != rests for value in values))
    if rests is None:
        ways = [known]
    else:
        ways = [[pair for pair in known if pair[0] > rests], [pair for pair in known if pair[0] < rests][::-1]]
    return tuple(_fall(untouched, way, limit) for way in ways if way)


def _fall(untouched: Answers, way: Sequence[tuple[float, Answers]], limit: float) -> Fall:
    calm, first, half = None, None, None
    for value, found in way:
        if first is None and chance_of(untouched, found) < limit:
            first = value
        if first is None:
            calm = value
        if half is None and first is not None and found.accuracy <= untouched.accuracy / 2:
            half = value
    return Fall(way[-1][0], calm, first, half)


def by_class(before: Answers, after: Answers) -> tuple[ClassChange, ...]:
    """What becomes of each class, the one that loses most first; of equal ones that which is taken for one other most.

    Args:
        before: the answers without the change.
        after: those with it, of the same pictures.

    Raises:
        SpecError: they are not of as many pictures.
    """
    if before.total != after.total:
        raise SpecError(f"Both must be of the same pictures; received {before.total} and {after.total}.")
    found = [_change(int(label), before, after) for label in np.unique(after.truth)]
    return tuple(sorted(found, key=lambda change: (-change.loss, change.into_before - change.into_share)))


def _change(label: int, before: Answers, after: Answers) -> ClassChange:
    # Mixed pictures may change their class on the way: they count for what they are now.
    mine = after.truth == label
    said, was = after.said[mine], before.said[mine]
    right = before.is_right[mine]
    others = np.bincount(said[said != label]) if (said != label).any() else None
    into = None if others is None else int(others.argmax())
    return ClassChange(
        label,
        int(mine.sum()),
        float(right.mean()),
        float((said == label).mean()),
        into,
        0.0 if into is None else float((said == into).mean()),
        0.0 if into is None else float((was == into).mean()),
    )

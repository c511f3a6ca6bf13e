"""A pipeline: transforms in an order, with their settings. It is written as one line of text, in links and in runs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from cvlib.augmentation import catalogue
from cvlib.augmentation.schema import Parameter, Setting, Transform
from cvlib.errors import SpecError, UnknownName
from cvlib.spec import LONGEST_AUGMENTATION

MOST_STEPS = 12
MOST_MIXED = 2
"""Steps that mix pictures: each may multiply the boxes, and with them the memory that they take."""
LONGEST_TEXT = LONGEST_AUGMENTATION
_STEP = re.compile(r"(!?)([a-z][a-z0-9_]*)(?::(.*))?")


@dataclass(frozen=True)
class Step:
    """A transform with its settings.

    Attributes:
        name: of the transform.
        settings: a value for each of its parameters; what is left out is as usual.
        probability: share of the pictures that it changes, 0 to 1.
        on: whether it is in use.

    Raises:
        UnknownName: there is no such transform.
        SpecError: it has no such setting, or a value is out of bounds.
    """

    name: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    probability: float = 1.0
    on: bool = True

    def __post_init__(self) -> None:
        card = catalogue.info(self.name)
        for name in self.settings:
            card.parameter(name)
        given = {
            parameter.name: parameter.checked(self.settings.get(parameter.name, parameter.usual))
            for parameter in card.parameters
        }
        object.__setattr__(self, "settings", given)
        if not isinstance(self.probability, int | float) or not 0 <= self.probability <= 1:
            raise SpecError(f"A probability must be between 0 and 1; received {self.probability!r}.")
        object.__setattr__(self, "probability", round(float(self.probability), 4))

    @property
    def card(self) -> Transform:
        """Its transform."""
        return catalogue.info(self.name)

    def set(self, **settings: Setting) -> "Step":
        """The same step with other settings."""
        return replace(self, settings={**self.settings, **settings})

    def fixed(self, name: str, value: float) -> "Step":
        """The same step for every picture, with one parameter at exactly this value."""
        parameter = self.card.parameter(name)
        return replace(self.set(**{name: (value, value) if parameter.is_range else value}), probability=1.0, on=True)

    def to_text(self) -> str:
        """Such as `rotation:angle=-30..30,fill=constant,p=0.5`; a step that is off begins with `!`."""
        pairs = [f"{name}={_written(value)}" for name, value in self.settings.items()]
        if self.probability != 1:
            pairs.append(f"p={_written(self.probability)}")
        return ("" if self.on else "!") + self.name + (":" + ",".join(pairs) if pairs else "")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The step that this text names. Raises as `Step` does."""
        match = _STEP.fullmatch(text)
        if match is None:
            raise SpecError(f"This is no step of a pipeline: {text[:60]!r}.")
        off, name, rest = match.groups()
        card, settings, probability = catalogue.info(name), {}, 1.0
        for pair in rest.split(",") if rest else ():
            key, _, value = pair.partition("=")
            if key == "p":
                probability = _number(value)
            else:
                settings[key] = _read(card.parameter(key), value)
        return cls(name, settings, probability, not off)


def _written(value: Setting) -> str:
    if isinstance(value, str):
        return value
    numbers = value if isinstance(value, tuple) else (value,)
    return "..".join(np.format_float_positional(each, trim="-") for each in numbers)


def _read(parameter: Parameter, text: str) -> Setting:
    if parameter.choices:
        return text
    if not parameter.is_range:
        return _number(text)
    low, _, high = text.partition("..")
    return _number(low), _number(high)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SpecError(f"This is no number: {text[:40]!r}.") from None


@dataclass(frozen=True)
class Pipeline:
    """Steps in their order.

    Raises:
        SpecError: there are too many, or too many that mix pictures.
    """

    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        if len(self.steps) > MOST_STEPS:
            raise SpecError(f"A pipeline has up to {MOST_STEPS} steps; received {len(self.steps)}.")
        mixing = sum(step.card.mixes for step in self.steps)
        if mixing > MOST_MIXED:
            raise SpecError(f"A pipeline has up to {MOST_MIXED} steps that mix pictures; received {mixing}.")

    def __bool__(self) -> bool:
        return bool(self.active)

    @property
    def active(self) -> tuple[Step, ...]:
        """The steps that are on."""
        return tuple(step for step in self.steps if step.on)

    @property
    def mixes(self) -> bool:
        """Whether it mixes pictures, and so their labels."""
        return any(step.card.mixes for step in self.active)

    def takes(self, name: str) -> bool:
        """Whether there is room for one more step with this transform."""
        mixing = sum(step.card.mixes for step in self.steps) + catalogue.info(name).mixes
        return len(self.steps) < MOST_STEPS and mixing <= MOST_MIXED

    def stuck(self, *kinds: str) -> tuple[str, ...]:
        """The titles of its steps that cannot carry these (`boxes`, `masks`) along."""
        return tuple(step.card.title for step in self.active if not step.card.can_carry(*kinds))

    def canonical(self) -> "Pipeline":
        """Without the steps that are off: what a training needs."""
        return Pipeline(self.active)

    def to_text(self) -> str:
        """One line: the steps, separated by semicolons; empty for none."""
        return ";".join(step.to_text() for step in self.steps)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The pipeline that this text describes.

        Raises:
            UnknownName: it names a transform that does not exist.
            SpecError: it is no pipeline.
        """
        if not isinstance(text, str):
            raise SpecError(f"A pipeline is written as text; received {str(text)[:40]!r}.")
        if len(text) > LONGEST_TEXT:
            raise SpecError(f"A pipeline's text has up to {LONGEST_TEXT} characters; received {len(text)}.")
        return cls(tuple(Step.from_text(part) for part in text.split(";") if part))


def parsed(text: Any) -> Pipeline | None:
    """The pipeline of this text; None where it is none."""
    try:
        return Pipeline.from_text(text)
    except (SpecError, UnknownName):
        return None

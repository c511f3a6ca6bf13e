"""What a transform says of itself: its parameters with their ranges, what it carries along, and where it is from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cvlib.errors import SpecError

Range = tuple[float, float]
Setting = float | Range | str
"""What a parameter is set to: a number, a range that each picture draws from, or one of a few words."""
KINDS = ("geometric", "photometric", "noise", "erasing", "mixing", "policy")
FILLS = {"constant": "black", "nearest": "the edge's colour", "reflect": "a mirror"}
"""What is seen where a moved picture has left the frame."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a transform. Its control is made from this.

    Attributes:
        name: identifier.
        title: for people.
        help: one sentence.
        low: smallest value.
        high: largest value.
        step: of its slider.
        usual: value or range to begin with; a parameter whose usual value is a range has a range.
        rests: value at which nothing changes; None where there is none.
        unit: of the value, as it stands behind the number.
        whole: whether only whole numbers make sense.
        choices: what may be chosen, name to title, for a parameter that is no number.
    """

    name: str
    title: str
    help: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    usual: Setting
    rests: float | None = None
    unit: str = ""
    whole: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_range(self) -> bool:
        """Whether each picture draws its own value."""
        return isinstance(self.usual, tuple)

    def checked(self, value: Any) -> Setting:
        """The value as it is kept: floats, ranges in order.

        Raises:
            SpecError: it is out of bounds, or of another kind.
        """
        if self.choices:
            if not isinstance(value, str) or value not in self.choices:
                raise SpecError(f"{self.title} must be one of {', '.join(self.choices)}; received {str(value)[:40]!r}.")
            return value
        if self.is_range:
            if not isinstance(value, tuple | list) or len(value) != 2:
                raise SpecError(f"{self.title} needs a lowest and a highest value; received {str(value)[:40]!r}.")
            low, high = (self._number(each) for each in value)
            return (min(low, high), max(low, high))
        return self._number(value)

    def _number(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise SpecError(
                f"{self.title} must be between {self.low:g} and {self.high:g}; received {str(value)[:40]!r}."
            )
        return float(round(value)) if self.whole else round(float(value), 6) + 0.0

    def sweep(self, count: int) -> list[float]:
        """Values from where nothing changes (else the lowest) to the strongest."""
        start = self.low if self.rests is None else self.rests
        end = self.high if self.high - start >= start - self.low else self.low
        values = [start + (end - start) * place / (count - 1) for place in range(count)]
        return [float(round(value)) if self.whole else value for value in values]


@dataclass(frozen=True, kw_only=True)
class Transform:
    """A transform in the catalogue.

    Attributes:
        name: identifier.
        title: the field's term.
        kind: one of `KINDS`.
        how: what it does, in a sentence for newcomers.
        caveat: when it harms, in a sentence.
        source: the paper or book it is from, or what it imitates.
        change: `change(batch, values, chance) -> batch`, see `cvlib.augmentation.running`.
        parameters: in the order of their controls.
        carries: of `boxes` and `masks`, what pictures may have that go through it; it moves both along or leaves them
            where they are, whichever is true.
        mixes: whether it mixes pictures, and so their labels.
        colour: whether it needs three channels; grey pictures get them for the time being.
    """

    name: str
    title: str
    kind: str
    how: str
    caveat: str
    source: str
    change: Callable[..., Any]
    parameters: tuple[Parameter, ...] = ()
    carries: frozenset[str] = frozenset({"boxes", "masks"})
    mixes: bool = False
    colour: bool = False

    def parameter(self, name: str) -> Parameter:
        """The parameter of this name.

        Raises:
            SpecError: there is none.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        names = ", ".join(parameter.name for parameter in self.parameters) or "none"
        raise SpecError(f"{self.title} has no setting {str(name)[:40]!r}. It has {names}.")

    def can_carry(self, *kinds: str) -> bool:
        """Whether pictures with these (`boxes`, `masks`) may go through it."""
        return set(kinds) <= self.carries

    @property
    def swept(self) -> Parameter | None:
        """The parameter that stands for its strength: the first that is a number; None where there is none."""
        return next((parameter for parameter in self.parameters if not parameter.choices), None)

"""Steps and their settings in plain words."""

from cvlib.augmentation.pipeline import Step
from cvlib.augmentation.schema import Parameter, Setting


def decimals(parameter: Parameter) -> int:
    """How many digits after the point its numbers are shown with: as many as its steps have."""
    if parameter.whole:
        return 0
    return len(f"{parameter.step:.6f}".rstrip("0").partition(".")[2])


def number(parameter: Parameter, value: float, *, sign: bool = False) -> str:
    """A value as it is said: `-12°`, `+0.5`."""
    rounded = round(value, decimals(parameter)) + 0.0
    text = f"{rounded:{'+' if sign else ''}.{decimals(parameter)}f}"
    return f"{text.replace('-', '−')}{parameter.unit}"


def setting(parameter: Parameter, value: Setting) -> str:
    """A setting: `−30 to 30°`, `black`."""
    if isinstance(value, str):
        return parameter.choices[value]
    if not isinstance(value, tuple):
        return number(parameter, value)
    if value[0] == value[1]:
        return number(parameter, value[0])
    low = number(parameter, value[0])
    return f"{low.removesuffix(parameter.unit)} to {number(parameter, value[1])}"


def summary(step: Step, *, fill: bool = False) -> str:
    """A step's settings in one line.

    Args:
        step: which.
        fill: whether what is seen beyond the frame is worth saying.
    """
    shown = [parameter for parameter in step.card.parameters if fill or parameter.name != "fill"]
    parts = [f"{parameter.title.lower()} {setting(parameter, step.settings[parameter.name])}" for parameter in shown]
    if step.probability != 1:
        parts.append(f"in {100 * step.probability:.0f} % of the draws")
    return ", ".join(parts)


def sentence(step: Step) -> str:
    """A step with its title: `Rotation: angle −30 to 30°, beyond the frame black`."""
    settings = summary(step, fill=True)
    return step.card.title + (f": {settings}" if settings else "")

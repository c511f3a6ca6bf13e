"""A transform's controls, made from what it says of itself."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cvlib.augmentation.pipeline import Step
from cvlib.augmentation.schema import Parameter, Setting

FEW = 3
"""Up to so many choices stand beside each other."""


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


def said(parameter: Parameter, value: Setting) -> str:
    """A setting in words: `−30 to 30°`, `black`."""
    if isinstance(value, str):
        return parameter.choices[value]
    if not isinstance(value, tuple):
        return number(parameter, value)
    if value[0] == value[1]:
        return number(parameter, value[0])
    low = number(parameter, value[0])
    return f"{low.removesuffix(parameter.unit)} to {number(parameter, value[1])}"


def summary(step: Step) -> str:
    """A step's settings in one line."""
    shown = [parameter for parameter in step.card.parameters if parameter.name != "fill"]
    parts = [f"{parameter.title.lower()} {said(parameter, step.settings[parameter.name])}" for parameter in shown]
    if step.probability != 1:
        parts.append(f"in {100 * step.probability:.0f} % of the draws")
    return ", ".join(parts)


def control(parameter: Parameter, value: Setting, *, key: str, on_change: Callable[..., Any], args: tuple) -> None:
    """Draw the control of one parameter.

    Args:
        parameter: which.
        value: what it is set to.
        key: the widget's key.
        on_change: what is called when it has changed.
        args: its arguments.
    """
    given = {"key": key, "help": parameter.help, "on_change": on_change, "args": args}
    if parameter.choices:
        _choice(parameter, value, given)
        return
    spaced = parameter.unit.replace("%", "%%")
    st.slider(
        parameter.title,
        float(parameter.low),
        float(parameter.high),
        tuple(map(float, value)) if isinstance(value, tuple) else float(value),
        float(parameter.step),
        format=f"%.{decimals(parameter)}f{spaced}",
        **given,
    )


def _choice(parameter: Parameter, value: Setting, given: dict[str, Any]) -> None:
    names = list(parameter.choices)
    if len(names) <= FEW:
        st.segmented_control(
            parameter.title, names, default=value, format_func=parameter.choices.__getitem__, required=True,
            wrap=True, **given,
        )  # fmt: skip
    else:
        st.selectbox(parameter.title, names, names.index(value), format_func=parameter.choices.__getitem__, **given)

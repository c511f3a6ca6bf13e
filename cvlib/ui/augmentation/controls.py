"""A transform's controls, made from what it says of itself."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cvlib.augmentation.schema import Parameter, Setting
from cvlib.augmentation.words import decimals

FEW = 3
"""Up to so many choices stand beside each other."""


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

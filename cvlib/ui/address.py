"""The address bar is the state: `?data=mnist&model=lenet&epochs=3` opens that experiment.

Streamlit's own `bind="query-params"` writes a choice's label into the address, so that every rewording would break
the links that people have kept, and fails on an infinite whole number. Here the address holds names.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

Parser = Callable[[str], Any]


def restore(parsers: Mapping[str, Parser]) -> None:
    """Before the controls are drawn: give them the values of the address they were opened with.

    Args:
        parsers: control's key (its word in the address) -> function that turns text into its value and raises
            `ValueError` where that is impossible.
    """
    bad = [name for name, parse in parsers.items() if not _restored(name, parse)]
    if bad:
        st.caption(f":material/link_off: The address had no usable value for {', '.join(bad)}; the usual one is taken.")


def _restored(name: str, parse: Parser) -> bool:
    text = st.query_params.get(name)
    if text is None or name in st.session_state:
        return True
    try:
        st.session_state[name] = parse(text)
    except ValueError:
        del st.query_params[name]
        return False
    return True


def write(values: Mapping[str, str | None]) -> None:
    """After the controls were drawn: put their values into the address; None takes a word out of it."""
    for name, text in values.items():
        if text is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != text:
            st.query_params[name] = text

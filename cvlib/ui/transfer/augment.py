"""The choice of an augmentation for one's own pictures."""

import streamlit as st

from cvlib.augmentation import parsed
from cvlib.transfer.augmented import COPIES
from cvlib.ui import address
from cvlib.ui.augmentation import choice

KEY, WORD = "transfer.augmentation", "augmentation"
"""The control, and its word in the address."""


def choose() -> str:
    """Draw the control; the text of the chosen pipeline, empty for none."""
    _restore()
    titles = offered(st.session_state.get(KEY) or choice.NONE)
    chosen = st.selectbox(
        "Augmentation", list(titles), format_func=lambda text: titles.get(text, text), key=KEY,
        persist_state="session",
        help=f"Each training picture is learned from together with {COPIES} copies that are changed at random. "
        "Pictures that are held back stay as they are.",
    )  # fmt: skip
    address.write({WORD: chosen or None})
    return chosen


def offered(chosen: str = choice.NONE) -> dict[str, str]:
    """Pipelines that leave each picture its class: text to title, none of them first."""
    found = choice.offered("classification", chosen)
    return {text: title for text, title in found.items() if not text or ((made := parsed(text)) and not made.mixes)}


def _restore() -> None:
    text = st.query_params.get(WORD)
    if text is None or KEY in st.session_state:
        return
    try:
        wanted = choice.parse(text)
    except ValueError:
        wanted = choice.NONE
    if wanted in offered(wanted):
        st.session_state[KEY] = wanted

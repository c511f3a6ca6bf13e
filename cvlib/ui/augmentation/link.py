"""The page's words in the address: the pipeline, the seed, the grid and the picture. A copied link opens the same."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cvlib.augmentation import parsed
from cvlib.ui import address
from cvlib.ui.augmentation import state

SEED, GRID = "augmentation.seed", "augmentation.grid"
GRIDS = {"3x3": (3, 3), "4x6": (4, 6)}
"""Rows and columns, by their name in the address."""
BAD = "augmentation.link.bad"
"""Words of the address that were of no use, and the pipeline of that time."""
EMPTY = "none"
"""The pipeline without a step: a word without a value is no good word in a link."""
MOST_SEED = 99_999


def restore() -> None:
    """Before anything is drawn: take over what the address says, unless this session has it already."""
    bad = [word for word, (key, parse) in WORDS.items() if not _restored(word, key, parse)]
    if bad:
        st.session_state[BAD] = bad, state.pipeline()
    bad, then = st.session_state.get(BAD, ((), None))
    if bad and then == state.pipeline():  # until something is changed: a page runs more than once before it is seen
        notice(*bad)


def notice(*words: str) -> None:
    """Say that these words of the address are of no use."""
    st.caption(f":material/link_off: The address had no usable value for {', '.join(words)}; the usual one is taken.")


def write() -> None:
    """After everything was drawn: put pipeline, seed and grid into the address."""
    text = state.pipeline().to_text() if state.PIPELINE in st.session_state else None
    seed, grid = st.session_state.get(SEED, 0), st.session_state.get(GRID, "3x3")
    address.write(
        {
            "pipeline": EMPTY if text == "" else text,
            "seed": str(seed) if seed else None,
            "grid": None if grid == "3x3" else grid,
        }
    )


def _restored(word: str, key: str, parse: Callable[[str], Any]) -> bool:
    text = st.query_params.get(word)
    if text is None or key in st.session_state:
        return True
    value = parse(text)
    if value is None:
        del st.query_params[word]
        return False
    st.session_state[key] = value
    return True


def _pipeline(text: str) -> str | None:
    found = parsed("" if text == EMPTY else text)
    return None if found is None else found.to_text()


def _seed(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None


def _grid(text: str) -> str | None:
    return text if text in GRIDS else None


WORDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "pipeline": (state.PIPELINE, _pipeline),
    "seed": (SEED, _seed),
    "grid": (GRID, _grid),
}
"""Word in the address -> where the session keeps it, and what reads it; None for nonsense."""

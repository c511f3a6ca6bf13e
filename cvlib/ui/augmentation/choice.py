"""The choice of an augmentation on a page that trains: none, a pipeline that this person built, or a ready one."""

from collections.abc import Mapping

import streamlit as st

from cvlib import recipes
from cvlib.augmentation import parsed
from cvlib.errors import SpecError, UnknownName
from cvlib.ui import pages
from cvlib.ui.augmentation import state

NONE = ""
USUAL = {"detection": "Only mirrored", "segmentation": "Only mirrored"}
"""What is done to the pictures of a task where nothing else is chosen."""
KEY = "augmentation"
"""Of the control, and its word in the address."""
FILE = "augmentation.py"


def parse(text: str) -> str:
    """A pipeline out of the address, in the form that a specification has it.

    Raises:
        ValueError: it is none.
    """
    try:
        return recipes.augmentation(text)
    except (SpecError, UnknownName) as error:
        raise ValueError(str(error)) from error


def offered(task: str, chosen: str = NONE) -> Mapping[str, str]:
    """What may be chosen: a pipeline's text, empty for none, to its title.

    Args:
        task: pipelines that cannot carry along what its pictures have are left out.
        chosen: is among them in any case: a link or an earlier run may have brought it.
    """
    titles = {NONE: USUAL.get(task, "None")}
    for title, text in state.named().items():
        pipeline = parsed(text)
        if pipeline and not recipes.carries_not(pipeline, task):
            titles[text] = f"{titles[text]}, {title}" if text in titles else title
    titles.setdefault(chosen, recipes.augmentation_title(chosen))
    return titles


def choose(task: str, *, key: str = KEY) -> str:
    """Draw the control; the text of the chosen pipeline, empty for none.

    Args:
        task: what is trained.
        key: of the control.
    """
    titles = offered(task, st.session_state.get(key) or NONE)
    chosen = st.selectbox(
        "Augmentation",
        list(titles),
        format_func=lambda text: titles.get(text, text),
        key=key,
        persist_state="session",
        help="Changes the training pictures at random, anew in each epoch, so that it learns from more than there are. "
        "Test pictures stay as they are.",
    )
    _link()
    return chosen


def _link() -> None:
    """To the page where pipelines are built and tried, if this app has it."""
    for card in pages.cards():
        if card.file == FILE:
            st.page_link(card.page(), label="Build one", icon=card.icon)

"""The table of pages: what stands in the navigation and on the front page's cards."""

import runpy
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).resolve().parents[2] / "pages"
CARDS = "app.cards"


@dataclass(frozen=True)
class PageCard:
    """One page: its file, where it stands in the navigation, and what its card on the front page says."""

    file: str
    group: str
    title: str
    icon: str
    promise: str
    default: bool = False

    def page(self) -> Any:
        """The page for `st.navigation` and `st.page_link`."""
        return st.Page(FOLDER / self.file, title=self.title, icon=self.icon, default=self.default)


def navigation(pages: Iterable[PageCard]) -> Any:
    """Put these pages into the sidebar and return the one to run."""
    groups: dict[str, list[Any]] = {}
    for card in pages:
        groups.setdefault(card.group, []).append(card.page())
    st.session_state[CARDS] = tuple(card for card in pages if not card.default)
    return st.navigation(groups)


def cards() -> tuple[PageCard, ...]:
    """The pages that have a card on the front page."""
    return st.session_state.get(CARDS, ())


def through_the_front_door() -> None:
    """See that a page runs inside `app.py`; every page calls this first.

    Streamlit takes a folder named `pages` for an app without `st.navigation` until that was called once. So the first
    visitor of a fresh server who comes by a link would get the bare page; here `app.py` runs around it after all.
    """
    if CARDS not in st.session_state:
        runpy.run_path(str(FOLDER.with_name("app.py")))
        st.stop()

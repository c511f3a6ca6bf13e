"""The image picker alone on two pages, with calls made on the spot, and what the server holds for all visitors."""

import hashlib
from collections.abc import Callable
from typing import Any

import streamlit as st

from cvlib.ui import picker


def call(function: Callable[..., Any], *args: Any) -> Any:
    return function(*args)


def page(key: str, first: str) -> None:
    st.slider("A setting", 0, 10, 3, key="setting", persist_state="session")
    picked = picker.pick_image(call, key=key, first=first)
    seen = "nothing" if picked is None else f"{picked.source} {picked.pixels.shape}"
    digest = "" if picked is None else hashlib.sha256(picked.pixels.tobytes()).hexdigest()[:12]
    st.text(f"picked: {seen} {digest}")
    st.text(f"held: {picker.accounts().total}")
    st.text(f"setting: {st.session_state['setting']}")


def one() -> None:
    page("one", "upload")


def two() -> None:
    page("two", "sample")


st.navigation([st.Page(one, title="One", default=True), st.Page(two, title="Two")], position="top").run()

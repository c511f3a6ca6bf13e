"""A canvas on one of two pages, and what Python sees of it."""

import streamlit as st

from cvlib.ui import canvas


def drawing() -> None:
    pixels = canvas.draw("test.canvas")
    if pixels is None:
        st.text("seen: nothing")
        return
    rows, columns = (pixels[..., 0] < 128).nonzero()
    st.text(
        f"seen: {pixels.shape} {pixels.dtype} rows {rows.min()}-{rows.max()} columns {columns.min()}-{columns.max()}"
    )
    st.text(f"ink: {len(rows)}")


def other() -> None:
    st.text("another page")


st.navigation([st.Page(drawing, title="Drawing", default=True), st.Page(other, title="Other")], position="top").run()
st.button("Run again")

"""Home: what this is, where to start, a card per page, and what the engine is doing."""

import streamlit as st

from cvlib.ui.badge import activity, describe
from cvlib.ui.pages import cards, through_the_front_door
from cvlib.ui.session import engine

STATUS_SECONDS = 2.0


@st.fragment(run_every=STATUS_SECONDS)
def engine_status() -> None:
    """Device, what runs, what waits."""
    status = engine().status()
    st.markdown(f"{describe(status)}  \n{activity(status)}")
    for job in status.running:
        st.progress(job.progress, text=f"{job.spec.model} on {job.spec.data}")


through_the_front_door()
st.title("The vision workshop")
st.markdown(
    "See how a computer learns to recognise pictures: **train** a network in seconds, **break** it, **explain** it, "
    "and try it on your own pictures. Everything runs here, in your browser and on this host. You need no "
    "programming, no account, and your pictures are kept only until you close this page."
)
for row_start in range(0, len(cards()), 3):
    row = st.columns(3)
    for place, card in zip(row, cards()[row_start : row_start + 3], strict=False):
        with place.container(border=True):
            st.markdown(f"#### {card.icon} {card.title}")
            st.markdown(card.promise)
            st.page_link(card.page(), label=f"Open {card.title}", icon=":material/arrow_forward:")
st.subheader("How it goes")
first, second, third = st.columns(3)
first.markdown("**1 · Choose** pictures and a network. The settings that are there already work.")
second.markdown("**2 · Train and test.** Watch it learn, then look at exactly the pictures it gets wrong.")
third.markdown("**3 · Try it** on your own drawing or photo, and take the network home.")
st.subheader("This host")
engine_status()

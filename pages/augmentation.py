"""Augmentation: change pictures at random, see what a network would see, and when that changes the meaning."""

import streamlit as st

from cvlib.ui.augmentation import builder, hurt, link, look, pay, subject, take_away
from cvlib.ui.errors import guard
from cvlib.ui.pages import through_the_front_door

STEPS = {"Build and look": look, "When does it hurt?": hurt, "Does it pay?": pay, "Take away": take_away}

through_the_front_door()
st.title("Augmentation")
st.markdown(
    "A network that sees every picture **a little different each time** learns more from few. Build a pipeline of "
    "random changes, look at what the network would see, and find out when a change of pixels becomes a change of "
    "meaning."
)
link.restore()
controls, results = st.columns([4, 8], gap="medium")
found = None
with controls, guard():
    found = subject.choose()
    builder.draw(found)
link.write()
with results, guard():
    tabs = st.tabs(list(STEPS), key="step", bind="query-params")
    for tab, step in zip(tabs, STEPS.values(), strict=True):
        if tab.open and found is not None:
            with tab, guard():
                step.draw(found)

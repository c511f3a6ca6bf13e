"""Interpretability: why did the network say that, and can the explanation be trusted?"""

import contextlib

import streamlit as st

from cvlib import recipes
from cvlib.errors import Cancelled
from cvlib.explain import Method
from cvlib.ui import subject, training_panel
from cvlib.ui.errors import guard
from cvlib.ui.interpretability import bias, compare, take_away, trust, unit, why
from cvlib.ui.pages import through_the_front_door

STEPS = ("Why?", "Compare", "Can I trust it?", "Bias hunt", "Inside a unit", "Take away")
FIRST = recipes.recommended("digits", "lenet")


def explain(step: str, found: subject.Subject, method: Method) -> None:
    """One of the tabs that are about the chosen picture."""
    choice, place = why.choose_look(found, method, comparing=step == "Why?")
    with contextlib.suppress(Cancelled):
        if step == "Why?":
            why.draw(found, choice, place)
        else:
            {"Compare": compare, "Can I trust it?": trust, "Take away": take_away}[step].draw(found, choice)


through_the_front_door()
st.title("Interpretability")
st.markdown(
    "A network gives an answer, but no reasons. Here you ask **which part of the picture** an answer comes from, look "
    "for yourself whether the explanation holds, and catch a network that cheats."
)
controls, results = st.columns([3, 8], gap="medium")
found, method = None, None
with controls, guard():
    found = subject.choose()
    if found is not None:
        method = why.choose_method(found)
with results, guard():
    tabs = st.tabs(STEPS, key="step", bind="query-params")
    for tab, step in zip(tabs, STEPS, strict=True):
        if not tab.open:
            continue
        with tab, guard():
            if step == "Bias hunt":
                bias.draw()
            elif found is None:
                training_panel.first_network(FIRST)
            elif step == "Inside a unit":
                unit.draw(found)
            else:
                explain(step, found, method)

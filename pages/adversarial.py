"""Adversarial examples: fool a network, see how little it takes, then defend it."""

import streamlit as st

from cvlib import recipes
from cvlib.ui import subject, training_panel
from cvlib.ui.adversarial import carry, defend, fool, little, take_away
from cvlib.ui.errors import guard
from cvlib.ui.pages import through_the_front_door

STEPS = ("Fool it", "How little?", "Does it carry over?", "Defend it", "Take away")
FIRST = recipes.recommended("digits", "lenet")

through_the_front_door()
st.title("Adversarial examples")
st.markdown(
    "Change a picture so little that **you see no difference**, and the network sees something else. Try how little it "
    "takes, whether other networks fall for it, too, and what helps."
)
controls, results = st.columns([3, 8], gap="medium")
found, request, wanted = None, None, None
with controls, guard():
    found = subject.choose()
    if found is not None:
        request, wanted = fool.choose(found)
with results, guard():
    tabs = st.tabs(STEPS, key="step", bind="query-params")
    for tab, step in zip(tabs, STEPS, strict=True):
        if not tab.open:
            continue
        with tab, guard():
            if found is None:
                training_panel.first_network(FIRST)
            elif step == "Fool it":
                if request is not None:
                    fool.draw(found, request, wanted)
            else:
                {"How little?": little, "Does it carry over?": carry, "Defend it": defend, "Take away": take_away}[
                    step
                ].draw(found)

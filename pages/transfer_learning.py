"""Transfer learning: a class of one's own on top of what a network has learned from many other pictures."""

import streamlit as st

from cvlib.ui.errors import guard
from cvlib.ui.pages import through_the_front_door
from cvlib.ui.transfer import augment, mistakes, pictures, race, state, take_home, training, try_it

STEPS = ("Pictures", "Train", "Try it", "Mistakes", "The race", "Take it home")
AFTER_TRAINING = {"Try it": try_it, "Mistakes": mistakes, "The race": race, "Take it home": take_home}

through_the_front_door()
st.title("Transfer learning")
st.markdown(
    "Teach a network **your own classes with a few pictures**, in seconds: it has learned to see from many others, and "
    "only its last layer is new."
)
controls, results = st.columns([3, 8], gap="medium")
base, augmentation, pressed = None, "", False
with controls, guard():
    pictures.choose_start()
    base = training.choose_base()
    augmentation = augment.choose()
    pressed = training.button(base)
with results, guard():
    if pressed:
        training.run(base, augmentation)
        st.session_state["step"] = "Train"
    training.first_network()
    tabs = st.tabs(STEPS, key="step", bind="query-params")
    for tab, step in zip(tabs, STEPS, strict=True):
        if not tab.open:
            continue
        with tab, guard():
            result = state.result()
            if step == "Pictures":
                pictures.draw()
            elif step == "Train":
                training.draw(result, base)
            elif result is None:
                st.info("Press **Train** first: it takes a few seconds.", icon=":material/play_arrow:")
            else:
                AFTER_TRAINING[step].draw(result)

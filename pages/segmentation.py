"""Segmentation: a class for every pixel, trained, painted, judged, tried on any picture and on masks of one's own."""

import streamlit as st

from cvlib.ui import address
from cvlib.ui.errors import guard
from cvlib.ui.frame import Frame
from cvlib.ui.pages import through_the_front_door
from cvlib.ui.segmentation import (
    classical,
    judge,
    look_inside,
    mine,
    own_picture,
    paint,
    scenes,
    see,
    settings,
    take_home,
)
from cvlib.ui.settings import one_of

PARTS = {"network": "With a network", "classical": "Without a network", "mine": "Teach it yours"}
WITH_NETWORK = Frame(
    task="segmentation",
    what="network",
    first=("street", "unet"),
    settings=settings,
    scenes=scenes,
    steps={
        "Learn": None,
        "See": see,
        "Judge": judge,
        "Paint": paint,
        "Own picture": own_picture,
        "Inside": look_inside,
        "Take it home": take_home,
    },
    train_key="segment.train",
    step_key="segment_step",
)


through_the_front_door()
st.title("Segmentation")
st.markdown(
    "A network says of **every single pixel** what it belongs to: road, sky, car, person. Train one, look at what it "
    "sees, measure it fairly, paint against it, and teach it your own pictures."
)
address.restore({"way": one_of(PARTS)})
part = st.segmented_control(
    "Part", list(PARTS), default="network", format_func=PARTS.__getitem__, key="way", required=True,
    label_visibility="collapsed", persist_state="session",
)  # fmt: skip
address.write({"way": None if part == "network" else part})
with guard():
    {"network": WITH_NETWORK.draw, "classical": classical.draw, "mine": mine.draw}[part or "network"]()

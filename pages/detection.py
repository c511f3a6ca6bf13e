"""Detection: from one box to many, trained, judged, tried on any picture, and on labels of one's own."""

import streamlit as st

from cvlib.ui import address
from cvlib.ui.detection import faces, judge, label, look_inside, one_box, own_picture, scenes, see, settings, take_home
from cvlib.ui.errors import guard
from cvlib.ui.frame import Frame
from cvlib.ui.pages import through_the_front_door
from cvlib.ui.settings import one_of

PARTS = {"one": "One thing", "many": "Many things", "label": "Label your own", "faces": "Faces, the old way"}
MANY = Frame(
    task="detection",
    what="detector",
    first=("shapes", "centernet"),
    settings=settings,
    scenes=scenes,
    steps={
        "Learn": None,
        "See": see,
        "Judge": judge,
        "Own picture": own_picture,
        "Inside": look_inside,
        "Take it home": take_home,
    },
    train_key="detect.train",
    step_key="step",
)


through_the_front_door()
st.title("Object detection")
st.markdown(
    "A network says **what** is in a picture and **where**: a box around every thing it knows. Begin with one thing, "
    "then many; judge it as researchers do; try it on your pictures, and teach it yours."
)
address.restore({"part": one_of(PARTS)})
part = st.segmented_control(
    "Part", list(PARTS), default="many", format_func=PARTS.__getitem__, key="part", required=True,
    label_visibility="collapsed", persist_state="session",
)  # fmt: skip
address.write({"part": None if part == "many" else part})
with guard():
    {"one": one_box.draw, "many": MANY.draw, "label": label.draw, "faces": faces.draw}[part or "many"]()

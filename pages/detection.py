"""Detection: from one box to many, trained, judged, tried on any picture, and on labels of one's own."""

import streamlit as st

from cvlib import recipes, runs
from cvlib.errors import UserError
from cvlib.runs import Run
from cvlib.spec import TrainingSpec
from cvlib.ui import address, runs_picker, training_panel
from cvlib.ui.detection import faces, judge, label, look_inside, one_box, own_picture, scenes, see, settings, take_home
from cvlib.ui.errors import guard
from cvlib.ui.pages import through_the_front_door
from cvlib.ui.session import engine
from cvlib.ui.settings import one_of

PARTS = {"one": "One thing", "many": "Many things", "label": "Label your own", "faces": "Faces, the old way"}
STEPS = {
    "Learn": None,
    "See": see,
    "Judge": judge,
    "Own picture": own_picture,
    "Inside": look_inside,
    "Take it home": take_home,
}


def choose() -> TrainingSpec | None:
    """The left column: what is to be trained, and the button that does it."""
    try:
        spec = settings.choose_spec()
    except UserError as error:
        st.warning(str(error))
        return None
    training_panel.button(spec, key="detect.train")
    runs_picker.draw("detection", settings.open_spec)
    return spec


def learn(spec: TrainingSpec, run: Run | None) -> None:
    """The training as it goes or went, and the pictures with the truth."""
    if run is None and spec == recipes.recommended("shapes", "centernet") and engine().job(spec.digest) is None:
        training_panel.request(spec)  # the default is trained for whoever opens the page first
    training_panel.follow(spec, pending=lambda: learned(spec, run))
    scenes.draw_truth(spec)


def learned(spec: TrainingSpec, run: Run | None) -> None:
    """The finished training, or the invitation to start one."""
    if run is None:
        st.info("This detector has not been trained yet. Press **Train**.", icon=":material/play_arrow:")
        return
    record = run.record
    found, parameters, duration = st.columns(3)
    runs_picker.metric_against_last(found, run)
    parameters.metric("Weights it learned", f"{record['parameters']:,}", help="Numbers inside the network.")
    duration.metric("Training time", f"{record['seconds']:.3g} s", help=f"On {record['device']}.")
    training_panel.draw_curves(record["history"], spec)


def many() -> None:
    """Controls on the left, one step at a time on the right."""
    controls, results = st.columns([2, 7], gap="medium")
    spec = None
    with controls, guard():
        spec = choose()
    if spec is None:
        return
    with results, guard():
        run = runs.of_spec(engine().store, spec)
        tabs = st.tabs(list(STEPS), key="step", bind="query-params")
        for tab, module in zip(tabs, STEPS.values(), strict=True):
            if tab.open:
                with tab, guard():
                    if module is None:
                        learn(spec, run)
                    elif run is None:
                        training_panel.follow(spec, pending=lambda: learned(spec, None))
                    else:
                        module.draw(run)


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
    {"one": one_box.draw, "many": many, "label": label.draw, "faces": faces.draw}[part or "many"]()

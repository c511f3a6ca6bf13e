"""Segmentation: a class for every pixel, trained, painted, judged, tried on any picture and on masks of one's own."""

import streamlit as st

from cvlib import recipes, runs
from cvlib.errors import UserError
from cvlib.runs import Run
from cvlib.spec import TrainingSpec
from cvlib.ui import address, runs_picker, training_panel
from cvlib.ui.errors import guard
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
from cvlib.ui.session import engine
from cvlib.ui.settings import one_of

PARTS = {"network": "With a network", "classical": "Without a network", "mine": "Teach it yours"}
STEPS = {
    "Learn": None,
    "See": see,
    "Judge": judge,
    "Paint": paint,
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
    training_panel.button(spec, key="segment.train")
    runs_picker.draw("segmentation", settings.open_spec)
    return spec


def learn(spec: TrainingSpec, run: Run | None) -> None:
    """The training as it goes or went, and the pictures with the truth."""
    if run is None and spec == recipes.recommended("street", "unet") and engine().job(spec.digest) is None:
        training_panel.request(spec)  # the default is trained for whoever opens the page first
    training_panel.follow(spec, pending=lambda: learned(spec, run))
    scenes.draw_truth(spec)


def learned(spec: TrainingSpec, run: Run | None) -> None:
    """The finished training, or the invitation to start one."""
    if run is None:
        st.info("This network has not been trained yet. Press **Train**.", icon=":material/play_arrow:")
        return
    record = run.record
    found, parameters, duration = st.columns(3)
    runs_picker.metric_against_last(found, run)
    parameters.metric("Weights it learned", f"{record['parameters']:,}", help="Numbers inside the network.")
    duration.metric("Training time", f"{record['seconds']:.3g} s", help=f"On {record['device']}.")
    training_panel.draw_curves(record["history"], spec)


def with_network() -> None:
    """Controls on the left, one step at a time on the right."""
    controls, results = st.columns([2, 7], gap="medium")
    spec = None
    with controls, guard():
        spec = choose()
    if spec is None:
        return
    with results, guard():
        run = runs.of_spec(engine().store, spec)
        tabs = st.tabs(list(STEPS), key="segment_step", bind="query-params")
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
    {"network": with_network, "classical": classical.draw, "mine": mine.draw}[part or "network"]()

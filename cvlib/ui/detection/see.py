"""See the detections on the test pictures, one by one."""

import streamlit as st

from cvlib.runs import Run
from cvlib.ui.detection import looking, scenes

PLACE = "detect.place"
"""The test picture that is looked at; no widget owns this key, so that other parts can open a picture."""


def draw(run: Run) -> None:
    """A test picture, the sliders, the counts."""
    answers = scenes.answers(run)
    index = min(st.session_state.get(PLACE, 0), len(answers) - 1)
    picture, controls = st.columns([3, 2], gap="large")
    with controls:
        _turn(index, len(answers))
        choice = looking.controls(run.class_names, key="detect.see", truth=True)
    truth = answers.truth[index]
    with picture:
        pixels = scenes.test_picture(run, index)
        seen = looking.draw(pixels, answers.found[index], choice, key="detect.picture", truth=truth)
    with controls:
        looking.draw_counts(seen.kept, truth=truth)


def open_picture(index: int) -> None:
    """Make this test picture the one that is looked at, here (in a callback)."""
    st.session_state[PLACE], st.session_state["step"] = index, "See"


def _turn(index: int, total: int) -> None:
    """To the picture before and after."""
    back, where, on = st.columns([1, 2, 1], vertical_alignment="center")
    back.button(
        "Back",
        icon=":material/chevron_left:",
        key="detect.back",
        on_click=open_picture,
        args=((index - 1) % total,),
        width="stretch",
    )
    where.markdown(f"Test picture **{index + 1}** of {total}", text_alignment="center")
    on.button(
        "Next",
        icon=":material/chevron_right:",
        key="detect.next",
        on_click=open_picture,
        args=((index + 1) % total,),
        width="stretch",
    )

"""See the masks on the test pictures, one by one."""

import streamlit as st

from cvlib.runs import Run
from cvlib.segmenting.looking import Looked
from cvlib.tasks.segmentation import Scores
from cvlib.ui.segmentation import looking, scenes
from cvlib.ui.words import percent

PLACE = "segment.place"
"""The test picture that is looked at; no widget owns this key, so that other parts can open a picture."""


def draw(run: Run) -> None:
    """A test picture, what is shown of it, and its numbers."""
    judged = scenes.answers(run)
    index = min(st.session_state.get(PLACE, 0), len(judged) - 1)
    picture, controls = st.columns([3, 2], gap="large")
    with controls:
        choice = looking.controls(run.class_names, key="segment.see", truth=True)
    [seen] = scenes.looked(run, [index])
    with picture:
        _turn(index, len(judged))
        _picture(run, seen, choice)
    with controls:
        _numbers(Scores(judged.confusions[index]))
    st.markdown("**How much of the picture is what?**")
    looking.draw_areas(seen.prediction.labels, run.class_names, seen.truth)
    st.caption("The share of each class in this picture as the network sees it, beside the truth's.")


def _picture(run: Run, seen: Looked, choice: looking.Choice) -> None:
    """The canvas, how to read it, and the pressed pixel in words."""
    colors = scenes.colors_of(run)
    common = {"colors": colors, "truth": seen.truth}
    pressed = looking.draw(seen.image, seen.prediction, choice, key="segment.picture", **common)
    looking.draw_reading(seen.prediction, choice, **common)
    if pressed is None:
        st.caption("Press a pixel to keep it while you change the view.")
    else:
        st.markdown(looking.pixel_words(seen.prediction, pressed, seen.truth))


def _numbers(scores: Scores) -> None:
    """How well this one picture went."""
    left, right = st.columns(2)
    left.metric(
        "Its mean IoU",
        percent(scores.miou),
        help="Of each class that is here or was seen here: pixels found as a share of those found or true. The mean.",
    )
    right.metric("Its pixel accuracy", percent(scores.pixel_accuracy), help="Share of its pixels that are right.")


def open_picture(index: int) -> None:
    """Make this test picture the one that is looked at, here (in a callback)."""
    st.session_state[PLACE], st.session_state["segment_step"] = index, "See"


def _turn(index: int, total: int) -> None:
    """To the picture before and after."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _turner("Back", ":material/chevron_left:", (index - 1) % total)
        st.markdown(f"Test picture **{index + 1}** of {total}", width="content")
        _turner("Next", ":material/chevron_right:", (index + 1) % total)


def _turner(name: str, icon: str, to: int) -> None:
    st.button(name, icon=icon, key=f"segment.{name.lower()}", on_click=open_picture, args=(to,))

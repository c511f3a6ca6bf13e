"""Step four: what it gets wrong, with the pictures behind each number, and where it is biased."""

import numpy as np
import streamlit as st

from cvlib.figures import confusion
from cvlib.tasks import classification
from cvlib.transfer import slices
from cvlib.ui import evaluation
from cvlib.ui.errors import escaped
from cvlib.ui.matrix import choose_cell
from cvlib.ui.transfer import state
from cvlib.ui.transfer.state import Result
from cvlib.ui.words import count, percent

THUMB_PX = 96
MOST = 24
LARGE_GAP = 0.1


def draw(result: Result) -> None:
    """The matrix, the pictures of a cell, the table, the slices."""
    which = st.segmented_control(
        "Pictures", ("held", "all"), default="held" if result.held.any() else "all", required=True,
        format_func={"held": "Held back", "all": "All, also those it learned from"}.__getitem__,
        key="transfer.which", label_visibility="collapsed",
    )  # fmt: skip
    places = np.flatnonzero(result.held) if which == "held" else np.arange(len(result.held))
    if not len(places):
        st.info("No picture was held back: add more pictures to each class and train again.")
        return
    labels = result.project.labels[places]
    report = classification.report(labels, result.probabilities[places], result.project.class_names)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown("**What was taken for what** · press a square to see its pictures")
        cell = choose_cell(confusion.confusion_matrix(report.confusion, report.class_names), key="transfer.matrix")
        st.caption(confusion.reading(report.confusion, report.class_names))
    with right:
        _behind(result, report, places, cell)
    frame = evaluation.table(report)
    st.dataframe(frame, hide_index=True)
    _bias(result, places, report.predictions == labels)


def _behind(result: Result, report: classification.Report, places: np.ndarray, cell: tuple[int, int] | None) -> None:
    names = report.class_names
    if cell is None:
        st.markdown("**Its most confident mistakes**")
        chosen = report.mistakes
    else:
        st.markdown(f"**Really “{escaped(names[cell[0]])}”, taken for “{escaped(names[cell[1]])}”**")
        chosen = report.cell(*cell)
    if not len(chosen):
        st.info("There is no such picture.")
        return
    with st.container(horizontal=True, gap="small"):
        for number in chosen[:MOST]:
            picture = result.project.pictures[places[number]]
            said = names[int(report.predictions[number])]
            caption = f"{said}, {percent(float(report.confidences[number]))} sure"
            st.image(picture.pixels, caption=escaped(caption), width=THUMB_PX, output_format="JPEG")
    _mend(result, [int(places[number]) for number in chosen[:MOST]])


def _mend(result: Result, places: list[int]) -> None:
    """Move or take out the pictures shown; the next training is quick."""
    if result.project is not state.project():
        return
    names = result.project.class_names
    with st.popover("Wrong label? Move or remove", icon=":material/edit:"):
        chosen = st.multiselect(
            "Pictures, counted from the left", places, format_func=lambda place: str(places.index(place) + 1),
            key=f"transfer.mend.{hash(tuple(places))}",
        )  # fmt: skip
        st.button("Remove them", disabled=not chosen, key="transfer.mend.remove",
                  on_click=lambda: state.change(state.project().without(chosen)))  # fmt: skip
        for label, name in enumerate(names):
            st.button(f"They are “{escaped(name)}”", disabled=not chosen, key=f"transfer.mend.{label}",
                      on_click=lambda to=label: state.change(state.project().moved(chosen, to)))  # fmt: skip


def _bias(result: Result, places: np.ndarray, right: np.ndarray) -> None:
    st.markdown("**Where is it biased?**")
    pictures = [result.project.pictures[place].pixels for place in places]
    found = slices.find(pictures, right)
    if not found:
        st.caption("There are too few pictures, or they are too much alike, to look for groups on which it fails.")
        return
    worst = found[0]
    measure = slices.MEASURES[worst.measure]
    group = measure.low if worst.third == 0 else measure.high
    gap = worst.others - worst.accuracy
    words = f"On {count(len(worst.places), 'picture')} with {group} it is right in {percent(worst.accuracy)}"
    words = words.replace("with dark pictures", "that are dark").replace("with bright pictures", "that are bright")
    st.markdown(f"{words}, on all others in {percent(worst.others)}.")
    if gap <= LARGE_GAP:
        st.caption("That is the worst group that was found, and no large gap.")
    with st.container(horizontal=True, gap="small"):
        for number in worst.places[:MOST]:
            mark = "✓" if right[number] else "✗"
            st.image(pictures[number], caption=mark, width=THUMB_PX, output_format="JPEG")

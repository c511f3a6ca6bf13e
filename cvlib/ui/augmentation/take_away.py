"""Take away: augmented pictures, the pipeline under a name and as a link, and the code that does the same."""

from dataclasses import replace
from functools import partial

import streamlit as st

from cvlib import data
from cvlib.augmentation import Pipeline
from cvlib.augmenting import code, exported
from cvlib.augmenting.exported import Wanted
from cvlib.augmenting.looking import Shot
from cvlib.augmenting.read_me import OPENED_BY
from cvlib.ui.augmentation import keeping, link, state
from cvlib.ui.augmentation.cards import in_use
from cvlib.ui.augmentation.state import Subject
from cvlib.ui.session import engine


def draw(subject: Subject) -> None:
    """Downloads, names, link and code of the pipeline that is built."""
    pipeline, fitting = state.pipeline(), in_use(subject.shot)
    if fitting:
        _pictures(subject, fitting)
    else:
        st.info("Add a step to the pipeline first: there is nothing to take away yet.", icon=":material/add:")
    keeping.draw(pipeline)
    if pipeline:
        _code(subject, pipeline)


def _pictures(subject: Subject, pipeline: Pipeline) -> None:
    st.subheader("Augmented pictures")
    st.markdown(
        "Random draws of your pipeline, made from the picture on the left: "
        + _moved_along(subject)
        + "a table of what was drawn, and a program that does the same. They are further draws, not those of "
        "“Build and look”; with the same seed the ZIP is the same again."
    )
    seed = st.session_state.get(link.SEED, 0)
    wanted = Wanted(unnamed(subject), pipeline.canonical().to_text(), seed, subject.pool, _label(subject))
    with st.container(horizontal=True):
        for count in exported.COUNTS:
            st.download_button(
                f"{count} pictures (ZIP)", partial(made, wanted, count), f"augmented-{count}.zip", "application/zip",
                key=f"augmentation.away.{count}", on_click="ignore", icon=":material/download:",
                help=f"{count} pictures with all that moved along. Nothing of where your picture came from is in it.",
            )  # fmt: skip
    again = [f"“{part}” of the page {page}" for kind, (page, part) in OPENED_BY.items() if kind in subject.shot.has]
    st.caption(
        "The ZIP is made when you press: 200 pictures take a few seconds."
        + (f" It opens again under {' and '.join(again)}." if again else "")
    )


def unnamed(subject: Subject) -> Shot:
    """The picture without the name of a person's file, which would be in the table where pictures are mixed."""
    return subject.shot if subject.data is not None else replace(subject.shot, name="the picture")


def _moved_along(subject: Subject) -> str:
    said = {"boxes": "its boxes as COCO and YOLO files, ", "masks": "its mask as PNG files, "}
    return "".join(words for kind, words in said.items() if kind in subject.shot.has)


def _label(subject: Subject) -> str | None:
    """The name of the picture's class, if anybody knows it."""
    if subject.data not in data.CATALOG or subject.label is None:
        return None
    return data.info(subject.data).class_names[subject.label]


def made(wanted: Wanted, count: int) -> bytes:
    """The ZIP. Part by part, so that others are served by the same process in between."""
    parts = [engine().run(exported.part, wanted, first, some) for first, some in exported.parts_of(count)]
    return engine().run(exported.packed, wanted, parts)


def _code(subject: Subject, pipeline: Pipeline) -> None:
    with st.expander("Show the code", icon=":material/code:"):
        st.caption(
            "Layers of Keras and KerasCV where they do the same, a few lines of TensorFlow where they do not. Save it "
            "as `augment.py` and run it on your own pictures; its function `training_data` goes before `model.fit`."
        )
        script = code.as_script(pipeline.canonical().to_text(), image_shape=subject.shot.image.shape)
        st.code(script, language="python", wrap_lines=True)

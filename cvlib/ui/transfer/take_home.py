"""Step five: the network and what must be known about it."""

from functools import partial

import numpy as np
import streamlit as st

from cvlib.transfer import asking, card
from cvlib.ui.session import engine
from cvlib.ui.transfer.state import Result


def draw(result: Result) -> None:
    """Downloads, the script and the model card."""
    st.markdown("Everything you trained is yours. The files work without this workshop.")
    keras_file, lite_file, card_file = st.columns(3)
    name = result.base.name
    keras_file.download_button(
        "Network for Keras", partial(engine().run_with_model, name, asking.whole_network, result.head),
        file_name="my-classes.keras", mime="application/octet-stream", on_click="ignore", icon=":material/download:",
        width="stretch", help="Opens with keras.saving.load_model. Takes pictures with values 0 to 255.",
    )  # fmt: skip
    lite_file.download_button(
        "Network for a phone",
        partial(engine().run_with_model, name, asking.lite_network, result.head, result.project.class_names),
        file_name="my-classes-tflite.zip", mime="application/zip", on_click="ignore", icon=":material/download:",
        width="stretch", help="A ZIP with the network as TFLite and its labels, for Android, iOS or a Raspberry Pi.",
    )  # fmt: skip
    words = _card(result)
    card_file.download_button(
        "Model card", words, file_name="model-card.md", mime="text/markdown", on_click="ignore",
        icon=":material/download:", width="stretch", help="What it was trained on, how well it does, and its limits.",
    )  # fmt: skip
    with st.expander("Show the code", icon=":material/code:"):
        st.caption("Runs your network on a picture, outside the workshop.")
        st.code(card.script(result.project.class_names), language="python", wrap_lines=True)
    with st.expander("The model card", icon=":material/description:"):
        st.text(words)


def _card(result: Result) -> str:
    held, labels = result.held, result.project.labels
    right = result.probabilities[held].argmax(axis=1) == labels[held]
    learned = np.bincount(labels[~held], minlength=len(result.project.class_names))
    tested = np.bincount(labels[held], minlength=len(result.project.class_names))
    return card.model_card(
        result.base.title, result.project.class_names, learned.tolist(), tested.tolist(), int(right.sum())
    )

"""Take it home: the network, its labels, its data and its code."""

from functools import partial

import streamlit as st

from cvlib import training
from cvlib.engine import warm
from cvlib.export import lite
from cvlib.runs import Run
from cvlib.ui.session import engine


def draw(run: Run) -> None:
    """Downloads of a run, and the Keras code that does the same thing outside the workshop."""
    stem = f"{run.spec.data}-{run.spec.model}"
    st.markdown("Everything you trained is yours. The files work without this workshop.")
    keras_file, lite_file, data_file = st.columns(3)
    keras_file.download_button(
        "Network for Keras",
        partial(run.entry.read, "model.keras"),
        file_name=f"{stem}.keras",
        mime="application/octet-stream",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
        help="Opens with keras.saving.load_model. Takes pictures with values 0 to 255.",
    )
    lite_file.download_button(
        "Network for a phone",
        partial(engine().run_with_model, run.name, lite.with_labels, run.class_names),
        file_name=f"{stem}-tflite.zip",
        mime="application/zip",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
        help="A ZIP with the network as TFLite and its labels, for Android, iOS or a Raspberry Pi.",
    )
    data_file.download_button(
        "The pictures",
        partial(engine().run, warm.data_file, run.spec),
        file_name=f"{run.spec.data}.npz",
        mime="application/octet-stream",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
        help="The training, validation and test pictures with their labels, as one NumPy file.",
    )
    with st.expander("Show the code", icon=":material/code:"):
        st.caption("Plain Keras: builds, trains and tests the same network, with the file of pictures beside it.")
        st.code(
            engine().run_with_model(run.name, training.as_script, run.spec, run.record["train_count"]),
            language="python",
            wrap_lines=True,
        )

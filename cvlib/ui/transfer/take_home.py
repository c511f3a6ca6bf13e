"""Step five: the network and what must be known about it."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from cvlib.export import lite
from cvlib.transfer import asking, card
from cvlib.transfer.asking import LiteFile
from cvlib.ui.session import engine
from cvlib.ui.transfer import state
from cvlib.ui.transfer.state import Result

CHECKED = 40
"""Pictures that the files for phones are checked with."""
KINDS = {"float": "Numbers of 32 bits", "int8": "Whole numbers of 8 bits"}
SMALL_BYTES = 16 * 2**20
"""Networks up to this size go into the notebook as they are, larger ones with 8 bits a number."""


def draw(result: Result) -> None:
    """Downloads, the script and the model card."""
    st.markdown("Everything you trained is yours. The files work without this workshop.")
    keras_file, card_file = st.columns(2)
    keras_file.download_button(
        "Network for Keras", partial(engine().run_with_model, result.base.name, asking.whole_network, result.learned),
        file_name="my-classes.keras", mime="application/octet-stream", on_click="ignore", icon=":material/download:",
        width="stretch", help="Opens with keras.saving.load_model. Takes pictures with values 0 to 255.",
    )  # fmt: skip
    words = _card(result)
    card_file.download_button(
        "Model card", words, file_name="model-card.md", mime="text/markdown", on_click="ignore",
        icon=":material/download:", width="stretch", help="What it was trained on, how well it does, and its limits.",
    )  # fmt: skip
    _phones(result)
    with st.expander("Show the code", icon=":material/code:"):
        st.caption("Runs your network on a picture, outside the workshop.")
        st.code(card.script(result.project.class_names), language="python", wrap_lines=True)
    with st.expander("The model card", icon=":material/description:"):
        st.text(words)


def _phones(result: Result) -> None:
    """The network as TFLite in two precisions, each run on held-back pictures before it is offered."""
    st.markdown("**For a phone, a Raspberry Pi, or a notebook**")
    kept = st.session_state.get(state.LITE)
    if kept is None or kept[0] != result.learned.digest:
        st.caption("Two files are made, with numbers of 32 and of 8 bits, and each is tried on held-back pictures.")
        if not st.button("Make and check the files", icon=":material/phone_android:", key="transfer.lite.make"):
            return
        with st.spinner("Making the files, and running them …"):
            kept = result.learned.digest, _made(result)
        st.session_state[state.LITE] = kept
    files: dict[str, LiteFile] = kept[1]
    st.dataframe(_table(result, files), hide_index=True)
    names = result.project.class_names
    places = st.columns(3)
    for place, (kind, file) in zip(places, files.items(), strict=False):
        place.download_button(
            f"TFLite, {kind}", partial(lite.zipped, file.content, names), file_name=f"my-classes-{kind}.zip",
            mime="application/zip", on_click="ignore", icon=":material/download:", width="stretch",
            key=f"transfer.lite.{kind}", help="A ZIP with the network and its labels, for Android, iOS, Raspberry Pi.",
        )  # fmt: skip
    small = "float" if len(files["float"].content) <= SMALL_BYTES else "int8"
    height, width, channels = result.seen(np.zeros(1, int)).shape[1:]
    places[2].download_button(
        "Notebook", partial(card.notebook, names, files[small].content, (height, width, channels)),
        file_name="my-classes.ipynb", mime="application/x-ipynb+json", on_click="ignore", icon=":material/download:",
        width="stretch", key="transfer.notebook",
        help="A Jupyter notebook with the network inside it: open it on your computer or in Colab, and name pictures.",
    )  # fmt: skip


def _checked(result: Result) -> np.ndarray:
    """Places of the pictures that the files are tried on: held-back ones, if there are any."""
    held = np.flatnonzero(result.held)
    return (held if len(held) else np.arange(len(result.held)))[:CHECKED]


def _made(result: Result) -> dict[str, LiteFile]:
    learned = np.flatnonzero(~result.held)
    typical = result.seen(learned[np.linspace(0, len(learned) - 1, min(CHECKED, len(learned))).astype(int)])
    checked = result.seen(_checked(result))
    return {
        kind: engine().run_with_model(result.base.name, asking.lite_network, result.learned, checked, pictures)
        for kind, pictures in (("float", None), ("int8", typical))
    }


def _table(result: Result, files: dict[str, LiteFile]) -> pd.DataFrame:
    places = _checked(result)
    labels, ours = result.project.labels[places], result.probabilities[places]
    rows = [
        {
            "File": KINDS[kind],
            "Size (MB)": round(len(file.content) / 2**20, 2),
            "Right": f"{int((file.probabilities.argmax(axis=1) == labels).sum())} of {len(places)}",
            "Same answer as here": f"{int((file.probabilities.argmax(1) == ours.argmax(1)).sum())} of {len(places)}",
            "Largest difference (points)": round(100 * float(np.abs(file.probabilities - ours).max()), 2),
        }
        for kind, file in files.items()
    ]
    return pd.DataFrame(rows)


def _card(result: Result) -> str:
    held, labels = result.held, result.project.labels
    right, _ = result.right()
    learned = np.bincount(labels[~held], minlength=len(result.project.class_names))
    tested = np.bincount(labels[held], minlength=len(result.project.class_names))
    return card.model_card(
        result.base.title, result.project.class_names, learned.tolist(), tested.tolist(), right,
        tuned=tuple(result.learned.changes),
    )  # fmt: skip

"""Take away: the picture with its map, the map as numbers, and the code."""

import io

import numpy as np
import pandas as pd
import streamlit as st

from cvlib.explain import code
from cvlib.explain.base import Explanation
from cvlib.ui import downloads
from cvlib.ui.interpretability.explaining import explained
from cvlib.ui.interpretability.why import Choice, look
from cvlib.ui.subject import Subject

PNG_PX = 672


def draw(subject: Subject, choice: Choice) -> None:
    """Downloads of what the tab “Why?” shows."""
    found = explained(subject, choice.request(choice.index))
    stem = choice.method.name.replace("_", "-")
    whole = look(subject, found, choice.opacity, choice.scale, PNG_PX)
    st.image(whole, width=300, caption="What you take away", output_format="PNG")
    files = (
        ("With map (PNG)", downloads.png_bytes(whole), f"{stem}.png", "image/png", "To look at."),
        ("Picture (PNG)", downloads.png_bytes(_rgb(subject.seen)), "picture.png", "image/png",
         "As the network takes it; the code below reads it."),
        ("Map (NPY)", _npy(found.raw), f"{stem}.npy", "application/octet-stream", "The method's own numbers."),
        ("Map (CSV)", _csv(found), f"{stem}.csv", "text/csv", "A row a row of pixels, heat from 0 to 1."),
    )  # fmt: skip
    for place, (label, content, name, mime, words) in zip(st.columns(len(files)), files, strict=True):
        place.download_button(
            label, content, file_name=name, mime=mime, on_click="ignore", icon=":material/download:", width="stretch",
            help=words,
        )  # fmt: skip
    if subject.network.run is not None:
        st.caption(
            "The code needs the network's file: take it home from the page Classification (“Network for Keras”)."
        )
    with st.expander("Show the code", icon=":material/code:"):
        st.caption("Plain TensorFlow: makes the same map outside the workshop.")
        layer = next((known for known in subject.layers if known.name == found.layer), None)
        script = code.script(
            subject.network.name if subject.network.is_pretrained else None,
            f"{subject.network.run.spec.data}-{subject.network.run.spec.model}.keras" if subject.network.run else "",
            choice.method.name, choice.index, found.layer, layer.axes if layer else None,
        )  # fmt: skip
        st.code(script, language="python", wrap_lines=True)


def _rgb(picture: np.ndarray) -> np.ndarray:
    return np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture


def _npy(values: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, values, allow_pickle=False)
    return out.getvalue()


def _csv(found: Explanation) -> bytes:
    return downloads.csv_bytes(
        pd.DataFrame(np.round(found.heatmap, 5), columns=[str(k) for k in range(found.heatmap.shape[1])])
    )

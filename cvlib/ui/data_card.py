"""The pictures a network learns from: a few of each class, how many there are, and how they are split."""

import numpy as np
import streamlit as st

from cvlib import data
from cvlib.data.preview import Preview, preview
from cvlib.figures import counts, grid
from cvlib.spec import TrainingSpec
from cvlib.ui.session import engine

SHEET_PX = 560


@st.cache_data(show_spinner="Fetching the pictures …", max_entries=32)
def _preview(name: str, image_size: int | None, test_share: float | None, split_seed: int) -> Preview:
    """Only built-in pictures come here, never a visitor's, so that everybody may share them."""
    return engine().run(preview, name, seed=split_seed, image_size=image_size, test_share=test_share)


def draw(spec: TrainingSpec) -> None:
    """A grid of pictures by class beside the numbers of each class and split."""
    shown = _preview(spec.data, spec.image_size, spec.test_share, spec.split_seed)
    pictures, numbers = st.columns([3, 2], gap="large")
    columns = len(shown.class_names)
    with pictures:
        scale = max(1, SHEET_PX // (columns * shown.image_shape[1]))
        sheet = grid.contact_sheet(_by_row(shown), columns=columns, scale=scale, gap=4)
        st.image(sheet, caption=_caption(shown), width="stretch", output_format="PNG")
    with numbers:
        st.plotly_chart(
            counts.class_counts(shown.counts, shown.class_names),
            key="data.counts",
            config={"displayModeBar": False},
            alt="Pictures per class in the training, validation and test split.",
        )
        st.caption(counts.reading(shown.counts))
    info = data.info(spec.data)
    st.caption(f"Source: {info.source} · Licence: {info.licence}")


def _by_row(shown: Preview) -> list[np.ndarray]:
    """The pictures in rows, one column a class; the labels come sorted, the same number of each."""
    classes = len(shown.class_names)
    rows = len(shown.labels) // classes
    return [shown.images[k * rows + row] for row in range(rows) for k in range(classes)]


def _caption(shown: Preview) -> str:
    height, width, channels = shown.image_shape
    kind = "grey" if channels == 1 else "colour"
    names = ", ".join(shown.class_names)
    return f"Training pictures, one column a class ({names}): {width} x {height} {kind} pixels each"

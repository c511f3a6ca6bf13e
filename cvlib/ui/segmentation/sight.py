"""How far a pixel sees: press one, and its receptive field lies over the picture."""

import numpy as np
import streamlit as st

from cvlib.figures import heat
from cvlib.runs import Run
from cvlib.segmenting import reach
from cvlib.ui.errors import escaped
from cvlib.ui.mask_canvas import show_mask
from cvlib.ui.segmentation import scenes
from cvlib.ui.session import engine
from cvlib.ui.words import count, percent

PIXEL = "segment.inside.pixel"
"""The pixel that was pressed last, as (row, column); no widget owns this key."""
MARK = "#D55E00"
SHOWN_PX = 480
GAMMA = 0.5
"""Most of the influence is so near that the rest would not be seen: the heat is that of its square root."""
FEW = 0.1
Box = tuple[int, int, int, int]


def draw(run: Run, index: int) -> None:
    """A test picture to press, the box that its pixel can see, and what it does look at."""
    st.markdown("#### How far does a pixel see?")
    st.markdown(
        "**Press a pixel.** The frame holds everything that can change its answer at all: its *receptive field*. The "
        "heat shows what does change it in this picture, and how much."
    )
    [seen] = scenes.looked(run, [index])
    row, column = _pixel(seen.image.shape[:2])
    box, influence = _field(run.name, run.record["created"], index, row, column, seen.image)
    left, right = st.columns(2, gap="medium")
    with left:
        pressed = show_mask(
            "segment.inside.picture", seen.image, seen.prediction.labels, class_names=run.class_names,
            colors=scenes.colors_of(run), opacity=0.0, marks=[(*box, MARK), (column, row, column + 1, row + 1, MARK)],
            label="Test picture with the receptive field of a pixel",
        )  # fmt: skip
        st.caption("What it can see: everything within the frame. The small square is the pixel.")
    with right:
        shown = heat.overlay(seen.image, influence**GAMMA, opacity=0.75)
        st.image(heat.enlarged(shown, SHOWN_PX), width="stretch", output_format="PNG")
        st.caption("What it looks at: yellow pixels change its answer most, dark blue ones hardly or not at all.")
    name = run.class_names[seen.prediction.labels[row, column]]
    st.markdown(f"Row {row}, column {column}: it says **{escaped(name)}**. {words(box, influence)}")
    if pressed is not None and pressed != (row, column):
        st.session_state[PIXEL] = pressed
        st.rerun()


def _pixel(size_hw: tuple[int, int]) -> tuple[int, int]:
    """The pressed pixel; at first the middle."""
    row, column = st.session_state.get(PIXEL, (size_hw[0] // 2, size_hw[1] // 2))
    return min(row, size_hw[0] - 1), min(column, size_hw[1] - 1)


@st.cache_data(max_entries=256, show_spinner="Going back through the network …")
def _field(name: str, created: str, index: int, row: int, column: int, _pixels: np.ndarray) -> tuple[Box, np.ndarray]:
    """By the run, its time and the number of its test picture, which is built in: everybody may share this."""
    return engine().run_with_model(name, reach.look, _pixels, row, column)


def words(box: Box, influence: np.ndarray) -> str:
    """Both receptive fields in pixels.

    Args:
        box: left, top, right, bottom.
        influence: float (H, W), 0 to 1.
    """
    width, height = box[2] - box[0], box[3] - box[1]
    share = width * height / influence.size
    can = (
        "Every pixel of the picture can change that"
        if share == 1
        else f"{width} x {height} pixels around it can change that ({percent(share)} of the picture)"
    )
    half = heat.share_of_half_the_heat(influence)
    if not half:
        return f"{can}; in this picture a small change of one of them changes nothing."
    pixels = f"**{count(round(half * influence.size), 'pixel')}** ({percent(half)} of the picture)"
    if half < FEW:
        return f"{can}. But half of all influence comes from only {pixels}: it mostly looks near by."
    return f"{can}. Half of all influence comes from {pixels}."

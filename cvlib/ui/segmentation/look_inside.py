"""Inside a network for segmentation: how it is built, what its stages see, what is handed across, how far it sees."""

import numpy as np
import streamlit as st

from cvlib import models
from cvlib.figures import architecture, grid, heat
from cvlib.runs import Run
from cvlib.segmenting import inside
from cvlib.segmenting.inside import Stage
from cvlib.ui.errors import escaped
from cvlib.ui.segmentation import scenes, see, shortcuts, sight
from cvlib.ui.session import engine

THUMB_PX = 150
BY_KIND = {
    "encode": "An encoder answers to edges, colours and patterns: the further down, the larger what it answers to.",
    "pool": "Pooling keeps the largest of every four values: half the height, half the width, the same number of maps.",
    "bottom": "Here the maps are smallest. Each cell stands for a large patch of the picture and says what is there.",
    "context": "The same maps looked at with several reaches, up to the mean of the whole picture.",
    "decode": "A decoder draws the regions finer again: bright where its kind of region is.",
    "score": "One map for each class: bright where the network speaks for the class. The largest one wins the pixel.",
}


def draw(run: Run) -> None:
    """The network drawn, and three questions to it."""
    stages = _stages(run.name, run.record["created"])
    across = models.info(run.spec.model).skips or "skip connections"
    st.markdown(
        "First the network **shrinks** the picture to find out what is there; then it **grows** it back to say where. "
        "Each block is a stage with its maps; point at one for its sizes."
    )
    st.plotly_chart(
        architecture.encoder_decoder(stages, across), key="segment.inside.drawing", config={"displayModeBar": False},
        alt="The network's stages from the picture to the scores, with the sizes of their maps.",
    )  # fmt: skip
    st.caption(architecture.reading(stages, across))
    index = _choose_picture(run)
    st.markdown("#### What does a stage see?")
    _draw_maps(run, stages, index)
    st.divider()
    shortcuts.draw(run, index)
    st.divider()
    sight.draw(run, index)


@st.cache_data(max_entries=32, show_spinner="Opening the network …")
def _stages(name: str, created: str) -> tuple[Stage, ...]:
    """By the run and its time."""
    return engine().run_with_model(name, inside.stages)


@st.cache_data(max_entries=64, show_spinner="Looking …")
def _maps(name: str, created: str, index: int, stage: Stage, _pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By the run, its time and the number of its test picture, which is built in: everybody may share this."""
    return engine().run_with_model(name, inside.maps, _pixels, stage)


def _choose_picture(run: Run) -> int:
    """Which test picture is looked at: the one of the step "See", until another is chosen."""
    total = len(scenes.answers(run))
    index = min(st.session_state.get(see.PLACE, 0), total - 1)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _turn("Back", "chevron_left", (index - 1) % total)
        st.markdown(f"Test picture **{index + 1}** of {total}", width="content")
        _turn("Next", "chevron_right", (index + 1) % total)
    return index


def _turn(label: str, icon: str, index: int) -> None:
    st.button(
        label, icon=f":material/{icon}:", key=f"segment.inside.{label.lower()}", on_click=_open, args=(index,),
        help="Another test picture for everything below.",
    )  # fmt: skip


def _open(index: int) -> None:
    st.session_state[see.PLACE] = index


def _draw_maps(run: Run, stages: tuple[Stage, ...], index: int) -> None:
    """The picture, a stage to choose, and its strongest maps."""
    [seen] = scenes.looked(run, [index])
    picture, words = st.columns([1, 3], gap="medium")
    with words:
        titles = [f"{stage.title}: {stage.channels} maps of {stage.width} x {stage.height}" for stage in stages]
        titles_at = dict(enumerate(titles))
        place = st.selectbox(
            "Stage", list(titles_at), format_func=titles_at.__getitem__, key=f"segment.inside.stage.{len(stages)}",
            help="A block of the drawing above, from left to right.",
        )  # fmt: skip
        stage = stages[place]
        st.markdown(BY_KIND[stage.kind])
    picture.image(seen.image, width="stretch", output_format="PNG", caption=f"Test picture {index + 1}")
    channels, maps = _maps(run.name, run.record["created"], index, stage, seen.image)
    with st.container(horizontal=True, gap="small"):
        for channel, values in zip(channels.tolist(), maps, strict=True):
            name = escaped(run.class_names[channel]) if stage.kind == "score" else f"Map {channel + 1}"
            st.image(_thumbnail(values), width=THUMB_PX, output_format="PNG", caption=name)
    which = "All maps" if len(channels) == stage.channels else f"The {len(channels)} strongest of {stage.channels} maps"
    st.caption(
        f"{which} of this stage. Dark blue is the smallest value of a map and yellow its largest; "
        f"every map has {stage.width} x {stage.height} cells, however large it is drawn."
    )


def _thumbnail(values: np.ndarray) -> np.ndarray:
    """A map in colours from its smallest to its largest value: float (h, w) to uint8 (H, W, 3)."""
    low, high = float(values.min()), float(values.max())
    return grid.enlarge(heat.colored((values - low) / max(high - low, 1e-12)), 2 * THUMB_PX, smooth=False)

"""A picture for the methods without a network, and what is known of it: the truth, or what a network says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cvlib import runs
from cvlib.data.base import Split
from cvlib.data.scene_sets import SCENES, scene_info, take_scenes
from cvlib.figures import grid
from cvlib.runs import Run
from cvlib.tasks import mask_tiling
from cvlib.ui import picker
from cvlib.ui.picture_url import digest
from cvlib.ui.segmentation import scenes
from cvlib.ui.session import engine
from cvlib.ui.session import run as call

PLACE = "segment.classical.place"
"""Which test picture is looked at; no widget owns this key."""
KEPT = "segment.classical.kept"
"""What was computed in this session, by what was asked. A visitor's pictures are nowhere else."""
MOST_KEPT = 40
LONGEST = 480
"""These methods see larger pictures smaller, so that nobody waits."""
SOURCES = {"test": "Test picture", "own": "My own"}


@dataclass(frozen=True, eq=False)
class Subject:
    """A picture, and what is known of it.

    Attributes:
        pixels: uint8 (H, W, 3).
        names: of the classes; empty if nothing is known.
        colors: of the classes.
        truth: uint8 (H, W), if it is known.
        network: uint8 (H, W), what a network says, if there is one.
        run: that network.
        data: the data set it is from; None for a picture of one's own.
    """

    pixels: np.ndarray
    names: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    truth: np.ndarray | None = None
    network: np.ndarray | None = None
    run: Run | None = None
    data: str | None = None

    @property
    def reference(self) -> np.ndarray | None:
        """What the regions are compared with: the truth, else the network."""
        return self.network if self.truth is None else self.truth


def choose() -> Subject | None:
    """The controls, and the chosen picture; None if there is none yet."""
    source = st.segmented_control(
        "Picture", list(SOURCES), default="test", format_func=SOURCES.__getitem__, key="segment.classical.source",
        required=True, label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    return _own_subject() if source == "own" else _test_subject()


def _newest(data: str | None = None) -> Run | None:
    """The run for segmentation that was trained last, of this data if it matters."""
    for run in runs.every(engine().store):
        if run.spec.task == "segmentation" and run.spec.data in ((data,) if data else SCENES):
            return run
    return None


def _test_subject() -> Subject:
    here = [name for name, card in SCENES.items() if card.mask_names and card.available()]
    data = st.selectbox(
        "Pictures from", here, index=here.index("street"), format_func=lambda name: scene_info(name).title,
        key="segment.classical.data", help="Pictures of which the truth is known: the class of every pixel.",
    )  # fmt: skip
    card = scene_info(data)
    place = st.session_state.get(PLACE, 0) % card.counts["test"]
    st.button(
        "Another picture", icon=":material/casino:", key="segment.classical.next", on_click=_next, width="stretch",
        help=f"The next of {card.counts['test']:,} test pictures.",
    )  # fmt: skip
    run = _newest(data)
    if run is None:
        split = _test_picture(data, place)
        return Subject(split.images[0], card.area_names, scenes.colors(card), split.masks[0], data=data)
    with st.spinner("Looking …"):
        [seen] = scenes.looked(run, [place])
    return Subject(
        seen.image, run.class_names, scenes.colors_of(run), seen.truth, seen.prediction.labels, run, data=data
    )


def _next() -> None:
    st.session_state[PLACE] = st.session_state.get(PLACE, 0) + 1


@st.cache_data(show_spinner="Fetching the picture …", max_entries=64)
def _test_picture(data: str, place: int) -> Split:
    """Only built-in pictures come here, never a visitor's, so that everybody may share them."""
    return call(take_scenes, data, "test", [place])


def _own_subject() -> Subject | None:
    picked = picker.pick_image(
        call, key="segment.classical.own", sources=("sample", "upload", "camera"), first="sample"
    )
    if picked is None:
        return None
    pixels, run = grid.shrunk(picked.pixels, LONGEST), _newest()
    if run is None:
        return Subject(pixels)
    asked = ("network", run.name, run.record["created"], digest(pixels))
    with st.spinner("Looking …"):
        found = kept_or_made(
            asked, lambda: engine().run_with_model(run.name, mask_tiling.segment, pixels, run.class_names)
        )
    return Subject(pixels, run.class_names, scenes.colors_of(run), network=found.labels, run=run)


def kept_or_made(asked: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """What was asked, from this session's memory or made now."""
    kept = st.session_state.setdefault(KEPT, {})
    if asked not in kept:
        kept[asked] = make()
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)))
    return kept[asked]

"""Pictures of the data sets of scenes on the page: a few to begin with, and the test pictures one by one."""

import numpy as np
import streamlit as st

from cvlib import models
from cvlib.data.base import Split
from cvlib.data.scene_sets import scene_info, take_scenes
from cvlib.figures import boxes
from cvlib.runs import Run
from cvlib.spec import TrainingSpec
from cvlib.tasks import detection
from cvlib.tasks.detection import Answers
from cvlib.ui.session import run as call

SHOWN = 8
THUMB_PX, SHEET_PX = 176, 256


def first_pictures(name: str, image_size: int | None, seed: int, single: bool, count: int) -> Split:
    """The first training pictures of a data set. In a worker, for it has to draw or read them."""
    return take_scenes(name, "train", range(count), seed=seed, image_size=image_size, single=single)


@st.cache_data(show_spinner="Fetching the pictures …", max_entries=16)
def first(name: str, image_size: int | None, seed: int, single: bool) -> Split:
    """Only built-in pictures come here, never a visitor's, so that everybody may share them."""
    return call(first_pictures, name, image_size, seed, single, SHOWN)


def draw_truth(spec: TrainingSpec, *, single: bool = False) -> None:
    """A few training pictures with the truth on them."""
    card = scene_info(spec.data)
    split = first(spec.data, spec.image_size, spec.split_seed, single)
    truth = detection.truths(split, card.class_names)
    with st.container(horizontal=True, gap="small"):
        for picture, real in zip(split.images, truth, strict=True):
            scale = max(1, SHEET_PX // picture.shape[1])
            lines = boxes.lines(real, scores=False)
            st.image(boxes.paint(picture, [(real, lines)], scale=scale), width=THUMB_PX, output_format="PNG")
    height, width = card.at(spec.image_size)
    st.caption(
        f"Training pictures with the truth: a box around every object and its class. {width} x {height} pixels each. "
        f"{card.counts['train']:,} to learn from, {card.counts['validation']:,} to watch, {card.counts['test']:,} "
        "for the test, which it never sees while it learns."
    )
    st.caption(f"Source: {card.source} · Licence: {card.licence}")


def answers(run: Run) -> Answers:
    """What a run said of its test pictures, and the truth."""
    return detection.unpack(run.test, run.class_names)


def test_picture(run: Run, index: int) -> np.ndarray:
    """A test picture of the data a run was trained on: uint8 (H, W, 3)."""
    return test_pictures(run, [index])[0]


def test_pictures(run: Run, indices: list[int]) -> list[np.ndarray]:
    """Several of them, in one call."""
    spec, single = run.spec, models.info(run.spec.model).single
    if not indices:
        return []
    split = call(take_scenes, spec.data, "test", indices, seed=spec.split_seed, image_size=spec.image_size,
                 single=single)  # fmt: skip
    return list(split.images)

"""Boxes that a person draws on the picture: they move along with it, and are kept in this session only."""

from dataclasses import replace

import numpy as np
import streamlit as st

from cvlib.augmenting.looking import Shot
from cvlib.figures import grid
from cvlib.tasks.box_formats import distinct_names
from cvlib.tasks.detections import Detections, nothing
from cvlib.ui.box_canvas import draw_boxes
from cvlib.ui.picture_url import digest

DRAWN = "augmentation.boxes"
"""Boxes by the picture's digest."""
NAMES = "augmentation.box_names"
MOST_KEPT, MOST_BOXES, MOST_CLASSES = 20, 30, 10
FIRST_CLASSES = ("thing",)
CANVAS_PX = 256


def choose(shot: Shot) -> Shot:
    """The picture with the boxes that were drawn on it, if there are any."""
    kept: dict[str, Detections] = st.session_state.setdefault(DRAWN, {})
    of = digest(shot.image)
    box = st.expander("Draw boxes on it", icon=":material/ink_selection:", key="augmentation.own", on_change="rerun")
    if box.open:
        with box:
            kept[of] = _draw(shot, kept.get(of), of)
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)))
    found = kept.get(of)
    if found is None or not len(found):
        return shot
    return replace(shot, boxes_xyxy=found.boxes_xyxy, box_labels=found.labels, class_names=found.class_names)


def _draw(shot: Shot, found: Detections | None, of: str) -> Detections:
    """The canvas, on an enlarged picture where that has few pixels; the boxes in the picture's own pixels."""
    st.caption("Pull a box around a thing, and see how it moves along with the picture in every draw.")
    names = _class_names()
    boxes = _named(found, names)
    shown = grid.enlarge(shot.image, max(CANVAS_PX, max(shot.image.shape[:2])), smooth=False)
    scale = shown.shape[1] / shot.image.shape[1]
    drawn = draw_boxes(
        "augmentation.canvas", shown, boxes.scaled(scale, scale), most=MOST_BOXES,
        kept=f"augmentation.canvas.{of}", label="The picture",
    )  # fmt: skip
    return drawn.scaled(1 / scale, 1 / scale)


def _class_names() -> tuple[str, ...]:
    text = st.text_input(
        "What do you mark? Names, with commas between them",
        ", ".join(st.session_state.get(NAMES, FIRST_CLASSES)),
        key="augmentation.names",
        max_chars=200,
        help="For example: eye, ear. Each gets a colour.",
    )
    given = [name.strip() for name in text.split(",") if name.strip()][:MOST_CLASSES]
    names = distinct_names(given) if given else FIRST_CLASSES
    st.session_state[NAMES] = names
    return names


def _named(found: Detections | None, names: tuple[str, ...]) -> Detections:
    """The boxes under other names: each keeps its place among them, and those without one are gone."""
    if found is None:
        return nothing(names)
    chosen = found.labels < len(names)
    return Detections(found.boxes_xyxy[chosen], found.labels[chosen], np.ones(chosen.sum(), np.float32), names)

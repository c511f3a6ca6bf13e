"""On a picture of one's own: with a detector that was trained here, or with one that others trained on photos."""

import json

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import recipes
from cvlib.detecting import pretrained
from cvlib.errors import UserError
from cvlib.runs import Run
from cvlib.tasks import box_formats, tiling
from cvlib.tasks.detection import Candidates
from cvlib.tasks.detections import Detections
from cvlib.ui import downloads, picker
from cvlib.ui.detection import looking
from cvlib.ui.picker import PickedImage
from cvlib.ui.session import engine
from cvlib.ui.session import run as call

FOUND = "detect.own.found"
"""What was found last: (what was asked, candidates)."""
OURS = "own"


def draw(run: Run) -> None:
    """Pick a picture and a detector, and see what it finds."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        picked = picker.pick_image(call, key="detect.own", sources=("sample", "upload", "camera"), first="sample")
        name = _choose_detector(run)
        along = st.slider(
            "Tiles along the longer side",
            1,
            tiling.MOST_TILES,
            1,
            key="detect.own.tiles",
            help="1 looks at the whole picture at once. More tiles enlarge its parts: small things are found, and it "
            "takes longer.",
        )
    with right:
        if picked is None:
            st.info("Upload or pick a picture: the boxes appear here.", icon=":material/image_search:")
            return
        found = _found(run, name, picked, along)
        if found is not None:
            show(picked, found, stem=f"{run.spec.data}-{run.spec.model}" if name == OURS else name)
    if name == OURS:
        st.caption(
            f"This detector learned from {recipes.card_of(run.spec).title.lower()} only. On other pictures it finds "
            "what looks like those to it, and nothing else: try it on a photo and see how far its world reaches."
        )


def _choose_detector(run: Run) -> str:
    titles = {OURS: f"This one ({recipes.title(run.spec)})"}
    titles |= {name: card.title for name, card in pretrained.CATALOG.items()}
    return st.selectbox(
        "Detector",
        list(titles),
        format_func=titles.__getitem__,
        key="detect.own.detector",
        help="Those of Pascal VOC were trained by others on photos of 20 everyday things; they are fetched from the "
        "internet when they are first used.",
    )


def _found(run: Run, name: str, picked: PickedImage, along: int) -> Candidates | None:
    """What the detector says of the picture; kept in the session until something else is asked."""
    asked = (run.name, name, picked.digest, along)
    before, found = st.session_state.get(FOUND, (None, None))
    if before != asked:
        try:
            with st.spinner("Looking …"):
                found = _detected(run, name, picked.pixels, along)
        except UserError as error:
            st.warning(str(error), icon=":material/cloud_off:")
            found = None
        st.session_state[FOUND] = asked, found
    elif found is None:
        st.warning("This detector cannot be had at the moment. Choose another.", icon=":material/cloud_off:")
    return found


def _detected(run: Run, name: str, pixels: np.ndarray, along: int) -> Candidates:
    if name == OURS:
        return engine().run_with_model(run.name, tiling.detect, pixels, run.class_names, along=along)
    return call(pretrained.detect, name, pixels, along, timeout=300)


def show(picked: PickedImage, found: Candidates, *, stem: str, key: str = "detect.own") -> None:
    """The picture with its boxes, the sliders, and what can be taken away."""
    choice = looking.controls(found.class_names, key=key, truth=False)
    seen = looking.draw(picked.pixels, found, choice, key=f"{key}.picture")
    looking.draw_counts(seen.kept)
    take_away(picked, seen.kept, stem=stem)


def take_away(picked: PickedImage, kept: Detections, *, stem: str) -> None:
    """The picture with boxes, and the boxes as other programs read them."""
    size_hw = picked.pixels.shape[:2]
    coco = json.dumps(box_formats.to_coco([(picked.name, size_hw, kept)])).encode()
    files = (
        ("Picture with boxes", downloads.png_bytes(looking.painted(picked.pixels, kept)), "boxes.png", "image/png"),
        ("COCO (JSON)", coco, f"{stem}-coco.json", "application/json"),
        ("YOLO (text)", box_formats.to_yolo(kept, size_hw).encode(), f"{stem}-yolo.txt", "text/plain"),
        ("Table (CSV)", downloads.csv_bytes(as_table(picked.name, kept)), f"{stem}-boxes.csv", "text/csv"),
    )
    with st.container(horizontal=True, gap="small"):
        for label, content, name, mime in files:
            st.download_button(label, content, name, mime, on_click="ignore", icon=":material/download:")


def as_table(name: str, kept: Detections) -> pd.DataFrame:
    """A row a box: picture, class, confidence, and its edges in pixels."""
    frame = pd.DataFrame(kept.boxes_xyxy.round(2), columns=["left", "top", "right", "bottom"])
    frame.insert(0, "confidence", kept.scores.round(4))
    frame.insert(0, "class", [kept.class_names[label] for label in kept.labels])
    frame.insert(0, "picture", name)
    return frame

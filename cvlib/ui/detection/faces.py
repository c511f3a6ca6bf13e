"""Faces: the sliding window with a small classifier, over photos."""

import streamlit as st

from cvlib import recipes, runs
from cvlib.boxes import window_places
from cvlib.detecting import faces
from cvlib.detecting.faces import Part
from cvlib.figures import boxes as drawing
from cvlib.figures import grid
from cvlib.runs import Run
from cvlib.tasks.detections import Detections, suppressed
from cvlib.ui import picker, training_panel
from cvlib.ui.following import follow
from cvlib.ui.picker import PickedImage
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.words import percent

FOUND = "detect.faces.found"
SHARES = {"large": (0.35, 0.5), "middle": (0.2, 0.28), "small": (0.1, 0.14)}
LEAST = 0.83
"""The confidence in the course's picture of a face in a frame."""


def draw() -> None:
    """Choose a photo and the windows' sizes, look, and judge with one's own eyes."""
    st.markdown(
        "How faces were found before there were detectors: a **small window** slides over the photo, and a classifier "
        "of 25 x 25 pixels says “face” or “not a face” each time. It has learned from 100 faces and 100 other patches."
    )
    spec = recipes.recommended("faces", "lenet")
    run = runs.load(engine().store, spec.digest)
    if run is None:
        training_panel.first_network(spec)
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        picked = picker.pick_image(call, key="detect.faces", sources=("sample", "upload", "camera"))
        sizes = st.pills(
            "Faces of which size?", list(SHARES), selection_mode="multi", default=["large", "middle"],
            key="detect.faces.sizes", help="Sides of the windows, as shares of the photo. Small ones are very many.",
        )  # fmt: skip
    with right:
        if picked is None:
            st.info("Pick a photo with a face: the astronaut, or one of your own.", icon=":material/face:")
        elif sizes:
            _search(run, picked, tuple(share for size in sizes for share in SHARES[size]))


def _search(run: Run, picked: PickedImage, shares: tuple[float, ...]) -> None:
    pixels = grid.shrunk(picked.pixels, faces.LONGEST)
    number = len(window_places(pixels.shape[:2], shares, faces.STEP))
    asked = (run.name, picked.digest, shares)
    if st.button(f"Look through {number:,} windows", type="primary", icon=":material/search:", key="detect.faces.go"):
        token = engine().run_with_model(run.name, faces.begin, pixels, run.class_names, shares)
        for parts in follow(token, _share, text="Looking", key="detect.faces"):
            st.session_state[FOUND] = asked, parts[-1]
    kept, part = st.session_state.get(FOUND, (None, None))
    if kept == asked and part is not None:
        _show(pixels, part)


def _share(part: Part) -> float:
    return part.share


def _show(pixels, part: Part) -> None:
    left, right = st.columns(2)
    confidence = left.slider("Least confidence", 0.5, 1.0, LEAST, 0.01, key="detect.faces.confidence")
    overlap = right.slider("Overlap at which two boxes count as one", 0.05, 0.95, 0.2, 0.05, key="detect.faces.overlap")
    hits = part.found.above(confidence)
    shown = suppressed(hits, overlap)
    lines = [drawing.Line("#009E73", f"Conf={score:.2f}") for score in shown.scores]
    st.image(drawing.paint(pixels, [(shown, lines)]), width="stretch", output_format="PNG",
             caption=f"{len(shown)} boxes are left of {len(hits)} windows that say “face”")  # fmt: skip
    st.info(_honest(part, hits), icon=":material/balance:")


def _honest(part: Part, hits: Detections) -> str:
    share = len(hits) / max(1, part.windows)
    return (
        f"{len(hits)} of {part.windows:,} windows say “face” ({percent(share)}). Even if it is wrong only once in a "
        f"hundred times, {part.windows:,} windows make about {max(1, part.windows // 100):,} false alarms: that is why "
        "a good classifier is still a poor detector. 200 training patches are very few, too: real face detectors learn "
        "from hundreds of thousands, above all from false alarms like these."
    )

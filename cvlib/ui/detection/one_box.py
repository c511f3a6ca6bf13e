"""One box first: a network that answers with four numbers, epoch by epoch; and IoU with one's own hands."""

import numpy as np
import streamlit as st

from cvlib import recipes, runs
from cvlib.boxes import iou
from cvlib.data.scene_sets import SCENES, scene_info
from cvlib.figures import boxes as drawing
from cvlib.runs import Run
from cvlib.spec import TrainingSpec
from cvlib.tasks.detections import Detections
from cvlib.ui import address, runs_picker, training_panel
from cvlib.ui.box_canvas import draw_boxes
from cvlib.ui.detection import scenes
from cvlib.ui.lesson import lesson
from cvlib.ui.session import engine
from cvlib.ui.settings import one_of
from cvlib.ui.words import percent

SCENE = "one_scene"
SHOWN_PX = 360
YOURS = ("your box",)
SINGLE = tuple(name for name, card in SCENES.items() if card.single)


def draw() -> None:
    """Choose, train, replay, and drag a box."""
    st.markdown(
        "The simplest way to find a thing: let the network answer with **four numbers**, the left and upper edge of "
        "its box, its width and its height (and with its class). That works as long as there is exactly **one** thing."
    )
    controls, results = st.columns([2, 7], gap="medium")
    with controls:
        spec = _choose()
    with results:
        run = runs.of_spec(engine().store, spec)
        training_panel.follow(spec, pending=lambda: _learned(spec, run))
    st.divider()
    _by_hand(spec, run)


def _choose() -> TrainingSpec:
    address.restore({SCENE: one_of(dict.fromkeys(SINGLE))})
    name = st.selectbox(
        "Pictures",
        SINGLE,
        format_func=lambda name: scene_info(name).title,
        key=SCENE,
        persist_state="session",
        help="Each is drawn with one object only here.",
    )
    address.write({SCENE: name})
    spec = recipes.recommended(name, "one_box")
    training_panel.button(spec, key="detect.one.train")
    return spec


def _learned(spec: TrainingSpec, run: Run | None) -> None:
    if run is None:
        st.info("This network has not been trained yet. Press **Train**.", icon=":material/play_arrow:")
        scenes.draw_truth(spec, single=True)
        return
    numbers, duration = st.columns(2)
    runs_picker.metric_against_last(numbers, run)
    duration.metric("Training time", f"{run.record['seconds']:.3g} s", help=f"On {run.record['device']}.")
    _replay(run)


def _replay(run: Run) -> None:
    """The predicted box after each epoch, over the epochs."""
    replay = run.test["replay"]
    st.markdown("**How the answer moves.** White and dashed is the truth; the coloured box is what the network says.")
    epoch = st.slider(
        "After epoch", 1, len(replay), len(replay), key="detect.one.epoch", help="Move it to replay the training."
    )
    answers = scenes.answers(run)
    pictures = scenes.test_pictures(run, list(range(replay.shape[1])))
    overlaps = []
    with st.container(horizontal=True, gap="small"):
        for place, pixels in enumerate(pictures):
            truth = answers.truth[place]
            said = _single(replay[epoch - 1, place], "network")
            overlaps.append(float(iou(said.boxes_xyxy, truth.boxes_xyxy)[0, 0]) if len(truth) else 0.0)
            layers = [(truth, drawing.truth_lines(truth)), (said, [drawing.Line("#E69F00")])]
            st.image(
                drawing.paint(pixels, layers, scale=2),
                caption=f"IoU {percent(overlaps[-1])}",
                width=150,
                output_format="PNG",
            )
    st.caption(
        f"After epoch {epoch} the boxes overlap the truth by {percent(float(np.mean(overlaps)))} on average, on these "
        "test pictures."
    )


def _single(box: np.ndarray, name: str) -> Detections:
    return Detections(np.asarray(box, np.float32)[None], np.zeros(1, np.int64), np.ones(1, np.float32), (name,))


def _by_hand(spec: TrainingSpec, run: Run | None) -> None:
    """IoU as overlapping areas, with a box that is dragged by hand."""
    st.markdown("#### When is a box right? Try it by hand")
    st.markdown(
        "**IoU** (intersection over union) is the shared area divided by the area that both cover together. Drag the "
        "box, or pull at its corners, until it fits the white one."
    )
    split = scenes.first(spec.data, spec.image_size, spec.split_seed, True)
    pixels, truth = split.images[0], _single(split.boxes_xyxy[0][0], "truth")
    height, width = pixels.shape[:2]
    start = _single(np.array([0.08 * width, 0.08 * height, 0.45 * width, 0.5 * height]), YOURS[0])
    left, right = st.columns(2, gap="large")
    scale = SHOWN_PX // width
    with left:
        shown = drawing.paint(pixels, [(truth, drawing.truth_lines(truth))], scale=scale)
        large = draw_boxes("detect.hand", shown, start.scaled(scale, scale), most=1, label="A shape with two boxes")
        yours = large.scaled(1 / scale, 1 / scale)
    with right:
        _areas(pixels, truth, yours)


def _areas(pixels: np.ndarray, truth: Detections, yours: Detections) -> None:
    if not len(yours):
        st.info("Draw a box on the picture.")
        return
    one, other = truth.boxes_xyxy[0].astype(float), yours.boxes_xyxy[0].astype(float)
    value = float(iou(one[None], other[None])[0, 0])
    shared = np.prod(np.clip(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0, None))
    union = np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]) - shared
    st.image(drawing.areas(pixels.shape[:2], one, other, SHOWN_PX), output_format="PNG", width=SHOWN_PX,
             caption="Green: shared by both. Blue: only the truth. Orange: only your box.")  # fmt: skip
    st.metric("IoU", percent(value))
    st.caption(f"{shared:,.0f} shared pixels / {union:,.0f} pixels that both cover together = {percent(value)}. COCO "
               "calls a box right from 50 % on, and asks for up to 95 %.")  # fmt: skip
    half = one + np.array([0.25, 0.25, 0.25, 0.25]) * np.array([one[2] - one[0], one[3] - one[1]] * 2)
    shifted = float(iou(one[None], half[None])[0, 0])
    lesson(
        "A box of exactly the right size lies a quarter of its side too far to the right and too low. What is its IoU?",
        ("About 75 %", "About 55 %", "About 40 %"),
        answer=int(np.argmin([abs(shifted - guess) for guess in (0.75, 0.55, 0.40)])),
        explanation=f"It is {percent(shifted)}: three quarters of each side remain, so 0.75 x 0.75 of the area is "
        "shared, and the area that both cover together has grown. IoU is stricter than it looks.",
        key="lesson.iou",
    )

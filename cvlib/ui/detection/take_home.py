"""Take it home: the detector, its answers and its data."""

import json
from functools import partial

import streamlit as st

from cvlib import models
from cvlib.data.scene_sets import take_scenes
from cvlib.detecting import code
from cvlib.runs import Run
from cvlib.spec import TrainingSpec
from cvlib.tasks import box_archive, box_formats, detection
from cvlib.tasks.box_archive import LabelledPicture
from cvlib.ui.detection import scenes
from cvlib.ui.session import engine
from cvlib.ui.session import run as call

MOST = 50


def draw(run: Run) -> None:
    """Downloads of a run, and the code that uses it outside the workshop."""
    stem = f"{run.spec.data}-{run.spec.model}"
    st.markdown("Everything you trained is yours. The files work without this workshop.")
    network, boxes, pictures = st.columns(3)
    network.download_button(
        "Detector for Keras (ZIP)",
        partial(engine().run_with_model, run.name, code.bundle, stem, run.class_names),
        f"{stem}.zip",
        "application/zip",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
        help="The network, its class names, and a program of 30 lines that finds boxes on a picture.",
    )
    boxes.download_button(
        "Its boxes (COCO JSON)",
        partial(_boxes, run),
        f"{stem}-coco.json",
        "application/json",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
        help="What it found on all test pictures, for pycocotools and other programs.",
    )
    pictures.download_button(
        "Pictures with the truth (YOLO ZIP)",
        partial(call, test_archive, run.spec, run.class_names),
        f"{run.spec.data}-yolo.zip",
        "application/zip",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
        help=f"The first {MOST} test pictures with their boxes. “Label your own” opens it again.",
    )
    with st.expander("Show the code", icon=":material/code:"):
        st.caption(f"The program in the ZIP ({code.USE}): plain Keras, on a picture of any size.")
        st.code(code.script(stem, run.class_names), language="python", wrap_lines=True)


def _boxes(run: Run) -> bytes:
    answers = scenes.answers(run)
    rows = [(f"{number}.png", answers.size_hw, found) for number, found in enumerate(answers.chosen())]
    return json.dumps(box_formats.to_coco(rows)).encode()


def test_archive(spec: TrainingSpec, class_names: tuple[str, ...]) -> bytes:
    """The first test pictures with the truth as a YOLO ZIP. In a worker."""
    single = models.info(spec.model).single
    test = take_scenes(spec.data, "test", range(MOST), seed=spec.split_seed, image_size=spec.image_size, single=single)
    pictures = [
        LabelledPicture(f"test-{number}", pixels, boxes)
        for number, (pixels, boxes) in enumerate(
            zip(test.images, detection.truths(test, class_names), strict=True), start=1
        )
    ]
    return box_archive.write_yolo_zip(pictures, class_names)

"""Take it home: the network, its masks, its data and its numbers."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import recipes
from cvlib.data.scene_sets import take_scenes
from cvlib.runs import Run
from cvlib.segmenting import code, looking
from cvlib.spec import TrainingSpec
from cvlib.tasks import mask_archive
from cvlib.tasks.segmentation import Answers
from cvlib.ui import downloads
from cvlib.ui.segmentation import scenes
from cvlib.ui.session import engine
from cvlib.ui.session import run as call

MOST = 50
MEASURES = {
    "miou": "mean IoU",
    "pixel_accuracy": "pixel accuracy",
    "mean_accuracy": "mean accuracy",
    "frequency_weighted_iou": "frequency-weighted IoU",
    "boundary_f1": "boundary F1",
}


def draw(run: Run) -> None:
    """Downloads of a run, and the code that uses it outside the workshop."""
    stem = f"{run.spec.data}-{run.spec.model}"
    colors = scenes.colors_of(run)
    st.markdown("Everything you trained is yours. The files work without this workshop.")
    network, numbers = st.columns(2)
    _button(
        network, "Network for Keras and TFLite (ZIP)", partial(_network, run, stem, colors), f"{stem}.zip",
        "application/zip", "The network, its class names, and a program of 40 lines that names every pixel of a "
        "picture. Packing it takes some seconds.",
    )  # fmt: skip
    _button(
        numbers, "Its numbers (CSV)", lambda: downloads.csv_bytes(table(run, scenes.answers(run))),
        f"{stem}-numbers.csv", "text/csv", "Every measure on the test pictures, class by class, and how it was "
        "trained.",
    )  # fmt: skip
    truth, found = st.columns(2)
    _button(
        truth, "Test pictures with the truth (ZIP)", partial(call, true_masks, run.spec, run.class_names, colors),
        f"{run.spec.data}-masks.zip", "application/zip", f"The first {MOST} test pictures and their masks as PNG with "
        "a palette. “Teach it yours” opens it again.",
    )  # fmt: skip
    _button(
        found, "Test pictures with its masks (ZIP)", partial(_found, run, colors), f"{stem}-masks.zip",
        "application/zip", f"The first {MOST} test pictures with the masks that the network gives them.",
    )  # fmt: skip
    with st.expander("Show the code", icon=":material/code:"):
        st.caption(f"The program in the ZIP ({code.USE}): plain Keras, on a picture of any size.")
        text = code.script(stem, run.class_names, colors, network=run.spec.model)
        st.code(text, language="python", wrap_lines=True)


def _button(place: Any, label: str, content: Any, name: str, mime: str, meaning: str) -> None:
    place.download_button(
        label,
        content,
        name,
        mime,
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
        key=f"segment.home.{name}",
        help=meaning,
    )


def _network(run: Run, stem: str, colors: tuple[str, ...]) -> bytes:
    return engine().run_with_model(run.name, code.bundle, stem, run.class_names, colors)


def _found(run: Run, colors: tuple[str, ...]) -> bytes:
    return engine().run_with_model(run.name, found_masks, run.spec, run.class_names, colors)


def table(run: Run, judged: Answers) -> pd.DataFrame:
    """A row a number: what it is, of which class, and its value; shares as they are, 0 to 1."""
    record, scores = run.record, judged.scores
    rows: list[tuple[str, str, Any]] = [(title, "", run.metrics[name]) for name, title in MEASURES.items()]
    by_class = {
        "IoU": scores.iou,
        "Dice": scores.dice,
        "accuracy": scores.recall,
        "boundary F1": judged.boundary_by_class,
    }
    for what, values in by_class.items():
        rows += [(what, name, value) for name, value in zip(run.class_names, values, strict=True)]
    rows += [
        ("test pictures", "", len(judged)),
        ("training pictures", "", record["train_count"]),
        ("epochs", "", run.spec.epochs),
        ("weights", "", record["parameters"]),
        ("training time (s)", "", record["seconds"]),
    ]
    return pd.DataFrame(rows, columns=["measure", "class", "value"])


def true_masks(spec: TrainingSpec, class_names: tuple[str, ...], colors: tuple[str, ...]) -> bytes:
    """The first test pictures with the truth as a ZIP. In a worker."""
    test = take_scenes(spec.data, "test", _places(spec), seed=spec.split_seed, image_size=spec.image_size)
    return _zipped(test.images, test.masks, class_names, colors)


def found_masks(model: Any, spec: TrainingSpec, class_names: tuple[str, ...], colors: tuple[str, ...]) -> bytes:
    """The first test pictures with what a network says as a ZIP. In a worker."""
    seen = looking.look(model, spec, class_names, _places(spec))
    return _zipped([one.image for one in seen], [one.prediction.labels for one in seen], class_names, colors)


def _places(spec: TrainingSpec) -> range:
    return range(min(MOST, recipes.card_of(spec).counts["test"]))


def _zipped(
    images: Sequence[np.ndarray], masks: Sequence[np.ndarray], class_names: tuple[str, ...], colors: tuple[str, ...]
) -> bytes:
    pictures = [(f"test-{number}", pixels) for number, pixels in enumerate(images, start=1)]
    return mask_archive.write(pictures, masks, class_names, colors)

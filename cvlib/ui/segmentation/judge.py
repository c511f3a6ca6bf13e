"""Judge a network for segmentation: measures, class by class, what was called what, the worst pictures, the trap."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import recipes
from cvlib.figures import segmenting
from cvlib.runs import Run
from cvlib.segmenting.looking import Looked
from cvlib.tasks import mask_formats, segmentation
from cvlib.tasks.segmentation import IGNORE, Answers, Scores
from cvlib.ui import downloads
from cvlib.ui.errors import escaped
from cvlib.ui.matrix import choose_cell
from cvlib.ui.segmentation import looking, scenes, see, trap
from cvlib.ui.words import count, percent

SHOWN = 8
THUMB_PX = 164
"""Two of them fit beside each other on a phone."""
OPACITY = 0.75
MEASURES = {
    "pixel_accuracy": ("Pixel accuracy", "Share of all pixels that are right. Large classes decide it nearly alone."),
    "mean_accuracy": ("Mean accuracy", "Of each class the share of its pixels that were found; the mean over them."),
    "miou": (
        "Mean IoU",
        "Of each class the pixels that are right, as a share of those that are its own or were called so; the mean "
        "over the classes. A small class counts as much as a large one. The usual measure.",
    ),
    "frequency_weighted_iou": (
        "Frequency-weighted IoU",
        "The same, but each class counts by how many pixels it has.",
    ),
    "boundary_f1": (
        "Boundary F1",
        "How well the borders fit: the share of the borders it drew that lie near a true one, and of the true ones "
        "that it drew, in one number (their harmonic mean).",
    ),
}


def draw(run: Run) -> None:
    """The whole judgement of a run on its test pictures."""
    judged = scenes.answers(run)
    _headline(run, judged)
    _classes(run, judged)
    _confusion(run, judged)
    _worst(run, judged)
    trap.draw(run, judged.scores)


def _share(value: float) -> str:
    return "–" if np.isnan(value) else percent(value)


def _headline(run: Run, judged: Answers) -> None:
    scores = judged.scores
    st.markdown(
        f"Judged on **{count(len(judged), 'test picture')}**, {scores.confusion.sum():,} pixels. It has never seen one "
        "of them while it learned. No single number says all; the question marks say what each one means."
    )
    numbers = segmentation.metrics(judged)
    places = [*st.columns(3), *st.columns(3)]
    for place, (name, (label, words)) in zip(places, MEASURES.items(), strict=False):
        place.metric(label, percent(numbers[name]), help=words)
    there = [label for label in range(len(scores.iou)) if scores.truth[label] > 0]
    if there:
        worst = min(there, key=lambda label: scores.iou[label])
        places[-1].metric(
            f"Worst class: {escaped(run.class_names[worst])}",
            _share(scores.iou[worst]),
            help="IoU of the class that it finds worst. The mean may hide it.",
        )
    st.caption(_tolerance_in_words(run))


def _tolerance_in_words(run: Run) -> str:
    height, width = recipes.card_of(run.spec).at(run.spec.image_size)
    reach = max(1, round(segmentation.TOLERANCE * float(np.hypot(height, width))))
    return (
        f"Boundary F1 counts a piece of border as right if the true one is no further than "
        f"{count(reach, 'pixel')} away: {100 * segmentation.TOLERANCE:.2g} % of the diagonal of a picture of {width} x "
        f"{height} pixels. IoU hardly notices a ragged border around a large area; this does."
    )


def _classes(run: Run, judged: Answers) -> None:
    """IoU of each class as bars, and all its numbers as a table."""
    st.markdown("**Class by class**")
    bars, numbers = st.columns([4, 5], gap="medium")
    figure, words = segmenting.class_bars(judged.scores, run.class_names, scenes.colors_of(run))
    with bars:
        st.plotly_chart(
            figure, key="segment.bars", config={"displayModeBar": False}, alt="IoU of each class; see the table."
        )  # fmt: skip
        st.caption(escaped(words))
    with numbers:
        _table(run, table(judged, run.class_names))


def table(judged: Answers, class_names: Sequence[str]) -> pd.DataFrame:
    """The numbers of each class in per cent; empty where there is nothing to say."""
    scores = judged.scores
    columns = {
        "pixels (%)": segmenting.shares_of(scores),
        "IoU (%)": scores.iou,
        "Dice (%)": scores.dice,
        "recall (%)": scores.recall,
        "border F1 (%)": judged.boundary_by_class,
    }
    return pd.DataFrame({"class": list(class_names)} | {name: 100 * column for name, column in columns.items()})


def _table(run: Run, frame: pd.DataFrame) -> None:
    words = {
        "pixels (%)": "How much of the test pictures is of this class.",
        "IoU (%)": "Right pixels as a share of those that are its own or were called so.",
        "Dice (%)": "Twice the right pixels as a share of its own plus those called so: kinder than IoU.",
        "recall (%)": "The share of its own pixels that were found.",
        "border F1 (%)": "How well its borders fit; the mean over the pictures that show it.",
    }
    config = {name: st.column_config.NumberColumn(format="%.1f", help=text) for name, text in words.items()}
    st.dataframe(frame, hide_index=True, column_config=config)
    st.download_button(
        "Table as CSV",
        downloads.csv_bytes(frame),
        file_name=f"{run.spec.data}-{run.spec.model}-classes.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def _confusion(run: Run, judged: Answers) -> None:
    """What was called what, and the pictures behind a cell."""
    st.markdown("**What was called what** · press a square to see where")
    matrix, names = judged.scores.confusion, run.class_names
    cell = choose_cell(segmenting.pixel_matrix(matrix, names), key="segment.matrix")
    st.caption(escaped(segmenting.matrix_reading(matrix, names)))
    if cell is None:
        return
    row, column = cell
    st.markdown(f"**{escaped(segmenting.cell_words(matrix, names, row, column))}**")
    counts = judged.confusions[:, row, column]
    places = [int(place) for place in np.argsort(-counts, kind="stable")[:SHOWN] if counts[place]]
    if not places:
        return
    st.caption("The test pictures with most of it; these pixels are painted.")
    words = [count(int(counts[place]), "pixel") for place in places]
    _pictures(run, places, words, lambda one: (one.truth == row) & (one.prediction.labels == column), key="cell")


def _worst(run: Run, judged: Answers) -> None:
    """The pictures with the lowest mean IoU."""
    values = np.array([Scores(each).miou for each in judged.confusions])
    places = [int(place) for place in np.argsort(values, kind="stable")[:SHOWN]]
    st.markdown("**The worst test pictures first**")
    words = [f"mean IoU {_share(values[place])}" for place in places]
    _pictures(run, places, words, lambda one: (one.truth != IGNORE) & (one.truth != one.prediction.labels), key="worst")
    st.caption("Painted is every pixel that is wrong. Open one to see what it was called instead.")


def _pictures(
    run: Run, places: list[int], words: list[str], marked: Callable[[Looked], np.ndarray], *, key: str
) -> None:
    """Test pictures with some pixels painted, and a way to each.

    Args:
        places: of the test pictures.
        words: to go with each.
        marked: of a `Looked`, its painted pixels, bool (H, W).
        key: begins the buttons' keys.
    """
    with st.container(horizontal=True, gap="small"):
        for place, text, one in zip(places, words, scenes.looked(run, places), strict=True):
            with st.container(width=THUMB_PX):
                st.image(painted(one, marked(one)), caption=text, width=THUMB_PX, output_format="PNG")
                st.button(
                    f"See picture {place + 1}",
                    key=f"segment.{key}.{place}",
                    type="tertiary",
                    on_click=see.open_picture,
                    args=(place,),
                    help="Opens it in the tab See.",
                )


def painted(one: Looked, marked: np.ndarray) -> np.ndarray:
    """A test picture in which some pixels stand out, uint8 (h, w, 3).

    Args:
        one: the picture.
        marked: bool (H, W).
    """
    grey = np.repeat(one.image.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    both = mask_formats.overlay(grey, marked.astype(np.uint8), ("#000000", looking.WRONG), opacity=OPACITY)
    scale = max(1, 2 * THUMB_PX // both.shape[1])
    return both.repeat(scale, axis=0).repeat(scale, axis=1)

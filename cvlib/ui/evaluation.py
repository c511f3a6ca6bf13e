"""How good is it? The test pictures' table, confusion matrix and mistakes of a run."""

from dataclasses import astuple

import numpy as np
import pandas as pd
import streamlit as st

from cvlib.engine import warm
from cvlib.figures import confusion, grid
from cvlib.runs import Run
from cvlib.tasks import classification
from cvlib.tasks.classification import Report
from cvlib.ui import downloads
from cvlib.ui.errors import escaped
from cvlib.ui.matrix import choose_cell
from cvlib.ui.session import run as call
from cvlib.ui.words import bounded_accuracy, count, percent

SHOWN = 24
"""Pictures behind a cell that are shown at once."""
PICTURE_PX = 96


def draw(run: Run) -> None:
    """The whole evaluation of a run on its test split."""
    report = classification.report(run.test["labels"], run.test["probabilities"], run.class_names)
    _headline(report)
    left, right = st.columns([3, 2], gap="large")
    with left:
        cell = _matrix(report)
    with right:
        _behind(run, report, cell)
    _table(run, report)


def _headline(report: Report) -> None:
    total = int(report.confusion.sum())
    correct = int(np.trace(report.confusion))
    low, high = bounded_accuracy(correct, total)
    st.markdown(
        f"It named **{correct:,} of {total:,}** test pictures correctly: **{percent(report.accuracy)}**. "
        f"With so many pictures, the true share lies between {percent(low)} and {percent(high)} "
        "(95 % interval). It has never seen a test picture while it learned."
    )


def _matrix(report: Report) -> tuple[int, int] | None:
    """Draw the confusion matrix; return the cell that was clicked as (truth, prediction)."""
    st.markdown("**What was taken for what** · press a square to see its pictures")
    matrix = confusion.confusion_matrix(report.confusion, report.class_names)
    cell = choose_cell(matrix, key="classification.matrix")
    st.caption(confusion.reading(report.confusion, report.class_names))
    return cell


def _behind(run: Run, report: Report, cell: tuple[int, int] | None) -> None:
    """The pictures of the chosen cell, or the most confident mistakes."""
    names = report.class_names
    if cell is None:
        st.markdown("**Its most confident mistakes**")
        indices = report.mistakes
        empty = "It made no mistake on the test pictures."
    else:
        truth, prediction = cell
        st.markdown(f"**Really “{escaped(names[truth])}”, taken for “{escaped(names[prediction])}”**")
        indices = report.cell(truth, prediction)
        empty = "There is no such picture in the test split."
    if len(indices) == 0:
        st.info(empty)
        return
    draw_pictures(run, report, indices[:SHOWN])
    if len(indices) > SHOWN:
        st.caption(f"The first {SHOWN} of {count(len(indices), 'picture')}.")


def draw_pictures(run: Run, report: Report, indices: np.ndarray) -> None:
    """Test pictures with what they are, what they were taken for, and how sure the network was."""
    pictures = call(warm.pictures, run.spec, "test", [int(index) for index in indices])
    with st.container(horizontal=True, gap="small"):
        for picture, index in zip(pictures, indices, strict=True):
            enlarged = grid.enlarge(picture, PICTURE_PX, smooth=picture.shape[0] > 48)
            st.image(enlarged, caption=_caption(report, index), width=PICTURE_PX, output_format="PNG")


def _caption(report: Report, index: int) -> str:
    """What the network said of a test picture, how sure it was, and what the picture is."""
    said, truth = int(report.predictions[index]), int(report.labels[index])
    sure = percent(float(report.confidences[index]))
    if said == truth:
        return escaped(f"✓ {report.class_names[said]}, {sure} sure")
    return escaped(f"✗ {report.class_names[said]}, {sure} sure; is {report.class_names[truth]}")


def table(report: Report) -> pd.DataFrame:
    """Precision, recall, F1 and support per class and on average, as scikit-learn's report has them."""
    rows = [(name, *astuple(row)) for name, row in zip(report.class_names, report.classes, strict=True)]
    rows.append(("accuracy", None, None, report.accuracy, int(report.confusion.sum())))
    rows.append(("macro avg", *astuple(report.macro_average)))
    rows.append(("weighted avg", *astuple(report.weighted_average)))
    return pd.DataFrame(rows, columns=["class", "precision", "recall", "F1", "support"])


def _table(run: Run, report: Report) -> None:
    frame = table(report)
    st.markdown("**Class by class**")
    number = st.column_config.NumberColumn
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "precision": number(format="%.3f", help="Of the pictures it gave this name, the share that was right."),
            "recall": number(format="%.3f", help="Of the pictures of this class, the share that it found."),
            "F1": number(format="%.3f", help="The harmonic mean of precision and recall."),
            "support": number(format="%d", help="Test pictures of this class."),
        },
    )
    st.download_button(
        "Table as CSV",
        downloads.csv_bytes(frame),
        file_name=f"{run.spec.data}-{run.spec.model}-report.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )

"""Judge a detector as COCO does: mAP, precision and recall, the kinds of mistakes, and the pictures behind each."""

import numpy as np
import pandas as pd
import streamlit as st

from cvlib.figures import boxes as drawing
from cvlib.figures import detecting
from cvlib.runs import Run
from cvlib.tasks import coco, detection, error_kinds
from cvlib.tasks.coco import Judgement
from cvlib.tasks.detection import Answers
from cvlib.ui import downloads
from cvlib.ui.detection import scenes, see
from cvlib.ui.session import run as call
from cvlib.ui.words import count, percent

SHOWN = 8
THUMB_PX = 200
ALL = "all classes together"


@st.cache_data(show_spinner="Judging …", max_entries=32)
def _judged(name: str, created: str, _answers: Answers) -> Judgement:
    """By the run and its time: its test pictures are built in, so everybody may share this."""
    return call(detection.Answers.judged, _answers)


def draw(run: Run) -> None:
    """The whole judgement of a run on its test split."""
    answers = scenes.answers(run)
    judged = _judged(run.name, run.record["created"], answers)
    _headline(judged, len(answers))
    curve, mistakes = st.columns(2, gap="large")
    with curve:
        confidence = _curve(judged)
    with mistakes:
        _mistakes(run, answers, confidence)
    _table(run, judged)


def _share(value: float) -> str:
    return "–" if np.isnan(value) else percent(value)


def _headline(judged: Judgement, total: int) -> None:
    st.markdown(
        f"Judged on **{total:,} test pictures** as the COCO challenge does. A box is right if it overlaps an object of "
        "its class enough (IoU), and if no surer box has found that object before."
    )
    numbers = {
        "mAP at IoU 0.5": (judged.map50, "Mean average precision if half an overlap is enough."),
        "mAP at IoU 0.75": (judged.map75, "The same if the box has to fit well."),
        "mAP, mean of 0.5 to 0.95": (judged.map, "COCO's main number: the mean over ten strictnesses."),
    } | {
        f"Recall, {most} a picture": (
            value,
            f"Share of objects found with the {most} surest boxes of each picture, mean over the ten strictnesses.",
        )
        for most, value in judged.recall.items()
    }
    places = [*st.columns(3), *st.columns(3)]
    for place, (label, (value, words)) in zip(places, numbers.items(), strict=True):
        place.metric(label, _share(value), help=words)


def _curve(judged: Judgement) -> float:
    """The precision-recall curve with a movable confidence; the confidence."""
    st.markdown("**How sure must it be?** The less sure boxes may be, the more it finds, and the more of it is wrong.")
    left, right = st.columns(2)
    name = left.selectbox("Class", [ALL, *judged.class_names], key="detect.judge.class")
    threshold = right.selectbox(
        "A box counts from IoU", coco.THRESHOLDS, key="detect.judge.iou", help="How well a box has to fit."
    )
    confidence = st.slider(
        "Least confidence",
        0.01,
        0.99,
        detection.CONFIDENCE,
        0.01,
        key="detect.judge.confidence",
        help="Move it along the curve.",
    )
    label = None if name == ALL else judged.class_names.index(name)
    place = coco.THRESHOLDS.index(threshold)
    figure, words = detecting.precision_recall(judged, place, label, confidence)
    st.plotly_chart(
        figure, key="detect.curve", config={"displayModeBar": False}, alt="Precision against recall; see the sentence."
    )
    st.caption(words)
    return confidence


def _mistakes(run: Run, answers: Answers, confidence: float) -> None:
    st.markdown("**What kind of mistakes?** At the confidence on the left, from an overlap of one half on.")
    chosen = answers.chosen(confidence=confidence)
    counts, kinds = error_kinds.count(answers.truth, chosen)
    st.plotly_chart(
        detecting.error_bars(counts),
        key="detect.kinds",
        config={"displayModeBar": False},
        alt="Number of boxes of each kind.",
    )
    kind = st.selectbox(
        "Show the pictures of",
        list(error_kinds.KINDS)[1:],
        format_func=_kind_in_words,
        key="detect.judge.kind",
    )
    behind = [
        (index, np.array([place for place, other in enumerate(one.kinds) if other == kind], np.int64), one.missed)
        for index, one in enumerate(kinds)
    ]
    wrong = [(index, missed if kind == "missed" else found) for index, found, missed in behind]
    _pictures(run, answers, chosen, [(index, places) for index, places in wrong if len(places)], kind)


def _kind_in_words(kind: str) -> str:
    return f"{kind}: {error_kinds.KINDS[kind]}"


def _pictures(run: Run, answers: Answers, chosen: list, wrong: list[tuple[int, np.ndarray]], kind: str) -> None:
    if not wrong:
        st.success("There is none.", icon=":material/check_circle:")
        return
    shown = wrong[:SHOWN]
    pictures = scenes.test_pictures(run, [index for index, _ in shown])
    with st.container(horizontal=True, gap="small"):
        for pixels, (index, places) in zip(pictures, shown, strict=True):
            boxes = (answers.truth if kind == "missed" else chosen)[index].take(places)
            layers = [
                (answers.truth[index], drawing.truth_lines(answers.truth[index])),
                (boxes, drawing.lines(boxes, scores=kind != "missed")),
            ]
            with st.container(width=THUMB_PX):
                scale = max(1, 256 // pixels.shape[1])
                st.image(drawing.paint(pixels, layers, scale=scale), width=THUMB_PX, output_format="PNG")
                st.button(
                    f"See picture {index + 1}",
                    key=f"detect.open.{index}",
                    type="tertiary",
                    on_click=see.open_picture,
                    args=(index,),
                    help="Opens it in the tab See.",
                )
    if len(wrong) > SHOWN:
        st.caption(f"The first {SHOWN} of {count(len(wrong), 'picture')}.")


def table(judged: Judgement) -> pd.DataFrame:
    """AP of each class and each size, in per cent; empty where there is no such object."""
    rows = [
        (name, ap50, ap) for name, ap50, ap in zip(judged.class_names, judged.by_class50, judged.by_class, strict=True)
    ]
    rows += [(f"size: {name}", None, value) for name, value in judged.by_size.items()]
    frame = pd.DataFrame(rows, columns=["what", "AP at 0.5 (%)", "AP 0.5 to 0.95 (%)"])
    for column in frame.columns[1:]:
        frame[column] = 100 * frame[column].astype(float)
    return frame


def _table(run: Run, judged: Judgement) -> None:
    frame = table(judged)
    st.markdown("**Class by class, and by size** (COCO: small is under 32 x 32 pixels, large over 96 x 96)")
    number = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(frame, hide_index=True, column_config=dict.fromkeys(frame.columns[1:], number))
    st.download_button(
        "Table as CSV",
        downloads.csv_bytes(frame),
        file_name=f"{run.spec.data}-{run.spec.model}-ap.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )

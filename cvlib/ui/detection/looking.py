"""Looking at what a detector found on one picture: sliders that answer at once, and a box that can be pressed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from cvlib.figures import boxes as drawing
from cvlib.figures import probabilities
from cvlib.figures.palette import class_color
from cvlib.tasks import detection, error_kinds
from cvlib.tasks.detection import Candidates
from cvlib.tasks.detections import Detections, beaten_by
from cvlib.ui.box_canvas import DrawnBox, choose_box
from cvlib.ui.errors import escaped
from cvlib.ui.words import percent

CROP_PX = 160
TRUTH_COLOR = "#FFFFFF"
MOST_BEATEN = 25
"""So many suppressed boxes are drawn at most, the surest."""


@dataclass(frozen=True)
class Choice:
    """What a person has set.

    Attributes:
        confidence: boxes that are less sure are left out, 0 to 1.
        overlap: IoU beyond which the surer of two boxes stays, 0 to 1.
        classes: classes that are shown.
        with_truth: whether the truth is drawn, too.
        with_beaten: whether suppressed boxes are drawn.
    """

    confidence: float
    overlap: float
    classes: tuple[int, ...]
    with_truth: bool
    with_beaten: bool


@dataclass(frozen=True, eq=False)
class View:
    """What is shown of the candidates of one picture.

    Attributes:
        kept: the boxes that stay, the surest first.
        beaten: those that non-maximum suppression takes away, the surest first.
        beaters: int64, the place in `kept` of the box that beat each of `beaten`.
        places: int64, the place of each of `kept` among the candidates.
    """

    kept: Detections
    beaten: Detections
    beaters: np.ndarray
    places: np.ndarray


def controls(class_names: tuple[str, ...], *, key: str, truth: bool) -> Choice:
    """The sliders and switches.

    Args:
        class_names: of the detector.
        key: begins the widgets' keys.
        truth: whether the truth is known.
    """
    confidence = st.slider(
        "Least confidence",
        0.01,
        0.99,
        detection.CONFIDENCE,
        0.01,
        key=f"{key}.confidence",
        help="Boxes that the detector is less sure of are hidden. Lower: it misses less and invents more.",
    )
    overlap = st.slider(
        "Overlap at which two boxes count as one",
        0.05,
        0.95,
        detection.OVERLAP,
        0.05,
        key=f"{key}.overlap",
        help="Non-maximum suppression: of two boxes of one class that share more than this (IoU), the surer one stays.",
    )
    chosen = st.pills(
        "Classes",
        class_names,
        selection_mode="multi",
        default=list(class_names),
        format_func=escaped,
        wrap=True,
        key=f"{key}.classes",
        label_visibility="collapsed",
    )
    with_truth = truth and st.toggle("The truth (white, dashed)", True, key=f"{key}.truth")
    with_beaten = st.toggle(
        "Suppressed boxes (dashed)",
        False,
        key=f"{key}.beaten",
        help="Each in the colour of the box that beat it.",
    )
    classes = tuple(class_names.index(name) for name in chosen or ())
    return Choice(confidence, overlap, classes, with_truth, with_beaten)


def view(found: Candidates, choice: Choice) -> View:
    """What is to be seen of the candidates: no network is asked again for this."""
    best = found.best()
    shown = np.flatnonzero((best.scores >= choice.confidence) & np.isin(best.labels, choice.classes))
    chosen = best.take(shown)
    winners = beaten_by(chosen, choice.overlap)
    kept, lost = np.flatnonzero(winners < 0), np.flatnonzero(winners >= 0)[:MOST_BEATEN]
    rank = {int(place): number for number, place in enumerate(kept)}
    beaters = np.array([rank[int(winners[place])] for place in lost], np.int64)
    return View(chosen.take(kept), chosen.take(lost), beaters, shown[kept])


def draw(pixels: np.ndarray, found: Candidates, choice: Choice, *, key: str, truth: Detections | None = None) -> View:
    """The picture with its boxes; a press on one shows what it is made of.

    Args:
        pixels: uint8 (H, W, 3).
        found: the candidates on it.
        choice: see `controls`.
        key: names the picture's widget.
        truth: the true boxes, where they are known.
    """
    seen = view(found, choice)
    drawn = _kept(seen.kept)
    if choice.with_beaten:
        drawn += _beaten(seen)
    if truth is not None and choice.with_truth:
        drawn += [DrawnBox(tuple(box), TRUTH_COLOR, "", "dashed") for box in truth.boxes_xyxy.tolist()]
    pressed = choose_box(key, pixels, drawn, label="The picture with the boxes that were found")
    if pressed is None or pressed >= len(seen.kept) + len(seen.beaten) * choice.with_beaten:
        st.caption(_reading(seen, truth))
    elif pressed < len(seen.kept):
        _explain(pixels, found, seen, pressed)
    else:
        _explain_beaten(seen, pressed - len(seen.kept))
    return seen


def _kept(kept: Detections) -> list[DrawnBox]:
    lines = drawing.lines(kept)
    return [
        DrawnBox(tuple(box), line.color, line.text) for box, line in zip(kept.boxes_xyxy.tolist(), lines, strict=True)
    ]


def _beaten(seen: View) -> list[DrawnBox]:
    """Suppressed boxes in the colour of the class that beat them."""
    colors = [class_color(int(seen.kept.labels[place])) for place in seen.beaters]
    edges = seen.beaten.boxes_xyxy.tolist()
    return [DrawnBox(tuple(box), color, "", "dashed") for box, color in zip(edges, colors, strict=True)]


def _reading(seen: View, truth: Detections | None) -> str:
    words = f"{len(seen.kept)} boxes. Press one to see what it is made of."
    if truth is None:
        return words
    kinds = error_kinds.sort(truth, seen.kept)
    right = sum(kind == "correct" for kind in kinds.kinds)
    return (
        f"{right} of {len(truth)} objects found, {len(seen.kept) - right} boxes wrong, {len(kinds.missed)} objects "
        "missed. Press a box to see what it is made of."
    )


def _explain(pixels: np.ndarray, found: Candidates, seen: View, pressed: int) -> None:
    """The crop, the rank and the class scores of a box."""
    one = seen.kept.take([pressed])
    left, top, right, bottom = one.boxes_xyxy[0]
    crop = pixels[
        int(top) : max(int(top) + 1, int(np.ceil(bottom))), int(left) : max(int(left) + 1, int(np.ceil(right)))
    ]
    picture, words = st.columns([1, 2], vertical_alignment="top")
    scale = max(1, CROP_PX // max(crop.shape[:2]))
    picture.image(crop.repeat(scale, axis=0).repeat(scale, axis=1), caption="What is in the box", output_format="PNG")
    name = escaped(one.class_names[one.labels[0]])
    words.markdown(
        f"**{name}**, {percent(float(one.scores[0]))} sure: number {pressed + 1} of {len(seen.kept)}. "
        f"{right - left:.0f} x {bottom - top:.0f} pixels."
    )
    beaten = int((seen.beaters == pressed).sum())
    if beaten:
        words.caption(f"It beat {beaten} other box{'es' * (beaten > 1)} of its class that lay over it.")
    words.plotly_chart(
        probabilities.probability_bars(found.class_names, found.scores[seen.places[pressed]], top=5),
        key="detect.scores",
        config={"displayModeBar": False},
        alt="Score of each class for this box.",
    )
    words.caption("Each class is judged by itself: the scores need not sum to 100 %.")


def _span(low: float, high: float) -> slice:
    """The whole pixels from one edge to the other, at least one."""
    return slice(int(low), max(int(low) + 1, int(np.ceil(high))))


def _explain_beaten(seen: View, number: int) -> None:
    one, winner = seen.beaten.take([number]), seen.kept.take([int(seen.beaters[number])])
    st.caption(
        f"Suppressed: {one.class_names[one.labels[0]]}, {percent(float(one.scores[0]))} sure. A box that is "
        f"{percent(float(winner.scores[0]))} sure covers it."
    )


def counts(kept: Detections, *, truth: Detections | None = None) -> pd.DataFrame:
    """How many of each class there are."""
    names = kept.class_names
    table = {"class": list(names), "found": np.bincount(kept.labels, minlength=len(names))}
    if truth is not None:
        table["there are"] = np.bincount(truth.labels, minlength=len(names))
    return pd.DataFrame(table)


def draw_counts(kept: Detections, *, truth: Detections | None = None) -> None:
    """The counts as a table, classes that do not occur left out."""
    frame = counts(kept, truth=truth)
    frame = frame[frame.drop(columns="class").sum(axis=1) > 0]
    if len(frame):
        st.dataframe(frame, hide_index=True, width="stretch")


def painted(pixels: np.ndarray, kept: Detections, truth: Sequence[Detections] = ()) -> np.ndarray:
    """The picture with the boxes on it, for a download: uint8 (H, W, 3)."""
    layers = [(kept, drawing.lines(kept)), *((one, drawing.truth_lines(one)) for one in truth)]
    scale = max(1, 640 // max(pixels.shape[:2]))
    return drawing.paint(pixels, layers, scale=scale)

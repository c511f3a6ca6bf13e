"""Figures on detection: precision and recall, kinds of mistakes, losses."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cvlib.figures.palette import NEUTRAL, class_color
from cvlib.tasks.coco import RECALLS, Judgement

HEIGHT = 330
BELOW = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"}
RIGHT, WRONG = "#0072B2", "#D55E00"


def _laid_out(figure: go.Figure, x: str, y: str, *, height: int = HEIGHT, **layout: Any) -> go.Figure:
    below = 72 if "legend" in layout and layout.get("showlegend", True) else 8
    return figure.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": 8, "b": below}, xaxis_title=x, yaxis_title=y, **layout
    )


def precision_recall(judged: Judgement, threshold: int, label: int | None, confidence: float) -> tuple[go.Figure, str]:
    """The precision-recall curve, with a mark where boxes are at least so sure, and what it says.

    Args:
        judged: see there.
        threshold: place in `coco.THRESHOLDS`.
        label: of one class; None for all classes, with their mean in bold.
        confidence: 0 to 1.
    """
    figure = go.Figure()
    labels = range(len(judged.class_names)) if label is None else (label,)
    for one in labels:
        curve = 100 * judged.precision[threshold, :, one]
        figure.add_scatter(
            x=100 * RECALLS,
            y=curve,
            name=judged.class_names[one],
            mode="lines",
            line={"color": class_color(one), "width": 1.5 if label is None else 3},
        )
    precision = _mean(judged.precision[threshold][:, list(labels)])
    sure = _mean(judged.confidence[threshold][:, list(labels)])
    place = _place(sure, precision, confidence)
    if place is not None:
        figure.add_scatter(
            x=[100 * RECALLS[place]],
            y=[100 * precision[place]],
            mode="markers",
            name="at this confidence",
            marker={"size": 14, "symbol": "diamond", "color": NEUTRAL, "line": {"color": "#000000", "width": 1}},
        )
    _laid_out(
        figure,
        "recall: objects that are found (%)",
        "precision: boxes that are right (%)",
        xaxis_range=[0, 101],
        yaxis_range=[0, 103],
        showlegend=label is None,
        legend=BELOW,
    )
    return figure, _reading(precision, place, confidence)


def _mean(columns: np.ndarray) -> np.ndarray:
    """The mean of each row over the columns that are known, float (101,)."""
    known = ~np.isnan(columns)
    return np.where(known, columns, 0).sum(axis=1) / np.maximum(1, known.sum(axis=1))


def _place(sure: np.ndarray, precision: np.ndarray, confidence: float) -> int | None:
    """The last recall that boxes so sure reach."""
    reached = np.flatnonzero((sure >= confidence) & (precision > 0))
    return int(reached[-1]) if len(reached) else None


def _reading(precision: np.ndarray, place: int | None, confidence: float) -> str:
    area = f"The area under the curve, {100 * precision.mean():.1f} %, is the average precision (AP)."
    if place is None:
        return f"No box is {100 * confidence:.0f} % sure. {area}"
    return (
        f"With boxes that are at least {100 * confidence:.0f} % sure it finds about {100 * RECALLS[place]:.0f} % of "
        f"the objects, and {100 * precision[place]:.0f} % of its boxes are right. {area}"
    )


def error_bars(counts: Mapping[str, int]) -> go.Figure:
    """How many boxes there are of each kind of `cvlib.tasks.error_kinds.KINDS`."""
    names, values = list(counts), list(counts.values())
    colors = [RIGHT if name == "correct" else WRONG for name in names]
    figure = go.Figure(go.Bar(x=values, y=names, orientation="h", marker_color=colors, text=values))
    return _laid_out(figure, "boxes", "", yaxis={"autorange": "reversed"})


def focal(gamma: float, confidence: float) -> go.Figure:
    """The focal loss of a cell that holds an object, beside the cross-entropy, and where a box with this score is.

    T.-Y. Lin et al., "Focal loss for dense object detection", 2017.

    Args:
        gamma: how much less sure answers count.
        confidence: score of the box, 0 to 1.
    """
    p = np.linspace(0.01, 0.99, 99)
    figure = go.Figure()
    for name, power, color in (("cross-entropy", 0.0, NEUTRAL), (f"focal, gamma {gamma:g}", gamma, RIGHT)):
        figure.add_scatter(x=100 * p, y=-((1 - p) ** power) * np.log(p), name=name, mode="lines", line_color=color)
    at = float(np.clip(confidence, 0.01, 0.99))
    figure.add_scatter(
        x=[100 * at],
        y=[-((1 - at) ** gamma) * np.log(at)],
        mode="markers",
        name="this box",
        marker={"size": 12, "color": WRONG},
    )
    return _laid_out(figure, "score of the right class (%)", "loss (nats)", legend=BELOW)


def overlap_losses(shift: float, side: float) -> go.Figure:
    """1 - IoU and 1 - GIoU of two equal squares against how far they lie apart, and where a shift is.

    H. Rezatofighi et al., "Generalized intersection over union", 2019.

    Args:
        shift: between the squares, in pixels.
        side: of the squares, in pixels.
    """
    far = np.linspace(0, 2.5 * side, 120)
    iou, giou = overlaps(far, side)
    figure = go.Figure()
    figure.add_scatter(x=far, y=1 - iou, name="1 - IoU", mode="lines", line_color=NEUTRAL)
    figure.add_scatter(x=far, y=1 - giou, name="1 - GIoU", mode="lines", line_color=RIGHT)
    here = overlaps(np.array([shift]), side)[1][0]
    figure.add_scatter(x=[shift], y=[1 - here], mode="markers", name="now", marker={"size": 12, "color": WRONG})
    return _laid_out(figure, "shift to the right (pixels)", "loss", legend=BELOW)


def overlaps(shift: np.ndarray, side: float) -> tuple[np.ndarray, np.ndarray]:
    """IoU and GIoU of two equal squares, one shifted to the right."""
    shared = np.clip(side - shift, 0, None) * side
    union = 2 * side * side - shared
    hull = (side + shift) * side
    iou = shared / union
    return iou, iou - (hull - union) / hull

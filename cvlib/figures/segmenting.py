"""Figures on segmentation: IoU of each class, the confusion of pixels, two networks side by side."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from cvlib.figures.confusion import ON_EMPTY, ON_RIGHT, ON_WRONG, RIGHT, WRONG, Cell, Matrix
from cvlib.figures.labels import plain
from cvlib.figures.palette import NEUTRAL
from cvlib.tasks.segmentation import Scores

ROW_PX = 38
BELOW = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"}
THIS, LAZY = "#0072B2", NEUTRAL
NOTEWORTHY = 0.005
"""Smaller shares are written as "<1"."""
MOST_NUMBERS = 12
"""With more classes the cells are too small for numbers."""
ROOM = 35
"""Per cent of room beside the longest bar, for its number."""


def class_bars(scores: Scores, class_names: Sequence[str], colors: Sequence[str]) -> tuple[go.Figure, str]:
    """IoU of each class and, beside it, its share of the pixels; the most frequent class at the top. And what it says.

    Args:
        scores: see there.
        class_names: K names.
        colors: of the classes, `#rrggbb`.
    """
    shares = shares_of(scores)
    order = np.argsort(-shares, kind="stable")
    figure = go.Figure()
    for values, axis, what in ((scores.iou, "x", "IoU"), (shares, "x2", "of all pixels")):
        figure.add_bar(
            x=[100 * np.nan_to_num(values[label]) for label in order],
            y=[str(place) for place in range(len(order))],
            orientation="h",
            xaxis=axis,
            name=what,
            marker_color=[colors[label] for label in order],
            text=[_number(values[label]) for label in order],
            textposition="outside",
            cliponaxis=False,
            hovertext=[plain(class_names[label], 40) for label in order],
            hovertemplate=f"%{{hovertext}}: %{{text}} % ({what})<extra></extra>",
        )
    most = 100 * float(shares.max(initial=0.01))
    figure.update_layout(
        height=90 + ROW_PX * len(order),
        margin={"l": 0, "r": 12, "t": 5, "b": 45},
        showlegend=False,
        xaxis={"domain": [0, 0.6], "range": [0, 100 + ROOM / 2], "title": "IoU (%)", "fixedrange": True},
        xaxis2={"domain": [0.66, 1], "range": [0, (1 + ROOM / 100) * most], "title": "pixels (%)", "fixedrange": True},
    )
    figure.update_yaxes(
        autorange="reversed", tickmode="array", tickvals=[str(place) for place in range(len(order))],
        ticktext=[plain(class_names[label]) for label in order], automargin=True, type="category", fixedrange=True,
    )  # fmt: skip
    return figure, _bars_reading(scores, class_names)


def shares_of(scores: Scores) -> np.ndarray:
    """Share of each class's true pixels in all of them, float64 (K,); 0 where there are none."""
    return scores.truth / max(1.0, scores.truth.sum())


def _number(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.1f}"


def _bars_reading(scores: Scores, class_names: Sequence[str]) -> str:
    shares = shares_of(scores)
    there = [label for label in range(len(shares)) if scores.truth[label] > 0]
    if not there:
        return "No pixel of the test pictures is judged."
    words = "Left: how well each class is found. Right: how much of the pictures it is. "
    worst = min(there, key=lambda label: scores.iou[label])
    return (
        f"{words}The worst, “{class_names[worst]}”, has an IoU of {_number(scores.iou[worst])} % and is "
        f"{_number(shares[worst])} % of the pixels."
    )


def pixel_matrix(confusion: np.ndarray, class_names: Sequence[str]) -> Matrix:
    """Rows are the true classes, columns what was said; each cell is its share of the row in per cent.

    Args:
        confusion: int (K, K), pixels.
        class_names: K names.
    """
    names = tuple(class_names)
    places = range(len(names))
    cells = tuple(tuple(_cell(confusion, names, row, column) for column in places) for row in places)
    return Matrix(names, names, "what it really is", "what the network said (% of the row)", cells)


def _cell(confusion: np.ndarray, names: tuple[str, ...], row: int, column: int) -> Cell:
    words, share = cell_words(confusion, names, row, column), share_of_row(confusion, row, column)
    right = row == column
    if share < NOTEWORTHY:
        seen = "<1" if share else ""
        return Cell(seen if len(names) <= MOST_NUMBERS else "", "rgba(140, 140, 140, 0.10)", ON_EMPTY, words)
    background = f"rgba({RIGHT if right else WRONG}, {0.7 + 0.3 * share**0.5:.2f})"
    text = f"{100 * share:.0f}" if len(names) <= MOST_NUMBERS else ""
    return Cell(text, background, ON_RIGHT if right else ON_WRONG, words)


def share_of_row(confusion: np.ndarray, row: int, column: int) -> float:
    """Which share of a class's pixels was called so, 0 to 1; 0 of a class that is not there."""
    return float(confusion[row, column] / max(1, confusion[row].sum()))


def cell_words(confusion: np.ndarray, names: Sequence[str], row: int, column: int) -> str:
    """A cell of the confusion in a sentence."""
    whole = int(confusion[row].sum())
    if not whole:
        return f"No pixel of the test pictures is {names[row]}."
    share = 100 * share_of_row(confusion, row, column)
    said = "rightly called so" if row == column else f"called {names[column]}"
    return f"{share:.3g} % of the pixels of {names[row]} were {said}: {confusion[row, column]:,} of {whole:,}."


def matrix_reading(confusion: np.ndarray, names: Sequence[str]) -> str:
    """The mistake that costs most pixels, in a sentence."""
    wrong = confusion - np.diag(np.diag(confusion))
    if not wrong.any():
        return "Every pixel is on the diagonal: no mistakes."
    row, column = (int(place) for place in np.unravel_index(int(wrong.argmax()), wrong.shape))
    costly = f"Most pixels are lost where {names[row]} was called {names[column]}: {wrong[row, column]:,}."
    return f"Green is right, orange wrong; every row sums to 100 %. {costly}"


MEASURES = {
    "pixel accuracy": lambda scores: scores.pixel_accuracy,
    "mean accuracy": lambda scores: scores.mean_accuracy,
    "mean IoU": lambda scores: scores.miou,
}


def side_by_side(this: Scores, lazy: Scores) -> go.Figure:
    """Three measures of a network, and of a lazy one, as bars in per cent."""
    figure = go.Figure()
    for name, scores, color in (("the lazy network", lazy, LAZY), ("this network", this, THIS)):
        values = [measure(scores) for measure in MEASURES.values()]
        figure.add_bar(
            x=list(MEASURES),
            y=[100 * np.nan_to_num(value) for value in values],
            name=name,
            marker_color=color,
            text=[_number(value) for value in values],
            textposition="outside",
            hovertemplate="%{x}: %{y:.1f} %<extra></extra>",
        )
    return figure.update_layout(
        height=300,
        margin={"l": 8, "r": 8, "t": 8, "b": 76},
        legend=BELOW,
        xaxis={"title": "measure", "fixedrange": True},
        yaxis={"title": "value (%)", "range": [0, 112], "fixedrange": True},
    )

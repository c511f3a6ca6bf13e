"""How many pictures there are of each class, and how they are split."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from cvlib.figures.labels import plain
from cvlib.figures.palette import SPLIT_COLORS


def class_counts(counts: np.ndarray, class_names: Sequence[str]) -> go.Figure:
    """Stacked bars: pictures a class in training, validation and test.

    Args:
        counts: int (3, K), rows training, validation, test.
        class_names: K names.
    """
    labels = [plain(name) for name in class_names]
    figure = go.Figure(
        [
            go.Bar(
                x=list(range(len(labels))),
                y=row.tolist(),
                name=split,
                marker_color=color,
                hovertemplate=f"{split}: %{{y:,}}<extra></extra>",
            )
            for row, (split, color) in zip(counts, SPLIT_COLORS.items(), strict=True)
        ]
    )
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(len(labels))), ticktext=labels, fixedrange=True, title="class"
    )
    figure.update_yaxes(title="pictures", fixedrange=True)
    figure.update_layout(
        barmode="stack",
        height=280,
        margin={"l": 0, "r": 0, "t": 5, "b": 0},
        legend={"orientation": "h", "yanchor": "top", "y": -0.25, "x": 0, "traceorder": "normal"},
    )
    return figure


def reading(counts: np.ndarray) -> str:
    """The split in a sentence."""
    training, validation, test = (int(row.sum()) for row in counts)
    return (
        f"{training:,} pictures to learn from, {validation:,} to watch the learning (validation), and {test:,} held "
        "out for the test."
    )

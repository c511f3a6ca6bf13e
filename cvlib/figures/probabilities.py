"""The most likely classes as bars."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from cvlib.figures.labels import plain
from cvlib.figures.palette import class_color

ROW_PX = 36


def probability_bars(names: Sequence[str], probabilities: np.ndarray, *, top: int = 5) -> go.Figure:
    """Horizontal bars, the most likely class at the top, each labelled in per cent.

    Args:
        names: K class names.
        probabilities: float (K,), 0..1.
        top: how many classes are shown at most.
    """
    order = np.argsort(-np.asarray(probabilities), kind="stable")[:top]
    shares = [100 * float(probabilities[k]) for k in order]
    figure = go.Figure(
        go.Bar(
            x=shares,
            y=[str(rank) for rank in range(len(order))],
            orientation="h",
            marker_color=[class_color(int(k)) for k in order],
            text=[f"{share:.1f} %" for share in shares],
            textposition="auto",
            cliponaxis=False,
            hovertext=[names[k] for k in order],
            hovertemplate="%{hovertext}: %{x:.2f} %<extra></extra>",
        )
    )
    figure.update_yaxes(
        autorange="reversed", tickmode="array", tickvals=[str(rank) for rank in range(len(order))],
        ticktext=[plain(names[k], 24) for k in order], automargin=True, type="category",
    )  # fmt: skip
    figure.update_xaxes(range=[0, 100], title="probability (%)", fixedrange=True)
    figure.update_layout(height=70 + ROW_PX * len(order), margin={"l": 0, "r": 10, "t": 5, "b": 40}, showlegend=False)
    return figure

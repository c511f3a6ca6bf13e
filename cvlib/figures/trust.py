"""Deletion and insertion curves, and the league table of methods."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from cvlib.figures.palette import NEUTRAL, class_color

HEIGHT_PX = 300
DASHES = ("solid", "dash", "dot")


def score_curves(shares: np.ndarray, curves: Mapping[str, np.ndarray], *, title: str, score: str) -> go.Figure:
    """One line a map: the score over the share of the picture.

    Args:
        shares: float (n,), 0 to 1.
        curves: name of the map -> float (n,), the score.
        title: of the horizontal axis, with its unit.
        score: of the vertical axis, with its unit.
    """
    figure = go.Figure(
        [
            go.Scatter(
                x=100 * shares,
                y=values,
                name=name,
                mode="lines",
                line={"color": class_color(number) if number == 0 else NEUTRAL, "dash": DASHES[number % 3],
                      "width": 3 if number == 0 else 2},
                hovertemplate="%{x:.0f} %: %{y:.3g}<extra>" + name + "</extra>",
            )
            for number, (name, values) in enumerate(curves.items())
        ]
    )  # fmt: skip
    figure.update_xaxes(title=title, range=[0, 100], fixedrange=True)
    figure.update_yaxes(title=score, fixedrange=True, rangemode="tozero")
    figure.update_layout(
        height=HEIGHT_PX, margin={"l": 0, "r": 5, "t": 5, "b": 0}, legend={"orientation": "h", "y": 1.15}
    )
    return figure

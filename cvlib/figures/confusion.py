"""The confusion matrix, whose cells can be clicked."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

RIGHT, WRONG = "0, 122, 89", "232, 137, 74"
ON_RIGHT, ON_WRONG = "#FFFFFF", "#101010"
MOST_NUMBERS = 12
"""With more classes the cells are too small for numbers."""


def confusion_matrix(matrix: np.ndarray, class_names: Sequence[str]) -> go.Figure:
    """Rows are the true classes, columns what was predicted; right cells are green, wrong ones orange, both by share.

    A heat map sends no clicks, so each cell is a square marker with `customdata` (truth, prediction, count).

    Args:
        matrix: int (K, K).
        class_names: K names.
    """
    count = len(class_names)
    rows, columns = (axis.ravel() for axis in np.mgrid[0:count, 0:count])
    numbers = matrix.ravel()
    support = np.maximum(1, matrix.sum(axis=1))[rows]
    shares = numbers / support
    colors = [_cell_color(r == c, n, share) for r, c, n, share in zip(rows, columns, numbers, shares, strict=True)]
    size = _marker_px(count)
    figure = go.Figure(
        go.Scatter(
            x=columns,
            y=rows,
            mode="markers",
            marker={"symbol": "square", "size": size, "color": colors, "opacity": 1.0},
            customdata=np.stack([rows, columns, numbers], axis=1).tolist(),
            hovertext=[
                f"really {_short(class_names[r])}, taken for {_short(class_names[c])}"
                for r, c in zip(rows, columns, strict=True)
            ],
            hovertemplate="%{hovertext}: %{customdata[2]}<extra></extra>",
            selected={"marker": {"size": 1.35 * size}},
            unselected={"marker": {"opacity": 1.0}},
        )
    )
    if count <= MOST_NUMBERS:
        # As annotations, because a trace's own text fades when another cell is chosen.
        for row, column in zip(*np.nonzero(matrix), strict=True):
            color = ON_RIGHT if row == column else ON_WRONG
            figure.add_annotation(
                x=int(column), y=int(row), text=str(matrix[row, column]), showarrow=False, font={"color": color}
            )
    axis = {"tickmode": "array", "tickvals": list(range(count)), "ticktext": [_short(name) for name in class_names],
            "showgrid": False, "zeroline": False, "fixedrange": True, "automargin": True}  # fmt: skip
    figure.update_xaxes(**axis, title="what the network said", range=[-0.5, count - 0.5], side="bottom")
    figure.update_yaxes(**axis, title="what it really is", range=[count - 0.5, -0.5])
    figure.update_layout(
        height=90 + 34 * max(4, min(count, 12)), margin={"l": 0, "r": 0, "t": 5, "b": 0}, dragmode=False,
        clickmode="event+select", showlegend=False,
    )  # fmt: skip
    return figure


def _cell_color(right: bool, number: int, share: float) -> str:
    """Green where right, orange where wrong, the stronger the larger the share of the class; grey where empty."""
    if not number:
        return "rgba(140, 140, 140, 0.10)"
    strength = 0.7 + 0.3 * float(share) ** 0.5
    return f"rgba({RIGHT if right else WRONG}, {strength:.2f})"


def _marker_px(count: int) -> int:
    return int(np.clip(320 / count, 8, 30))


def _short(name: str, longest: int = 14) -> str:
    """Plotly reads markup in labels, so what would be markup is taken out of them."""
    plain = name.replace("<", "‹").replace(">", "›").replace("&", "＆")
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def reading(matrix: np.ndarray, class_names: Sequence[str]) -> str:
    """The most frequent mistake in a sentence."""
    wrong = matrix - np.diag(np.diag(matrix))
    if not wrong.any():
        return "Every picture is on the diagonal: no mistakes."
    truth, said = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return (
        f"The diagonal holds what is right. Most often “{class_names[truth]}” was taken for “{class_names[said]}”: "
        f"{wrong[truth, said]} of {matrix[truth].sum()} pictures."
    )

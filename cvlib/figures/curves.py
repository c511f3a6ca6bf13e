"""Learning curves: loss and accuracy over the epochs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from cvlib.figures.palette import SPLIT_COLORS

SPLITS = (("training", ""), ("validation", "val_"))
HEIGHT = 220
METRICS = {
    "loss": ("loss (nats)", 1.0, [0, 2.5]),
    "accuracy": ("right (%)", 100.0, [0, 100]),
    "map50": ("mAP at IoU 0.5 (%)", 100.0, [0, 100]),
    "miou": ("mean IoU (%)", 100.0, [0, 100]),
}
OF_TASK = {"classification": ("loss", "accuracy"), "detection": ("loss", "map50"), "segmentation": ("loss", "miou")}
"""Title with unit, factor, and the axis while there is nothing to show."""


def learning_curve(history: Mapping[str, Sequence[float]], metric: str, *, epochs: int) -> dict[str, Any]:
    """One metric for training and validation over the epochs, as a Vega-Lite specification.

    Args:
        history: `loss`, `val_loss`, `accuracy`, `val_accuracy` and so on, one number an epoch; any may be missing.
        metric: of `METRICS`; shares are drawn in per cent.
        epochs: how many there will be, so that the axis does not move while they come.
    """
    title, factor, empty = METRICS[metric]
    rows = _rows(history, metric, factor)
    y_scale = {"zero": metric == "loss"} if rows else {"domain": empty}
    splits = [name for name, _ in SPLITS]
    color = {"domain": splits, "range": [SPLIT_COLORS[name] for name in splits]}
    return {
        "data": {"values": rows},
        "height": HEIGHT,
        "mark": {"type": "line", "point": {"size": 25}, "strokeWidth": 2},
        "encoding": {
            "x": {
                "field": "epoch",
                "type": "quantitative",
                "title": "epoch",
                "scale": {"domain": [min(1, epochs - 1), epochs], "nice": False},
                "axis": {"tickMinStep": 1, "format": "d", "grid": False},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "title": title,
                "scale": y_scale,
                "axis": {"tickCount": 5, "format": "~f"},
            },
            "color": {
                "field": "pictures",
                "type": "nominal",
                "scale": color,
                "legend": {"orient": "top", "title": None, "offset": 4},
            },
            "strokeDash": {"field": "pictures", "type": "nominal", "scale": {"domain": splits}, "legend": None},
            "tooltip": [
                {"field": "pictures"},
                {"field": "epoch", "type": "quantitative"},
                {"field": "value", "type": "quantitative", "format": ".3f", "title": title},
            ],
        },
    }


def _rows(history: Mapping[str, Sequence[float]], metric: str, scale: float) -> list[dict[str, Any]]:
    return [
        {"epoch": epoch, "value": scale * value, "pictures": split}
        for split, prefix in SPLITS
        for epoch, value in enumerate(history.get(prefix + metric, ()), start=1)
        if math.isfinite(value)
    ]


def reading(history: Mapping[str, Sequence[float]]) -> str:
    """What the curves say, in a sentence."""
    if "val_map50" in history:
        return "The lower the loss and the higher mAP, the better. mAP is measured on validation pictures only."
    if "val_miou" in history:
        return "The lower the loss and the higher the mean IoU, the better. It is measured on validation pictures only."
    training, validation = history.get("accuracy", ()), history.get("val_accuracy", ())
    if not training or not validation:
        return "The lower the loss and the higher the accuracy, the better. The curves grow with every epoch."
    gap = training[-1] - validation[-1]
    if gap > 0.05:
        return "The curve of the training pictures has left the other behind: the network is learning them by heart."
    return "Both curves end close together: what it has learned holds for pictures that it did not learn from."

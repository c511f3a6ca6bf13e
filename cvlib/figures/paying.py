"""With and without augmentation: test accuracy by the number of pictures, and both trainings' curves."""

from collections.abc import Mapping, Sequence
from typing import Any

from cvlib.figures.palette import NEUTRAL, SPLIT_COLORS

HEIGHT = 260
KINDS = ("without", "with")
KIND_COLORS = {"without": NEUTRAL, "with": "#0072B2"}


def intervals(rows: Sequence[Mapping[str, Any]], sizes: Sequence[str]) -> dict[str, Any]:
    """Means with their intervals side by side, as a Vega-Lite specification.

    Args:
        rows: `size` (of `sizes`), `kind` (of `KINDS`), `middle`, `low` and `high` in per cent.
        sizes: names of the numbers of pictures, in their order.
    """
    color = {
        "field": "kind",
        "type": "nominal",
        "title": "augmentation",
        "scale": {"domain": list(KINDS), "range": [KIND_COLORS[kind] for kind in KINDS]},
        "legend": {"orient": "top", "offset": 4},
    }
    across = {
        "x": {"field": "size", "type": "ordinal", "sort": list(sizes), "title": "training pictures",
              "axis": {"labelAngle": 0}},
        "xOffset": {"field": "kind", "sort": list(KINDS)},
        "color": color,
    }  # fmt: skip
    scale = {"zero": False, "nice": True}
    height = {"type": "quantitative", "title": "right on test pictures (%)", "scale": scale}
    tooltip = [
        {"field": "size", "title": "training pictures"},
        {"field": "kind", "title": "augmentation"},
        *({"field": name, "type": "quantitative", "format": ".1f", "title": title} for name, title in
          (("middle", "right (%)"), ("low", "from (%)"), ("high", "to (%)"))),
    ]  # fmt: skip
    bars = {"y": {**height, "field": "low"}, "y2": {"field": "high"}}
    dots = {
        "y": {**height, "field": "middle"},
        "shape": {"field": "kind", "type": "nominal", "title": "augmentation",
                  "scale": {"domain": list(KINDS), "range": ["circle", "diamond"]}},
        "tooltip": tooltip,
    }  # fmt: skip
    return {
        "data": {"values": list(rows)},
        "height": HEIGHT,
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": {**across, **bars}},
            {"mark": {"type": "point", "filled": True, "size": 110, "opacity": 1}, "encoding": {**across, **dots}},
        ],
    }


def curves(rows: Sequence[Mapping[str, Any]], epochs: int) -> dict[str, Any]:
    """Accuracy of training and validation pictures over the epochs, with and without, on the same axes.

    Args:
        rows: `epoch` from 1, `value` in per cent, `pictures` (`training` or `validation`), `kind` (of `KINDS`).
        epochs: how many there were.
    """
    splits = ["training", "validation"]
    return {
        "data": {"values": list(rows)},
        "height": HEIGHT,
        "mark": {"type": "line", "strokeWidth": 2},
        "encoding": {
            "x": {
                "field": "epoch",
                "type": "quantitative",
                "title": "epoch",
                "scale": {"domain": [min(1, epochs - 1), epochs], "nice": False},
                "axis": {"tickMinStep": 1, "format": "d", "grid": False},
            },
            "y": {"field": "value", "type": "quantitative", "title": "right (%)", "scale": {"zero": False}},
            "color": {
                "field": "pictures",
                "type": "nominal",
                "scale": {"domain": splits, "range": [SPLIT_COLORS[split] for split in splits]},
                "legend": {"orient": "top", "offset": 4},
            },
            "strokeDash": {
                "field": "kind",
                "type": "nominal",
                "title": "augmentation",
                "scale": {"domain": list(KINDS), "range": [[5, 4], [1, 0]]},
                "legend": {"orient": "bottom", "offset": 4},
            },
            "tooltip": [
                {"field": "pictures"},
                {"field": "kind", "title": "augmentation"},
                {"field": "epoch", "type": "quantitative"},
                {"field": "value", "type": "quantitative", "format": ".1f", "title": "right (%)"},
            ],
        },
    }

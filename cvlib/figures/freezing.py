"""The layers of a network, frozen or learning, from the picture to the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cvlib.figures.palette import CLASS_COLORS

HEIGHT = 180
FROZEN, LEARNING = "frozen", "learns"


@dataclass(frozen=True)
class Layer:
    """A layer, the number of its weights, and whether it learns."""

    name: str
    weights: int
    learns: bool


def layers(drawn: Sequence[Layer]) -> dict[str, Any]:
    """A bar a layer, its height the number of weights (logarithmic), as a Vega-Lite specification."""
    rows = [
        {"place": place, "layer": layer.name, "weights": layer.weights, "state": LEARNING if layer.learns else FROZEN}
        for place, layer in enumerate(drawn, start=1)
    ]
    return {
        "data": {"values": rows},
        "height": HEIGHT,
        "mark": {"type": "bar", "minBandSize": 2},
        "encoding": {
            "x": {"field": "place", "type": "ordinal", "title": "layers, from the picture to the answer",
                  "axis": {"labels": False, "ticks": False}},
            "y": {"field": "weights", "type": "quantitative", "title": "weights", "scale": {"type": "log"},
                  "axis": {"tickCount": 4, "format": "~s"}},
            "color": {"field": "state", "type": "nominal",
                      "scale": {"domain": [FROZEN, LEARNING], "range": [CLASS_COLORS[4], CLASS_COLORS[5]]},
                      "legend": {"orient": "top", "title": None}},
            "tooltip": [{"field": "layer"}, {"field": "weights", "type": "quantitative", "format": ","},
                        {"field": "state"}],
        },
    }  # fmt: skip


def reading(drawn: Sequence[Layer]) -> str:
    """The drawing in words."""
    frozen = [layer.weights for layer in drawn if not layer.learns]
    learning = [layer.weights for layer in drawn if layer.learns]
    return (
        f"{len(frozen)} layers with {sum(frozen):,} weights are **frozen**: other people's pictures have taught them. "
        f"{len(learning)} with {sum(learning):,} weights **learn** from yours."
    )

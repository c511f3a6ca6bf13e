"""Accuracy against the number of pictures a class, a line a way of learning."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cvlib.figures.palette import CLASS_COLORS

HEIGHT = 300


@dataclass(frozen=True)
class Point:
    """One measurement.

    Attributes:
        lane: the way of learning.
        size: pictures a class.
        share: of the held-back pictures that it names correctly, 0 to 1.
        low: lower end of its 95 % interval.
        high: upper end.
    """

    lane: str
    size: int
    share: float
    low: float
    high: float


def chart(points: Sequence[Point], lanes: Sequence[str]) -> dict[str, Any]:
    """Lines with their intervals over a logarithmic axis, as a Vega-Lite specification.

    Args:
        points: what was measured.
        lanes: all ways, in the order of the legend.
    """
    rows = [asdict(point) | {name: 100 * getattr(point, name) for name in ("share", "low", "high")} for point in points]
    sizes = sorted({point.size for point in points}) or [1]
    x = {"field": "size", "type": "quantitative", "title": "pictures a class to learn from",
         "scale": {"type": "log", "domain": [min(sizes) * 0.8, max(sizes) * 1.25], "nice": False},
         "axis": {"values": sizes, "format": "d", "grid": False}}  # fmt: skip
    y = {"type": "quantitative", "title": "held-back pictures right (%)", "scale": {"domain": [0, 100]}}
    legend = {"orient": "top", "title": None, "columns": 2, "symbolOpacity": 1}
    color = {"field": "lane", "type": "nominal", "legend": legend,
             "scale": {"domain": list(lanes), "range": list(CLASS_COLORS[: len(lanes)])}}  # fmt: skip
    numbers = [{"field": name, "type": "quantitative", "format": ".1f"} for name in ("share", "low", "high")]
    tips = [{"field": "lane"}, {"field": "size", "title": "pictures a class"}, *numbers]
    shape = {"field": "lane", "type": "nominal", "scale": {"domain": list(lanes)}, "legend": None}
    return {
        "data": {"values": rows},
        "height": HEIGHT,
        "encoding": {"x": x, "color": color},
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 2, "opacity": 0.45},
             "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}}},
            {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"y": {"field": "share", **y}}},
            {"mark": {"type": "point", "size": 60, "filled": True},
             "encoding": {"y": {"field": "share", **y}, "shape": shape, "tooltip": tips}},
        ],
    }  # fmt: skip

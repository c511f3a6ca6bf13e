"""What augmentation does to a network's answers: judged tiles, accuracy over strength, and the classes that suffer."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cvlib.figures import heat
from cvlib.figures.palette import NEUTRAL, SPLIT_COLORS

HEIGHT = 320
ROW_PX = 34
RIGHT, WRONG = "#009E73", "#D55E00"
LINE = SPLIT_COLORS["validation"]
FRAME_PX = 6
ABOVE_PX, LINE_PX = 5, 16
"""The words of a mark stand so far above the curve's field, and the second line so much higher."""
EDGE = 0.3
"""Words point away from the middle, so that those of two sides do not meet; this close to an end they point back."""


def framed(picture: np.ndarray, right: bool, to_px: int) -> np.ndarray:
    """A picture, enlarged, in a frame that says whether the answer was right; a wrong one's frame is broken.

    Args:
        picture: uint8 (H, W, 1 or 3).
        right: see above.
        to_px: longer side without the frame.

    Returns:
        uint8 (h, w, 3).
    """
    inside = heat.enlarged(picture, to_px)
    height, width = (side + 2 * FRAME_PX for side in inside.shape[:2])
    whole = np.empty((height, width, 3), np.uint8)
    whole[:] = _rgb(RIGHT if right else WRONG)
    if not right:
        rows, columns = np.arange(height)[:, None], np.arange(width)[None]
        whole[(rows // FRAME_PX + columns // FRAME_PX) % 3 == 0] = 255
    whole[FRAME_PX:-FRAME_PX, FRAME_PX:-FRAME_PX] = inside
    return whole


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[start : start + 2], 16) for start in (1, 3, 5))


def strength_curve(
    rows: Sequence[dict[str, Any]], *, title: str, ends: tuple[float, float], untouched: float,
    marks: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:  # fmt: skip
    """Accuracy over the strength of a transform, as a Vega-Lite specification.

    Args:
        rows: `value`, and `share`, `low`, `high` in per cent.
        title: of the horizontal axis, with its unit.
        ends: of the horizontal axis.
        untouched: accuracy without any change, in per cent.
        marks: where it falls: `value`, `words`, and `level` 0 or 1, of the words' height.
    """
    x = {"field": "value", "type": "quantitative", "title": title,
         "scale": {"domain": list(ends), "nice": False}, "axis": {"grid": False}}  # fmt: skip
    y = {"type": "quantitative", "title": "still right (%)", "scale": {"domain": [0, 100]}}
    numbers = [{"field": name, "type": "quantitative", "format": ".1f"} for name in ("share", "low", "high")]
    tips = [{"field": "value", "type": "quantitative", "title": title, "format": ".3g"}, *numbers]
    line = {"type": "line", "strokeWidth": 2.5, "color": LINE}
    return {
        "data": {"values": sorted(rows, key=lambda row: row["value"])},
        "height": HEIGHT,
        "layer": [
            {"mark": {"type": "rule", "strokeDash": [5, 4], "color": NEUTRAL},
             "data": {"values": [{"untouched": untouched}]},
             "encoding": {"y": {"field": "untouched", **y}}},
            {"mark": {"type": "area", "opacity": 0.22, "color": LINE},
             "encoding": {"x": x, "y": {"field": "low", **y}, "y2": {"field": "high"}}},
            {"mark": line, "encoding": {"x": x, "y": {"field": "share", **y}}},
            {"mark": {"type": "point", "size": 60, "filled": True, "color": LINE, "opacity": 1},
             "encoding": {"x": x, "y": {"field": "share", **y}, "tooltip": tips}},
            *_marked(marks, x, ends),
        ],
    }  # fmt: skip


def _marked(marks: Sequence[dict[str, Any]], x: dict[str, Any], ends: tuple[float, float]) -> list[dict[str, Any]]:
    rule = {"mark": {"type": "rule", "color": WRONG, "strokeDash": [2, 3], "strokeWidth": 2},
            "data": {"values": list(marks)}, "encoding": {"x": x}}  # fmt: skip
    return [rule, *(_words(mark, x, ends) for mark in marks)] if marks else []


def _words(mark: dict[str, Any], x: dict[str, Any], ends: tuple[float, float]) -> dict[str, Any]:
    share = (mark["value"] - ends[0]) / (ends[1] - ends[0])
    to_the_right = share < EDGE or 0.5 <= share <= 1 - EDGE
    text = {"type": "text", "color": WRONG, "fontSize": 12, "fontWeight": "bold", "baseline": "bottom",
            "align": "left" if to_the_right else "right", "y": -ABOVE_PX - LINE_PX * mark["level"]}  # fmt: skip
    return {"mark": text, "data": {"values": [mark]},
            "encoding": {"x": x, "text": {"field": "words", "type": "nominal"}}}  # fmt: skip


def class_changes(rows: Sequence[dict[str, Any]], *, after: str) -> dict[str, Any]:
    """Accuracy of each class without and with a change, as a Vega-Lite specification.

    Args:
        rows: `class`, `before` and `after` in per cent, `words` on what it is taken for; in the order from above.
        after: what the change is called in the legend.
    """
    order = [row["class"] for row in rows]
    long = [
        {**row, "which": which, "share": row[name]}
        for row in rows
        for which, name in (("untouched", "before"), (after, "after"))
    ]
    x = {"type": "quantitative", "title": "still right (% of the class)", "scale": {"domain": [0, 100]},
         "axis": {"values": [0, 25, 50, 75, 100]}}  # fmt: skip
    y = {"field": "class", "type": "nominal", "title": "class", "sort": order, "axis": {"labelLimit": 120}}
    which = {"domain": ["untouched", after]}
    legend = {"orient": "top", "title": None, "columns": 1, "labelLimit": 300}
    color = {"field": "which", "type": "nominal", "legend": legend, "scale": {**which, "range": [NEUTRAL, LINE]}}
    shape = {"field": "which", "type": "nominal", "legend": legend, "scale": {**which, "range": ["circle", "diamond"]}}
    share = {"field": "share", "type": "quantitative", "title": "right (%)", "format": ".1f"}
    tips = [{"field": "class"}, {"field": "which"}, share,
            {"field": "words", "title": "taken for"}]  # fmt: skip
    return {
        "data": {"values": long},
        "height": {"step": ROW_PX},
        "encoding": {"y": y},
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.5, "color": NEUTRAL},
             "data": {"values": list(rows)},
             "encoding": {"x": {"field": "before", **x}, "x2": {"field": "after"}}},
            {"mark": {"type": "point", "size": 110, "filled": True, "opacity": 1},
             "encoding": {"x": {"field": "share", **x}, "color": color, "shape": shape, "tooltip": tips}},
        ],
    }  # fmt: skip

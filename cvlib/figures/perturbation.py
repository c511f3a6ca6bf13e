"""A perturbation made visible, and an attack step by step."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from cvlib.figures import grid
from cvlib.figures.palette import CLASS_COLORS

FRAME_MS, LAST_MS = 120, 1500
HEIGHT = 240


def magnified(change: np.ndarray) -> tuple[np.ndarray, int]:
    """A perturbation on mid-grey, as strong as fits.

    Args:
        change: int (H, W, C), -255 to 255.

    Returns:
        uint8 (H, W, C), and how many times it was magnified.
    """
    largest = int(np.abs(change).max(initial=0))
    factor = max(1, 127 // largest) if largest else 1
    return np.clip(128 + factor * change.astype(np.int64), 0, 255).astype(np.uint8), factor


def animation(pictures: Sequence[np.ndarray], to_px: int) -> bytes:
    """The pictures one after the other, as a GIF that begins again and again.

    Args:
        pictures: uint8 (H, W, C) each.
        to_px: width and height to show them with.
    """
    frames = []
    for pixels in pictures:
        rgb = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
        frames.append(Image.fromarray(grid.enlarge(rgb, to_px, smooth=min(pixels.shape[:2]) > 48)))
    out = io.BytesIO()
    times = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0)
    return out.getvalue()


def on_its_way(steps: Sequence[int], shares: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """The probabilities of some classes over the steps of an attack, as a Vega-Lite specification.

    Args:
        steps: T of them.
        shares: float (T, K), 0 to 1.
        names: K classes.
    """
    rows = [
        {"step": int(step), "class": name, "probability": 100 * float(share)}
        for step, row in zip(steps, shares, strict=True)
        for name, share in zip(names, row, strict=True)
    ]
    color = {"field": "class", "type": "nominal", "legend": {"orient": "top", "title": None, "columns": 2},
             "scale": {"domain": list(names), "range": list(CLASS_COLORS[: len(names)])}}  # fmt: skip
    return {
        "data": {"values": rows},
        "height": HEIGHT,
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 20}},
        "encoding": {
            "x": {"field": "step", "type": "quantitative", "title": "step", "axis": {"format": "d", "tickMinStep": 1}},
            "y": {"field": "probability", "type": "quantitative", "title": "probability (%)",
                  "scale": {"domain": [0, 100]}},
            "color": color,
            "tooltip": [{"field": "class"}, {"field": "step"},
                        {"field": "probability", "type": "quantitative", "format": ".1f"}],
        },
    }  # fmt: skip


def robustness(rows: Sequence[dict[str, Any]], lines: Sequence[str]) -> dict[str, Any]:
    """Accuracy against the bound of an attack, a line a network and attack, as a Vega-Lite specification.

    Args:
        rows: `line`, `epsilon` (of 255), `share`, `low`, `high` (per cent).
        lines: names of all lines, in the order of the legend.
    """
    colors = [CLASS_COLORS[place % len(CLASS_COLORS)] for place in range(len(lines))]
    x = {"field": "epsilon", "type": "quantitative", "title": "epsilon: most that a pixel may change (of 255)"}
    y = {"type": "quantitative", "title": "still right (%)", "scale": {"domain": [0, 100]}}
    legend = {"orient": "top", "title": None, "columns": 1, "labelLimit": 400, "symbolOpacity": 1}
    scale = {"domain": list(lines), "range": colors}
    color = {"field": "line", "type": "nominal", "scale": scale, "legend": legend}
    shape = {"field": "line", "type": "nominal", "scale": {"domain": list(lines)}, "legend": None}
    tips = [
        {"field": "line"},
        {"field": "epsilon"},
        *({"field": name, "type": "quantitative", "format": ".1f"} for name in ("share", "low", "high")),
    ]
    return {
        "data": {"values": list(rows)},
        "height": HEIGHT + 60,
        "encoding": {"x": x, "color": color},
        "layer": [
            {"mark": {"type": "area", "opacity": 0.12},
             "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}}},
            {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"y": {"field": "share", **y}}},
            {"mark": {"type": "point", "size": 60, "filled": True},
             "encoding": {"y": {"field": "share", **y}, "shape": shape, "tooltip": tips}},
        ],
    }  # fmt: skip

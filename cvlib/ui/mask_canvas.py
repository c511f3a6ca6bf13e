"""Masks on a picture: to ask about pixel by pixel, or to paint with finger, pen, mouse or keyboard."""

import math
import re
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from cvlib.data.base import IGNORE
from cvlib.ui.picture_url import digest, grey_url, picture_data

FOLDER = Path(__file__).parent
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
STYLES = ("box_canvas.css", "mask_canvas.css")
"""A canvas with a mask looks like one with boxes, and has some parts of its own."""
FRAME = """
    <div class="frame">
      <img alt="" draggable="false"><canvas class="mask"></canvas><canvas class="lines"></canvas>
      <div class="layer"><i class="nib"></i><i class="ring"></i><i class="cross"></i></div>
    </div>
"""
LOOK = f"""
<div class="whole">
  <div class="stage" role="application" tabindex="0">{FRAME}</div>
  <p class="readout" role="status" aria-live="polite"><i class="swatch" aria-hidden="true"></i><span
    class="name"></span><span class="rest"></span></p>
</div>
"""
PAINT = f"""
<div class="whole editing painting">
  <div class="classes" role="group" aria-label="Class to paint"></div>
  <div class="tools" role="group" aria-label="What a press does">
    <button type="button" class="brush">Brush</button>
    <button type="button" class="fill">Fill area</button>
    <button type="button" class="eraser">Eraser</button>
    <label>Size <input class="size" type="range" min="1" step="1" aria-label="Size of the brush in pixels"></label>
  </div>
  <div class="stage" role="application" tabindex="0">{FRAME}</div>
  <div class="tools">
    <button type="button" class="undo">Undo</button>
    <button type="button" class="redo">Redo</button>
    <button type="button" class="clear">Clear</button>
    <label>Opacity <input class="opacity" type="range" min="10" max="100" step="5" value="60"></label>
  </div>
  <p class="status" role="status" aria-live="polite"></p>
  <details class="keys"><summary>With the keyboard</summary><p>
    Arrow keys move the cross-hair (with <kbd>Shift</kbd> by 10 pixels), <kbd>Space</kbd> puts the brush down, so that
    moving paints, and lifts it again, or fills an area; <kbd>0</kbd> to <kbd>9</kbd> choose the class,
    <kbd>[</kbd> and <kbd>]</kbd> the size of the brush, <kbd>Ctrl</kbd> <kbd>Z</kbd> undoes,
    <kbd>Ctrl</kbd> <kbd>Shift</kbd> <kbd>Z</kbd> does it again, <kbd>Esc</kbd> drops a stroke.
  </p></details>
</div>
"""


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A picture's mask as it is now.

    Attributes:
        token: what the browser must send with its mask to be heard.
        of: digest of the picture and the class names.
        known: digests of the mask that the sheet began with, and of the one that was returned last.
        num_classes: that it may have.
        mask: uint8 (H, W).
    """

    token: str
    of: str
    known: tuple[str, str]
    num_classes: int
    mask: np.ndarray


@cache
def _component(paint: bool) -> Callable[..., Any]:
    return st.components.v2.component(
        "vision-workshop.mask-paint" if paint else "vision-workshop.mask",
        html=PAINT if paint else LOOK,
        css="".join((FOLDER / name).read_text(encoding="utf-8") for name in STYLES),
        js=(FOLDER / "mask_canvas.js").read_text(encoding="utf-8"),
    )


def show_mask(
    key: str,
    pixels: np.ndarray,
    labels: np.ndarray,
    *,
    class_names: Sequence[str],
    colors: Sequence[str],
    confidence: np.ndarray | None = None,
    opacity: float = 0.55,
    outlines: bool = False,
    shown: Collection[int] | None = None,
    marks: Sequence[tuple[float, float, float, float, str]] = (),
    label: str = "Picture with its mask",
) -> tuple[int, int] | None:
    """Show a mask over its picture and say what is under the cursor; return the pixel that was pressed last.

    A pixel stays pressed while the picture is the same, whatever its mask.

    Args:
        key: the widget's key.
        pixels: uint8 (H, W, 3).
        labels: uint8 (H, W) of places in `class_names`; 255 is not judged and not drawn.
        class_names: of the labels; 1 to 255.
        colors: of the classes, as `#rrggbb`.
        confidence: float (H, W), the label's probability, 0..1. None says nothing of it.
        opacity: of the classes' colours over the picture, 0..1.
        outlines: whether a line is drawn where neighbouring labels differ.
        shown: the classes that are painted; None for all.
        marks: (left, top, right, bottom, CSS colour) of rectangles in pixels of the picture.
        label: what this is, for people who do not see it.

    Returns:
        (row, column) from 0; None if no pixel of this picture was pressed.

    Raises:
        ValueError: the arguments do not fit each other.
    """
    _check(pixels, labels, class_names, colors)
    if confidence is not None and confidence.shape != labels.shape:
        raise ValueError(f"confidence must be {labels.shape}; received {confidence.shape}")
    token, state = digest(pixels), st.session_state.get(key)
    data = {
        **picture_data(pixels, label),
        "token": token,
        "classes": _classes(class_names, colors),
        "labels": grey_url(labels),
        "confidence": None if confidence is None else grey_url(_in_bytes(confidence)),
        "opacity": min(max(float(opacity), 0.0), 1.0),
        "outlines": bool(outlines),
        "shown": None if shown is None else sorted(map(int, shown)),
        "marks": [_mark(*mark) for mark in marks],
        "pressed": _pressed(state.get("pressed") if state else None, token, labels.shape),
    }
    result = _component(False)(key=key, data=data, on_pressed_change=_nothing)
    return _pressed(result.pressed, token, labels.shape)


def paint_mask(
    key: str,
    pixels: np.ndarray,
    mask: np.ndarray,
    *,
    class_names: Sequence[str],
    colors: Sequence[str],
    kept: str | None = None,
    label: str = "Picture to paint on",
) -> np.ndarray:
    """Show a picture and let a person paint its mask.

    Another picture, other class names or another mask begin anew. Both kinds of caller are served: one that always
    passes the mask it began with, and one that passes back what was returned last.

    Args:
        key: the widget's key.
        pixels: uint8 (H, W, 3).
        mask: uint8 (H, W), what the picture comes with: places in `class_names`, of which 0 is the background and not
            drawn, or 255 for what is not judged, which stays until it is painted over.
        class_names: to choose from; 1 to 255.
        colors: of the classes, as `#rrggbb`.
        kept: key of the session under which the mask stays while the picture is not on the page. Pictures that take
            turns under one `key` keep their masks if each has a `kept` of its own.
        label: what the picture is, for people who do not see it.

    Returns:
        uint8 (H, W), the mask as it is now.

    Raises:
        ValueError: the arguments do not fit each other.
    """
    _check(pixels, mask, class_names, colors)
    kept = kept or f"{key}.kept"
    sheet = _sheet(kept, pixels, mask, tuple(class_names))
    data = {
        **picture_data(pixels, label),
        "token": sheet.token,
        "classes": _classes(class_names, colors),
        "runs": run_lengths(sheet.mask),
    }
    _component(True)(key=key, data=data, on_mask_change=partial(_keep, key, kept))
    return sheet.mask.copy()


def run_lengths(mask: np.ndarray) -> list[int]:
    """A mask as [value, run, value, run, ...], row by row.

    Args:
        mask: uint8 (H, W).
    """
    flat = np.ascontiguousarray(mask).reshape(-1)
    starts = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]])[: flat.size])
    runs = np.diff(np.append(starts, flat.size))
    return np.stack([flat[starts].astype(np.int64), runs], axis=1).reshape(-1).tolist()


def read_mask(sent: Any, size_hw: tuple[int, int], num_classes: int) -> np.ndarray | None:
    """The mask that a browser sent, which may send anything.

    Args:
        sent: should be what `run_lengths` makes.
        size_hw: of the picture.
        num_classes: the mask's values are below, or 255.

    Returns:
        uint8 (H, W); None if it is no whole mask of this size and these classes.
    """
    pixels = size_hw[0] * size_hw[1]
    if not isinstance(sent, list | tuple) or len(sent) % 2 or len(sent) > 2 * pixels:
        return None
    largest = max(pixels, IGNORE)
    if not all(type(number) is int and 0 <= number <= largest for number in sent):
        return None
    values, runs = np.array(sent, np.int64).reshape(-1, 2).T
    if (runs < 1).any() or runs.sum() != pixels or not _are_labels(values, num_classes):
        return None
    return np.repeat(values.astype(np.uint8), runs).reshape(size_hw)


def _are_labels(values: np.ndarray, num_classes: int) -> bool:
    return bool(((values < num_classes) | (values == IGNORE)).all())


def _check(pixels: np.ndarray, labels: np.ndarray, class_names: Sequence[str], colors: Sequence[str]) -> None:
    if labels.dtype != np.uint8 or labels.shape != pixels.shape[:2]:
        raise ValueError(f"labels must be uint8 {pixels.shape[:2]}; received {labels.dtype} {labels.shape}")
    if not 1 <= len(class_names) <= IGNORE or len(colors) != len(class_names):
        raise ValueError(f"there must be 1 to 255 classes and colors; received {len(class_names)} and {len(colors)}")
    if wrong := [color for color in colors if not COLOR.fullmatch(color)]:
        raise ValueError(f"colors must be #rrggbb; received {wrong[0]!r}")
    if not _are_labels(labels, len(class_names)):
        raise ValueError(f"labels must be below {len(class_names)} or 255; received {np.unique(labels).tolist()}")


def _classes(class_names: Sequence[str], colors: Sequence[str]) -> list[dict[str, str]]:
    return [{"name": str(name), "color": color} for name, color in zip(class_names, colors, strict=True)]


def _in_bytes(confidence: np.ndarray) -> np.ndarray:
    """Shares of 255, which are finer than the per cent that are shown."""
    return np.rint(np.clip(np.nan_to_num(confidence), 0, 1) * 255).astype(np.uint8)


def _mark(left: float, top: float, right: float, bottom: float, color: str) -> dict[str, Any]:
    edges = [float(edge) for edge in (left, top, right, bottom)]
    if not (all(map(math.isfinite, edges)) and left <= right and top <= bottom):
        raise ValueError(f"a mark must be left, top, right, bottom and a colour; received {edges}")
    return {"box": edges, "color": str(color)}


def _pressed(sent: Any, token: str, size_hw: tuple[int, ...]) -> tuple[int, int] | None:
    """The pixel that a browser says was pressed; None if it is none of this picture."""
    if not isinstance(sent, dict) or sent.get("token") != token:
        return None
    row, column = sent.get("row"), sent.get("column")
    inside = type(row) is int and type(column) is int and 0 <= row < size_hw[0] and 0 <= column < size_hw[1]
    return (row, column) if inside else None


def _nothing() -> None:
    """A component's state is only sent if somebody listens."""


def _sheet(kept: str, pixels: np.ndarray, mask: np.ndarray, class_names: tuple[str, ...]) -> _Sheet:
    """The picture's sheet: the one that is kept, or a new one if something else is asked for."""
    of, came = digest(pixels, *class_names), digest(mask)
    sheet = st.session_state.get(kept)
    if not isinstance(sheet, _Sheet) or sheet.of != of or came not in sheet.known:
        sheet = _Sheet(secrets.token_hex(8), of, (came, came), len(class_names), mask.copy())
    sheet = replace(sheet, known=(sheet.known[0], digest(sheet.mask)))
    st.session_state[kept] = sheet
    return sheet


def _keep(key: str, kept: str) -> None:
    """Take over what a person painted, unless it belongs to a picture that is no longer shown."""
    sheet, sent = st.session_state.get(kept), st.session_state[key].get("mask")
    if not isinstance(sheet, _Sheet) or not isinstance(sent, dict) or sent.get("token") != sheet.token:
        return
    mask = read_mask(sent.get("runs"), sheet.mask.shape[:2], sheet.num_classes)
    if mask is not None:
        st.session_state[kept] = replace(sheet, mask=mask)

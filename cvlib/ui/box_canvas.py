"""Boxes on a picture: to draw and change with finger, pen, mouse or keyboard, or to look at and choose one of."""

import math
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st

from cvlib.figures.palette import class_color
from cvlib.tasks.detections import Detections
from cvlib.ui.picture_url import digest, picture_data

FOLDER = Path(__file__).parent
MOST_BOXES = 100
SMALLEST_PX = 2
"""Boxes with a shorter side, in pixels of the picture, are slips of the hand."""
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
HTML = """
<div class="whole">
  <div class="classes" role="group" aria-label="Class of the box"></div>
  <div class="stage" role="application" tabindex="0">
    <div class="frame"><img alt="" draggable="false"><div class="layer"></div></div>
  </div>
  <div class="tools">
    <button type="button" class="fresh">New box</button>
    <button type="button" class="remove">Delete</button>
    <button type="button" class="undo">Undo</button>
  </div>
  <p class="status" role="status"></p>
  <details class="keys"><summary>With the keyboard</summary><p>
    <kbd>N</kbd> new box, arrow keys move it (with <kbd>Shift</kbd> by less, with <kbd>Ctrl</kbd> they resize it),
    <kbd>[</kbd> and <kbd>]</kbd> go to the next box, <kbd>1</kbd> to <kbd>9</kbd> choose the class,
    <kbd>Delete</kbd> removes, <kbd>Ctrl</kbd> <kbd>Z</kbd> undoes.
  </p></details>
</div>
"""


@dataclass(frozen=True)
class DrawnBox:
    """A box to look at.

    Attributes:
        xyxy: left, top, right, bottom edge in pixels of the picture.
        color: `#rrggbb`.
        text: what stands beside it, such as "circle 93 %"; may be empty.
        style: of its line.

    Raises:
        ValueError: the edges are no box, or the colour or the style is none.
    """

    xyxy: tuple[float, float, float, float]
    color: str
    text: str = ""
    style: Literal["solid", "dashed", "thick"] = "solid"

    def __post_init__(self) -> None:
        left, top, right, bottom = self.xyxy
        if not (all(map(math.isfinite, self.xyxy)) and left <= right and top <= bottom):
            raise ValueError(f"xyxy must be left, top, right, bottom; received {self.xyxy}")
        if not COLOR.fullmatch(self.color):
            raise ValueError(f"color must be #rrggbb; received {self.color!r}")
        if self.style not in ("solid", "dashed", "thick"):
            raise ValueError(f"style must be solid, dashed or thick; received {self.style!r}")


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A picture's boxes as they are now.

    Attributes:
        token: what the browser must send with its boxes to be heard.
        of: digest of the picture and the class names.
        known: digests of the boxes that the sheet began with, and of those that were returned last.
        size_hw: of the picture.
        most: boxes that it may have.
        boxes: on it.
    """

    token: str
    of: str
    known: tuple[str, str]
    size_hw: tuple[int, int]
    most: int
    boxes: Detections


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "vision-workshop.boxes",
        html=HTML,
        css=(FOLDER / "box_canvas.css").read_text(encoding="utf-8"),
        js=(FOLDER / "box_canvas.js").read_text(encoding="utf-8"),
    )


def draw_boxes(
    key: str,
    pixels: np.ndarray,
    boxes: Detections,
    *,
    editable: bool = True,
    most: int = MOST_BOXES,
    kept: str | None = None,
    label: str = "Picture with boxes",
) -> Detections:
    """Show a picture with its boxes and let a person change them.

    Another picture, other class names or other boxes begin anew. Both kinds of caller are served: one that always
    passes the boxes it began with, and one that passes back what was returned last.

    Args:
        key: the widget's key.
        pixels: uint8 (H, W, 3).
        boxes: what the picture comes with, in its pixels; their class names are those to choose from.
        editable: whether they can be changed, or only be seen.
        most: boxes that can be there; more only if it comes with more.
        kept: key of the session under which the boxes stay while the picture is not on the page. Pictures that take
            turns under one `key` keep their boxes if each has a `kept` of its own.
        label: what the picture is, for people who do not see it.

    Returns:
        The boxes as they are now, within the picture and at least 2 pixels a side, with scores of 1.
    """
    kept = kept or f"{key}.kept"
    sheet = _sheet(kept, pixels, boxes, most)
    if not editable:
        choose_box(key, pixels, as_drawn(sheet.boxes), label=label)
        return sheet.boxes
    data = {
        **picture_data(pixels, label),
        "token": sheet.token,
        "classes": [{"name": name, "color": class_color(index)} for index, name in enumerate(sheet.boxes.class_names)],
        "boxes": [
            [*box, place]
            for box, place in zip(sheet.boxes.boxes_xyxy.tolist(), sheet.boxes.labels.tolist(), strict=True)
        ],
        "most": sheet.most,
    }
    _component()(key=key, data=data, on_boxes_change=partial(_keep, key, kept))
    return sheet.boxes


def choose_box(key: str, pixels: np.ndarray, boxes: Sequence[DrawnBox], *, label: str = "Boxes") -> int | None:
    """Show boxes on a picture; return the place of the one that was pressed last, None if none is.

    A box stays chosen while it is among `boxes`, wherever it stands there.

    Args:
        key: the widget's key.
        pixels: uint8 (H, W, 3).
        boxes: in pixels of the picture.
        label: what this is, for people who do not see it.
    """
    token = digest(pixels)
    state = st.session_state.get(key)
    data = {
        **picture_data(pixels, label),
        "token": token,
        "boxes": [{"box": _edges(one), "color": one.color, "text": one.text, "style": one.style} for one in boxes],
        "chosen": _chosen(state.get("chosen") if state else None, token, boxes),
    }
    result = _component()(key=key, data=data, on_chosen_change=_nothing)
    return _chosen(result.chosen, token, boxes)


def as_drawn(boxes: Detections) -> list[DrawnBox]:
    """Boxes to look at, in the colours and with the names of their classes."""
    edges = boxes.boxes_xyxy.tolist()
    return [
        DrawnBox(tuple(box), class_color(place), boxes.class_names[place])
        for box, place in zip(edges, boxes.labels.tolist(), strict=True)
    ]


def read_boxes(sent: Any, size_hw: tuple[int, int], class_names: tuple[str, ...], most: int) -> Detections | None:
    """The boxes that a browser sent, which may send anything.

    Args:
        sent: should be a list of [left, top, right, bottom, label].
        size_hw: of the picture; what lies outside is cut off.
        class_names: of the labels.
        most: boxes that are taken; further ones are left out, as are those that make no sense.

    Returns:
        None if it is no list at all.
    """
    if not isinstance(sent, list | tuple):
        return None
    rows = [row for row in sent[: 10 * most] if _is_box(row, len(class_names))]
    edges = np.array([row[:4] for row in rows], np.float64).reshape(-1, 4)
    labels = np.array([row[4] for row in rows], np.int64)
    found = _usable(edges, labels, size_hw, class_names)
    return found.take(range(min(most, len(found))))


def _is_box(row: Any, classes: int) -> bool:
    return (
        isinstance(row, list | tuple)
        and len(row) == 5
        and all(type(value) in (int, float) and abs(value) < 1e9 for value in row)
        and type(row[4]) is int
        and 0 <= row[4] < classes
    )


def _usable(edges: np.ndarray, labels: np.ndarray, size_hw: tuple[int, int], names: tuple[str, ...]) -> Detections:
    """Those that have a size within the picture."""
    height, width = size_hw
    boxes = np.clip(edges, 0, np.array([width, height, width, height])).astype(np.float32)
    large = (boxes[:, 2:] - boxes[:, :2] >= SMALLEST_PX - 1e-3).all(axis=1)
    return Detections(boxes[large], labels[large], np.ones(large.sum(), np.float32), names)


def _sheet(kept: str, pixels: np.ndarray, boxes: Detections, most: int) -> _Sheet:
    """The picture's sheet: the one that is kept, or a new one if something else is asked for."""
    of, came = digest(pixels, *boxes.class_names), _digest_of(boxes)
    sheet = st.session_state.get(kept)
    if not isinstance(sheet, _Sheet) or sheet.of != of or came not in sheet.known:
        usable = _usable(boxes.boxes_xyxy, boxes.labels, pixels.shape[:2], boxes.class_names)
        sheet = _Sheet(secrets.token_hex(8), of, (came, came), pixels.shape[:2], max(most, len(usable)), usable)
    returned = _digest_of(sheet.boxes)
    sheet = replace(sheet, known=(sheet.known[0], returned))
    st.session_state[kept] = sheet
    return sheet


def _keep(key: str, kept: str) -> None:
    """Take over what a person changed, unless it belongs to a picture that is no longer shown."""
    sheet, sent = st.session_state.get(kept), st.session_state[key].get("boxes")
    if not isinstance(sheet, _Sheet) or not isinstance(sent, dict) or sent.get("token") != sheet.token:
        return
    boxes = read_boxes(sent.get("boxes"), sheet.size_hw, sheet.boxes.class_names, sheet.most)
    if boxes is not None:
        st.session_state[kept] = replace(sheet, boxes=boxes)


def _nothing() -> None:
    """A component's state is only sent if somebody listens."""


def _chosen(sent: Any, token: str, boxes: Sequence[DrawnBox]) -> int | None:
    """The place of the box that a browser says was chosen; None if it is none of this picture."""
    if not isinstance(sent, dict) or sent.get("token") != token:
        return None
    edges, index = sent.get("box"), sent.get("index")
    same = [place for place, box in enumerate(boxes) if _edges(box) == edges]
    return index if type(index) is int and index in same else next(iter(same), None)


def _edges(box: DrawnBox) -> list[float]:
    return [float(value) for value in box.xyxy]


def _digest_of(boxes: Detections) -> str:
    return digest(boxes.boxes_xyxy, *map(str, boxes.labels.tolist()))

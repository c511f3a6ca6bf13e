"""Boxes on pictures, for looking at many of them at once."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from cvlib.figures.palette import class_color
from cvlib.tasks.detections import Detections

TRUTH_COLOR = "#FFFFFF"
DASH_PX = 6
TEXT_PX = 13
LIGHT = 140
"""Mean of a colour from which on black text is read more easily on it than white."""


@dataclass(frozen=True)
class Line:
    """How a box is drawn: `#rrggbb`, its label (none if empty), `solid` or `dashed`, width in pixels."""

    color: str
    text: str = ""
    style: str = "solid"
    width: int = 2


def lines(found: Detections, *, scores: bool = True, style: str = "solid") -> list[Line]:
    """Each box in its class's colour, with its class and how sure it is."""
    texts = [
        f"{found.class_names[label]} {100 * score:.0f} %" if scores else found.class_names[label]
        for label, score in zip(found.labels, found.scores, strict=True)
    ]
    return [Line(class_color(int(label)), text, style) for label, text in zip(found.labels, texts, strict=True)]


def truth_lines(truth: Detections) -> list[Line]:
    """The truth: dashed and white, on a dark line that shows it on light grounds."""
    return [Line(TRUTH_COLOR, "", "dashed")] * len(truth)


def paint(picture: np.ndarray, layers: Sequence[tuple[Detections, Sequence[Line]]], *, scale: int = 1) -> np.ndarray:
    """A picture with boxes on it.

    Args:
        picture: uint8 (H, W, 3).
        layers: boxes in the picture's pixels, each with its lines; later ones lie over earlier ones.
        scale: so many times as large, without smoothing where it is over 1 and the picture under 64 pixels.

    Returns:
        uint8 (H * scale, W * scale, 3).
    """
    size = (picture.shape[1] * scale, picture.shape[0] * scale)
    kind = Image.Resampling.NEAREST if min(picture.shape[:2]) < 64 else Image.Resampling.LANCZOS
    canvas = Image.fromarray(picture).resize(size, kind)
    pen = ImageDraw.Draw(canvas)
    for found, styles in layers:
        for box, line in zip(found.boxes_xyxy * scale, styles, strict=True):
            _outline(pen, box.tolist(), line)
        for box, line in zip(found.boxes_xyxy * scale, styles, strict=True):
            if line.text:
                _label(pen, box.tolist(), line, size)
    return np.asarray(canvas)


def _outline(pen: ImageDraw.ImageDraw, box: list[float], line: Line) -> None:
    left, top, right, bottom = box[0], box[1], box[2] - 1, box[3] - 1
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    for start, end in itertools.pairwise(corners):
        if line.style == "dashed":
            pen.line([start, end], fill="#000000", width=line.width)
            _dashes(pen, start, end, line)
        else:
            pen.line([start, end], fill=line.color, width=line.width)


def _dashes(pen: ImageDraw.ImageDraw, start: tuple[float, float], end: tuple[float, float], line: Line) -> None:
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1.0)
    way = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    for at in np.arange(0, length, 2 * DASH_PX):
        upto = min(at + DASH_PX, length)
        pen.line(
            [(start[0] + at * way[0], start[1] + at * way[1]), (start[0] + upto * way[0], start[1] + upto * way[1])],
            fill=line.color,
            width=line.width,
        )


def _label(pen: ImageDraw.ImageDraw, box: list[float], line: Line, size: tuple[int, int]) -> None:
    """The text over the box, or within it where there is no room above; never outside of the picture."""
    font = ImageFont.load_default(TEXT_PX)
    width, height = pen.textlength(line.text, font=font) + 4, TEXT_PX + 3
    left = max(0, min(box[0], size[0] - width))
    top = box[1] - height if box[1] >= height else box[1]
    pen.rectangle([left, top, left + width, top + height], fill=line.color)
    pen.text((left + 2, top), line.text, fill=readable_on(line.color), font=font)


def readable_on(color: str) -> str:
    """Black or white, whichever is read more easily on this colour."""
    red, green, blue = ImageColor.getrgb(color)
    return "#000000" if 0.3 * red + 0.59 * green + 0.11 * blue > LIGHT else "#FFFFFF"


AREAS = ("#0072B2", "#E69F00", "#009E73")
"""Colours of what only the first box covers, only the second, and both."""


def areas(size_hw: tuple[int, int], one: np.ndarray, other: np.ndarray, to_px: int) -> np.ndarray:
    """Two boxes as areas: uint8 (h, w, 3), the longer side `to_px`.

    Args:
        size_hw: of the picture that they lie on.
        one: float (4,), xyxy.
        other: the same.
        to_px: in pixels.
    """
    scale = to_px / max(size_hw)
    y, x = (np.arange(round(side * scale)) / scale for side in size_hw)
    inside = [((x >= box[0]) & (x < box[2]))[None, :] & ((y >= box[1]) & (y < box[3]))[:, None] for box in (one, other)]
    canvas = np.full((*inside[0].shape, 3), 235, np.uint8)
    for mask, color in zip((inside[0], inside[1], inside[0] & inside[1]), AREAS, strict=True):
        canvas[mask] = ImageColor.getrgb(color)
    return canvas


def grid(
    picture: np.ndarray, step: float, *, scale: int, cell: tuple[int, int] | None = None, most: int = 64
) -> np.ndarray:
    """A picture with a grid of cells over it, and one of them filled.

    Args:
        picture: uint8 (H, W, 3).
        step: side of a cell in pixels of the picture.
        scale: so many times as large.
        cell: row and column of the filled one.
        most: with more lines than this across, none are drawn.

    Returns:
        uint8 (H * scale, W * scale, 3).
    """
    size = (picture.shape[1] * scale, picture.shape[0] * scale)
    canvas = Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)
    pen, side = ImageDraw.Draw(canvas, "RGBA"), step * scale
    if size[0] / side <= most:
        for x in np.arange(side, size[0], side):
            pen.line([(x, 0), (x, size[1])], fill=(255, 255, 255, 90))
        for y in np.arange(side, size[1], side):
            pen.line([(0, y), (size[0], y)], fill=(255, 255, 255, 90))
    if cell is not None:
        top, left = cell[0] * side, cell[1] * side
        pen.rectangle([left, top, left + side - 1, top + side - 1], fill=(255, 255, 255, 150), outline="#000000")
    return np.asarray(canvas)

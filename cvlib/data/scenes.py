"""Pictures with any number of drawn shapes: the picture, a box for each shape, and a mask of classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from cvlib.data.clutter import colours_apart, draw_background, texture
from cvlib.data.outlines import OUTLINES, Outline

FINE = 4
"""Outlines are drawn this much larger and scaled down, for smooth edges."""
NAMES = tuple(OUTLINES)
RADIUS = (0.26, 0.42)
"""Smallest and largest radius of a shape that is alone in its picture, as a share of the shorter side."""
SQUEEZE = (0.88, 1.0)
"""A shape's height as a share of what its width asks for: little enough that a square stays one to the eye."""
TURN = np.pi / 8
"""A shape is turned by this much at most, to either side, in radians."""
LARGEST_SPECK = 0.06
"""The same for the background's specks, which must not pass for a shape."""
TRIES = 12
"""So many places are tried for a shape among others before it may overlap one."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A drawn picture and the truth about it.

    Attributes:
        image: uint8 (H, W, 3) RGB.
        boxes_xyxy: float32 (k, 4), tight around the visible pixels of each object: left, top, right, bottom edge.
        box_labels: int64 (k,), class index of each box.
        mask: uint8 (H, W), 0 background, class index + 1 where an object covers half of the pixel or more.
    """

    image: np.ndarray
    boxes_xyxy: np.ndarray
    box_labels: np.ndarray
    mask: np.ndarray


@dataclass(frozen=True)
class Pose:
    """Where a shape lies: centre (x, y) and radius in pixels, turn in radians, and how far it is squeezed."""

    centre: np.ndarray
    radius: float
    turn: float
    squeeze: float

    def place(self, points: np.ndarray) -> np.ndarray:
        """Points of the unit circle, float (n, 2), as pixels of the picture."""
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        turned = (points * (1.0, self.squeeze)) @ np.array([[cos, sin], [-sin, cos]])
        return self.centre + self.radius * turned

    def own_frame(self, window: "Window") -> tuple[np.ndarray, np.ndarray]:
        """Position of a window's pixels in the shape's own frame: two float64 (h, w), -1..1 within the shape."""
        y, x = np.ogrid[window.top : window.bottom, window.left : window.right]
        x, y = (x + 0.5 - self.centre[0]) / self.radius, (y + 0.5 - self.centre[1]) / self.radius
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        return x * cos + y * sin, y * cos - x * sin

    def window(self, size_hw: tuple[int, int]) -> "Window":
        """The part of the picture that it may cover."""
        low = np.floor(self.centre - self.radius).astype(int) - 1
        high = np.ceil(self.centre + self.radius).astype(int) + 2
        (left, top), (right, bottom) = np.maximum(low, 0).tolist(), np.minimum(high, size_hw[::-1]).tolist()
        return Window(left, top, right, bottom)


@dataclass(frozen=True)
class Window:
    """A part of a picture: its edges in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def place(self) -> tuple[slice, slice]:
        """Where it is in an array."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def times(self, factor: int) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in a picture that is so many times as large."""
        return self.left * factor, self.top * factor, self.right * factor, self.bottom * factor


def _poses(rng: np.random.Generator, size_hw: tuple[int, int], count: int) -> list[Pose]:
    """Poses for `count` shapes, wholly inside the picture, apart from each other where there is room."""
    side, poses = min(size_hw), []
    for _ in range(count):
        radius = rng.uniform(*RADIUS) * side / np.sqrt(count)
        centres = rng.uniform(radius, np.array(size_hw[::-1]) - radius, (TRIES, 2))
        gaps = [
            min((np.hypot(*(centre - other.centre)) - other.radius for other in poses), default=side)
            for centre in centres
        ]
        # The first place that is free; else the one with the widest gap.
        free = next((i for i, gap in enumerate(gaps) if gap >= radius), int(np.argmax(gaps)))
        poses.append(Pose(centres[free], radius, rng.uniform(-TURN, TURN), rng.uniform(*SQUEEZE)))
    return poses


def _coverage(outline: Outline, pose: Pose, size_hw: tuple[int, int], window: Window | None = None) -> np.ndarray:
    """Share of each pixel of the window (or of the whole picture) that the shape covers: float32 (h, w) in [0, 1]."""
    window = window or Window(0, 0, size_hw[1], size_hw[0])
    canvas = Image.new("L", (size_hw[1] * FINE, size_hw[0] * FINE))
    pen = ImageDraw.Draw(canvas)
    for points, fill in ((outline.edge, 255), (outline.hole, 0)):
        if points is not None:
            # Pillow cuts coordinates down to whole numbers, which on average is the half pixel between a pixel's
            # corner, where our coordinates begin, and its centre, which Pillow's name.
            pen.polygon([tuple(point) for point in (pose.place(points) * FINE).tolist()], fill=fill)
    return np.asarray(canvas.reduce(FINE, box=window.times(FINE)), dtype=np.float32) / 255


def _paint(rng: np.random.Generator, image: np.ndarray, cover: np.ndarray, pose: Pose, window: Window) -> None:
    """Lay a textured shape over the picture (float32 (H, W, 3)), in place; `cover` is of the window."""
    part, inside = image[window.place], cover > 0
    ground = part[inside].mean(axis=0) if inside.any() else image.mean(axis=(0, 1))
    first, second = colours_apart(rng, ground).astype(np.float32)
    share = texture(rng, *pose.own_frame(window))[..., np.newaxis]
    alpha = cover[..., np.newaxis]
    part += alpha * (first + share * (second - first) - part)


def _box(visible: np.ndarray) -> tuple[int, int, int, int] | None:
    """The tight box (left, top, right, bottom edge) around the True pixels of a bool (H, W); None without any."""
    columns, rows = np.flatnonzero(visible.any(axis=0)), np.flatnonzero(visible.any(axis=1))
    if not len(columns):
        return None
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def draw_scene(rng: np.random.Generator, size_hw: tuple[int, int], classes: Sequence[int]) -> Scene:
    """Draw shapes over a cluttered background; colour, texture, size, place and turn tell nothing about the class.

    Args:
        rng: where every choice comes from.
        size_hw: height and width in pixels.
        classes: class index (place in `OUTLINES`) of each shape; later ones lie over earlier ones.

    Returns:
        The scene. A shape that others hide completely has no box.
    """
    image = draw_background(rng, size_hw, largest_speck=LARGEST_SPECK / np.sqrt(max(len(classes), 1)))
    owner = np.zeros(size_hw, np.int64)
    for number, (label, pose) in enumerate(zip(classes, _poses(rng, size_hw, len(classes)), strict=True), start=1):
        window = pose.window(size_hw)
        cover = _coverage(OUTLINES[NAMES[label]], pose, size_hw, window)
        _paint(rng, image, cover, pose, window)
        owner[window.place][cover >= 0.5] = number
    # Last, so that a picture of another size is the same but for its grain.
    image += rng.uniform(0, 12) * rng.standard_normal(image.shape, dtype=np.float32)
    boxes = {number: _box(owner == number) for number in range(1, len(classes) + 1)}
    seen = [number for number, box in boxes.items() if box is not None]
    values = np.concatenate([[0], np.asarray(classes, dtype=np.int64) + 1])
    return Scene(
        image=np.clip(np.rint(image), 0, 255).astype(np.uint8),
        boxes_xyxy=np.array([boxes[number] for number in seen], np.float32).reshape(-1, 4),
        box_labels=np.array([classes[number - 1] for number in seen], np.int64),
        mask=values[owner].astype(np.uint8),
    )

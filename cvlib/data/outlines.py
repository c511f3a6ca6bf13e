"""The outlines of the drawn shapes, as polygons in the unit circle."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

RING_HOLE = 0.55
"""Radius of a ring's hole, as a share of its own."""


@dataclass(frozen=True)
class Outline:
    """The edge of a shape and of the hole in it, if any: float64 (n, 2), x right and y down, within radius 1."""

    edge: np.ndarray
    hole: np.ndarray | None = None


def _regular(corners: int, radius: float = 1.0, start: float = -np.pi / 2) -> np.ndarray:
    angles = start + 2 * np.pi * np.arange(corners) / corners
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _star(points: int = 5, inner: float = 0.42) -> np.ndarray:
    star = _regular(2 * points)
    star[1::2] *= inner
    return star


def _cross(half_width: float = 0.3) -> np.ndarray:
    arm, corner = 0.95, half_width
    quarter = np.array([[corner, -corner], [arm, -corner], [arm, corner]])
    turns = [np.linalg.matrix_power(np.array([[0, 1], [-1, 0]]), turn) for turn in range(4)]
    return np.concatenate([quarter @ turn for turn in turns])


def _heart() -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    heart = np.stack([x, y], axis=1)
    heart -= (heart.max(axis=0) + heart.min(axis=0)) / 2
    return heart / np.linalg.norm(heart, axis=1).max()


def _crescent(opening: float = 0.7) -> np.ndarray:
    outer = np.linspace(opening, 2 * np.pi - opening, 40)
    # The inner arc runs back between the same two tips, on a circle whose centre lies towards the opening.
    tip_x, tip_y = np.cos(opening), np.sin(opening)
    centre = 0.55
    radius, half = np.hypot(tip_x - centre, tip_y), np.arctan2(tip_y, tip_x - centre)
    inner = np.linspace(2 * np.pi - half, half, 30)
    return np.concatenate(
        [
            np.stack([np.cos(outer), np.sin(outer)], axis=1),
            np.stack([centre + radius * np.cos(inner), radius * np.sin(inner)], axis=1),
        ]
    )


OUTLINES: Mapping[str, Outline] = {
    "circle": Outline(_regular(64, radius=0.92)),
    "square": Outline(_regular(4, start=np.pi / 4)),
    "triangle": Outline(_regular(3)),
    "star": Outline(_star()),
    "cross": Outline(_cross()),
    "ring": Outline(_regular(64, radius=0.92), hole=_regular(64, radius=0.92 * RING_HOLE)),
    "heart": Outline(_heart()),
    "crescent": Outline(_crescent()),
}
"""By class name. The order is the order of the labels; add at the end only."""

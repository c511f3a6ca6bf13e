"""A person's picture as a network takes it: its size, its colours, its ink."""

from typing import Literal

import numpy as np
from PIL import Image

INK_SHARE = 0.15
"""Ink is what differs from the paper by more than this share of the picture's range."""
MNIST_SHARES = (20 / 28, 20 / 28)
"""MNIST's digits fill at most 20 of 28 pixels either way."""
TINY_SHARES = (1.0, 6 / 8)
"""The 8 x 8 digits fill their height, and 6 of 8 pixels across."""
TINY_SIDE = 16


def fit_for_network(
    pixels: np.ndarray,
    size_hw: tuple[int, int],
    channels: int,
    *,
    invert: bool | Literal["auto"] = False,
    center_digit: bool = False,
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Make a picture fit, and say what was done.

    Args:
        pixels: uint8 (H, W, 3) RGB.
        size_hw: what the network takes.
        channels: 1 (grey) or 3.
        invert: turn dark on light into light on dark; `auto` does so where the border is lighter than the middle.
        center_digit: crop to the ink and put its centre of mass into the middle, as MNIST was made (LeCun et al.,
            "Gradient-based learning applied to document recognition", 1998).

    Returns:
        uint8 (h, w, channels), and the steps in words.
    """
    steps = []
    picture = Image.fromarray(pixels)
    if channels == 1:
        picture = picture.convert("L")
        steps.append("made grey")
    if invert is True or (invert == "auto" and _is_dark_on_light(np.asarray(picture))):
        picture = Image.fromarray(255 - np.asarray(picture))
        steps.append("light and dark swapped")
    if center_digit:
        ink = _stretched(np.asarray(picture))
        fitted = _centred(ink, size_hw)
        steps.append("cropped to the ink and centred")
    else:
        fitted, cut = _covering(picture, size_hw)
        steps += ["cut to a square from the middle"] if cut else []
    steps.append(f"made {size_hw[1]} x {size_hw[0]} pixels")
    return fitted.reshape(*size_hw, channels), tuple(steps)


def _is_dark_on_light(grey: np.ndarray) -> bool:
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return bool(np.median(border) > 127)


def _covering(picture: Image.Image, size_hw: tuple[int, int]) -> tuple[np.ndarray, bool]:
    """The largest middle part of the right shape, made the right size; and whether anything was cut off."""
    height, width = size_hw
    scale = min(picture.width / width, picture.height / height)
    wide, high = width * scale, height * scale
    left, top = max(0.0, (picture.width - wide) / 2), max(0.0, (picture.height - high) / 2)
    box = (left, top, min(picture.width, left + wide), min(picture.height, top + high))
    fitted = picture.resize((width, height), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    return np.asarray(fitted), max(left, top) >= 1


def _stretched(grey: np.ndarray) -> np.ndarray:
    """Light ink on dark paper with the paper at 0 and the ink at 255."""
    values = grey.astype(np.float32)
    border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    paper, ink = float(np.median(border)), float(values.max())
    if ink - paper < 20:
        return np.zeros_like(grey)
    shares = np.clip((values - paper) / (ink - paper), 0, 1)
    return np.where(shares < INK_SHARE, 0, shares * 255).astype(np.uint8)


def _centred(ink: np.ndarray, size_hw: tuple[int, int]) -> np.ndarray:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return np.zeros(size_hw, np.uint8)
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    high, wide = (share * side for share, side in zip(_digit_shares(size_hw), size_hw, strict=True))
    scale = min(high / cut.shape[0], wide / cut.shape[1])
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    small = np.asarray(Image.fromarray(cut).resize(size, Image.Resampling.BOX))
    return _placed(small, size_hw)


def _digit_shares(size_hw: tuple[int, int]) -> tuple[float, float]:
    """Shares of height and width that a digit may fill."""
    return TINY_SHARES if min(size_hw) < TINY_SIDE else MNIST_SHARES


def _placed(small: np.ndarray, size_hw: tuple[int, int]) -> np.ndarray:
    """The ink on an empty ground, its centre of mass as near the middle as the edges allow."""
    weights = small.astype(np.float64) + 1e-9
    centre = [
        float((weights.sum(axis=1 - axis) * np.arange(small.shape[axis])).sum() / weights.sum()) for axis in (0, 1)
    ]
    start = [
        int(np.clip(round((size_hw[axis] - 1) / 2 - centre[axis]), 0, size_hw[axis] - small.shape[axis]))
        for axis in (0, 1)
    ]
    ground = np.zeros(size_hw, np.uint8)
    ground[start[0] : start[0] + small.shape[0], start[1] : start[1] + small.shape[1]] = small
    return ground

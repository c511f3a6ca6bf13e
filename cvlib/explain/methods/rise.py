"""RISE: the mean of random masks, each weighted by the score of the picture seen through it.

V. Petsiuk, A. Das, K. Saenko, "RISE: randomized input sampling for explanation of black-box models", 2018.
"""

import numpy as np
from PIL import Image

from cvlib.explain.base import Method, Question


def mask(size_hw: tuple[int, int], cells: int, share: float, seed: tuple[int, int]) -> np.ndarray:
    """A smooth random mask, float32 (H, W) in [0, 1]: a coarse random grid, enlarged and shifted.

    Args:
        size_hw: height and width.
        cells: cells of the grid a side.
        share: of the cells that let the picture through.
        seed: of the mask.
    """
    rng = np.random.default_rng(seed)
    height, width = size_hw
    step_y, step_x = -(-height // cells), -(-width // cells)
    grid = (rng.random((cells + 1, cells + 1)) < share).astype(np.float32)
    large = Image.fromarray(grid).resize(((cells + 1) * step_x, (cells + 1) * step_y), Image.Resampling.BILINEAR)
    top, left = rng.integers(step_y), rng.integers(step_x)
    return np.asarray(large)[top : top + height, left : left + width]


def part(question: Question, start: int, stop: int) -> np.ndarray:
    """Masks summed by their scores, and masks alone: float64 (2, H, W)."""
    options, size = question.options, question.image.shape[:2]
    masks = np.stack(
        [mask(size, int(options["cells"]), options["share"], (question.seed, n)) for n in range(start, stop)]
    )
    scores = question.views.scores(question.image * masks[..., np.newaxis], question.target)
    return np.stack([np.tensordot(scores.astype(np.float64), masks, axes=1), masks.sum(axis=0, dtype=np.float64)])


def finish(_question: Question, total: np.ndarray, _passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """The mean score of the masks that let a pixel through, above the lowest of all pixels."""
    weighted, masks = total
    mean = weighted / np.maximum(masks, 1e-9)
    return mean - mean.min(), {}


METHOD = Method(
    name="rise",
    title="RISE",
    how="Shows the network hundreds of randomly covered copies and keeps account of which places were visible when it "
    "was sure. It works with any network, even one that gives nothing but its answer.",
    paper="Petsiuk, Das & Saenko: RISE, 2018",
    cost="512 passes forward",
    part=part,
    finish=finish,
    passes=lambda question: int(question.options["masks"]),
    options={"masks": 512, "cells": 7, "share": 0.5},
)

"""Maps that know nothing of the network: what a method has to beat before it is worth a look.

J. Adebayo et al., "Sanity checks for saliency maps", 2018, compare with an edge detector for the same reason.
"""

import numpy as np

from cvlib.explain.base import Method, Question
from cvlib.explain.receptive import laid_over, stretched

COARSE = 7


def _random(question: Question, _start: int, _stop: int) -> np.ndarray:
    size = question.image.shape[:2]
    grid = np.random.default_rng(question.seed).random((COARSE, COARSE), dtype=np.float32)
    return laid_over(grid, stretched(grid.shape, size), size)


def _edges(question: Question, _start: int, _stop: int) -> np.ndarray:
    """The length of the brightness gradient (Sobel)."""
    from scipy import ndimage

    grey = question.image.mean(axis=-1)
    return np.hypot(ndimage.sobel(grey, axis=0), ndimage.sobel(grey, axis=1)).astype(np.float32)


def _as_it_is(_question: Question, total: np.ndarray, _passes: int) -> tuple[np.ndarray, dict[str, float]]:
    return total, {}


RANDOM = Method(
    name="random",
    title="Random map",
    how="Blobs from a random number generator. It knows neither the network nor the picture.",
    paper="A baseline",
    cost="nothing",
    part=_random,
    finish=_as_it_is,
)
EDGES = Method(
    name="edges",
    title="Edge detector",
    how="How quickly the brightness changes from pixel to pixel. It knows the picture, but not the network.",
    paper="Sobel & Feldman, 1968",
    cost="nothing",
    part=_edges,
    finish=_as_it_is,
    clipped=True,
)

"""Occlusion sensitivity: how much the score falls when a patch covers the place.

M. D. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", 2014. Computed here, many positions at
once: tf-explain's goes through them one by one in Python.
"""

import numpy as np

from cvlib.explain.base import Method, Question, mean_colour


def grid(question: Question) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Upper edges, left edges (pixels) of the patches, and the patches' height and width."""
    height, width = question.image.shape[:2]
    across = int(question.options["positions"])
    high, wide = (max(1, round(question.options["patch"] * side)) for side in (height, width))
    tops = np.unique(np.linspace(0, height - high, min(across, height - high + 1)).round().astype(int))
    lefts = np.unique(np.linspace(0, width - wide, min(across, width - wide + 1)).round().astype(int))
    return tops, lefts, high, wide


def passes(question: Question) -> int:
    """One for each position of the patch, and one for the whole picture."""
    tops, lefts, _, _ = grid(question)
    return len(tops) * len(lefts) + 1


def part(question: Question, start: int, stop: int) -> np.ndarray:
    """Scores summed into the pixels each patch covers: float64 (3, H, W): sum of scores, patches, the whole's score."""
    tops, lefts, high, wide = grid(question)
    image, fill = question.image, mean_colour(question.image)
    copies = np.repeat(image[np.newaxis], stop - start, axis=0)
    # Position 0 is the picture itself.
    places = [divmod(number - 1, len(lefts)) if number else None for number in range(start, stop)]
    for copy, place in zip(copies, places, strict=True):
        if place is not None:
            top, left = tops[place[0]], lefts[place[1]]
            copy[top : top + high, left : left + wide] = fill
    total = np.zeros((3, *image.shape[:2]))
    for score, place in zip(question.views.scores(copies, question.target), places, strict=True):
        if place is None:
            total[2] = score
        else:
            top, left = tops[place[0]], lefts[place[1]]
            total[0, top : top + high, left : left + wide] += score
            total[1, top : top + high, left : left + wide] += 1
    return total


def finish(_question: Question, total: np.ndarray, _passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """The mean fall of the score over the patches that cover a pixel."""
    covered, patches, whole = total
    return np.where(patches > 0, whole - covered / np.maximum(patches, 1), 0), {"score": float(whole[0, 0])}


METHOD = Method(
    name="occlusion",
    title="Occlusion sensitivity",
    how="Moves a plain patch over the picture and looks how much less sure the network gets. It asks the question that "
    "a person would ask, needs nothing but the answers, and takes its time.",
    paper="Zeiler & Fergus: Visualizing and understanding convolutional networks, 2014",
    cost="197 passes forward",
    part=part,
    finish=finish,
    passes=passes,
    options={"positions": 14, "patch": 0.2},
)

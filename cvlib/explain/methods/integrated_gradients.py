"""Integrated Gradients: the gradients on the way from an empty picture to this one, added up.

M. Sundararajan, A. Taly, Q. Yan, "Axiomatic attribution for deep networks", 2017. The integral is taken by the
midpoint rule. Computed here: tf-explain's returns a grey uint8 mosaic and does not say how complete it is.
"""

import numpy as np

from cvlib.explain.base import Method, Question


def baseline(question: Question) -> np.ndarray:
    """The empty picture: float32 (H, W, C), of one value."""
    return np.full_like(question.image, question.options["baseline"])


def part(question: Question, start: int, stop: int) -> np.ndarray:
    """The sum of the gradients at some points of the way, float32 (H, W, C)."""
    steps = int(question.options["steps"])
    shares = (np.arange(start, stop, dtype=np.float32) + 0.5) / steps
    empty = baseline(question)
    way = empty + shares[:, np.newaxis, np.newaxis, np.newaxis] * (question.image - empty)
    return question.views.gradients(way, question.target)[0].sum(axis=0)


def finish(question: Question, total: np.ndarray, passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """What each pixel brings, and how far the sum is from the score it should explain."""
    empty = baseline(question)
    brought = (question.image - empty) * total / passes
    ends = np.stack([question.image, empty])
    full, nought = question.views.scores(ends, question.target, pre_softmax=True)
    difference = float(full - nought)
    error = abs(float(brought.sum(dtype=np.float64)) - difference) / max(abs(difference), 1e-6)
    facts = {"score": float(full), "score of the empty picture": float(nought), "completeness error": error}
    return brought.sum(axis=-1), facts


METHOD = Method(
    name="integrated_gradients",
    title="Integrated Gradients",
    how="Fades the picture in from black and adds up the gradients on the way. Whatever it hands out to the pixels "
    "adds up to the score (completeness), and the page shows how exactly it does.",
    paper="Sundararajan, Taly & Yan: Axiomatic attribution for deep networks, 2017",
    cost="64 passes forward and back",
    part=part,
    finish=finish,
    passes=lambda question: int(question.options["steps"]),
    batch=8,
    signed=True,
    clipped=True,
    options={"steps": 64, "baseline": 0.0},
)

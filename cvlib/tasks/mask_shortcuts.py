"""What a network would score that makes it easy for itself: why pixel accuracy alone deceives.

G. Csurka, D. Larlus, F. Perronnin, "What is a good evaluation measure for semantic segmentation?", 2013, say that it
favours the classes with most pixels.
"""

import numpy as np

from cvlib.tasks.segmentation import Scores


def by_frequency(scores: Scores) -> list[int]:
    """The classes that are there, the most frequent one first."""
    return [int(label) for label in np.argsort(-scores.truth, kind="stable") if scores.truth[label] > 0]


def lazy(scores: Scores, known: int) -> Scores:
    """Of a network that paints the most frequent classes exactly as they are, and calls the rest the first of them.

    Only the number of true pixels of each class is needed for it.

    Args:
        scores: of any network on the same pictures.
        known: how many classes it knows, at least 1.
    """
    order, truth = by_frequency(scores), scores.confusion.sum(axis=1)
    confusion = np.zeros_like(scores.confusion)
    for place, label in enumerate(order):
        confusion[label, label if place < known else order[0]] = truth[label]
    return Scores(confusion)


def enough_for(scores: Scores, accuracy: float) -> int:
    """How many classes a lazy network has to know for this pixel accuracy; it leaves one out if there are several.

    Args:
        scores: of any network on the same pictures.
        accuracy: 0 to 1.
    """
    most = max(1, len(by_frequency(scores)) - 1)
    return next((known for known in range(1, most) if lazy(scores, known).pixel_accuracy >= accuracy), most)


def mistaken_for(scores: Scores, label: int) -> int:
    """What a class is called most often when it is called something else; of a class that never is, the most frequent
    other one."""
    wrong = scores.confusion[label].copy()
    wrong[label] = 0
    return int(wrong.argmax()) if wrong.any() else most_frequent_but(scores, label)


def most_frequent_but(scores: Scores, label: int) -> int:
    """The most frequent class but this one."""
    others = scores.truth.copy()
    others[label] = -1
    return int(others.argmax())


def without(scores: Scores, label: int, instead: int) -> Scores:
    """Of the same network if it never said one class and said another one instead.

    Args:
        scores: of the network.
        label: what it no longer says.
        instead: what it says in its place.
    """
    confusion = scores.confusion.copy()
    confusion[:, instead] += confusion[:, label]
    confusion[:, label] = 0
    return Scores(confusion)

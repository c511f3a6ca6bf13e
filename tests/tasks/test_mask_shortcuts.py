"""Networks that make it easy for themselves, by hand."""

import numpy as np
import pytest

from cvlib.tasks import mask_shortcuts
from cvlib.tasks.segmentation import Scores, confusion

MATRIX = np.array([[20, 5, 5, 0], [10, 50, 0, 0], [6, 0, 4, 0], [0, 0, 0, 0]])
SCORES = Scores(MATRIX)
"""30, 60, 10 and 0 pixels of four classes."""


def test_the_lazy_network_by_hand() -> None:
    lazy = mask_shortcuts.lazy(SCORES, 1)
    assert lazy.pixel_accuracy == pytest.approx(0.6)
    assert lazy.iou[:3].tolist() == pytest.approx([0, 0.6, 0]) and np.isnan(lazy.iou[3])
    assert lazy.miou == pytest.approx(0.2)
    two = mask_shortcuts.lazy(SCORES, 2)
    assert two.pixel_accuracy == pytest.approx(0.9)
    assert two.iou[:3].tolist() == pytest.approx([1, 60 / 70, 0])
    assert mask_shortcuts.lazy(SCORES, 3).pixel_accuracy == mask_shortcuts.lazy(SCORES, 3).miou == 1


def test_the_lazy_network_is_that_of_its_masks() -> None:
    truth = np.repeat([0, 1, 2], [30, 60, 10]).astype(np.uint8)
    said = np.where(truth == 2, 1, truth).astype(np.uint8)
    assert (mask_shortcuts.lazy(SCORES, 2).confusion == confusion(truth, said, 4)).all()


def test_how_many_classes_are_enough() -> None:
    assert mask_shortcuts.by_frequency(SCORES) == [1, 0, 2]
    assert mask_shortcuts.enough_for(SCORES, 0.5) == 1
    assert mask_shortcuts.enough_for(SCORES, 0.9) == 2
    assert mask_shortcuts.enough_for(SCORES, 0.99) == 2  # one is always left out
    assert mask_shortcuts.enough_for(Scores(np.array([[5, 0], [0, 0]])), 0.9) == 1


def test_what_a_class_is_mistaken_for() -> None:
    assert mask_shortcuts.mistaken_for(SCORES, 2) == 0
    assert mask_shortcuts.mistaken_for(SCORES, 3) == 1
    assert mask_shortcuts.most_frequent_but(SCORES, 1) == 0


def test_without_a_class_its_iou_is_nothing() -> None:
    after = mask_shortcuts.without(SCORES, 2, 0)
    assert after.confusion.tolist() == [[25, 5, 0, 0], [10, 50, 0, 0], [10, 0, 0, 0], [0, 0, 0, 0]]
    assert after.iou[2] == 0 and (after.truth == SCORES.truth).all()
    assert after.pixel_accuracy == pytest.approx(0.75) and SCORES.pixel_accuracy == pytest.approx(0.74)
    assert MATRIX[2, 2] == 4  # the scores themselves stay

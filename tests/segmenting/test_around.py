"""The box around the largest thing."""

import numpy as np

from cvlib.segmenting import around


def test_the_box_leaves_ground_around_the_largest_area_and_stays_in_the_picture() -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[2:5, 2:5] = 1
    mask[20:40, 10:30] = 1
    assert around.around_largest(mask, 1) == (8, 18, 32, 40)


def test_without_a_thing_on_a_ground_it_is_around_the_middle() -> None:
    for value in (255, 3):  # nowhere, and everywhere
        assert around.around_largest(np.full((40, 60), value, np.uint8), 3) == (15, 10, 45, 30)

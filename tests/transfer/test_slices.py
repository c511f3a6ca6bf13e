"""Slices: the group on which a network fails is found, whatever it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvlib.transfer import slices


def plain(value: float, count: int = 1) -> list[np.ndarray]:
    return [np.full((20, 20, 3), value, np.uint8)] * count


def noise(seed: int, low: int = 0, high: int = 256) -> np.ndarray:
    return np.random.default_rng(seed).integers(low, high, (20, 20, 3), dtype=np.uint8)


def test_dark_pictures_that_it_gets_wrong_are_found_first() -> None:
    pictures = [noise(n, 0, 60) for n in range(12)] + [noise(n, 60, 256) for n in range(12, 40)]
    right = np.array([n >= 12 for n in range(40)])
    worst = slices.find(pictures, right)[0]
    assert "brightness" in worst.measure and worst.third == 0
    assert worst.accuracy < 0.2 and worst.others > 0.9 and set(range(12)) <= set(worst.places.tolist()) | {12, 13}


@pytest.mark.parametrize(
    ("measure", "low", "high"),
    [
        ("brightness", plain(10)[0], plain(200)[0]),
        ("contrast", plain(128)[0], noise(0)),
        ("colourfulness", plain(99)[0], np.broadcast_to(np.uint8([255, 0, 0]), (20, 20, 3))),
        ("background_brightness", np.pad(plain(255)[0], ((5, 5), (5, 5), (0, 0))), plain(90)[0]),
        ("background_warmth", np.broadcast_to(np.uint8([0, 0, 250]), (20, 20, 3)), plain(50)[0]),
        ("sharpness", plain(3)[0], noise(1)),
    ],
)
def test_each_measure_orders_what_a_person_would(measure: str, low: np.ndarray, high: np.ndarray) -> None:
    of = slices.MEASURES[measure].of
    assert of(low) < of(high)


@given(st.lists(st.tuples(st.integers(0, 255), st.booleans()), max_size=40))
def test_slices_are_large_enough_and_their_accuracy_is_right(given_pictures: list[tuple[int, bool]]) -> None:
    pictures = [plain(value)[0] for value, _ in given_pictures]
    right = np.array([good for _, good in given_pictures], dtype=bool)
    found = slices.find(pictures, right)
    for part in found:
        assert slices.FEWEST <= len(part.places) < len(pictures)
        assert part.accuracy == pytest.approx(right[part.places].mean())
    gaps = [part.accuracy - part.others for part in found]
    assert gaps == sorted(gaps)


def test_equal_pictures_give_no_slices() -> None:
    assert slices.find(plain(7, 30), np.ones(30, bool)) == []

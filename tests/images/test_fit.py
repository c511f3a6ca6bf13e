"""A person's picture as a network takes it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvlib.images import fit_for_network


def page(side: int = 100, ink: int = 0, paper: int = 255) -> np.ndarray:
    """A vertical stroke, off the middle, on paper."""
    picture = np.full((side, side, 3), paper, np.uint8)
    picture[20:80, 10:22] = ink
    return picture


@given(st.integers(8, 80), st.integers(8, 80), st.sampled_from([8, 25, 28, 64]), st.sampled_from([1, 3]), st.booleans())
def test_shape_and_dtype(height: int, width: int, side: int, channels: int, digit: bool) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    seen, steps = fit_for_network(pixels, (side, side), channels, center_digit=digit and channels == 1)
    assert seen.shape == (side, side, channels) and seen.dtype == np.uint8 and steps


def test_a_picture_of_the_right_size_is_left_alone() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    seen, _ = fit_for_network(pixels, (64, 64), 3)
    assert (seen == pixels).all()


def test_a_wide_picture_is_cut_from_the_middle() -> None:
    pixels = np.zeros((50, 150, 3), np.uint8)
    pixels[:, 50:100] = 200
    seen, steps = fit_for_network(pixels, (50, 50), 3)
    assert (seen == 200).all() and "cut to a square from the middle" in steps


@pytest.mark.parametrize(("ink", "paper", "swapped"), [(0, 255, True), (255, 0, False)])
def test_dark_on_light_is_swapped_where_light_on_dark_is_expected(ink: int, paper: int, swapped: bool) -> None:
    seen, steps = fit_for_network(page(ink=ink, paper=paper), (28, 28), 1, invert="auto")
    assert ("light and dark swapped" in steps) is swapped
    assert seen[0, -1, 0] == 0 and seen.max() > 150


@pytest.mark.parametrize("side", [8, 28])
def test_a_digit_is_centred_by_its_mass_and_scaled(side: int) -> None:
    seen, _ = fit_for_network(page(), (side, side), 1, invert="auto", center_digit=True)
    ink = seen[..., 0].astype(float)
    rows, columns = np.indices(ink.shape)
    middle = (side - 1) / 2
    assert abs((rows * ink).sum() / ink.sum() - middle) <= 0.5
    assert abs((columns * ink).sum() / ink.sum() - middle) <= 0.5
    height = np.flatnonzero(ink.any(axis=1)).size
    assert height == (8 if side == 8 else 20)


def test_an_empty_page_is_an_empty_picture() -> None:
    seen, _ = fit_for_network(np.full((50, 50, 3), 255, np.uint8), (28, 28), 1, invert="auto", center_digit=True)
    assert not seen.any()

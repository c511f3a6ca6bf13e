"""Segmentation without a network: laws that hold for each method, and pictures whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cvlib.errors import SpecError, UnknownName, UserError
from cvlib.segmenting.classical import METHODS, named_by_truth, segment


def pictures() -> st.SearchStrategy[np.ndarray]:
    sides = st.tuples(st.integers(2, 24), st.integers(2, 24), st.just(3))
    return arrays.arrays(np.uint8, sides, elements=st.sampled_from([0, 10, 128, 255]) | st.integers(0, 255))


def middle(pixels: np.ndarray) -> tuple[float, float, float, float]:
    height, width = pixels.shape[:2]
    return (0, 0, width / 2, height / 2) if min(height, width) < 4 else (1, 1, width - 1, height - 1)


def disc(side: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """A light disc on dark ground, with grain, and where it is."""
    y, x = np.mgrid[:side, :side] - side / 2
    inside = x**2 + y**2 < (side / 4) ** 2
    grain = np.random.default_rng(0).normal(0, 8, (side, side, 3))
    return np.clip(np.where(inside[..., None], (210, 180, 60), (40, 60, 90)) + grain, 0, 255).astype(np.uint8), inside


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return (one & other).sum() / (one | other).sum()


@settings(max_examples=12, deadline=None)
@given(pixels=pictures(), regions=st.integers(1, 20), fineness=st.integers(1, 300))
@pytest.mark.parametrize("method", METHODS)
def test_numbers_have_no_gaps_and_come_again(method: str, pixels: np.ndarray, regions: int, fineness: int) -> None:
    made = segment(method, pixels, regions=regions, fineness=fineness, box=middle(pixels))
    assert made.dtype == np.int32 and made.shape == pixels.shape[:2]
    assert np.unique(made).tolist() == list(range(made.max() + 1))
    assert made.max() < {"otsu": 2, "grabcut": 2, "slic": regions}.get(method, made.size)
    again = segment(method, pixels.copy(), regions=regions, fineness=fineness, box=middle(pixels))
    assert (made == again).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "pixels",
    [
        np.full((40, 30, 3), 90, np.uint8),
        np.full((2, 2, 3), 7, np.uint8),
        np.array([[[0, 0, 0], [255, 0, 0]], [[0, 255, 0], [9, 9, 9]]], np.uint8),
        np.repeat(np.arange(0, 240, dtype=np.uint8).reshape(12, 20, 1), 3, axis=2),
        np.zeros((2, 300, 3), np.uint8),
    ],
    ids=["one colour", "2 x 2", "2 x 2 colours", "grey", "a stripe"],
)
def test_plain_and_tiny_pictures(method: str, pixels: np.ndarray) -> None:
    made = segment(method, pixels, box=(0, 0, pixels.shape[1] / 2, pixels.shape[0] / 2))
    assert made.shape == pixels.shape[:2] and np.unique(made).tolist() == list(range(made.max() + 1))
    if len(np.unique(pixels)) == 1 and method != "watershed":
        assert made.max() == 0


@pytest.mark.parametrize("method", METHODS)
def test_each_finds_a_disc(method: str) -> None:
    pixels, inside = disc()
    made = segment(method, pixels, regions=2, box=(10, 10, 54, 54))
    assert iou(named_by_truth(made, inside.astype(np.uint8), 2) == 1, inside) > 0.9
    if method in ("otsu", "grabcut"):
        assert iou(made == 1, inside) > 0.95  # light, and the object: 1


def test_otsu_parts_two_tones_exactly() -> None:
    inside = disc()[1]
    pixels = np.where(inside[..., None], (200, 150, 90), (30, 80, 60)).astype(np.uint8)
    assert (segment("otsu", pixels) == inside).all()


def test_otsu_is_the_threshold_of_the_least_variance_within() -> None:
    grey = np.random.default_rng(1).integers(0, 256, (40, 40), dtype=np.uint8) // 3 * 2
    made = segment("otsu", np.repeat(grey[..., None], 3, axis=2))

    def within(light: np.ndarray) -> float:
        return sum(grey[part].var() * part.sum() for part in (light, ~light) if part.any())

    assert within(made == 1) == pytest.approx(min(within(grey > level) for level in range(255)))


def test_slic_groups_by_colour() -> None:
    pixels = np.zeros((60, 60, 3), np.uint8)
    pixels[:, 20:40], pixels[:, 40:] = (250, 20, 20), (20, 20, 250)
    made = segment("slic", pixels, regions=3, fineness=100)
    assert [len(np.unique(made[:, start : start + 16])) for start in (2, 22, 42)] == [1, 1, 1] and made.max() == 2


@pytest.mark.parametrize("fineness", [1, 20, 200, 2000])
def test_watershed_gives_about_so_many_basins(fineness: int) -> None:
    made = segment("watershed", disc(128)[0], fineness=fineness)
    assert 0.8 * fineness <= made.max() + 1 <= 1.2 * fineness


def test_grabcut_on_a_large_picture_keeps_its_size() -> None:
    pixels, inside = disc(1024)
    assert iou(segment("grabcut", pixels, box=(200, 200, 824, 824)) == 1, inside) > 0.95


@pytest.mark.parametrize(
    "box",
    [
        None, (5, 5, 5, 20), (20, 20, 5, 5), (5, 5, 20, 5.5), (0, 0, 64, 64), (-9, -9, 99, 99), (70, 5, 90, 20),
        (-20, -20, -5, -5), (float("nan"), 0, 9, 9), (0, 0, float("inf"), 9),
    ],
)  # fmt: skip
def test_boxes_that_hold_nothing_are_refused(box: tuple | None) -> None:
    with pytest.raises(UserError, match=r"\.$"):
        segment("grabcut", disc()[0], box=box)


def test_settings_out_of_range() -> None:
    pixels = disc()[0]
    for options in ({"regions": 0}, {"regions": 21}, {"fineness": 0}, {"fineness": 9_999}):
        with pytest.raises(SpecError, match="received"):
            segment("slic", pixels, **options)
    with pytest.raises(UnknownName, match="otsu"):
        segment("magic", pixels)
    with pytest.raises(ValueError, match="uint8"):
        segment("otsu", pixels[..., 0])


@given(
    arrays.arrays(np.int32, (6, 7), elements=st.integers(0, 8)),
    arrays.arrays(np.uint8, (6, 7), elements=st.sampled_from([0, 1, 2, 255])),
)
def test_naming_by_the_truth_is_the_best_one_can_do(regions: np.ndarray, truth: np.ndarray) -> None:
    named = named_by_truth(regions, truth, 3)
    judged = truth != 255
    for number in np.unique(regions):
        here = regions == number
        right = [(truth[here & judged] == label).sum() for label in range(3)]
        assert len(np.unique(named[here])) == 1
        assert (named == truth)[here & judged].sum() == max(right)
        if not (here & judged).any():
            assert not named[here].any()
    assert named.dtype == np.uint8


def test_naming_needs_a_truth_that_fits() -> None:
    for truth in (np.zeros((3, 3), np.uint8), np.full((2, 2), 3, np.uint8)):
        with pytest.raises(ValueError, match="fit"):
            named_by_truth(np.zeros((2, 2), np.int32), truth, 3)


def test_cards_say_what_they_are() -> None:
    for name, card in METHODS.items():
        assert card.name == name and card.description.endswith(".") and f"{card.year}" in card.paper

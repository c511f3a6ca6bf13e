"""What is hidden: as much as was drawn, somewhere else in each picture."""

import numpy as np
import pytest

from tests.augmentation.applied import after


def hidden(name: str, shape: tuple[int, int] = (60, 80), count: int = 40, **settings: object) -> np.ndarray:
    """bool (N, H, W): what was hidden in white pictures."""
    made = after(name, np.full((count, *shape, 3), 255, np.uint8), **{"fill": "black", **settings})
    assert set(np.unique(made)) <= {0.0, 255.0}
    return (made == 0).all(axis=-1)


@pytest.mark.parametrize(("shape", "side"), [((60, 80), 30.0), ((8, 8), 50.0), ((28, 28), 100.0), ((31, 17), 33.0)])
def test_cutout_hides_a_square_of_the_side_that_was_drawn(shape: tuple[int, int], side: float) -> None:
    pixels = round(side / 100 * min(shape))
    there = hidden("cutout", shape, side=side)
    assert (there.sum(axis=(1, 2)) == pixels**2).all()
    assert (there.any(axis=2).sum(axis=1) == pixels).all() and (there.any(axis=1).sum(axis=1) == pixels).all()


def test_the_square_lies_anywhere_and_every_place_is_about_as_likely() -> None:
    there = hidden("cutout", (8, 8), 900, side=50.0)
    first = there.any(axis=2).argmax(axis=1)
    assert set(first) == set(range(5))
    often = np.bincount(first) / len(first)
    assert np.abs(often - 0.2).max() < 0.06


def test_random_erasing_hides_a_rectangle_of_the_area_that_was_drawn() -> None:
    there = hidden("random_erasing", area=20.0, elongation=(1.0, 3.0))
    tall, wide = there.any(axis=2).sum(axis=1), there.any(axis=1).sum(axis=1)
    assert np.array_equal(there.sum(axis=(1, 2)), tall * wide)
    assert np.abs(there.mean(axis=(1, 2)) - 0.2).max() < 0.02
    assert (tall > wide).any() and (wide > tall).any()
    ratio = np.maximum(tall / wide, wide / tall)
    assert ratio.max() < 3.3 and np.ptp(ratio) > 0.5


def test_a_rectangle_that_would_be_too_long_becomes_as_long_as_the_picture() -> None:
    there = hidden("random_erasing", (20, 60), area=80.0, elongation=5.0)
    assert np.abs(there.mean(axis=(1, 2)) - 0.8).max() < 0.03


@pytest.mark.parametrize("share", [25.0, 50.0, 75.0])
@pytest.mark.parametrize("angle", [0.0, 30.0])
def test_grid_mask_hides_the_square_of_its_share(share: float, angle: float) -> None:
    there = hidden("grid_mask", (160, 160), hidden=share, cell=25.0, angle=angle)
    assert there.mean() == pytest.approx((share / 100) ** 2, abs=0.02)


def test_the_grid_repeats_itself_and_begins_elsewhere_in_each_picture() -> None:
    there = hidden("grid_mask", (80, 80), hidden=50.0, cell=25.0, angle=0.0)
    assert np.array_equal(there[:, 20:], there[:, :-20]) and np.array_equal(there[:, :, 20:], there[:, :, :-20])
    assert len({each.tobytes() for each in there}) > 30


@pytest.mark.parametrize("name", ["cutout", "random_erasing", "grid_mask"])
def test_it_is_hidden_by_what_was_chosen(name: str) -> None:
    white = np.full((4, 40, 40, 3), 255, np.uint8)
    strong = {"cutout": {"side": 50.0}, "random_erasing": {"area": 30.0}, "grid_mask": {"hidden": 60.0}}[name]
    assert set(np.unique(after(name, white, fill="grey", **strong))) == {127.5, 255.0}
    dots = after(name, white, fill="noise", **strong)
    changed = dots[(dots != 255).any(axis=-1)]
    assert abs(changed.mean() - 127.5) < 6 and abs(changed.std() - 255 / np.sqrt(12)) < 5

"""What holds for every transform that leaves the pixels in their places: light, colour, noise and erasing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cvlib.augmentation import CATALOG
from cvlib.augmentation.batch import of_arrays
from tests.augmentation.applied import after, batch_after, smooth
from tests.augmentation.laws import pictures

NAMES = [name for name, card in CATALOG.items() if card.kind in ("photometric", "noise", "erasing")]
SHAPES = some.sampled_from([(8, 8, 1), (1, 1, 3), (2, 5, 1), (7, 13, 3), (16, 9, 1), (31, 17, 3)])


def widest(name: str) -> dict[str, tuple[float, float]]:
    """Every range as wide as it can be."""
    return {each.name: (each.low, each.high) for each in CATALOG[name].parameters if each.is_range}


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None)
@given(shape=SHAPES, seed=some.integers(0, 1000))
def test_at_rest_nothing_changes(name: str, shape: tuple[int, int, int], seed: int) -> None:
    images = pictures(2, *shape, seed=seed)
    swept = CATALOG[name].swept
    same = after(name, images, seed=seed, **{swept.name: swept.rests})
    assert np.abs(same - images).max() < 0.01


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_pictures_and_another_one_others(name: str) -> None:
    images = smooth(20, 24).repeat(4, axis=0)
    one, again, other = (after(name, images, seed=seed, **widest(name)) for seed in (1, 1, 2))
    assert np.array_equal(one, again) and not np.array_equal(one, other)


@pytest.mark.parametrize("name", NAMES)
def test_each_picture_draws_for_itself(name: str) -> None:
    made = after(name, smooth(20, 24).repeat(6, axis=0), **widest(name))
    assert len({each.tobytes() for each in made}) >= 3


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_values_stay_in_their_range_at_the_ends_of_every_parameter(name: str, channels: int) -> None:
    flat = np.stack([np.full((9, 11, channels), value, np.uint8) for value in (0, 128, 255)])
    images = np.concatenate([pictures(3, 9, 11, channels), flat])
    for parameter in CATALOG[name].parameters:
        for value in parameter.choices or (parameter.low, parameter.high):
            made = after(name, images, **{parameter.name: value})
            assert made.shape == images.shape and made.dtype == np.float32
            assert np.isfinite(made).all() and made.min() >= 0 and made.max() <= 255


@pytest.mark.parametrize("name", NAMES)
def test_boxes_masks_and_labels_stay(name: str) -> None:
    boxes = np.array([[[2, 3, 9, 12]], [[0, 0, 5, 5]]], np.float32)
    given_ = of_arrays(
        pictures(2, 16, 16, 3),
        labels=np.array([0, 1]),
        num_classes=2,
        masks=pictures(2, 16, 16, 1)[..., 0],
        boxes_xyxy=boxes,
        box_labels=np.array([[1], [0]], np.int32),
    )
    made = batch_after(name, given_, **widest(name))
    assert CATALOG[name].carries == {"boxes", "masks"} and not CATALOG[name].mixes
    for part in ("labels", "masks", "marks", "box_labels"):
        assert np.array_equal(getattr(made, part), getattr(given_, part))
    assert not np.array_equal(made.images, given_.images)


@pytest.mark.parametrize("name", NAMES)
def test_cards_say_what_a_newcomer_asks(name: str) -> None:
    card = CATALOG[name]
    assert card.swept.is_range and card.swept.rests is not None
    assert all(sentence.endswith(".") for sentence in (card.how, card.caveat, *(each.help for each in card.parameters)))

"""The pipelines to begin with."""

import numpy as np
import pytest

from cvlib.augmentation import Pipeline, running
from cvlib.augmentation.batch import of_arrays
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.presets import PRESETS, preset, title_of
from cvlib.errors import UnknownName
from tests.augmentation.applied import smooth
from tests.augmentation.laws import pictures


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("images", [pictures(6, 8, 8, 1), pictures(6, 28, 28, 1), smooth(40, 56).repeat(6, axis=0)])
def test_they_change_pictures_of_any_kind(name: str, images: np.ndarray) -> None:
    pipeline = preset(name).pipeline
    made = running.run(pipeline, of_arrays(images), Chance([1, 2]))[0].images.numpy()
    assert made.shape == images.shape and np.isfinite(made).all()
    assert (np.abs(made - images).max(axis=(1, 2, 3)) > 1).mean() >= 0.3


@pytest.mark.parametrize("name", PRESETS)
def test_they_survive_being_written_down(name: str) -> None:
    each = PRESETS[name]
    assert Pipeline.from_text(each.pipeline.to_text()) == each.pipeline
    assert title_of(each.pipeline.canonical().to_text()) == each.title
    assert each.words.endswith(".") and each.pipeline == each.pipeline.canonical()


def test_there_is_one_for_digits_one_for_boxes_and_a_harmful_one() -> None:
    assert {"gentle", "for_boxes", "upside_down"} <= PRESETS.keys()
    assert preset("for_boxes").pipeline.stuck("boxes", "masks") == ()
    assert preset("for_boxes").pipeline.mixes and not preset("gentle").pipeline.mixes


def test_gentle_keeps_a_stroke_whole_and_near() -> None:
    """A stroke off the middle moves by an eighth of the picture, and as far as a small turn takes it."""
    images = np.zeros((60, 28, 28, 1), np.uint8)
    images[:, 8:20, 11:17] = 255
    made = running.run(preset("gentle").pipeline, of_arrays(images), Chance([1, 2]))[0].images.numpy()[..., 0]
    ink = made.sum(axis=(1, 2))
    assert ink.min() > 0.95 * images[0].sum()
    middles = [(made.sum(axis=axis) @ np.arange(28)) / ink for axis in (1, 2)]
    assert all(np.abs(middle - 13.5).max() < 28 / 8 + 0.5 for middle in middles)


def test_half_of_the_pictures_stand_on_their_head() -> None:
    images = smooth(12, 10).repeat(200, axis=0)
    made = running.run(preset("upside_down").pipeline, of_arrays(images), Chance([1, 2]))[0].images.numpy()
    turned = (made == images[:, ::-1, ::-1]).all(axis=(1, 2, 3))
    assert 0.35 < turned.mean() < 0.65 and np.array_equal(made[~turned], images[~turned])


def test_there_is_no_other() -> None:
    with pytest.raises(UnknownName, match="gentle"):
        preset("wild")


def test_a_pipeline_without_a_preset_is_called_after_its_transforms() -> None:
    assert title_of("flip;jpeg:quality=20..30") == "Flip, JPEG compression"

"""The built-in pictures are here, offline, and fit to be shown."""

import numpy as np
import pytest
import skimage.data._fetchers

from cvlib import data
from cvlib.data.samples import LONGEST, SAMPLES, _catalogue, load_sample
from cvlib.errors import UnknownName


@pytest.fixture(autouse=True)
def no_downloads(monkeypatch: pytest.MonkeyPatch) -> None:
    """scikit-image has no downloader, and its cache on the host does not count."""
    monkeypatch.setattr(skimage.data._fetchers, "_image_fetcher", None)
    monkeypatch.setattr(skimage.data._fetchers, "data_dir", skimage.data._fetchers._LEGACY_DATA_DIR)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_a_picture(name: str) -> None:
    sample, pixels = SAMPLES[name], load_sample(name)
    assert sample.name == name and sample.title and sample.credit
    assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3
    assert min(pixels.shape[:2]) >= 8 and max(pixels.shape[:2]) <= LONGEST
    assert np.ptp(pixels) > 100, "nearly blank"
    assert pixels.flags.writeable
    np.testing.assert_array_equal(pixels, load_sample(name))


def test_titles_are_distinct() -> None:
    assert len({sample.title for sample in SAMPLES.values()}) == len(SAMPLES)


def test_sampled_digits_are_not_trained_on() -> None:
    loaded = data.load("digits")
    pictures = {picture.tobytes() for picture in (*loaded.train.images, *loaded.validation.images)}
    for digit in (3, 5, 8):
        assert np.ascontiguousarray(load_sample(f"digit_{digit}")[..., 0]).tobytes() not in pictures


@pytest.mark.parametrize("name", ["", "../cat", "dog", "y" * 5_000])
def test_an_unknown_sample_lists_the_choices(name: str) -> None:
    with pytest.raises(UnknownName, match="cat, coffee") as caught:
        load_sample(name)
    assert len(str(caught.value)) < 400


def test_two_of_one_name_are_refused() -> None:
    cat = SAMPLES["cat"]
    with pytest.raises(ValueError, match="cat"):
        _catalogue([cat, cat])

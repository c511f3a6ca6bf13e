"""Blur, grain and JPEG, beside SciPy, the normal distribution and Pillow."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage, stats

from tests.augmentation.applied import after, smooth
from tests.augmentation.laws import pictures


@pytest.mark.parametrize("shape", [(40, 60, 3), (28, 28, 1), (8, 8, 1), (33, 20, 3)])
@pytest.mark.parametrize("width", [0.5, 2.0, 6.0])
def test_blur_is_scipys(shape: tuple[int, int, int], width: float) -> None:
    images = pictures(1, *shape)
    sigma = width / 100 * max(shape[:2])
    expected = ndimage.gaussian_filter(images[0].astype(np.float64), (sigma, sigma, 0), mode="reflect", truncate=6.0)
    assert np.abs(after("gaussian_blur", images, width=width)[0] - expected).max() < 0.05


def test_each_picture_is_blurred_by_its_own_width() -> None:
    images = pictures(1, 32, 32, 3).repeat(5, axis=0)
    spread = after("gaussian_blur", images, width=(0.0, 8.0)).std(axis=(1, 2, 3))
    assert np.ptp(spread) > 5 and (spread <= images[0].std() + 0.01).all()


def test_blur_keeps_the_mean_light() -> None:
    images = smooth(30, 44)
    assert np.allclose(after("gaussian_blur", images, width=5.0).mean(axis=(1, 2)), images.mean(axis=(1, 2)), atol=0.05)


@pytest.mark.parametrize("deviation", [5.0, 20.0])
def test_grain_is_normal_and_as_strong_as_drawn(deviation: float) -> None:
    images = np.full((2, 60, 60, 3), 128, np.uint8)
    grain = (after("gaussian_noise", images, deviation=deviation) - 128).ravel()
    assert abs(grain.mean()) < 4 * deviation / np.sqrt(grain.size)
    assert abs(grain.std() / deviation - 1) < 0.03
    assert stats.kstest(grain[::7] / deviation, "norm").pvalue > 1e-3


def test_pixels_channels_and_pictures_have_their_own_grain() -> None:
    grain = after("gaussian_noise", np.full((2, 60, 60, 3), 128, np.uint8), deviation=20.0) - 128
    one, other = grain[0].reshape(-1, 3), grain[1].reshape(-1, 3)
    for first, second in ((one[:, 0], one[:, 1]), (one[:, 0], other[:, 0]), (one[:-1, 0], one[1:, 0])):
        assert abs(np.corrcoef(first, second)[0, 1]) < 0.08


def pillows_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    stored = io.BytesIO()
    Image.fromarray(image.squeeze()).save(stored, "JPEG", quality=quality)
    return np.asarray(Image.open(stored), np.float32).reshape(image.shape)


@pytest.mark.parametrize("quality", [1, 10, 50, 90])
@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_loses_what_pillows_does(quality: int, channels: int) -> None:
    images = smooth(48, 64, channels)
    made = after("jpeg", images, quality=float(quality))[0]
    expected = pillows_jpeg(images[0], quality)
    assert np.abs(made - expected).mean() < 0.5
    lost, expected_loss = (np.abs(each - images[0]).mean() for each in (made, expected))
    assert lost == pytest.approx(expected_loss, rel=0.1, abs=0.1)


def test_jpeg_loses_more_at_lower_quality() -> None:
    images = pictures(1, 32, 32, 3)
    lost = [np.abs(after("jpeg", images, quality=quality) - images).mean() for quality in (100.0, 99.0, 50.0, 5.0)]
    assert lost[0] == 0 and lost == sorted(lost) and lost[-1] > lost[1] + 10

"""Light and colour, beside what Pillow, scikit-image and TensorFlow make of the same pictures."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageEnhance, ImageOps
from skimage import exposure

from tests.augmentation.applied import after, smooth
from tests.augmentation.laws import pictures

PICTURES = [pictures(1, 21, 34, 3), smooth(40, 30)]
CHANGES = [-100.0, -35.0, 20.0, 90.0]


def photo(images: np.ndarray) -> Image.Image:
    return Image.fromarray(images[0])


def differs(made: np.ndarray, expected: object) -> float:
    """The largest difference of any value, of 255."""
    return float(np.abs(made[0] - np.asarray(expected, np.float32)).max())


@pytest.mark.parametrize("images", PICTURES)
@pytest.mark.parametrize("bits", range(1, 9))
def test_posterise_is_pillows(images: np.ndarray, bits: int) -> None:
    assert differs(after("posterise", images, bits=float(bits)), ImageOps.posterize(photo(images), bits)) == 0


@pytest.mark.parametrize("images", PICTURES)
@pytest.mark.parametrize("threshold", [0.0, 1.0, 100.0, 255.0, 256.0])
def test_solarise_is_pillows(images: np.ndarray, threshold: float) -> None:
    assert differs(after("solarise", images, threshold=threshold), ImageOps.solarize(photo(images), threshold)) == 0


@pytest.mark.parametrize(
    "images",
    [*PICTURES, smooth(9, 7), np.full((1, 8, 8, 3), 77, np.uint8), np.tile(np.uint8([0, 9, 255]), (1, 6, 4, 1))],
)
@pytest.mark.parametrize("name", ["equalise", "auto_contrast"])
def test_equalise_and_auto_contrast_are_pillows(name: str, images: np.ndarray) -> None:
    pillow = {"equalise": ImageOps.equalize, "auto_contrast": ImageOps.autocontrast}[name]
    # Pillow cuts the fractions that stretching leaves; equalising leaves none.
    assert differs(after(name, images, amount=100.0), pillow(photo(images))) <= (name == "auto_contrast")


def test_equalise_counts_each_picture_and_channel_for_itself() -> None:
    images = np.concatenate([smooth(40, 30), pictures(1, 40, 30, 3), smooth(40, 30) // 3])
    together = after("equalise", images, amount=100.0)
    for place in range(3):
        assert np.array_equal(together[place], after("equalise", images[place : place + 1], amount=100.0)[0])
    grey = Image.fromarray(images[0, ..., 0])
    assert differs(together[..., 0], ImageOps.equalize(grey)) == 0


@pytest.mark.parametrize("images", PICTURES)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("name", "pillow"),
    [("contrast", ImageEnhance.Contrast), ("saturation", ImageEnhance.Color), ("sharpness", ImageEnhance.Sharpness)],
)
def test_contrast_saturation_and_sharpness_are_pillows(
    name: str, pillow: type, change: float, images: np.ndarray
) -> None:
    # Pillow rounds what it blends with before it blends, and cuts afterwards.
    assert differs(after(name, images, change=change), pillow(photo(images)).enhance(1 + change / 100)) < 2.1


def test_grey_is_pillows_light() -> None:
    made = after("grey", PICTURES[0], amount=100.0)
    assert differs(made[..., 0], photo(PICTURES[0]).convert("L")) <= 1
    assert np.allclose(made[..., 0], made[..., 1]) and np.allclose(made[..., 0], made[..., 2])


@pytest.mark.parametrize("turn", [-180.0, -50.0, 25.0, 120.0])
@pytest.mark.parametrize("images", PICTURES)
def test_hue_turns_as_tensorflow_does(images: np.ndarray, turn: float) -> None:
    turned = tf.image.adjust_hue(images.astype(np.float32) / 255, turn / 360)
    assert differs(after("hue", images, turn=turn), 255 * turned.numpy()[0]) < 0.05


def test_a_turn_by_120_degrees_makes_red_green() -> None:
    red = np.tile(np.uint8([200, 0, 0]), (1, 4, 4, 1))
    assert np.allclose(after("hue", red, turn=120.0), np.tile([0, 200, 0], (1, 4, 4, 1)), atol=0.01)


@pytest.mark.parametrize("gamma", [0.2, 0.7, 1.6, 5.0])
def test_gamma_is_scikit_images(gamma: float) -> None:
    images = PICTURES[0]
    expected = exposure.adjust_gamma(images[0].astype(np.float64) / 255, gamma) * 255
    assert differs(after("gamma", images, gamma=gamma), expected) < 0.01


def test_logarithmic_light_is_scikit_images_and_the_exponential_undoes_it() -> None:
    images = PICTURES[0]
    expected = exposure.adjust_log(images[0].astype(np.float64), gain=255 / 8)
    made = after("log_illumination", images, amount=100.0)
    assert differs(made, expected) < 0.01
    whole = np.rint(made).astype(np.uint8)
    back = after("exp_illumination", whole, amount=100.0)
    # A rounded logarithm is off by half a shade; at the bright end that is this share of the value.
    assert (np.abs(back - images) <= 0.02 * images + 0.05).all()


@pytest.mark.parametrize("name", ["grey", "log_illumination", "exp_illumination", "equalise", "auto_contrast"])
def test_half_the_amount_is_half_the_way(name: str) -> None:
    images = smooth(20, 20)
    half, whole = (after(name, images, amount=amount) for amount in (50.0, 100.0))
    assert np.allclose(half, (images + whole) / 2, atol=0.01)


def test_brightness_moves_every_value_alike() -> None:
    images = np.array([[[[0], [100], [250]]]], np.uint8)
    assert after("brightness", images, change=30.0).ravel().tolist() == [30, 130, 255]
    assert after("brightness", images, change=-30.0).ravel().tolist() == [0, 70, 220]


def test_channel_shift_moves_each_channel_by_its_own_amount_up_to_the_strength() -> None:
    images = np.full((50, 3, 3, 3), 128, np.uint8)
    moved = after("channel_shift", images, strength=60.0) - 128
    assert np.ptp(moved, axis=(1, 2)).max() < 1e-3
    first = moved[:, 0, 0]
    assert np.abs(first).max() <= 60 and np.abs(first).max() > 50
    assert abs(np.corrcoef(first[:, 0], first[:, 1])[0, 1]) < 0.5


@pytest.mark.parametrize("name", ["saturation", "hue", "grey"])
def test_what_has_no_colour_cannot_change_its_colour(name: str) -> None:
    images = pictures(2, 8, 8, 1)
    values = {"saturation": {"change": 80.0}, "hue": {"turn": 90.0}, "grey": {"amount": 100.0}}[name]
    assert np.abs(after(name, images, **values) - images).max() < 0.01


def test_sharpness_leaves_the_outermost_pixels() -> None:
    images = pictures(1, 9, 9, 3)
    made = after("sharpness", images, change=200.0)
    assert np.array_equal(made[0, 0], images[0, 0]) and np.array_equal(made[0, :, -1], images[0, :, -1])
    assert not np.array_equal(made[0, 1:-1, 1:-1], images[0, 1:-1, 1:-1])

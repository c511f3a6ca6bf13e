"""Every network for segmentation keeps what `models.build_segmenter` promises; SegNet's unpooling by hand."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from cvlib import device, models
from cvlib.models.segmenters.pooling_indices import pool_with_indices, unpool

CLASSES = 5
NAMES = tuple(models.SEGMENTERS)
WITH_SKIPS = tuple(name for name, card in models.SEGMENTERS.items() if card.skips)


@cache
def built(name: str, size_hw: tuple[int, int] = (64, 64), skips: bool = True) -> Any:
    keras.utils.set_random_seed(0)
    return models.build_segmenter(name, input_shape=(*size_hw, 3), num_classes=CLASSES, skips=skips)


def pictures(size_hw: tuple[int, int], count: int = 2) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *size_hw, 3), dtype=np.uint8)


@pytest.mark.parametrize("size_hw", [(64, 64), (70, 90)], ids=["even", "odd"])
@pytest.mark.parametrize("name", NAMES)
def test_pictures_in_probabilities_of_every_pixel_out(name: str, size_hw: tuple[int, int]) -> None:
    model = built(name, size_hw)
    shares = np.asarray(model.predict_on_batch(pictures(size_hw)))
    assert shares.shape == (2, *size_hw, CLASSES) and shares.dtype == np.float32
    np.testing.assert_allclose(shares.sum(axis=-1), 1, atol=1e-5)
    assert model.get_layer("logits").output.shape == (None, *size_hw, CLASSES)
    assert device.work_of(model) > 1e6


@pytest.mark.parametrize("name", WITH_SKIPS)
def test_without_its_skips_it_is_another_network_of_the_same_shape(name: str) -> None:
    with_them, without = built(name), built(name, skips=False)
    assert with_them.output.shape == without.output.shape
    images = pictures((64, 64))
    assert not np.allclose(with_them.predict_on_batch(images), without.predict_on_batch(images))


def test_segnets_indices_are_no_weights() -> None:
    assert built("segnet").count_params() == built("segnet", skips=False).count_params()


def test_the_files_open_without_this_project(tmp_path: Path) -> None:
    images = pictures((64, 64))
    for name in WITH_SKIPS:
        built(name).save(tmp_path / f"{name}.keras")
    np.save(tmp_path / "images.npy", images)
    code = """
import sys, keras, numpy as np
for name in sys.argv[1:]:
    model = keras.saving.load_model(f"{name}.keras", safe_mode=True)
    np.save(f"{name}.npy", model.predict_on_batch(np.load("images.npy")))
assert "cvlib" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code, *WITH_SKIPS], check=True, timeout=120, cwd=tmp_path)
    for name in WITH_SKIPS:
        answer = built(name).predict_on_batch(images)
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), answer, rtol=1e-5, atol=1e-6)


def test_deeplab_survives_its_file_where_keras_cv_is_known(tmp_path: Path) -> None:
    built("deeplab").save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    images = pictures((64, 64))
    np.testing.assert_array_equal(built("deeplab").predict_on_batch(images), again.predict_on_batch(images))


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides_the_first_weights(name: str) -> None:
    def weights(seed: int) -> list[np.ndarray]:
        keras.utils.set_random_seed(seed)
        return models.build_segmenter(name, input_shape=(64, 64, 3), num_classes=CLASSES).get_weights()

    one, same, other = built(name).get_weights(), weights(0), weights(1)
    assert all((a == b).all() for a, b in zip(one, same, strict=True))
    assert any((a != b).any() for a, b in zip(one, other, strict=True))


FOUR = np.array([[1, 5, 2, 2], [3, 4, 2, 0], [-1, -7, 0, 9], [-3, -2, 8, 9]], np.float32)
"""By hand: the largest of the windows are 5 (above right), the first 2, -1 (above left) and the first 9."""
BACK = np.array([[0, 50, 20, 0], [0, 0, 0, 0], [30, 0, 0, 40], [0, 0, 0, 0]], np.float32)


def test_unpooling_puts_the_maximum_back_where_it_came_from() -> None:
    pooled, indices = pool_with_indices(tf.constant(FOUR[None, :, :, None]))
    np.testing.assert_array_equal(pooled[0, :, :, 0], [[5, 2], [-1, 9]])
    placed = unpool(tf.constant([[[[50.0], [20.0]], [[30.0], [40.0]]]]), indices)
    np.testing.assert_array_equal(placed[0, :, :, 0], BACK)


@pytest.mark.parametrize("seed", range(5))
def test_pooling_and_unpooling_are_tensorflows(seed: int) -> None:
    values = tf.constant(np.random.default_rng(seed).normal(size=(2, 8, 10, 3)).astype(np.float32))
    pooled, indices = pool_with_indices(values)
    theirs, places = tf.nn.max_pool_with_argmax(values, 2, 2, "VALID", include_batch_in_index=True)
    np.testing.assert_array_equal(pooled, theirs)
    flat = np.zeros(values.shape.num_elements(), np.float32)
    flat[places.numpy().ravel()] = theirs.numpy().ravel()
    np.testing.assert_array_equal(unpool(pooled, indices).numpy().ravel(), flat)


def test_the_gradient_goes_to_the_maximum_alone() -> None:
    values = tf.Variable(FOUR[None, :, :, None])
    with tf.GradientTape() as tape:
        pooled, _ = pool_with_indices(values)
        total = tf.reduce_sum(pooled * tf.constant([[[[50.0], [20.0]], [[30.0], [40.0]]]]))
    found = tape.gradient(total, values)[0, :, :, 0].numpy()
    assert found.sum() == pytest.approx(140) and (found != 0).sum() <= 7  # equal maxima may share it
    assert found[0, 1] == 50 and found[2, 0] == 30

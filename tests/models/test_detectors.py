"""Every detector does what `base.Detector` promises; what KerasCV's parts are used for is what they give."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from cvlib import models
from cvlib.data.scene_sets import load_scenes
from cvlib.models.detectors.base import Detector, padded
from cvlib.models.detectors.decoding import AnchorCorrections, DistanceDistributions, ready_boxes

NAMES = ("centernet", "one_box", "retinanet", "yolov8")
CLASSES = 5
SIDE = 64
ODD = (70, 90)
"""Height and width that are no multiples of anything."""


@cache
def built(name: str, size_hw: tuple[int, int] = (SIDE, SIDE)) -> Detector:
    keras.utils.set_random_seed(0)
    return models.build_detector(name, input_shape=(*size_hw, 3), num_classes=CLASSES)


@cache
def drawn(single: bool) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """8 pictures with their boxes."""
    train = load_scenes("shapes", image_size=SIDE, train_size=8, single=single, splits=("train",)).train
    return train.images, padded(train.boxes_xyxy, train.box_labels)


def tensors(targets: dict[str, np.ndarray]) -> dict[str, Any]:
    return {name: tf.constant(values) for name, values in targets.items()}


def nothing(count: int) -> dict[str, np.ndarray]:
    return padded((np.zeros((0, 4), np.float32),) * count, (np.zeros(0, np.int64),) * count)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size_hw", [(SIDE, SIDE), ODD], ids=["even", "odd"])
def test_candidates_are_boxes_with_scores(name: str, size_hw: tuple[int, int]) -> None:
    detector = built(name, size_hw)
    images = np.random.default_rng(0).integers(0, 256, (2, *size_hw, 3), np.uint8)
    found = np.asarray(detector.model(images, training=False))
    assert found.shape == (2, *detector.model.output_shape[1:]) and found.dtype == np.float32
    assert found.shape[2] == 4 + CLASSES
    assert np.isfinite(found).all()
    assert (found[..., 2:4] >= found[..., :2]).all()
    assert found[..., 4:].min() >= 0 and found[..., 4:].max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_is_a_finite_number_with_and_without_boxes(name: str) -> None:
    detector = built(name)
    images, targets = drawn(models.info(name).single)
    raw = detector.network(images[:4], training=False)
    for truth in (nothing(4), {part: values[:4] for part, values in targets.items()}):
        loss = detector.loss(raw, tensors(truth))
        assert loss.shape == () and loss.dtype == tf.float32
        assert np.isfinite(float(loss)) and float(loss) >= 0


@pytest.mark.parametrize("name", NAMES)
def test_missing_boxes_change_nothing(name: str) -> None:
    detector = built(name)
    images, targets = drawn(models.info(name).single)
    raw = detector.network(images, training=False)
    more = {
        "boxes": np.pad(targets["boxes"], ((0, 0), (0, 3), (0, 0))),
        "labels": np.pad(targets["labels"], ((0, 0), (0, 3)), constant_values=-1),
    }
    assert float(detector.loss(raw, tensors(more))) == pytest.approx(float(detector.loss(raw, tensors(targets))))


@pytest.mark.parametrize("name", NAMES)
def test_it_learns(name: str) -> None:
    keras.utils.set_random_seed(0)
    detector = models.build_detector(name, input_shape=(SIDE, SIDE, 3), num_classes=CLASSES)
    images, targets = drawn(models.info(name).single)
    pictures, truth = tf.constant(images), tensors(targets)
    weights = detector.network.trainable_variables
    optimizer = keras.optimizers.SGD(0.002, momentum=0.8)
    losses = []
    for _ in range(5):
        with tf.GradientTape() as tape:
            loss = detector.loss(detector.network(pictures, training=True), truth)
        gradients = tape.gradient(loss, weights)
        assert all(gradient is not None for gradient in gradients)
        optimizer.apply(tf.clip_by_global_norm(gradients, 5.0)[0], weights)
        losses.append(float(loss))
    assert losses[-1] < losses[0]


LOADING = """
import sys
import numpy as np
import keras
import cvlib.models.detectors.decoding
for name in sys.argv[2:]:
    model = keras.saving.load_model(f"{sys.argv[1]}/{name}.keras", safe_mode=True, compile=False)
    np.save(f"{sys.argv[1]}/{name}.npy", model(np.load(f"{sys.argv[1]}/images.npy"), training=False))
"""


def test_kept_models_give_the_same_answers_in_another_process(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, *ODD, 3), np.uint8)
    np.save(tmp_path / "images.npy", images)
    for name in NAMES:
        built(name, ODD).model.save(tmp_path / f"{name}.keras")
    subprocess.run([sys.executable, "-c", LOADING, str(tmp_path), *NAMES], check=True, timeout=120)
    for name in NAMES:
        expected = np.asarray(built(name, ODD).model(images, training=False))
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_weights_fit_another_precision(name: str) -> None:
    plain = built(name)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = models.build_detector(name, input_shape=(SIDE, SIDE, 3), num_classes=CLASSES)
    finally:
        keras.config.set_dtype_policy("float32")
    mixed.network.set_weights(plain.network.get_weights())
    images, _ = drawn(False)
    here, there = (np.asarray(one.model(images[:2], training=False)) for one in (plain, mixed))
    assert there.dtype == np.float32
    np.testing.assert_allclose(here[..., 4:], there[..., 4:], atol=0.05)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size_hw", [(SIDE, SIDE), ODD], ids=["even", "odd"])
def test_grids_hold_all_candidates(name: str, size_hw: tuple[int, int]) -> None:
    grids = models.info(name).build.grids((*size_hw, 3))
    assert sum(one.rows * one.columns * one.boxes_a_cell for one in grids) == built(name, size_hw).model.output_shape[1]


@pytest.mark.parametrize("name", ["retinanet", "yolov8"])
def test_strides_are_the_steps_of_the_grids(name: str) -> None:
    detector = built(name)
    assert detector.strides() == tuple(grid.step for grid in detector.grids((SIDE, SIDE, 3)))


def test_yolov8_decodes_as_keras_cv_does() -> None:
    from keras_cv.src.models.object_detection.yolo_v8 import yolo_v8_detector as library

    layer = DistanceDistributions((64, 96), (8, 16, 32))
    raw = tf.random.stateless_normal((2, len(layer.middles), 64 + CLASSES), (0, 0), stddev=2.0)
    middles, sides = library.get_anchors((64, 96))
    boxes = library.dist2bbox(library.decode_regression_to_boxes(raw[..., :64]), middles) * sides[:, None]
    np.testing.assert_allclose(layer.middles, middles * sides[:, None])
    np.testing.assert_allclose(layer(raw)[..., :4], boxes, atol=1e-3)
    np.testing.assert_array_equal(layer(raw)[..., 4:], raw[..., 64:])


def test_a_distance_that_is_sure_is_read_exactly() -> None:
    logits = np.full((1, 1, 4, 16), -50.0, np.float32)
    logits[0, 0, range(4), [1, 2, 3, 0]] = 50.0
    raw = np.concatenate([logits.reshape(1, 1, 64), np.full((1, 1, 1), 0.5)], axis=-1)
    found = np.asarray(DistanceDistributions((8, 8), (8,))(raw))
    np.testing.assert_allclose(found[0, 0], [4 - 8, 4 - 16, 4 + 24, 4, 0.5], atol=1e-4)


def test_retinanet_decodes_what_keras_cv_encodes() -> None:
    detector = built("retinanet", ODD)
    _, targets = drawn(False)
    truth = {"boxes": tf.constant(targets["boxes"]), "classes": tf.constant(targets["labels"], tf.float32)}
    corrections, labels = (np.asarray(part) for part in detector.assign(tf.zeros((1, 96, 96, 3)), truth))
    raw = np.concatenate([corrections, np.zeros((*corrections.shape[:2], CLASSES), np.float32)], axis=-1)
    boxes = np.asarray(detector.model.get_layer("candidates")(raw))[..., :4]
    assert (labels > -1).any(axis=1).all()
    for picture in range(len(boxes)):
        for box, label in zip(boxes[picture], labels[picture], strict=True):
            if label > -1:
                mine = targets["boxes"][picture][targets["labels"][picture] == label]
                assert np.abs(mine - box).max(axis=1).min() < 1e-2


def test_anchors_are_those_of_keras_cv() -> None:
    detector = built("retinanet", ODD)
    ready = detector.assign.anchor_generator(image_shape=(96, 96, 3))
    expected = np.concatenate([np.asarray(level) for level in ready.values()])
    np.testing.assert_allclose(detector.anchors(), expected, atol=1e-3)
    assert detector.anchors().shape == (detector.model.output_shape[1], 4)


def test_an_anchor_without_correction_is_the_answer() -> None:
    settings = {"size_hw": (16, 16), "strides": (8,), "sizes": (10.0,), "scales": (1.0,), "ratios": (1.0, 4.0)}
    anchors = ready_boxes(**settings)
    np.testing.assert_allclose(anchors[:2], [[-1, -1, 9, 9], [-6, 1.5, 14, 6.5]])
    layer = AnchorCorrections(**settings, variance=(0.1, 0.1, 0.2, 0.2))
    found = np.asarray(layer(np.zeros((1, 8, 4 + 1), np.float32)))
    np.testing.assert_allclose(found[0, :, :4], anchors, atol=1e-5)
    np.testing.assert_allclose(found[0, :, 4], 0.5)

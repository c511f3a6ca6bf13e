"""What a worker does for the page, and what goes home."""

import io
import runpy
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from cvlib import models
from cvlib.errors import JobError
from cvlib.transfer import asking, card, ready
from cvlib.transfer.asking import Lane

SHAPE = (24, 24, 3)


@pytest.fixture(scope="module")
def lenet() -> keras.Model:
    keras.utils.set_random_seed(0)
    return models.build("lenet", input_shape=SHAPE, num_classes=7)


@pytest.fixture(scope="module")
def pictures() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    labels = np.arange(24) % 2
    images = np.random.default_rng(0).integers(0, 100, (24, *SHAPE)) + 150 * labels[:, None, None, None]
    return images.astype(np.uint8), labels, np.arange(24) % 4 == 3


def test_a_network_of_ones_own_gives_features_without_its_last_layer(lenet: keras.Model, pictures: tuple) -> None:
    found = asking.features(lenet, pictures[0])
    assert found.shape == (24, 84)
    kernel, bias = lenet.get_layer("logits").get_weights()
    logits = keras.ops.softmax(found @ kernel + bias)
    np.testing.assert_allclose(logits, lenet.predict_on_batch(pictures[0]), atol=1e-5)
    assert [name for name, _ in asking.summary(lenet)] == ["conv_1", "conv_2", "dense_1", "dense_2"]


def test_lanes_go_on_until_they_are_forgotten(lenet: keras.Model, pictures: tuple) -> None:
    images, labels, held = pictures
    found = asking.features(lenet, images)
    start, _ = asking.train_head(found, labels, held, 2)
    tuned = asking.begin_tuning(lenet, start, images, labels, held, 1)
    scratch = asking.begin_from_scratch(images, labels, held, 2)
    assert tuned.learning == ("dense_2", "logits") and scratch.weights > tuned.weights > 0
    before = asking.answers(tuned, images)
    np.testing.assert_allclose(before, start.probabilities(found), atol=1e-5)
    tuned, scratch = asking.go_on(tuned), asking.go_on(asking.go_on(scratch))
    assert len(tuned.history["val_accuracy"]) == 1 and len(scratch.history["loss"]) == 2
    asking.forget([tuned, scratch])
    with pytest.raises(JobError, match="Start it again"):
        asking.go_on(tuned)


def test_old_lanes_make_room_for_new_ones(pictures: tuple) -> None:
    first = asking.begin_from_scratch(*pictures, 2)
    newer = [asking.begin_from_scratch(*pictures, 2) for _ in range(asking.TRAININGS_KEPT)]
    with pytest.raises(JobError):
        asking.go_on(first)
    asking.forget(newer)


def test_guessed_lanes_are_not_found() -> None:
    with pytest.raises(JobError):
        asking.answers(Lane("0" * 32, (), 0, {}), np.zeros((1, *SHAPE), np.uint8))


def test_what_goes_home_gives_the_same_probabilities(
    lenet: keras.Model, pictures: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    import zipfile

    import tensorflow as tf

    images, labels, held = pictures
    found = asking.features(lenet, images)
    start, _ = asking.train_head(found, labels, held, 2)
    expected = start.probabilities(found)
    (tmp_path / "my-classes.keras").write_bytes(asking.whole_network(lenet, start))
    model = keras.saving.load_model(tmp_path / "my-classes.keras", safe_mode=True)
    np.testing.assert_allclose(model.predict_on_batch(images), expected, atol=1e-5)
    with zipfile.ZipFile(io.BytesIO(asking.lite_network(lenet, start, ("dark", "bright")))) as archive:
        assert archive.read("labels.txt") == b"dark\nbright\n"
        lite = tf.lite.Interpreter(model_content=archive.read("model.tflite"))
    lite.allocate_tensors()
    lite.set_tensor(lite.get_input_details()[0]["index"], images[:1].astype(np.float32))
    lite.invoke()
    np.testing.assert_allclose(lite.get_tensor(lite.get_output_details()[0]["index"]), expected[:1], atol=1e-4)
    # The script, run as somebody runs it at home.
    Image.fromarray(images[1]).save(tmp_path / "picture.png")
    (tmp_path / "name_it.py").write_text(card.script(("dark", "bright")))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["name_it.py", "picture.png"])
    capsys.readouterr()
    runpy.run_path("name_it.py")
    first = capsys.readouterr().out.splitlines()[0]
    assert "bright" in first and f"{expected[1, 1]:.1%}" in first


def test_the_model_card_counts(pictures: tuple) -> None:
    words = card.model_card("LeNet on Digits", ("a", "b"), [10, 12], [3, 4], 6)
    assert "6 of 7 held-back pictures were named correctly (86%)" in words and "  - b: 12 / 4" in words
    assert "0 of 0" in card.model_card("x", ("a", "b"), [1, 1], [0, 0], 0)


@pytest.mark.parametrize("name", ready.CATALOG)
def test_a_ready_set_is_a_project(name: str) -> None:
    if not ready.CATALOG[name].available():
        pytest.skip(f"{name}.zip is not on this machine; CVLIB_DATA may name a folder that has it")
    made = asking.load_ready(name, 6)
    assert made.problems() == [] and made.counts() == [6] * len(made.class_names)

"""What a worker does for the page, and what goes home."""

import io
import json
import runpy
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from cvlib import models, ongoing
from cvlib.errors import JobError, SpecError
from cvlib.export import lite
from cvlib.transfer import asking, card, curve, ready
from cvlib.transfer.asking import Lane
from cvlib.transfer.head import Learned

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
    tuned = asking.begin_tuning(lenet, start, images, labels, held, 1, 1e-3)
    scratch = asking.begin_from_scratch(images, labels, held, 2)
    assert tuned.learning == ("dense_2", "logits") and scratch.weights > tuned.weights > 0
    tuned = asking.go_on(tuned)
    assert tuned.prepared == 1 and tuned.history == {}  # the frozen part came first
    np.testing.assert_allclose(asking.outcome(tuned)[1], start.probabilities(found), atol=1e-5)
    tuned = asking.go_on(tuned)
    while len(scratch.history.get("loss", ())) < 2:
        scratch = asking.go_on(scratch)
    assert len(tuned.history["val_accuracy"]) == 1
    learned, shares = asking.outcome(tuned)
    assert set(learned.changes) == {"dense_2"} and not np.allclose(shares, start.probabilities(found))
    np.testing.assert_allclose(asking.probabilities(lenet, learned, images), shares, atol=1e-5)
    ongoing.forget([tuned.token, scratch.token])
    with pytest.raises(JobError, match="Start it again"):
        asking.go_on(tuned)


def test_lanes_learn_from_changed_copies(lenet: keras.Model, pictures: tuple) -> None:
    images, labels, held = pictures
    start, _ = asking.train_head(asking.features(lenet, images), labels, held, 2)
    lanes = {}
    for pipeline in ("", "rotation:angle=90..90"):
        lane = asking.begin_tuning(lenet, start, images, labels, held, 2, 1e-3, pipeline)
        while not lane.history:
            lane = asking.go_on(lane)
        lanes[pipeline] = asking.outcome(lane)[1]
        ongoing.forget([lane.token])
    plain, turned = lanes.values()
    assert plain.shape == turned.shape == (24, 2) and not np.allclose(plain, turned)
    with pytest.raises(SpecError, match="mixes"):
        asking.begin_from_scratch(images, labels, held, 2, "mixup")


def test_old_lanes_make_room_for_new_ones(pictures: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ongoing, "KEPT", 2)
    first = asking.begin_from_scratch(*pictures, 2)
    newer = [asking.begin_from_scratch(*pictures, 2) for _ in range(ongoing.KEPT)]
    with pytest.raises(JobError):
        asking.go_on(first)
    ongoing.forget([lane.token for lane in newer])


def test_guessed_lanes_are_not_found() -> None:
    with pytest.raises(JobError):
        asking.outcome(Lane("0" * 32, (), 0, {}))


def test_what_goes_home_gives_the_same_probabilities(
    lenet: keras.Model, pictures: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    images, labels, held = pictures
    found = asking.features(lenet, images)
    start, _ = asking.train_head(found, labels, held, 2)
    expected = start.probabilities(found)
    (tmp_path / "my-classes.keras").write_bytes(asking.whole_network(lenet, Learned(start)))
    model = keras.saving.load_model(tmp_path / "my-classes.keras", safe_mode=True)
    np.testing.assert_allclose(model.predict_on_batch(images), expected, atol=1e-5)
    file = asking.lite_network(lenet, Learned(start), images)
    np.testing.assert_allclose(file.probabilities, expected, atol=1e-4)
    with zipfile.ZipFile(io.BytesIO(lite.zipped(file.content, ("dark", "bright")))) as archive:
        assert archive.read("labels.txt") == b"dark\nbright\n" and archive.read("model.tflite") == file.content
    small = asking.lite_network(lenet, Learned(start), images, images)
    assert len(small.content) < 0.4 * len(file.content)
    np.testing.assert_allclose(small.probabilities, expected, atol=0.1)
    assert (small.probabilities.argmax(axis=1) == labels).all()
    # The script, run as somebody runs it at home.
    Image.fromarray(images[1]).save(tmp_path / "picture.png")
    (tmp_path / "name_it.py").write_text(card.script(("dark", "bright")))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["name_it.py", "picture.png"])
    capsys.readouterr()
    runpy.run_path("name_it.py")
    first = capsys.readouterr().out.splitlines()[0]
    assert "bright" in first and f"{expected[1, 1]:.1%}" in first
    # The notebook, its cells one after the other, but for the one that installs.
    cells = json.loads(card.notebook(("dark", "bright"), file.content, SHAPE))["cells"]
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code" and not cell["source"].startswith("%pip")]
    (tmp_path / "notebook.py").write_text("\n".join(code).replace("picture.jpg", "picture.png"))
    runpy.run_path("notebook.py")
    assert capsys.readouterr().out.splitlines()[0] == first
    # Whole numbers of 8 bits in the notebook.
    code = json.loads(card.notebook(("dark", "bright"), small.content, SHAPE))["cells"][3]["source"]
    names = {"__name__": "notebook"}
    exec("\n".join(cell["source"] for cell in cells[2:3]) + "\n" + code, names)
    assert names["name"]("picture.png")["bright"] == pytest.approx(small.probabilities[1, 1], abs=1e-5)


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


def test_a_person_s_network_is_found_by_its_content(lenet: keras.Model, pictures: tuple) -> None:
    images, labels, held = pictures
    start, _ = asking.train_head(asking.features(lenet, images), labels, held, 2)
    assert asking.whole(lenet, Learned(start)) is asking.whole(lenet, Learned(start))
    weights = tuple(lenet.get_layer("dense_2").get_weights())
    changed = Learned(start, {"dense_2": tuple(2 * weight for weight in weights)})
    assert changed.digest != Learned(start).digest
    assert not np.allclose(
        asking.probabilities(lenet, changed, images), asking.probabilities(lenet, Learned(start), images)
    )


def test_the_heat_map_of_a_person_s_network(lenet: keras.Model, pictures: tuple) -> None:
    images, labels, held = pictures
    start, _ = asking.train_head(asking.features(lenet, images), labels, held, 2)
    heat = asking.heat(lenet, Learned(start), images[1], 1)
    assert heat.shape == SHAPE[:2] and 0 <= heat.min() <= heat.max() <= 1
    flat = models.build("softmax_regression", input_shape=SHAPE, num_classes=7)
    head, _ = asking.train_head(asking.features(flat, images), labels, held, 2)
    assert asking.heat(flat, Learned(head), images[1], 1) is None


def test_the_curve_measures_every_lane_at_every_size(
    lenet: keras.Model, pictures: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curve, "LEAST_EPOCHS", 1)
    monkeypatch.setattr(curve, "MOST_EPOCHS", 2)
    images, labels, held = pictures
    found = asking.features(lenet, images)
    token = asking.begin_curve(lenet, found, images, images, labels, held, 1)
    steps = []
    while new := ongoing.proceed(token):
        steps += new
    ends = [(step.lane, step.size) for step in steps if step.lane]
    sizes = curve.sizes(labels, held)
    assert sizes == (1, 2, 5, 10, 12) and set(ends) == {(lane, size) for lane in curve.LANES for size in sizes}
    assert len(ends) == 3 * (4 * curve.REPEATS + 1)
    shares = [step.share for step in steps]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)
    assert [step.right for step in steps if step.lane == curve.FROZEN and step.size == 12] == [int(held.sum())]
    ongoing.forget([token])
    with pytest.raises(JobError):
        ongoing.proceed(token)


def test_larger_draws_contain_smaller_ones(pictures: tuple) -> None:
    _, labels, held = pictures
    small, large = (curve.drawn(labels, held, size, seed=1) for size in (2, 5))
    assert np.bincount(labels[small]).tolist() == [2, 2] and not (small & held).any() and (large | ~small).all()

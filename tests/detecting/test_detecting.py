"""What the page asks of a worker: own labels, a look inside, faces, files that work elsewhere."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from cvlib import models, ongoing, training
from cvlib.data.scene_sets import SCENES, load_scenes
from cvlib.detecting import code, faces, inside, own, pretrained
from cvlib.errors import DataUnavailable, ImageError, JobError, UnknownName
from cvlib.spec import TrainingSpec
from cvlib.tasks import detection, tiling
from cvlib.tasks.detections import nothing

NAMES = ("circle", "square", "triangle", "star", "cross")
TINY = {"task": "detection", "data": "shapes", "image_size": 64, "train_size": 48, "epochs": 2, "batch_size": 16}


HELD_BACK = {"validation": 20, "test": 70}
"""Fewer pictures than the set has, but more than are predicted at once."""


@pytest.fixture(scope="module", autouse=True)
def few_pictures() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for split, count in HELD_BACK.items():
            patch.setitem(SCENES["shapes"].counts, split, count)
        yield


@pytest.fixture(scope="module")
def trained(few_pictures: None) -> training.TrainedModel:
    events: list[dict] = []
    made = training.train(TrainingSpec(model="sliding_window", learning_rate=0.005, **TINY), report=events.append)
    phases = [event["phase"] for event in events if event["kind"] == "phase"]
    assert phases == ["loading data", "building", "preparing the first step", "training", "evaluating"]
    return made


def test_a_training_judges_its_test_pictures(trained: training.TrainedModel) -> None:
    answers = detection.unpack(trained.answers, trained.class_names)
    assert len(answers) == HELD_BACK["test"] > detection.BATCH and answers.size_hw == (64, 64)
    assert trained.metrics == pytest.approx(detection.metrics(answers))
    assert trained.history.keys() == {"loss", "val_loss", "val_map50", "learning_rate"}
    files = training.to_files(trained)
    assert set(files) == {"model.keras", "run.json", "test.npz"}


def test_one_box_keeps_what_it_said_after_each_epoch() -> None:
    made = training.train(TrainingSpec(model="one_box", learning_rate=0.003, **TINY))
    replay = made.answers["replay"]
    assert replay.shape == (2, 12, 4) and (replay[0] != replay[1]).any()
    answers = detection.unpack(made.answers, made.class_names)
    assert {len(truth) for truth in answers.truth} == {1}


@pytest.mark.parametrize("name", models.DETECTORS)
def test_the_grids_account_for_every_answer(name: str) -> None:
    shape = (64, 64, 3)
    model = models.build_detector(name, input_shape=shape, num_classes=5).model
    found = inside.look(model, name, np.zeros(shape, np.uint8))
    assert found.levels[-1].end == len(found.answers)
    for level in found.levels:
        assert found.heat(level).shape == (level.rows, level.columns)
        places = level.places(level.rows - 1, level.columns - 1)
        assert places[-1] == level.end - 1 and len(places) == level.boxes_a_cell


def test_the_sliding_windows_answers_lie_where_the_grid_says(trained: training.TrainedModel) -> None:
    found = inside.look(trained.model, "sliding_window", np.zeros((64, 64, 3), np.uint8))
    level = found.levels[0]
    left, top, _, _ = found.answers[level.places(2, 3)[0]][:4]
    assert (left, top) == pytest.approx((3 * level.step, 2 * level.step), abs=1e-3)


def test_own_labels_are_learned_from_and_forgotten() -> None:
    split = load_scenes("shapes", image_size=64, train_size=6, splits=("train",)).train
    truth = detection.truths(split, NAMES)
    token = own.begin(list(split.images), truth, 64, 2)
    parts = []
    while more := ongoing.proceed(token):
        parts += more
    assert parts[-1].share == 1 and parts[-1].map50 is not None and len(parts[-1].losses) == 2
    assert parts[-1].losses[-1] < parts[-1].losses[0]
    found = own.detect(token, np.zeros((100, 150, 3), np.uint8))
    assert found.class_names == NAMES
    with zipfile.ZipFile(io.BytesIO(own.as_files(token))) as archive:
        assert set(archive.namelist()) == {"my-detector.keras", code.LAYERS, code.USE, "labels.txt"}
    ongoing.forget([token])
    with pytest.raises(JobError):
        own.detect(token, np.zeros((10, 10, 3), np.uint8))


def test_own_pictures_go_through_a_pipeline() -> None:
    split = load_scenes("shapes", image_size=64, train_size=6, splits=("train",)).train
    given = (list(split.images), detection.truths(split, NAMES))
    training = own.OwnTraining(*given, side=64, epochs=1, augmentation="brightness:change=-128..-128")
    [(dark, _)], [(plain, _)] = (
        each.student.batches(each.dataset.train, own.SEED).take(1)
        for each in (training, own.OwnTraining(*given, side=64, epochs=1))
    )
    assert np.mean(dark) < np.mean(plain) - 40


def test_too_few_labels_are_refused_in_words() -> None:
    with pytest.raises(ImageError, match="At least 4 pictures need boxes; 0 have some"):
        own.begin([np.zeros((9, 9, 3), np.uint8)] * 5, [nothing(NAMES)] * 5, 64, 1)


def test_the_files_find_the_same_boxes_elsewhere(trained: training.TrainedModel, tmp_path: Path) -> None:
    picture = load_scenes("shapes", image_size=64, train_size=1, splits=("train",)).train.images[0]
    Image.fromarray(picture).save(tmp_path / "picture.png")
    with zipfile.ZipFile(io.BytesIO(code.bundle(trained.model, "found", NAMES))) as archive:
        archive.extractall(tmp_path)
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, code.USE, "picture.png"], cwd=tmp_path, capture_output=True, text=True,
                          env=clean, timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = sorted(line.split()[0] for line in done.stdout.splitlines())
    ours = tiling.detect(trained.model, picture, NAMES).chosen(confidence=0.3)
    assert told == sorted(NAMES[label] for label in ours.labels)


def test_faces_are_looked_for_window_by_window() -> None:
    class Bright:
        input_shape = (None, 8, 8, 1)

        def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
            light = images.mean(axis=(1, 2, 3)) / 255
            return np.stack([1 - light, light], axis=1)

    photo = np.zeros((40, 40, 3), np.uint8)
    photo[20:, 20:] = 255
    parts = list(faces.look(Bright(), photo, ("not a face", "face"), (0.5,)))
    assert parts[-1].share == 1 and parts[-1].found.boxes_xyxy[0].tolist() == [20, 20, 40, 40]


def test_what_cannot_be_fetched_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_args: object, **_kwargs: object) -> None:
        raise OSError("no network")

    import keras_cv

    monkeypatch.setattr(keras_cv.models.YOLOV8Detector, "from_preset", offline)
    pretrained.load.cache_clear()
    with pytest.raises(DataUnavailable, match="could not be fetched"):
        pretrained.detect("yolov8_voc", np.zeros((20, 20, 3), np.uint8))
    with pytest.raises(UnknownName, match="yolov8_voc"):
        pretrained.info("nothing")


def test_a_detector_of_others_is_asked_by_our_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras_cv

    keras.utils.set_random_seed(0)
    backbone = keras_cv.models.YOLOV8Backbone(
        stackwise_channels=(8, 8, 8, 8), stackwise_depth=(1, 1, 1, 1), include_rescaling=True
    )
    untrained = keras_cv.models.YOLOV8Detector(
        num_classes=20, bounding_box_format="xyxy", backbone=backbone, fpn_depth=1
    )
    monkeypatch.setattr(keras_cv.models.YOLOV8Detector, "from_preset", lambda *_args, **_kwargs: untrained)
    pretrained.load.cache_clear()
    found = pretrained.detect("yolov8_voc", np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8))
    pretrained.load.cache_clear()
    assert found.class_names == pretrained.VOC and found.scores.shape[1] == 20
    assert (found.boxes_xyxy[:, 2] <= 96).all() and (found.boxes_xyxy[:, 3] <= 64).all()

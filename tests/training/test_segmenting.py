"""Training for segmentation: it learns, repeats itself, stops when asked, and is judged on what it has not seen."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from cvlib import models, recipes, training
from cvlib.data import Dataset
from cvlib.data.scene_sets import SHAPES, take_scenes
from cvlib.errors import DataUnavailable, SpecError, UnknownName
from cvlib.spec import LOSSES, TrainingSpec
from cvlib.tasks import segmentation
from cvlib.training import TrainedModel, segmenting

SIDE = 64
QUICK = {"image_size": SIDE, "train_size": 40, "epochs": 2, "batch_size": 8}


def small(model: str = "fcn", **changes: object) -> TrainingSpec:
    return recipes.recommended("shapes", model, **{**QUICK, **changes})


@cache
def whole() -> Dataset:
    return segmenting.load(small())


@cache
def dataset() -> Dataset:
    """The same training pictures; few are held back."""
    return replace(whole(), validation=whole().validation.take(range(10)), test=whole().test.take(range(20)))


@cache
def trained(model: str, *, loss: str) -> tuple[TrainedModel, list]:
    """A network after a quick training, and what was reported meanwhile."""
    events: list[dict] = []
    return training.train(small(model, loss=loss), report=events.append, dataset=dataset()), events


def test_the_classes_are_those_of_the_areas() -> None:
    assert dataset().class_names == ("background", *SHAPES)
    assert dataset().train.masks.max() == 5


@pytest.mark.parametrize("model", models.SEGMENTERS)
def test_every_network_is_trained_and_judged(model: str) -> None:
    made, events = trained(model, loss=small(model).loss)
    assert made.history.keys() == {"loss", "val_loss", "val_miou", "learning_rate"}
    assert made.history["loss"][-1] < made.history["loss"][0]
    phases = [event["phase"] for event in events if event["kind"] == "phase"]
    assert phases == ["loading data", "building", "preparing the first step", "training", "evaluating"]
    answers = segmentation.unpack(made.answers)
    assert len(answers) == 20 and answers.scores.confusion.sum() == 20 * SIDE * SIDE
    assert made.metrics == segmentation.metrics(answers)
    found = segmentation.predict_labels(made.model, dataset().test.images)
    counts = segmentation.confusion(dataset().test.masks, found, 6)
    np.testing.assert_array_equal(answers.scores.confusion, counts)


def test_it_learns_what_is_where() -> None:
    spec = small(epochs=12, train_size=150)
    more = take_scenes("shapes", "train", range(150), image_size=SIDE)
    made = training.train(spec, dataset=replace(dataset(), train=more, test=whole().test))
    lazy = np.mean(whole().test.masks == 0)
    assert made.metrics["miou"] > 0.3 and made.metrics["pixel_accuracy"] > lazy + 0.03


def test_the_same_specification_gives_the_same_network() -> None:
    one = trained("fcn", loss=small().loss)[0].model.get_weights()
    other = training.train(small(), dataset=dataset()).model.get_weights()
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first, second)


def test_a_cancelled_training_keeps_what_it_has() -> None:
    asked = iter([False] * 3 + [True] * 100)
    made = training.train(small(epochs=50), dataset=dataset(), cancelled=lambda: next(asked))
    assert made.stopped["reason"] == "cancelled" and 0 <= made.metrics["miou"] <= 1


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_falls(loss: str) -> None:
    history = trained("fcn", loss=loss)[0].history
    assert history["loss"][-1] < 0.95 * history["loss"][0]


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(SpecError, match="without masks"):
        recipes.check(recipes.recommended("bccd", "unet"))
    with pytest.raises(SpecError, match="without boxes"):
        recipes.check(recipes.recommended("camvid", "centernet"))
    with pytest.raises(SpecError, match="skip connections"):
        recipes.check(recipes.recommended("street", "deeplab", skips=False))
    with pytest.raises(SpecError, match="loss"):
        recipes.check(recipes.recommended("digits", "lenet", loss="dice"))
    with pytest.raises(UnknownName, match="unet"):
        recipes.check(TrainingSpec(task="segmentation", data="street", model="lenet"))


def test_data_that_is_not_here_names_the_way_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CVLIB_DATA", raising=False)
    monkeypatch.setenv("TFDS_DATA_DIR", "/nowhere")
    with pytest.raises(DataUnavailable, match="CVLIB_DATA"):
        recipes.check(recipes.recommended("camvid", "unet"))
    with pytest.raises(DataUnavailable, match="prepare --data oxford_pets"):
        recipes.check(recipes.recommended("oxford_pets", "unet"))

"""Training: honest, repeatable, and it stops when it should."""

import json
from functools import cache

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from cvlib import data, device, recipes, training
from cvlib.errors import Diverged, UnknownName
from cvlib.spec import OPTIMIZERS, SCHEDULES, TrainingSpec
from cvlib.training.pace import steps_per_execution
from cvlib.training.schedule import learning_rate, optimizer

QUICK = TrainingSpec(model="softmax_regression", epochs=2, batch_size=64)


@pytest.fixture(scope="module")
def digits() -> data.Dataset:
    return data.load("digits")


@cache
def trained(spec: TrainingSpec) -> training.TrainedModel:
    """A network after a training that several tests look at."""
    return training.train(spec, dataset=data.load("digits"))


def test_it_reports_what_happens_in_order(digits: data.Dataset) -> None:
    events: list[dict] = []
    trained = training.train(QUICK, report=events.append, dataset=digits)
    phases = [event["phase"] for event in events if event["kind"] == "phase"]
    assert phases == ["loading data", "building", "training", "evaluating"]
    epochs = [event for event in events if event["kind"] == "epoch"]
    assert [event["epoch"] for event in epochs] == [1, 2]
    batches = [event["progress"] for event in events if event["kind"] == "batch"]
    assert batches and batches == sorted(batches) and 0 < batches[0] <= 1
    assert trained.history.keys() == {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    assert all(len(values) == 2 for values in trained.history.values())
    json.dumps(events, allow_nan=False)


def test_the_same_specification_gives_the_same_model(digits: data.Dataset) -> None:
    spec = QUICK.replace(model="lenet", dropout=0.2, batch_size=256)
    one, other = training.train(spec, dataset=digits), training.train(spec, dataset=digits)
    for first, second in zip(one.model.get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
    different = training.train(spec.replace(seed=1), dataset=digits)
    assert any((a != b).any() for a, b in zip(one.model.get_weights(), different.model.get_weights(), strict=True))


@pytest.mark.parametrize(("model", "least"), [("softmax_regression", 0.95), ("mlp", 0.96), ("lenet", 0.985)])
def test_the_recommended_settings_reach_their_accuracy_on_digits(model: str, least: float) -> None:
    assert trained(recipes.recommended("digits", model)).metrics["accuracy"] >= least


def test_softmax_regression_is_as_good_as_scikit_learns(digits: data.Dataset) -> None:
    flat = digits.train.images.reshape(len(digits.train), -1) / 255
    reference = LogisticRegression(max_iter=2000).fit(flat, digits.train.labels)
    theirs = reference.score(digits.test.images.reshape(len(digits.test), -1) / 255, digits.test.labels)
    ours = trained(recipes.recommended("digits", "softmax_regression")).metrics["accuracy"]
    assert abs(ours - theirs) < 0.02


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimiser_learns(digits: data.Dataset, name: str) -> None:
    rate = 0.05 if name == "sgd" else 0.01
    spec = QUICK.replace(optimizer=name, learning_rate=rate, epochs=8, batch_size=32)
    assert training.train(spec, dataset=digits).metrics["accuracy"] > 0.85


def test_half_precision_is_as_good(digits: data.Dataset) -> None:
    spec = recipes.recommended("digits", "mlp")
    full = trained(spec)
    if full.precision != "float32":  # what suits a network this small is half precision on some devices
        full = training.train(spec.replace(precision="float32"), dataset=digits)
    mixed = training.train(spec.replace(precision="mixed"), dataset=digits)
    assert full.precision == "float32" and mixed.precision.startswith("mixed")
    assert abs(full.metrics["accuracy"] - mixed.metrics["accuracy"]) < 0.02
    assert {layer.dtype_policy.name for layer in mixed.model.layers} == {"float32"}


def test_cancelling_keeps_the_model_so_far(digits: data.Dataset) -> None:
    asked = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    trained = training.train(QUICK.replace(epochs=200), cancelled=cancelled, dataset=digits)
    assert trained.stopped == {"epoch": trained.stopped["epoch"], "reason": "cancelled"}
    assert len(asked) == 4
    assert len(trained.answers["probabilities"]) == 450


def test_fault_54_a_loss_that_is_not_a_number_stops_within_an_epoch(digits: data.Dataset) -> None:
    events: list[dict] = []
    spec = QUICK.replace(model="lenet", optimizer="sgd", learning_rate=10.0, schedule="constant", epochs=50)
    with pytest.raises(Diverged, match="learning rate of 10 is too large.*such as 1"):
        training.train(spec, report=events.append, dataset=digits)
    assert not any(event["kind"] == "epoch" and not np.isfinite(event["loss"]) for event in events)


def test_files_hold_all_and_no_more_than_strict_json(digits: data.Dataset) -> None:
    trained = training.train(QUICK, dataset=digits)
    files = training.to_files(trained)
    assert files.keys() == {"model.keras", "run.json", "test.npz"}
    record = json.loads(files["run.json"], parse_constant=lambda name: pytest.fail(name))
    assert record["run"] == QUICK.digest and record["parameters"] == 650
    assert TrainingSpec.from_dict(record["spec"]) == QUICK


def test_what_does_not_exist_is_refused_before_anything_is_done() -> None:
    with pytest.raises(UnknownName):
        training.train(QUICK.replace(data="nothing"))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_rate_never_leaves_its_range(schedule: str) -> None:
    spec = QUICK.replace(schedule=schedule, learning_rate=0.01)
    rate = learning_rate(spec, 100)
    values = [float(rate(step)) if callable(rate) else rate for step in range(101)]
    assert max(values) == pytest.approx(0.01, rel=0.05) and min(values) >= 0
    if schedule == "one_cycle":
        peak = int(np.argmax(values))
        assert 25 <= peak <= 35 and values[0] < 0.001 and values[-1] < 0.001
        assert values[:peak] == sorted(values[:peak])
    if schedule == "cosine":
        assert values == sorted(values, reverse=True)


def test_optimisers_are_keras_own() -> None:
    assert isinstance(optimizer(QUICK, 10), keras.optimizers.Adam)
    assert optimizer(QUICK.replace(optimizer="sgd"), 10).nesterov


def test_heavy_steps_are_few_and_light_ones_many() -> None:
    assert steps_per_execution(1e12, 1000) == 1
    assert steps_per_execution(1e3, 1000) >= 16
    assert steps_per_execution(1e3, 3) == 3


def test_work_is_counted_as_by_hand() -> None:
    images = keras.Input((8, 8, 1))
    features = keras.layers.Flatten()(keras.layers.Conv2D(4, 3)(images))
    model = keras.Model(images, keras.layers.Dense(10)(features))
    assert device.work_of(model) == 6 * 6 * 9 * 4 + 6 * 6 * 4 * 10

"""What people take home does what the run did."""

import io
import os
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cvlib import data, models, training
from cvlib.export import arrays, code, lite
from cvlib.spec import OPTIMIZERS, SCHEDULES, TrainingSpec
from cvlib.training.schedule import optimizer

SPEC = TrainingSpec(model="lenet", epochs=2, batch_size=64, dropout=0.1, l2=1e-4)


@pytest.fixture(scope="module")
def trained() -> training.TrainedModel:
    return training.train(SPEC)


def test_tflite_gives_the_same_probabilities(trained: training.TrainedModel) -> None:
    import tensorflow as tf

    with zipfile.ZipFile(io.BytesIO(lite.with_labels(trained.model, trained.class_names))) as archive:
        assert archive.read("labels.txt").decode().split() == list(trained.class_names)
        content = archive.read("model.tflite")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        interpreter = tf.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    image = data.load("digits").test.images[:1]
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image.astype(np.float32))
    interpreter.invoke()
    shares = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(shares, trained.answers["probabilities"][:1], atol=1e-4)


def test_the_data_file_is_the_data(trained: training.TrainedModel) -> None:
    dataset = data.load("digits")
    with np.load(io.BytesIO(arrays.as_npz(dataset)), allow_pickle=False) as file:
        assert (file["x_train"] == dataset.train.images).all() and (file["y_test"] == dataset.test.labels).all()
        assert tuple(file["class_names"]) == dataset.class_names


def test_the_code_runs_by_itself_and_trains_as_well(trained: training.TrainedModel, tmp_path: Path) -> None:
    (tmp_path / "digits.npz").write_bytes(arrays.as_npz(data.load("digits")))
    spec = SPEC.replace(epochs=6)
    (tmp_path / "script.py").write_text(training.as_script(trained.model, spec, trained.train_count))
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-1000:]
    last = done.stdout.strip().splitlines()[-1]
    assert last.endswith("of the test pictures are named correctly") and float(last.split("%")[0]) > 90
    assert (tmp_path / "digits-lenet.keras").exists()


def test_the_code_of_a_hardened_network_hardens_it(trained: training.TrainedModel, tmp_path: Path) -> None:
    (tmp_path / "digits.npz").write_bytes(arrays.as_npz(data.load("digits", train_size=200)))
    spec = SPEC.replace(epochs=2, adversarial="pgd", epsilon=25)
    script = training.as_script(trained.model, spec, 200)
    assert "learner.fit(" in script and "epsilon=25, count=7, step_size=6.25" in script
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, env={**os.environ, "PYTHONPATH": ""},
                          capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-1000:]
    assert "of the test pictures are named correctly" in done.stdout
    assert (tmp_path / "digits-lenet.keras").exists()


@pytest.mark.parametrize("name", models.CATALOG)
def test_the_code_builds_the_same_network(name: str) -> None:
    import keras

    model = models.build(name, input_shape=(16, 16, 3), num_classes=4, dropout=0.25, l2=1e-3)
    scope = {"keras": keras}
    exec(code.network(model), scope)
    again = scope["model"]
    assert [type(layer) for layer in again.layers] == [type(layer) for layer in model.layers]
    assert [w.shape for w in again.weights] == [w.shape for w in model.weights]
    assert len(again.losses) == len(model.losses)
    again.set_weights(model.get_weights())
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    np.testing.assert_allclose(again.predict_on_batch(images), model.predict_on_batch(images), atol=1e-6)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_code_names_the_same_optimiser(name: str, schedule: str) -> None:
    import keras

    spec = SPEC.replace(optimizer=name, schedule=schedule)
    model = models.build("softmax_regression", input_shape=(8, 8, 1), num_classes=3)
    text = code.script(model, optimizer(spec, 90), spec)
    line = next(line for line in text.splitlines() if line.strip().startswith("optimizer="))
    made = eval(line.strip().removeprefix("optimizer=").rstrip(","), {"keras": keras})
    original = optimizer(spec, 90)
    assert type(made) is type(original)
    one, other = keras.optimizers.serialize(made)["config"], keras.optimizers.serialize(original)["config"]
    one.pop("name"), other.pop("name")
    assert str(one).replace(made.name, "") == str(other).replace(original.name, "")

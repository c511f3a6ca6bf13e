"""The files of a network for segmentation say outside the workshop what they say inside."""

import io
import os
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from cvlib import models
from cvlib.data.scene_sets import take_scenes
from cvlib.export import lite
from cvlib.segmenting import code
from cvlib.tasks import mask_formats, mask_tiling

NAMES = ("ground", "it's", 'a "b"')
COLORS = ("#000000", "#E69F00", "#56B4E9")


def network(name: str, size_hw: tuple[int, int] = (64, 64)) -> keras.Model:
    keras.utils.set_random_seed(3)
    return models.build_segmenter(name, input_shape=(*size_hw, 3), num_classes=len(NAMES))


def in_another_process(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, code.USE, "picture.png", "mask.png"], cwd=folder, capture_output=True,
                          text=True, env=clean, timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_the_workshop(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> str:
    """What the program prints in this process, where it cannot import the workshop."""
    capsys.readouterr()
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", [code.USE, "picture.png", "mask.png"])
        patch.setitem(sys.modules, "cvlib", None)
        runpy.run_path(code.USE, run_name="__main__")
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "use"), [("unet", without_the_workshop), ("deeplab", in_another_process)], ids=["unet", "deeplab"]
)
def test_the_files_name_the_same_pixels_elsewhere(
    name: str,
    use: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    model = network(name)
    picture = take_scenes("shapes", "train", [0], image_size=96).images[0][:, :80]
    Image.fromarray(picture).save(tmp_path / "picture.png")
    with zipfile.ZipFile(io.BytesIO(code.bundle(model, "mine", NAMES, COLORS))) as archive:
        archive.extractall(tmp_path)
    assert (tmp_path / code.LABELS).read_text().splitlines() == list(NAMES)
    printed = use(tmp_path, monkeypatch, capsys)
    read = mask_formats.from_png((tmp_path / "mask.png").read_bytes(), name="mask.png")
    ours = mask_tiling.segment(model, picture, NAMES).labels
    assert read.mask.shape == (96, 80) and (read.mask == ours).mean() > 0.995
    assert read.colors == COLORS[: len(read.colors)]
    assert [line.rpartition(":")[0] for line in printed.splitlines()] == list(NAMES)
    assert_same(model, (tmp_path / code.LITE).read_bytes())


def assert_same(model: keras.Model, content: bytes) -> None:
    images = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), np.uint8)
    assert np.abs(lite.run(content, images) - model.predict_on_batch(images)).max() < 1e-4


@pytest.mark.parametrize("name", ["segnet", "fcn"])
def test_tflite_gives_the_same_probabilities(name: str) -> None:
    model = network(name)
    assert_same(model, lite.as_tflite(model))


def test_only_what_needs_keras_cv_imports_it() -> None:
    for name in models.SEGMENTERS:
        text = code.script("x", NAMES, COLORS, network=name)
        compile(text, code.USE, "exec")
        assert ("import keras_cv" in text) == (name == "deeplab") == ("keras-cv" in text)

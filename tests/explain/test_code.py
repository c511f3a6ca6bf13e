"""Every script of an explanation runs outside the workshop and makes the same map."""

import runpy
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from cvlib import explain, models
from cvlib.explain import ClassScore, code, methods, receptive
from cvlib.explain.probe import probe
from cvlib.models import pretrained


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network and a picture, as somebody has them who took them home."""
    folder = tmp_path_factory.mktemp("taken-home")
    keras.utils.set_random_seed(0)
    model = models.build("lenet", input_shape=(24, 24, 3), num_classes=5)
    model.save(folder / "shapes-lenet.keras")
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "picture.png")
    return folder


def axes_of(model: keras.Model, layer: str | None) -> receptive.Axes | None:
    return None if layer is None else probe(model).spatial(layer).axes


@pytest.mark.parametrize("name", methods.CATALOG)
def test_the_script_makes_the_same_map(name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = keras.saving.load_model(home / "shapes-lenet.keras")
    image = np.asarray(Image.open(home / "picture.png"))
    ours = explain.run(methods.CATALOG[name], model, image, ClassScore(3))
    script = home / f"{name}.py"
    script.write_text(code.script(None, "shapes-lenet.keras", name, 3, ours.layer, axes_of(model, ours.layer)))
    monkeypatch.chdir(home)
    runpy.run_path(str(script))
    theirs = np.load(home / "map.npy")
    np.testing.assert_allclose(theirs, ours.raw, rtol=1e-3, atol=1e-5 + 1e-3 * np.abs(ours.raw).max())
    assert np.asarray(Image.open(home / "map.png")).shape == (448, 448)


@pytest.mark.parametrize("network", pretrained.CATALOG)
def test_the_script_for_a_network_of_others_compiles(network: str) -> None:
    compile(code.script(network, "", "layer_cam", 7, "some_layer", receptive.PIXELS), "script.py", "exec")


@pytest.mark.skipif(
    not pretrained.info("imagenet/mobilenet_025").available(), reason="the weights of MobileNet are not on this machine"
)
@pytest.mark.parametrize("name", ["grad_cam", "vanilla_gradients", "guided_backprop"])
def test_the_script_for_a_network_of_others_makes_the_same_map(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = pretrained.load("imagenet/mobilenet_025")
    image = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    Image.fromarray(image).save(tmp_path / "picture.png")
    ours = explain.run(methods.CATALOG[name], model, image, ClassScore(7))
    script = code.script("imagenet/mobilenet_025", "", name, 7, ours.layer, axes_of(model, ours.layer))
    (tmp_path / "script.py").write_text(script)
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(tmp_path / "script.py"))
    np.testing.assert_allclose(np.load("map.npy"), ours.raw, rtol=1e-3, atol=1e-3 * np.abs(ours.raw).max())

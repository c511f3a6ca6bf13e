import re

import numpy as np
import pytest

from cvlib.augmentation import CATALOG, Pipeline, Step, running
from cvlib.augmentation.batch import of_arrays
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.presets import PRESETS
from cvlib.augmenting import code, snippets, written
from cvlib.data.samples import load_sample
from cvlib.figures import grid

keras = pytest.importorskip("keras")

SHAPE = (48, 64, 3)
CLOSE = 1.0
"""Mean difference in shades; borders and the rounding of a quantised value differ in single pixels."""
ALIKE = (0.75, 1.33)
POLICIES = (0.3, 3.0)
"""KerasCV draws from a list of its own."""


@pytest.fixture(scope="module")
def photos() -> np.ndarray:
    """Four photos, uint8 (4, 48, 64, 3), cut so that they have no border of one colour."""
    names = ("cat", "coffee", "astronaut", "rocket")
    large = [grid.enlarge(load_sample(name), 96, smooth=True) for name in names]
    return np.stack([np.resize(each[:48, :64], SHAPE) for each in large])


def run_script(text: str, **names: object) -> dict:
    """What a script defines, without its last part unless it is told that it is the main one."""
    space = {"__name__": "script", **names}
    exec(compile(text, "augment.py", "exec"), space)
    return space


def by_script(step: Step, images: np.ndarray) -> np.ndarray:
    text = code.as_script(step.to_text(), image_shape=images.shape[1:])
    space = run_script(text)
    given = keras.ops.convert_to_tensor(images.astype(np.float32))
    if step.card.mixes:
        labels = keras.ops.one_hot(np.arange(len(images)), len(images))
        made, shares = space["augment"](given, labels)
        assert np.allclose(np.asarray(shares).sum(axis=1), 1, atol=1e-4)
        return np.asarray(made)
    return np.asarray(space["augment"](given))


def by_us(step: Step, images: np.ndarray, seed: int = 0) -> np.ndarray:
    batch = of_arrays(images, labels=np.arange(len(images)), num_classes=len(images))
    made, _ = running.run(Pipeline((step,)), batch, Chance(np.array([seed, 0], np.int32)))
    return made.images.numpy()


def fixed(name: str, share: float) -> Step:
    """A step whose ranges are all at one value, so far along them."""
    settings = {}
    for parameter in CATALOG[name].parameters:
        if parameter.is_range:
            value = parameter.low + share * (parameter.high - parameter.low)
            value = float(round(value)) if parameter.whole else value
            settings[parameter.name] = (value, value)
    return Step(name, settings)


def test_every_transform_has_a_snippet() -> None:
    assert set(snippets._MAKERS) == set(CATALOG)


@pytest.mark.parametrize("name", CATALOG)
@pytest.mark.parametrize("share", [0.3, 0.8])
def test_a_script_does_what_the_workshop_does(name: str, share: float, photos: np.ndarray) -> None:
    step = fixed(name, share)
    keras.utils.set_random_seed(7)
    ours = by_us(step, photos)
    if np.array_equal(ours, by_us(step, photos, seed=1)):
        theirs = by_script(step, photos)
        assert theirs.shape == ours.shape
        assert np.abs(theirs - ours).mean() < (2 * CLOSE if name == "equalise" else CLOSE)
        return
    count = 24 if step.card.kind == "policy" else 48  # the ratio below is wider there, and KerasCV slow
    many = np.stack([np.roll(photos[k % 4], (7 * k, 5 * k), axis=(0, 1)) for k in range(count)])
    change_ours = np.abs(by_us(step, many) - many).mean()
    change_theirs = np.abs(by_script(step, many) - many).mean()
    low, high = POLICIES if step.card.kind == "policy" else ALIKE
    assert low < change_theirs / change_ours < high


@pytest.mark.parametrize("place", range(len(CATALOG)), ids=list(CATALOG))
def test_every_script_runs_and_feeds_a_training(
    place: int, photos: np.ndarray, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Step(list(CATALOG)[place], probability=0.5)
    channels = 1 + 2 * (place % 2)
    script = code.as_script(step.to_text(), image_shape=(48, 64, channels))
    _runs(script, step.card.mixes, channels, photos, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_runs(name: str, photos: np.ndarray, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = PRESETS[name].pipeline
    script = code.as_script(pipeline.to_text(), image_shape=SHAPE)
    _runs(script, pipeline.mixes, 3, photos, tmp_path, monkeypatch)


def _runs(script: str, mixes: bool, channels: int, photos: np.ndarray, tmp_path, monkeypatch) -> None:
    from PIL import Image

    (tmp_path / "photos").mkdir()
    for number, pixels in enumerate(photos):
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["augment.py", "photos"])
    space = run_script(script, __name__="__main__")
    files = sorted((tmp_path / "augmented").iterdir())
    assert len(files) == code.COUNT
    assert all(Image.open(file).size == (64, 48) for file in files)
    assert Image.open(files[0]).mode == ("L" if channels == 1 else "RGB")
    images = photos if channels == 3 else photos[..., :1]
    more = (4,) if mixes else ()
    some, labels = next(iter(space["training_data"](images, np.arange(4), *more, batch_size=4)))
    assert some.shape == images.shape
    assert np.isfinite(some).all()
    assert 0 <= float(some.numpy().min()) <= float(some.numpy().max()) <= 255
    assert labels.shape == ((4, 4) if mixes else (4,))


def test_a_rotation_to_the_left_stays_one() -> None:
    images = np.zeros((1, 33, 33, 3), np.uint8)
    images[0, 14:19, 26:31] = 255  # right of the middle: a turn to the left takes it up
    made = by_script(Step("rotation", {"angle": (90.0, 90.0)}), images)
    assert made[0, 2:7, 14:19].mean() > 200


def test_signs_of_a_translation() -> None:
    images = np.zeros((1, 40, 40, 1), np.uint8)
    images[0, 18:22, 18:22] = 255
    made = by_script(Step("translation", {"x": (25.0, 25.0), "y": (-25.0, -25.0)}), images)
    assert made[0, 8:12, 28:32].mean() > 200


def test_a_probability_is_that_share() -> None:
    images = np.full((400, 8, 8, 3), 100, np.uint8)
    keras.utils.set_random_seed(0)
    step = Step("brightness", {"change": (50.0, 50.0)}, probability=0.3)
    changed = by_script(step, images)[:, 0, 0, 0] > 120
    assert 0.2 < changed.mean() < 0.4


def test_the_order_of_the_steps_is_kept() -> None:
    dark, twice = Step("brightness", {"change": (-100.0, -100.0)}), Step("gamma", {"gamma": (2.0, 2.0)})
    first = code.as_script(Pipeline((dark, twice)).to_text(), image_shape=SHAPE)
    second = code.as_script(Pipeline((twice, dark)).to_text(), image_shape=SHAPE)
    calls = [re.search(r"STEPS = \[(.*?)\n\]", text, re.DOTALL).group(1) for text in (first, second)]
    assert calls[0].index("RandomBrightness") < calls[0].index("gamma(")
    assert calls[1].index("gamma(") < calls[1].index("RandomBrightness")


def test_steps_that_are_off_are_left_out() -> None:
    assert "RandomRotation" not in code.as_script("!rotation;brightness", image_shape=SHAPE)


def test_a_pipeline_without_steps_is_a_script_too(photos: np.ndarray) -> None:
    space = run_script(code.as_script("", image_shape=SHAPE))
    made = space["augment"](keras.ops.convert_to_tensor(photos.astype(np.float32)))
    assert np.array_equal(np.asarray(made), photos)


def test_only_what_is_needed_is_written_out() -> None:
    names = list(written.HELPERS)
    for name, helper in written.HELPERS.items():
        assert all(names.index(need) < names.index(name) for need in helper.needs)
        assert helper.text.startswith(f"def {name}(")
    assert written.in_order(()) == []
    assert "def " not in code.as_script("brightness", image_shape=SHAPE).split("STEPS = ")[0]


def test_ranges_are_drawn_as_the_workshop_draws_them(photos: np.ndarray) -> None:
    """Brightness over its usual range: the mean shift of many copies spans the range evenly."""
    images = np.full((600, 4, 4, 3), 128, np.uint8)
    keras.utils.set_random_seed(1)
    made = by_script(Step("brightness"), images)[:, 0, 0, 0] - 128
    assert -40.5 <= made.min() < -36
    assert 36 < made.max() <= 40.5
    assert abs(made.mean()) < 4


@pytest.mark.parametrize("first", ["flip:direction=horizontal,p=0.5", "grey:p=0.2"])
def test_a_layer_that_has_a_probability_is_not_given_another(first: str) -> None:
    assert "maybe_mixed(" not in code.as_script(f"{first};mixup", image_shape=SHAPE)

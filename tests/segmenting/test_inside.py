"""Inside networks for segmentation: their stages, whatever they are called."""

from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cvlib import models
from cvlib.segmenting import graph, inside

SIZE = (64, 96, 3)
EACH = [
    (name, skips) for name, card in models.SEGMENTERS.items() for skips in ((True, False) if card.skips else (True,))
]


@cache
def built(name: str, skips: bool = True, size: tuple[int, int, int] = SIZE) -> Any:
    keras.utils.set_random_seed(0)
    return models.build_segmenter(name, input_shape=size, num_classes=5, skips=skips)


def described(model: Any) -> list[str]:
    """Each stage in a line: title, maps, and where something comes from."""
    found = inside.stages(model)
    return [
        f"{stage.title} {stage.height}x{stage.width}"
        + (f" < {found[stage.source].title}" if stage.source is not None else "")
        for stage in found
    ]


def test_a_unet_hands_its_encoders_maps_across() -> None:
    assert described(built("unet")) == [
        "Encoder 1 32x48",
        "Pooling 1 16x24",
        "Encoder 2 16x24",
        "Pooling 2 8x12",
        "Encoder 3 8x12",
        "Pooling 3 4x6",
        "Encoder 4 4x6",
        "Pooling 4 2x3",
        "Bottom 2x3",
        "Decoder 4 4x6 < Encoder 4",
        "Decoder 3 8x12 < Encoder 3",
        "Decoder 2 16x24 < Encoder 2",
        "Decoder 1 32x48 < Encoder 1",
        "Scores 64x96",
    ]


def test_segnets_pooling_is_found_among_plain_operations() -> None:
    assert described(built("segnet"))[3:9] == [
        "Pooling 2 8x12",
        "Encoder 3 8x12",
        "Bottom 4x6",
        "Decoder 3 8x12 < Encoder 3",
        "Decoder 2 16x24 < Encoder 2",
        "Decoder 1 32x48 < Encoder 1",
    ]


def test_an_fcn_adds_scores_of_finer_maps() -> None:
    assert described(built("fcn"))[-5:] == [
        "Bottom 4x6",
        "Scores 1 4x6",
        "Scores 2 8x12 < Pooling 2",
        "Scores 3 16x24 < Pooling 1",
        "Scores 4 64x96",
    ]


def test_deeplab_is_opened() -> None:
    assert described(built("deeplab")) == [
        "Encoder 1 32x48",
        "Encoder 2 16x24",
        "Encoder 3 8x12",
        "Encoder 4 4x6",
        "Bottom 2x3",
        "Context 2x3",
        "Decoder 2 16x24 < Encoder 2",
        "Scores 1 16x24",
        "Scores 2 64x96",
    ]


@pytest.mark.parametrize("size", [SIZE, (70, 90, 3)], ids=["fits", "is padded"])
@pytest.mark.parametrize(("name", "skips"), EACH)
def test_every_weight_belongs_to_one_stage(name: str, skips: bool, size: tuple[int, int, int]) -> None:
    model = built(name, skips, size)
    found = inside.stages(model)
    assert sum(stage.weights for stage in found) == model.count_params()
    assert any(stage.source is not None for stage in found) == skips
    assert len({stage.title for stage in found}) == len(found)
    assert (found[-1].height, found[-1].width, found[-1].channels) == (*size[:2], 5)
    areas = [stage.height * stage.width for stage in found]
    lowest = areas.index(min(areas))
    assert areas[:lowest] == sorted(areas[:lowest], reverse=True)
    assert all(one <= other for one, other in zip(areas[lowest:-1], areas[lowest + 1 : -1], strict=False))


@pytest.mark.parametrize(("name", "skips"), EACH)
def test_maps_have_their_stages_size_and_the_last_are_the_scores(name: str, skips: bool) -> None:
    model = built(name, skips)
    image = np.random.default_rng(0).integers(0, 256, SIZE, np.uint8)
    for stage in inside.stages(model):
        channels, maps = inside.maps(model, image, stage, most=4)
        assert maps.dtype == np.float32 and maps.shape[1:] == (stage.height, stage.width)
        assert len(maps) == len(channels) == (stage.channels if stage.kind == "score" else 4)
    logits = keras.Model(model.inputs, model.get_layer("logits").output)(image[None].astype(np.float32))
    np.testing.assert_allclose(np.moveaxis(maps, 0, -1), logits[0], rtol=1e-3, atol=1e-5)


def test_the_strongest_maps_come_first() -> None:
    model = built("unet")
    image = np.random.default_rng(0).integers(0, 256, SIZE, np.uint8)
    _, maps = inside.maps(model, image, inside.stages(model)[2])
    means = np.abs(maps).mean(axis=(1, 2))
    assert (np.diff(means) <= 0).all() and means[0] > 0


@pytest.mark.parametrize("name", models.SEGMENTERS)
def test_a_kept_network_has_the_same_stages(name: str, tmp_path: Path) -> None:
    model = built(name)
    model.save(tmp_path / "model.keras")
    assert described(keras.models.load_model(tmp_path / "model.keras", compile=False)) == described(model)


def test_nested_networks_are_taken_step_by_step() -> None:
    outer = keras.Input((8, 8, 3))
    inner = keras.Sequential([keras.layers.Conv2D(2, 3, name="one"), keras.layers.ReLU(name="two")])
    model = keras.Model(outer, keras.layers.Flatten(name="last")(inner(outer)))
    opened = graph.of(model)
    assert [step.name for step in opened.steps] == ["one", "two", "last"]
    pictures = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype(np.float32)
    np.testing.assert_allclose(opened.run(pictures, opened.steps[-1].gives[0]), model(pictures), rtol=1e-5)

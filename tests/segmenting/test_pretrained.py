"""The network of others: without its weights, which no test fetches, it is a random network of the same class."""

import numpy as np
import pytest

from cvlib import ongoing
from cvlib.errors import DataUnavailable, UnknownName
from cvlib.segmenting import pretrained

NAME = "deeplab_voc"


def random_network(side: int | None):
    import keras
    from keras_cv.models import DeepLabV3Plus, ResNetV2Backbone

    keras.utils.set_random_seed(0)
    backbone = ResNetV2Backbone(
        stackwise_filters=[8, 8, 8, 8],
        stackwise_blocks=[2, 2, 2, 2],
        stackwise_strides=[1, 2, 2, 2],
        include_rescaling=True,
        input_shape=(side, side, 3),
    )
    return DeepLabV3Plus(backbone=backbone, num_classes=len(pretrained.VOC), projection_filters=4)


def test_a_network_of_its_class_segments_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_network(64)
    monkeypatch.setattr(pretrained, "load", lambda name: network)
    pixels = np.random.default_rng(0).integers(0, 256, (90, 70, 3), np.uint8)
    found = pretrained.segment(NAME, pixels, 2)
    assert found.labels.shape == (90, 70) and found.class_names == pretrained.VOC
    assert 0 < found.confidence.astype(float).max() <= 1
    token = pretrained.begin(NAME, pixels, 2)
    parts = []
    while taken := ongoing.proceed(token):
        parts += taken
    ongoing.forget([token])
    np.testing.assert_array_equal(parts[-1].prediction.labels, found.labels)
    assert parts[-1].share == 1 and all(part.prediction is None for part in parts[:-1])


def test_one_that_takes_any_size_is_shown_what_it_was_trained_on() -> None:
    class Any:
        input_shape = (None, None, None, 3)

    assert pretrained._Sized(Any(), pretrained.info(NAME)).input_shape == (None, 512, 512, 3)


def test_what_cannot_be_had_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from keras_cv.models import DeepLabV3Plus

    def fail(preset: str) -> None:
        raise OSError("no route")

    monkeypatch.setattr(DeepLabV3Plus, "from_preset", fail)
    pretrained.load.cache_clear()
    with pytest.raises(DataUnavailable, match=r"\(157 MB\) are not on this host .* trained here"):
        pretrained.load(NAME)
    with pytest.raises(UnknownName, match="There is no network 'sam'"):
        pretrained.info("sam")


def test_the_preset_is_keras_cvs_own_and_as_large_as_is_said() -> None:
    from keras_cv.models import DeepLabV3Plus

    for card in pretrained.CATALOG.values():
        preset = DeepLabV3Plus.presets[card.preset]
        assert preset["metadata"]["params"] * 4 / 1e6 == pytest.approx(card.megabytes, abs=1)


def test_colours_are_those_of_pascal_voc_and_differ() -> None:
    colors = pretrained.voc_colors()
    assert len(set(colors)) == len(pretrained.VOC) == 21
    assert colors[1] == "#800000" and colors[15] == "#C08080" and colors[20] == "#004080"  # aeroplane, person, TV

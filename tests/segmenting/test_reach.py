"""How far a pixel sees: by hand, against gradients, and by pixels that change nothing."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from cvlib import models
from cvlib.segmenting import reach

SIZE = (64, 80, 3)
EACH = [
    (name, skips) for name, card in models.SEGMENTERS.items() for skips in ((True, False) if card.skips else (True,))
]
STEPS = {
    "conv": lambda: keras.layers.Conv2D(2, 3, padding="same"),
    "even": lambda: keras.layers.Conv2D(2, 4, padding="same"),
    "stride": lambda: keras.layers.Conv2D(2, 3, strides=2, padding="same"),
    "valid": lambda: keras.layers.Conv2D(2, (3, 2)),
    "dilated": lambda: keras.layers.Conv2D(2, 3, dilation_rate=3, padding="same"),
    "separable": lambda: keras.layers.SeparableConv2D(2, 5, padding="same"),
    "pool": lambda: keras.layers.AveragePooling2D(2),
    "pool same": lambda: keras.layers.AveragePooling2D(3, strides=2, padding="same"),
    "pad": lambda: keras.layers.ZeroPadding2D(((1, 0), (2, 1))),
    "crop": lambda: keras.layers.Cropping2D(((0, 1), (1, 0))),
    "nearest": lambda: keras.layers.UpSampling2D(2),
    "bilinear": lambda: keras.layers.UpSampling2D(2, interpolation="bilinear"),
    "threefold": lambda: keras.layers.UpSampling2D(3, interpolation="bilinear"),
}


def small(steps: list[Any], size: tuple[int, int, int] = (20, 22, 3)) -> Any:
    """A network without ReLU and with positive weights: what can change an output, does."""
    images = features = keras.Input(size)
    for step in steps:
        features = step(features)
    model = keras.Model(images, keras.layers.Cropping2D(((0, 0), (0, 0)), name="logits")(features))
    for weight in model.weights:
        weight.assign(np.abs(weight) + 0.1)
    return model


def support(heat: np.ndarray) -> tuple[int, int, int, int]:
    """The box of what is not nought but for rounding."""
    rows, columns = np.nonzero(heat > 1e-6)
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@pytest.mark.parametrize(
    ("names", "box"),
    [
        ([], (11, 10, 12, 11)),
        (["conv"], (10, 9, 13, 12)),
        (["conv", "conv"], (9, 8, 14, 13)),  # two of 3 x 3 see 5 x 5
        (["conv", "conv", "conv"], (8, 7, 15, 14)),
        (["dilated"], (8, 7, 15, 14)),
        (["pad"], (9, 9, 10, 10)),
    ],
)
def test_by_hand(names: list[str], box: tuple[int, int, int, int]) -> None:
    assert reach.theoretical(small([STEPS[name]() for name in names]), 10, 11) == box


def test_the_picture_ends_the_box_and_pooling_doubles_it() -> None:
    assert reach.theoretical(small([STEPS["conv"](), STEPS["conv"]()]), 0, 21) == (19, 0, 22, 3)
    assert reach.theoretical(small([STEPS["pool"](), STEPS["nearest"]()]), 10, 11) == (10, 10, 12, 12)
    assert reach.theoretical(small([STEPS["pool"](), STEPS["conv"](), STEPS["nearest"]()]), 10, 11) == (8, 8, 14, 14)
    everything = [keras.layers.GlobalAveragePooling2D(keepdims=True), keras.layers.UpSampling2D((20, 22))]
    assert reach.theoretical(small(everything), 3, 3) == (0, 0, 22, 20)


@settings(max_examples=25, deadline=None)
@given(names=st.lists(st.sampled_from(list(STEPS)), min_size=1, max_size=4), data=st.data())
def test_the_box_is_where_the_gradient_is(names: list[str], data: st.DataObject) -> None:
    try:
        model = small([STEPS[name]() for name in names])
    except ValueError:  # a window does not fit into what is left
        reject()
    row, column = (data.draw(st.integers(0, side - 1)) for side in model.output_shape[1:3])
    image = np.full((20, 22, 3), 100, np.uint8)
    assert support(reach.effective(model, image, row, column)) == reach.theoretical(model, row, column)


def test_branches_meet_in_what_either_sees() -> None:
    images = keras.Input((20, 22, 3))
    near = keras.layers.Conv2D(2, 1)(images)
    far = keras.layers.Cropping2D(((0, 0), (0, 0)))(keras.layers.Conv2D(2, (7, 3), padding="same")(images))
    joined = keras.layers.Concatenate()([near, far])
    model = keras.Model(images, keras.layers.Cropping2D(((0, 0), (0, 0)), name="logits")(joined))
    assert reach.theoretical(model, 10, 11) == (10, 7, 13, 14)


@pytest.mark.parametrize("size", [SIZE, (70, 90, 3)], ids=["fits", "is padded"])
@pytest.mark.parametrize(("name", "skips"), EACH)
def test_in_each_network_the_box_is_exact(name: str, skips: bool, size: tuple[int, int, int]) -> None:
    """No gradient leaves it, and over a few pictures gradients reach its four sides, unless a maximum hides them."""
    keras.utils.set_random_seed(1)
    model = models.build_segmenter(name, input_shape=size, num_classes=3, skips=skips)
    rng = np.random.default_rng(0)
    for row, column in ((0, 0), (33, 40), (size[0] - 1, 7)):
        heat = sum(reach.effective(model, rng.integers(0, 256, size, np.uint8), row, column) for _ in range(6))
        left, top, right, bottom = box = reach.theoretical(model, row, column)
        found = support(heat)
        assert left <= found[0] and top <= found[1] and found[2] <= right and found[3] <= bottom
        if name != "segnet" or not skips:  # where its maxima are has no gradient
            assert max(abs(a - b) for a, b in zip(box, found, strict=True)) <= 1


def test_where_a_maximum_was_counts_as_well() -> None:
    """The outermost pixels of SegNet's box change its answer through its pooling indices alone."""
    keras.utils.set_random_seed(0)
    size = (256, 288, 3)
    model = models.build_segmenter("segnet", input_shape=size, num_classes=3)
    logits = keras.Model(model.inputs, model.get_layer("logits").output)
    left, top, right, bottom = reach.theoretical(model, 80, 96)
    before = np.random.default_rng(0).integers(0, 256, (8, *size)).astype(np.float32)
    unchanged = logits(before).numpy()[:, 80, 96]
    for rows, columns in (
        (slice(top, top + 2), slice(left, right)),
        (slice(bottom - 2, bottom), slice(left, right)),
        (slice(top, bottom), slice(left, left + 2)),
        (slice(top, bottom), slice(right - 2, right)),
    ):
        after = before.copy()
        after[:, rows, columns] = 255 - after[:, rows, columns]
        assert (logits(after).numpy()[:, 80, 96] != unchanged).any()


@pytest.mark.parametrize("name", ["segnet", "fcn"])
def test_pixels_outside_change_nothing_at_all(name: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    size = (256, 288, 3)
    models.build_segmenter(name, input_shape=size, num_classes=3).save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras", compile=False)
    logits = keras.Model(model.inputs, model.get_layer("logits").output)
    rng = np.random.default_rng(0)
    for row, column in ((3, 5), (80, 96), (159, 60)):
        left, top, right, bottom = reach.theoretical(model, row, column)
        before = rng.integers(0, 256, (1, *size)).astype(np.float32)
        after = rng.integers(0, 256, (1, *size)).astype(np.float32)
        after[0, top:bottom, left:right] = before[0, top:bottom, left:right]
        assert (right - left) * (bottom - top) < size[0] * size[1]
        one, other = logits(before).numpy()[0], logits(after).numpy()[0]
        np.testing.assert_array_equal(one[row, column], other[row, column])
        assert np.abs(one - other).max() > 1e-3


def test_the_influence_is_a_share_of_its_largest() -> None:
    keras.utils.set_random_seed(0)
    model = models.build_segmenter("unet", input_shape=SIZE, num_classes=3)
    heat = reach.effective(model, np.random.default_rng(0).integers(0, 256, SIZE, np.uint8), 30, 40)
    assert heat.dtype == np.float32 and heat.shape == SIZE[:2] and heat.min() >= 0 and heat.max() == 1
    flat = small([keras.layers.Rescaling(0.0)])
    assert not reach.effective(flat, np.zeros((20, 22, 3), np.uint8), 3, 3).any()

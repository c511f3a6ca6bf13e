"""Tiles that are put together: the same as the whole picture at once, wherever that can be said."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvlib.tasks import mask_tiling, segmentation, tiling
from cvlib.tasks.segmentation import Prediction

RADIUS = 3
TILE = (24, 32)
NAMES = ("ground", "thing", "other")


@pytest.fixture(scope="module")
def network():
    """Three 3 x 3 convolutions: a pixel's answer rests on what is 3 pixels around it. It takes any size."""
    import keras

    keras.utils.set_random_seed(3)
    images = keras.Input((None, None, 3))
    features = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(images)
    for _ in range(RADIUS - 1):
        features = keras.layers.Conv2D(6, 3, padding="same", activation="tanh")(features)
    return keras.Model(images, keras.layers.Conv2D(len(NAMES), 3, padding="same", activation="softmax")(features))


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


class Fixed:
    """A network of a fixed size; it keeps what it was shown."""

    def __init__(self, network, size_hw: tuple[int, int] = TILE) -> None:
        self.network, self.input_shape, self.seen = network, (None, *size_hw, 3), []

    def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
        assert images.shape[1:] == self.input_shape[1:] and images.dtype == np.uint8
        self.seen.append(images)
        return self.network.predict_on_batch(images)


class Sure:
    """Knows nothing but how bright a pixel is."""

    input_shape = (None, *TILE, 3)

    def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
        share = images[..., :1] / 255
        return np.concatenate([share, 1 - share], axis=-1)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(RADIUS, 5))
def test_tiles_together_are_the_whole_picture_at_once(network, height: int, width: int, margin: int) -> None:
    pixels = noise(height, width)
    found = mask_tiling.blend(network.predict_on_batch, pixels, TILE, len(NAMES), margin)
    whole = np.asarray(network.predict_on_batch(pixels[None]))[0]
    assert found.shape == whole.shape and found.dtype == np.float32
    # Where the picture is smaller than a tile, what lies beyond is mirrored, and the rim below and right sees it.
    down, across = (size - RADIUS * (size < tile) for size, tile in zip((height, width), TILE, strict=True))
    np.testing.assert_allclose(
        found[: max(0, down), : max(0, across)], whole[: max(0, down), : max(0, across)], atol=1e-5
    )


def test_one_tile_is_the_plain_prediction(network) -> None:
    pixels = noise(*TILE)
    found = mask_tiling.segment(Fixed(network), pixels, NAMES)
    plain = Prediction.of(segmentation.predict(network, pixels[None])[0], NAMES)
    np.testing.assert_array_equal(found.labels, plain.labels)
    np.testing.assert_allclose(found.confidence, plain.confidence, atol=1e-3)
    np.testing.assert_allclose(found.entropy, plain.entropy, atol=2e-3)


@given(st.integers(1, 400), st.integers(8, 64), st.integers(0, 64))
def test_weights_cover_every_pixel_and_add_up_to_one(length: int, side: int, margin: int) -> None:
    starts = tiling.starts(max(length, side), side, mask_tiling.OVERLAP)
    assert starts[0] == 0 and all(b - a <= side / 2 + 1 for a, b in pairwise(starts))
    if len(starts) > 1 and margin > side // 4 - 1:
        margin = side // 4 - 1
    total = np.zeros(max(length, side))
    for start, weight in zip(starts, mask_tiling.weights(starts, side, margin), strict=True):
        assert weight.shape == (side,) and (weight >= 0).all()
        if start > 0:
            assert not weight[:margin].any()
        if start < starts[-1]:
            assert not weight[side - margin :].any()
        total[start : start + side] += weight
    np.testing.assert_allclose(total, 1, atol=1e-6)


def test_a_margin_that_leaves_pixels_without_an_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="margin must be less than about 8; received 16"):
        mask_tiling.weights([0, 16, 32], 32, 16)


@pytest.mark.parametrize("along", [0, 1, 2, 3, 5, 9])
@pytest.mark.parametrize("size_hw", [(24, 32), (300, 400), (400, 300), (8, 400), (400, 8), (1024, 1023)])
def test_so_many_tiles_lie_along_the_side_that_decides(size_hw: tuple[int, int], along: int) -> None:
    working = mask_tiling.working_size(size_hw, TILE, along)
    counts = [len(tiling.starts(max(s, t), t, mask_tiling.OVERLAP)) for s, t in zip(working, TILE, strict=True)]
    assert max(counts) == min(max(along, 1), mask_tiling.MOST_TILES)
    scale = max(working) / max(size_hw)
    assert all(abs(now - max(1, scale * before)) <= 1.5 for now, before in zip(working, size_hw, strict=True))


def test_the_network_sees_its_own_size_however_large_the_picture_is(network) -> None:
    model = Fixed(network)
    steps = list(mask_tiling.parts(model, noise(130, 101), NAMES, along=3))
    assert sum(len(batch) for batch in model.seen) >= 3 * 2
    assert [step.prediction is None for step in steps] == [True] * (len(steps) - 1) + [False]
    found = steps[-1].prediction
    assert found.labels.shape == found.confidence.shape == found.entropy.shape == (130, 101)
    assert found.class_names == NAMES and found.labels.max() < len(NAMES)


def test_what_is_seen_lies_where_it_is() -> None:
    pixels = np.zeros((200, 300, 3), np.uint8)
    pixels[60:140, 90:200] = 255
    for along in (1, 2, 5):
        found = mask_tiling.segment(Sure(), pixels, ("bright", "dark"), along=along)
        wrong = found.labels != (pixels[..., 0] == 0)
        assert wrong.mean() < 0.03 / along


def test_enlarged_by_strips_is_enlarged_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cv2 = pytest.importorskip("cv2")
    shares = np.random.default_rng(1).dirichlet(np.ones(12), (20, 31)).astype(np.float32)
    at_once = Prediction.of(cv2.resize(shares, (130, 97), interpolation=cv2.INTER_LINEAR), tuple("abcdefghijkl"))
    monkeypatch.setattr(mask_tiling, "STRIP_VALUES", 130 * 12 * 7)
    found = mask_tiling.enlarged(shares, (97, 130), tuple("abcdefghijkl"))
    assert (found.labels != at_once.labels).mean() < 0.001
    np.testing.assert_allclose(found.confidence.astype(float), at_once.confidence.astype(float), atol=2e-3)
    np.testing.assert_allclose(found.entropy.astype(float), at_once.entropy.astype(float), atol=4e-3)


def test_a_large_picture_needs_little_memory() -> None:
    import tracemalloc

    names = tuple("abcdefghijkl")
    flat = np.full((1, 128, 160, 12), 1 / 12, np.float32)

    class Flat:
        input_shape = (None, 128, 160, 3)

        def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
            return np.repeat(flat, len(images), axis=0)

    pixels = np.zeros((3000, 4000, 3), np.uint8)
    tracemalloc.start()
    found = mask_tiling.segment(Flat(), pixels, names, along=5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.labels.shape == (3000, 4000) and peak < 300e6

"""Methods against what is known: a linear network, the literature's identities, brute force, tf-explain."""

import os
from itertools import pairwise

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cvlib import explain
from cvlib.explain import ClassScore, base, methods
from cvlib.explain.methods import occlusion, rise
from cvlib.explain.probe import probe
from tests.explain import conftest


def linear(shape: tuple[int, int, int] = (6, 5, 1)) -> keras.Model:
    inputs = keras.Input(shape)
    return keras.Model(inputs, keras.layers.Dense(3, name="logits")(keras.layers.Flatten()(inputs)))


def test_of_a_linear_network_gradients_are_its_weights() -> None:
    model = linear()
    image = np.random.default_rng(0).uniform(0, 255, (6, 5, 1)).astype(np.float32)
    weights = model.get_layer("logits").get_weights()[0][:, 1].reshape(6, 5)
    np.testing.assert_array_equal(explain.vanilla_gradients(model, image, ClassScore(1)).raw, weights)
    product = weights * image[..., 0]
    np.testing.assert_allclose(explain.gradient_x_input(model, image, ClassScore(1)).raw, product, rtol=1e-6)
    integrated = explain.integrated_gradients(model, image, ClassScore(1))
    np.testing.assert_allclose(integrated.raw, product, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(explain.smooth_grad(model, image, ClassScore(1)).raw, weights, rtol=1e-4)


@pytest.mark.parametrize("index", range(0, 40, 8))
def test_integrated_gradients_are_complete(lenet, index: int) -> None:
    image = digits().images[index]
    target = ClassScore(int(digits().labels[index]))
    found = explain.integrated_gradients(lenet.model, image, target)
    views = probe(lenet.model)
    ends = np.stack([image, np.zeros_like(image)])
    full, empty = views.scores(ends, target, pre_softmax=True)
    assert abs(found.raw.sum() - (full - empty)) < 0.01 * abs(full - empty)
    assert found.facts["completeness error"] < 0.01


def digits():
    from cvlib import data

    return data.load("digits").test


def test_grad_cam_of_average_pooling_and_dense_is_cam(image: np.ndarray) -> None:
    """Zhou et al., 2016: the class's dense weights times the maps; Grad-CAM divides them by the number of places."""
    model = conftest.functional()
    maps = keras.Model(model.input, model.get_layer("relu").output)(image[None].astype("float32")).numpy()[0]
    cam = maps @ model.get_layer("logits").get_weights()[0][:, 2]
    small = methods.grad_cam.finish(None, np.stack(probe(model).maps(image, ClassScore(2), ["relu"])[0]), 1)[0]
    np.testing.assert_allclose(small * maps.shape[0] * maps.shape[1], np.maximum(cam, 0), atol=1e-5)


@pytest.mark.parametrize("layer", ["early", "relu"])
def test_grad_cam_agrees_with_tf_explain(image: np.ndarray, layer: str) -> None:
    from tf_explain.core.grad_cam import GradCAM

    model = conftest.functional(softmax=False)
    outputs, gradients = GradCAM.get_gradients_and_filters(model, image[None].astype("float32"), layer, 1, False)
    theirs = GradCAM.generate_ponderated_output(outputs, gradients)[0].numpy()
    ours = methods.grad_cam.weighted(*probe(model).maps(image, ClassScore(1), [layer])[0])
    assert stats.spearmanr(ours.ravel(), theirs.ravel()).statistic > 0.99
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-6)


def test_occlusion_is_the_loop_over_all_positions(image: np.ndarray) -> None:
    model, target = conftest.functional(), ClassScore(1)
    found = explain.occlusion(model, image, target, positions=5, patch=0.3)
    question = base.ask(methods.CATALOG["occlusion"], model, image, target, positions=5, patch=0.3)
    tops, lefts, high, wide = occlusion.grid(question)
    whole = model(image[None].astype("float32")).numpy()[0, 1]
    fall, count = np.zeros(image.shape[:2]), np.zeros(image.shape[:2])
    for top in tops:
        for left in lefts:
            covered = image.astype("float32")
            covered[top : top + high, left : left + wide] = image.mean(axis=(0, 1))
            fall[top : top + high, left : left + wide] += whole - model(covered[None]).numpy()[0, 1]
            count[top : top + high, left : left + wide] += 1
    assert (count > 0).all()
    np.testing.assert_allclose(found.raw, fall / count, atol=1e-6)


@settings(deadline=None, max_examples=30)
@given(st.integers(8, 40), st.integers(8, 40), st.integers(2, 9), st.integers(0, 99))
def test_rise_masks_cover_the_picture_and_stay_in_bounds(height: int, width: int, cells: int, seed: int) -> None:
    found = rise.mask((height, width), cells, 0.5, (0, seed))
    assert found.shape == (height, width) and found.min() >= 0 and found.max() <= 1
    np.testing.assert_array_equal(found, rise.mask((height, width), cells, 0.5, (0, seed)))


def test_rise_finds_the_only_pixel_that_counts() -> None:
    """The score is one quarter's brightness: RISE must be hottest there."""
    model = linear((16, 16, 1))
    weights = np.zeros((16, 16, 3), np.float32)
    weights[8:, 8:, 0] = 1
    model.get_layer("logits").set_weights([weights.reshape(-1, 3), np.zeros(3)])
    heat = explain.rise(model, np.full((16, 16, 1), 200, np.uint8), ClassScore(0), masks=256).heatmap
    assert heat[8:, 8:].mean() > 2 * heat[:8, :8].mean()


@pytest.mark.parametrize("name", ["smooth_grad", "integrated_gradients", "score_cam", "occlusion", "rise"])
def test_however_the_passes_are_cut_their_sum_is_the_same(image: np.ndarray, name: str) -> None:
    model, card = conftest.functional(), methods.CATALOG[name]
    question = base.ask(card, model, image, ClassScore(0))
    passes = card.passes(question)
    whole = card.part(question, 0, passes)
    cuts = [0, 1, passes // 3, passes - 1, passes]
    parts = sum(card.part(question, start, stop) for start, stop in pairwise(cuts) if stop > start)
    np.testing.assert_allclose(parts, whole, rtol=1e-3, atol=1e-5)


def test_it_reports_and_can_be_stopped(image: np.ndarray) -> None:
    from cvlib.errors import Cancelled

    shares: list[float] = []
    explain.rise(conftest.functional(), image, ClassScore(0), masks=2000, report=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) == 4  # 512 small pictures at once
    with pytest.raises(Cancelled):
        explain.rise(conftest.functional(), image, ClassScore(0), masks=100, cancelled=lambda: True)


@given(st.lists(st.floats(-100, 100, width=32), min_size=4, max_size=4), st.booleans(), st.booleans())
def test_heat_is_between_nought_and_one(values: list[float], signed: bool, clipped: bool) -> None:
    raw = np.array(values, np.float32).reshape(2, 2)
    heat = base.normalised(raw, signed=signed, clipped=clipped)
    assert heat.dtype == np.float32 and heat.min() >= 0 and heat.max() <= 1
    if (np.abs(raw) if signed else raw).max() > 1e-3:
        assert heat.max() == 1
    if not signed:
        assert (heat[raw <= 0] == 0).all()


@pytest.mark.skipif("KERAS_HOME" not in os.environ, reason="no folder with ImageNet weights (KERAS_HOME)")
def test_a_cat_is_found_in_the_photo_of_a_cat() -> None:
    from cvlib.data.samples import load_sample
    from cvlib.images import fit_for_network
    from cvlib.models import pretrained

    if not pretrained.info("imagenet/mobilenet_v2").available():
        pytest.skip("the weights of MobileNetV2 are not on this machine")
    model = pretrained.load("imagenet/mobilenet_v2")
    image, _ = fit_for_network(load_sample("cat"), (224, 224), 3)
    best = int(probe(model).outputs(image[None])[0].argmax())
    assert "cat" in pretrained.class_names()[best] or pretrained.class_names()[best] == "tabby"
    found = explain.grad_cam(model, image, ClassScore(best))
    assert found.layer == "out_relu"
    assert found.heatmap[60:200].mean() > found.heatmap[205:].mean()

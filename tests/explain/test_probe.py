"""Views into models of every make."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf

from cvlib.errors import SpecError
from cvlib.explain import ClassDifference, ClassScore, grad_cam, vanilla_gradients
from cvlib.explain.probe import probe
from cvlib.explain.targets import BoxScore, MaskArea
from tests.explain import conftest


def test_the_last_spatial_layer_is_found_in_every_make() -> None:
    names = {make: probe(build()).last_spatial for make, build in conftest.MAKES.items()}
    assert names["functional"].name == "relu" and names["functional"].channels == 8
    assert names["nested"].name == "backbone/relu"
    assert (names["sequential"].height, names["sequential"].width) == (7, 7)
    assert names["mlp"] is None


def test_layers_before_any_weights_are_left_out() -> None:
    assert [layer.name for layer in probe(conftest.functional()).spatial_layers] == [
        "early", "pool", "late", "norm", "relu",
    ]  # fmt: skip


def test_a_network_without_places_says_so(image: np.ndarray) -> None:
    with pytest.raises(SpecError, match="no such layer"):
        grad_cam(conftest.flat_mlp(), image, ClassScore(0))
    with pytest.raises(SpecError, match="no spatial layer named"):
        grad_cam(conftest.functional(), image, ClassScore(0), layer="nowhere")


def test_the_model_stays_as_it_was(model: keras.Model, image: np.ndarray) -> None:
    before, config = model(image[None].astype("float32")).numpy(), model.to_json()
    views = probe(model)
    views.gradients(image[None], ClassScore(1), guided=True)
    views.scores(image[None], ClassScore(1), pre_softmax=True)
    assert model.to_json() == config
    np.testing.assert_array_equal(model(image[None].astype("float32")).numpy(), before)
    np.testing.assert_allclose(views.outputs(image[None]), before, atol=1e-6)


def test_gradients_are_the_tapes(model: keras.Model, image: np.ndarray) -> None:
    pixels = tf.constant(image[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        score = model(pixels, training=False)[:, 2]
    found, scores = probe(model).gradients(image[None], ClassScore(2), pre_softmax=False)
    np.testing.assert_allclose(found, tape.gradient(score, pixels).numpy(), atol=1e-7)
    np.testing.assert_allclose(scores, score.numpy(), atol=1e-6)


@pytest.mark.parametrize("make", ["functional", "sequential", "nested"])
def test_before_the_softmax_scores_are_logits(make: str, image: np.ndarray) -> None:
    views = probe(conftest.MAKES[make]())
    logits = [views.scores(image[None], ClassScore(k), pre_softmax=True)[0] for k in range(conftest.CLASSES)]
    np.testing.assert_allclose(tf.nn.softmax(logits).numpy(), views.outputs(image[None])[0], atol=1e-6)


def test_guided_gradients_follow_the_paper() -> None:
    """One ReLU by hand: y = relu(x) - 2 relu(-x); only what is positive on the way back passes."""
    inputs = keras.Input((1, 2, 1))
    signs = keras.layers.Conv2D(2, 1, use_bias=False, activation="relu", name="signs")(inputs)
    total = keras.layers.Conv2D(1, 1, use_bias=False, name="total")(signs)
    model = keras.Model(inputs, keras.layers.Flatten()(total))
    model.get_layer("signs").set_weights([np.array([[[[1.0, -1.0]]]])])
    model.get_layer("total").set_weights([np.array([[[[1.0], [-2.0]]]])])
    image = np.array([[[[3.0], [-5.0]]]])
    plain = [probe(model).gradients(image, ClassScore(k))[0].ravel().tolist() for k in range(2)]
    guided = [probe(model).gradients(image, ClassScore(k), guided=True)[0].ravel().tolist() for k in range(2)]
    assert plain == [[1.0, 0.0], [0.0, 2.0]]
    assert guided == [[1.0, 0.0], [0.0, 0.0]]


def test_threads_do_not_bend_each_others_layers(image: np.ndarray) -> None:
    model = conftest.functional()
    target = ClassScore(0)

    def ask(number: int) -> np.ndarray:
        views = probe(model)
        if number % 3 == 0:
            return views.gradients(image[None], target, guided=True)[0]
        if number % 3 == 1:
            return views.gradients(image[None], target)[0]
        return views.scores(image[None], target)

    alone = [ask(number) for number in range(3)]
    fresh = keras.models.clone_model(model)
    fresh.set_weights(model.get_weights())
    model = fresh
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(ask, range(12)))
    for number, found in enumerate(together):
        np.testing.assert_allclose(found, alone[number % 3], atol=1e-6)


def test_a_silenced_map_is_a_dense_layer_without_its_row(image: np.ndarray) -> None:
    model = conftest.functional(softmax=False)
    silenced = probe(model).silenced(image[None], "relu", [2, 5])
    kernel, bias = model.get_layer("logits").get_weights()
    kernel[[2, 5]] = 0
    model.get_layer("logits").set_weights([kernel, bias])
    np.testing.assert_allclose(silenced, model(image[None].astype("float32")).numpy(), atol=1e-6)


def test_a_difference_is_the_difference_of_gradients(image: np.ndarray) -> None:
    views = probe(conftest.functional())
    one, other = (views.gradients(image[None], ClassScore(k))[0] for k in (1, 3))
    both = views.gradients(image[None], ClassDifference(1, 3))[0]
    np.testing.assert_allclose(both, one - other, atol=1e-8)


def test_targets_of_regions_and_boxes_explain_too(image: np.ndarray) -> None:
    inner = conftest.backbone()
    mask = keras.layers.Conv2D(3, 1, name="classes")(inner.output)
    segmenter = keras.Model(inner.input, mask)
    # The mean over a corner of the mask depends on that corner of the picture alone.
    corner = vanilla_gradients(segmenter, image, MaskArea(1, (0, 0, 2, 2))).raw
    assert np.abs(corner[:4, :4]).max() > 0 and np.abs(corner[8:]).max() == 0 == np.abs(corner[:, 8:]).max()
    # The mean over a region is the mean of its pixels.
    region = probe(segmenter).scores(image[None], MaskArea(2, (1, 2, 4, 6)))
    np.testing.assert_allclose(
        region[0], segmenter(image[None].astype("float32")).numpy()[0, 2:6, 1:4, 2].mean(), rtol=1e-5
    )
    detector = keras.Model(inner.input, {"classes": keras.layers.Reshape((64, 3))(mask)})
    score = probe(detector).scores(image[None], BoxScore(10, 1, "classes"))
    np.testing.assert_allclose(
        score[0], detector(image[None].astype("float32"))["classes"].numpy()[0, 10, 1], rtol=1e-5
    )
    assert grad_cam(detector, image, BoxScore(10, 1, "classes")).heatmap.max() <= 1

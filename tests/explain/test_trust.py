"""Deletion and insertion, the pointing game, the sanity check, the league."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cvlib import explain
from cvlib.data import Split
from cvlib.explain import ClassScore, asking, deletion, league, methods, pointing, randomisation
from cvlib.explain.asking import Request
from cvlib.explain.probe import probe
from tests.explain import conftest


@given(hnp.arrays(np.float32, (4, 5), elements=st.floats(0, 1, width=32)))
def test_ranks_are_a_permutation_in_the_order_of_the_heat(heatmap: np.ndarray) -> None:
    places = deletion.ranks(heatmap)
    assert sorted(places.ravel()) == list(range(20))
    assert (np.diff(heatmap.ravel()[np.argsort(places.ravel())]) <= 0).all()


def test_curves_begin_and_end_where_they_must(image: np.ndarray) -> None:
    model, target = conftest.functional(), ClassScore(1)
    heat = np.random.default_rng(0).random(image.shape[:2])
    found = deletion.curves(model, image, heat, target, steps=8)
    views = probe(model)
    whole = views.scores(image[None], target)[0]
    empty = views.scores(np.broadcast_to(image.mean(axis=(0, 1)), (1, *image.shape)), target)[0]
    assert found.deletion[0] == pytest.approx(whole, abs=1e-6) == pytest.approx(found.insertion[-1], abs=1e-6)
    assert found.deletion[-1] == pytest.approx(empty, abs=1e-5)
    assert found.shares[0] == 0 and found.shares[-1] == 1 and len(found.shares) == 9


def test_the_area_is_the_trapezoids() -> None:
    found = deletion.Curves(np.array([0, 0.5, 1]), np.array([1.0, 0.5, 0.0]), np.array([0.0, 1.0, 1.0]))
    assert found.deletion_area == pytest.approx(0.5) and found.insertion_area == pytest.approx(0.75)


def test_a_map_that_knows_beats_one_that_does_not() -> None:
    """Only the upper left quarter counts: deleting it first must hurt more than deleting it last."""
    inputs = keras.Input((8, 8, 1))
    model = keras.Model(inputs, keras.layers.Dense(2, name="logits", use_bias=False)(keras.layers.Flatten()(inputs)))
    weights = np.zeros((8, 8, 2), np.float32)
    weights[:4, :4, 0] = 1
    model.get_layer("logits").set_weights([weights.reshape(-1, 2)])
    image = np.zeros((8, 8, 1), np.uint8)
    image[:4, :4] = 250
    knowing = deletion.curves(model, image, weights[..., 0], ClassScore(0))
    wrong = deletion.curves(model, image, -weights[..., 0], ClassScore(0))
    assert knowing.deletion_area < wrong.deletion_area and knowing.insertion_area > wrong.insertion_area


@given(hnp.arrays(bool, (6, 6)))
def test_the_object_itself_overlaps_fully(inside: np.ndarray) -> None:
    assert pointing.overlap(inside.astype(np.float32), inside) == (1.0 if inside.any() else 0.0)


def test_pointing_and_overlap_by_hand() -> None:
    heat = np.zeros((4, 4), np.float32)
    heat[0, 0], heat[0, 1], heat[3, 3] = 1.0, 0.9, 0.8
    inside = np.zeros((4, 4), bool)
    inside[0, 1] = inside[3, 3] = True
    assert not pointing.hits(heat, inside)
    assert pointing.overlap(heat, inside) == pytest.approx(1 / 3)  # (0, 1) of {(0, 0), (0, 1)} and {(0, 1), (3, 3)}
    heat[3, 3] = 2.0
    assert pointing.hits(heat, inside) and pointing.is_in_box(heat, inside)


def test_near_is_near_enough_within_the_papers_tolerance() -> None:
    heat, inside = np.zeros((100, 100), np.float32), np.zeros((100, 100), bool)
    inside[40:60, 40:60] = True
    heat[37, 50] = 1
    assert pointing.hits(heat, inside) and not pointing.hits(heat, inside, tolerance=0.02)
    assert not pointing.is_in_box(heat, inside) and not pointing.hits(heat, np.zeros_like(inside))


@given(st.integers(1, 200), st.integers(2, 8))
def test_stages_go_from_nothing_to_everything(layers: int, stages: int) -> None:
    found = randomisation.stops(layers, stages)
    assert found[0] == 0 and found[-1] == layers and found == sorted(set(found))


def test_the_network_forgets_from_the_top_and_the_original_stays(image: np.ndarray) -> None:
    model = conftest.nested()
    before = [weight.copy() for weight in model.get_weights()]
    found = randomisation.cascade(methods.CATALOG["grad_cam"], model, image, ClassScore(1))
    assert [stage.forgotten for stage in found] == [0, 1, 2, 3, 4]
    assert [stage.last for stage in found] == [None, "dense", "backbone/norm", "backbone/late", "backbone/early"] or (
        found[1].last.startswith("dense") and found[-1].last == "backbone/early"
    )
    assert found[0].similarity == pytest.approx(1)
    assert not np.array_equal(found[0].explanation.raw, found[1].explanation.raw)
    for weight, was in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, was)


def test_an_edge_detector_does_not_pass_the_check(image: np.ndarray) -> None:
    found = randomisation.cascade(methods.BASELINES["edges"], conftest.functional(), image, ClassScore(1))
    assert all(stage.similarity == pytest.approx(1) for stage in found)


def test_even_maps_have_no_rank_correlation() -> None:
    assert randomisation.rank_correlation(np.zeros((3, 3)), np.eye(3)) == 0
    assert randomisation.rank_correlation(np.eye(3), np.eye(3)) == pytest.approx(1)


def test_the_league_counts_what_points_at_the_object() -> None:
    """A network whose score is the brightness: the maps must point at the one bright square."""
    inputs = keras.Input((16, 16, 1))
    features = keras.layers.Conv2D(1, 1, use_bias=False, name="sees")(inputs)
    pooled = keras.layers.GlobalAveragePooling2D()(features)
    model = keras.Model(inputs, keras.layers.Dense(2, name="logits")(pooled))
    model.get_layer("sees").set_weights([np.ones((1, 1, 1, 1))])
    model.get_layer("logits").set_weights([np.array([[1.0, -1.0]]), np.array([0.0, 60.0])])
    masks = np.zeros((3, 16, 16), np.uint8)
    for number, (top, left) in enumerate([(1, 2), (8, 9), (3, 11)]):
        masks[number, top : top + 4, left : left + 4] = 1
    images = (masks[..., None] * 250).astype(np.uint8)
    split = Split(images=images, labels=np.zeros(3, np.int64), masks=masks)
    pointed, boxed, overlaps, seconds = league.judge(model, split, [0, 1, 2], "grad_cam")
    assert (pointed, boxed, overlaps) == (3, 3, 3.0) and seconds > 0
    assert league.judge(model, split, [0, 1, 2], "edges")[2] < 3
    assert "rise" in league.contenders(model) and "random" in league.contenders(model)
    assert "grad_cam" not in league.contenders(conftest.flat_mlp())
    right = Split(images=images, labels=np.array([0, 1, 0]), masks=masks)
    assert league.named_right(model, right, 2) == [1]  # a dark picture's score for class 1 is the larger one


def test_a_page_gets_the_same_map_in_parts(image: np.ndarray) -> None:
    model = conftest.functional()
    request = Request("rise", ClassScore(2), options={"masks": 1200}, seed=5)
    progress, calls = asking.proceed(model, image, request), 1
    while progress.result is None:
        assert 0 < progress.done < progress.passes
        progress, calls = asking.proceed(model, image, request, progress), calls + 1
    whole = explain.rise(model, image, ClassScore(2), masks=1200, seed=5)
    assert calls == 3
    np.testing.assert_allclose(progress.result.raw, whole.raw, atol=1e-7)


def test_the_slider_goes_from_the_first_size_to_the_last_layer() -> None:
    found = asking.layers(conftest.functional())
    assert [layer.name for layer in found] == ["early", "pool", "relu"]
    assert asking.layers(conftest.flat_mlp()) == ()

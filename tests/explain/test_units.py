"""What a unit wants, what excites it, and the network without it."""

import numpy as np

from cvlib.explain import units
from cvlib.explain.probe import probe
from tests.explain import conftest


def test_a_dream_excites_its_unit() -> None:
    model = conftest.functional()
    dream = units.dream(model, "early", 1, steps=24)
    assert dream.pixels.shape == conftest.SHAPE and dream.pixels.dtype == np.uint8
    assert dream.course[-1] > dream.course[0]


def test_a_dream_in_two_nights_is_the_same_dream() -> None:
    model = conftest.functional()
    whole = units.dream(model, "early", 2, steps=6, seed=4)
    half = units.dream(model, "early", 2, steps=3, seed=4)
    rest = units.dream(model, "early", 2, before=half, steps=3, seed=4)
    np.testing.assert_allclose(rest.picture, whole.picture, atol=1e-5)
    assert len(rest.course) == 6


def test_excitement_is_the_hottest_place() -> None:
    model = conftest.functional()
    images = np.random.default_rng(0).integers(0, 256, (70, *conftest.SHAPE), dtype=np.uint8)
    found = units.excitement(model, images, "pool")
    assert found.shape == (70, 6)
    np.testing.assert_allclose(found[69], probe(model).activations(images[69:], "pool")[0].max(axis=(0, 1)), rtol=1e-5)


def test_without_all_maps_every_picture_gets_the_same_answer() -> None:
    model = conftest.functional()
    images = np.random.default_rng(0).integers(0, 256, (3, *conftest.SHAPE), dtype=np.uint8)
    answers = units.without(model, images, "relu", list(range(8)))
    np.testing.assert_allclose(answers, answers[[0, 0, 0]], atol=1e-6)

"""Every explanation method keeps the contract on every make of network."""

import re

import keras
import numpy as np
import pytest

from cvlib import explain
from cvlib.errors import SpecError, UnknownName
from cvlib.explain import ClassScore, methods
from tests.explain.conftest import CLASSES, MAKES, SHAPE

IMAGE = np.random.default_rng(1).integers(0, 256, SHAPE, dtype=np.uint8)
ALL = {**methods.CATALOG, **methods.BASELINES}


@pytest.fixture(scope="module", params=MAKES)
def model(request: pytest.FixtureRequest) -> keras.Model:
    keras.utils.set_random_seed(0)
    return MAKES[request.param]()


@pytest.mark.parametrize("name", ALL)
def test_a_heat_map_of_the_pictures_size(name: str, model: keras.Model) -> None:
    card = ALL[name]
    if card.needs_layer and model.name == "mlp":
        with pytest.raises(SpecError):
            explain.run(card, model, IMAGE, ClassScore(1))
        return
    found = explain.run(card, model, IMAGE, ClassScore(1), seed=3)
    for values in (found.heatmap, found.raw):
        assert values.shape == SHAPE[:2] and values.dtype == np.float32 and np.isfinite(values).all()
    assert found.heatmap.min() >= 0 and found.heatmap.max() <= 1
    assert found.method == name and (found.layer is not None) == card.needs_layer and found.seconds >= 0
    again = explain.run(card, model, IMAGE, ClassScore(1), seed=3)
    np.testing.assert_array_equal(found.raw, again.raw)


@pytest.mark.parametrize("name", methods.CATALOG)
def test_it_depends_on_the_class_unless_it_says_otherwise(name: str) -> None:
    keras.utils.set_random_seed(0)
    model = MAKES["functional"]()
    maps = [explain.run(ALL[name], model, IMAGE, ClassScore(k)).raw for k in range(CLASSES)]
    same = all(np.array_equal(maps[0], other) for other in maps[1:])
    assert same == (name == "activation_map")


@pytest.mark.parametrize("name", ALL)
def test_its_card_says_what_a_newcomer_needs(name: str) -> None:
    card = ALL[name]
    assert (
        card.name == name and card.title and len(re.findall(r"[.?](?: |$)", card.how)) >= 2 and card.paper and card.cost
    )


@pytest.mark.parametrize("name", methods.CATALOG)
def test_it_is_a_function_of_the_package(name: str) -> None:
    assert getattr(explain, name).args == (methods.CATALOG[name],)


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownName, match="grad_cam"):
        methods.info("crystal_ball")
    with pytest.raises(SpecError, match="no setting"):
        explain.rise(MAKES["functional"](), IMAGE, ClassScore(0), mask=3)
    with pytest.raises(ValueError, match="shape"):
        explain.grad_cam(MAKES["functional"](), IMAGE[:8], ClassScore(0))

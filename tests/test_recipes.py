"""The recommended settings: there for every pair, and nothing that does not fit."""

import pytest

from cvlib import data, models, recipes
from cvlib.errors import SpecError, UnknownName
from cvlib.spec import TrainingSpec


@pytest.mark.parametrize("model_name", models.CATALOG)
@pytest.mark.parametrize("data_name", data.CATALOG)
def test_every_pair_has_settings(data_name: str, model_name: str) -> None:
    spec = recipes.recommended(data_name, model_name)
    assert (spec.data, spec.model) == (data_name, model_name)
    if recipes.fits(data_name, model_name):
        recipes.check(spec)


@pytest.mark.parametrize("data_name", data.CATALOG)
def test_the_default_network_fits(data_name: str) -> None:
    assert recipes.fits(data_name, recipes.default_model(data_name))


def test_changes_are_taken_and_checked() -> None:
    assert recipes.recommended("digits", "mlp", epochs=3).epochs == 3
    with pytest.raises(SpecError):
        recipes.recommended("digits", "mlp", epochs=0)


@pytest.mark.parametrize("change", [{"task": "flying"}, {"data": "nothing"}, {"model": "nothing"}])
def test_unknown_names_list_the_choices(change: dict) -> None:
    with pytest.raises(UnknownName, match="There are .*"):
        recipes.check(TrainingSpec(**change))


def test_one_size_only() -> None:
    with pytest.raises(SpecError, match="one size"):
        recipes.check(TrainingSpec(data="digits", image_size=32))
    recipes.check(TrainingSpec(data="shapes", model="resnet", image_size=32))

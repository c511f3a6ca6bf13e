"""The recommended settings: there for every pair, and nothing that does not fit."""

import pytest

from cvlib import augmentation, data, models, recipes
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


TURN = "rotation:angle=-15..15"


def test_augmentations_come_by_name_or_text_and_are_kept_in_one_form() -> None:
    text = recipes.augmentation(TURN)
    assert recipes.augmentation(text) == text and recipes.augmentation("!flip;" + TURN) == text
    assert recipes.augmentation("") == "" and recipes.augmentation("gentle")
    spec = recipes.recommended("digits", "lenet", augmentation=text)
    recipes.check(spec)
    with pytest.raises(SpecError, match="written in full"):
        recipes.check(spec.replace(augmentation="rotation:angle=15..-15"))
    with pytest.raises(UnknownName, match="no transform 'x'.*preset.*gentle"):
        recipes.augmentation("x")
    with pytest.raises(UnknownName):
        recipes.check(spec.replace(augmentation="x"))


def test_a_title_names_the_augmentation_even_one_that_is_not_known_any_more() -> None:
    spec = recipes.recommended("digits", "lenet")
    assert recipes.title(spec.replace(augmentation=recipes.augmentation("gentle"))).endswith(", augmented (Gentle)")
    assert recipes.title(spec.replace(augmentation="gone:by=1")).endswith(", augmented (gone:by=1)")


def test_what_cannot_move_along_or_has_no_single_label_is_refused() -> None:
    cards = augmentation.CATALOG.values()
    for task, (name, model), kind in (("detection", ("shapes", "centernet"), "boxes"),
                                      ("segmentation", ("street", "unet"), "masks")):  # fmt: skip
        recipes.check(recipes.recommended(name, model, augmentation=recipes.augmentation(TURN)))
        for card in cards:
            spec = recipes.recommended(name, model, augmentation=recipes.augmentation(card.name))
            assert spec.task == task
            if kind in card.carries:
                recipes.check(spec)
            else:
                with pytest.raises(SpecError, match=f"cannot move {kind}"):
                    recipes.check(spec)
    mixing = recipes.augmentation(next(card.name for card in cards if card.mixes))
    with pytest.raises(SpecError, match="mixes none"):
        recipes.check(recipes.recommended("digits", "lenet", augmentation=mixing, adversarial="fgsm", epsilon=4))
    with pytest.raises(SpecError, match="cut out once"):
        recipes.check(recipes.recommended("shapes", "sliding_window", augmentation=recipes.augmentation(TURN)))

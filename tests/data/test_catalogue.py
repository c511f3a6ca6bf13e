"""Names, arguments and errors of `load`, and the numbers that data sets are known by."""

import numpy as np
import pytest

from cvlib import data
from cvlib.data import digits
from cvlib.data.preview import Preview, preview
from cvlib.errors import SpecError, UnknownName


@pytest.mark.parametrize("name", ["", "nothing", "../mnist", "Digits", "x" * 5_000])
def test_an_unknown_name_lists_the_choices(name: str) -> None:
    with pytest.raises(UnknownName) as caught:
        data.load(name)
    assert all(known in str(caught.value) for known in data.CATALOG)
    assert len(str(caught.value)) < 300


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="digits"):
        data._catalogue([digits.INFO, digits.INFO])


def test_digits_are_scikit_learns() -> None:
    from sklearn.datasets import load_digits

    bunch, loaded = load_digits(), data.load("digits")
    assert [len(split) for split in (loaded.train, loaded.validation, loaded.test)] == [1145, 202, 450]
    for split in (loaded.train, loaded.validation, loaded.test):
        np.testing.assert_array_equal(split.labels, bunch.target[split.ids])
        assert np.abs(split.images[..., 0] / 255 * 16 - bunch.images[split.ids]).max() < 0.04


def test_the_first_hundred_faces_are_faces() -> None:
    loaded = data.load("faces")
    for split in (loaded.train, loaded.validation, loaded.test):
        np.testing.assert_array_equal(split.labels, split.ids < 100)
        assert np.ptp(split.images) > 200
    assert len(loaded.test) == 50


@pytest.mark.parametrize("name", ["digits", "faces"])
def test_only_drawn_pictures_have_another_size(name: str) -> None:
    with pytest.raises(SpecError, match="default"):
        data.load(name, image_size=32)


@pytest.mark.parametrize("size", [0, 15, 129, -64])
def test_sizes_out_of_bounds_are_refused(size: int) -> None:
    with pytest.raises(SpecError, match="between 16 and 128"):
        data.load("shapes", image_size=size)


@pytest.mark.parametrize("size", [1, 9])
def test_fewer_pictures_than_classes_are_refused(size: int) -> None:
    with pytest.raises(SpecError, match="at least 10"):
        data.load("digits", train_size=size)


def test_training_pictures_are_drawn_evenly_and_nothing_else_changes() -> None:
    whole, part, other = (
        data.load("digits", train_size=size, sample_seed=seed) for size, seed in ((None, 0), (55, 0), (55, 1))
    )
    assert set(np.bincount(part.train.labels)) == {5, 6}
    assert set(part.train.ids) <= set(whole.train.ids)
    assert set(part.train.ids) != set(other.train.ids)
    np.testing.assert_array_equal(part.test.ids, whole.test.ids)
    np.testing.assert_array_equal(part.validation.ids, whole.validation.ids)


def test_more_than_there_are_is_all() -> None:
    assert len(data.load("digits", train_size=1_000_000).train) == 1145


def test_shapes_have_as_many_training_pictures_as_asked_for() -> None:
    pool, parts = data.plan("shapes", train_size=5_000)
    _, usual = data.plan("shapes")
    assert len(parts.train) == 5_000
    assert np.bincount(pool.labels[parts.train]).tolist() == [625] * 8
    np.testing.assert_array_equal(parts.test, usual.test)
    np.testing.assert_array_equal(parts.validation, usual.validation)


def test_a_share_for_the_test() -> None:
    assert len(data.load("digits", test_share=0.5).test) == 899
    assert len(data.plan("shapes", test_share=0.2)[1].test) == 900


@pytest.mark.parametrize("arguments", [{}, {"train_size": 100, "sample_seed": 3}, {"seed": 2, "test_share": 0.4}])
def test_a_preview_is_of_what_is_loaded(arguments: dict) -> None:
    shown, loaded = preview("digits", **arguments), data.load("digits", **arguments)
    splits = (loaded.train, loaded.validation, loaded.test)
    np.testing.assert_array_equal(shown.counts, [np.bincount(split.labels, minlength=10) for split in splits])
    assert shown.totals == dict(zip(data.SPLITS, map(len, splits), strict=True))
    of_training = {
        (picture.tobytes(), label) for picture, label in zip(splits[0].images, splits[0].labels, strict=True)
    }
    pairs = zip(shown.images, shown.labels, strict=True)
    assert all((picture.tobytes(), label) in of_training for picture, label in pairs)
    assert np.bincount(shown.labels).tolist() == [4] * 10 and (np.diff(shown.labels) >= 0).all()


def test_a_preview_shows_every_class() -> None:
    shown = preview("digits", count=1)
    assert sorted(shown.labels) == list(range(10))


def test_a_preview_draws_only_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setattr(
        "cvlib.data.shapes.draw_scene", lambda *a, draw=data.shapes.draw_scene: drawn.append(1) or draw(*a)
    )
    assert preview("shapes", image_size=32, count=16).images.shape == (16, 32, 32, 3)
    assert len(drawn) == 16


def test_a_wrong_preview_is_refused() -> None:
    values = {"name": "x", "title": "X", "class_names": ("a",), "image_shape": (2, 2, 1)}
    with pytest.raises(ValueError, match="counts"):
        Preview(images=np.zeros((1, 2, 2, 1)), labels=np.zeros(1), counts=np.zeros((2, 1)), **values)
    with pytest.raises(ValueError, match="fit"):
        Preview(images=np.zeros((1, 3, 2, 1)), labels=np.zeros(1), counts=np.zeros((3, 1)), **values)

"""Every data set in the catalogue that can be had offline, through the law that all of them obey."""

import os
from pathlib import Path

import numpy as np
import pytest

from cvlib import data
from cvlib.data.base import Dataset, DatasetInfo, Split
from cvlib.data.preview import preview
from cvlib.errors import SpecError

ROOT = Path(__file__).resolve().parents[2]
KERAS_HOMES = (
    os.environ.get("CVLIB_TEST_KERAS_HOME"),
    os.environ.get("KERAS_HOME"),
    str(ROOT.parent / "shared" / "data" / "keras"),
)
CARDS = pytest.mark.parametrize("card", data.catalog(), ids=lambda card: card.name)


@pytest.fixture(scope="module", autouse=True)
def keras_home():
    """Where real downloads may be: named by the environment, or in a folder beside the project's."""
    homes = [home for home in KERAS_HOMES if home and Path(home, "datasets").is_dir()]
    with pytest.MonkeyPatch.context() as patch:
        if homes:
            patch.setenv("KERAS_HOME", homes[0])
        yield


@pytest.fixture(scope="module")
def loaded(keras_home):
    """Each data set, loaded once."""
    kept: dict[str, Dataset] = {}

    def load(card: DatasetInfo) -> Dataset:
        if not card.available():
            pytest.skip(f"{card.title} is not on this machine; KERAS_HOME or CVLIB_DATA may name a folder that has it")
        if card.name not in kept:
            kept[card.name] = data.load(card.name, **quick(card))
        return kept[card.name]

    return load


def quick(card: DatasetInfo) -> dict:
    """Small pictures where they are drawn."""
    return {"image_size": 16} if card.resizable else {}


def splits(dataset: Dataset) -> tuple[Split, Split, Split]:
    return dataset.train, dataset.validation, dataset.test


@CARDS
def test_a_card_tells_what_must_be_known(card: DatasetInfo) -> None:
    assert data.info(card.name) is card and card.name.isidentifier()
    assert card.title and card.licence and card.description.endswith(".")
    assert card.source.startswith(("https://", "http://", "Drawn by this app"))
    assert len(set(card.class_names)) == card.num_classes >= 2
    assert card.train_count > card.test_count > 0
    if card.always_here:
        assert card.available()


def test_titles_are_distinct() -> None:
    assert len({card.title for card in data.catalog()}) == len(data.CATALOG)


@CARDS
def test_pictures_are_what_the_card_says(card: DatasetInfo, loaded) -> None:
    dataset = loaded(card)
    assert (dataset.name, dataset.class_names) == (card.name, card.class_names)
    assert dataset.licence == card.licence and dataset.source == card.source
    shape = (16, 16, card.image_shape[2]) if card.resizable else card.image_shape
    for split in splits(dataset):
        assert split.images.dtype == np.uint8 and split.images.shape[1:] == shape
        assert set(split.labels) == set(range(card.num_classes))
    assert len(dataset.train) == pytest.approx(card.train_count, rel=0.1)
    assert len(dataset.test) == pytest.approx(card.test_count, rel=0.1)


@CARDS
def test_grounds_are_as_the_card_says(card: DatasetInfo, loaded) -> None:
    if card.light_on_dark is not None:
        assert (np.median(loaded(card).train.images[:, 0, 0]) < 128) == card.light_on_dark


@CARDS
def test_no_picture_is_in_two_splits(card: DatasetInfo, loaded) -> None:
    ids = [split.ids for split in splits(loaded(card))]
    together = np.concatenate(ids)
    assert len(np.unique(together)) == len(together)
    if card.always_here:
        seen = [{picture.tobytes() for picture in split.images} for split in splits(loaded(card))]
        assert not (seen[0] & seen[2] or seen[0] & seen[1] or seen[1] & seen[2])


@CARDS
def test_every_class_is_in_proportion(card: DatasetInfo, loaded) -> None:
    dataset = loaded(card)
    pool = np.concatenate([dataset.train.labels, dataset.validation.labels])
    for split in (dataset.train, dataset.validation):
        expected = np.bincount(pool) * len(split) / len(pool)
        assert np.abs(np.bincount(split.labels) - expected).max() <= 1


@CARDS
def test_a_share_for_the_test_is_in_proportion(card: DatasetInfo, loaded) -> None:
    total = sum(len(split) for split in splits(loaded(card)))
    labels = np.concatenate([split.labels for split in splits(loaded(card))])
    if card.open_pool(seed=0).fixed_split:
        with pytest.raises(SpecError, match="test_share"):
            data.plan(card.name, test_share=0.25)
        return
    pool, parts = data.plan(card.name, test_share=0.25, **quick(card))
    assert len(parts.test) == np.ceil(total / 4)
    assert len(parts.train) + len(parts.validation) + len(parts.test) == total
    expected = np.bincount(labels) * len(parts.test) / total
    assert np.abs(np.bincount(pool.labels[parts.test]) - expected).max() <= 1


@CARDS
def test_the_same_arguments_give_the_same_pictures(card: DatasetInfo, loaded) -> None:
    first = loaded(card)
    again, other = (data.load(card.name, seed=seed, train_size=200, **quick(card)) for seed in (0, 1))
    np.testing.assert_array_equal(first.test.images, again.test.images)
    np.testing.assert_array_equal(first.test.labels, again.test.labels)
    places = {number: place for place, number in enumerate(first.train.ids)}
    for picture, number in zip(again.train.images, again.train.ids, strict=True):
        np.testing.assert_array_equal(picture, first.train.images[places[number]])
    assert not np.array_equal(again.train.images, other.train.images)


@CARDS
def test_a_smaller_training_set_is_even(card: DatasetInfo, loaded) -> None:
    loaded(card)
    count = 3 * card.num_classes + 1
    pool, parts = data.plan(card.name, train_size=count, **quick(card))
    counts = np.bincount(pool.labels[parts.train], minlength=card.num_classes)
    assert counts.sum() == count and np.ptp(counts) == 1


@CARDS
def test_size_is_a_matter_of_drawn_pictures(card: DatasetInfo) -> None:
    if card.resizable:
        for size in (16, 40, 128):
            assert preview(card.name, image_size=size, count=8).image_shape == (size, size, card.image_shape[2])
    else:
        with pytest.raises(SpecError, match="leave the picture size"):
            data.plan(card.name, image_size=32)


@CARDS
def test_a_preview_is_small_and_shows_every_class(card: DatasetInfo, loaded) -> None:
    shown = preview(card.name, **quick(card)) if loaded(card) else None
    assert set(shown.labels) == set(range(card.num_classes)) and len(shown.images) == 40
    assert shown.totals == {name: len(split) for name, split in zip(data.SPLITS, splits(loaded(card)), strict=True)}


@CARDS
def test_boxes_and_masks_agree(card: DatasetInfo, loaded) -> None:
    train = loaded(card).train
    if train.masks is None:
        pytest.skip("no masks in this data set")
    for mask, boxes, labels in zip(train.masks[:200], train.boxes_xyxy, train.box_labels, strict=False):
        assert set(mask.flat) - {0, 255} == set(labels + 1)
        for left, top, right, bottom in boxes.astype(int):
            inside = mask[top:bottom, left:right] > 0
            assert inside.any(axis=0).all() or inside.any(axis=1).all()
            assert inside[0].any() and inside[-1].any() and inside[:, 0].any() and inside[:, -1].any()

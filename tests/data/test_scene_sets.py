"""Every data set of scenes obeys one law: boxes that bound their pixels, splits that share nothing."""

import numpy as np
import pytest

from cvlib.data.scene_sets import SCENES, SceneInfo, load_scenes, scene_info
from cvlib.errors import DataUnavailable, SpecError, UnknownName

DRAWN = [card for card in SCENES.values() if card.draw]
CARDS = pytest.mark.parametrize("card", DRAWN, ids=lambda card: card.name)


@CARDS
def test_a_card_tells_what_must_be_known(card: SceneInfo) -> None:
    assert scene_info(card.name) is card and card.name.isidentifier() and card.description.endswith(".")
    assert card.licence and card.source and len(set(card.class_names)) == card.num_classes


@CARDS
def test_boxes_are_tight_and_the_splits_are_apart(card: SceneInfo) -> None:
    size = 64
    dataset = load_scenes(card.name, image_size=size, train_size=12)
    height, width = card.at(size)
    assert len(dataset.train) == 12 and len(dataset.test) == card.counts["test"]
    assert dataset.train.images.shape[1:] == (height, width, 3)
    seen = [
        {picture.tobytes() for picture in part.images} for part in (dataset.train, dataset.validation, dataset.test)
    ]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    for mask, boxes, labels in zip(
        dataset.train.masks, dataset.train.boxes_xyxy, dataset.train.box_labels, strict=True
    ):
        for (left, top, right, bottom), label in zip(boxes.astype(int), labels, strict=True):
            name = card.mask_names.index(card.class_names[label]) + 1
            inside = mask[top:bottom, left:right] == name
            assert inside[0].any() and inside[-1].any() and inside[:, 0].any() and inside[:, -1].any()


@CARDS
def test_fewer_pictures_are_the_first_of_more_and_a_seed_decides(card: SceneInfo) -> None:
    few, more = (load_scenes(card.name, image_size=64, train_size=n, splits=("train",)).train for n in (2, 4))
    np.testing.assert_array_equal(few.images, more.images[:2])
    other = load_scenes(card.name, image_size=64, train_size=2, seed=1, splits=("train",)).train
    assert not np.array_equal(few.images, other.images)


@pytest.mark.parametrize("card", [card for card in DRAWN if card.single], ids=lambda card: card.name)
def test_one_object_a_picture(card: SceneInfo) -> None:
    train = load_scenes(card.name, image_size=64, train_size=10, single=True, splits=("train",)).train
    assert {len(boxes) for boxes in train.boxes_xyxy} == {1}


def test_shapes_are_three_to_six() -> None:
    train = load_scenes("shapes", image_size=64, train_size=60, splits=("train",)).train
    counts = {len(boxes) for boxes in train.boxes_xyxy}
    assert counts <= {2, 3, 4, 5, 6} and {3, 6} <= counts  # one may be hidden by others


def test_what_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownName, match="shapes"):
        load_scenes("moon")
    with pytest.raises(SpecError, match="one object"):
        load_scenes("street", single=True)
    with pytest.raises(SpecError, match="between 64 and 256"):
        load_scenes("shapes", image_size=16)
    monkeypatch.delenv("CVLIB_DATA", raising=False)
    with pytest.raises(DataUnavailable, match="CVLIB_DATA"):
        load_scenes("bccd")


def test_blood_cells_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.conftest import ROOT

    folder = ROOT.parent / "shared" / "data"
    if not (folder / "bccd").is_dir():
        pytest.skip("the photos of blood cells are not on this machine")
    monkeypatch.setenv("CVLIB_DATA", str(folder))
    dataset = load_scenes("bccd")
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [205, 87, 72]
    boxes = np.concatenate(dataset.test.boxes_xyxy)
    assert (boxes[:, 2:] > boxes[:, :2]).all() and boxes[:, 2].max() <= 320 and boxes[:, 3].max() <= 240

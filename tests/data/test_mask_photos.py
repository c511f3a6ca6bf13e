"""Photos with masks: CamVid, where it is at hand, and Oxford-IIIT Pet through TensorFlow Datasets' own mock."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from cvlib.data import camvid, oxford_pets
from cvlib.data.scene_sets import load_scenes, scene_info

HOSTS = os.environ.get("CVLIB_DATA")
"""Read before the tests of this folder hide it."""


@pytest.mark.skipif(not camvid.available(), reason="camvid.zip is not in the folder that CVLIB_DATA names")
def test_camvid_has_its_splits_classes_and_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CVLIB_DATA", HOSTS)
    dataset = load_scenes("camvid", masks=True)
    assert dataset.class_names[0] == "unlabelled" and len(dataset.class_names) == 12
    for split, count in camvid.COUNTS.items():
        assert getattr(dataset, split).images.shape == (count, 120, 160, 3)
    counts = np.bincount(dataset.train.masks.ravel(), minlength=256) / dataset.train.masks.size
    names = dataset.class_names
    for name, share in {"sky": 0.17, "building": 0.23, "road": 0.32, "car": 0.06}.items():
        assert counts[names.index(name)] == pytest.approx(share, abs=0.02)
    assert counts[255] == pytest.approx(0.04, abs=0.01) and counts[0] == 0
    assert len(set(dataset.train.ids) | set(dataset.validation.ids) | set(dataset.test.ids)) == 701


def test_pets_are_here_once_they_were_prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert not oxford_pets.available() and scene_info("oxford_pets").fetch is oxford_pets.fetch
    folder = tmp_path / "oxford_iiit_pet" / "4.0.0"
    folder.mkdir(parents=True)
    (folder / "dataset_info.json").write_text(json.dumps({}))
    assert oxford_pets.available()


def test_pets_become_squares_with_an_animal_a_ground_and_a_rim_that_is_not_judged() -> None:
    trimap = np.full((200, 300, 1), 2, np.uint8)
    trimap[50:150, 100:200], trimap[50:60, 100:200] = 1, 3
    photo = np.zeros((200, 300, 3), np.uint8)
    photo[50:150, 100:200] = 200
    image, mask = oxford_pets._fitted(photo, trimap)
    assert image.shape == (128, 128, 3) and image.dtype == np.uint8 and mask.dtype == np.uint8
    assert set(np.unique(mask)) == {0, 1, 255}
    assert mask.mean() > 0 and (mask == 1).mean() == pytest.approx(100 * 90 / 200**2, abs=0.02)
    assert image[64, 64].tolist() == [200, 200, 200] and mask[64, 64] == 1 and mask[2, 2] == 0


def test_tensorflow_datasets_is_asked_for_what_it_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tfds = pytest.importorskip("tensorflow_datasets")
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    oxford_pets.read.cache_clear()
    with tfds.testing.mock_data(num_examples=3):
        split = oxford_pets.read("validation")
    oxford_pets.read.cache_clear()
    assert split.images.shape == (3, 128, 128, 3) and split.masks.shape == (3, 128, 128)

"""Pictures to try a pipeline on: their sizes, and boxes and masks that fit them."""

import numpy as np
import pytest

from cvlib import data
from cvlib.augmenting import pictures
from cvlib.augmenting.looking import Shot
from cvlib.data.scene_sets import scene_info, take_scenes


def test_small_pictures_stay_as_they_are_and_large_ones_keep_their_boxes_and_masks() -> None:
    tiny = Shot(np.zeros((8, 8, 1), np.uint8))
    assert pictures.fitted(tiny) is tiny
    image, mask = np.zeros((300, 600, 3), np.uint8), np.zeros((300, 600), np.uint8)
    mask[60:180, 120:480] = 255
    boxes = np.array([[120, 60, 480, 180]], np.float32)
    made = pictures.fitted(Shot(image, "x", mask, boxes, np.zeros(1, np.int64), ("a",)))
    assert made.image.shape == (112, 224, 3) and made.mask.shape == (112, 224)
    rows, columns = np.nonzero(made.mask)
    edges = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert np.abs(made.boxes_xyxy[0] - edges).max() <= 1 and set(np.unique(made.mask)) == {0, 255}


def test_large_grey_pictures_stay_grey() -> None:
    assert pictures.fitted(Shot(np.zeros((448, 448, 1), np.uint8))).image.shape == (224, 224, 1)


def test_test_pictures_are_those_of_the_data_set() -> None:
    truth = data.load("digits").test
    assert np.array_equal(pictures.test_labels("digits"), truth.labels)
    for place, shot in zip((0, 17), pictures.test_shots("digits", [0, 17]), strict=True):
        assert np.array_equal(shot.image, truth.images[place]) and shot.name == str(truth.labels[place])


@pytest.mark.parametrize("name", ["street", "shapes", "digit_scenes"])
def test_a_scenes_boxes_are_named_as_its_mask(name: str) -> None:
    [shot], split, card = pictures.scene_shots(name, [3]), take_scenes(name, "test", [3]), scene_info(name)
    assert shot.has == ("boxes", "masks") and shot.class_names == card.mask_names
    assert [shot.class_names[label] for label in shot.box_labels] == [
        card.class_names[label] for label in split.box_labels[0]
    ]

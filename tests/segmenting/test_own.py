"""A network for segmentation learns from a person's own masks, is judged, used and forgotten."""

import io
import zipfile

import numpy as np
import pytest

from cvlib import models, ongoing
from cvlib.data.scene_sets import take_scenes
from cvlib.errors import ImageError, JobError
from cvlib.segmenting import code, own
from cvlib.tasks.segmentation import IGNORE

NAMES = ("background", "circle", "square", "triangle", "star", "cross")


def pictures(count: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    split = take_scenes("shapes", "train", range(count), image_size=64)
    return list(split.images), list(split.masks)


def test_own_masks_are_learned_from_and_forgotten() -> None:
    token = own.begin(*pictures(6), NAMES, 64, 3, "fcn")
    parts = []
    while more := ongoing.proceed(token):
        parts += more
    last = parts[-1]
    assert last.share == 1 and len(last.losses) == 3 and last.losses[-1] < last.losses[0]
    assert [part.done for part in parts] == [1, 2, 3, 3] and all(part.judged is None for part in parts[:-1])
    assert last.judged.confusion.shape == (6, 6) and last.judged.confusion.sum() == 64 * 64
    found = own.segment(token, np.zeros((100, 150, 3), np.uint8))
    assert found.labels.shape == (100, 150) and found.class_names == NAMES
    (held,) = own.held_back(token, 4)
    assert held.image.shape == (64, 64, 3) and held.truth.shape == held.prediction.labels.shape == (64, 64)
    with zipfile.ZipFile(io.BytesIO(own.as_files(token))) as archive:
        assert set(archive.namelist()) == {"my-network.keras", code.LITE, code.USE, code.LABELS}
    ongoing.forget([token])
    with pytest.raises(JobError):
        own.segment(token, np.zeros((10, 10, 3), np.uint8))


@pytest.mark.parametrize("loss", ["weighted", "dice"])
def test_every_loss_can_be_chosen(loss: str) -> None:
    images, masks = pictures(4)
    training = own.OwnTraining(images, masks, NAMES, side=64, epochs=1, model="fcn", loss=loss)
    assert np.isfinite(list(training)[-1].losses).all()


def test_own_pictures_go_through_a_pipeline() -> None:
    images, masks = pictures(4)
    away = "translation:x=50..50,y=0..0,fill=constant"
    training = own.OwnTraining(images, masks, NAMES, side=64, epochs=1, model="fcn", augmentation=away)
    for moved, truth in training.student.batches(training.dataset.train, own.SEED):
        half = truth.shape[2] // 2
        assert (np.array(truth)[:, :, : half - 1] == IGNORE).all() and not np.array(moved)[:, :, : half - 1].any()
    assert np.isfinite(list(training)[-1].losses).all()


def test_networks_can_be_chosen() -> None:
    assert set(models.SEGMENTERS) == {"unet", "segnet", "fcn", "deeplab"}
    images, masks = pictures(4)
    training = own.OwnTraining(images, masks, NAMES, side=64, epochs=1, model="segnet")
    assert training.model.name == "segnet" and next(iter(training)).done == 1


def test_too_few_masks_are_refused_in_words() -> None:
    empty = np.zeros((9, 9), np.uint8)
    rim = np.full((9, 9), IGNORE, np.uint8)
    with pytest.raises(ImageError, match="At least 4 pictures need painted areas; 0 have some"):
        own.begin([np.zeros((9, 9, 3), np.uint8)] * 5, [empty, empty, rim, rim, empty], NAMES, 64, 1)


def test_every_fifth_is_held_back_and_unpainted_pictures_are_left_out() -> None:
    images, masks = pictures(11)
    masks[3] = np.zeros_like(masks[3])
    used = own.painted(masks)
    assert used == [0, 1, 2, 4, 5, 6, 7, 8, 9, 10]
    made = own.as_dataset([images[place] for place in used], [masks[place] for place in used], NAMES, 64)
    assert (len(made.train), len(made.validation), len(made.test)) == (8, 2, 0)
    assert sorted([*made.train.ids, *made.validation.ids]) == list(range(10))
    assert own.held_count(4) == 1 and own.held_count(24) == 5


def test_what_is_beyond_a_picture_is_not_judged() -> None:
    pixels = np.arange(20 * 40 * 3).reshape(20, 40, 3).astype(np.uint8)
    mask = np.ones((20, 40), np.uint8)
    mask[:, 20:] = 2
    image, framed = own.fit(pixels, mask, (64, 64))
    assert image.shape == (64, 64, 3) and framed.dtype == np.uint8
    assert (framed[:32, :32] == 1).all() and (framed[:32, 32:] == 2).all() and (framed[32:] == IGNORE).all()
    assert (image[32] == image[31]).all()  # mirrored


@pytest.mark.parametrize(
    ("sizes", "frame"),
    [
        ([(64, 64)], (128, 128)),
        ([(300, 400)] * 3, (96, 128)),
        ([(400, 300)] * 3, (128, 96)),
        ([(100, 1000)], (64, 128)),
        ([(100, 100), (100, 200), (100, 200)], (64, 128)),
    ],
)
def test_the_frame_has_the_proportions_of_the_pictures(sizes: list, frame: tuple[int, int]) -> None:
    assert own.frame_for([np.zeros((*size, 3), np.uint8) for size in sizes], 128) == frame

"""Drawn streets: the truth that comes with a picture is true, and colour alone does not tell it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cvlib.data import street
from cvlib.data.street import _FIRST_THING, CLASS_NAMES, LEAST_PIXELS, LEAST_SIDE, OBJECT_NAMES, _paint, draw_street
from cvlib.data.street_setting import BUILDING, SKY
from cvlib.data.street_things import THINGS, Spot
from cvlib.data.street_view import FINE, Brush, Light, View, slab, upright

sides = st.integers(32, 256)


def draw(seed: int, size_hw: tuple[int, int] = (128, 160)):
    return draw_street(np.random.default_rng(seed), size_hw)


@pytest.fixture(scope="module")
def scenes() -> list:
    return [draw(seed) for seed in range(50)]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), height=sides, width=sides)
def test_a_street_is_well_formed(seed: int, height: int, width: int) -> None:
    scene = draw(seed, (height, width))
    assert (scene.image.dtype, scene.image.shape) == (np.uint8, (height, width, 3))
    assert (scene.mask.dtype, scene.mask.shape) == (np.uint8, (height, width))
    assert (scene.boxes_xyxy.dtype, scene.box_labels.dtype) == (np.float32, np.int64)
    assert scene.boxes_xyxy.shape == (len(scene.box_labels), 4)
    assert scene.mask.max() <= len(CLASS_NAMES)
    assert {CLASS_NAMES.index(OBJECT_NAMES[label]) + 1 for label in scene.box_labels} <= set(scene.mask.flat)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), height=sides, width=sides)
def test_boxes_are_tight_around_what_is_visible(seed: int, height: int, width: int) -> None:
    scene = draw(seed, (height, width))
    _, owners, labels = _paint(np.random.default_rng(seed), (height, width))
    expected, expected_labels = [], []
    for number, label in enumerate(labels, start=_FIRST_THING):
        rows, columns = np.nonzero(owners == number)
        if len(rows) >= LEAST_PIXELS and min(np.ptp(rows), np.ptp(columns)) + 1 >= LEAST_SIDE:
            expected.append([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
            expected_labels.append(label)
        assert (scene.mask[owners == number] == CLASS_NAMES.index(OBJECT_NAMES[label]) + 1).all()
    assert scene.boxes_xyxy.tolist() == expected and scene.box_labels.tolist() == expected_labels


def test_nothing_is_too_small_to_make_out(scenes: list) -> None:
    boxes = np.concatenate([scene.boxes_xyxy for scene in scenes])
    assert (boxes[:, 2:] - boxes[:, :2]).min() >= LEAST_SIDE


def test_every_class_occurs(scenes: list) -> None:
    shares = np.mean([np.bincount(scene.mask.ravel(), minlength=7) / scene.mask.size for scene in scenes], axis=0)
    assert (shares[1:] > 0.004).all() and shares[0] < 0.06
    counts = np.bincount(np.concatenate([scene.box_labels for scene in scenes]), minlength=len(OBJECT_NAMES))
    assert (counts >= 20).all()


def test_there_are_two_to_seven_things(scenes: list) -> None:
    counts = [len(scene.box_labels) for scene in scenes]
    assert min(counts) >= 1 and max(counts) <= 7 and np.mean(np.array(counts) >= 2) > 0.9


def test_the_same_seed_draws_the_same_street() -> None:
    first, again, other = (draw(seed).image for seed in (3, 3, 4))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_the_sky_is_above_and_the_road_below(scenes: list) -> None:
    road, sky = (np.mean([scene.mask == CLASS_NAMES.index(name) + 1 for scene in scenes], axis=0).mean(axis=1)
                 for name in ("road", "sky"))  # fmt: skip
    assert road[-1] > 0.7 and road[:20].max() == 0 and sky[0] > 0.25 and sky[100:].max() == 0


@pytest.mark.parametrize("name", CLASS_NAMES)
def test_a_class_has_many_colours(scenes: list, name: str) -> None:
    value = CLASS_NAMES.index(name) + 1
    means = [scene.image[scene.mask == value].mean(axis=0) for scene in scenes if (scene.mask == value).sum() > 30]
    assert np.std(means, axis=0).min() > 15


def test_colour_does_not_tell_what_a_thing_is(scenes: list) -> None:
    colours, labels = [], []
    for scene in scenes:
        for label in set(scene.box_labels.tolist()):
            value = CLASS_NAMES.index(OBJECT_NAMES[label]) + 1
            colours.append(scene.image[scene.mask == value].mean(axis=0))
            labels.append(label)
    colours, labels = np.array(colours), np.array(labels)
    train = np.arange(len(labels)) % 2 == 0
    centres = np.stack([colours[train & (labels == label)].mean(axis=0) for label in range(len(OBJECT_NAMES))])
    nearest = np.linalg.norm(colours[~train, None] - centres, axis=2).argmin(axis=1)
    assert (nearest == labels[~train]).mean() < 0.65


def test_what_others_nearly_hide_has_no_box(monkeypatch: pytest.MonkeyPatch) -> None:
    spots = iter([Spot(0.0, 30.0, False), Spot(0.0, 6.0, False)])
    monkeypatch.setattr(street, "_place", lambda *_: next(spots, None))
    monkeypatch.setattr(street, "OBJECT_NAMES", ("car",))
    monkeypatch.setattr(street, "THINGS", {"car": replace(THINGS["car"], share=1.0)})
    view = View(width=480, height=384, vanishing_x=240, horizon=190, focal=400, eye=1.0)
    monkeypatch.setattr(street, "_choose_view", lambda *_: view)
    assert len(draw(0).box_labels) == 1


def brush() -> Brush:
    view = View(width=60 * FINE, height=40 * FINE, vanishing_x=90, horizon=50, focal=100, eye=1.5)
    light = Light(tint=(1, 1, 1), haze=(200, 200, 200), reach=1e6, lamps=0, left=1)
    return Brush(view, light, Image.new("RGB", (view.width, view.height)), SKY)


def test_the_camera_sees_what_is_farther_smaller() -> None:
    view = brush().view
    assert view.project([(0, view.eye, 3), (0, view.eye, 300)]) == [(90, 50), (90, 50)]
    (_, near), (_, far) = view.project([(0, 0, view.nearest), (0, 0, 50)])
    assert near == pytest.approx(view.height) and far == pytest.approx(53)


def test_what_is_painted_later_owns_the_pixels() -> None:
    painter = brush()
    for painter.owner, colour in ((BUILDING, (255, 0, 0)), (7, (0, 0, 255))):
        painter.shape(upright(0, 10, slab(-1, 1, 0, 1)), colour)
    owners, picture = painter.truth(), np.asarray(painter.picture.reduce(FINE))
    assert owners.shape == picture.shape[:2] == (40, 60)
    assert set(owners.flat) == {SKY, 7} and (picture[owners == 7, 2] > 100).all()


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_has_about_the_size_that_is_said(name: str) -> None:
    kind, sizes = THINGS[name], []
    for seed in range(8):
        painter = brush()
        painter.owner = 9
        kind.draw(np.random.default_rng(seed), painter, Spot(0.0, 8.0, True))
        rows, columns = np.nonzero(np.asarray(painter.owners) == 9)
        sizes.append((np.ptp(columns) + 1, np.ptp(rows) + 1))
    width, height = np.mean(sizes, axis=0) * 8 / 100
    assert width == pytest.approx(2 * kind.half, rel=0.25) and height == pytest.approx(kind.height, rel=0.25)

"""Drawn scenes: the truth that comes with a picture is true, and only the form tells the class."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvlib.data.clutter import STAND_OUT, TEXTURE_STANDS_OUT, colours_apart
from cvlib.data.outlines import OUTLINES
from cvlib.data.scenes import NAMES, Pose, _coverage, draw_scene
from cvlib.data.shapes import _draw, most_train, open_shapes

class_lists = st.lists(st.integers(0, len(NAMES) - 1), max_size=6)


def area(points: np.ndarray) -> float:
    """Of a polygon, by the shoelace formula."""
    x, y = points.T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def bounds(pixels: np.ndarray) -> list[float]:
    """The box around the True pixels, by looking at each of them."""
    rows, columns = np.nonzero(pixels)
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), height=st.integers(16, 128), width=st.integers(16, 128), classes=class_lists)
def test_a_scene_is_well_formed(seed: int, height: int, width: int, classes: list[int]) -> None:
    scene = draw_scene(np.random.default_rng(seed), (height, width), classes)
    assert (scene.image.dtype, scene.image.shape) == (np.uint8, (height, width, 3))
    assert (scene.mask.dtype, scene.mask.shape) == (np.uint8, (height, width))
    assert (scene.boxes_xyxy.dtype, scene.box_labels.dtype) == (np.float32, np.int64)
    assert scene.boxes_xyxy.shape == (len(scene.box_labels), 4)
    assert set(scene.mask.flat) - {0} == set(scene.box_labels + 1) <= {label + 1 for label in classes}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), side=st.integers(16, 128), classes=st.permutations(range(len(NAMES))))
def test_boxes_are_tight_around_what_is_visible(seed: int, side: int, classes: list[int]) -> None:
    # Of each class one, so that the mask tells the objects apart; the later ones hide parts of the earlier.
    scene = draw_scene(np.random.default_rng(seed), (side, side), classes)
    for box, label in zip(scene.boxes_xyxy, scene.box_labels, strict=True):
        assert box.tolist() == bounds(scene.mask == label + 1)


def test_a_hidden_object_has_no_box(monkeypatch: pytest.MonkeyPatch) -> None:
    poses = [Pose(np.array([32.0, 32.0]), radius, 0.0, 1.0) for radius in (8.0, 25.0)]
    monkeypatch.setattr("cvlib.data.scenes._poses", lambda *_: poses)
    scene = draw_scene(np.random.default_rng(0), (64, 64), [3, 0])
    assert scene.box_labels.tolist() == [0]


@pytest.mark.parametrize("name", OUTLINES)
def test_a_shape_covers_its_area(name: str) -> None:
    outline, pose = OUTLINES[name], Pose(np.array([50.3, 47.6]), 30.0, 0.7, 0.9)
    cover = _coverage(outline, pose, (100, 100))
    expected = (area(outline.edge) - (area(outline.hole) if outline.hole is not None else 0)) * 30**2 * 0.9
    assert cover.sum() == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("name", ["circle", "square", "ring", "star", "cross"])
def test_a_shape_lies_where_it_should(name: str) -> None:
    cover = _coverage(OUTLINES[name], Pose(np.array([50.3, 47.6]), 30.0, 0.7, 1.0), (100, 100))
    y, x = np.mgrid[:100, :100] + 0.5
    assert [(cover * x).sum() / cover.sum(), (cover * y).sum() / cover.sum()] == pytest.approx([50.3, 47.6], abs=0.08)


def test_outlines_fill_the_unit_circle() -> None:
    for outline in OUTLINES.values():
        assert 0.9 <= np.linalg.norm(outline.edge, axis=1).max() <= 1.0 + 1e-9


def test_edges_are_smooth() -> None:
    cover = _coverage(OUTLINES["circle"], Pose(np.array([32.0, 32.0]), 20.0, 0.0, 1.0), (64, 64))
    assert ((cover > 0.1) & (cover < 0.9)).sum() > 40


@given(seed=st.integers(0, 10_000), ground=st.tuples(*[st.floats(0, 255)] * 3))
def test_objects_stand_out(seed: int, ground: tuple[float, ...]) -> None:
    colours = colours_apart(np.random.default_rng(seed), np.array(ground))
    plain, textured = np.linalg.norm(colours - ground, axis=1)
    assert plain >= STAND_OUT and textured >= TEXTURE_STANDS_OUT


def test_colour_does_not_tell_the_class() -> None:
    split = open_shapes(image_size=32).take(np.arange(960))
    pixels = split.images.reshape(960, -1, 3).astype(float)
    features = np.concatenate([pixels.mean(axis=1), pixels.std(axis=1)], axis=1)
    train, test = features[:640], features[640:]
    centres = np.stack([train[split.labels[:640] == label].mean(axis=0) for label in range(len(NAMES))])
    nearest = np.linalg.norm(test[:, None] - centres, axis=2).argmin(axis=1)
    assert (nearest == split.labels[640:]).mean() < 2.5 / len(NAMES)


@pytest.mark.parametrize("size", [16, 64, 128])
def test_a_picture_does_not_depend_on_the_others(size: int) -> None:
    labels = np.arange(20) % 8
    alone, among = _draw(np.array([13]), labels, size, 5), _draw(np.arange(20), labels, size, 5)
    np.testing.assert_array_equal(alone.images[0], among.images[13])
    np.testing.assert_array_equal(alone.masks[0], among.masks[13])


def test_another_seed_draws_other_pictures() -> None:
    first, again, other = (open_shapes(seed=seed).take(np.arange(4)).images for seed in (0, 0, 1))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_the_same_scene_at_another_size() -> None:
    small, large = (open_shapes(image_size=size).take(np.arange(30)) for size in (32, 128))
    boxes = [np.concatenate(split.boxes_xyxy) / size for split, size in ((small, 32), (large, 128))]
    np.testing.assert_allclose(*boxes, atol=1.5 / 32)


def test_pictures_without_end_have_an_end() -> None:
    assert most_train(128) * 128 * 128 * 3 <= 400_000_000
    assert len(open_shapes(train_size=10**6).labels) == 1_500 + most_train(64)


def test_an_empty_draw() -> None:
    split = open_shapes().take(np.arange(0))
    assert len(split) == 0 and split.images.shape == (0, 64, 64, 3) and split.masks.shape == (0, 64, 64)

"""Transforms that move pixels, against other implementations of the same."""

import cv2
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cvlib.augmentation import CATALOG, Step, batch, bending, warping
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.schema import FILLS
from tests.augmentation import laws

EACH = pytest.mark.parametrize("name", laws.MOVING)
MODES = {"constant": "grid-constant", "nearest": "nearest", "reflect": "reflect"}
"""What scipy calls our fills."""
FILLED = [name for name in laws.MOVING if any(each.name == "fill" for each in CATALOG[name].parameters)]


def smooth(height: int, width: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    """A picture without sharp edges, on which a small displacement is a small difference; uint8 (1, H, W, C)."""
    noise = np.random.default_rng(seed).uniform(0, 255, (height, width, channels))
    blurred = ndimage.gaussian_filter(noise, (2, 2, 0))
    return np.rint((blurred - blurred.min()) / np.ptp(blurred) * 255).astype(np.uint8)[None]


def moved(name: str, picture: np.ndarray, fill: str = "constant", seed: int = 0, **values: float) -> np.ndarray:
    """The picture, float (H, W, C), with a transform at these values and at rest in all others."""
    step = laws.resting(name, fill=fill)
    for parameter, value in values.items():
        step = step.fixed(parameter, value)
    return laws.ran(step, batch.of_arrays(picture), seed)[0].images.numpy()[0].astype(float)


def by_scipy(picture: np.ndarray, forward: np.ndarray, fill: str) -> np.ndarray:
    """What scipy makes of the picture if `forward`, (2, 3), says where each of its pixels (x, y) goes to."""
    inverse = np.linalg.inv(np.vstack([forward, [0, 0, 1]]))
    matrix, offset = inverse[:2, :2][::-1, ::-1], inverse[:2, 2][::-1]
    layers = [
        ndimage.affine_transform(layer, matrix, offset, order=1, mode=MODES[fill])
        for layer in np.moveaxis(picture[0].astype(float), -1, 0)
    ]
    return np.stack(layers, axis=-1)


def middle(picture: np.ndarray) -> tuple[float, float]:
    return (picture.shape[2] - 1) / 2, (picture.shape[1] - 1) / 2


def about_the_middle(linear: list[list[float]], picture: np.ndarray) -> np.ndarray:
    centre = np.array(middle(picture))
    linear = np.array(linear)
    return np.column_stack([linear, centre - linear @ centre])


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([name for name in laws.MOVING if name != "flip"]),
    st.sampled_from(list(FILLS)),
    st.integers(5, 40),
    st.integers(5, 40),
    st.sampled_from([1, 3]),
    st.integers(0, 1000),
)
def test_at_rest_nothing_changes(name: str, fill: str, height: int, width: int, channels: int, seed: int) -> None:
    given = laws.full(3, height, width, channels, seed)
    step = laws.resting(name, **({"fill": fill} if name in FILLED else {}))
    made, _ = laws.ran(step, given, seed)
    np.testing.assert_array_equal(np.rint(made.images), given.images)
    laws.same(made._replace(images=given.images), given)


@pytest.mark.parametrize("name", [name for name in laws.MOVING if name != "flip"])
@pytest.mark.parametrize("size", [(8, 8), (28, 28), (161, 224)])
def test_at_rest_nothing_changes_at_usual_sizes(name: str, size: tuple[int, int]) -> None:
    given = laws.full(2, *size, 3)
    made, _ = laws.ran(laws.resting(name), given)
    np.testing.assert_array_equal(np.rint(made.images), given.images)
    laws.same(made._replace(images=given.images), given)


@pytest.mark.parametrize("direction", ["horizontal", "vertical", "both"])
def test_a_flip_twice_is_nothing(direction: str) -> None:
    given = laws.full(3, 9, 14, 3)
    once, _ = laws.ran(f"flip:direction={direction}", given)
    assert (once.images.numpy() != given.images.numpy()).any()
    laws.same(laws.ran(f"flip:direction={direction};flip:direction={direction}", given)[0], given)


@pytest.mark.parametrize("direction,axis", [("horizontal", 2), ("vertical", 1), ("both", (1, 2))])
def test_a_flip_mirrors(direction: str, axis: int) -> None:
    given = laws.full(3, 9, 14, 3)
    made, _ = laws.ran(f"flip:direction={direction}", given)
    for mine, theirs in ((made.images, given.images), (made.masks, given.masks), (made.marks, given.marks)):
        np.testing.assert_array_equal(mine, np.flip(theirs, axis))


def rectangle(height: int, width: int, box: tuple[int, int, int, int], count: int, channels: int) -> Batch:
    """A white rectangle on black, with the box around it, and a mask of it, as often as asked."""
    left, top, right, bottom = box
    image = np.zeros((count, height, width, channels), np.uint8)
    image[:, top:bottom, left:right] = 255
    boxes = np.tile(np.float32([[box]]), (count, 1, 1))
    return batch.of_arrays(
        image, boxes_xyxy=boxes, box_labels=np.zeros((count, 1), np.int32), masks=(image[..., 0] > 0).astype(np.uint8)
    )


def boxes_in(height: int, width: int, least: int) -> st.SearchStrategy[tuple[int, int, int, int]]:
    def stretch(count: int) -> st.SearchStrategy[tuple[int, int]]:
        return st.integers(0, count - least).flatmap(
            lambda low: st.tuples(st.just(low), st.integers(low + least, count))
        )

    return st.tuples(stretch(width), stretch(height)).map(lambda ends: (ends[0][0], ends[1][0], ends[0][1], ends[1][1]))


def check_bounds(made: Batch) -> None:
    """See that the boxes bound the bright pixels within one."""
    bright = made.images.numpy().mean(axis=-1, keepdims=True) >= 127.5
    expected = batch.bounded(bright.astype(np.uint8)).numpy()[:, 0]
    found = batch.bounded(made.marks).numpy()[:, 0]
    for place, (one, two) in enumerate(zip(expected, found, strict=True)):
        seen = bright[place].sum()
        if not seen or not found[place].any():
            # A sliver may be too dark on one side and a pixel on the other.
            assert seen <= 16 and made.marks[place].numpy().sum() <= 16
        else:
            assert np.abs(one - two).max() <= 1, (one, two)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(laws.MOVING), boxes_in(48, 64, 5), st.sampled_from([1, 3]), st.integers(0, 10_000))
def test_a_box_still_bounds_what_it_bounded(
    name: str, box: tuple[int, int, int, int], channels: int, seed: int
) -> None:
    made, _ = laws.ran(name, rectangle(48, 64, box, 4, channels), seed)
    check_bounds(made)


@EACH
def test_a_box_bounds_also_at_the_strongest(name: str) -> None:
    ranges = {each.name: (each.low, each.high) for each in CATALOG[name].parameters if each.is_range}
    for box in ((20, 20, 90, 60), (0, 0, 30, 95), (70, 40, 128, 96)):
        made, _ = laws.ran(Step(name, ranges), rectangle(96, 128, box, 12, 3), seed=7)
        check_bounds(made)


@EACH
def test_a_mask_moves_as_the_picture_does(name: str) -> None:
    for seed in range(3):
        given = rectangle(60, 80, (15, 20, 60, 50), 6, 1)
        made, _ = laws.ran(name, given, seed)
        masks, bright = made.masks.numpy(), made.images.numpy()[..., 0] >= 127.5
        assert set(np.unique(masks)) <= {0, 1, 255}
        assert ((masks == 1) != bright).mean() < 0.002
        assert not bright[masks == 255].any()


@pytest.mark.parametrize("name", FILLED)
@pytest.mark.parametrize("fill", FILLS)
def test_beyond_the_frame(name: str, fill: str) -> None:
    """Nothing white is left out by a fill of colours, and a box never reaches beyond what is left of it."""
    ranges = {each.name: (each.low, each.high) for each in CATALOG[name].parameters if each.is_range}
    made, _ = laws.ran(Step(name, ranges | {"fill": fill}), rectangle(40, 50, (0, 0, 50, 40), 8, 3), seed=1)
    images, masks, marks = made.images.numpy(), made.masks.numpy(), made.marks.numpy()[..., 0]
    if fill == "constant":
        assert (masks == 255).any() and not images[masks == 255].max() > 128
        np.testing.assert_array_equal(marks, masks == 1)
    else:
        assert images.min() > 254.99 and (masks == 1).all() and not marks.all()


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("angle", [-160.0, -30.0, 7.0, 90.0])
def test_rotation_is_scipy_s(angle: float, fill: str) -> None:
    picture = smooth(61, 80)
    expected = by_scipy(picture, cv2.getRotationMatrix2D(middle(picture), angle, 1), fill)
    assert np.abs(moved("rotation", picture, fill, angle=angle) - expected).mean() < 0.05


def test_a_quarter_turn_is_exact() -> None:
    picture = laws.pictures(1, 30, 30, 3)
    np.testing.assert_allclose(moved("rotation", picture, angle=90), np.rot90(picture[0]), atol=0.02)


def test_turning_a_6_on_its_head_is_both_mirrors() -> None:
    picture = laws.pictures(1, 28, 28, 1)
    np.testing.assert_allclose(moved("rotation", picture, angle=180), picture[0, ::-1, ::-1], atol=0.02)


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("factor", [40.0, 90.0, 150.0, 300.0])
def test_zoom_is_scipy_s(factor: float, fill: str) -> None:
    picture = smooth(61, 80)
    expected = by_scipy(picture, cv2.getRotationMatrix2D(middle(picture), 0, factor / 100), fill)
    assert np.abs(moved("zoom", picture, fill, factor=factor) - expected).mean() < 0.05


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("x,y", [(30.0, 0.0), (0.0, -20.0), (-44.4, 21.7)])
def test_shear_is_scipy_s(x: float, y: float, fill: str) -> None:
    picture = smooth(61, 80)
    # Upwards is against the rows' order: what is high goes to the right, what is on the right goes up.
    across = np.array([[1, -np.tan(np.radians(x))], [0, 1]])
    down = np.array([[1, 0], [-np.tan(np.radians(y)), 1]])
    expected = by_scipy(picture, about_the_middle(down @ across, picture), fill)
    assert np.abs(moved("shear", picture, fill, x=x, y=y) - expected).mean() < 0.05


@pytest.mark.parametrize("ratio", [40.0, 120.0, 250.0])
def test_stretching_is_scipy_s(ratio: float) -> None:
    picture = smooth(61, 80)
    root = np.sqrt(ratio / 100)
    expected = by_scipy(picture, about_the_middle([[root, 0], [0, 1 / root]], picture), "constant")
    assert np.abs(moved("aspect_ratio", picture, ratio=ratio) - expected).mean() < 0.05


@pytest.mark.parametrize("x,y", [(20.0, 0.0), (-35.0, 10.0), (5.0, -80.0)])
def test_translation_by_whole_pixels_is_exact(x: float, y: float) -> None:
    picture = laws.pictures(1, 40, 60, 3)
    right, down = round(x * 60 / 100), round(y * 40 / 100)
    expected = np.zeros((40, 60, 3))
    expected[max(down, 0) : 40 + min(down, 0), max(right, 0) : 60 + min(right, 0)] = picture[
        0, max(-down, 0) : 40 + min(-down, 0), max(-right, 0) : 60 + min(-right, 0)
    ]
    np.testing.assert_allclose(moved("translation", picture, x=x, y=y), expected, atol=0.02)


def ramps(count: int, height: int, width: int) -> Batch:
    """Pictures whose first channel is the column and whose second is the row: they show where a pixel comes from."""
    rows, columns = np.mgrid[:height, :width]
    picture = np.stack([columns, rows, 0 * rows], axis=-1).astype(np.uint8)
    return batch.of_arrays(np.tile(picture, (count, 1, 1, 1)))


def test_a_crop_is_the_part_that_was_drawn() -> None:
    height, width = 100, 160
    step = Step("crop_and_resize", {"share": (10, 90), "ratio": (60, 180)})
    made, drawn = laws.ran(step, ramps(200, height, width))
    columns, rows = made.images.numpy()[..., 0], made.images.numpy()[..., 1]
    across = (columns[:, 50, 120] - columns[:, 50, 40]) / 80
    down = (rows[:, 75, 80] - rows[:, 25, 80]) / 50
    np.testing.assert_allclose(across * down, drawn["share"] / 100, rtol=1e-3)
    share, ratio = drawn["share"].numpy() / 100, drawn["ratio"].numpy() / 100
    np.testing.assert_allclose(across / down, np.clip(ratio, share, 1 / share), rtol=1e-3)
    assert (np.clip(ratio, share, 1 / share) == ratio).mean() > 0.5
    for first, size, part in (
        (columns[:, 50, 80] - across * 80, width, across),
        (rows[:, 50, 80] - down * 50, height, down),
    ):
        is_part = part < 0.95
        places = ((first + 0.5 - part / 2) / (size * (1 - part).clip(1e-6)))[is_part]
        assert -0.01 < places.min() < 0.1 and 0.9 < places.max() < 1.01, "it lies anywhere in the picture"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-0.2, 0.2), min_size=8, max_size=8), st.sampled_from([(61, 80), (90, 50)]))
def test_perspective_is_opencv_s(shares: list[float], size: tuple[int, int]) -> None:
    picture, (height, width) = smooth(*size), size
    shifts = np.float32(shares).reshape(4, 2)
    corners = np.float32([[0, 0], [1, 0], [1, 1], [0, 1]])
    scale, half = np.float32([width, height]), np.float32(0.5)
    matrix = cv2.getPerspectiveTransform(corners * scale - half, (corners + shifts) * scale - half)
    expected = cv2.warpPerspective(picture[0], matrix, (width, height), flags=cv2.INTER_LINEAR)
    mine = warping.projected(
        batch.of_arrays(picture), bending.to_corners(tf.constant(shifts[None]), height, width), "constant"
    )
    assert np.abs(mine.images.numpy()[0] - expected).mean() < 1


def test_perspective_moves_corners_in_all_directions() -> None:
    made, _ = laws.ran("perspective:strength=20..20,fill=constant", rectangle(60, 60, (0, 0, 60, 60), 200, 1))
    seen = made.masks.numpy() == 1
    for corner in (seen[:, 0, 0], seen[:, 0, -1], seen[:, -1, 0], seen[:, -1, -1]):
        assert 0.05 < corner.mean() < 0.6


@pytest.mark.parametrize("fill", FILLS)
def test_any_places_are_sampled_as_scipy_does(fill: str) -> None:
    given = laws.full(2, 21, 34, 3)
    rng = np.random.default_rng(0)
    x, y = (rng.uniform(-0.6 * count, 1.6 * count, (2, 21, 34)).astype(np.float32) for count in (34, 21))
    made = warping.sampled(given, tf.constant(x), tf.constant(y), fill)
    for place in range(2):
        at = [y[place].astype(float), x[place].astype(float)]
        for channel in range(3):
            layer = given.images.numpy()[place, ..., channel].astype(float)
            expected = ndimage.map_coordinates(layer, at, order=1, mode=MODES[fill])
            np.testing.assert_allclose(made.images.numpy()[place, ..., channel], expected, atol=0.02)
        masks = ndimage.map_coordinates(given.masks.numpy()[place], at, order=0, mode=MODES[fill], cval=255)
        marks = ndimage.map_coordinates(given.marks.numpy()[place, ..., 1], at, order=0, mode="grid-constant")
        assert (made.masks.numpy()[place] != masks).mean() < 0.003
        assert (made.marks.numpy()[place, ..., 1] != marks).mean() < 0.003


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("strength", [-30.0, -12.0, 8.0, 30.0])
def test_a_lens_is_brown_s(strength: float, fill: str) -> None:
    picture = smooth(61, 80)
    rows, columns = np.mgrid[:61, :80].astype(float)
    centre_x, centre_y = middle(picture)
    radius = np.hypot(columns - centre_x, rows - centre_y) / np.hypot(centre_x, centre_y)
    stretched = 1 + strength / 100 * radius**2
    at = [centre_y + (rows - centre_y) * stretched, centre_x + (columns - centre_x) * stretched]
    mine = moved("lens", picture, fill, strength=strength)
    for channel in range(3):
        expected = ndimage.map_coordinates(picture[0, ..., channel].astype(float), at, order=1, mode=MODES[fill])
        np.testing.assert_allclose(mine[..., channel], expected, atol=0.1)


def test_a_barrel_bulges_and_a_pincushion_does_not() -> None:
    picture = np.zeros((1, 101, 101, 1), np.uint8)
    picture[:, 20:22] = 255
    for strength, sign in ((25.0, 1), (-25.0, -1)):
        made = moved("lens", picture, strength=strength)[..., 0]
        heights = made[:50].argmax(axis=0)
        assert sign * (heights[8] - heights[50]) > 1, "a barrel's line is nearest to the edge in its middle"


def test_elastic_pushes_have_the_strength_that_was_asked() -> None:
    """On 27 pixels, three points lie on pixels 4, 13 and 22: there the interpolation is the push itself."""
    made, _ = laws.ran("elastic:strength=3..3,points=3,fill=constant", ramps(3000, 27, 27))
    pushes = made.images.numpy()[:, 13, 13, :2] - 13
    np.testing.assert_allclose(pushes.std(axis=0), 0.03 * 27, rtol=0.06)
    np.testing.assert_allclose(pushes.mean(axis=0), 0, atol=0.06)
    assert abs(np.corrcoef(pushes.T)[0, 1]) < 0.08
    other = made.images.numpy()[:, 13, 22, 0] - 22
    assert abs(np.corrcoef(pushes[:, 0], other)[0, 1]) < 0.08


def test_elastic_is_smooth_and_keeps_the_scale() -> None:
    made, _ = laws.ran("elastic:strength=2..2,points=4,fill=constant", ramps(20, 200, 200))
    field = made.images.numpy()[:, 30:170, 30:170, :2]
    steps = np.diff(field[..., 0], axis=2)
    assert steps.min() > 0.5 and steps.max() < 1.6
    assert np.abs(np.diff(steps, axis=2)).max() < 0.1
    assert np.abs(field[..., 0] - np.arange(30, 170)).max() > 4


def test_more_points_crumple_more() -> None:
    spreads = []
    for points in (3, 9):
        made, _ = laws.ran(f"elastic:strength=1..1,points={points},fill=constant", ramps(30, 120, 120))
        spreads.append(np.diff(made.images.numpy()[:, 20:100, 20:100, 0], axis=2).std())
    assert spreads[1] > 2 * spreads[0]

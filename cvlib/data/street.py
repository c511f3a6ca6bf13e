"""Road scenes as a driver sees them, drawn by seed: boxes around the things, and a mask of all that is there.

The street is laid out in metres and looked at through a camera, so that sizes, places and overlaps agree. Hour,
weather and every colour are drawn independently of the class: a car may be as grey as the road and a house as blue
as the sky.

Reference:
    G. J. Brostow, J. Fauqueur and R. Cipolla (2009), Semantic object classes in video: A high-definition ground
    truth database, Pattern Recognition Letters 30(2): the photographed scenes (CamVid) that these resemble.
"""

import numpy as np

from cvlib.data.scenes import Scene, _box
from cvlib.data.street_houses import paint_houses
from cvlib.data.street_setting import (
    BUILDING,
    ROAD,
    SKY,
    UNLABELLED,
    WEATHERS,
    Street,
    choose_light,
    choose_street,
    paint_clouds,
    paint_ground,
    paint_house_shadow,
    paint_sky,
    paint_skyline,
)
from cvlib.data.street_things import THINGS, Spot
from cvlib.data.street_view import FINE, Brush, View

SIZE_HW = (128, 160)
"""Height and width in pixels where none are asked for."""
CLASS_NAMES = ("road", "sky", "building", "car", "person", "sign")
"""Of the mask. The narrow pavement is none of them: 0."""
OBJECT_NAMES = tuple(THINGS)
"""Of the boxes."""
FEWEST, MOST = 2, 7
"""So many things a picture has; in a very small or narrow one not all of them find a place."""
LEAST_PIXELS, LEAST_SIDE = 12, 4
"""What shows fewer pixels, or is narrower or lower in what it shows, has no box."""
MOST_HIDDEN = 0.5
"""A thing is put where at most this share of the smaller one of two is hidden, roughly."""
TRIES = 16
"""So many places are tried for a thing."""
LEAST_METRE = 7.5
"""Both kerbs are in sight where a metre is so many pixels wide."""
_FIRST_THING = max(UNLABELLED, ROAD, SKY, BUILDING) + 1


def _choose_view(rng: np.random.Generator, size_hw: tuple[int, int]) -> View:
    height, width = size_hw[0] * FINE, size_hw[1] * FINE
    horizon, eye = rng.uniform(0.34, 0.56) * height, rng.uniform(1.25, 2.3)
    return View(
        width=width,
        height=height,
        vanishing_x=rng.uniform(0.28, 0.72) * width,
        horizon=horizon,
        focal=rng.uniform(0.6, 1.0) * width,
        # In a high, narrow picture the camera stands higher up: things would not fit into its width.
        eye=max(eye, (height - horizon) / (0.34 * width)),
    )


def _across(rng: np.random.Generator, name: str, street: Street) -> tuple[float, bool]:
    """Where between the houses a thing of this kind is, and whether it faces the camera."""
    kerbs, half = (street.left, street.right), (street.right - street.left) / 2
    side = rng.integers(2)
    outwards = 2 * side - 1
    if name == "sign":
        return kerbs[side] + outwards * rng.uniform(0.25, 0.6), True
    if name == "person":
        walks = rng.random() < 0.75
        x = kerbs[side] + outwards * rng.uniform(0.3, street.pavement) if walks else rng.uniform(*kerbs)
        return float(x), bool(rng.random() < 0.5)
    return street.middle + outwards * half * rng.uniform(0.38, 0.68), bool(side != street.keeps_right)


def _outline(view: View, name: str, spot: Spot) -> np.ndarray:
    """The box of a thing on the canvas, roughly: left, top, right, bottom."""
    kind = THINGS[name]
    corners = ((spot.x - kind.half, kind.height, spot.z), (spot.x + kind.half, 0.0, spot.z))
    return np.array(view.project(corners)).ravel()


def _area(box: np.ndarray) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    """The area that two boxes share, as a share of the smaller one's."""
    shared = np.concatenate([np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])])
    return _area(shared) / min(_area(one), _area(other))


def _place(rng: np.random.Generator, view: View, street: Street, name: str, taken: list[np.ndarray]) -> Spot | None:
    """A place for a thing that is mostly inside the picture and leaves the others visible; None if none is found."""
    least, most = THINGS[name].least * FINE, 0.95 * view.focal / view.nearest
    canvas = np.array([0, 0, view.width, view.height])
    for _ in range(TRIES):
        metre = min(least, most) * max(most / least, 1.0) ** (rng.random() ** 0.75)
        x, towards = _across(rng, name, street)
        spot = Spot(x, float(view.focal / metre), towards)
        box = _outline(view, name, spot)
        inside = np.concatenate([np.maximum(box[:2], canvas[:2]), np.minimum(box[2:], canvas[2:])])
        if _area(inside) < 0.65 * _area(box):
            continue
        if all(_overlap(box, other) <= MOST_HIDDEN for other in taken):
            taken.append(box)
            return spot
    return None


def _paint_things(rng: np.random.Generator, brush: Brush, street: Street) -> list[int]:
    """Cars, people and signs, the far ones first: the class index of each, in the order of their owner numbers."""
    shares = [kind.share for kind in THINGS.values()]
    names = rng.choice(OBJECT_NAMES, rng.integers(FEWEST, MOST + 1), p=shares)
    taken: list[np.ndarray] = []
    spots = [(name, _place(rng, brush.view, street, name, taken)) for name in names.tolist()]
    placed = sorted(((name, spot) for name, spot in spots if spot), key=lambda pair: -pair[1].z)
    for number, (name, spot) in enumerate(placed, start=_FIRST_THING):
        brush.owner = number
        THINGS[name].draw(rng, brush, spot)
    return [OBJECT_NAMES.index(name) for name, _ in placed]


def _uneven(rng: np.random.Generator, picture: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """The picture as a camera would take it: contrast, a cast of light, and grain that differs by surface."""
    height, width = owners.shape
    down, across = np.linspace(-1, 1, height, dtype=np.float32), np.linspace(-1, 1, width, dtype=np.float32)
    tilt_down, tilt_across, corner, contrast = rng.uniform((-0.08, -0.1, 0, 0.85), (0.08, 0.1, 0.14, 1.15)).tolist()
    cast = (1 + tilt_down * down - corner / 2 * down**2)[:, np.newaxis] + tilt_across * across - corner / 2 * across**2
    picture *= contrast * cast[..., np.newaxis]
    picture += 128 * (1 - contrast) + rng.uniform(-8, 8)
    # Rough tarmac, smooth sky, plaster, and whatever the things are made of.
    rough = np.concatenate([rng.uniform((1, 1, 0, 0), (6, 7, 3, 5)), rng.uniform(0, 4, MOST)]) + rng.uniform(0, 5)
    # Even noise is drawn several times as fast as normal noise and looks the same; 12 ** 0.5 makes its deviation 1.
    grain = rng.random(picture.shape, dtype=np.float32) - np.float32(0.5)
    grain *= (12**0.5 * rough).astype(np.float32)[owners][..., np.newaxis]
    return picture + grain


def _paint(rng: np.random.Generator, size_hw: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """The picture, float32 (H, W, 3), whose each pixel is, uint8 (H, W), and the class index of each thing."""
    view, weather = _choose_view(rng, size_hw), WEATHERS[rng.integers(len(WEATHERS))]
    # In a small picture things have to be near to be made out, and both kerbs have to be in sight there.
    street, light = choose_street(rng, size_hw[1] / LEAST_METRE), choose_light(rng, weather)
    brush = Brush(view, light, paint_sky(rng, view, weather), SKY)
    paint_clouds(rng, brush, weather)
    paint_skyline(rng, brush)
    paint_ground(rng, brush, street)
    paint_house_shadow(rng, brush, street)
    paint_houses(rng, brush, street)
    labels = _paint_things(rng, brush, street)
    picture, owners = np.array(brush.picture.reduce(FINE), dtype=np.float32), brush.truth()
    return _uneven(rng, picture, owners), owners, labels


def _visible_box(pixels: np.ndarray) -> tuple[int, int, int, int] | None:
    """The tight box around the True pixels; None if they are too few to make out what it is."""
    box = _box(pixels)
    if box is None or pixels.sum() < LEAST_PIXELS or min(box[2] - box[0], box[3] - box[1]) < LEAST_SIDE:
        return None
    return box


def draw_street(rng: np.random.Generator, size_hw: tuple[int, int] = SIZE_HW) -> Scene:
    """Draw a street with its sky, houses, cars, people and signs.

    Args:
        rng: where every choice comes from.
        size_hw: height and width in pixels, 32 or more each.

    Returns:
        The scene: `box_labels` are indexes in `OBJECT_NAMES`, `mask` is 1 + the index in `CLASS_NAMES`, 0 on the
        pavement. Boxes run from the farthest thing to the nearest. A thing that others nearly hide, or that shows
        less than `LEAST_PIXELS` and `LEAST_SIDE` ask for, has no box; what shows of it is in the mask.
    """
    image, owners, labels = _paint(rng, size_hw)
    boxes = [_visible_box(owners == number) for number in range(_FIRST_THING, _FIRST_THING + len(labels))]
    seen = [place for place, box in enumerate(boxes) if box is not None]
    things = [CLASS_NAMES.index(OBJECT_NAMES[label]) + 1 for label in labels]
    values = np.array([UNLABELLED, ROAD, SKY, BUILDING, *things], np.uint8)
    return Scene(
        image=np.clip(np.rint(image), 0, 255).astype(np.uint8),
        boxes_xyxy=np.array([boxes[place] for place in seen], np.float32).reshape(-1, 4),
        box_labels=np.array([labels[place] for place in seen], np.int64),
        mask=values[owners],
    )

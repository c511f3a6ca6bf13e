"""The houses on both sides of a street, with windows, roofs and shops."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from cvlib.data.street_setting import BUILDING, FACADES, FARTHEST, Street, vary
from cvlib.data.street_view import Brush, Colour, Point, View, slab, upright

STOREY = 3.0
"""Height of a storey in metres, about."""
LEAST_STOREY = 9
"""Houses whose storeys are lower on the canvas show no windows."""
FIRST_GAP = 25.0
"""Houses stand wall to wall until so many metres ahead; later there may be gaps."""
ROOFS = ((140, 66, 52), (86, 84, 90), (112, 88, 72), (70, 92, 96))
AWNINGS = ((196, 58, 52), (52, 104, 160), (60, 132, 90), (226, 160, 60), (130, 80, 140))


@dataclass(frozen=True)
class Wall:
    """An upright wall: where it begins and ends, each in metres (right, ahead), and its height."""

    start: tuple[float, float]
    end: tuple[float, float]
    height: float

    def at(self, share: float, up: float) -> Point:
        """The point at a share of its length, so many metres up."""
        (x, z), (to_x, to_z) = self.start, self.end
        return (x + share * (to_x - x), up, z + share * (to_z - z))


def _posts(view: View, wall: Wall, shares: list[float]) -> list[tuple[float, float]]:
    """Column of the canvas and pixels to a metre at these shares of a wall's length."""
    ends = [wall.at(share, view.eye) for share in shares]
    return [(x, view.focal / z) for (x, _), (_, _, z) in zip(view.project(ends), ends, strict=True)]


def _windows(rng: np.random.Generator, brush: Brush, wall: Wall, columns: int, hidden: float = 0.0) -> None:
    """Windows in rows over a wall, of which the lowest metres may be hidden."""
    view, pen, light, distance = brush.view, brush.pen, brush.light, wall.start[1]
    glass = light.shade(vary(rng, (84, 104, 128), 40), distance)
    lit = light.shade(vary(rng, (250, 214, 128), 18), distance, glows=True)
    floors = max(1, round(wall.height / STOREY))
    margin, low, high, lowest = rng.uniform((0.14, 0.25, 0.72, 0), (0.3, 0.4, 0.86, 0.3)).tolist()
    on = (rng.random((floors, columns)) < light.lamps).tolist()
    shares = [(column + part) / columns for column in range(columns) for part in (margin, 1 - margin)]
    posts, storey = _posts(view, wall, shares), wall.height / floors
    for floor in range(int(hidden / storey + lowest), floors):
        bottom, head = view.eye - (floor + low) * storey, view.eye - (floor + high) * storey
        for column in range(columns):
            (left, near), (right, far) = posts[2 * column : 2 * column + 2]
            if max(left, right) > 0 and min(left, right) < view.width and view.horizon + bottom * near > 0:
                feet = (left, view.horizon + bottom * near), (right, view.horizon + bottom * far)
                heads = (right, view.horizon + head * far), (left, view.horizon + head * near)
                pen.polygon((*feet, *heads), fill=lit if on[floor][column] else glass)


def _shop(rng: np.random.Generator, brush: Brush, wall: Wall) -> None:
    """A shop window with an awning on the ground floor."""
    lit = bool(rng.random() < brush.light.lamps)
    glass, cloth = (250, 226, 160) if lit else (70, 84, 100), AWNINGS[rng.integers(len(AWNINGS))]
    at = wall.at
    brush.detail([at(0.08, 0.4), at(0.08, 2.3), at(0.92, 2.3), at(0.92, 0.4)], glass, glows=lit)
    for share in (0.3, 0.52, 0.74):
        brush.detail([at(share, 0.4), at(share, 2.3), at(share + 0.02, 2.3), at(share + 0.02, 0.4)], (92, 84, 76))
    brush.detail([at(0.04, 2.3), at(0.04, 3.0), at(0.96, 3.0), at(0.96, 2.3)], cloth)


@dataclass(frozen=True)
class House:
    """A house beside the street: where its wall stands, from where to where, its height and what hides its end.

    Attributes:
        x: of the wall along the street, in metres to the right.
        near: metres ahead at which it begins.
        far: metres ahead at which it ends.
        height: of its walls.
        hidden: so many metres of the end that faces the camera are behind the next house.
    """

    x: float
    near: float
    far: float
    height: float
    hidden: float


def _roof(rng: np.random.Generator, brush: Brush, house: House, depth: float, colour: Colour, bright: float) -> None:
    """The slope that is seen from the street, and the gable; `depth` is the house's, to the right."""
    x, near, far, height = house.x, house.near, house.far, house.height
    ridge, top = x + depth / 2, height + rng.uniform(1.5, 3.2)
    slope: list[Point] = [(x, height, near), (ridge, top, near), (ridge, top, far), (x, height, far)]
    brush.shape(slope, ROOFS[rng.integers(len(ROOFS))], brightness=bright)
    brush.shape(upright(0, near, [(x, height), (ridge, top), (x + depth, height)]), colour, brightness=0.92)


def _paint_house(rng: np.random.Generator, brush: Brush, house: House) -> None:
    """Two walls of a house with what is on them."""
    x, near, far, height = house.x, house.near, house.far, house.height
    depth = rng.uniform(7, 12) * (1 if x > 0 else -1)
    bright = brush.light.left if x > 0 else 2 - brush.light.left
    colour = vary(rng, FACADES[rng.integers(len(FACADES))], 22)
    if height < 9 and rng.random() < 0.75:
        _roof(rng, brush, house, depth, colour, bright)
    brush.shape(upright(0, near, slab(x, x + depth, 0, height)), colour, brightness=0.92)
    brush.shape([(x, 0, near), (x, height, near), (x, height, far), (x, 0, far)], colour, brightness=bright)
    if STOREY * brush.view.focal < LEAST_STOREY * near:
        return
    along = Wall((x, near), (x, far), height)
    _windows(rng, brush, along, min(ceil((far - near) / rng.uniform(2, 4)), 5))
    if house.hidden < height:
        _windows(rng, brush, Wall((x, near), (x + depth, near), height), 3, house.hidden)
    if rng.random() < 0.4:
        _shop(rng, brush, along)


def paint_houses(rng: np.random.Generator, brush: Brush, street: Street) -> None:
    """Rows of houses of many heights on both sides, the far ones first."""
    brush.owner = BUILDING
    for x, edge in ((street.left - street.pavement, 0), (street.right + street.pavement, brush.view.width)):
        # Nearer ones would lie wholly outside the picture.
        first = brush.view.focal * x / (edge - brush.view.vanishing_x)
        z, row, usual, hidden = first * rng.uniform(0.4, 0.9), [], rng.uniform(3.2, 13), 0.0
        while z < 0.7 * FARTHEST:
            length, height = rng.uniform(5, 11) * max(1.0, z / 25), usual * rng.uniform(0.6, 1.5)
            row.append(House(x, z, z + length, height, hidden))
            gap = rng.uniform(1, 6) if z > FIRST_GAP and rng.random() < 0.35 else 0.0
            z, hidden = z + length + gap, 0.0 if gap else height
        for house in reversed(row):
            _paint_house(rng, brush, house)

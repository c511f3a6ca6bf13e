"""What is always there in a street: the sky, the skyline, and the road with its markings and shadows."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from cvlib.data.street_view import Brush, Colour, Light, View, ground, slab, upright

UNLABELLED, ROAD, SKY, BUILDING = range(4)
"""Owners of what is no thing. The pavement is unlabelled: a thin strip."""
FARTHEST = 110.0
"""Metres ahead at which the street ends in a skyline."""
NARROWEST = 4.0
"""Metres that a road is wide at least."""


@dataclass(frozen=True)
class Weather:
    """A kind of sky: its colour above and at the horizon, the light it gives, lit lamps, and how many clouds."""

    top: tuple[float, float, float]
    low: tuple[float, float, float]
    tint: tuple[float, float, float]
    lamps: float
    clouds: int


WEATHERS = (
    Weather((62, 128, 215), (188, 216, 240), (1.0, 1.0, 0.97), 0.0, 5),
    Weather((110, 165, 225), (225, 232, 236), (1.08, 1.05, 0.98), 0.0, 8),
    Weather((146, 152, 160), (204, 206, 206), (0.84, 0.86, 0.88), 0.1, 9),
    Weather((82, 90, 102), (150, 154, 152), (0.64, 0.67, 0.7), 0.4, 9),
    Weather((150, 172, 212), (252, 218, 176), (1.0, 0.9, 0.78), 0.1, 6),
    Weather((66, 62, 122), (246, 158, 104), (0.8, 0.6, 0.56), 0.5, 6),
    Weather((12, 14, 34), (44, 46, 76), (0.42, 0.44, 0.56), 0.65, 3),
)
"""Clear, bright, overcast, stormy, dawn, dusk and night."""
NIGHT = 110
"""The sum of a sky's red, green and blue below which stars are seen."""
FACADES = (
    (178, 92, 74), (222, 200, 160), (150, 152, 156), (120, 146, 178), (226, 178, 92), (206, 146, 140),
    (136, 160, 130), (232, 230, 224), (98, 90, 92), (164, 132, 104), (160, 190, 214), (92, 96, 106),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Street:
    """How the street lies, in metres to the right of the camera.

    Attributes:
        left: the road's left edge.
        right: the road's right edge.
        pavement: width of the pavement on either side; the houses stand behind it.
        keeps_right: whether one drives on the right.
    """

    left: float
    right: float
    pavement: float
    keeps_right: bool

    @property
    def middle(self) -> float:
        """Where the two directions meet."""
        return (self.left + self.right) / 2


def vary(rng: np.random.Generator, colour: Colour, spread: float) -> tuple[float, float, float]:
    """A colour near this one: another brightness, and a little of another tint."""
    brighter, *other = rng.uniform(-spread, spread, 4).tolist()
    red, green, blue = (min(255.0, max(0.0, part + brighter + by / 3)) for part, by in zip(colour, other, strict=True))
    return red, green, blue


def choose_street(rng: np.random.Generator, widest: float) -> Street:
    """A street of two to four lanes, at most so many metres wide, with the camera more or less in its own lane."""
    half, keeps_right = rng.uniform(2.8, 6.0), bool(rng.random() < 0.7)
    half = max(min(half, widest / 2), NARROWEST / 2)
    middle = half * rng.uniform(0.05, 0.5) * (-1 if keeps_right else 1)
    return Street(left=middle - half, right=middle + half, pavement=rng.uniform(0.9, 1.6), keeps_right=keeps_right)


def choose_light(rng: np.random.Generator, weather: Weather) -> Light:
    """The light that falls from this sky; the sun may stand on either side."""
    return Light(
        tint=tuple((np.array(weather.tint) * rng.uniform(0.85, 1.1)).tolist()),
        haze=weather.low,
        reach=rng.uniform(80, 500),
        lamps=weather.lamps,
        left=rng.uniform(0.72, 1.28),
    )


def paint_sky(rng: np.random.Generator, view: View, weather: Weather) -> Image.Image:
    """The canvas, filled with a sky that changes from above to the horizon."""
    down = np.clip(np.arange(view.height) / view.horizon, 0, 1)[:, np.newaxis] ** rng.uniform(0.6, 1.6)
    top, low = vary(rng, weather.top, 14), np.array(weather.low)
    column = (top + down * (low - top)).astype(np.uint8)[:, np.newaxis]
    return Image.fromarray(column).resize((view.width, view.height), Image.Resampling.NEAREST)


def paint_clouds(rng: np.random.Generator, brush: Brush, weather: Weather) -> None:
    """Clouds of a few soft ovals each, a sun or a moon, and stars at night."""
    view, unit = brush.view, brush.view.height
    if sum(weather.top) < NIGHT:
        for x, y in (rng.uniform(0, 1, (25, 2)) * (view.width, view.horizon)).tolist():
            brush.haze_oval((x, y, x + unit / 140, y + unit / 140), (255, 255, 230), rng.uniform(0.3, 0.9))
    if rng.random() < 0.35:
        x, y, radius = rng.uniform(0, view.width), rng.uniform(0, 0.8 * view.horizon), rng.uniform(0.02, 0.05) * unit
        for share, alpha in ((1.5, 0.25), (1.0, 0.9)):
            box = (x - share * radius, y - share * radius, x + share * radius, y + share * radius)
            brush.haze_oval(box, (255, 248, 214), alpha)
    colour = 0.55 * np.array(weather.low) + 0.45 * 255 * min(1.0, weather.tint[2])
    for x, y in (rng.uniform(0, 1, (rng.integers(weather.clouds + 1), 2)) * (view.width, view.horizon)).tolist():
        width, alpha = rng.uniform(0.03, 0.1) * view.width, rng.uniform(0.15, 0.4)
        for dx, dy, share in rng.uniform((-1.4, -0.3, 0.6), (1.4, 0.3, 1.3), (4, 3)).tolist():
            left, top = x + dx * width, y + dy * width
            brush.haze_oval((left - share * width, top - share * width / 3, left + share * width, top + width / 3),
                            colour, alpha)  # fmt: skip


def paint_skyline(rng: np.random.Generator, brush: Brush) -> None:
    """Far houses side by side where the street ends, here and there with a gap."""
    brush.owner = BUILDING
    half = FARTHEST * brush.view.width / brush.view.focal
    x, colour, tallest = -half, vary(rng, FACADES[rng.integers(len(FACADES))], 25), rng.uniform(6, 34)
    while x < half:
        width, height = rng.uniform(5, 16) * half / 60, tallest * rng.uniform(0.35, 1)
        if rng.random() < 0.9:
            outline = slab(x, x + width, 0, height)
            brush.shape(upright(0, FARTHEST, outline), colour, brightness=rng.uniform(0.75, 1.15))
        x += width


def _markings(rng: np.random.Generator, brush: Brush, street: Street) -> None:
    """Lines between the lanes and along the edges, and sometimes a crossing."""
    near, colour, half = 0.8 * brush.view.nearest, vary(rng, (214, 212, 204), 30), rng.uniform(0.05, 0.1)
    if rng.random() < 0.2:
        colour = vary(rng, (220, 180, 70), 20)
    dash, gap = rng.uniform(1.5, 4), rng.uniform(1.5, 5)
    lanes = 4 if street.right - street.left > 9 else 2
    for lane in range(1, lanes):
        x = street.left + (street.right - street.left) * lane / lanes
        if 2 * lane == lanes and rng.random() < 0.3:
            brush.detail(ground(x - half, x + half, near, FARTHEST), colour)
            continue
        for z in np.arange(near + rng.uniform(-gap, 0), 45, dash + gap).tolist():
            if z + dash > near:
                brush.detail(ground(x - half, x + half, max(z, near), z + dash), colour)
    if rng.random() < 0.5:
        for x in (street.left + 0.3, street.right - 0.3):
            brush.detail(ground(x - half, x + half, near, FARTHEST), colour)
    if rng.random() < 0.3:
        z = rng.uniform(1.3, 5) * brush.view.nearest
        for x in np.arange(street.left + 0.3, street.right - 0.4, 1.0).tolist():
            brush.detail(ground(x, x + 0.5, z, z + 2.6), colour)


def paint_ground(rng: np.random.Generator, brush: Brush, street: Street) -> None:
    """The pavements with their kerbs, and between them the road, mended here and there."""
    near, wide = 0.8 * brush.view.nearest, 60.0
    pavement = vary(rng, ((158, 152, 144), (186, 176, 160), (112, 132, 86), (128, 122, 118))[rng.integers(4)], 22)
    brush.owner = UNLABELLED
    brush.shape(ground(-wide, wide, near, FARTHEST), pavement)
    kerb = [part * rng.uniform(0.75, 1.2) for part in pavement]
    brush.detail(ground(street.left - 0.18, street.right + 0.18, near, FARTHEST), kerb)
    brush.owner = ROAD
    tarmac = vary(rng, ((96, 96, 100), (126, 122, 118), (70, 74, 88), (146, 132, 116))[rng.integers(4)], 30)
    brush.shape(ground(street.left, street.right, near, FARTHEST), tarmac)
    for _ in range(rng.integers(4)):
        x, z = rng.uniform(street.left, street.right - 1), near * rng.uniform(1, 6)
        right = min(x + rng.uniform(0.6, 2.5), street.right)
        brush.wash(ground(x, right, z, z * rng.uniform(1.05, 1.5)), (0, 0, 0), rng.uniform(0.06, 0.22))
    _markings(rng, brush, street)


def paint_house_shadow(rng: np.random.Generator, brush: Brush, street: Street) -> None:
    """On a sunny day the houses of one side throw their shadow over the pavement and a part of the road."""
    if brush.light.lamps > 0 or rng.random() < 0.4:
        return
    share, near = rng.uniform(0.1, 0.5), 0.8 * brush.view.nearest
    left, right, width = street.left, street.right, street.right - street.left
    if brush.light.left > 1:
        shaded = ground(left - street.pavement, left + share * width, near, FARTHEST)
    else:
        shaded = ground(right - share * width, right + street.pavement, near, FARTHEST)
    brush.wash(shaded, (10, 14, 40), rng.uniform(0.25, 0.45))

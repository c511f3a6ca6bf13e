"""What moves or stands in a street and gets a box: cars, people and signs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import pi

import numpy as np

from cvlib.data.street_setting import vary
from cvlib.data.street_view import Brush, Colour, ring, slab, upright

DARK = (34, 34, 38)
CARS = ((0.86, 1.46, 0.86, 0.60), (0.90, 1.38, 0.84, 0.58), (0.95, 1.74, 1.0, 0.76), (0.98, 2.1, 1.1, 0.88))
"""Half the width, the height, the height of the doors and half the roof's width: small car, saloon, jeep, van."""
PAINTS = (
    (196, 42, 40), (236, 236, 232), (40, 42, 48), (150, 156, 162), (44, 84, 160), (226, 186, 60), (60, 130, 84),
    (120, 72, 50), (110, 176, 190), (226, 122, 48), (128, 66, 116), (202, 190, 166),
)  # fmt: skip
SKINS = ((250, 214, 184), (232, 186, 148), (198, 146, 106), (142, 96, 66), (92, 62, 44))
HAIRS = ((36, 28, 24), (92, 60, 36), (206, 168, 96), (150, 148, 146), (150, 64, 36))


@dataclass(frozen=True)
class Spot:
    """Where a thing stands: metres to the right, metres ahead, and whether it faces the camera."""

    x: float
    z: float
    towards: bool


def _plain(rng: np.random.Generator) -> tuple[float, float, float]:
    """Any colour at all: clothes know no rule."""
    red, green, blue = rng.uniform(20, 245, 3).tolist()
    return red, green, blue


def _wheel(brush: Brush, x: float, z: float) -> None:
    for radius, colour in ((0.34, DARK), (0.18, (150, 150, 154))):
        circle = [(x, max(0.0, up), z + along) for along, up in ring(10, radius, up=0.34)]
        (brush.shape if radius > 0.3 else brush.detail)(circle, colour)


def _flank(brush: Brush, spot: Spot, paint: Colour, shape: tuple[float, ...], length: float) -> None:
    """The side of the car that is seen past its end, if any, and the top of its roof."""
    half, height, belt, roof = shape
    side = -1 if spot.x > 0 else 1
    bright = (brush.light.left if side < 0 else 2 - brush.light.left) * 0.92
    x, z, far = spot.x + side * half, spot.z, spot.z + length
    inner, back, front = spot.x + side * (roof - 0.1), spot.z, spot.z + 0.6 * length
    # The windscreen leans back over the bonnet. The parts reach under one another: no gap may show between them.
    cabin = [(x, 0.7 * belt, z), (inner, height, back), (inner, height, front), (x, 0.7 * belt, z + 0.85 * length)]
    brush.shape(cabin, paint, brightness=bright)
    across = 2 * spot.x - inner
    roofing = [(inner, height, back), (inner, height, front), (across, height, front), (across, height, back)]
    brush.shape(roofing, paint, brightness=1.12)
    brush.shape([(x, 0.25, z), (x, belt, z), (x, 0.9 * belt, far), (x, 0.25, far)], paint, brightness=bright)
    lean, low, high = 0.25 * (inner - x), belt + 0.06, belt + 0.8 * (height - belt)
    pane = [(x + lean, low, z + 0.35), (x + 3 * lean, high, z + 0.4)]
    pane += [(x + 3 * lean, high, z + 0.57 * length), (x + lean, low, z + 0.7 * length)]
    brush.detail(pane, (52, 62, 74))
    for share in (0.8, 0.2):
        _wheel(brush, x, z + share * length)


def _lamps(rng: np.random.Generator, brush: Brush, spot: Spot, half: float, belt: float) -> None:
    """Lamps at both sides of the car's end, red at the back, and their shine in the dark."""
    on = rng.random() < max(0.15, brush.light.lamps)
    colour = ((255, 250, 214) if on else (222, 222, 214)) if spot.towards else ((255, 60, 44) if on else (168, 30, 30))
    width, low, high = rng.uniform(0.16, 0.3), belt - rng.uniform(0.3, 0.4), belt - 0.1
    for side in (-1, 1):
        left = side * (half - 0.05 - width / 2) - width / 2
        brush.detail(upright(spot.x, spot.z, slab(left, left + width, low, high)), colour, glows=on)
        if on and brush.light.lamps > 0.3:
            centre = {"up": (low + high) / 2, "right": left + width / 2}
            for radius in (0.22, 0.3, 0.38):
                brush.wash(upright(spot.x, spot.z, ring(12, radius, **centre)), colour, 0.12)


def _car_end(rng: np.random.Generator, brush: Brush, spot: Spot, paint: Colour, shape: tuple[float, ...]) -> None:
    """The back of a car, or its front: body, window, bumper, plate and lamps."""
    half, height, belt, roof = shape
    x, z = spot.x, spot.z
    body = [(-half, 0.25), (-half, 0.8 * belt), (-half + 0.07, belt), (-roof - 0.03, height - 0.12)]
    body += [(-roof + 0.1, height), (roof - 0.1, height), (roof + 0.03, height - 0.12), (half - 0.07, belt)]
    brush.shape(upright(x, z, [*body, (half, 0.8 * belt), (half, 0.25)]), paint)
    glass, pane = vary(rng, (58, 72, 88), 18), height - belt
    low, high = half - 0.16, roof - 0.08
    window = [(-low, belt + 0.05), (-high, height - 0.2 * pane), (high, height - 0.2 * pane), (low, belt + 0.05)]
    brush.detail(upright(x, z, window), glass)
    shine = [(-0.5 * low, belt + 0.05), (-0.1 * high, height - 0.2 * pane), (0.25 * high, height - 0.2 * pane)]
    brush.wash(upright(x, z, [*shine, (-0.1 * low, belt + 0.05)]), (255, 255, 255), 0.16)
    brush.detail(upright(x, z, slab(-half, half, 0.25, 0.42)), [0.55 * part for part in paint])
    if spot.towards:
        brush.detail(upright(x, z, slab(-0.4, 0.4, 0.5, 0.7)), DARK)
    plate_up = 0.3 if spot.towards else 0.48
    brush.detail(upright(x, z, slab(-0.25, 0.25, plate_up, plate_up + 0.13)), (232, 230, 214))
    _lamps(rng, brush, spot, half, belt)


def draw_car(rng: np.random.Generator, brush: Brush, spot: Spot) -> None:
    """A car seen from behind or from the front, and from the side that shows, over its own shadow."""
    shape, length = CARS[rng.integers(len(CARS))], rng.uniform(3.0, 4.2)
    half, paint = shape[0], vary(rng, PAINTS[rng.integers(len(PAINTS))], 24)
    shadow = [(spot.x + right, 0.0, spot.z + length / 2 + ahead)
              for right, ahead in ring(12, 0.62 * length, squeeze=1.15 * half / (0.62 * length))]  # fmt: skip
    brush.wash(shadow, (8, 8, 14), 0.45)
    _flank(brush, spot, paint, shape, length)
    for side in (-1, 1):
        tyre = side * (half - 0.16)
        brush.shape(upright(spot.x, spot.z, slab(tyre - 0.12, tyre + 0.12, 0, 0.4)), DARK)
    _car_end(rng, brush, spot, paint, shape)


def _legs(rng: np.random.Generator, brush: Brush, spot: Spot, tall: float, colour: Colour) -> None:
    stride, shoe, at = rng.uniform(0.02, 0.13) * tall, vary(rng, (60, 50, 46), 40), (spot.x, spot.z)
    hip, thick = 0.5 * tall, 0.05 * tall
    for side, bright in ((-1, 0.85), (1, 1.0)):
        foot, top = side * (stride + 0.03 * tall), side * 0.045 * tall
        leg = [(top - thick, hip), (top + thick, hip), (foot + 0.8 * thick, 0), (foot - 0.8 * thick, 0)]
        brush.shape(upright(*at, leg), colour, brightness=bright)
        brush.detail(upright(*at, slab(foot - thick, foot + thick, 0, 0.035 * tall)), shoe)


def _arms(rng: np.random.Generator, brush: Brush, spot: Spot, tall: float, sleeve: Colour, skin: Colour) -> None:
    shoulder, thick, at = 0.8 * tall, 0.034 * tall, (spot.x, spot.z)
    for side in (-1, 1):
        # Now and then an arm is raised to wave.
        raised = rng.random() < 0.1
        hand_x, hand_y = side * rng.uniform(0.16, 0.25) * tall, (1.0 if raised else rng.uniform(0.44, 0.52)) * tall
        root = side * 0.12 * tall
        arm = [(root - thick, shoulder), (root + thick, shoulder), (hand_x + thick, hand_y), (hand_x - thick, hand_y)]
        brush.shape(upright(*at, arm), sleeve, brightness=0.88)
        brush.shape(upright(*at, ring(8, 1.25 * thick, up=hand_y, right=hand_x)), skin)


def _head(rng: np.random.Generator, brush: Brush, spot: Spot, tall: float, skin: Colour) -> None:
    at, radius = (spot.x, spot.z), 0.085 * tall
    up, hair = tall - radius, HAIRS[rng.integers(len(HAIRS))]
    if rng.random() < 0.35:
        brush.shape(upright(*at, slab(-radius, radius, up - 1.5 * radius, up)), hair)
    brush.shape(upright(*at, ring(12, radius, up=up, squeeze=0.88)), skin)
    # From the front hair covers the top of the head, from behind all of it.
    lowest = up + 0.3 * radius if spot.towards else 0.0
    cap = [(right, max(lowest, above)) for right, above in ring(16, 1.06 * radius, up=up, squeeze=0.92)]
    brush.shape(upright(*at, cap), _plain(rng) if rng.random() < 0.3 else hair)
    if spot.towards:
        for side in (-1, 1):
            eye = ring(4, 0.13 * radius, up=up + 0.05 * radius, right=0.35 * side * radius, turn=pi / 4)
            brush.detail(upright(*at, eye), DARK)


def draw_person(rng: np.random.Generator, brush: Brush, spot: Spot) -> None:
    """Somebody on foot: legs, a jacket, a coat or a dress, arms, a head with hair or a hat."""
    tall, skin, at = (
        rng.choice((rng.uniform(1.55, 1.95), 1.2), p=(0.88, 0.12)),
        SKINS[rng.integers(5)],
        (spot.x, spot.z),
    )
    top, trousers = _plain(rng), vary(rng, (80, 80, 96), 70)
    shadow = [(spot.x + right, 0.0, spot.z + 2 * ahead) for right, ahead in ring(10, 0.3)]
    brush.wash(shadow, (8, 8, 14), 0.35)
    _legs(rng, brush, spot, tall, skin if rng.random() < 0.2 else trousers)
    hem, flare = (0.46, 0.11) if rng.random() < 0.6 else (rng.uniform(0.24, 0.36), rng.uniform(0.11, 0.17))
    trunk = [(-flare, hem), (-0.14, 0.8), (-0.1, 0.83), (0.1, 0.83), (0.14, 0.8), (flare, hem)]
    _arms(rng, brush, spot, tall, top, skin)
    brush.shape(upright(*at, [(tall * right, tall * up) for right, up in trunk]), top)
    if rng.random() < 0.3:
        band = rng.uniform(0.5, 0.72)
        brush.detail(upright(*at, [(tall * right, tall * (band + up)) for right, up in slab(-0.12, 0.12, 0, 0.06)]),
                     _plain(rng))  # fmt: skip
    if not spot.towards and rng.random() < 0.35:
        brush.detail(
            upright(*at, [(tall * right, tall * up) for right, up in slab(-0.09, 0.09, 0.56, 0.78)]), _plain(rng)
        )
    brush.shape(upright(*at, slab(-0.03 * tall, 0.03 * tall, 0.8 * tall, 0.88 * tall)), skin, brightness=0.85)
    _head(rng, brush, spot, tall, skin)


RED, BLUE, WHITE, YELLOW, BLACK = (204, 34, 40), (34, 84, 172), (244, 244, 240), (244, 200, 44), (30, 30, 32)
GREEN = (36, 124, 82)
PLATES = (
    (24, 0.0, RED, WHITE, BLACK), (24, 0.0, RED, WHITE, RED), (24, 0.0, BLUE, BLUE, WHITE), (24, 0.0, RED, RED, WHITE),
    (3, 0.0, RED, WHITE, BLACK), (3, 0.0, RED, YELLOW, BLACK), (3, pi, RED, WHITE, WHITE),
    (8, pi / 8, WHITE, RED, WHITE), (4, pi / 4, WHITE, BLUE, WHITE), (4, pi / 4, WHITE, GREEN, WHITE),
    (4, 0.0, WHITE, YELLOW, YELLOW), (4, 0.0, BLACK, YELLOW, BLACK), (4, pi / 4, BLACK, WHITE, BLACK),
)  # fmt: skip
"""Corners, turn, and the colours of the rim, the face and the symbol: round, triangular, eight-sided and square."""
SYMBOLS = (
    ((-0.5, -0.14), (-0.5, 0.14), (0.5, 0.14), (0.5, -0.14)),
    ((-0.12, -0.42), (-0.12, 0.4), (0.12, 0.4), (0.12, -0.42)),
    ((-0.14, -0.45), (-0.14, 0.0), (-0.4, 0.0), (0.0, 0.48), (0.4, 0.0), (0.14, 0.0), (0.14, -0.45)),
    ((-0.45, -0.3), (0.25, 0.45), (0.45, 0.25), (-0.3, -0.45)),
)
"""A bar, a stroke, an arrow and a slash."""


def draw_sign(rng: np.random.Generator, brush: Brush, spot: Spot) -> None:
    """A traffic sign on its pole."""
    corners, turn, rim, face, ink = PLATES[rng.integers(len(PLATES))]
    radius, metre = rng.uniform(0.38, 0.52), brush.view.focal / spot.z
    radius *= 1.2 if corners in (3, 4) else 1.0
    # A pole of less than a pixel would not be seen.
    half, centre = max(0.045, 1.9 / metre), rng.uniform(1.9, 2.6)
    brush.shape(upright(spot.x, spot.z, slab(-half, half, 0, centre)), vary(rng, (140, 142, 146), 40))
    at = {"up": centre, "turn": turn}
    worn = rng.uniform(0.75, 1.05)
    brush.shape(upright(spot.x, spot.z, ring(corners, radius, **at)), rim, brightness=worn)
    brush.detail(upright(spot.x, spot.z, ring(corners, 0.76 * radius, **at)), [worn * part for part in face])
    lower = 0.15 * radius * (np.cos(turn) if corners == 3 else 0)
    size = (0.5 if corners == 3 else 0.8) * radius
    symbol = [(size * right, centre - lower + size * up) for right, up in SYMBOLS[rng.integers(len(SYMBOLS))]]
    brush.detail(upright(spot.x, spot.z, symbol), ink)


@dataclass(frozen=True)
class Thing:
    """A kind of thing.

    Attributes:
        draw: paints one.
        share: how often it is chosen.
        half: half of its width in metres, about.
        height: in metres, about.
        least: so many pixels a metre must be wide, or it would be too small to be made out.
    """

    draw: Callable[[np.random.Generator, Brush, Spot], None]
    share: float
    half: float
    height: float
    least: float


THINGS: Mapping[str, Thing] = {
    "car": Thing(draw_car, 0.42, 0.95, 1.6, 4.5),
    "person": Thing(draw_person, 0.33, 0.42, 1.7, 8.0),
    "sign": Thing(draw_sign, 0.25, 0.42, 2.6, 7.0),
}
"""By class name. The order is the order of the box labels."""

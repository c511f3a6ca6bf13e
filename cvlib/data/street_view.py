"""A camera that looks down a street, and a brush that paints what stands there together with whose pixels they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import cos, exp, pi, sin

import numpy as np
from PIL import Image, ImageDraw

FINE = 3
"""Everything is painted this much larger and scaled down, for smooth edges. Odd, so that a pixel has a centre."""

Point = tuple[float, float, float]
"""Metres to the right of the camera, metres above the ground, metres ahead."""
Colour = Sequence[float]
"""Red, green and blue, 0..255, as they look in daylight."""


@dataclass(frozen=True, kw_only=True)
class View:
    """Where the camera stands and looks. All lengths in the picture are in pixels of the fine canvas.

    Attributes:
        width: of the canvas.
        height: of the canvas.
        vanishing_x: column where all that runs ahead meets.
        horizon: row of the horizon.
        focal: so many pixels is a metre wide, one metre ahead.
        eye: the camera's height above the ground, in metres.
    """

    width: int
    height: int
    vanishing_x: float
    horizon: float
    focal: float
    eye: float

    @property
    def nearest(self) -> float:
        """Metres ahead of the ground at the picture's lower edge."""
        return self.focal * self.eye / (self.height - self.horizon)

    def project(self, points: Iterable[Point]) -> list[tuple[float, float]]:
        """Points of the street as columns and rows of the canvas."""
        x0, y0, focal, eye = self.vanishing_x, self.horizon, self.focal, self.eye
        return [(x0 + focal * x / z, y0 + focal * (eye - y) / z) for x, y, z in points]


@dataclass(frozen=True, kw_only=True)
class Light:
    """How the hour and the weather change every colour.

    Attributes:
        tint: what each of red, green and blue is multiplied by.
        haze: the colour in which far things fade.
        reach: metres after which two thirds of a thing's own colour are gone.
        lamps: share of the lamps and windows that are lit.
        left: how bright what faces left is; the other side has the rest to 2.
    """

    tint: tuple[float, float, float]
    haze: tuple[float, float, float]
    reach: float
    lamps: float
    left: float

    def shade(self, colour: Colour, distance: float, *, glows: bool = False) -> tuple[int, int, int]:
        """A colour as it looks in this light, so many metres away; what glows needs no light."""
        own = exp(-distance / self.reach)
        tint = (1.0, 1.0, 1.0) if glows else self.tint
        red, green, blue = (
            min(255, max(0, round(own * part * share + (1 - own) * far)))
            for part, share, far in zip(colour, tint, self.haze, strict=True)
        )
        return red, green, blue


@dataclass
class Brush:
    """Paints the picture, and on a second canvas the number of whom each pixel belongs to.

    Attributes:
        view: the camera.
        light: what the colours go through.
        owner: number of whom the next shapes belong to.
        picture: what is seen: RGB.
        owners: whose pixel it is: 8 bits.
    """

    view: View
    light: Light
    picture: Image.Image
    owner: int = 0
    owners: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        self.owners = Image.new("L", self.picture.size, self.owner)
        self.pen, self._glaze = ImageDraw.Draw(self.picture), ImageDraw.Draw(self.picture, "RGBA")
        self._owner_pen = ImageDraw.Draw(self.owners)

    def shape(self, points: Sequence[Point], colour: Colour, *, brightness: float = 1.0) -> None:
        """A filled polygon that belongs to the owner."""
        flat = self.view.project(points)
        self.pen.polygon(flat, fill=self.light.shade([part * brightness for part in colour], points[0][2]))
        self._owner_pen.polygon(flat, fill=self.owner)

    def detail(self, points: Sequence[Point], colour: Colour, *, glows: bool = False) -> None:
        """A filled polygon within what is the owner's already."""
        fill = self.light.shade(colour, points[0][2], glows=glows)
        self.pen.polygon(self.view.project(points), fill=fill)

    def wash(self, points: Sequence[Point], colour: Colour, alpha: float) -> None:
        """A polygon through which one sees what is below, such as a shadow. It belongs to nobody new."""
        red, green, blue = colour
        self._glaze.polygon(self.view.project(points), fill=(int(red), int(green), int(blue), int(255 * alpha)))

    def haze_oval(self, box: Sequence[float], colour: Colour, alpha: float) -> None:
        """A translucent oval given by its left, top, right and bottom on the canvas, such as a cloud."""
        red, green, blue = colour
        self._glaze.ellipse(list(box), fill=(int(red), int(green), int(blue), int(255 * alpha)))

    def truth(self) -> np.ndarray:
        """Whose each pixel of the picture is, by its centre: uint8 (H, W)."""
        return np.asarray(self.owners)[FINE // 2 :: FINE, FINE // 2 :: FINE]


def upright(x: float, z: float, outline: Iterable[tuple[float, float]]) -> list[Point]:
    """An outline of (right, up) metres, stood up at (x, z) to face the camera."""
    return [(x + right, up, z) for right, up in outline]


def slab(left: float, right: float, bottom: float, top: float) -> list[tuple[float, float]]:
    """The corners of an upright rectangle."""
    return [(left, bottom), (left, top), (right, top), (right, bottom)]


def ground(left: float, right: float, near: float, far: float) -> list[Point]:
    """The corners of a rectangle that lies on the ground."""
    return [(left, 0.0, near), (left, 0.0, far), (right, 0.0, far), (right, 0.0, near)]


def ring(
    corners: int, radius: float, *, up: float = 0.0, right: float = 0.0, squeeze: float = 1.0, turn: float = 0.0
) -> list[tuple[float, float]]:
    """A regular polygon, a corner on top if it is not turned; many corners make a circle, `squeeze` an oval."""
    angles = [pi / 2 + turn + 2 * pi * corner / corners for corner in range(corners)]
    return [(right + squeeze * radius * cos(angle), up + radius * sin(angle)) for angle in angles]

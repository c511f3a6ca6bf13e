"""What lies behind and on drawn objects: busy backgrounds, colours that stand out from them, and textures."""

import numpy as np
from PIL import Image, ImageDraw

FINE = 2
"""The background's lines and specks are drawn this much larger and scaled down, for smooth edges."""
TINT = 35.0
"""How far a background's colours are from grey, in RGB units."""
STAND_OUT = 130.0
"""Least distance of an object's colour from its background's mean, in RGB units (0 to 442)."""
TEXTURE_STANDS_OUT = 90.0
"""The same for the second colour of its texture."""
TEXTURE_CONTRAST = 0.4
"""How far an object's second colour goes from its first towards another one."""
TEXTURES = ("plain", "stripes", "dots", "checker")


def _clouds(rng: np.random.Generator, size_hw: tuple[int, int]) -> Image.Image:
    """Soft patches of light and colour: a few random cells, blown up smoothly."""
    base = rng.uniform(60, 190) + rng.uniform(-TINT, TINT, 3)
    spread = rng.uniform(5, 25)
    rows, columns = rng.integers(2, 7, 2)
    cells = base + rng.normal(0, 1, (rows, columns, 3)) * spread
    small = Image.fromarray(np.clip(cells, 0, 255).astype(np.uint8))
    return small.resize((size_hw[1] * FINE, size_hw[0] * FINE), Image.Resampling.BICUBIC)


def _quiet_colour(rng: np.random.Generator) -> tuple[int, int, int]:
    """A colour for what is not an object: greyish, so that it can be told from one."""
    red, green, blue = (rng.uniform(40, 210) + rng.uniform(-TINT, TINT, 3)).round().astype(int).clip(0, 255).tolist()
    return red, green, blue


def _lines(rng: np.random.Generator, pen: ImageDraw.ImageDraw, width: int, height: int) -> None:
    for _ in range(rng.integers(1, 6)):
        ends = rng.uniform(-0.1, 1.1, (2, 2)) * (width, height)
        thickness = max(1, round(rng.uniform(0.008, 0.035) * width))
        pen.line([tuple(end) for end in ends.tolist()], fill=_quiet_colour(rng), width=thickness)


def _specks(rng: np.random.Generator, pen: ImageDraw.ImageDraw, width: int, height: int, largest: float) -> None:
    """Small crooked polygons, too small to be taken for an object."""
    for _ in range(rng.integers(3, 12)):
        corners = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 6)))
        ring = np.stack([np.cos(corners), np.sin(corners)], axis=1) * rng.uniform(0.25, 1) * largest
        points = ring + rng.uniform(0, 1, 2) * (width, height)
        pen.polygon([tuple(point) for point in points.tolist()], fill=_quiet_colour(rng))


def draw_background(rng: np.random.Generator, size_hw: tuple[int, int], *, largest_speck: float = 0.06) -> np.ndarray:
    """A background with clouds, lines and specks in colours of their own.

    Args:
        rng: where every choice comes from.
        size_hw: height and width in pixels.
        largest_speck: radius of the largest speck as a share of the shorter side; well under the objects'.

    Returns:
        float32 (H, W, 3), values 0..255.
    """
    canvas = _clouds(rng, size_hw)
    pen = ImageDraw.Draw(canvas)
    _lines(rng, pen, *canvas.size)
    _specks(rng, pen, *canvas.size, largest=largest_speck * min(canvas.size))
    return np.asarray(canvas.reduce(FINE), dtype=np.float32)


def colours_apart(rng: np.random.Generator, ground: np.ndarray) -> np.ndarray:
    """Two related colours for an object that can both be told from the colour under it.

    Args:
        rng: where every choice comes from.
        ground: float (3,), the background's mean colour.

    Returns:
        float64 (2, 3), values 0..255: the object's own colour and that of its texture.
    """
    first = _apart(rng.uniform(0, 255, (24, 3)), ground, STAND_OUT)
    # Halfway between two colours that stand out may lie the background's own, so the second is looked at as well.
    second = first + TEXTURE_CONTRAST * (rng.uniform(0, 255, (24, 3)) - first)
    return np.stack([first, _apart(second, ground, TEXTURE_STANDS_OUT)])


def _apart(candidates: np.ndarray, ground: np.ndarray, least: float) -> np.ndarray:
    """The first of the candidates, float (n, 3), that is so far from the ground; else the one that is farthest."""
    distance = np.linalg.norm(candidates - ground, axis=1)
    far = np.flatnonzero(distance >= least)
    return candidates[far[0] if len(far) else distance.argmax()]


def texture(rng: np.random.Generator, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """How much of an object's second colour each pixel has: plain, stripes, dots or a checkerboard.

    Args:
        rng: where every choice comes from.
        across: float (H, W), pixel positions in the object's own frame, -1..1 within it.
        down: the same for the other direction.

    Returns:
        float32 (H, W) in [0, 1].
    """
    kind = TEXTURES[rng.integers(len(TEXTURES))]
    frequency, shift_a, shift_b = rng.uniform(5, 10), *rng.uniform(0, 2 * np.pi, 2)
    if kind == "plain":
        return np.zeros(across.shape, np.float32)
    waves = np.sin(frequency * across + shift_a)
    if kind != "stripes":
        waves = waves * np.sin(frequency * down + shift_b)
    offset = 0.35 if kind == "dots" else 0.0
    return np.clip((waves - offset) * 4 + 0.5, 0, 1).astype(np.float32)

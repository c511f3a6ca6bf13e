"""Pages with handwritten digits here and there: paper, ruled lines and stains below, a box around every digit.

The digits are real ones of 8x8 pixels, enlarged smoothly and inked: what was counted in each cell of the scan is
taken as the height of a hill, and the ink fills it down to one level.

Reference:
    E. Alpaydin and C. Kaynak (1998), Cascading Classifiers, Kybernetika 34(4): the digits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from cvlib import lazy
from cvlib.data.scenes import Scene, _box

SIZE_HW = (128, 128)
"""Height and width in pixels where none are asked for."""
CLASS_NAMES = tuple("0123456789")
SHARES = {"train": (0.0, 0.7), "validation": (0.7, 0.8), "test": (0.8, 1.0)}
"""From where to where the handwriting of each split goes, as shares of all."""
FINE = 3
"""Lines and stains are drawn this much larger and scaled down, for smooth edges."""
STROKE_FINE = 2
"""The same for digits, whose edges are soft already."""
HEIGHT = (0.13, 0.31)
"""Least and greatest height of a digit as a share of the shorter side."""
LEAST_HEIGHT = 12.0
"""But so many pixels, that it can be read; less only where the page is full."""
TURN = 15.0
"""A digit is turned by so many degrees at most, to either side."""
TRIES, ROUNDS, SHRINK = 25, 5, 0.8
"""So many places are tried for a digit; then again with a smaller one, so many times."""
SHARPEN = 0.9
"""How much of what a cell has more than those around it is added to it."""
LEVEL, STEEP = (85, 125), 12.0
"""Up to which height the hill is inked, of 255 (the lower, the broader the pen), and how sharp the ink's edge is."""
INKED = 0.5
"""A pixel belongs to a digit where its ink covers so much of it."""
PAPERS = ((246, 242, 228), (250, 250, 250), (232, 226, 206), (214, 220, 226), (206, 178, 140), (240, 220, 214))
"""Cream, white, old, bluish, packing and pink paper."""
INKS = ((24, 24, 30), (28, 48, 140), (20, 70, 160), (150, 24, 36), (24, 96, 60), (90, 40, 120), (70, 70, 74))
"""Black, two blues, red, green, violet and pencil."""
CONTRAST = 90.0
"""So much darker than its paper is an ink at least, as the mean of red, green and blue."""


@dataclass(frozen=True)
class Place:
    """Where a digit is written: the centre (x, y) of its 8x8 cells and their height, in pixels."""

    x: float
    y: float
    height: float


@lru_cache
def _all_handwriting() -> tuple[np.ndarray, np.ndarray]:
    with lazy.alone():  # TensorFlow may be on its way in another thread
        from sklearn.datasets import load_digits

    bunch = load_digits()
    # Ink is counted 0 to 16 in each cell of the original 32x32 scan.
    images, targets = np.round(bunch.images * (255 / 16)).astype(np.uint8), bunch.target.astype(np.int64)
    for array in (images, targets):
        array.setflags(write=False)
    return images, targets


def handwriting(split: str) -> tuple[np.ndarray, np.ndarray]:
    """The handwritten digits for a split: no two splits share one, and hardly any two a writer.

    Args:
        split: train, validation or test.

    Returns:
        uint8 (N, 8, 8), ink is light, and their classes, int64 (N,). Both can only be read.

    Raises:
        ValueError: there is no such split.
    """
    if split not in SHARES:
        raise ValueError(f"split must be one of {', '.join(SHARES)}; received {split!r}")
    images, targets = _all_handwriting()
    # They lie in the order in which they were collected, so what is near was often written by one person.
    part = slice(*(round(share * len(targets)) for share in SHARES[split]))
    return images[part], targets[part]


def _places(rng: np.random.Generator, size_hw: tuple[int, int], count: int) -> list[Place | None]:
    """A place for each digit, apart from all others; None for one that the page has no room for."""
    side, page, places = min(size_hw), np.array(size_hw[::-1]), []
    for _ in range(count):
        height = min(max(rng.uniform(*HEIGHT) * side, LEAST_HEIGHT * rng.uniform(1, 1.3)), 0.8 * side)
        places.append(next((place for place in _tries(rng, page, height) if _is_free(place, places)), None))
    return places


def _tries(rng: np.random.Generator, page: np.ndarray, height: float) -> Iterator[Place]:
    """Places wholly on the page (its width and height), later ones for a smaller digit."""
    for _ in range(ROUNDS):
        margin = 0.55 * height
        for x, y in rng.uniform(margin, np.maximum(page - margin, margin + 1e-6), (TRIES, 2)).tolist():
            yield Place(x, y, height)
        height *= SHRINK


def _is_free(place: Place, others: Sequence[Place | None]) -> bool:
    # Turned cells reach a little beyond their square, but hardly any ink is in the corners.
    return all(
        max(abs(place.x - other.x), abs(place.y - other.y)) >= 0.58 * (place.height + other.height)
        for other in others
        if other
    )


def _ridges(cells: np.ndarray) -> np.ndarray:
    """A digit's cells with two empty ones around: weak strokes lifted, and the hollows between strokes lowered."""
    height = np.zeros((14, 14), np.float32)
    height[3:11, 3:11] = cells * (255 / max(1, cells.max()))
    rows = height[:-2] + height[1:-1] + height[2:]
    around = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9
    middle = height[1:-1, 1:-1]
    return np.clip(middle + SHARPEN * (middle - around), 0, 255).astype(np.uint8)


def _blown_up(
    rng: np.random.Generator, cells: np.ndarray, place: Place, corner: tuple[int, int], side: int
) -> Image.Image:
    """The hill of a digit's ink, turned and leaning, on a fine canvas whose corner is at this pixel of the page."""
    angle = np.deg2rad(rng.uniform(-TURN, TURN))
    scale, lean, narrow = 8 / (place.height * STROKE_FINE), rng.uniform(-0.2, 0.2), rng.uniform(1.0, 1.25)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    # From a pixel of the canvas back to the cells, which have a margin of two empty ones.
    x, y = (place.x - corner[0]) * STROKE_FINE, (place.y - corner[1]) * STROKE_FINE
    across, down = narrow * (cos + lean * sin), narrow * (lean * cos - sin)
    back = (across, down, 6 - across * x - down * y, sin, cos, 6 - sin * x - cos * y)
    return Image.fromarray(_ridges(cells)).transform(
        (side, side), Image.Transform.AFFINE, back, Image.Resampling.BICUBIC
    )


def _ink(
    rng: np.random.Generator, cells: np.ndarray, place: Place, size_hw: tuple[int, int]
) -> tuple[tuple[slice, slice], np.ndarray]:
    """The part of the page around a digit, and how much of each pixel there is inked: float32 in [0, 1]."""
    reach = int(np.ceil(0.66 * place.height))
    left, top = int(place.x) - reach, int(place.y) - reach
    hill = _blown_up(rng, cells, place, (left, top), (2 * reach + 1) * STROKE_FINE)
    # A steep step instead of a sharp one keeps the edge of the ink a little soft.
    curve = 127.5 + STEEP * (np.arange(256) - rng.uniform(*LEVEL))
    stroke = hill.point(np.clip(np.rint(curve), 0, 255).astype(int).tolist())
    cover = np.asarray(stroke.reduce(STROKE_FINE), dtype=np.float32) / 255
    rows, columns = slice(max(top, 0), top + 2 * reach + 1), slice(max(left, 0), left + 2 * reach + 1)
    cover = cover[rows.start - top :, columns.start - left :]
    return (rows, columns), cover[: size_hw[0] - rows.start, : size_hw[1] - columns.start]


def _uneven_light(rng: np.random.Generator, size_hw: tuple[int, int], strength: float) -> np.ndarray:
    """Soft patches around 1: float32 (H, W)."""
    cells = rng.normal(1, strength, (4, 4)).astype(np.float32)
    return np.asarray(Image.fromarray(cells).resize(size_hw[::-1], Image.Resampling.BICUBIC))


def _rule(rng: np.random.Generator, pen: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """Ruled or squared paper, with a margin or without; now and then plain."""
    kind = rng.choice(("ruled", "squared", "plain"), p=(0.45, 0.3, 0.25))
    if kind == "plain":
        return
    gap, tilt = rng.uniform(0.07, 0.16) * min(width, height), rng.uniform(-0.04, 0.04)
    red, green, blue = ((90, 130, 190), (120, 120, 120), (170, 110, 120), (100, 160, 150))[rng.integers(4)]
    fill, thick = (red, green, blue, int(rng.uniform(70, 170))), max(1, round(rng.uniform(0.4, 1.1) * FINE))
    for y in np.arange(rng.uniform(0, gap) - gap, height + gap, gap).tolist():
        pen.line([(0, y), (width, y + tilt * width)], fill=fill, width=thick)
    if kind == "squared":
        for x in np.arange(rng.uniform(0, gap) - gap, width + gap, gap).tolist():
            pen.line([(x, 0), (x - tilt * height, height)], fill=fill, width=thick)
    elif rng.random() < 0.5:
        x = rng.uniform(0.08, 0.2) * width
        pen.line([(x, 0), (x - tilt * height, height)], fill=(200, 60, 70, 140), width=thick)


def _soil(rng: np.random.Generator, pen: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """Stains, rings of a cup, folds and crumbs: what is on a page and is no digit."""
    side = min(width, height)
    for _ in range(rng.integers(4)):
        (x, y), radius = rng.uniform(0, 1, 2) * (width, height), rng.uniform(0.04, 0.24) * side
        brown = (*rng.uniform((110, 70, 20), (180, 130, 90)).astype(int).tolist(), int(rng.uniform(20, 75)))
        box = [x - radius, y - 0.9 * radius, x + radius, y + 0.9 * radius]
        if rng.random() < 0.4:
            pen.ellipse(box, outline=brown, width=max(1, round(0.012 * side)))
        else:
            pen.ellipse(box, fill=brown)
    for _ in range(rng.integers(3)):
        ends = rng.uniform(-0.1, 1.1, (2, 2)) * (width, height)
        shade = int(rng.choice((0, 255)))
        pen.line([tuple(end) for end in ends.tolist()], fill=(shade, shade, shade, 40), width=FINE)
    for x, y in (rng.uniform(0, 1, (rng.integers(12), 2)) * (width, height)).tolist():
        radius, grey = rng.uniform(0.3, 0.9) * FINE, int(rng.uniform(30, 140))
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=(grey, grey, grey, 160))


def _page(rng: np.random.Generator, size_hw: tuple[int, int]) -> np.ndarray:
    """Paper with lines and stains: float32 (H, W, 3), values 0..255."""
    base = np.clip(np.array(PAPERS[rng.integers(len(PAPERS))]) + rng.uniform(-10, 10), 0, 255).astype(int)
    canvas = Image.new("RGB", (size_hw[1] * FINE, size_hw[0] * FINE), tuple(base.tolist()))
    pen = ImageDraw.Draw(canvas, "RGBA")
    _rule(rng, pen, *canvas.size)
    _soil(rng, pen, *canvas.size)
    return np.array(canvas.reduce(FINE), dtype=np.float32)


def _write(rng: np.random.Generator, page: np.ndarray, cover: np.ndarray, ink: np.ndarray) -> None:
    """Lay ink over a part of the page (float32 (h, w, 3)), in place; the pen does not press evenly."""
    pressed = np.clip(_uneven_light(rng, cover.shape, 0.12), 0.7, 1.1) * rng.uniform(0.82, 0.97)
    page += np.minimum(cover * pressed, 1)[..., np.newaxis] * (ink - page)


def _choose_ink(rng: np.random.Generator, page: np.ndarray) -> np.ndarray:
    """A colour that can be read on this page."""
    ink = INKS[rng.integers(len(INKS))] + rng.uniform(-14, 14, 3)
    ink *= min(1.0, max(0.0, (page.mean() - CONTRAST) / max(ink.mean(), 1)))
    return np.clip(ink, 0, 255).astype(np.float32)


def _choose_cells(rng: np.random.Generator, label: int, digits: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """One of the handwritten digits of a class."""
    images, targets = digits
    own = np.flatnonzero(targets == label)
    if not len(own):
        raise ValueError(f"digits must hold one of each class that is asked for; received none of {label}")
    return images[own[rng.integers(len(own))]]


def _photographed(rng: np.random.Generator, page: np.ndarray) -> np.ndarray:
    """The page in uneven light, with the grain of the paper and of the camera."""
    light = _uneven_light(rng, page.shape[:2], rng.uniform(0.02, 0.1)) * rng.uniform(0.72, 1.02)
    grain = rng.standard_normal((*page.shape[:2], 1), dtype=np.float32) * rng.uniform(1, 9)
    noise = rng.standard_normal(page.shape, dtype=np.float32) * rng.uniform(0, 5)
    page *= light[..., np.newaxis]
    page += grain
    return page + noise


def draw_digit_scene(
    rng: np.random.Generator,
    size_hw: tuple[int, int],
    labels: Sequence[int],
    digits: tuple[np.ndarray, np.ndarray],
) -> Scene:
    """Draw a page with these digits written on it, none over another.

    Args:
        rng: where every choice comes from.
        size_hw: height and width in pixels, 32 or more each.
        labels: class, 0 to 9, of each digit.
        digits: the handwriting to choose from: uint8 (N, 8, 8), ink is light, and int64 (N,), the classes. Pages for
            training and for the test should be given different ones.

    Returns:
        The scene: boxes around the pixels that are inked for half or more, `mask` 1 + the digit there. A digit for
        which the page has no room left is not written.

    Raises:
        ValueError: a class is asked for of which `digits` has none.
    """
    page, owner = _page(rng, size_hw), np.zeros(size_hw, np.int64)
    ink = _choose_ink(rng, page)
    for number, (label, place) in enumerate(zip(labels, _places(rng, size_hw, len(labels)), strict=True), start=1):
        cells = _choose_cells(rng, label, digits)
        if place is None:
            continue
        if rng.random() < 0.4:
            ink = _choose_ink(rng, page)
        part, cover = _ink(rng, cells, place, size_hw)
        _write(rng, page[part], cover, ink)
        owner[part][cover >= INKED] = number
    boxes = [_box(owner == number) for number in range(1, len(labels) + 1)]
    seen = [place for place, box in enumerate(boxes) if box is not None]
    return Scene(
        image=np.clip(np.rint(_photographed(rng, page)), 0, 255).astype(np.uint8),
        boxes_xyxy=np.array([boxes[place] for place in seen], np.float32).reshape(-1, 4),
        box_labels=np.array([labels[place] for place in seen], np.int64),
        mask=np.array([0, *(label + 1 for label in labels)], np.uint8)[owner],
    )

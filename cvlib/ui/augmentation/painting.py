"""A picture with its boxes and its mask drawn onto it, for the grid."""

import numpy as np
from PIL import ImageColor

from cvlib.augmenting.looking import Shot, Tiles
from cvlib.data.base import IGNORE
from cvlib.data.scene_sets import SCENES
from cvlib.figures import boxes as box_figures
from cvlib.figures import grid
from cvlib.figures.boxes import Line
from cvlib.figures.masks import GROUND, area_colors
from cvlib.figures.palette import class_color
from cvlib.tasks.detections import Detections

OPACITY = 0.4
STRIPE_PX = 4
STRIPES = (70, 150)
"""Greys of the stripes over pixels that are ignored."""
DRAWN_PX = 256
"""Pictures with boxes are drawn at about this size, so that lines are thin."""
WIDTH = 3
RIM = "#FFFFFF"
"""Around a box's line, so that it is seen on an area of its own colour."""


def colors(shot: Shot) -> tuple[str, ...]:
    """The colour of each of the picture's classes, the same as on every page."""
    for card in SCENES.values():
        if card.mask_names and card.mask_names == shot.class_names:
            return area_colors(card.area_names, card.class_names)[1:]
    return tuple(class_color(place) for place in range(len(shot.class_names)))


def original(shot: Shot, *, names: bool = False) -> np.ndarray:
    """The picture itself with what is known of it: uint8 (h, w, C)."""
    return _painted(shot, shot.image, shot.mask, shot.boxes_xyxy, shot.box_labels, names=names)


def tile(shot: Shot, tiles: Tiles, place: int, *, names: bool = False) -> np.ndarray:
    """One of the pictures that came out of a pipeline: uint8 (h, w, C).

    Args:
        shot: what went in.
        tiles: what came out.
        place: which of them.
        names: whether each box is named.
    """
    return _painted(
        shot,
        tiles.images[place],
        None if tiles.masks is None else tiles.masks[place],
        None if tiles.boxes_xyxy is None else tiles.boxes_xyxy[place],
        None if tiles.box_labels is None else tiles.box_labels[place],
        names=names,
    )


def _painted(
    shot: Shot,
    image: np.ndarray,
    mask: np.ndarray | None,
    boxes: np.ndarray | None,
    labels: np.ndarray | None,
    *,
    names: bool,
) -> np.ndarray:
    if mask is None and boxes is None:
        return image
    shades = colors(shot)
    rgb = grid.enlarge(image, max(image.shape[:2]), smooth=False)
    if mask is not None:
        rgb = over(rgb, mask, shades)
    if boxes is None:
        return rgb
    found = Detections(boxes, labels, np.ones(len(labels), np.float32), shot.class_names)
    lines = [Line(shades[label], shot.class_names[label] if names else "", width=WIDTH) for label in labels]
    rims = [Line(RIM, width=WIDTH + 3)] * len(labels)
    return box_figures.paint(rgb, [(found, rims), (found, lines)], scale=max(1, round(DRAWN_PX / max(rgb.shape[:2]))))


def over(rgb: np.ndarray, mask: np.ndarray, shades: tuple[str, ...]) -> np.ndarray:
    """A mask over its picture, uint8 (H, W, 3); what is ignored is striped in grey.

    Args:
        rgb: uint8 (H, W, 3).
        mask: uint8 (H, W), 0 is not painted.
        shades: of the values 1, 2, ..., as `#rrggbb`.
    """
    table = np.full((256, 3), ImageColor.getrgb(GROUND), np.float32)
    for value, shade in enumerate(shades, start=1):
        table[value] = ImageColor.getrgb(shade)
    mixed = rgb * (1 - OPACITY) + table[mask] * OPACITY
    rows, columns = np.indices(mask.shape, sparse=True)
    stripes = np.where((rows + columns) // STRIPE_PX % 2, *STRIPES)[..., None]
    shown = np.where((mask == 0)[..., None], rgb, mixed)
    return np.where((mask == IGNORE)[..., None], stripes, shown).astype(np.uint8)

"""Colours of areas: a class keeps its colour, whether it is boxed or painted."""

from collections.abc import Sequence

from cvlib.figures.palette import NEUTRAL, class_color

GROUND = NEUTRAL
"""Of what is no class."""


def area_colors(area_names: Sequence[str], object_names: Sequence[str] = ()) -> tuple[str, ...]:
    """The colour of each class of a mask, as `#rrggbb`; the first one is the ground.

    Args:
        area_names: of the mask's values 0, 1, ...
        object_names: of the boxes of the same pictures: what has one keeps its colour.
    """
    boxed = {name: class_color(place) for place, name in enumerate(object_names)}
    free = iter([color for color in map(class_color, range(2 * len(area_names) + 20)) if color not in boxed.values()])
    colors = [boxed.get(name) or next(free) for name in area_names[1:]]
    return (GROUND, *colors) if area_names else ()

"""Colours that mean something, and stay.

Classes take the colours of M. Okabe and K. Ito, "Color Universal Design", 2008, which people with any colour vision
tell apart, then Tableau's. Right and wrong are never told by colour alone.
"""

CLASS_COLORS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#B5A300",
    "#8C8C8C",
    "#7B5EA7",
    "#A05A2C",
)
SPLIT_COLORS = {"training": "#0072B2", "validation": "#E69F00", "test": "#009E73"}
NEUTRAL = "#8C8C8C"


def class_color(index: int) -> str:
    """The colour of a class, the same on every page, as `#rrggbb`."""
    return CLASS_COLORS[index % len(CLASS_COLORS)]

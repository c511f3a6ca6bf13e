"""All transforms by their names. A new one is a card in the file of its kind."""

from collections.abc import Mapping

from cvlib.augmentation import bending, erasing, geometric, mixing, noise, photometric, policies
from cvlib.augmentation.schema import Transform
from cvlib.errors import UnknownName

CATALOG: Mapping[str, Transform] = {
    card.name: card
    for module in (geometric, bending, photometric, noise, erasing, mixing, policies)
    for card in module.CARDS
}
"""In the order in which they are offered."""


def info(name: str) -> Transform:
    """The card of this transform.

    Raises:
        UnknownName: there is none of this name.
    """
    if name not in CATALOG:
        raise UnknownName(f"There is no transform {str(name)[:80]!r}. There are {', '.join(CATALOG)}.")
    return CATALOG[name]

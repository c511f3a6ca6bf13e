"""What the values or colours of many PNG masks mean: one numbering of classes for all of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cvlib.images.archive import ArchivedFile
from cvlib.tasks import labelled_zip, mask_formats
from cvlib.tasks.mask_formats import BACKGROUND, BLACK, IGNORE, MOST_CLASSES, ReadMask

COLOR_LISTS = ("labelmap.txt", "label colors.txt", "class colors.txt")
"""Written with underscores, which `inert_name` takes out."""
NAME_FIRST = re.compile(r"([^:#]+):\s*(\d{1,3}),\s*(\d{1,3}),\s*(\d{1,3})\s*(?::.*)?")
"""A line of CVAT's `labelmap.txt`: name, colour, and more."""
COLOR_FIRST = re.compile(r"(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})[\s,]+(.+)")
"""A line of CamVid's `label_colors.txt`."""
RIM_COLOR = "#E0E0C0"
"""Pascal VOC's for pixels that are not judged."""
NOT_JUDGED = frozenset({"ignore", "__ignore__", "_ignore_", "void", "unknown", "don't care"})
"""What other programs call it, in lower case."""
UNNUMBERED = "__ignore__"
"""labelme's first name, which counts for the value -1."""


@dataclass(frozen=True, eq=False)
class Settled:
    """Masks that agree on their classes.

    Attributes:
        masks: uint8 (H, W) each.
        class_names: as they are written, the background first.
        notes: sentences on how they were understood.
    """

    masks: list[np.ndarray]
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def listed_colors(files: Sequence[ArchivedFile]) -> dict[str, str]:
    """The names of the colours that an archive lists."""
    found = {}
    for file in labelled_zip.ending(files, *COLOR_LISTS):
        for line in labelled_zip.text(file).splitlines()[:MOST_CLASSES]:
            if match := NAME_FIRST.fullmatch(line.strip()):
                name, *rgb = match.groups()
            elif match := COLOR_FIRST.fullmatch(line.strip()):
                *rgb, name = match.groups()
            else:
                continue
            found["#" + "".join(f"{min(255, int(part)):02X}" for part in rgb)] = name.strip()
    return found


def settled(masks: Sequence[ReadMask], names: Sequence[str], colors: dict[str, str]) -> Settled:
    """Masks that agree on their classes.

    Where masks are coloured, or palettes differ in the colours of the same value, each colour is a class; else each
    value is.

    Args:
        masks: as they were read.
        names: of the values 0, 1, ..., or of 1, 2, ... if there is one too few; may be empty.
        colors: names by colour, `#RRGGBB`; may be empty.
    """
    kinds = {one.kind for one in masks}
    if "colors" in kinds or ("palette" in kinds and (colors or not _one_palette(masks))):
        return _by_color(masks, colors)
    return _by_value(masks, tuple(names or colors.values()))


def _used(mask: np.ndarray) -> list[int]:
    """The values of a mask, 255 aside."""
    return np.flatnonzero(np.bincount(mask.ravel(), minlength=256)[:IGNORE]).tolist()


def _one_palette(masks: Sequence[ReadMask]) -> bool:
    """Whether the same value has the same colour in all palettes."""
    seen: dict[int, str] = {}
    return all(
        seen.setdefault(value, one.colors[value]) == one.colors[value]
        for one in masks
        if one.kind == "palette"
        for value in _used(one.mask)
    )


def _by_color(masks: Sequence[ReadMask], listed: dict[str, str]) -> Settled:
    """Each colour is a class: black is the background unless the list names it; the others are sorted."""
    tables = [_colors_of_values(one) for one in masks]
    values = [np.unique(_plain(one)) for one in masks]
    used = {color for there, table in zip(values, tables, strict=True) for color in table[there].tolist()}
    numbers = {color: number for color in used if (number := _fixed(color, listed)) is not None}
    ordered = [*listed, *sorted(used - set(listed))]
    classes = [color for color in ordered if color not in numbers and _fixed(color, listed) is None]
    numbers |= {color: min(number, IGNORE) for number, color in enumerate(classes, start=1)}
    made = []
    for one, table in zip(masks, tables, strict=True):
        made.append(np.array([numbers.get(color, 0) for color in table.tolist()], np.uint8)[_plain(one)])
    names = [listed.get(color, color) for color in classes[: MOST_CLASSES - 1]]
    unnamed = [color for color in classes if color not in listed]
    notes = labelled_zip.sentence(unnamed, "Colours without a name, each taken for a class")
    return Settled(made, (BACKGROUND, *names), tuple(notes))


def _fixed(color: str, listed: dict[str, str]) -> int | None:
    """What a colour means whatever else there is: 0, 255, or None."""
    name = listed.get(color)
    if name is None:
        return {BLACK: 0, RIM_COLOR: IGNORE}.get(color)
    return 0 if mask_formats.is_background(name) else IGNORE if name.casefold() in NOT_JUDGED else None


def _colors_of_values(one: ReadMask) -> np.ndarray:
    """The colours of the values 0 to 255 of a mask as its file shows them."""
    greys = [f"#{value:02X}{value:02X}{value:02X}" for value in range(256)]
    colors = list(one.colors or greys)
    return np.array(colors + [RIM_COLOR] * (256 - len(colors)))


def _plain(one: ReadMask) -> np.ndarray:
    """The values as they stand in the file."""
    return one.mask * np.uint8(255) if one.two_tone else one.mask


def _by_value(masks: Sequence[ReadMask], listed: tuple[str, ...]) -> Settled:
    """Each value is a class. Two-tone masks keep their 255 as class 1 only if all others are so or empty."""
    two_tone = all(one.two_tone or not one.mask.any() for one in masks)
    values = [one.mask if two_tone else _plain(one) for one in masks]
    used = sorted({value for mask in values for value in _used(mask)} - {0})
    listed = listed[listed[:1] == (UNNUMBERED,) :]
    table = np.zeros(256, np.uint8)
    table[IGNORE] = IGNORE
    notes = []
    if not listed:
        table[used] = np.arange(1, len(used) + 1)
        return Settled([table[mask] for mask in values], (BACKGROUND, *(f"class {value}" for value in used)))
    names = _names_of_values(listed, max(used, default=0))
    shift = not mask_formats.is_background(names[0])
    if shift:
        notes = [f"The list of classes begins with “{names[0]}”, which was taken for the value 0."]
    unnamed = [f"{value}" for value in used if value >= len(names)]
    notes += labelled_zip.sentence(unnamed, "Values without a name in the list of classes")
    names += [f"class {value}" for value in range(len(names), max(used, default=0) + 1)]
    table[:IGNORE] = np.minimum(np.arange(IGNORE) + shift, IGNORE)
    kept = names if shift else names[1:]
    return Settled([table[mask] for mask in values], (BACKGROUND, *kept[: MOST_CLASSES - 1]), tuple(notes))


def _names_of_values(listed: tuple[str, ...], top: int) -> list[str]:
    """The names of the values 0, 1, ...: a list without the background is one too short for them."""
    if top == len(listed) and not mask_formats.is_background(listed[0]):
        return [BACKGROUND, *listed]
    return list(listed[:MOST_CLASSES])

"""Masks as other programs write them, and what is made of a mask: PNG, COCO, cut-outs, areas, overlays.

A mask is uint8 (H, W) of class indexes, 0 background, 255 ignore. PNG: ISO 15948, with a palette as Pascal VOC writes
it (M. Everingham et al., 2010), where 255 is the rim that is not judged. COCO: T.-Y. Lin et al., "Microsoft COCO:
common objects in context", 2014; a region of each class as the lengths of its runs.
"""

import io
import struct
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from PIL import Image, ImageColor

from cvlib.data.base import IGNORE
from cvlib.errors import ImageError
from cvlib.images import header
from cvlib.images.names import inert_name
from cvlib.tasks import labelled_zip, mask_runs
from cvlib.tasks.box_formats import distinct_names

MOST_CLASSES = 255
"""With the background: 255 is not judged."""
BACKGROUND, IGNORED = "background", "ignore"
BACKGROUND_NAMES = frozenset({"background", "_background_", "__background__", "bg", "unlabeled", "unlabelled", "none"})
"""What other programs call the background, in lower case."""
BLACK = "#000000"
GREY, COLORS, PALETTE = 0, 2, 3
"""A PNG's kinds; 4 and 6 are 0 and 2 with transparency."""
ROWS_BYTES = 2**22
"""Colours are looked up a few rows at a time."""
SAVE_AGAIN = "Save the mask as an indexed or grey PNG with one value for each class, without smoothing."


@dataclass(frozen=True, eq=False)
class ReadMask:
    """What was understood of a PNG.

    Attributes:
        mask: uint8 (H, W), class indexes.
        colors: of the classes 0, 1, ... as `#RRGGBB`: the palette as far as it is used (255 aside), or the colours
            that were found; None for a grey PNG.
        kind: `palette`, `grey`, or `colors` for a PNG in which each class has a colour.
        two_tone: whether it was a grey PNG of 255 and perhaps 0 alone, in which 255 was made class 1.
    """

    mask: np.ndarray
    colors: tuple[str, ...] | None
    kind: Literal["palette", "grey", "colors"]
    two_tone: bool = False


def to_palette_png(mask: np.ndarray, colors: Sequence[str]) -> bytes:
    """An indexed PNG: its values are the class indexes, its palette shows the classes' colours.

    Args:
        mask: uint8 (H, W).
        colors: `#RRGGBB` for each class, 255 at most. 255 is white, values without a colour are black.
    """
    if len(colors) > MOST_CLASSES:
        raise ValueError(f"there may be {MOST_CLASSES} colours; received {len(colors)}")
    table = np.zeros((256, 3), np.uint8)
    table[: len(colors)] = _rgb(colors)
    table[IGNORE] = 255
    picture = Image.frombytes("P", mask.shape[::-1], np.ascontiguousarray(mask, np.uint8).tobytes())
    picture.putpalette(table.tobytes())
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _rgb(colors: Sequence[str]) -> np.ndarray:
    """uint8 (N, 3)."""
    return np.array([ImageColor.getrgb(color)[:3] for color in colors], np.uint8).reshape(-1, 3)


def from_png(content: bytes, *, name: str) -> ReadMask:
    """The mask in a PNG.

    The values of an indexed or 8-bit grey PNG are the class indexes as they stand (of 1, 2 or 4 bits as well, and of
    16 if all are under 256). A grey PNG of 255 and perhaps 0 alone is two-tone: its 255 becomes class 1. In a coloured
    PNG each colour is a class: black, and what is transparent, is 0, there or not; the others follow sorted by their
    red, then green, then blue.

    Args:
        content: a stranger's file.
        name: as the stranger named it.

    Raises:
        ImageError: it is no PNG within the limits of pictures, or its values are no classes.
    """
    shown = inert_name(name)
    kind = header.read(content, shown).format
    if kind != "PNG":
        raise ImageError(f"{shown} is a {kind}; a mask must be a PNG, which keeps each value as it is. {SAVE_AGAIN}")
    picture, bits, color_type = _opened(content, shown)
    if color_type == PALETTE:
        return _from_palette(picture)
    if color_type & COLORS or (color_type and _is_transparent(picture)):
        return _from_colors(picture, shown)
    return _from_grey(np.asarray(picture if picture.mode[0] == "I" else picture.convert("L")), bits, shown)


def _opened(content: bytes, shown: str) -> tuple[Image.Image, int, int]:
    """The decoded picture, its bits a value and its kind of colours."""
    try:
        picture = Image.open(io.BytesIO(content), formats=("PNG",))
        picture.load()
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
        zlib.error,
        Image.DecompressionBombError,
    ) as error:
        raise header.damaged(shown) from error
    return picture, content[24], content[25]


def _is_transparent(picture: Image.Image) -> bool:
    return picture.getextrema()[-1][0] < 255


def _from_palette(picture: Image.Image) -> ReadMask:
    mask = np.array(picture, np.uint8)
    palette = np.array(picture.getpalette("RGB") or [], np.uint8).reshape(-1, 3)
    used = np.flatnonzero(np.bincount(mask.ravel(), minlength=256)[:IGNORE])
    count = int(used[-1]) + 1 if len(used) else 0
    colors = [_hex(*rgb) for rgb in palette[:count].tolist()]
    return ReadMask(mask, tuple(colors + [BLACK] * (count - len(colors))), "palette")


def _hex(red: int, green: int, blue: int) -> str:
    return f"#{red:02X}{green:02X}{blue:02X}"


def _from_grey(values: np.ndarray, bits: int, shown: str) -> ReadMask:
    if values.max() > 255:
        raise ImageError(f"{shown} has values over 255, which are no classes. {SAVE_AGAIN}")
    if bits < 8:
        return ReadMask(values.astype(np.uint8) // (255 // (2**bits - 1)), None, "grey")  # Pillow spreads them to 255
    two_tone = bool((values == 255).any() and ((values == 0) | (values == 255)).all())
    mask = (values == 255) if two_tone else values
    return ReadMask(mask.astype(np.uint8), None, "grey", two_tone)


def _from_colors(picture: Image.Image, shown: str) -> ReadMask:
    pixels = np.asarray(picture.convert("RGBA"))
    rows = max(1, ROWS_BYTES // (4 * pixels.shape[1]))
    parts = [slice(start, start + rows) for start in range(0, len(pixels), rows)]
    found = np.zeros(2**24, bool)
    found[0] = True
    for part in parts:
        found[_packed(pixels[part])] = True
    codes = np.flatnonzero(found)
    if len(codes) > MOST_CLASSES:
        raise ImageError(f"{shown} has {len(codes):,} colours, too many for classes. {SAVE_AGAIN}")
    table = np.zeros(2**24, np.uint8)
    table[codes] = np.arange(len(codes))
    mask = np.concatenate([table[_packed(pixels[part])] for part in parts])
    return ReadMask(mask, tuple(f"#{code:06X}" for code in codes.tolist()), "colors")


def _packed(pixels: np.ndarray) -> np.ndarray:
    """Each colour of RGBA pixels as one number; 0 where nothing of it is to be seen."""
    red, green, blue, alpha = np.moveaxis(pixels.astype(np.uint32), -1, 0)
    return np.where(alpha > 0, red << 16 | green << 8 | blue, 0)


def to_coco_rle(mask: np.ndarray, class_names: Sequence[str], *, name: str = "picture.png") -> dict[str, Any]:
    """A mask as a COCO data set of one picture: a region (`segmentation`) for each class that is there.

    The categories are numbered as the classes are; the background has none. Where something is not judged there is
    a category 255, "ignore".

    Args:
        mask: uint8 (H, W).
        class_names: of the values 0 (background), 1, ...
        name: of the picture's file.
    """
    from pycocotools import mask as coco_mask

    numbers = [number for number in np.unique(mask).tolist() if number]
    _check_named(numbers, class_names)
    annotations = []
    for number in numbers:
        runs = mask_runs.encode(mask == number)
        annotations.append(
            {
                "id": len(annotations) + 1,
                "image_id": 1,
                "category_id": number,
                "segmentation": runs,
                "area": int(coco_mask.area(runs)),
                "bbox": [float(side) for side in coco_mask.toBbox(runs)],
                "iscrowd": 0,
            }
        )
    named = [*enumerate(class_names[1:], start=1), *([(IGNORE, IGNORED)] if IGNORE in numbers else [])]
    return {
        "images": [{"id": 1, "file_name": name, "height": mask.shape[0], "width": mask.shape[1]}],
        "annotations": annotations,
        "categories": [{"id": number, "name": one} for number, one in named],
    }


def _check_named(numbers: Collection[int], class_names: Sequence[str]) -> None:
    top = max((number for number in numbers if number != IGNORE), default=0)
    if top >= len(class_names) or len(class_names) > MOST_CLASSES:
        raise ValueError(f"the mask has class {top}; received {len(class_names)} names")


def from_coco_rle(values: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """The inverse of `to_coco_rle`: the mask and the class names, of which the first is always "background".

    Regions may overlap: later ones lie over earlier ones. Only the first picture of the data set is read.

    Raises:
        ImageError: it is not of that form, or too large.
    """
    try:
        categories = sorted(values["categories"], key=lambda category: category["id"])
        numbers, names = category_numbers([(one["id"], str(one["name"])) for one in categories])
        image = values["images"][0]
        mask = np.zeros(_size_hw(image), np.uint8)
        for one in values["annotations"]:
            if one["image_id"] == image["id"]:
                runs = mask_runs.from_coco(one["segmentation"], mask.shape, mask.shape)
                if runs.size_hw != mask.shape:
                    raise ValueError("a region of another size")
                mask_runs.paint(mask, runs, numbers[one["category_id"]])
        return mask, names
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ImageError("This is no COCO file with regions: it needs images, annotations and categories.") from error


def _size_hw(image: Any) -> tuple[int, int]:
    height, width = int(image["height"]), int(image["width"])
    if height < 1 or width < 1 or height * width > mask_runs.MOST_PIXELS:
        raise ValueError(f"a picture of {width} x {height} pixels")
    return height, width


def category_numbers(categories: Sequence[tuple[Any, str]]) -> tuple[dict[Any, int], tuple[str, ...]]:
    """The class indexes of a COCO file's categories by their numbers, and the names of the classes.

    Args:
        categories: number and name, in their order. What is named as a background is class 0; a category 255 named
            "ignore" stays 255.

    Raises:
        ValueError: there are more than 254.
    """
    numbers = {number: 0 for number, name in categories if is_background(name)}
    if (IGNORE, IGNORED) in categories:
        numbers[IGNORE] = IGNORE
    others = [(number, name) for number, name in categories if number not in numbers]
    if len(others) >= MOST_CLASSES:
        raise ValueError("too many classes")
    numbers |= {number: place for place, (number, _) in enumerate(others, start=1)}
    return numbers, distinct_names([BACKGROUND, *(name for _, name in others)])


def is_background(name: str) -> bool:
    """Whether this is what programs call a background."""
    return name.strip().casefold() in BACKGROUND_NAMES


def cut_out(pixels: np.ndarray, mask: np.ndarray, classes: Collection[int]) -> bytes:
    """A PNG of what belongs to some classes; the rest is transparent, and nothing of it is kept.

    Args:
        pixels: uint8 (H, W, 3).
        mask: uint8 (H, W).
        classes: their indexes.
    """
    inside = np.isin(mask, list(classes))[..., None]
    return labelled_zip.png(np.where(inside, np.concatenate([pixels, np.full_like(inside, 255, np.uint8)], axis=2), 0))


def area_table(mask: np.ndarray, class_names: Sequence[str]) -> list[tuple[str, int, float]]:
    """Class, pixels, and share of the judged pixels (0 to 1) of each class, the background first.

    Args:
        mask: uint8 (H, W).
        class_names: of the values 0, 1, ...
    """
    counts = np.bincount(mask.ravel(), minlength=256)
    _check_named(np.flatnonzero(counts).tolist(), class_names)
    judged = max(1, int(counts[:IGNORE].sum()))
    return [(name, int(count), int(count) / judged) for name, count in zip(class_names, counts[:IGNORE], strict=False)]


def overlay(
    pixels: np.ndarray,
    mask: np.ndarray,
    colors: Sequence[str],
    *,
    opacity: float = 0.55,
    shown: Collection[int] | None = None,
) -> np.ndarray:
    """A picture with its classes' colours over it; what is not judged stays as it is.

    Args:
        pixels: uint8 (H, W, 3).
        mask: uint8 (H, W).
        colors: `#RRGGBB` for each class.
        opacity: of the colours, 0 to 1.
        shown: which classes; None for all but the background.

    Returns:
        uint8 (H, W, 3).
    """
    table = np.zeros((256, 3), np.float32)
    table[: len(colors)] = _rgb(colors)
    over = range(1, len(colors)) if shown is None else set(shown) & set(range(len(colors)))
    weights = np.zeros(256, np.float32)
    weights[list(over)] = opacity
    share = weights[mask][..., None]
    return np.round(pixels * (1 - share) + table[mask] * share).astype(np.uint8)


def outlines(mask: np.ndarray) -> np.ndarray:
    """The pixels of classes (255 counts as one) that have a neighbour of another value above, below, left or right.

    The same as scikit-image's `find_boundaries` with `mode="inner"`.

    Args:
        mask: uint8 (H, W).

    Returns:
        bool (H, W).
    """
    edge = np.zeros(mask.shape, bool)
    down, across = mask[1:] != mask[:-1], mask[:, 1:] != mask[:, :-1]
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    return edge & (mask != 0)

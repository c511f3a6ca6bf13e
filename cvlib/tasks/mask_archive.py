"""Pictures whose pixels somebody has named, as one ZIP: read with PNG masks or a COCO file, written with PNG masks.

What comes in is a stranger's: the ZIP, its pictures and its masks pass the limits of `cvlib.images`, annotations are
only ever parsed as numbers and texts.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cvlib.errors import ImageError
from cvlib.images import archive
from cvlib.images.archive import ArchivedFile
from cvlib.images.names import inert_name
from cvlib.tasks import labelled_zip, mask_formats, mask_marks
from cvlib.tasks.box_formats import distinct_names
from cvlib.tasks.labelled_zip import MOST_PICTURES, MOST_PIXEL_BYTES
from cvlib.tasks.mask_formats import BACKGROUND, IGNORE, ReadMask
from cvlib.tasks.mask_marks import Marks, Unfit

MOST_CLASSES = 32
"""Beside the background; CamVid has so many."""
LAYOUT = (
    "Pack the pictures together with their masks: for images/a.jpg a PNG masks/a.png whose values are the classes, "
    "or one COCO file (.json) with outlines."
)


@dataclass(frozen=True, eq=False)
class MaskArchive:
    """What an archive holds.

    Attributes:
        pictures: name (inert text, another one for each) and pixels, uint8 (H, W, 3).
        masks: of each picture, uint8 (H, W): 0 background, 255 not judged.
        class_names: of the values 0 ("background"), 1, ..., 33 at most.
        notes: sentences on what was left out or changed.
    """

    pictures: tuple[tuple[str, np.ndarray], ...]
    masks: tuple[np.ndarray, ...]
    class_names: tuple[str, ...]
    notes: tuple[str, ...]


def read(content: bytes, *, name: str) -> MaskArchive:
    """The pictures with masks in a ZIP.

    A mask is a PNG of the picture's stem, in a folder such as `masks` or with an ending such as `_mask`: with a palette
    or in grey, each value a class (names in `classes.txt` or `labels.txt`, one a line), or with a colour for each
    class (names in `labelmap.txt` or `label_colors.txt`). Without such masks COCO files are read, with outlines or
    runs; later regions lie over earlier ones.

    Args:
        content: the file.
        name: as the stranger named it.

    Raises:
        ImageError: why it cannot be used, and what to do.
        Busy: too many pictures are being read at once.
    """
    found = archive.read(content, name=name)
    shown = inert_name(name)
    files, masks, others = mask_marks.parted(found.files)
    if not files:
        raise ImageError(f"{shown} holds no pictures. {LAYOUT}")
    marks = mask_marks.find(others, masks, files)
    if marks is None or not marks.places:
        raise ImageError(f"{shown} holds pictures, but no masks that belong to them. {LAYOUT}")
    chosen, notes = _chosen(files, marks)
    pictures, drawn, more = _drawn(files, chosen, marks)
    if not pictures:
        raise ImageError(" ".join([f"None of the pictures in {shown} can be used.", *more, *marks.notes, LAYOUT]))
    settled = marks.settle(drawn)
    made, names, about_classes = _few_classes(settled.masks, settled.class_names)
    told = (*found.notes, *notes, *more, *marks.notes, *settled.notes, *about_classes)
    return MaskArchive(tuple(pictures), tuple(made), names, told)


def _chosen(files: Sequence[ArchivedFile], marks: Marks) -> tuple[list[int], list[str]]:
    """The places of the pictures to read: those with a mask, as many as may be."""
    places = sorted(marks.places)
    without = [file.name for place, file in enumerate(files) if place not in marks.places]
    notes = labelled_zip.sentence(without, "Left out, because they have no mask")
    if len(places) > MOST_PICTURES:
        notes.append(f"The ZIP holds {len(places):,} pictures with masks; the first {MOST_PICTURES} are used.")
    return places[:MOST_PICTURES], notes


def _drawn(
    files: Sequence[ArchivedFile], places: Sequence[int], marks: Marks
) -> tuple[list[tuple[str, np.ndarray]], list[ReadMask], list[str]]:
    """The decoded pictures, their masks at the same size, and sentences on what was left out."""
    side = labelled_zip.side_for(len(places), MOST_PIXEL_BYTES)
    some = [files[place] for place in places]
    names = labelled_zip.free_names(file.name for file in some)
    pictures, drawn, smaller, left = [], [], False, defaultdict(list)
    for file, name, place, picture in labelled_zip.decoded(some, names, places):
        if picture is None:
            left["they could not be read as pictures"].append(file.name)
            continue
        pixels = labelled_zip.at_most(picture.pixels, side)
        try:
            drawn.append(marks.draw(place, picture, pixels.shape[:2]))
        except Unfit as error:
            left[str(error)].append(file.name)
            continue
        pictures.append((name, pixels))
        smaller |= pixels.shape != picture.pixels.shape
    notes = [one for reason, bad in left.items() for one in labelled_zip.sentence(bad, f"Left out, because {reason}")]
    notes += [f"So many pictures were made smaller, to {side} pixels a side at most."] if smaller else []
    return pictures, drawn, notes


def _few_classes(
    masks: Sequence[np.ndarray], names: Sequence[str]
) -> tuple[list[np.ndarray], tuple[str, ...], list[str]]:
    """The masks with 32 classes at most: if there are more, the largest; pixels of the others are not judged."""
    if len(names) <= MOST_CLASSES + 1:
        return list(masks), _names(names), []
    counts = sum(np.bincount(mask.ravel(), minlength=256) for mask in masks)
    largest = np.argsort(-counts[1 : len(names)], kind="stable")[:MOST_CLASSES] + 1
    kept = [0, *sorted(largest.tolist())]
    table = np.full(256, IGNORE, np.uint8)
    table[kept] = np.arange(len(kept))
    note = f"Of {len(names) - 1} classes, the {MOST_CLASSES} with the most pixels are used; the others are not judged."
    return [table[mask] for mask in masks], _names([names[number] for number in kept]), [note]


def _names(names: Sequence[str]) -> tuple[str, ...]:
    return distinct_names([BACKGROUND, *names[1:]])


def write(
    pictures: Sequence[tuple[str, np.ndarray]],
    masks: Sequence[np.ndarray],
    class_names: Sequence[str],
    colors: Sequence[str],
) -> bytes:
    """A ZIP of PNG pictures, PNG masks with a palette, and `classes.txt`; it opens again with `read`.

    Args:
        pictures: name and pixels, uint8 (H, W, 3), of each.
        masks: uint8 (H, W) of each.
        class_names: of the values 0, 1, ...; the first is written as "background".
        colors: `#RRGGBB` for each class.
    """
    names = distinct_names([BACKGROUND, *class_names[1:]])
    files: dict[str, str | bytes] = {"classes.txt": "".join(f"{name}\n" for name in names)}
    stems = labelled_zip.stems(name for name, _ in pictures)
    for stem, (_, pixels), mask in zip(stems, pictures, masks, strict=True):
        files[f"images/{stem}.png"] = labelled_zip.png(pixels)
        files[f"masks/{stem}.png"] = mask_formats.to_palette_png(mask, colors)
    return labelled_zip.zipped(files)

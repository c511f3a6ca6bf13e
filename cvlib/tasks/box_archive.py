"""Pictures that somebody has labelled with boxes, as one ZIP: read from COCO, YOLO or Pascal VOC, written for them.

What comes in is a stranger's: the ZIP and its pictures pass the limits of `cvlib.images`, annotations are only ever
parsed as numbers and texts.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cvlib import images
from cvlib.errors import ImageError
from cvlib.images import archive
from cvlib.images.names import inert_name
from cvlib.tasks import box_formats, labelled_zip
from cvlib.tasks.box_marks import Marked, Marks, find
from cvlib.tasks.detections import Detections, nothing
from cvlib.tasks.labelled_zip import MOST_PICTURES, MOST_PIXEL_BYTES

MOST_CLASSES = 10
LAYOUT = (
    "Pack the pictures together with their boxes: a COCO file (.json), or a YOLO text (.txt) or Pascal VOC file (.xml) "
    "of the same name for each picture."
)


@dataclass(frozen=True, eq=False)
class LabelledPicture:
    """A picture and the boxes that somebody has put on it.

    Attributes:
        name: inert text, another one for each picture.
        pixels: uint8 (H, W, 3).
        boxes: in these pixels, with scores of 1.
    """

    name: str
    pixels: np.ndarray
    boxes: Detections


@dataclass(frozen=True, eq=False)
class Labelled:
    """What an archive holds.

    Attributes:
        pictures: also those without boxes.
        class_names: of all boxes, 10 at most.
        notes: sentences on what was left out or changed.
    """

    pictures: tuple[LabelledPicture, ...]
    class_names: tuple[str, ...]
    notes: tuple[str, ...]


def read(data: bytes, *, name: str) -> Labelled:
    """The labelled pictures in a ZIP.

    Args:
        data: the file: pictures, and a COCO file, or a YOLO or Pascal VOC file for each picture.
        name: as the stranger named it.

    Raises:
        ImageError: why it cannot be used, and what to do.
        Busy: too many pictures are being read at once.
    """
    found = archive.read(data, name=name)
    shown = inert_name(name)
    files = _without_masks([file for file in found.files if labelled_zip.is_picture(file)])
    if not files:
        raise ImageError(f"{shown} holds no pictures. {LAYOUT}")
    marks = find([file for file in found.files if not labelled_zip.is_picture(file)], files)
    if marks is None:
        raise ImageError(f"{shown} holds pictures, but no boxes that can be read. {LAYOUT}")
    chosen, notes = _chosen(len(files), marks)
    pictures, more = _pictures([files[place] for place in chosen], [marks.by_picture.get(place) for place in chosen])
    if not pictures:
        raise ImageError(f"None of the pictures in {shown} can be used. Save them again as JPEG or PNG.")
    made, names, about_classes = _few_classes(pictures, marks.class_names)
    return Labelled(made, names, (*found.notes, *marks.notes, *notes, *more, *about_classes))


def _without_masks(files: Sequence[archive.ArchivedFile]) -> list[archive.ArchivedFile]:
    """The pictures without those in a folder `masks` that belong to another one by their name."""

    def stem(file: archive.ArchivedFile) -> str:
        return file.name.rpartition(".")[0].casefold()

    def is_mask(file: archive.ArchivedFile) -> bool:
        return any(folder.casefold() == "masks" for folder in file.folders)

    stems = {stem(file) for file in files if not is_mask(file)}
    return [file for file in files if not is_mask(file) or stem(file) not in stems]


def _chosen(count: int, marks: Marks) -> tuple[list[int], list[str]]:
    """The pictures to keep, in their order: if there are too many, those with boxes go first."""
    if count <= MOST_PICTURES:
        return list(range(count)), []
    order = sorted(range(count), key=lambda place: place not in marks.by_picture)
    note = f"The ZIP holds {count:,} pictures; {MOST_PICTURES} are used, those with boxes first."
    return sorted(order[:MOST_PICTURES]), [note]


def _pictures(
    files: Sequence[archive.ArchivedFile], marks: Sequence[Marked | None]
) -> tuple[list[LabelledPicture], list[str]]:
    """The decoded pictures with their boxes at the decoded size, and sentences on what was left out."""
    side = labelled_zip.side_for(len(files), MOST_PIXEL_BYTES)
    made, out, bad, turned, smaller = [], 0, [], [], False
    names = labelled_zip.free_names(file.name for file in files)
    for file, name, mark, picture in labelled_zip.decoded(files, names, marks):
        if picture is None:
            bad.append(file.name)
            continue
        pixels = labelled_zip.at_most(picture.pixels, side)
        smaller |= pixels.shape != picture.pixels.shape
        boxes, lost = _fitted(mark, picture, pixels.shape[:2])
        out += lost
        if boxes is None:
            turned.append(name)
        made.append(LabelledPicture(name, pixels, nothing(()) if boxes is None else boxes))
    notes = labelled_zip.sentence(bad, "Left out, because they could not be read as pictures")
    notes += labelled_zip.sentence(
        turned, "Left out: the boxes of pictures that lie on their side in their annotations"
    )
    notes += [f"Boxes left out, without area or outside their picture: {out}."] if out else []
    notes += [f"So many pictures were made smaller, to {side} pixels a side at most."] if smaller else []
    return made, notes


def _fitted(
    mark: Marked | None, picture: images.DecodedImage, size_hw: tuple[int, int]
) -> tuple[Detections | None, int]:
    """A picture's boxes at another size, and how many lay outside; None if they were made for a turned picture."""
    if mark is None:
        return nothing(()), 0
    height, width = mark.size_hw or labelled_zip.upright_hw(picture)
    if mark.size_hw and not mark.shares:
        if labelled_zip.lies_on_its_side(mark.size_hw, picture):
            return None, 0
        if not labelled_zip.has_shape_of(mark.size_hw, picture):  # what stands there is no size of this picture
            height, width = labelled_zip.upright_hw(picture)
    boxes = mark.boxes.scaled(size_hw[1] / width, size_hw[0] / height).clipped(size_hw)
    return replace(boxes, scores=np.ones(len(boxes), np.float32)), len(mark.boxes) - len(boxes)


def _few_classes(
    pictures: Sequence[LabelledPicture], names: Sequence[str]
) -> tuple[tuple[LabelledPicture, ...], tuple[str, ...], list[str]]:
    """The pictures with ten classes at most: if there are more, those with boxes, and of these the commonest."""
    counts = Counter(label for picture in pictures for label in picture.boxes.labels.tolist())
    kept, notes = list(range(len(names))), []
    if len(names) > MOST_CLASSES:
        kept = sorted(label for label, _ in counts.most_common(MOST_CLASSES)) or kept[:MOST_CLASSES]
        notes = [f"Of {len(names)} classes, the {len(kept)} with the most boxes are used; there may be {MOST_CLASSES}."]
    place = {label: number for number, label in enumerate(kept)}
    plain = box_formats.distinct_names(names[label] for label in kept)
    made = []
    for picture in pictures:
        labels = picture.boxes.labels
        boxes = picture.boxes.take(np.isin(labels, kept))
        moved = np.array([place[label] for label in boxes.labels.tolist()], np.int64)
        made.append(replace(picture, boxes=replace(boxes, labels=moved, class_names=plain)))
    return tuple(made), plain, notes


def write_yolo_zip(pictures: Sequence[LabelledPicture], class_names: tuple[str, ...]) -> bytes:
    """A ZIP of PNG pictures with YOLO texts, `classes.txt` and `data.yaml`; it opens again with `read`."""
    names = box_formats.distinct_names(class_names)
    files: dict[str, str | bytes] = {"classes.txt": "".join(f"{name}\n" for name in names)}
    listed = "".join(f"  {place}: {json.dumps(name)}\n" for place, name in enumerate(names))
    files["data.yaml"] = f"path: .\ntrain: images\nval: images\nnames:\n{listed}"
    for stem, picture in zip(labelled_zip.stems(one.name for one in pictures), pictures, strict=True):
        files[f"images/{stem}.png"] = labelled_zip.png(picture.pixels)
        files[f"labels/{stem}.txt"] = box_formats.to_yolo(picture.boxes, picture.pixels.shape[:2])
    return labelled_zip.zipped(files)


def write_coco_zip(pictures: Sequence[LabelledPicture], class_names: tuple[str, ...]) -> bytes:
    """A ZIP of PNG pictures with a COCO file; it opens again with `read`."""
    named = list(zip(labelled_zip.stems(one.name for one in pictures), pictures, strict=True))
    names = box_formats.distinct_names(class_names)
    rows = [
        (f"{stem}.png", picture.pixels.shape[:2], replace(picture.boxes, class_names=names)) for stem, picture in named
    ]
    values = box_formats.to_coco(rows)
    files: dict[str, str | bytes] = {"annotations.json": json.dumps(values, ensure_ascii=False)}
    files.update({f"images/{stem}.png": labelled_zip.png(picture.pixels) for stem, picture in named})
    return labelled_zip.zipped(files)

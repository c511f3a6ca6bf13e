"""Which of an archive's files says what about which picture: COCO, Pascal VOC or YOLO."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cvlib.errors import ImageError
from cvlib.images.archive import ArchivedFile
from cvlib.tasks import box_formats, labelled_zip
from cvlib.tasks.detections import Detections

MOST_CLASSES = 1_000


@dataclass(frozen=True, eq=False)
class Marked:
    """The boxes of one picture as they are written.

    Attributes:
        boxes: in the pixels of a picture of `size_hw`.
        size_hw: the picture's size as the annotation says it, None if it does not.
        shares: whether the boxes are shares of the picture, whatever its size.
    """

    boxes: Detections
    size_hw: tuple[int, int] | None
    shares: bool = False


@dataclass(frozen=True, eq=False)
class Marks:
    """What an archive says about its pictures.

    Attributes:
        by_picture: by the picture's place among those that were given.
        class_names: as they are written.
        notes: sentences on what could not be used.
    """

    by_picture: dict[int, Marked]
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def find(files: Sequence[ArchivedFile], pictures: Sequence[ArchivedFile]) -> Marks | None:
    """What the files say about the pictures, in the first format that says anything; None if none does.

    Args:
        files: all that are no pictures.
        pictures: those that are.

    Raises:
        ImageError: there is a file of the right kind, but none can be read.
    """
    for reader in (_coco, _voc, _yolo):
        marks = reader(files, pictures)
        if marks is not None:
            return marks
    return None


def _coco(files: Sequence[ArchivedFile], pictures: Sequence[ArchivedFile]) -> Marks | None:
    parsed = [
        (file, values)
        for file in labelled_zip.ending(files, ".json")
        if (values := labelled_zip.coco_values(file)) is not None
    ]
    if not parsed:
        return None
    union: dict[str, int] = {}
    by_picture, missing = {}, 0
    by_name = labelled_zip.by_name(pictures)
    for file, values in parsed:
        for name, size_hw, boxes in box_formats.from_coco(values):
            place = labelled_zip.named(name, file, pictures, by_name)
            missing += place is None
            labels = [union.setdefault(one, len(union)) for one in boxes.class_names]
            if place is not None:
                by_picture[place] = Marked(_relabelled(boxes, labels, ()), _positive(size_hw))
    notes = [f"Pictures that the COCO file names but the ZIP does not hold: {missing:,}."] if missing else []
    return _with_names(by_picture, tuple(union), notes)


def _positive(size_hw: tuple[int, int]) -> tuple[int, int] | None:
    return size_hw if min(size_hw) > 0 else None


def _relabelled(boxes: Detections, labels: Sequence[int], names: tuple[str, ...]) -> Detections:
    """The same boxes with other labels, under names that are known later."""
    moved = np.array([labels[label] for label in boxes.labels.tolist()], np.int64)
    some = names or ("",) * (max(labels, default=-1) + 1)
    return replace(boxes, labels=moved, class_names=some)


def _with_names(by_picture: dict[int, Marked], names: tuple[str, ...], notes: list[str]) -> Marks:
    named = {place: replace(mark, boxes=replace(mark.boxes, class_names=names)) for place, mark in by_picture.items()}
    return Marks(named, names, tuple(notes))


def _voc(files: Sequence[ArchivedFile], pictures: Sequence[ArchivedFile]) -> Marks | None:
    pairs = labelled_zip.beside(labelled_zip.ending(files, ".xml"), pictures)
    read, problems = _read_each(pairs, lambda file: box_formats.from_voc(file.content))
    if not read:
        return _nothing_read(problems)
    names = tuple(dict.fromkeys(name for one in read.values() for name in one.boxes.class_names))[:MOST_CLASSES]
    numbers = {name: number for number, name in enumerate(names)}
    by_picture = {}
    for place, one in read.items():
        known = one.boxes.take([one.boxes.class_names[label] in numbers for label in one.boxes.labels])
        labels = [numbers.get(name, 0) for name in one.boxes.class_names]
        by_picture[place] = Marked(_relabelled(known, labels, names), one.size_hw)
    empty = sum(one.left_out for one in read.values())
    return Marks(by_picture, names, (*problems, *_without_area(empty)))


def _without_area(count: int) -> list[str]:
    return [f"Boxes left out, without area: {count:,}."] if count else []


def _yolo(files: Sequence[ArchivedFile], pictures: Sequence[ArchivedFile]) -> Marks | None:
    pairs = labelled_zip.beside(labelled_zip.ending(files, ".txt"), pictures)
    names = labelled_zip.listed_names(files, "classes.txt", ".names")
    known = names or tuple(f"class {number}" for number in range(_highest(pairs.values()) + 1))
    read, problems = _read_each(pairs, lambda file: box_formats.from_yolo(labelled_zip.text(file), (1, 1), known))
    if not read:
        return _nothing_read(problems)
    by_picture, empty = {}, 0
    for place, boxes in read.items():
        sized = boxes.take((boxes.sizes > 0).all(axis=1))
        empty += len(boxes) - len(sized)
        by_picture[place] = Marked(sized, (1, 1), shares=True)
    return Marks(by_picture, known, (*problems, *_without_area(empty)))


def _highest(files: Iterable[ArchivedFile]) -> int:
    """The highest class that the texts use; -1 if they use none."""
    first = (
        line.split(maxsplit=1)[0] for file in files for line in labelled_zip.text(file).splitlines() if line.strip()
    )
    return max((int(word) for word in first if word.isdecimal() and len(word) < 4), default=-1)


def _read_each(
    pairs: dict[int, ArchivedFile], reader: Callable[[ArchivedFile], Any]
) -> tuple[dict[int, Any], list[str]]:
    """What each file says, and a sentence on those that could not be read."""
    read, bad, reason = {}, [], ""
    for place, file in pairs.items():
        try:
            read[place] = reader(file)
        except ImageError as error:
            bad.append(file.name)
            reason = reason or str(error)
    return read, [f"Files of boxes that could not be read: {len(bad):,}. {bad[0]}: {reason}"] if bad else []


def _nothing_read(problems: Sequence[str]) -> None:
    """No file was of the format, or, if there are problems, none could be read.

    Raises:
        ImageError: there are.
    """
    if problems:
        raise ImageError(" ".join(problems))

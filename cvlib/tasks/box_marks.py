"""Which of an archive's files says what about which picture: COCO, Pascal VOC or YOLO."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cvlib.errors import ImageError
from cvlib.images.archive import ArchivedFile
from cvlib.images.names import inert_name
from cvlib.tasks import box_formats, class_lists
from cvlib.tasks.detections import Detections

MOST_JSON_BYTES = 8 * 2**20
MOST_TEXT_BYTES = 2**20
MOST_CLASSES = 1_000
SIDE_FOLDERS = frozenset({"images", "labels", "annotations", "jpegimages"})
"""Folders that part the pictures from what is said about them, and say nothing else."""


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


def _ending(files: Iterable[ArchivedFile], *endings: str) -> list[ArchivedFile]:
    return [file for file in files if file.name.lower().endswith(endings)]


def _coco(files: Sequence[ArchivedFile], pictures: Sequence[ArchivedFile]) -> Marks | None:
    parsed = [(file, values) for file in _ending(files, ".json") if (values := _coco_values(file)) is not None]
    if not parsed:
        return None
    union: dict[str, int] = {}
    by_picture, missing = {}, 0
    by_name = defaultdict(list)
    for place, picture in enumerate(pictures):
        by_name[picture.name.casefold()].append(place)
    for file, values in parsed:
        for name, size_hw, boxes in box_formats.from_coco(values):
            place = _named(name, file, pictures, by_name)
            missing += place is None
            labels = [union.setdefault(one, len(union)) for one in boxes.class_names]
            if place is not None:
                by_picture[place] = Marked(_relabelled(boxes, labels, ()), _positive(size_hw))
    notes = [f"Pictures that the COCO file names but the ZIP does not hold: {missing:,}."] if missing else []
    return _with_names(by_picture, tuple(union), notes)


def _coco_values(file: ArchivedFile) -> object:
    """The file's values if it looks like COCO."""
    if len(file.content) > MOST_JSON_BYTES:
        raise ImageError(f"{file.name} has more than {MOST_JSON_BYTES // 2**20} MB. Export fewer pictures.")
    try:
        values = json.loads(file.content)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) and {"images", "annotations", "categories"} <= set(values) else None


def _named(
    written: str, file: ArchivedFile, pictures: Sequence[ArchivedFile], by_name: dict[str, list[int]]
) -> int | None:
    """The picture that a COCO file means: by the last part of its name, of several the one in the nearest folder."""
    *folders, _ = written.replace("\\", "/").split("/")
    found = by_name.get(inert_name(written).casefold(), [])
    for wanted in (tuple(map(inert_name, folders)), file.folders):
        if len(found) > 1 and wanted:
            nearer = [place for place in found if set(wanted) <= set(pictures[place].folders)]
            found = nearer or found
    return found[0] if len(found) == 1 else None


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


def _beside(files: Sequence[ArchivedFile], pictures: Sequence[ArchivedFile]) -> dict[int, ArchivedFile]:
    """For each picture the file of the same stem: in the same place, or the only one of that stem."""
    exact, loose = defaultdict(list), defaultdict(list)
    for file in files:
        exact[_key(file)].append(file)
        loose[_key(file)[1]].append(file)
    pairs = {}
    for place, picture in enumerate(pictures):
        where, stem = _key(picture)
        found = exact[where, stem] or loose[stem]
        if len(found) == 1:
            pairs[place] = found[0]
    return pairs


def _key(file: ArchivedFile) -> tuple[tuple[str, ...], str]:
    folders = tuple(folder.casefold() for folder in file.folders if folder.casefold() not in SIDE_FOLDERS)
    return folders, file.name.rpartition(".")[0].casefold()


def _voc(files: Sequence[ArchivedFile], pictures: Sequence[ArchivedFile]) -> Marks | None:
    pairs = _beside(_ending(files, ".xml"), pictures)
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
    pairs = _beside(_ending(files, ".txt"), pictures)
    names = _listed_names(files)
    known = names or tuple(f"class {number}" for number in range(_highest(pairs.values()) + 1))
    read, problems = _read_each(pairs, lambda file: box_formats.from_yolo(_text(file), (1, 1), known))
    if not read:
        return _nothing_read(problems)
    by_picture, empty = {}, 0
    for place, boxes in read.items():
        sized = boxes.take((boxes.sizes > 0).all(axis=1))
        empty += len(boxes) - len(sized)
        by_picture[place] = Marked(sized, (1, 1), shares=True)
    return Marks(by_picture, known, (*problems, *_without_area(empty)))


def _listed_names(files: Sequence[ArchivedFile]) -> tuple[str, ...]:
    """The class names of a YOLO archive, empty if it does not list them."""
    for file in sorted(_ending(files, "classes.txt", ".names"), key=lambda file: len(file.folders)):
        if names := class_lists.from_lines(_text(file)):
            return names
    for file in sorted(_ending(files, ".yaml", ".yml"), key=lambda file: len(file.folders)):
        if names := class_lists.from_yaml(_text(file)):
            return names
    return ()


def _highest(files: Iterable[ArchivedFile]) -> int:
    """The highest class that the texts use; -1 if they use none."""
    first = (line.split(maxsplit=1)[0] for file in files for line in _text(file).splitlines() if line.strip())
    return max((int(word) for word in first if word.isdecimal() and len(word) < 4), default=-1)


def _text(file: ArchivedFile) -> str:
    return file.content[:MOST_TEXT_BYTES].decode("utf-8-sig", errors="replace")


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

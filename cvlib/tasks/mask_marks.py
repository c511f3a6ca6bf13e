"""Which of an archive's files says what about which picture's pixels: PNG masks or COCO regions, and their classes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from cvlib.errors import ImageError
from cvlib.images import DecodedImage, header
from cvlib.images.archive import ArchivedFile
from cvlib.tasks import labelled_zip, mask_classes, mask_formats, mask_runs
from cvlib.tasks.mask_classes import Settled
from cvlib.tasks.mask_formats import BACKGROUND, IGNORE, MOST_CLASSES, ReadMask

MASK_FOLDERS = frozenset({
    "mask", "masks", "label", "labels", "labelids", "annotation", "annotations", "segmentation", "segmentations",
    "segmentationclass", "segmentationmask", "gt", "groundtruth", "ground truth", "trainannot", "valannot", "testannot",
})  # fmt: skip
"""Folders of masks, in lower case and as `inert_name` leaves them."""
SIDE_FOLDERS = labelled_zip.SIDE_FOLDERS | MASK_FOLDERS | {"image", "img", "imgs", "photos", "pictures", "input"}
OBJECTS_FOLDER = "segmentationobject"
"""Of Pascal VOC: it tells objects apart, not classes."""
SUFFIX = re.compile(r"[ _.-](mask|masks|label|labels|labelids|seg|segmentation|gt|p|l)$")
"""What masks beside their pictures end with, as in CamVid's `0001TP_006690_L.png`; in lower case."""
LISTS = ("classes.txt", "labels.txt", "codes.txt", ".names")
MOST_WORK = 2**30
"""Pixels that are painted for an archive; more is more than its pictures need."""
MOST_PNG_PIXELS = 400_000_000
"""Of all masks of an archive together, before they are made smaller."""
MOST_SIDE = 1_000_000
SIDEWAYS = "their masks lie on their side"
OTHER_SHAPE = "their masks have other proportions"
UNREADABLE = "their masks cannot be read"
TOO_LARGE = "the masks together are too large"
SCALED = "Masks of another size than their picture, made to fit"


class Unfit(Exception):
    """Why a picture cannot be used: the end of a sentence."""


class Marks(Protocol):
    """What an archive says about its pictures' pixels.

    Attributes:
        places: of the pictures that have a mask.
        notes: sentences on what could not be used; they are whole after the last mask was drawn.
    """

    places: frozenset[int]
    notes: list[str]

    def draw(self, place: int, picture: DecodedImage, size_hw: tuple[int, int]) -> ReadMask:
        """The mask of the picture at this place and size; raises `Unfit`."""

    def settle(self, masks: Sequence[ReadMask]) -> Settled:
        """All masks that were drawn with the same classes."""


def parted(files: Iterable[ArchivedFile]) -> tuple[list[ArchivedFile], list[ArchivedFile], list[ArchivedFile]]:
    """Pictures, masks, and all other files, by their names and folders."""
    files = list(files)
    shown = [file for file in files if labelled_zip.is_picture(file) and OBJECTS_FOLDER not in _folders(file)]
    stems = {_stem(file) for file in shown if not _lies_among_masks(file)}
    pictures, masks = [], []
    for file in shown:
        suffixed = SUFFIX.sub("", _stem(file)) in stems - {_stem(file)}
        (masks if suffixed or _lies_among_masks(file) else pictures).append(file)
    return pictures, masks, [file for file in files if not labelled_zip.is_picture(file)]


def _folders(file: ArchivedFile) -> list[str]:
    return [folder.casefold() for folder in file.folders]


def _lies_among_masks(file: ArchivedFile) -> bool:
    """Whether the innermost folder that says anything is one of masks."""
    said = [folder for folder in _folders(file) if folder in SIDE_FOLDERS]
    return bool(said) and said[-1] in MASK_FOLDERS


def _stem(file: ArchivedFile) -> str:
    return file.name.rpartition(".")[0].casefold()


def find(
    others: Sequence[ArchivedFile], masks: Sequence[ArchivedFile], pictures: Sequence[ArchivedFile]
) -> Marks | None:
    """What the files say about the pictures: the PNG masks if any belongs to a picture, else the COCO files.

    Raises:
        ImageError: there is a COCO file, but none can be read.
    """
    pairs = labelled_zip.beside(masks, pictures, side_folders=SIDE_FOLDERS, suffix=SUFFIX)
    if pairs:
        colors = mask_classes.listed_colors(others)
        names = () if colors else labelled_zip.listed_names(others, *LISTS)
        return PngMarks(pairs, names, colors)
    return _coco(others, pictures)


@dataclass(eq=False)
class PngMarks:
    """Masks as PNG files, one a picture.

    Attributes:
        by_picture: the masks by the places of their pictures.
        names: as `mask_classes.settled` takes them; may be empty.
        colors: names by colour; may be empty.
        scaled: files of masks of another size than their pictures.
        first_problem: why the first of those that cannot be read cannot.
        pixels_left: so many may still be decoded.
    """

    by_picture: dict[int, ArchivedFile]
    names: tuple[str, ...]
    colors: dict[str, str]
    scaled: list[str] = field(default_factory=list)
    first_problem: str = ""
    pixels_left: int = field(default_factory=lambda: MOST_PNG_PIXELS)

    @property
    def places(self) -> frozenset[int]:
        """See `Marks`."""
        return frozenset(self.by_picture)

    @property
    def notes(self) -> list[str]:
        """See `Marks`."""
        return labelled_zip.sentence(self.scaled, SCALED) + ([self.first_problem] if self.first_problem else [])

    def draw(self, place: int, picture: DecodedImage, size_hw: tuple[int, int]) -> ReadMask:
        """See `Marks`. A mask of another size in the same proportions is made to fit."""
        file = self.by_picture[place]
        try:
            width, height = header.read(file.content, file.name).size_wh or (1, 1)
            _check_shape((height, width), picture)
            self.pixels_left -= height * width
            if self.pixels_left < 0:
                raise Unfit(TOO_LARGE)
            read = mask_formats.from_png(file.content, name=file.name)
        except ImageError as error:
            self.first_problem = self.first_problem or str(error)
            raise Unfit(UNREADABLE) from error
        if read.mask.shape not in (labelled_zip.upright_hw(picture), picture.pixels.shape[:2]):
            self.scaled.append(file.name)
        return replace(read, mask=mask_runs.resized(read.mask, size_hw))

    def settle(self, masks: Sequence[ReadMask]) -> Settled:
        """See `Marks`."""
        return mask_classes.settled(masks, self.names, self.colors)


def _check_shape(size_hw: tuple[int, int], picture: DecodedImage) -> None:
    if labelled_zip.lies_on_its_side(size_hw, picture):
        raise Unfit(SIDEWAYS)
    if not labelled_zip.has_shape_of(size_hw, picture):
        raise Unfit(OTHER_SHAPE)


@dataclass(eq=False)
class CocoMarks:
    """Regions of COCO files.

    Attributes:
        by_picture: class index and `segmentation` of each region, in their order, and the size of the picture in which
            they are described, None if it is not said; by the places of the pictures.
        class_names: the background first.
        missing: number of pictures that are not in the archive.
        bad: number of annotations that were no regions.
        too_much: number of annotations that came when nothing was left of `work_left`.
        work_left: so many pixels may still be painted.
    """

    by_picture: dict[int, tuple[list[tuple[int, Any]], tuple[int, int] | None]]
    class_names: tuple[str, ...]
    missing: int = 0
    bad: int = 0
    too_much: int = 0
    work_left: int = field(default_factory=lambda: MOST_WORK)

    @property
    def places(self) -> frozenset[int]:
        """See `Marks`."""
        return frozenset(self.by_picture)

    @property
    def notes(self) -> list[str]:
        """See `Marks`."""
        counts = (
            (self.missing, "Pictures that the COCO file names but the ZIP does not hold"),
            (self.bad, "Annotations left out, because they are no regions of their picture (boxes alone, for example)"),
            (self.too_much, "Annotations left out, because there are too many or too large ones"),
        )
        return [f"{what}: {count:,}." for count, what in counts if count]

    def draw(self, place: int, picture: DecodedImage, size_hw: tuple[int, int]) -> ReadMask:
        """See `Marks`. Later regions lie over earlier ones."""
        regions, written_hw = self.by_picture[place]
        if written_hw and labelled_zip.lies_on_its_side(written_hw, picture):
            raise Unfit(SIDEWAYS)
        fits = written_hw and labelled_zip.has_shape_of(written_hw, picture)
        frame = written_hw if fits else labelled_zip.upright_hw(picture)
        mask = np.zeros(size_hw, np.uint8)
        for value, segmentation in regions:
            if self.work_left <= 0:
                self.too_much += 1
                continue
            try:
                runs = mask_runs.from_coco(segmentation, frame, size_hw)
                if not labelled_zip.has_shape_of(runs.size_hw, picture):
                    raise ValueError("a region of another picture")
                self.work_left -= runs.cost + mask_runs.paint(mask, runs, value)
            except (KeyError, TypeError, ValueError, OverflowError):
                self.bad += 1
        return ReadMask(mask, None, "grey")

    def settle(self, masks: Sequence[ReadMask]) -> Settled:
        """See `Marks`."""
        return Settled([one.mask for one in masks], self.class_names)


def _coco(files: Sequence[ArchivedFile], pictures: Sequence[ArchivedFile]) -> CocoMarks | None:
    union: dict[str, int] = {}
    by_picture: dict[int, tuple[list[tuple[int, Any]], tuple[int, int] | None]] = {}
    missing, places, found = 0, labelled_zip.by_name(pictures), False
    for file in labelled_zip.ending(files, ".json"):
        values = labelled_zip.coco_values(file)
        if values is None:
            continue
        found = True
        for name, size_hw, regions in _from_coco(values, union):
            place = labelled_zip.named(name, file, pictures, places)
            missing += place is None
            if place is not None:
                by_picture[place] = (regions, size_hw)
    return CocoMarks(by_picture, (BACKGROUND, *union), missing) if found else None


def _from_coco(values: Any, union: dict[str, int]) -> list[tuple[str, tuple[int, int] | None, list[tuple[int, Any]]]]:
    """Name, size and regions of each picture of a COCO file.

    Args:
        values: as a stranger wrote them.
        union: the classes of all files by their names; new ones are added.
    """
    try:
        categories = sorted(values["categories"], key=lambda category: category["id"])
        numbers, names = mask_formats.category_numbers([(one["id"], str(one["name"])) for one in categories])
        index = [0, *(union.setdefault(name, len(union) + 1) for name in names[1:])]
        if len(union) >= MOST_CLASSES:
            raise ValueError("too many classes")
        regions: dict[Any, list[tuple[int, Any]]] = {image["id"]: [] for image in values["images"]}
        for one in values["annotations"]:
            number = numbers[one["category_id"]]
            value = number if number == IGNORE else index[number]
            regions[one["image_id"]].append((value, one.get("segmentation")))
        return [
            (str(image["file_name"]), _positive(image.get("height"), image.get("width")), regions[image["id"]])
            for image in values["images"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ImageError("This is no COCO file: it needs images, annotations and categories.") from error


def _positive(height: Any, width: Any) -> tuple[int, int] | None:
    size = (int(height or 0), int(width or 0))
    return size if min(size) > 0 and max(size) <= MOST_SIDE else None

"""What all labelled ZIPs share: which files are pictures, what lies beside them, and how they are decoded and packed.

What comes in is a stranger's: the ZIP and its pictures pass the limits of `cvlib.images`, annotations are only ever
parsed as numbers and texts.
"""

import io
import json
import math
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
from PIL import Image

from cvlib import images
from cvlib.errors import ImageError
from cvlib.images import limits
from cvlib.images.archive import ArchivedFile
from cvlib.images.names import LONGEST, inert_name
from cvlib.tasks import class_lists

MOST_PICTURES = 200
MOST_PIXEL_BYTES = 48 * 2**20
"""All pictures together: many pictures are made smaller, so that they fit into what one person may hold."""
MOST_JSON_BYTES = 8 * 2**20
MOST_TEXT_BYTES = 2**20
NAMED_PROBLEMS = 5
ALIKE = 0.03
"""Sides in these proportions, as a logarithm, belong to the same picture: sizes are rounded to whole pixels."""
PICTURE_ENDINGS = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".avif", ".gif", ".bmp", ".heic", ".tif", ".tiff")
"""What is taken for a picture; those that cannot be used are named when they are decoded."""
SIDE_FOLDERS = frozenset({"images", "labels", "annotations", "jpegimages"})
"""Folders that part the pictures from what is said about them, and say nothing else."""
_Mark = TypeVar("_Mark")


def is_picture(file: ArchivedFile) -> bool:
    """Whether its name says that it is a picture."""
    return file.name.lower().endswith(PICTURE_ENDINGS)


def ending(files: Iterable[ArchivedFile], *endings: str) -> list[ArchivedFile]:
    """The files whose names end so, in lower case."""
    return [file for file in files if file.name.lower().endswith(endings)]


def text(file: ArchivedFile) -> str:
    """What a text file says, 1 MB of it at most."""
    return file.content[:MOST_TEXT_BYTES].decode("utf-8-sig", errors="replace")


def listed_names(files: Sequence[ArchivedFile], *lists: str) -> tuple[str, ...]:
    """The class names that an archive lists, empty if it does not.

    Args:
        files: all that are no pictures.
        lists: how the names of files end that list one a line; after them YAML files are looked at.
    """
    for file in sorted(ending(files, *lists), key=lambda file: len(file.folders)):
        if names := class_lists.from_lines(text(file)):
            return names
    for file in sorted(ending(files, ".yaml", ".yml"), key=lambda file: len(file.folders)):
        if names := class_lists.from_yaml(text(file)):
            return names
    return ()


def coco_values(file: ArchivedFile) -> dict | None:
    """A JSON file's values if it looks like COCO.

    Raises:
        ImageError: it is too large to be looked at.
    """
    if len(file.content) > MOST_JSON_BYTES:
        raise ImageError(f"{file.name} has more than {MOST_JSON_BYTES // 2**20} MB. Export fewer pictures.")
    try:
        values = json.loads(file.content)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) and {"images", "annotations", "categories"} <= set(values) else None


def by_name(pictures: Sequence[ArchivedFile]) -> Mapping[str, list[int]]:
    """The places of the pictures of each name, whatever its case."""
    places = defaultdict(list)
    for place, picture in enumerate(pictures):
        places[picture.name.casefold()].append(place)
    return dict(places)


def named(
    written: str, file: ArchivedFile, pictures: Sequence[ArchivedFile], places: Mapping[str, list[int]]
) -> int | None:
    """The picture that a COCO file means: by the last part of its name, of several the one in the nearest folder.

    Args:
        written: the picture's name as the file writes it.
        file: the COCO file.
        pictures: among them is the one that is meant.
        places: of them, `by_name`.
    """
    *folders, _ = written.replace("\\", "/").split("/")
    found = places.get(inert_name(written).casefold(), [])
    for wanted in (tuple(map(inert_name, folders)), file.folders):
        if len(found) > 1 and wanted:
            nearer = [place for place in found if set(wanted) <= set(pictures[place].folders)]
            found = nearer or found
    return found[0] if len(found) == 1 else None


def beside(
    files: Sequence[ArchivedFile],
    pictures: Sequence[ArchivedFile],
    *,
    side_folders: frozenset[str] = SIDE_FOLDERS,
    suffix: re.Pattern[str] | None = None,
) -> dict[int, ArchivedFile]:
    """For each picture the file of the same stem: in the same place, or the only one of that stem.

    Args:
        files: what is said about the pictures.
        pictures: what it is said about.
        side_folders: folders that do not count for the place, in lower case.
        suffix: what the stems of `files` may end with, in lower case.
    """
    exact, loose = defaultdict(list), defaultdict(list)
    for file in files:
        where, stem = _key(file, side_folders)
        stem = suffix.sub("", stem) if suffix else stem
        exact[where, stem].append(file)
        loose[stem].append(file)
    pairs = {}
    for place, picture in enumerate(pictures):
        where, stem = _key(picture, side_folders)
        found = exact[where, stem] or loose[stem]
        if len(found) == 1:
            pairs[place] = found[0]
    return pairs


def _key(file: ArchivedFile, side_folders: frozenset[str]) -> tuple[tuple[str, ...], str]:
    folders = tuple(folder.casefold() for folder in file.folders if folder.casefold() not in side_folders)
    return folders, file.name.rpartition(".")[0].casefold()


def sentence(names: Sequence[str], what: str) -> list[str]:
    """One sentence that names the first few of them; none if there are none."""
    more = f" and {len(names) - NAMED_PROBLEMS} more" if len(names) > NAMED_PROBLEMS else ""
    return [f"{what}: {', '.join(names[:NAMED_PROBLEMS])}{more}."] if names else []


def decoded(
    files: Sequence[ArchivedFile], names: Sequence[str], marks: Sequence[_Mark]
) -> Iterator[tuple[ArchivedFile, str, _Mark, images.DecodedImage | None]]:
    """Each file with its picture, None if it is none; some at a time, because they are large before they are fitted.

    Args:
        files: the pictures.
        names: for each of them another one.
        marks: what is said about each.
    """
    for start in range(0, len(files), limits.PICTURES_A_CHILD):
        some = slice(start, start + limits.PICTURES_A_CHILD)
        pairs = ((file.content, name) for file, name in zip(files[some], names[some], strict=True))
        kept = {picture.name: picture for picture in images.decode_many(pairs).kept}
        for file, name, mark in zip(files[some], names[some], marks[some], strict=True):
            yield file, name, mark, kept.get(name)


def free_names(names: Iterable[str]) -> list[str]:
    """The same names, numbered where two pictures would otherwise share the stem."""
    stems: set[str] = set()
    made = []
    for name in names:
        stem, dot, ending = name.rpartition(".")
        free, again = stem, 2
        while free.casefold() in stems:
            free, again = f"{stem[: LONGEST - 12].strip()} {again}", again + 1
        stems.add(free.casefold())
        made.append(free + dot + ending)
    return made


def side_for(count: int, most_bytes: int) -> int:
    """The longest side that so many pictures may have, to fit together into so many bytes."""
    return min(limits.WORKING_SIDE, math.isqrt(most_bytes // (3 * count)))


def at_most(pixels: np.ndarray, side: int) -> np.ndarray:
    """A picture, uint8 (H, W, 3), made smaller if it has more than so many pixels a side."""
    height, width = pixels.shape[:2]
    if max(height, width) <= side:
        return pixels
    size = tuple(max(1, round(edge * side / max(height, width))) for edge in (width, height))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def has_shape_of(size_hw: tuple[int, int], picture: images.DecodedImage) -> bool:
    """Whether the sides of something are in the proportions of the picture's."""
    height, width = picture.pixels.shape[:2]
    return _alike(size_hw[1] / size_hw[0], width / height)


def lies_on_its_side(size_hw: tuple[int, int], picture: images.DecodedImage) -> bool:
    """Whether something has the picture's proportions only if one of them is turned."""
    return not has_shape_of(size_hw, picture) and has_shape_of(size_hw[::-1], picture)


def _alike(one: float, other: float) -> bool:
    return abs(math.log(one / other)) < ALIKE


def upright_hw(picture: images.DecodedImage) -> tuple[int, int]:
    """The size that the file has when it is held upright, as its camera noted."""
    width, height = picture.original_size_wh
    tall = picture.pixels.shape[0] > picture.pixels.shape[1]
    return (max(width, height), min(width, height)) if tall else (min(width, height), max(width, height))


def stems(names: Iterable[str]) -> list[str]:
    """Inert names without their endings that all differ, to pack pictures under."""
    free = free_names(inert_name(re.sub(r"\.[A-Za-z0-9]{2,5}$", "", name)) + ".png" for name in names)
    return [name.removesuffix(".png") for name in free]


def png(pixels: np.ndarray) -> bytes:
    """A picture, uint8 (H, W, 3) or (H, W, 4), as PNG."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A ZIP of these files by their paths."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()

"""Ready sets of pictures, so that nobody needs any to begin."""

import os
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from cvlib import data, images
from cvlib.errors import DataUnavailable
from cvlib.transfer.project import Picture, Project

PER_CLASS = 30


@dataclass(frozen=True)
class Ready:
    """A ready set.

    Attributes:
        title: name for people.
        description: one sentence.
        load: `load(count)` gives the project with so many pictures a class.
        available: whether it is on this host.
    """

    title: str
    description: str
    load: Callable[[int], Project]
    available: Callable[[], bool] = lambda: True


def _of_catalogue(name: str, classes: tuple[str, ...], count: int) -> Project:
    """The first training pictures of some classes of a built-in data set; where they are drawn, only these are."""
    pool, parts = data.plan(name)
    labels, class_names = pool.labels[parts.train], data.info(name).class_names
    project = Project()
    for label, title in enumerate(classes):
        project = project.with_class(title)
        places = parts.train[labels == class_names.index(title)][:count]
        pairs = ((_rgb(image), f"{title} {number}") for number, image in enumerate(pool.take(places).images))
        project, _ = project.with_pictures(label, pairs)
    return project


def _rgb(pixels: np.ndarray) -> np.ndarray:
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels


def _archive(name: str) -> Path | None:
    folder = os.environ.get("CVLIB_DATA")
    path = Path(folder, f"{name}.zip") if folder else None
    return path if path is not None and path.is_file() else None


def _of_archive(name: str, count: int) -> Project:
    """The first training pictures of each folder of the host's own `<name>.zip`."""
    path = _archive(name)
    if path is None:
        raise DataUnavailable(f"{name}.zip is not in the host's data folder (CVLIB_DATA).")
    found: dict[str, list[Picture]] = {}
    for label, content, title in _members(path, f"{name}/train/", count):
        pixels, _ = images.fit_for_network(images.decode(content, name=title).pixels, (224, 224), 3)
        found.setdefault(label, []).append(Picture(pixels, len(found) - (label in found), title))
    return Project(tuple(found), tuple(picture for pictures in found.values() for picture in pictures))


def _members(path: Path, prefix: str, count: int) -> Iterator[tuple[str, bytes, str]]:
    taken: Counter[str] = Counter()
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            parts = name.removeprefix(prefix).split("/")
            if name.startswith(prefix) and len(parts) == 2 and parts[1] and taken[parts[0]] < count:
                taken[parts[0]] += 1
                yield parts[0], archive.read(name), parts[1]


def _is_here(name: str) -> bool:
    return _archive(name) is not None


CATALOG: Mapping[str, Ready] = {
    "faces": Ready(
        "Faces or not",
        "Cut-outs of photos, 25 pixels wide: faces, and places that are none.",
        partial(_of_catalogue, "faces", data.info("faces").class_names),
    ),
    "digits": Ready(
        "Digits 5 to 9",
        "Handwritten digits, 8 pixels wide.",
        partial(_of_catalogue, "digits", tuple("56789")),
    ),
    "shapes": Ready(
        "Four drawn shapes",
        "Coloured shapes on cluttered backgrounds.",
        partial(_of_catalogue, "shapes", ("circle", "square", "star", "heart")),
    ),
    "flowers": Ready(
        "Flowers",
        "Photos of daisies, dandelions, roses, sunflowers and tulips.",
        partial(_of_archive, "flowers"),
        partial(_is_here, "flowers"),
    ),
    "cats_vs_dogs": Ready(
        "Cats and dogs",
        "Photos of cats and of dogs.",
        partial(_of_archive, "cats_vs_dogs"),
        partial(_is_here, "cats_vs_dogs"),
    ),
}
"""Ready sets by their names, those that are always here first."""


def here() -> dict[str, Ready]:
    """The ready sets that this host has."""
    return {name: ready for name, ready in CATALOG.items() if ready.available()}

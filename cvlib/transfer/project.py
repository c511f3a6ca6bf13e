"""A person's own classes: their pictures, and the project as one ZIP that can be put away and opened again."""

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PIL import Image

from cvlib import images
from cvlib.errors import ImageError, SpecError
from cvlib.images import archive, hashing

CLASSES = (2, 10)
"""Fewest and most classes."""
MOST_A_CLASS = 200
FEW = 10
"""With fewer pictures a class, the result hangs on chance."""
UNBALANCED = 3
"""The largest class may have so many times the pictures of the smallest before it is said."""
LONGEST_NAME = 40
SIDE = 224
"""Pictures are kept as squares of this side: what the networks look at."""
MANIFEST, VERSION = "project.json", 1
BASE = re.compile(r"[a-z0-9_/]{1,64}")
"""What the name of a network looks like."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture of a class.

    Attributes:
        pixels: uint8 (224, 224, 3).
        label: place of its class.
        name: inert text.
    """

    pixels: np.ndarray
    label: int
    name: str

    @cached_property
    def hash(self) -> int:
        """Its difference hash."""
        return hashing.difference_hash(self.pixels)


@dataclass(frozen=True)
class Project:
    """Classes and their pictures. Changes give a new project.

    Attributes:
        class_names: of each class.
        pictures: of all classes.
        base: name of the network that was built upon when the project was put away; None if nothing was chosen.
    """

    class_names: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    base: str | None = None

    @property
    def labels(self) -> np.ndarray:
        """Class of each picture, int64 (N,)."""
        return np.array([picture.label for picture in self.pictures], dtype=np.int64)

    @property
    def nbytes(self) -> int:
        """Memory that the pictures take."""
        return sum(picture.pixels.nbytes for picture in self.pictures)

    def counts(self) -> list[int]:
        """Pictures of each class."""
        return np.bincount(self.labels, minlength=len(self.class_names)).tolist() if self.class_names else []

    def with_class(self, name: str) -> "Project":
        """With one more, empty class.

        Raises:
            SpecError: there are as many as fit already, or the name is taken or empty.
        """
        if len(self.class_names) >= CLASSES[1]:
            raise SpecError(f"There are {CLASSES[1]} classes already, which is as many as fit.")
        return replace(self, class_names=(*self.class_names, self._free_name(name, None)))

    def renamed(self, label: int, name: str) -> "Project":
        """With another name for one class.

        Raises:
            SpecError: the name is taken or empty.
        """
        names = list(self.class_names)
        names[label] = self._free_name(name, label)
        return replace(self, class_names=tuple(names))

    def _free_name(self, name: str, but: int | None) -> str:
        plain = class_name(name)
        taken = {known.casefold() for place, known in enumerate(self.class_names) if place != but}
        if not plain:
            raise SpecError("A class needs a name.")
        if plain.casefold() in taken:
            raise SpecError(f"There is a class “{plain}” already. Choose another name.")
        return plain

    def without_class(self, label: int) -> "Project":
        """Without one class and its pictures."""
        kept = tuple(
            replace(picture, label=picture.label - (picture.label > label))
            for picture in self.pictures
            if picture.label != label
        )
        return replace(self, class_names=self.class_names[:label] + self.class_names[label + 1 :], pictures=kept)

    def with_pictures(self, label: int, found: Iterable[tuple[np.ndarray, str]]) -> tuple["Project", list[str]]:
        """With more pictures in one class; those that it has already are left out.

        Args:
            label: place of the class.
            found: (uint8 (H, W, 3), name) pairs.

        Returns:
            The project, and sentences on what was left out.
        """
        known = {picture.pixels.tobytes() for picture in self.pictures if picture.label == label}
        added, twice, over = [], 0, 0
        for pixels, name in found:
            square, _ = images.fit_for_network(pixels, (SIDE, SIDE), 3)
            if square.tobytes() in known:
                twice += 1
            elif len(known) >= MOST_A_CLASS:
                over += 1
            else:
                known.add(square.tobytes())
                added.append(Picture(square, label, name))
        notes = [f"{twice} pictures were there already and were left out."] if twice else []
        notes += [f"{over} pictures were left out: a class may have {MOST_A_CLASS} at most."] if over else []
        return replace(self, pictures=(*self.pictures, *added)), notes

    def moved(self, places: Iterable[int], label: int) -> "Project":
        """With some pictures in another class."""
        chosen = set(places)
        return replace(
            self,
            pictures=tuple(
                replace(picture, label=label) if place in chosen else picture
                for place, picture in enumerate(self.pictures)
            ),
        )

    def without(self, places: Iterable[int]) -> "Project":
        """Without some pictures."""
        chosen = set(places)
        kept = tuple(picture for place, picture in enumerate(self.pictures) if place not in chosen)
        return replace(self, pictures=kept)

    def problems(self) -> list[str]:
        """What keeps it from being trained, in sentences."""
        counts = self.counts()
        if len(self.class_names) < CLASSES[0]:
            return ["Make at least two classes: a network can only tell things apart."]
        empty = [name for name, count in zip(self.class_names, counts, strict=True) if count == 0]
        return [f"“{name}” has no pictures yet." for name in empty]

    def warnings(self) -> list[str]:
        """What will make the result worse than it could be, in sentences."""
        return [*self._about_counts(), *self._about_likeness()]

    def _about_counts(self) -> Iterator[str]:
        counts = {name: count for name, count in zip(self.class_names, self.counts(), strict=True) if count}
        few = [name for name, count in counts.items() if count < FEW]
        if few:
            yield f"Few pictures: {', '.join(few)}. With under {FEW} a class, the result hangs on chance."
        if counts and max(counts.values()) > UNBALANCED * min(counts.values()):
            most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
            yield (
                f"“{most}” has {counts[most]} pictures and “{least}” only {counts[least]}. Each class weighs the same "
                "in training, but the small one is known less well."
            )

    def _about_likeness(self) -> Iterator[str]:
        groups = hashing.alike([picture.hash for picture in self.pictures])
        sizes = Counter(groups)
        alike = sum(size for size in sizes.values() if size > 1)
        if alike:
            yield (
                f"{alike} pictures look almost the same as another one. They stay together on one side of the split, "
                "so that the test stays honest; more different pictures would teach more."
            )
        classes: dict[int, set[int]] = {}
        for picture, group in zip(self.pictures, groups, strict=True):
            classes.setdefault(group, set()).add(picture.label)
        across = [group for group, labels in classes.items() if len(labels) > 1]
        if across:
            yield f"{len(across)} pictures stand in two classes at once. Take them out of one."


def class_name(text: str) -> str:
    """A class's name as inert text of at most 40 characters; it may be empty."""
    plain = images.inert_name(text) if text.strip() else ""
    return plain[:LONGEST_NAME].strip()


def from_archive(data: bytes, *, name: str) -> tuple[Project, list[str]]:
    """A project from a ZIP: one that was saved here, or folders of pictures, one a class.

    Args:
        data: the file.
        name: as the stranger named it.

    Returns:
        The project, and sentences on what was left out.

    Raises:
        ImageError: it cannot be read, or it is laid out otherwise.
    """
    found = archive.read(data, name=name)
    manifest = next((file.content for file in found.files if file.name == MANIFEST and not file.folders), None)
    settings = _settings(manifest)
    shown = images.inert_name(name)
    project, notes = _from_files(found.files, shown, names=settings.class_names)
    return replace(project, base=settings.base), [*found.notes, *notes]


def from_folder(files: Iterable[tuple[bytes, str]]) -> tuple[Project, list[str]]:
    """A project from an uploaded folder: its inner folders are the classes.

    Args:
        files: (content, path) pairs; the path with `/` between its parts.

    Raises:
        ImageError: it is laid out otherwise.
    """
    found = []
    for content, path in files:
        *folders, last = path.replace("\\", "/").split("/")
        if last not in archive.CLUTTER and not last.startswith("._"):
            plain = tuple(images.inert_name(folder) for folder in folders if folder not in ("", ".", ".."))
            found.append(archive.ArchivedFile(plain, images.inert_name(last), content))
    return _from_files(found, "The folder", names=())


def _settings(manifest: bytes | None) -> Project:
    """The classes, also empty ones, in their order, and the choices of a project that was saved here.

    A stranger may have written it: what is not as it should be is as if it were not there.
    """
    try:
        facts = json.loads(manifest or b"{}")
        names = [class_name(name) for name in facts["classes"] if isinstance(name, str)][: CLASSES[1]]
        base = facts.get("base")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Project()
    kept = tuple(dict.fromkeys(name for name in names if name))
    if len({name.casefold() for name in kept}) < len(kept):
        return Project()
    return Project(kept, base=base if isinstance(base, str) and BASE.fullmatch(base) else None)


def _from_files(
    files: Iterable[archive.ArchivedFile], shown: str, *, names: tuple[str, ...]
) -> tuple[Project, list[str]]:
    by_class: dict[str, list[archive.ArchivedFile]] = {name.casefold(): [] for name in names}
    titles = {name.casefold(): name for name in names}
    for file in files:
        if file.folders:
            title = class_name(file.folders[-1])
            titles.setdefault(title.casefold(), title)
            by_class.setdefault(title.casefold(), []).append(file)
    _check_layout(by_class, shown)
    project, notes = Project(), []
    for key, members in by_class.items():
        project = project.with_class(titles[key])
        result = images.decode_many((file.content, file.name) for file in members[: MOST_A_CLASS + 1])
        pairs = ((picture.pixels, picture.name) for picture in result.kept)
        project, more = project.with_pictures(len(project.class_names) - 1, pairs)
        notes += [*([result.problems] if result.problems else []), *more]
    return project, notes


def _check_layout(by_class: dict[str, list[archive.ArchivedFile]], shown: str) -> None:
    layout = "Lay it out as one folder a class, with that class's pictures in it: cats/1.jpg, dogs/1.jpg."
    if not by_class:
        raise ImageError(f"{shown} has no folders with pictures. {layout}")
    if len(by_class) == 1:
        raise ImageError(f"{shown} has one folder only, and so one class. {layout}")
    if len(by_class) > CLASSES[1]:
        raise ImageError(f"{shown} has {len(by_class)} folders; there may be {CLASSES[1]} classes at most. {layout}")


def to_archive(project: Project) -> bytes:
    """The project as a ZIP: a folder a class with its pictures as PNG. It opens again with `from_archive`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        manifest = {
            "version": VERSION,
            "classes": list(project.class_names),
            "pictures": len(project.pictures),
            "base": project.base,
        }
        file.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False))
        for number, picture in enumerate(project.pictures):
            stem = re.sub(r"\.[A-Za-z0-9]{2,5}$", "", picture.name)
            png = io.BytesIO()
            Image.fromarray(picture.pixels).save(png, "PNG")
            file.writestr(f"{project.class_names[picture.label]}/{number:04d} {stem}.png", png.getvalue())
    return out.getvalue()

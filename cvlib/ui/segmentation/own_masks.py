"""A person's own pictures with masks: kept in their session, and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from cvlib.errors import ImageError
from cvlib.images import limits
from cvlib.segmenting import own
from cvlib.tasks import labelled_zip, mask_runs
from cvlib.tasks.box_formats import distinct_names
from cvlib.tasks.labelled_zip import MOST_PICTURES
from cvlib.tasks.mask_archive import MOST_CLASSES
from cvlib.tasks.mask_formats import BACKGROUND
from cvlib.tasks.segmentation import IGNORE
from cvlib.ui import picker

KEY, NOTES, EDITED = "segment.mine", "segment.mine.notes", "segment.mine.edited"
PART = "segmentation"
FIRST_CLASSES = (BACKGROUND, "thing")
BYTES_A_PIXEL = 5
"""The picture's three, its mask, and the mask on the canvas."""
MOST_BYTES = 40 * 2**20
MOST_PIXELS = MOST_BYTES // BYTES_A_PIXEL
"""All pictures together: many are made smaller, so that they fit into what one person may hold."""
SIDE_STEP = 32


@dataclass(frozen=True, eq=False)
class PaintedPicture:
    """A picture with what is painted on it.

    Attributes:
        name: inert text.
        pixels: uint8 (H, W, 3).
        mask: uint8 (H, W), 0 background, 255 not judged.
    """

    name: str
    pixels: np.ndarray
    mask: np.ndarray

    def at_most(self, side: int) -> "PaintedPicture":
        """Made smaller if it has more than so many pixels a side; each pixel of the mask as the nearest one was."""
        pixels = labelled_zip.at_most(self.pixels, side)
        return self if pixels is self.pixels else self.at(pixels)

    def at(self, pixels: np.ndarray) -> "PaintedPicture":
        """With these pixels, its mask at their size."""
        return replace(self, pixels=pixels, mask=mask_runs.resized(self.mask, pixels.shape[:2]))


@dataclass(frozen=True)
class Mine:
    """Pictures with masks, and the classes' names, the background's first."""

    pictures: tuple[PaintedPicture, ...] = ()
    class_names: tuple[str, ...] = FIRST_CLASSES

    @property
    def nbytes(self) -> int:
        """Memory of the pictures with their masks."""
        return BYTES_A_PIXEL * sum(picture.mask.size for picture in self.pictures)

    @property
    def painted(self) -> int:
        """Number of pictures in which something is painted."""
        return len(own.painted([picture.mask for picture in self.pictures]))

    def with_pictures(self, found: Sequence[tuple[str, np.ndarray]]) -> "Mine":
        """More pictures, on which nothing is painted.

        Raises:
            ImageError: they would be too many.
        """
        if len(self.pictures) + len(found) > MOST_PICTURES:
            raise ImageError(f"{MOST_PICTURES} pictures are as many as fit. Remove some first.")
        more = tuple(PaintedPicture(name, pixels, np.zeros(pixels.shape[:2], np.uint8)) for name, pixels in found)
        return replace(self, pictures=self.pictures + more)

    def with_mask(self, place: int, mask: np.ndarray) -> "Mine":
        """Another mask on one picture."""
        pictures = list(self.pictures)
        pictures[place] = replace(pictures[place], mask=mask)
        return replace(self, pictures=tuple(pictures))

    def without(self, place: int) -> "Mine":
        """One picture less."""
        return replace(self, pictures=self.pictures[:place] + self.pictures[place + 1 :])

    def with_classes(self, names: Sequence[str]) -> "Mine":
        """Other class names beside the background. What is painted follows its name, or else its place in the list;
        what belongs to a class that is no more becomes background.

        Raises:
            ImageError: there is none, or there are too many.
        """
        wanted = distinct_names([BACKGROUND, *(name.strip() for name in names if name.strip())])
        if not 2 <= len(wanted) <= MOST_CLASSES + 1:
            raise ImageError(f"There can be 1 to {MOST_CLASSES} classes; {len(wanted) - 1} are named.")
        table = _renumbered(self.class_names, wanted)
        return Mine(tuple(replace(one, mask=table[one.mask]) for one in self.pictures), wanted)

    def fitting(self) -> tuple["Mine", list[str]]:
        """The same, made smaller if there is so much; and a sentence that says so."""
        side = _side_for([picture.mask.shape for picture in self.pictures])
        pictures = tuple(picture.at_most(side) for picture in self.pictures)
        if all(one is other for one, other in zip(pictures, self.pictures, strict=True)):
            return self, []
        what = "Large pictures were" if side >= limits.WORKING_SIDE else "So many pictures were"
        return replace(self, pictures=pictures), [f"{what} made smaller, to {side} pixels a side at most."]


def _side_for(sizes_hw: Sequence[tuple[int, ...]]) -> int:
    """The longest side that pictures of these sizes may have, to fit together into `MOST_BYTES`."""
    sides = range(limits.WORKING_SIDE, SIDE_STEP, -SIDE_STEP)
    return next((side for side in sides if sum(_pixels(size, side) for size in sizes_hw) <= MOST_PIXELS), SIDE_STEP)


def _pixels(size_hw: tuple[int, ...], side: int) -> float:
    """Of a picture that was made smaller to this side, rounded up."""
    height, width = (length * min(1.0, side / max(size_hw)) for length in size_hw)
    return (height + 1) * (width + 1)


def _renumbered(before: Sequence[str], after: Sequence[str]) -> np.ndarray:
    """uint8 (256,): the new value of each old one."""
    table = np.zeros(256, np.uint8)
    table[IGNORE] = IGNORE
    for old, name in enumerate(before[1:], start=1):
        if name in after[1:]:
            table[old] = after.index(name)
        elif old < len(after) and after[old] not in before[1:]:
            table[old] = old
    return table


def current() -> Mine:
    """This session's pictures."""
    return st.session_state.setdefault(KEY, Mine())


def change(to: Mine, notes: Sequence[str] = ()) -> None:
    """Take over changed pictures, made smaller if need be, if they fit into this session's share of the server's
    memory.

    Raises:
        Busy: they do not.
    """
    fitted, more = to.fitting()
    picker.share().hold(fitted.nbytes, PART)
    st.session_state[KEY], st.session_state[NOTES] = fitted, [*notes, *more]

"""A person's own labelled pictures: kept in their session, and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from cvlib.errors import ImageError
from cvlib.tasks.box_archive import MOST_CLASSES, MOST_PICTURES, LabelledPicture
from cvlib.tasks.box_formats import distinct_names
from cvlib.tasks.detections import Detections, nothing
from cvlib.ui import picker

KEY, NOTES, EDITED = "detect.mine", "detect.mine.notes", "detect.mine.edited"
PART = "detection"
FIRST_CLASSES = ("thing",)


@dataclass(frozen=True)
class Mine:
    """Pictures with boxes, and the classes' names."""

    pictures: tuple[LabelledPicture, ...] = ()
    class_names: tuple[str, ...] = FIRST_CLASSES

    @property
    def nbytes(self) -> int:
        """Memory of the pictures."""
        return sum(picture.pixels.nbytes for picture in self.pictures)

    @property
    def labelled(self) -> int:
        """Number of pictures with at least one box."""
        return sum(len(picture.boxes) > 0 for picture in self.pictures)

    def with_pictures(self, found: Sequence[tuple[str, np.ndarray]]) -> "Mine":
        """More pictures, without boxes.

        Raises:
            ImageError: they would be too many.
        """
        if len(self.pictures) + len(found) > MOST_PICTURES:
            raise ImageError(f"{MOST_PICTURES} pictures are as many as fit. Remove some first.")
        more = tuple(LabelledPicture(name, pixels, nothing(self.class_names)) for name, pixels in found)
        return replace(self, pictures=self.pictures + more)

    def with_boxes(self, place: int, boxes: Detections) -> "Mine":
        """Other boxes on one picture."""
        pictures = list(self.pictures)
        pictures[place] = replace(pictures[place], boxes=boxes)
        return replace(self, pictures=tuple(pictures))

    def without(self, place: int) -> "Mine":
        """One picture less."""
        return replace(self, pictures=self.pictures[:place] + self.pictures[place + 1 :])

    def with_classes(self, names: Sequence[str]) -> "Mine":
        """Other class names, in the same order; boxes of classes that are no more go with them.

        Raises:
            ImageError: there is none, or there are too many.
        """
        wanted = distinct_names([name.strip() for name in names if name.strip()])
        if not 1 <= len(wanted) <= MOST_CLASSES:
            raise ImageError(f"There can be 1 to {MOST_CLASSES} classes; {len(wanted)} are named.")
        pictures = tuple(
            replace(one, boxes=replace(one.boxes.take(one.boxes.labels < len(wanted)), class_names=wanted))
            for one in self.pictures
        )
        return Mine(pictures, wanted)


def current() -> Mine:
    """This session's pictures."""
    return st.session_state.setdefault(KEY, Mine())


def change(to: Mine, notes: Sequence[str] = ()) -> None:
    """Take over changed pictures, if they fit into this session's share of the server's memory.

    Raises:
        Busy: they do not.
    """
    picker.share().hold(to.nbytes, PART)
    st.session_state[KEY], st.session_state[NOTES] = to, list(notes)

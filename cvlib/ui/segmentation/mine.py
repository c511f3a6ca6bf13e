"""Teach it yours: paint masks on one's own pictures, open and save them as other programs do, and train on them."""

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from cvlib import images
from cvlib.data.scene_sets import scene_info
from cvlib.errors import UserError
from cvlib.figures.masks import area_colors
from cvlib.tasks import mask_archive
from cvlib.ui import picker
from cvlib.ui.errors import escaped, guard
from cvlib.ui.mask_canvas import paint_mask
from cvlib.ui.segmentation import own_masks, scenes, teaching
from cvlib.ui.segmentation.own_masks import Mine, PaintedPicture
from cvlib.ui.session import run as call

PLACE = "segment.mine.place"
"""The picture at hand."""
EXAMPLE, EXAMPLE_SIDE, EXAMPLE_SEED = 24, 128, 1
ZIP_MB = 50
MOST_NOTES = 3


def draw() -> None:
    """Classes and pictures on the left, the picture at hand in the middle, training below."""
    st.markdown(
        "Paint what belongs to what on **your own pictures**, and teach a network to do the same. Your pictures stay "
        "in this session and in the memory of the process that computes; nothing is kept when you leave."
    )
    for note in st.session_state.get(own_masks.NOTES, ()):
        st.warning(escaped(note), icon=":material/info:")
    made = own_masks.current()
    files, picture = st.columns([3, 5], gap="large")
    with files:
        _draw_files(made)
    with picture, guard():
        if made.pictures:
            _draw_picture(made)
        else:
            st.info("Add pictures, or start with the example.", icon=":material/add_photo_alternate:")
    if made.pictures:
        st.divider()
        now = own_masks.current()
        teaching.draw(now, now.pictures[_place(now)])


def _place(made: Mine) -> int:
    return min(st.session_state.get(PLACE, 0), len(made.pictures) - 1)


def _safely(action: Callable[[], None]) -> None:
    """Run a change in a callback; a refusal is shown as a note, and the widgets begin anew."""
    try:
        action()
    except UserError as error:
        st.session_state[own_masks.NOTES] = [str(error)]
    st.session_state[own_masks.EDITED] = st.session_state.get(own_masks.EDITED, 0) + 1


def _draw_files(made: Mine) -> None:
    edited = st.session_state.get(own_masks.EDITED, 0)
    names = f"segment.mine.names.{edited}"
    st.text_input(
        "What is to be found? Class names, with commas between them",
        ", ".join(made.class_names[1:]),
        key=names,
        on_change=lambda: _safely(partial(_rename, names)),
        help="For example: leaf, spot. One is enough; all that you do not paint is background.",
    )
    files = f"segment.mine.files.{edited}"
    st.file_uploader(
        "Add pictures",
        type=picker.FILE_TYPES,
        accept_multiple_files=True,
        key=files,
        max_upload_size=picker.MAX_MB,
        on_change=lambda: _safely(partial(_add, files)),
        help="Of anything. Then choose a class and paint it on each of them.",
    )
    archive = f"segment.mine.zip.{edited}"
    st.file_uploader(
        "Or open a ZIP with masks (PNG or COCO)",
        type=["zip"],
        key=archive,
        max_upload_size=ZIP_MB,
        on_change=lambda: _safely(partial(_open, archive)),
        help="Pictures in a folder images with a PNG of the same name in a folder masks, whose values or colours are "
        "the classes; or pictures with a COCO .json that has outlines or runs.",
    )
    if made.pictures:
        _draw_save(made)
    else:
        st.button(
            f"Start with an example ({EXAMPLE} drawn pictures)",
            icon=":material/auto_awesome:",
            key="segment.mine.example",
            on_click=lambda: _safely(_take_example),
            help="Drawn shapes with their masks: train on them at once, or change the masks first.",
        )


def _draw_save(made: Mine) -> None:
    st.download_button(
        "Save pictures and masks (ZIP)",
        partial(_zipped, made),
        "my-masks.zip",
        "application/zip",
        on_click="ignore",
        icon=":material/download:",
        key="segment.mine.save",
        help="PNG pictures, PNG masks with a palette, and the class names. It opens here again, and elsewhere.",
    )


def _zipped(made: Mine) -> bytes:
    pictures = [(one.name, one.pixels) for one in made.pictures]
    masks = [one.mask for one in made.pictures]
    return mask_archive.write(pictures, masks, made.class_names, area_colors(made.class_names))


def _rename(key: str) -> None:
    own_masks.change(own_masks.current().with_classes(st.session_state[key].split(",")))


def _add(key: str) -> None:
    files = [(file.getvalue(), file.name) for file in st.session_state[key] or ()]
    found = images.decode_many(files)
    before = own_masks.current()
    more = [(one.name, one.pixels) for one in found.kept]
    own_masks.change(before.with_pictures(more), _told(found))
    if more:
        st.session_state[PLACE] = len(before.pictures)


def _told(found: images.BatchResult) -> list[str]:
    """What was done to the pictures, a few sentences of it, each once; and which could not be read."""
    notes = list(dict.fromkeys(note for one in found.kept for note in one.notes))[:MOST_NOTES]
    return [*notes, *([found.problems] if found.problems else [])]


def _open(key: str) -> None:
    file = st.session_state[key]
    if file is not None:
        read = mask_archive.read(file.getvalue(), name=file.name)
        pictures = (PaintedPicture(*named, mask) for named, mask in zip(read.pictures, read.masks, strict=True))
        names = read.class_names if len(read.class_names) > 1 else own_masks.FIRST_CLASSES
        own_masks.change(Mine(tuple(pictures), names), read.notes)
        st.session_state[PLACE] = 0


def _take_example() -> None:
    split = call(scenes.first_pictures, "shapes", EXAMPLE_SIDE, EXAMPLE_SEED, EXAMPLE)
    pairs = zip(split.images, split.masks, strict=True)
    pictures = tuple(PaintedPicture(f"drawn {number}", *pair) for number, pair in enumerate(pairs, start=1))
    own_masks.change(Mine(pictures, scene_info("shapes").area_names))


def _draw_picture(made: Mine) -> None:
    place, total = _place(made), len(made.pictures)
    one = made.pictures[place]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Back", icon=":material/chevron_left:", key="segment.mine.back", on_click=_go,
                  args=((place - 1) % total,))  # fmt: skip
        st.markdown(f"Picture **{place + 1}** of {total}", width="content")
        st.button("Next", icon=":material/chevron_right:", key="segment.mine.next", on_click=_go,
                  args=((place + 1) % total,))  # fmt: skip
    st.caption(escaped(one.name))
    edited = st.session_state.get(own_masks.EDITED, 0)
    mask = paint_mask("segment.mine.canvas", one.pixels, one.mask, class_names=made.class_names,
                      colors=area_colors(made.class_names), kept=f"segment.mine.kept.{edited}.{place}",
                      label=one.name)  # fmt: skip
    if not np.array_equal(mask, one.mask):
        own_masks.change(made.with_mask(place, mask), st.session_state.get(own_masks.NOTES, ()))
    st.button(
        "Remove this picture",
        icon=":material/delete:",
        key="segment.mine.remove",
        type="tertiary",
        on_click=lambda: _safely(lambda: own_masks.change(own_masks.current().without(place))),
        help="It leaves your collection with its mask.",
    )


def _go(place: int) -> None:
    st.session_state[PLACE] = place

"""The picture on the page: a sample, a person's own, one of a data set, or a scene with boxes and masks."""

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from cvlib import data
from cvlib.augmenting import pictures
from cvlib.augmenting.looking import OTHERS, Shot
from cvlib.data.samples import SAMPLES
from cvlib.data.scene_sets import SCENES, scene_info
from cvlib.figures import grid
from cvlib.ui import address, picker
from cvlib.ui.augmentation import link, own_boxes
from cvlib.ui.augmentation.state import Subject
from cvlib.ui.picker import PickedImage
from cvlib.ui.session import run as call
from cvlib.ui.subject import FIRST_SAMPLE, OFFERED

SCENE = "augmentation.scene"
"""The chosen scene: (name, place, what was picked elsewhere at that time); no widget owns this key."""
RESTORED = "augmentation.restored"
FITTED = "augmentation.fitted"
KINDS = {"photo": "Photo", "scene": "Scene", "data": "Data set"}
SOURCES = ("sample", "upload", "camera", "drawing")
POOL = 8
OTHER_SCENES = "other scenes"
FIRST_DATA, FIRST_SCENE = "digits", "street"
MOST_DIGITS = 8
"""Of a number in the address."""


def choose() -> Subject:
    """The left column's upper part: which picture, and boxes that a person draws on it."""
    _restore()
    _offer()
    # Its title does not name the picture: an expander with another title is another one, and folded.
    box = st.expander("Picture", icon=":material/image:", key="augmentation.picture", on_change="rerun")
    if box.open:
        with box:
            _choose_kind()
    address.write({"picture": _address()})
    scene = _scene()
    return _scene_subject(*scene) if scene else _picked_subject(st.session_state[picker.CURRENT])


# -- which -------------------------------------------------------------------------------------------------------


def _scene() -> tuple[str, int] | None:
    """The chosen scene; none if another picture was picked after it, here or on another page."""
    name, place, passed = st.session_state.get(SCENE, (None, 0, None))
    return None if name is None or passed is not st.session_state.get(picker.CURRENT) else (name, place)


def _take_scene(name: str, place: int) -> None:
    st.session_state[SCENE] = name, place % scene_info(name).counts["test"], st.session_state.get(picker.CURRENT)


def _take_picked(picked: PickedImage) -> None:
    st.session_state[picker.CURRENT] = picked
    st.session_state.pop(SCENE, None)


def _offer() -> None:
    """A picture to begin with, which other pages may take for their own first one."""
    if st.session_state.get(picker.CURRENT) is None:
        scene = st.session_state.get(SCENE)
        st.session_state[picker.CURRENT] = picker.sample_picture(call, FIRST_SAMPLE)
        st.session_state[OFFERED] = "", st.session_state[picker.CURRENT]
        if scene is not None:
            _take_scene(*scene[:2])


def _address() -> str | None:
    """Pictures that everybody has can be named: `sample-cat`, `street-3`, `digits-17`."""
    picked, scene = st.session_state[picker.CURRENT], _scene()
    if scene:
        return f"scene-{scene[0]}-{scene[1]}"
    if picked.data is not None and picked.index is not None:
        return f"{picked.data}-{picked.index}"
    return None if picked.sample is None else f"sample-{picked.sample}"


def _restore() -> None:
    """At the first visit: the picture of the address."""
    text = st.query_params.get("picture")
    if text is None or RESTORED in st.session_state:
        return
    st.session_state[RESTORED] = True
    if not _restored(text):
        del st.query_params["picture"]
        link.notice("picture")


def _restored(text: str) -> bool:
    kind, _, rest = text.partition("-")
    name, _, number = rest.partition("-")
    if kind == "sample" and rest in SAMPLES:
        _take_picked(picker.sample_picture(call, rest))
    elif kind == "scene" and name in _scenes() and _is_place(number):
        _take_scene(name, int(number))
    elif kind in _data_sets() and _is_place(rest) and int(rest) < len(_labels(kind)):
        _take_picked(_picked(kind, int(rest)))
    else:
        return False
    return True


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS


# -- controls ----------------------------------------------------------------------------------------------------


def _choose_kind() -> None:
    picked = st.session_state[picker.CURRENT]
    now = "scene" if _scene() else "data" if picked.data is not None else "photo"
    kind = st.segmented_control(
        "Picture from", list(KINDS), default=now, format_func=KINDS.__getitem__, key="augmentation.kind",
        required=True, label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    {"photo": _choose_photo, "scene": _choose_scene, "data": _choose_data}[kind or now]()


def _choose_photo() -> None:
    before = st.session_state[picker.CURRENT]
    first = before.source if before.source in SOURCES else "sample"
    picked = picker.pick_image(call, key="augmentation", sources=SOURCES, first=first)
    if picked is None:  # an empty drawing
        _offer()
    elif picked is not before and picked.digest != before.digest:
        st.session_state.pop(SCENE, None)
    elif picked is not before and _scene():
        _take_scene(*_scene_before())
    if _scene():
        st.button(
            "Use this one", key="augmentation.use", icon=":material/check:", on_click=_take_picked,
            args=(st.session_state[picker.CURRENT],), help="Take this picture in place of the scene.",
        )  # fmt: skip


def _scene_before() -> tuple[str, int]:
    name, place, _ = st.session_state[SCENE]
    return name, place


def _scenes() -> list[str]:
    return [name for name, card in SCENES.items() if card.available()]


def _choose_scene() -> None:
    here, scene = _scenes(), _scene()
    first = scene[0] if scene else FIRST_SCENE
    name = st.selectbox(
        "Scenes", here, here.index(first), format_func=lambda name: scene_info(name).title,
        key="augmentation.scenes", help="Pictures of which it is known what is where: boxes, masks, or both.",
    )  # fmt: skip
    if scene is None or scene[0] != name:
        _take_scene(name, 0)
    st.button("Another one", key="augmentation.scene.next", icon=":material/skip_next:", on_click=_next_scene,
              help=f"The next of {scene_info(name).counts['test']:,} test pictures.")  # fmt: skip


def _next_scene() -> None:
    name, place = _scene_before()
    _take_scene(name, place + 1)


def _data_sets() -> list[str]:
    return [card.name for card in data.catalog() if card.available()]


def _choose_data() -> None:
    here, picked = _data_sets(), st.session_state[picker.CURRENT]
    from_data = picked.data in here and _scene() is None
    name = st.selectbox(
        "Data set", here, here.index(picked.data if from_data else FIRST_DATA),
        format_func=lambda name: data.info(name).title, key="augmentation.data",
        help="Pictures with one class each, none of which a network has learned from.",
    )  # fmt: skip
    names = data.info(name).class_names
    from_it = from_data and picked.data == name
    label = st.selectbox(
        "Show a", range(len(names)), picked.label if from_it and picked.label is not None else 0,
        format_func=names.__getitem__, key=f"augmentation.class.{name}", help="The class of the picture.",
    )  # fmt: skip
    places = np.flatnonzero(_labels(name) == label)
    if not from_it or picked.label != label:
        _take_picked(_picked(name, int(places[0])))
    st.button(
        "Another one", key="augmentation.data.next", icon=":material/skip_next:", on_click=_next_data,
        args=(name, places.tolist()), help=f"The next of {len(places):,} test pictures of this class.",
    )  # fmt: skip


def _next_data(name: str, places: list[int]) -> None:
    now = st.session_state[picker.CURRENT].index
    _take_picked(_picked(name, next((place for place in places if now is not None and place > now), places[0])))


# -- the picture ---------------------------------------------------------------------------------------------------


@st.cache_data(show_spinner=False, max_entries=16)
def _labels(name: str) -> np.ndarray:
    """Only built-in pictures are shared, here and below, never a visitor's."""
    return call(pictures.test_labels, name)


@st.cache_data(show_spinner="Fetching the picture …", max_entries=64)
def _test_shots(name: str, places: tuple[int, ...]) -> tuple[Shot, ...]:
    return call(pictures.test_shots, name, list(places))


@st.cache_data(show_spinner="Fetching the picture …", max_entries=64)
def _scene_shots(name: str, places: tuple[int, ...]) -> tuple[Shot, ...]:
    return call(pictures.scene_shots, name, list(places))


def _picked(name: str, place: int) -> PickedImage:
    """A test picture as one that was picked, so that it follows to every page."""
    [shot] = _test_shots(name, (place,))
    rgb = np.repeat(shot.image, 3, axis=2) if shot.image.shape[2] == 1 else shot.image
    label = int(_labels(name)[place])
    return PickedImage(rgb, f"test picture {place}, {shot.name}", (), "test", name, place, label)


def _around(place: int, count: int) -> tuple[int, ...]:
    return tuple((place + step) % count for step in range(1, min(POOL, count - 1) + 1))


def _scene_subject(name: str, place: int) -> Subject:
    [shot] = _scene_shots(name, (place,))
    others = _scene_shots(name, _around(place, scene_info(name).counts["test"]))
    return Subject(shot, tuple(replace(other, name=OTHER_SCENES) for other in others))


def _picked_subject(picked: PickedImage) -> Subject:
    if picked.data in _data_sets() and picked.index is not None:
        return _data_subject(picked)
    shot = own_boxes.choose(Shot(_shrunk(picked.pixels), picked.name))
    others = [name for name in OTHERS if name != picked.sample]
    return Subject(shot, tuple(_sample(name) for name in others))


def _data_subject(picked: PickedImage) -> Subject:
    card = data.info(picked.data)
    shot = Shot(picked.pixels[..., : card.image_shape[2]], card.class_names[picked.label])
    around = _around(picked.index, len(_labels(card.name)))
    return Subject(own_boxes.choose(shot), _test_shots(card.name, around), card.name, picked.label)


@st.cache_data(show_spinner=False, max_entries=16)
def _sample(name: str) -> Shot:
    return Shot(grid.shrunk(picker.sample_picture(call, name).pixels, pictures.LONGEST), SAMPLES[name].title)


def _shrunk(pixels: np.ndarray) -> np.ndarray:
    """Small enough, made once for all runs of the page; kept in the session, for it may be a person's."""
    kept: tuple[Any, Any] = st.session_state.get(FITTED, (None, None))
    if kept[0] is not pixels:
        kept = st.session_state[FITTED] = pixels, grid.shrunk(pixels, pictures.LONGEST)
    return kept[1]

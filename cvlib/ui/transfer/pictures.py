"""Step one: the classes and their pictures."""

from dataclasses import replace
from functools import partial

import streamlit as st

from cvlib import images
from cvlib.errors import UserError
from cvlib.transfer import project as projects
from cvlib.transfer import ready
from cvlib.transfer.project import CLASSES, Picture, Project
from cvlib.ui import address, picker
from cvlib.ui.errors import escaped, guard
from cvlib.ui.transfer import state
from cvlib.ui.words import count

THUMB_PX = 72
SHOWN = 12
OWN = "own"
EDITED = "transfer.edited"
"""Counts the changes: the keys of upload fields carry it, so that a field is empty once its files were taken."""


def draw() -> None:
    """The whole tab."""
    made = state.project()
    for note in st.session_state.get(state.NOTES, []):
        st.caption(f":material/info: {escaped(note)}")
    for warning in made.warnings():
        st.caption(f":material/lightbulb: {escaped(warning)}")
    for label in range(len(made.class_names)):
        with st.container(border=True), guard():
            _draw_class(made, label)
    if len(made.class_names) < CLASSES[1]:
        st.button("Add a class", icon=":material/add:", key="transfer.add", on_click=partial(_safely, _add_class))
    _draw_files(made)


def choose_start() -> None:
    """Where the pictures come from, in the left column."""
    options = [*ready.here(), OWN]
    wanted = st.query_params.get("data")
    if state.START not in st.session_state and wanted in options:
        st.session_state[state.START] = wanted
    name = st.selectbox(
        "Pictures",
        options,
        format_func=lambda name: "My own pictures" if name == OWN else ready.CATALOG[name].title,
        key=state.START,
        persist_state="session",
        on_change=lambda: _safely(partial(state.start_from, st.session_state[state.START])),
        help="A ready set to begin with, or classes of your own from files, a folder, a ZIP or the camera.",
    )
    address.write({"data": None if name == options[0] else name})
    st.caption(
        "Your pictures stay in this session and in the host's working memory. Nobody else can see them, and they are "
        "forgotten when you close the page."
    )


def _safely(change) -> None:
    """Run a change in a callback; a refusal is shown as a note."""
    try:
        change()
    except UserError as error:
        st.session_state[state.NOTES] = [str(error)]
    st.session_state[EDITED] = st.session_state.get(EDITED, 0) + 1


def _add_class() -> None:
    made = state.project()
    number = len(made.class_names) + 1
    while f"class {number}" in {name.casefold() for name in made.class_names}:
        number += 1
    state.change(made.with_class(f"Class {number}"))


def _draw_class(made: Project, label: int) -> None:
    own = [(place, picture) for place, picture in enumerate(made.pictures) if picture.label == label]
    edited = st.session_state.get(EDITED, 0)
    name, add, more = st.columns([3, 2, 1], vertical_alignment="bottom")
    name.text_input(
        f"Class {label + 1} · {count(len(own), 'picture')}", made.class_names[label], max_chars=projects.LONGEST_NAME,
        key=f"transfer.name.{label}.{edited}", on_change=_rename, args=(label, f"transfer.name.{label}.{edited}"),
    )  # fmt: skip
    with add.popover("Add pictures", icon=":material/add_a_photo:", width="stretch"):
        _draw_adding(label, edited)
    more.button("", icon=":material/delete:", key=f"transfer.drop.{label}.{edited}", help="Remove this class",
                on_click=lambda: _safely(lambda: state.change(state.project().without_class(label))),
                width="stretch")  # fmt: skip
    if own:
        _draw_pictures(made, label, own, edited)


def _rename(label: int, key: str) -> None:
    name = st.session_state[key]
    _safely(lambda: state.change(state.project().renamed(label, name)))


def _draw_adding(label: int, edited: int) -> None:
    key = f"transfer.files.{label}.{edited}"
    st.file_uploader("Files", type=picker.FILE_TYPES, accept_multiple_files=True, key=key,
                     on_change=_take_files, args=(label, key), max_upload_size=picker.MAX_MB)  # fmt: skip
    shot = f"transfer.camera.{label}.{edited}"
    if st.toggle("Use the camera", key=f"transfer.live.{label}"):
        st.camera_input("One press, one picture", key=shot, on_change=_take_shot, args=(label, shot))


def _take_files(label: int, key: str) -> None:
    files = [(file.getvalue(), file.name) for file in st.session_state[key] or ()]
    _safely(lambda: _add(label, files))


def _take_shot(label: int, key: str) -> None:
    shot = st.session_state[key]
    if shot is not None:
        _safely(lambda: _add(label, [(shot.getvalue(), "camera picture")]))


def _add(label: int, files: list[tuple[bytes, str]]) -> None:
    found = images.decode_many(files)
    made, notes = state.project().with_pictures(label, [(one.pixels, one.name) for one in found.kept])
    state.change(made, [*([found.problems] if found.problems else []), *notes])


def _draw_pictures(made: Project, label: int, own: list[tuple[int, Picture]], edited: int) -> None:
    everything = len(own) <= SHOWN or st.toggle("Show all", key=f"transfer.all.{label}")
    shown = own if everything else own[:SHOWN]
    with st.container(horizontal=True, gap="small"):
        for _, picture in shown:
            st.image(picture.pixels, width=THUMB_PX, output_format="JPEG")
    numbers = {place: str(number + 1) for number, (place, _) in enumerate(own)}
    with st.popover("Remove or move pictures", icon=":material/checklist:"):
        chosen = st.multiselect(
            "Pictures, counted from the left", list(numbers), format_func=numbers.__getitem__,
            key=f"transfer.chosen.{label}.{edited}",
        )  # fmt: skip
        with st.container(horizontal=True):
            for place in chosen:
                st.image(made.pictures[place].pixels, width=THUMB_PX, output_format="JPEG")
        st.button("Remove", icon=":material/delete:", key=f"transfer.remove.{label}.{edited}", disabled=not chosen,
                  on_click=lambda: _safely(lambda: state.change(state.project().without(chosen))))  # fmt: skip
        for other, name in enumerate(made.class_names):
            if other != label:
                st.button(
                    f"Move to {escaped(name)}", key=f"transfer.move.{label}.{other}.{edited}", disabled=not chosen,
                    on_click=lambda to=other: _safely(lambda: state.change(state.project().moved(chosen, to))),
                )  # fmt: skip


def _draw_files(made: Project) -> None:
    st.markdown("**All classes at once**")
    opened, folder = st.columns(2)
    edited = st.session_state.get(EDITED, 0)
    key = f"transfer.zip.{edited}"
    opened.file_uploader(
        "Open a ZIP: one folder a class, or a project saved here", type=["zip"], key=key, on_change=_open_zip,
        args=(key,), max_upload_size=50,
    )  # fmt: skip
    inside = f"transfer.folder.{edited}"
    folder.file_uploader(
        "Open a folder: its inner folders are the classes", type=picker.FILE_TYPES, accept_multiple_files="directory",
        key=inside, on_change=_open_folder, args=(inside,), max_upload_size=picker.MAX_MB,
    )  # fmt: skip
    st.download_button(
        "Save the project as a ZIP", partial(_saved, made), file_name="my-classes.zip",
        mime="application/zip", on_click="ignore", icon=":material/download:", disabled=not made.class_names,
        help="All classes with their pictures, and the network you build on. It opens here again, also on another "
        "host.",
    )  # fmt: skip


def _saved(made: Project) -> bytes:
    return projects.to_archive(replace(made, base=st.session_state.get("transfer.base")))


def _open_zip(key: str) -> None:
    file = st.session_state[key]
    if file is not None:
        _safely(lambda: _open(*projects.from_archive(file.getvalue(), name=file.name)))


def _open_folder(key: str) -> None:
    files = [(file.getvalue(), file.name) for file in st.session_state[key] or ()]
    if files:
        _safely(lambda: _open(*projects.from_folder(files)))


def _open(made: Project, notes: list[str]) -> None:
    state.change(made, notes)
    st.session_state[state.START] = OWN
    if made.base is not None:
        st.session_state["transfer.base.wanted"] = made.base

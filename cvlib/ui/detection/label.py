"""Label one's own pictures: draw boxes, open and save them as other programs do, and train on them."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from cvlib import images, ongoing
from cvlib.data.scene_sets import scene_info
from cvlib.detecting import own
from cvlib.errors import UserError
from cvlib.figures import curves
from cvlib.tasks import box_archive, detection
from cvlib.tasks.box_archive import LabelledPicture
from cvlib.ui import picker
from cvlib.ui.augmentation import choice
from cvlib.ui.box_canvas import draw_boxes
from cvlib.ui.detection import looking, mine, own_picture, scenes
from cvlib.ui.detection.mine import Mine
from cvlib.ui.errors import guard
from cvlib.ui.following import follow
from cvlib.ui.session import run as call
from cvlib.ui.words import count, percent

PLACE = "detect.mine.place"
TOKEN = "detect.mine.token"
"""Under which the worker keeps the detector of these pictures, with its last `Part`."""
EXAMPLE = 24
EPOCHS, SIDE = 40, 128


def draw() -> None:
    """Classes and pictures on the left, the picture at hand in the middle, training below."""
    st.markdown(
        "Mark things in **your own pictures** and teach a detector to find them. Your pictures stay in this session "
        "and in the memory of the process that computes; nothing is kept when you leave."
    )
    for note in st.session_state.get(mine.NOTES, ()):
        st.warning(note, icon=":material/info:")
    made = mine.current()
    files, picture = st.columns([3, 5], gap="large")
    with files:
        _draw_files(made)
    with picture, guard():
        if made.pictures:
            _draw_picture(made)
        else:
            st.info("Add pictures on the left, or start with the example.", icon=":material/add_photo_alternate:")
    if made.pictures:
        st.divider()
        _draw_training(mine.current())


def _safely(action: Callable[[], None]) -> None:
    """Run a change in a callback; a refusal is shown as a note, and the widgets begin anew."""
    try:
        action()
    except UserError as error:
        st.session_state[mine.NOTES] = [str(error)]
    st.session_state[mine.EDITED] = st.session_state.get(mine.EDITED, 0) + 1


def _draw_files(made: Mine) -> None:
    edited = st.session_state.get(mine.EDITED, 0)
    names = f"detect.mine.names.{edited}"
    st.text_input(
        "What is to be found? Class names, with commas between them",
        ", ".join(made.class_names),
        key=names,
        on_change=lambda: _safely(partial(_rename, names)),
        help="For example: cup, spoon. One class is enough.",
    )
    files = f"detect.mine.files.{edited}"
    st.file_uploader(
        "Add pictures",
        type=picker.FILE_TYPES,
        accept_multiple_files=True,
        key=files,
        max_upload_size=picker.MAX_MB,
        on_change=lambda: _safely(partial(_add, files)),
    )
    archive = f"detect.mine.zip.{edited}"
    st.file_uploader(
        "Or open a ZIP with boxes (COCO, YOLO or Pascal VOC)",
        type=["zip"],
        key=archive,
        max_upload_size=50,
        on_change=lambda: _safely(partial(_open, archive)),
        help="Pictures together with a COCO .json, or with a .txt (YOLO) or .xml (Pascal VOC) beside each.",
    )
    if not made.pictures:
        st.button(
            f"Start with an example ({EXAMPLE} drawn pictures)",
            icon=":material/auto_awesome:",
            key="detect.mine.example",
            on_click=lambda: _safely(_take_example),
        )
        return
    with st.container(horizontal=True):
        for title, write in (("YOLO", box_archive.write_yolo_zip), ("COCO", box_archive.write_coco_zip)):
            st.download_button(
                f"Save as {title} (ZIP)",
                partial(write, made.pictures, made.class_names),
                f"my-boxes-{title.lower()}.zip",
                "application/zip",
                on_click="ignore",
                icon=":material/download:",
            )


def _rename(key: str) -> None:
    mine.change(mine.current().with_classes(st.session_state[key].split(",")))


def _add(key: str) -> None:
    files = [(file.getvalue(), file.name) for file in st.session_state[key] or ()]
    found = images.decode_many(files)
    more = [(one.name, one.pixels) for one in found.kept]
    mine.change(mine.current().with_pictures(more), [found.problems] if found.problems else [])


def _open(key: str) -> None:
    file = st.session_state[key]
    if file is not None:
        read = box_archive.read(file.getvalue(), name=file.name)
        mine.change(Mine(read.pictures, read.class_names), read.notes)
        st.session_state[PLACE] = 0


def _take_example() -> None:
    split = call(scenes.first_pictures, "shapes", None, 1, False, EXAMPLE)
    names = scene_info("shapes").class_names
    truth = detection.truths(split, names)
    pictures = [
        LabelledPicture(f"drawn {number}", pixels, boxes)
        for number, (pixels, boxes) in enumerate(zip(split.images, truth, strict=True), start=1)
    ]
    mine.change(Mine(tuple(pictures), names))


def _draw_picture(made: Mine) -> None:
    place = min(st.session_state.get(PLACE, 0), len(made.pictures) - 1)
    one = made.pictures[place]
    back, where, on = st.columns([1, 3, 1], vertical_alignment="center")
    total = len(made.pictures)
    back.button(
        "Back", icon=":material/chevron_left:", key="detect.mine.back", on_click=_go, args=((place - 1) % total,),
        width="stretch",
    )  # fmt: skip
    where.text(f"{one.name} · picture {place + 1} of {total}")
    on.button(
        "Next", icon=":material/chevron_right:", key="detect.mine.next", on_click=_go, args=((place + 1) % total,),
        width="stretch",
    )  # fmt: skip
    boxes = draw_boxes("detect.mine.boxes", one.pixels, one.boxes, kept=f"detect.mine.kept.{place}", label=one.name)
    if boxes is not one.boxes:
        mine.change(made.with_boxes(place, boxes), st.session_state.get(mine.NOTES, ()))
    st.button(
        "Remove this picture",
        icon=":material/delete:",
        key="detect.mine.remove",
        type="tertiary",
        on_click=lambda: _safely(lambda: mine.change(mine.current().without(place))),
    )


def _go(place: int) -> None:
    st.session_state[PLACE] = place


def _draw_training(made: Mine) -> None:
    st.markdown(f"#### Train on them · {made.labelled} of {count(len(made.pictures), 'picture')} have boxes")
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    epochs = left.slider(
        "Epochs", 5, 100, EPOCHS, 5, key="detect.mine.epochs",
        help="How often it goes through your pictures. With few pictures it takes many.",
    )  # fmt: skip
    side = middle.segmented_control(
        "Pixels a side it looks at", own.SIDES, default=SIDE, key="detect.mine.side", required=True,
        help="More pixels show smaller things, and take longer: twice the side, four times the time.",
    )  # fmt: skip
    with st.expander("More settings", icon=":material/tune:"):
        augmentation = choice.choose("detection", key="detect.mine.augmentation")
    if right.button("Train", type="primary", icon=":material/play_arrow:", key="detect.mine.train", width="stretch"):
        with guard():
            _train(made, side or SIDE, epochs, augmentation)
    if TOKEN in st.session_state:
        _draw_result(made)


def _train(made: Mine, side: int, epochs: int, augmentation: str) -> None:
    if old := st.session_state.pop(TOKEN, None):
        call(ongoing.forget, [old[0]])
    pictures = [one.pixels for one in made.pictures]
    boxes = [one.boxes for one in made.pictures]
    own.check(boxes)
    with st.spinner("Preparing the first step …"):
        token = call(own.begin, pictures, boxes, side, epochs, augmentation)
    place, last = st.empty(), None
    for parts in follow(token, lambda part: part.share, text="Training", key="detect.mine", forget=False):
        before, last = last, parts[-1]
        st.session_state[TOKEN] = token, last
        if last.losses and (before is None or len(last.losses) != len(before.losses)):
            place.vega_lite_chart(curves.learning_curve({"loss": last.losses}, "loss", epochs=epochs))
    place.empty()


def _draw_result(made: Mine) -> None:
    token, last = st.session_state[TOKEN]
    if last.map50 is None:
        st.info("The training was stopped; what it has learned so far is used.", icon=":material/stop:")
    else:
        held = max(1, round(own.HELD_SHARE * len(made.pictures)))
        st.success(
            f"Done. It reaches **{percent(last.map50)}** mAP (IoU 0.5) on {count(held, 'picture')} held back.",
            icon=":material/check_circle:",
        )
    st.markdown("**Try it** on one of your pictures, or on another one:")
    left, right = st.columns([2, 3], gap="large")
    with left:
        picked = picker.pick_image(call, key="detect.mine.try", sources=("upload", "camera", "sample"), first="upload")
        along = st.slider("Tiles along the longer side", 1, 5, 1, key="detect.mine.tiles")
        st.download_button(
            "The detector for Keras (ZIP)",
            partial(call, own.as_files, token),
            "my-detector.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/download:",
            help="The network, its class names, and a program of 30 lines that finds boxes on a picture.",
        )
    with right, guard():
        if picked is not None:
            own_picture.show(
                picked, call(own.detect, token, picked.pixels, along), stem="mine", key="detect.mine.shown"
            )
        else:
            one = made.pictures[min(st.session_state.get(PLACE, 0), len(made.pictures) - 1)]
            found = call(own.detect, token, one.pixels, along)
            choice = looking.controls(found.class_names, key="detect.mine.shown", truth=True)
            looking.draw(one.pixels, found, choice, key="detect.mine.picture", truth=one.boxes)

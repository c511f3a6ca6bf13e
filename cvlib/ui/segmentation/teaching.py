"""Training on one's own pictures with masks: the settings, the progress, the result, and trying it."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import models, ongoing
from cvlib.figures import curves
from cvlib.figures.masks import area_colors
from cvlib.segmenting import own
from cvlib.segmenting.looking import Looked
from cvlib.spec import LOSSES
from cvlib.tasks import mask_formats, mask_tiling
from cvlib.tasks.segmentation import Prediction, Scores
from cvlib.ui import picker
from cvlib.ui.augmentation import choice
from cvlib.ui.errors import escaped, guard
from cvlib.ui.following import follow
from cvlib.ui.picker import PickedImage
from cvlib.ui.segmentation import own_picture, scenes
from cvlib.ui.segmentation.own_masks import Mine, PaintedPicture
from cvlib.ui.segmentation.settings import LOSS_NAMES
from cvlib.ui.session import run as call
from cvlib.ui.words import count, percent

TOKEN = "segment.mine.token"
"""Under which the worker keeps the network of these pictures, with its last `Part` and its class names."""
HELD = "segment.mine.held"
"""What it said of pictures that were held back: (token, list of `Looked`)."""
FOUND = "segment.mine.found"
"""What it said last: (what was asked, `Prediction`)."""
EPOCHS, SIDE = 40, 128
SHOWN, THUMB_PX = 4, 160
TRY = {"mine": "The picture above", "other": "Another picture"}


def draw(made: Mine, one: PaintedPicture) -> None:
    """The whole training of these pictures; `one` is at hand."""
    st.markdown(f"#### Train on them · {made.painted} of {count(len(made.pictures), 'picture')} have painted areas")
    settings = _choose()
    if st.button("Train", type="primary", icon=":material/play_arrow:", key="segment.mine.train",
                 help="It learns from four fifths of the painted pictures, and is judged on the others."):  # fmt: skip
        with guard():
            _train(made, *settings)
    if TOKEN in st.session_state:
        _draw_result(one)


def _choose() -> tuple[int, int, str, str, str]:
    """Pixels a side, epochs, network, loss and augmentation."""
    left, middle, right = st.columns(3)
    model = left.selectbox(
        "Network", list(models.SEGMENTERS), format_func=lambda name: models.info(name).title, key="segment.mine.model",
        help="How it gets from a picture to a class for every pixel.",
    )  # fmt: skip
    epochs = middle.slider(
        "Epochs", 5, 100, EPOCHS, 5, key="segment.mine.epochs",
        help="How often it goes through your pictures. With few pictures it takes many.",
    )  # fmt: skip
    side = right.segmented_control(
        "Pixels a side it looks at", own.SIDES, default=SIDE, key="segment.mine.side", required=True,
        help="More pixels show finer edges, and take longer: twice the side, four times the time.",
    )  # fmt: skip
    with st.expander("More settings", icon=":material/tune:"):
        loss = st.selectbox(
            "Loss", LOSSES, format_func=lambda loss: LOSS_NAMES[loss][0], key="segment.mine.loss",
            help="What the training makes small. It decides whether a small class matters as much as a large one.",
        )  # fmt: skip
        st.caption(LOSS_NAMES[loss][1])
        augmentation = choice.choose("segmentation", key="segment.mine.augmentation")
    return side or SIDE, epochs, model, loss, augmentation


def _train(made: Mine, side: int, epochs: int, model: str, loss: str, augmentation: str) -> None:
    masks = [one.mask for one in made.pictures]
    own.check(masks)
    if old := st.session_state.pop(TOKEN, None):
        call(ongoing.forget, [old[0]])
    used = own.painted(masks)
    pictures = [made.pictures[place].pixels for place in used]
    with st.spinner("Preparing the first step …"):
        token = call(
            own.begin,
            pictures,
            [masks[place] for place in used],
            made.class_names,
            side,
            epochs,
            model,
            loss,
            augmentation,
        )
    place, last = st.empty(), None
    for parts in follow(token, lambda part: part.share, text="Training", key="segment.mine", forget=False):
        before, last = last, parts[-1]
        st.session_state[TOKEN] = token, last, made.class_names
        if last.losses and (before is None or len(last.losses) != len(before.losses)):
            place.vega_lite_chart(curves.learning_curve({"loss": last.losses}, "loss", epochs=epochs))
    place.empty()


def _draw_result(one: PaintedPicture) -> None:
    token, last, names = st.session_state[TOKEN]
    if last.judged is None:
        st.info("The training was stopped; what it has learned so far is used.", icon=":material/stop:")
    else:
        _draw_judged(last.judged, names)
    with guard():
        _draw_held(token, names)
    st.markdown("**Try it** on the picture above, or on another one:")
    with guard():
        _try(token, names, one)
    st.download_button(
        "The network for Keras and TFLite (ZIP)",
        partial(call, own.as_files, token),
        "my-network.zip",
        "application/zip",
        on_click="ignore",
        icon=":material/download:",
        key="segment.mine.network",
        help="The network, its class names, and a program of 40 lines that names every pixel of a picture.",
    )


def _draw_judged(scores: Scores, names: tuple[str, ...]) -> None:
    st.success(
        f"Done. On pictures held back it reaches **{percent(scores.miou)}** mean IoU, and gives "
        f"**{percent(scores.pixel_accuracy)}** of the pixels the right class.",
        icon=":material/check_circle:",
    )
    frame = pd.DataFrame({"class": names, "IoU (%)": 100 * scores.iou, "true pixels": scores.truth.astype(int)})
    with st.expander("Class by class", icon=":material/table:"):
        st.dataframe(
            frame, hide_index=True,
            column_config={"IoU (%)": st.column_config.NumberColumn(format="%.1f"),
                           "true pixels": st.column_config.NumberColumn(format="localized")},
        )  # fmt: skip
        st.caption(
            "IoU is the share of pixels on which the network and you agree, of all that either of you gives to the "
            "class. Empty: the class is in none of the pictures held back, and was not found there."
        )


def _draw_held(token: str, names: tuple[str, ...]) -> None:
    """Some of the pictures that were held back, as painted and as the network says."""
    if st.session_state.get(HELD, (None, None))[0] != token:
        st.session_state[HELD] = token, call(own.held_back, token, SHOWN)
    colors = area_colors(names)
    st.markdown("**Pictures it did not learn from:** above as you painted them, below as the network says.")
    with st.container(horizontal=True, gap="small"):
        for seen in st.session_state[HELD][1]:
            with st.container(width=THUMB_PX, gap="xxsmall"):
                for mask in (seen.truth, seen.prediction.labels):
                    st.image(_painted(seen, mask, colors), width=THUMB_PX, output_format="PNG")
    scenes.legend(names[1:], colors[1:])


def _painted(seen: Looked, mask: np.ndarray, colors: tuple[str, ...]) -> np.ndarray:
    return mask_formats.overlay(seen.image, mask, colors, opacity=0.6)


def _try(token: str, names: tuple[str, ...], one: PaintedPicture) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        which = st.segmented_control(
            "Which picture?", list(TRY), default="mine", format_func=TRY.__getitem__, key="segment.mine.which",
            required=True, label_visibility="collapsed",
        )  # fmt: skip
        if which == "other":
            picked = picker.pick_image(
                call, key="segment.mine.try", sources=("upload", "camera", "sample"), first="upload"
            )
        else:
            picked = PickedImage(one.pixels, one.name, (), "upload")
            st.caption("Turn to other pictures with Back and Next above.")
        along = st.slider(
            "Tiles along the longer side", 1, mask_tiling.MOST_TILES, 1, key="segment.mine.tiles",
            help="1 looks at the whole picture at once. More tiles enlarge its parts, and it takes longer.",
        )  # fmt: skip
    with right, guard():
        if picked is None:
            st.info("Upload or pick a picture: its mask appears here.", icon=":material/image_search:")
            return
        st.caption(f"What your network says of {escaped(picked.name)}:")
        found = _found(token, picked, along)
        own_picture.show(picked, found, area_colors(names), stem="mine", key="segment.mine.shown")


def _found(token: str, picked: PickedImage, along: int) -> Prediction:
    """What the network says; kept in the session until something else is asked, for every stroke draws the page."""
    asked = token, picked.digest, along
    before, found = st.session_state.get(FOUND, (None, None))
    if before != asked:
        with st.spinner("Looking …"):
            found = call(own.segment, token, picked.pixels, along)
        st.session_state[FOUND] = asked, found
    return found

"""On a picture of one's own: with a network that was trained here, or with one that others trained on photos."""

import json
from collections.abc import Callable

import numpy as np
import streamlit as st

from cvlib import recipes
from cvlib.errors import UserError
from cvlib.runs import Run
from cvlib.segmenting import pretrained
from cvlib.tasks import mask_formats, mask_tiling
from cvlib.tasks.mask_tiling import Part
from cvlib.tasks.segmentation import Prediction
from cvlib.ui import downloads, picker
from cvlib.ui.errors import escaped
from cvlib.ui.following import follow
from cvlib.ui.picker import PickedImage
from cvlib.ui.segmentation import looking, scenes
from cvlib.ui.session import engine
from cvlib.ui.session import run as call

FOUND = "segment.own.found"
"""What was found last: (what was asked, `Prediction`, or None if it was stopped or could not be had)."""
OURS = "own"
FETCH_SECONDS = 600
"""So long the first use of a network of others may take: it is fetched then."""


def draw(run: Run) -> None:
    """Pick a picture and a network, and see what it says of every pixel."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        picked = picker.pick_image(call, key="segment.own", sources=("sample", "upload", "camera"), first="sample")
        name = _choose_network(run)
        along = st.slider(
            "Tiles along the longer side",
            1,
            mask_tiling.MOST_TILES,
            1,
            key="segment.own.tiles",
            help="1 looks at the whole picture at once. More tiles enlarge it for the network, piece by piece: edges "
            "become finer and small things are found, but it sees less around each pixel, and it takes longer.",
        )
        st.caption(_limits(run, name))
    with right:
        if picked is None:
            st.info("Upload or pick a picture: its areas appear here.", icon=":material/image_search:")
        else:
            found = _found(run, name, picked, along)
            if found is not None:
                colors = scenes.colors_of(run) if name == OURS else pretrained.voc_colors()
                stem = f"{run.spec.data}-{run.spec.model}" if name == OURS else name
                show(picked, found, colors, stem=stem, key=f"segment.own.{name}")


def _limits(run: Run, name: str) -> str:
    """How far the network's world reaches, in words."""
    if name == OURS:
        known = ", ".join(escaped(one) for one in run.class_names)
        return (
            f"This network has only ever seen {escaped(recipes.card_of(run.spec).title.lower())}, and it knows no "
            f"other words than {known}. It has to give every pixel one of them: on a photo it takes what looks most "
            "like them, and is often sure of it. Look at **Where it is unsure**, and try a picture like those it "
            "learned."
        )
    card = pretrained.info(name)
    return (
        f"{card.title} was trained by others on photos with 20 kinds of everyday things. All else is background to it, "
        "road and sky as well."
    )


def _choose_network(run: Run) -> str:
    titles = {OURS: f"This one ({recipes.title(run.spec)})"}
    titles |= {name: card.title for name, card in pretrained.CATALOG.items()}
    megabytes = max(card.megabytes for card in pretrained.CATALOG.values())
    return st.selectbox(
        "Network",
        list(titles),
        format_func=titles.__getitem__,
        key="segment.own.network",
        help="The one of Pascal VOC was trained by others on photos of 20 everyday things, such as person, cat, car "
        f"and chair; it is fetched from the internet ({megabytes} MB) when it is first used.",
    )


def _found(run: Run, name: str, picked: PickedImage, along: int) -> Prediction | None:
    """What the network says of the picture; kept in the session until something else is asked."""
    asked = (run.name, run.record["created"], name, picked.digest, along)
    before, found = st.session_state.get(FOUND, (None, None))
    if before != asked:
        st.session_state[FOUND] = asked, None  # whoever presses Stop ends this run of the page, and asked nothing new
        try:
            found = _segmented(run, name, picked.pixels, along)
        except UserError as error:
            st.warning(escaped(str(error)), icon=":material/cloud_off:")
            return None
        st.session_state[FOUND] = asked, found
    elif found is None:
        st.info("There is no result for these settings: it was stopped, or the network cannot be had.")
        st.button("Try again", icon=":material/refresh:", key="segment.own.again", on_click=_forget)
    return found


def _forget() -> None:
    st.session_state.pop(FOUND, None)


def _segmented(run: Run, name: str, pixels: np.ndarray, along: int) -> Prediction | None:
    if name == OURS and along == 1:
        with st.spinner("Looking …"):
            return engine().run_with_model(run.name, mask_tiling.segment, pixels, run.class_names)
    if name == OURS:
        token = engine().run_with_model(run.name, mask_tiling.begin, pixels, run.class_names, along=along)
    else:
        with st.spinner("Fetching the network if it is not here yet …"):
            token = call(pretrained.begin, name, pixels, along, timeout=FETCH_SECONDS)
    for parts in follow(token, _share, text="Looking, tile by tile", key="segment.own"):
        found = parts[-1].prediction
    return found


def _share(part: Part) -> float:
    return part.share


def show(
    picked: PickedImage,
    prediction: Prediction,
    colors: tuple[str, ...],
    *,
    stem: str,
    key: str,
) -> None:
    """The picture with its mask, the switches, the areas, and what can be taken away.

    Args:
        picked: the picture.
        prediction: what a network says of it, of the same size.
        colors: of the classes.
        stem: begins the files' names.
        key: begins the widgets' keys.
    """
    names = prediction.class_names
    place = st.container()  # the picture stands above what changes it, to be seen without scrolling
    choice = looking.controls(names, key=key, truth=False)
    with place:
        pressed = looking.draw(picked.pixels, prediction, choice, key=f"{key}.picture", colors=colors)
        if pressed is not None:
            st.markdown(looking.pixel_words(prediction, pressed))
        if choice.view == "entropy":
            looking.draw_reading(prediction, choice, colors=colors)
        else:  # of many classes only those that are here
            present = np.unique(prediction.labels).tolist()
            scenes.legend(tuple(names[one] for one in present), tuple(colors[one] for one in present))
            st.caption(escaped(looking.reading(prediction, choice.view)))
    looking.draw_areas(prediction.labels, names)
    st.caption("How much of the picture each class takes.")
    take_away(picked, prediction, colors, choice, stem=stem, key=key)


def take_away(
    picked: PickedImage,
    prediction: Prediction,
    colors: tuple[str, ...],
    choice: looking.Choice,
    *,
    stem: str,
    key: str,
) -> None:
    """The mask, the painted picture, the areas, and the regions as other programs read them; and a cut-out."""
    labels, names = prediction.labels, prediction.class_names
    st.markdown("**Take it home**")
    files: tuple[tuple[str, Callable[[], bytes], str, str, str], ...] = (
        ("Mask (PNG)", lambda: mask_formats.to_palette_png(labels, colors), f"{stem}-mask.png", "image/png",
         "Each pixel's value is the number of its class; a palette gives it its colour."),
        ("Picture with mask (PNG)", lambda: downloads.png_bytes(_painted(picked, labels, colors, choice)),
         f"{stem}-overlay.png", "image/png", "As it is set above: these classes, this opacity."),
        ("Areas (CSV)", lambda: downloads.csv_bytes(looking.areas(labels, names)), f"{stem}-areas.csv", "text/csv",
         "A row a class: pixels and per cent."),
        ("Regions (COCO JSON)", lambda: _coco(labels, names, picked.name), f"{stem}-coco.json", "application/json",
         "The region of each class as run lengths, for programs that read COCO files."),
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for label, content, name, mime, meaning in files:
            st.download_button(
                label, content, name, mime, on_click="ignore", icon=":material/download:", key=f"{key}.save.{name}",
                help=meaning,
            )  # fmt: skip
    _cut_out(picked, labels, names, stem=stem, key=key)


def _painted(picked: PickedImage, labels: np.ndarray, colors: tuple[str, ...], choice: looking.Choice) -> np.ndarray:
    return mask_formats.overlay(picked.pixels, labels, colors, opacity=choice.opacity, shown=choice.classes)


def _coco(labels: np.ndarray, names: tuple[str, ...], name: str) -> bytes:
    return json.dumps(mask_formats.to_coco_rle(labels, names, name=name)).encode()


def _cut_out(picked: PickedImage, labels: np.ndarray, names: tuple[str, ...], *, stem: str, key: str) -> None:
    """Some classes alone, on nothing."""
    counts = np.bincount(labels.ravel(), minlength=len(names))
    present = np.flatnonzero(counts).tolist()
    things = [one for one in present if one] or present
    chosen = st.pills(
        "Cut out",
        present,
        selection_mode="multi",
        default=[max(things, key=counts.__getitem__)],
        format_func=lambda one: escaped(names[one]),
        key=f"{key}.cut.{'-'.join(map(str, present))}",
        help="What belongs to these classes is kept; the rest becomes transparent, to be laid over another picture.",
    )
    st.download_button(
        "Cut-out (PNG)",
        lambda: mask_formats.cut_out(picked.pixels, labels, chosen or ()),
        f"{stem}-cut-out.png",
        "image/png",
        on_click="ignore",
        icon=":material/content_cut:",
        disabled=not chosen,
        key=f"{key}.save.cut",
        help="The chosen classes on a transparent ground.",
    )

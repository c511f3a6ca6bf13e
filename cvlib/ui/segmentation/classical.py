"""Without a network: four methods that find regions by brightness, colour or edges, side by side with a network."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import recipes
from cvlib.data.scene_sets import scene_info
from cvlib.errors import UserError
from cvlib.figures.palette import CLASS_COLORS
from cvlib.segmenting import around, classical
from cvlib.segmenting.classical import METHODS, Method
from cvlib.tasks import mask_formats, segmentation
from cvlib.tasks.detections import Detections
from cvlib.tasks.segmentation import Scores
from cvlib.ui.box_canvas import draw_boxes
from cvlib.ui.errors import escaped
from cvlib.ui.picture_url import digest
from cvlib.ui.segmentation import known_picture, scenes, settings
from cvlib.ui.segmentation.known_picture import Subject, kept_or_made
from cvlib.ui.session import run as call
from cvlib.ui.words import count, percent

SHOWN_PX = 480
COLUMNS = 3
DARKER = 4
"""The ground of a thing that was cut out is so many times darker."""
SLIDERS = {
    ("slic", "regions"): ("Groups of colours", 2, 12, 6, 1, "Into so many groups the patches are sorted by colour."),
    ("slic", "fineness"): ("Patches", 20, 600, 200, 20, "About so many patches of like colour are made first."),
    ("watershed", "fineness"): ("Basins", 10, 400, 100, 10, "From about so many calm places the water rises."),
}
"""Of a method and its option: label, least, most, default, step, help."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a method, or the network, made of the picture.

    Attributes:
        title: of the method.
        mask: uint8 (H, W), its regions named, or what the network says; None if nothing can name them.
        regions: int32 (H, W); None for the network.
    """

    title: str
    mask: np.ndarray | None
    regions: np.ndarray | None = None

    def scores(self, subject: Subject) -> Scores:
        """Against the subject's reference."""
        return Scores(segmentation.confusion(subject.reference, self.mask, len(subject.names)))


def draw() -> None:
    """Choose a picture and a box on the left; every method's answer on the right, then the numbers."""
    st.markdown(
        "Long before networks, pictures were cut into regions by **brightness, colour or edges** alone. Nothing was "
        "learned for that, and none of these methods knows what a region *is*. See how far they get."
    )
    left, right = st.columns([2, 5], gap="large")
    with left:
        subject = known_picture.choose()
        if subject is None:
            st.info("Upload or pick a picture: its regions appear beside it.", icon=":material/image_search:")
            return
        label = _choose_class(subject)
        box = _choose_box(subject, label)
    with right:
        answers = _draw_methods(subject, label, box)
    if subject.reference is not None:
        _compare(subject, label, answers)


def _choose_class(subject: Subject) -> int:
    """The class whose IoU is looked at, and around which the box begins."""
    if subject.reference is None:
        return 0
    present = [one for one in np.unique(subject.reference).tolist() if one < len(subject.names)]
    objects = scene_info(subject.data).class_names if subject.data else ()
    things = [one for one in present if subject.names[one] in objects] or [one for one in present if one]
    return st.selectbox(
        "Class to find",
        present,
        index=present.index(things[0]) if things else 0,
        format_func=lambda one: subject.names[one],
        key=f"segment.classical.class.{digest(subject.reference)[:12]}",
        help="The IoU of this class is given beside the mean over all classes.",
    )


def _choose_box(subject: Subject, label: int) -> tuple[float, float, float, float] | None:
    """The box for GrabCut, as a person draws it; None if it was deleted."""
    name = digest(subject.pixels)
    empty = np.full(subject.pixels.shape[:2], 255, np.uint8)
    mask = empty if subject.reference is None else subject.reference
    with st.spinner("Looking …"):
        first = kept_or_made(("box", name, label), lambda: call(around.around_largest, mask, label))
    here = f" (here: {escaped(subject.names[label])})" if (mask == label).any() else ""
    st.markdown(f"**GrabCut needs a box** around one thing{here}. Move it, pull its corners, or draw another.")
    begun = Detections(np.array([first], np.float32), np.zeros(1, np.int64), np.ones(1, np.float32), ("object",))
    drawn = draw_boxes(
        "segment.classical.box", subject.pixels, begun, most=1, kept=f"segment.classical.box.{name[:12]}.{label}",
        label="Picture with a box for GrabCut",
    )  # fmt: skip
    return tuple(drawn.boxes_xyxy[0].tolist()) if len(drawn) else None


def _draw_methods(subject: Subject, label: int, box: Any) -> list[Answer]:
    """The truth and the network, then each method with its sliders; what they answered."""
    named = _choose_view(subject)
    if subject.names:
        scenes.legend(subject.names, subject.colors)
    bar = st.empty()
    tiles = _tiles(len(METHODS) + 2)
    answers = _draw_known(subject, label, tiles)
    places = []
    for method in METHODS.values():
        with next(tiles):
            st.markdown(f"**{method.title}** ({method.year})", help=escaped(method.paper))
            places.append((st.container(), _choose_options(method, box)))
            st.caption(method.description)
    for number, (method, (place, options)) in enumerate(zip(METHODS.values(), places, strict=True)):
        found = _regions(subject, method, options, bar, number)
        with place:
            if isinstance(found, str):
                st.info(escaped(found))
                continue
            mask = None
            if subject.reference is not None:
                mask = classical.named_by_truth(found, subject.reference, len(subject.names))
            answers.append(Answer(method.title, mask, found))
            _draw_answer(subject, label, answers[-1], method, named=named)
    bar.empty()
    return answers


def _tiles(number: int) -> Iterator[Any]:
    """Places in rows of three, one after the other."""
    for _ in range(0, number, COLUMNS):
        yield from st.columns(COLUMNS, gap="medium")


def _choose_view(subject: Subject) -> bool:
    """Whether the regions are shown with names."""
    if subject.reference is None:
        return False
    who = "the truth" if subject.truth is not None else "the network"
    titles = {"regions": "The regions they find", "named": f"Named by {who}"}
    view = st.segmented_control(
        "Show", list(titles), default="regions", format_func=titles.__getitem__, key="segment.classical.view",
        required=True, label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    if view == "named":
        st.caption(f"Each region has the class that most of its pixels have in {who}: nobody could name it better.")
    else:
        st.caption("A colour stands for one region here, and means no class: the methods know none.")
    return view == "named"


def _draw_known(subject: Subject, label: int, tiles: Any) -> list[Answer]:
    """The picture with the truth, and the network's answer or the way to it."""
    with next(tiles):
        st.markdown("**The picture**" if subject.truth is None else "**The truth**")
        painted = subject.pixels
        if subject.truth is not None:
            painted = mask_formats.overlay(subject.pixels, subject.truth, subject.colors)
        st.image(_large(painted), width="stretch", output_format="PNG")
        if subject.truth is not None:
            st.caption("What every pixel really is.")
    with next(tiles):
        if subject.network is None:
            st.markdown("**A network**")
            _invite(subject)
            return []
        st.markdown(f"**A network**: {escaped(recipes.title(subject.run.spec))}")
        painted = mask_formats.overlay(subject.pixels, subject.network, subject.colors)
        st.image(_large(painted), width="stretch", output_format="PNG")
        if subject.truth is None:
            st.caption("The newest network here. It knows only what it learned from, and is no truth.")
            return []
        answer = Answer("The network", subject.network)
        _draw_scores(subject, label, answer)
        st.caption("The newest one for these pictures. It learned from others like this, and names every pixel itself.")
        return [answer]


def _invite(subject: Subject) -> None:
    if subject.data is None:
        st.info("No network has been trained here yet. Train one, and its answer stands here.")
    else:
        title = escaped(scene_info(subject.data).title)
        st.info(f"No network has been trained on “{title}” yet. Train one, and its answer stands here beside the rest.")
    st.button(
        "Go and train one", icon=":material/model_training:", key="segment.classical.train", on_click=_to_training,
        args=(subject.data or "street",), help="Opens the part “With a network” with these pictures.",
    )  # fmt: skip


def _to_training(data: str) -> None:
    """To the other part of the page (in a callback)."""
    settings.open_spec(recipes.recommended(data, recipes.default_model(data, "segmentation")))
    st.session_state["way"], st.session_state["segment_step"] = "network", "Learn"


def _choose_options(method: Method, box: Any) -> dict[str, Any]:
    """What `classical.segment` takes for this method."""
    options: dict[str, Any] = {"box": box} if "box" in method.options else {}
    for option in method.options:
        if (method.name, option) in SLIDERS:
            label, least, most, default, step, meaning = SLIDERS[method.name, option]
            key = f"segment.classical.{method.name}.{option}"
            options[option] = st.slider(label, least, most, default, step, key=key, help=meaning)
    return options


def _regions(subject: Subject, method: Method, options: dict[str, Any], bar: Any, number: int) -> np.ndarray | str:
    """The regions, or why there are none. The bar is drawn only if they have to be computed."""

    def compute() -> np.ndarray | str:
        bar.progress(number / len(METHODS), f"{method.title} …")
        try:
            return call(classical.segment, method.name, subject.pixels, **options)
        except UserError as error:
            return str(error)

    return kept_or_made((method.name, digest(subject.pixels), *sorted(options.items())), compute)


def _draw_answer(subject: Subject, label: int, answer: Answer, method: Method, *, named: bool) -> None:
    if named:
        painted = _large(mask_formats.overlay(subject.pixels, answer.mask, subject.colors))
    else:
        painted = _in_colors(subject.pixels, answer.regions, ground="box" in method.options)
    st.image(painted, width="stretch", output_format="PNG")
    number = count(int(answer.regions.max()) + 1, "region")
    st.caption(f"{number}: bright is the object." if "box" in method.options and not named else f"{number}.")
    if answer.mask is not None:
        _draw_scores(subject, label, answer)


def _draw_scores(subject: Subject, label: int, answer: Answer) -> None:
    scores = answer.scores(subject)
    name = escaped(subject.names[label])
    st.markdown(f"IoU of {name} **{_share(scores.iou[label])}**, mean IoU **{_share(scores.miou)}**")


def _share(value: float) -> str:
    return "–" if np.isnan(value) else percent(float(value))


def _factor(pixels: np.ndarray) -> int:
    return max(1, round(SHOWN_PX / max(pixels.shape[:2])))


def _large(pixels: np.ndarray) -> np.ndarray:
    """Small pictures with their pixels' edges kept."""
    factor = _factor(pixels)
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _in_colors(pixels: np.ndarray, regions: np.ndarray, *, ground: bool) -> np.ndarray:
    """Regions in colours that tell neighbours apart, with thin lines around them.

    Args:
        pixels: uint8 (H, W, 3).
        regions: int32 (H, W).
        ground: whether region 0 is what was not asked for: then it is dark, and the rest is as it was.
    """
    if ground:
        painted = np.where(regions[..., None] == 0, pixels // DARKER, pixels)
    else:  # 7 and 10 have no common divisor: neighbours differ, and no colour is left out
        codes = (regions * 7 % len(CLASS_COLORS)).astype(np.uint8)
        painted = mask_formats.overlay(pixels, codes, CLASS_COLORS, opacity=0.5, shown=range(len(CLASS_COLORS)))
    painted = _large(painted)
    factor = _factor(pixels)
    lines = mask_formats.outlines(regions.repeat(factor, axis=0).repeat(factor, axis=1) + 1)
    painted[lines] = 255
    return painted


def _compare(subject: Subject, label: int, answers: list[Answer]) -> None:
    """The numbers side by side, and what may be said of them."""
    if not answers:
        return
    truth = subject.truth is not None
    rows = []
    for answer in answers:
        scores = answer.scores(subject)
        who = "the network itself" if answer.regions is None else ("the truth" if truth else "the network")
        rows.append((answer.title, who, 100 * scores.iou[label], 100 * scores.miou))
    first, second = f"IoU of {subject.names[label]} (%)", "mean IoU (%)"
    frame = pd.DataFrame(rows, columns=["method", "regions named by", first, second])
    number = st.column_config.NumberColumn(format="%.1f")
    st.markdown("**How well do they do on this picture?**" if truth else "**How far do they agree with the network?**")
    st.dataframe(frame, hide_index=True, column_config={first: number, second: number})
    st.caption(escaped(_in_words(frame, second, truth=truth, network=subject.network is not None)))
    st.info(_honest(truth=truth), icon=":material/balance:")


def _in_words(frame: pd.DataFrame, column: str, *, truth: bool, network: bool) -> str:
    alone = frame[frame["regions named by"] != "the network itself"]
    if alone.empty:
        return ""
    best = alone.loc[alone[column].idxmax()]
    if not truth:
        return f"Closest to the network comes “{best['method']}”, with a mean IoU of {best[column]:.3g} %."
    words = f"The best of the methods without a network here is “{best['method']}”: mean IoU {best[column]:.3g} %, "
    words += "with every region named by the truth."
    if network:
        words += f" The network reaches {frame[column].iloc[0]:.3g} % and names every pixel itself."
    return words


def _honest(*, truth: bool) -> str:
    if truth:
        return (
            "These methods name nothing. For their numbers the truth itself gave each region the class that most of "
            "its pixels have: that is how good they could be **even if somebody named every region perfectly**, and "
            "the finer the regions, the easier it is. The network gets no such help."
        )
    return (
        "The truth is not known for a picture of your own. Each region has the class that the network gave to most of "
        "its pixels, so the numbers say how well the borders agree, not who is right."
    )

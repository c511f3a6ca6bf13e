"""Why? The heat map of a class over the picture, beside that of another class."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cvlib.explain import methods
from cvlib.explain.asking import Request
from cvlib.explain.base import Explanation, Method
from cvlib.explain.targets import ClassScore
from cvlib.figures import heat
from cvlib.ui import address
from cvlib.ui.errors import escaped
from cvlib.ui.interpretability.explaining import explained
from cvlib.ui.subject import Subject
from cvlib.ui.words import percent, seconds

SHOWN_PX = 270
TOP = 5
SCALE_NAMES = {"viridis": "Viridis", "inferno": "Inferno", "turbo": "Turbo", "greys": "Grey"}
MOST_ERROR = 0.05
"""Where Integrated Gradients miss the score by more, the page says so."""


@dataclass(frozen=True)
class Choice:
    """What the page is set to.

    Attributes:
        method: the method's card.
        index: the class that is explained.
        other: the class it is compared with, or None.
        layer: the chosen layer, or None.
        opacity: of the heat, 0 to 1.
        scale: the colour map.
    """

    method: Method
    index: int
    other: int | None
    layer: str | None
    opacity: float
    scale: str

    def request(self, index: int) -> Request:
        """What is asked for one class."""
        return Request(self.method.name, ClassScore(index), self.layer)


def choose_method(subject: Subject) -> Method:
    """The choice of the method, in the left column."""
    fitting = [name for name, card in methods.CATALOG.items() if subject.layers or not card.needs_layer]
    address.restore({"method": _one_of(fitting)})
    if st.session_state.get("method") not in (None, *fitting):
        st.session_state.pop("method")
    name = st.selectbox(
        "Method",
        fitting,
        format_func=lambda name: methods.info(name).title,
        key="method",
        persist_state="session",
        help="How the map is made. They do not agree; the tab “Can I trust it?” tells them apart.",
    )
    card = methods.info(name)
    if not subject.layers:
        st.caption(
            ":material/info: This network mixes all places of the picture at once, so there is no layer to look at: "
            "the CAM family is not offered for it."
        )
    address.write({"method": None if name == fitting[0] else name})
    return card


def _one_of(options: list[str]) -> address.Parser:
    def parse(text: str) -> str:
        if text not in options:
            raise ValueError("unknown name")
        return text

    return parse


def choose_look(subject: Subject, method: Method, *, comparing: bool) -> tuple[Choice, Any]:
    """Class, comparison, layer and look.

    Args:
        subject: what is explained.
        method: how.
        comparing: whether a second class can be chosen; then the maps stand above the sliders, to be seen while they
            are moved.

    Returns:
        The choice, and the place for what it gives.
    """
    index = _choose_class(subject)
    place = st.container() if comparing else None
    places = iter(st.columns(4 if comparing else 3))
    other = None
    if comparing:
        with next(places):
            other = _choose_other(subject, index)
    layer = None
    if method.needs_layer:
        with next(places):
            layer = _choose_layer(subject)
    with next(places):
        opacity = st.slider("Heat over picture", 0.0, 1.0, 0.6, 0.05, key="opacity", persist_state="session",
                            help="0 shows the picture alone, 1 the heat alone.")  # fmt: skip
    with next(places):
        scale = st.selectbox("Colours", heat.SCALES, format_func=SCALE_NAMES.__getitem__, key="scale",
                             persist_state="session", help="From the coldest to the hottest place.")  # fmt: skip
    return Choice(method, index, other, layer, opacity, scale), place or st.container()


def _choose_other(subject: Subject, index: int) -> int | None:
    # The probable ones first, then all others by their names.
    likely = subject.ranked[:20]
    rest = sorted(set(range(len(subject.probabilities))) - set(likely), key=subject.name_of)
    return st.selectbox(
        "Why not …?",
        [k for k in [*likely, *rest] if k != index],
        index=None,
        placeholder="Compare with a class",
        format_func=subject.name_of,
        key=f"other.{subject.network.name}.{index}",
        help="Shows the map of another class beside it, and where the two differ.",
    )


def _choose_class(subject: Subject) -> int:
    top = subject.ranked[:TOP]
    key = f"class.{subject.digest[:12]}"
    wanted = st.query_params.get("class", "")
    if wanted.isdecimal() and len(wanted) < 5 and int(wanted) in subject.ranked and int(wanted) not in top:
        top = [*top, int(wanted)]
    first = int(wanted) if wanted.isdecimal() and len(wanted) < 5 and int(wanted) in top else top[0]
    chosen = st.pills(
        "What the network said. Press one to see why",
        top,
        default=first,
        required=True,
        format_func=lambda k: f"{escaped(subject.name_of(k))} · {percent(float(subject.probabilities[k]))}",
        key=key,
    )
    chosen = first if chosen is None else chosen
    address.write({"class": None if chosen == subject.ranked[0] else str(chosen)})
    return chosen


def _choose_layer(subject: Subject) -> str | None:
    if len(subject.layers) == 1:
        return subject.layers[0].name
    sizes = {layer.name: f"{place + 1}: {layer.height} × {layer.width}" for place, layer in enumerate(subject.layers)}
    last, wanted = subject.layers[-1].name, st.query_params.get("layer")
    chosen = st.select_slider(
        "Layer, edges to objects",
        list(sizes),
        value=wanted if wanted in sizes else last,
        format_func=sizes.__getitem__,
        key=f"layer.{subject.network.name}",
        help="Early layers see edges in many places, late ones see objects in few. The numbers are the places.",
    )
    address.write({"layer": None if chosen == last else chosen})
    return chosen


def draw(subject: Subject, choice: Choice, place: Any) -> None:
    """The picture, the map and the comparison in their place; their reading here."""
    with place:
        one = _draw_maps(subject, choice)
    st.caption(reading(subject, choice, one))
    st.caption(f"**{choice.method.title}** · {choice.method.how} ({choice.method.paper}. Cost: {choice.method.cost}.)")


def _draw_maps(subject: Subject, choice: Choice) -> Explanation:
    one = explained(subject, choice.request(choice.index))
    other = None if choice.other is None else explained(subject, choice.request(choice.other))
    scale = choice.scale
    pictures = [(heat.enlarged(_rgb(subject.seen), SHOWN_PX), "The picture as the network sees it")]
    pictures.append((look(subject, one, choice.opacity, scale), f"Why {subject.name_of(choice.index)}"))
    if other is not None:
        pictures.append((look(subject, other, choice.opacity, scale), f"Why {subject.name_of(choice.other)}"))
        apart = heat.difference(subject.seen, one.heatmap, other.heatmap, opacity=choice.opacity)
        names = f"red: more {subject.name_of(choice.index)}, blue: more {subject.name_of(choice.other)}"
        pictures.append((heat.enlarged(apart, SHOWN_PX), names))
    with st.container(horizontal=True, gap="small"):
        for picture, caption in pictures:
            st.image(picture, caption=escaped(caption), width=SHOWN_PX, output_format="PNG")
    return one


def look(subject: Subject, explanation: Explanation, opacity: float, scale: str, to_px: int = SHOWN_PX) -> np.ndarray:
    """A map over the picture, enlarged to look at: uint8 (h, w, 3)."""
    return heat.enlarged(heat.overlay(subject.seen, explanation.heatmap, opacity=opacity, scale=scale), to_px)


def _rgb(picture: np.ndarray) -> np.ndarray:
    return np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture


def reading(subject: Subject, choice: Choice, explanation: Explanation) -> str:
    """The map in a sentence or two, from its numbers."""
    share = heat.share_of_half_the_heat(explanation.heatmap)
    name = escaped(subject.name_of(choice.index))
    if share == 0:
        return f"The map is empty: this layer holds nothing that speaks for “{name}” here."
    words = f"Half of all heat lies on {percent(share)} of the picture. Made in {seconds(explanation.seconds)}"
    words += f" from layer `{explanation.layer}`." if explanation.layer else "."
    if choice.method.signed:
        words += " The heat shows how much a pixel counts, for or against."
    error = explanation.facts.get("completeness error")
    if error is not None:
        words += f" What the pixels bring misses the score by {percent(error)}"
        words += ": take it with care." if error > MOST_ERROR else "."
    return words

"""All methods side by side, for one class of one picture."""

from functools import partial

import streamlit as st

from cvlib.explain import methods
from cvlib.explain.asking import Request
from cvlib.explain.league import QUICK
from cvlib.explain.targets import ClassScore
from cvlib.figures import heat
from cvlib.ui import downloads
from cvlib.ui.errors import escaped
from cvlib.ui.interpretability.explaining import explained
from cvlib.ui.interpretability.why import Choice, look
from cvlib.ui.subject import Subject
from cvlib.ui.words import seconds

TILE_PX = 160
ASKED = "explain.compare"


def draw(subject: Subject, choice: Choice) -> None:
    """The grid, once it is asked for."""
    name = escaped(subject.name_of(choice.index))
    st.markdown(
        f"Every method's map for **{name}** on the same picture. They answer slightly different questions, and some "
        "hardly look at the network at all: compare them with the edge detector."
    )
    asked = (subject.digest, choice.index)
    if st.session_state.get(ASKED) != asked:
        st.button(
            "Run all methods", type="primary", icon=":material/play_arrow:", key="explain.compare.run",
            on_click=partial(st.session_state.update, {ASKED: asked}),
        )  # fmt: skip
        return
    cards = [card for card in methods.CATALOG.values() if subject.layers or not card.needs_layer]
    cards += methods.BASELINES.values()
    pictures, captions = [], []
    with st.container(horizontal=True, gap="small"):
        for card in cards:
            options = QUICK.get(card.name, {}) if _is_large(subject) else {}
            found = explained(subject, Request(card.name, ClassScore(choice.index), options=options))
            pictures.append(look(subject, found, choice.opacity, choice.scale, TILE_PX))
            captions.append(f"{card.title} · {seconds(found.seconds)}")
            st.image(pictures[-1], caption=captions[-1], width=TILE_PX, output_format="PNG")
    if _is_large(subject):
        st.caption("For a network of this size the methods with many passes take fewer here than in the tab “Why?”.")
    st.download_button(
        "The grid as PNG",
        downloads.png_bytes(heat.sheet(pictures, captions, columns=4)),
        file_name="explanations.png",
        mime="image/png",
        on_click="ignore",
        icon=":material/download:",
    )


def _is_large(subject: Subject) -> bool:
    height, width, channels = subject.network.input_shape
    return height * width * channels > 50_000

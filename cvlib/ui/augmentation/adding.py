"""The list of all transforms, to choose one from."""

import streamlit as st

from cvlib.augmentation import CATALOG, Step
from cvlib.augmentation.pipeline import MOST_MIXED
from cvlib.augmentation.schema import Transform
from cvlib.augmenting.looking import Shot
from cvlib.ui.augmentation.cards import Cards
from cvlib.ui.errors import escaped

KINDS = {
    "geometric": ("Geometric", "They move pixels."),
    "photometric": ("Light and colour", "They change the pixels' values and leave them where they are."),
    "noise": ("Blur and noise", "What bad lenses, sensors and files do."),
    "erasing": ("Erasing", "They hide a part, so that a network does not rely on a single one."),
    "mixing": ("Mixing", "They make one picture of several, and its label of their labels."),
    "policy": ("Policies", "They choose transforms by chance, so that nobody has to."),
}


@st.dialog("Add a transform", width="large")
def choose(shot: Shot) -> None:
    """A dialog with every transform, by kind; the chosen one is put at the pipeline's end."""
    here = [kind for kind in KINDS if any(card.kind == kind for card in CATALOG.values())]
    kind = st.segmented_control(
        "Kind", here, default=here[0], format_func=lambda kind: KINDS[kind][0], key="augmentation.add.kind",
        required=True, label_visibility="collapsed", wrap=True, help="What the transform changes.",
    )  # fmt: skip
    st.caption(KINDS[kind or here[0]][1])
    places = st.columns(2)
    cards = [card for card in CATALOG.values() if card.kind == (kind or here[0])]
    for number, card in enumerate(cards):
        with places[number % 2]:
            _offer(card, shot)


def _offer(card: Transform, shot: Shot) -> None:
    has_room = Cards.now().pipeline.takes(card.name)
    with st.container(border=True, gap="xxsmall"):
        if st.button(
            card.title, icon=":material/add:", key=f"augmentation.add.{card.name}", type="tertiary",
            on_click=Cards.add, args=(Step(card.name),), disabled=not has_room,
            help="Put it at the end of your pipeline." if has_room else f"{MOST_MIXED} that mix are as many as fit.",
        ):  # fmt: skip
            st.rerun()  # closes the dialog
        st.caption(escaped(card.how))
        if not card.can_carry(*shot.has):
            st.caption(f":material/block: It cannot move this picture's {' and '.join(shot.has)} along.")

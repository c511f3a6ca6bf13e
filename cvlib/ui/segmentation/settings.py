"""The controls that say what network for segmentation is to be trained, and on what. Their values are the address."""

import streamlit as st

from cvlib import models, recipes
from cvlib.data.scene_sets import SCENES, scene_info
from cvlib.spec import LOSSES, TrainingSpec
from cvlib.ui import address, scene_settings
from cvlib.ui.settings import one_of

SCENE, NETWORK, LOSS, SKIPS = "streets", "segmenter", "loss", "skips"
PREFIX = "segment_"
LOSS_NAMES = {
    "cross_entropy": ("Cross-entropy", "Every pixel counts the same, so that large areas count most."),
    "weighted": ("Weighted", "Cross-entropy in which a pixel of a rare class counts more."),
    "dice": ("Dice", "Every class counts the same, however few its pixels."),
    "dice_cross_entropy": ("Dice + cross-entropy", "Both together: classes count the same, and so do pixels."),
    "focal": ("Focal", "What it is already sure of hardly counts any more."),
}
WITHOUT = "off"


def choose_spec() -> TrainingSpec:
    """Draw the controls and return what they say.

    Raises:
        UserError: the choices do not go together.
    """
    with_masks = {name: card for name, card in SCENES.items() if card.mask_names}
    address.restore({SCENE: one_of(with_masks), NETWORK: one_of(models.SEGMENTERS)})
    name = _choose_scenes(list(with_masks))
    model = _choose_network()
    base = recipes.recommended(name, model)
    address.restore({LOSS: one_of(dict.fromkeys(LOSSES)), SKIPS: _parse_skips})
    scene_settings.restore(PREFIX)
    loss = _choose_loss(base)
    with st.expander("More settings", icon=":material/tune:"):
        spec = base.replace(loss=loss, skips=_choose_skips(model), **scene_settings.choose_more(base, PREFIX))
    loss_written = None if spec.loss == base.loss else spec.loss
    skips_written = None if spec.skips else WITHOUT
    written = scene_settings.written(spec, base, PREFIX)
    address.write({SCENE: name, NETWORK: model, LOSS: loss_written, SKIPS: skips_written, **written})
    recipes.check(spec)
    return spec


def _parse_skips(text: str) -> bool:
    if text != WITHOUT:
        raise ValueError("unknown")
    return False


def open_spec(spec: TrainingSpec) -> None:
    """Set the controls to this specification (only in a callback, before they are drawn)."""
    st.session_state[SCENE], st.session_state[NETWORK] = spec.data, spec.model
    st.session_state[LOSS], st.session_state[SKIPS] = spec.loss, spec.skips
    scene_settings.set_to(spec, PREFIX)


def _recommend() -> None:
    """After other pictures or another network were chosen: the settings that suit them."""
    open_spec(recipes.recommended(st.session_state[SCENE], st.session_state[NETWORK]))


def _choose_scenes(names: list[str]) -> str:
    here = [name for name in names if scene_info(name).available()]
    asked = st.session_state.get(SCENE)
    options = here if asked in (None, *here) else [*here, asked]
    name = st.selectbox(
        "Pictures",
        options,
        index=options.index("street"),
        format_func=lambda name: scene_info(name).title,
        key=SCENE,
        persist_state="session",
        on_change=_recommend,
        help="The pictures it learns from. In each of them the class of every pixel is known: the truth. The host can "
        "add photos: CamVid (streets) and Oxford-IIIT Pet, as the README says.",
    )
    st.caption(scene_info(name).description)
    return name


def _choose_network() -> str:
    options = list(models.SEGMENTERS)
    name = st.selectbox(
        "Network",
        options,
        format_func=lambda name: models.info(name).title,
        key=NETWORK,
        persist_state="session",
        on_change=_recommend,
        help="How it gets from a picture to a class for every pixel.",
    )
    card = models.info(name)
    st.caption(f"{card.description} ({card.year})")
    return name


def _choose_loss(base: TrainingSpec) -> str:
    loss = st.selectbox(
        "Loss",
        LOSSES,
        index=LOSSES.index(base.loss),
        format_func=lambda loss: LOSS_NAMES[loss][0],
        key=LOSS,
        persist_state="session",
        help="What the training makes small. It decides whether a small sign matters as much as a wide road.",
    )
    st.caption(LOSS_NAMES[loss][1])
    return loss


def _choose_skips(model: str) -> bool:
    what = models.info(model).skips
    if what is None:
        return True
    return st.toggle(
        f"With {what}",
        True,
        key=SKIPS,
        persist_state="session",
        help="What the encoder hands across to the decoder. Train once with and once without, and compare the edges.",
    )

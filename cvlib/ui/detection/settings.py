"""The controls that say what detector is to be trained, and on what. Their values are the address."""

import streamlit as st

from cvlib import models, recipes
from cvlib.data.scene_sets import SCENES, scene_info
from cvlib.spec import TrainingSpec
from cvlib.ui import address, scene_settings
from cvlib.ui.settings import one_of

SCENE, DETECTOR = "scenes", "detector"
PREFIX = "detector_"


def choose_spec() -> TrainingSpec:
    """Draw the controls and return what they say.

    Raises:
        UserError: the choices do not go together.
    """
    address.restore({SCENE: one_of(SCENES), DETECTOR: one_of(models.DETECTORS)})
    name = _choose_scenes()
    model = _choose_detector()
    base = recipes.recommended(name, model)
    scene_settings.restore(PREFIX)
    with st.expander("More settings", icon=":material/tune:"):
        spec = base.replace(**scene_settings.choose_more(base, PREFIX))
    address.write({SCENE: name, DETECTOR: model, **scene_settings.written(spec, base, PREFIX)})
    recipes.check(spec)
    return spec


def open_spec(spec: TrainingSpec) -> None:
    """Set the controls to this specification (only in a callback, before they are drawn)."""
    st.session_state[SCENE], st.session_state[DETECTOR] = spec.data, spec.model
    scene_settings.set_to(spec, PREFIX)


def _recommend() -> None:
    """After other scenes or another detector were chosen: the settings that suit them."""
    open_spec(recipes.recommended(st.session_state[SCENE], st.session_state[DETECTOR]))


def _choose_scenes() -> str:
    here = [name for name, card in SCENES.items() if card.class_names and card.available()]
    asked = st.session_state.get(SCENE)
    name = st.selectbox(
        "Pictures",
        here if asked in (None, *here) else [*here, asked],
        format_func=lambda name: scene_info(name).title,
        key=SCENE,
        persist_state="session",
        on_change=_recommend,
        help="The pictures the detector learns from. Each comes with a box around every object: the truth.",
    )
    st.caption(scene_info(name).description)
    return name


def _choose_detector() -> str:
    options = [name for name, card in models.DETECTORS.items() if not card.single]
    asked = st.session_state.get(DETECTOR)
    name = st.selectbox(
        "Detector",
        options if asked in (None, *options) else [*options, asked],
        format_func=lambda name: models.info(name).title,
        key=DETECTOR,
        persist_state="session",
        on_change=_recommend,
        help="How it finds things. CenterNet is the fastest to train; the sliding window is how it was done before.",
    )
    card = models.info(name)
    st.caption(f"{card.description} ({card.year})")
    return name

"""The controls that say what detector is to be trained, and on what. Their values are the address."""

from functools import partial
from typing import Any

import streamlit as st

from cvlib import models, recipes
from cvlib.data.scene_sets import SCENES, scene_info
from cvlib.errors import SpecError
from cvlib.spec import BOUNDS, TrainingSpec
from cvlib.ui import address
from cvlib.ui.settings import BATCH_SIZES, LEARNING_RATES, merged, one_of, slider

SCENE, DETECTOR = "scenes", "detector"
FIELDS = ("train_size", "epochs", "batch_size", "learning_rate", "seed")
PREFIX = "detector_"
TRAIN_SIZES = (50, 100, 200, 500, 1000, 2000)


def choose_spec() -> TrainingSpec:
    """Draw the controls and return what they say.

    Raises:
        UserError: the choices do not go together.
    """
    address.restore({SCENE: one_of(SCENES), DETECTOR: one_of(models.DETECTORS)})
    name = _choose_scenes()
    model = _choose_detector()
    base = recipes.recommended(name, model)
    address.restore({PREFIX + field: partial(_parse, field) for field in FIELDS})
    with st.expander("More settings", icon=":material/tune:"):
        spec = base.replace(**_choose_more(base))
    written = {PREFIX + field: _written(spec, base, field) for field in FIELDS}
    address.write({SCENE: name, DETECTOR: model, **written})
    recipes.check(spec)
    return spec


def _parse(field: str, text: str) -> Any:
    try:
        return getattr(TrainingSpec(**{field: float(text)}), field)
    except (SpecError, OverflowError) as error:
        raise ValueError(str(error)) from error


def _written(spec: TrainingSpec, base: TrainingSpec, field: str) -> str | None:
    value = getattr(spec, field)
    return None if value == getattr(base, field) else f"{value:g}"


def open_spec(spec: TrainingSpec) -> None:
    """Set the controls to this specification (only in a callback, before they are drawn)."""
    st.session_state[SCENE], st.session_state[DETECTOR] = spec.data, spec.model
    for field in FIELDS:
        value = getattr(spec, field)
        st.session_state[PREFIX + field] = scene_info(spec.data).counts["train"] if value is None else value


def _recommend() -> None:
    """After other scenes or another detector were chosen: the settings that suit them."""
    open_spec(recipes.recommended(st.session_state[SCENE], st.session_state[DETECTOR]))


def _choose_scenes() -> str:
    here = [name for name, card in SCENES.items() if card.available()]
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


def _choose_more(base: TrainingSpec) -> dict[str, Any]:
    card = scene_info(base.data)
    usual = base.train_size or card.counts["train"]
    sizes = [size for size in TRAIN_SIZES if size <= card.counts["train"] or card.resizable]
    size = st.select_slider(
        "Training pictures",
        merged(sizes, usual, st.session_state.get(PREFIX + "train_size", usual)),
        value=usual,
        format_func=lambda number: f"{number:,}",
        key=PREFIX + "train_size",
        persist_state="session",
        help="How many pictures it may learn from.",
    )
    return {"train_size": base.train_size if size == usual else size, **_choose_pace(base)}


def _choose_pace(base: TrainingSpec) -> dict[str, Any]:
    help_seed = "The start of all chance: first weights, order of the pictures. Same seed, same network."
    return {
        "epochs": st.number_input(
            "Epochs",
            1,
            int(BOUNDS["epochs"].high),
            base.epochs,
            key=PREFIX + "epochs",
            persist_state="session",
            help="How often it goes through all training pictures.",
        ),
        "batch_size": slider(
            "Batch size",
            BATCH_SIZES,
            base.batch_size,
            PREFIX + "batch_size",
            "Pictures it looks at before it changes its weights once.",
        ),
        "learning_rate": slider(
            "Learning rate",
            LEARNING_RATES,
            base.learning_rate,
            PREFIX + "learning_rate",
            "How far each step changes the weights. Too small: slow. Too large: it never settles.",
        ),
        "seed": st.number_input(
            "Seed", 0, int(BOUNDS["seed"].high), base.seed, key=PREFIX + "seed", persist_state="session", help=help_seed
        ),
    }

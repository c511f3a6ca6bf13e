"""The settings that every training on scenes has, whatever it learns of them. Their values are the address."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from cvlib import recipes
from cvlib.data.scene_sets import scene_info
from cvlib.errors import SpecError
from cvlib.spec import BOUNDS, TrainingSpec
from cvlib.ui import address
from cvlib.ui.augmentation import choice
from cvlib.ui.settings import BATCH_SIZES, LEARNING_RATES, merged, slider

FIELDS = ("train_size", "epochs", "batch_size", "learning_rate", "seed")
TRAIN_SIZES = (20, 50, 100, 200, 500, 1000, 2000)


def restore(prefix: str) -> None:
    """Take the settings over from the address, before they are drawn.

    Args:
        prefix: what the words in the address and the widgets' keys begin with.
    """
    numbers = {prefix + field: partial(_parse, field) for field in FIELDS}
    address.restore({**numbers, prefix + choice.KEY: choice.parse})


def _parse(field: str, text: str) -> Any:
    try:
        return getattr(TrainingSpec(**{field: float(text)}), field)
    except (SpecError, OverflowError) as error:
        raise ValueError(str(error)) from error


def written(spec: TrainingSpec, base: TrainingSpec, prefix: str) -> Mapping[str, str | None]:
    """The settings as the address has them; None for those that are as recommended."""
    values = {field: getattr(spec, field) for field in FIELDS}
    usual = {field: getattr(base, field) for field in FIELDS}
    numbers = {prefix + field: None if value == usual[field] else f"{value:g}" for field, value in values.items()}
    return {**numbers, prefix + choice.KEY: spec.augmentation or None}


def set_to(spec: TrainingSpec, prefix: str) -> None:
    """Set the controls to this specification (only in a callback, before they are drawn)."""
    for field in FIELDS:
        value = getattr(spec, field)
        st.session_state[prefix + field] = scene_info(spec.data).counts["train"] if value is None else value
    st.session_state[prefix + choice.KEY] = spec.augmentation


def choose_more(base: TrainingSpec, prefix: str) -> dict[str, Any]:
    """Number of pictures, epochs, batch size, learning rate, seed and augmentation, as fields of a specification."""
    card = scene_info(base.data)
    usual = base.train_size or card.counts["train"]
    sizes = [size for size in TRAIN_SIZES if size <= card.counts["train"] or card.resizable]
    size = st.select_slider(
        "Training pictures",
        merged(sizes, usual, st.session_state.get(prefix + "train_size", usual)),
        value=usual,
        format_func=lambda number: f"{number:,}",
        key=prefix + "train_size",
        persist_state="session",
        help="How many pictures it may learn from.",
    )
    chosen = {"train_size": base.train_size if size == usual else size, **_choose_pace(base, prefix)}
    if base.model not in recipes.CUT_ONCE:
        chosen["augmentation"] = choice.choose(base.task, key=prefix + choice.KEY)
    return chosen


def _choose_pace(base: TrainingSpec, prefix: str) -> dict[str, Any]:
    help_seed = "The start of all chance: first weights, order of the pictures. Same seed, same network."
    return {
        "epochs": st.number_input(
            "Epochs",
            1,
            int(BOUNDS["epochs"].high),
            base.epochs,
            key=prefix + "epochs",
            persist_state="session",
            help="How often it goes through all training pictures.",
        ),
        "batch_size": slider(
            "Batch size",
            BATCH_SIZES,
            base.batch_size,
            prefix + "batch_size",
            "Pictures it looks at before it changes its weights once.",
        ),
        "learning_rate": slider(
            "Learning rate",
            LEARNING_RATES,
            base.learning_rate,
            prefix + "learning_rate",
            "How far each step changes the weights. Too small: slow. Too large: it never settles.",
        ),
        "seed": st.number_input(
            "Seed", 0, int(BOUNDS["seed"].high), base.seed, key=prefix + "seed", persist_state="session", help=help_seed
        ),
    }

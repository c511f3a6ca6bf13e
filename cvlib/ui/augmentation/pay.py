"""Does it pay? The same network with and without the pipeline, on few and on many pictures, over several seeds."""

from collections.abc import Sequence

import streamlit as st

from cvlib import data, models, recipes
from cvlib.augmentation.presets import PRESETS, is_for_photos
from cvlib.augmenting import paying
from cvlib.engine.series import CANCELLED
from cvlib.ui import address
from cvlib.ui.augmentation import pay_result, state
from cvlib.ui.augmentation import pay_training as training
from cvlib.ui.augmentation.state import Subject
from cvlib.ui.errors import escaped
from cvlib.ui.settings import one_of
from cvlib.ui.words import count

DATA, MODEL, SIZES, SEEDS, LONGER = "pay_data", "pay_model", "pay_sizes", "pay_seeds", "pay_longer"
"""Keys of the controls, and their words in the address."""
LENGTHS = {1: "as usual", 2: "twice as many"}
USUAL_SIZES, USUAL_SEEDS = ("30", "100"), 3
ALL = "all"
GENTLE = "gentle"


def draw(subject: Subject) -> None:
    """The step: choose, train, and see.

    Args:
        subject: the picture of the page; the trainings begin with the data set that it is from.
    """
    st.markdown(
        "The only proof is a test. The same network is trained **with and without** your pipeline, from the same first "
        "weights and on the same pictures, and both are tested on pictures that neither has seen. Other seeds repeat "
        "it with other first weights and, where it learns from a part, other training pictures: so you see what is "
        "chance."
    )
    text = state.pipeline().canonical().to_text()
    plan = _choose(subject, text)
    if plan is None:
        return
    missing = [spec for spec in training.specs_of(plan) if training.outcome_of(spec) is None]
    training.button(plan, missing)
    series = training.series_of(plan)
    if missing and series is not None:
        if series.is_alive():
            training.following(plan)
        elif series.problem == CANCELLED:
            st.info(series.problem, icon=":material/cancel:")
        elif series.problem:
            st.error(escaped(series.problem), icon=":material/error:")
    pay_result.draw({size: training.outcomes_of(pairs) for size, pairs in plan.items()}, plan)


# -- what is to be trained --------------------------------------------------------------------------------------


def _choose(subject: Subject, text: str) -> training.Plan | None:
    """Draw the controls; None while nothing can be trained with what they say."""
    address.restore({
        DATA: one_of(data.CATALOG), MODEL: one_of(models.CATALOG), SIZES: _parse_sizes, SEEDS: _parse_seeds,
        LONGER: _parse_longer,
    })  # fmt: skip
    left, right = st.columns(2)
    with left:
        name = _choose_data(subject)
        sizes = _choose_sizes(name)
    with right:
        model = _choose_model(name)
        seeds = st.segmented_control(
            "Seeds", paying.SEEDS, default=USUAL_SEEDS, required=True, key=SEEDS, persist_state="session",
            help="How often each training is repeated with other chance. More seeds make the answer surer.",
        )  # fmt: skip
    longer = st.segmented_control(
        "Epochs", tuple(LENGTHS), default=1, required=True, format_func=LENGTHS.__getitem__, key=LONGER,
        persist_state="session", wrap=True,
        help="With and without always train equally long. Augmented training often needs more epochs: what is new in "
        "every epoch takes longer to learn.",
    )  # fmt: skip
    address.write({
        DATA: None if name == _first(subject) else name, MODEL: None if model == recipes.default_model(name) else model,
        SIZES: None if tuple(sizes) == USUAL_SIZES else "-".join(sizes),
        SEEDS: None if seeds == USUAL_SEEDS else str(seeds), LONGER: None if longer == 1 else str(longer),
    })  # fmt: skip
    if not sizes:
        st.info("Choose how many training pictures.", icon=":material/touch_app:")
        return None
    numbers = [None if size == ALL else int(size) for size in sizes]
    plan = {size: paying.pairs(name, model, size, text, seeds, longer=longer) for size in numbers}
    _say_what(plan, text)
    return plan


def _parse_sizes(text: str) -> list[str]:
    sizes = [size for size in text.split("-") if size]
    if not sizes or any(size not in _names_of_sizes(paying.SIZES) for size in sizes):
        raise ValueError("unknown number of pictures")
    return sizes


def _parse_seeds(text: str) -> int:
    if int(text) not in paying.SEEDS:
        raise ValueError("unknown number of seeds")
    return int(text)


def _parse_longer(text: str) -> int:
    if int(text) not in LENGTHS:
        raise ValueError("unknown length")
    return int(text)


def _names_of_sizes(sizes: Sequence[int | None]) -> list[str]:
    return [ALL if size is None else str(size) for size in sizes]


def _first(subject: Subject) -> str:
    """The data set to begin with: the one that the picture is from."""
    return subject.data if subject.data in data.CATALOG else "digits"


def _choose_data(subject: Subject) -> str:
    names = list(data.CATALOG)
    return st.selectbox(
        "Pictures",
        names,
        index=names.index(_first(subject)),
        format_func=lambda name: data.info(name).title,
        key=DATA,
        persist_state="session",
        help="What the networks learn to tell apart.",
    )


def _choose_model(name: str) -> str:
    options = [model for model in models.CATALOG if recipes.fits(name, model)]
    if st.session_state.get(MODEL, options[0]) not in options:
        del st.session_state[MODEL]
    return st.selectbox(
        "Network",
        options,
        index=options.index(recipes.default_model(name)),
        format_func=lambda model: models.info(model).title,
        key=MODEL,
        persist_state="session",
        help="All of them are built the same way; only the training pictures differ.",
    )


def _choose_sizes(name: str) -> list[str]:
    options = _names_of_sizes(paying.sizes_of(name))
    if any(size not in options for size in st.session_state.get(SIZES) or ()):
        st.session_state[SIZES] = [size for size in st.session_state[SIZES] if size in options]
    chosen = st.pills(
        "Training pictures",
        options,
        selection_mode="multi",
        default=[size for size in USUAL_SIZES if size in options],
        key=SIZES,
        persist_state="session",
        help="Augmentation stands in for pictures that one does not have: compare few with many.",
    )
    return [size for size in options if size in chosen]


def _say_what(plan: training.Plan, text: str) -> None:
    parts = [
        f"{pay_result.size_title(size)}: {count(pairs[0].without.epochs, 'epoch')}" for size, pairs in plan.items()
    ]
    st.caption(f"With: **{escaped(recipes.augmentation_title(text))}**. {'; '.join(parts)}.")
    card = data.info(next(iter(plan.values()))[0].without.data)
    if is_for_photos(text) and card.image_shape[2] == 1:
        st.info(
            f"This pipeline was made for photos. In a mirror, many of {card.title} mean something else: train and see, "
            f"or take “{PRESETS[GENTLE].title}” on the left, which was made for handwriting.",
            icon=":material/info:",
        )

"""The controls that say what is to be trained. Their values are the address: a copied link is the experiment.

A control's key is its word in the address (`?data=mnist&model=lenet&epochs=3`, see `cvlib.ui.address`).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from cvlib import data, models, recipes
from cvlib.errors import SpecError
from cvlib.spec import ADVERSARIAL, BOUNDS, CHOICES, OPTIMIZERS, SCHEDULES, TrainingSpec
from cvlib.ui import address
from cvlib.ui.augmentation import choice as augmentation_choice

NAMES = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD with momentum", "rmsprop": "RMSprop"}
SCHEDULE_NAMES = {
    "one_cycle": "One cycle (up, then down)",
    "cosine": "Falling (cosine)",
    "constant": "Constant",
}
LEARNING_RATES = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1.0, 10.0)
BATCH_SIZES = (8, 16, 32, 64, 128, 256, 512)
L2_WEIGHTS = (0.0, 1e-5, 1e-4, 1e-3, 1e-2, 0.1)
TRAIN_SIZES = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
TUNED = (
    "epochs",
    "batch_size",
    "optimizer",
    "learning_rate",
    "schedule",
    "dropout",
    "l2",
    "adversarial",
    "epsilon",
    "augmentation",
    "train_size",
)
ADVERSARIAL_NAMES = {"none": "None", "fgsm": "With FGSM (fast)", "pgd": "With PGD (thorough)"}
EPSILONS = (2.0, 4.0, 8.0, 16.0, 25.0, 38.0, 51.0, 76.0)
ALL = 0
"""The choice "all pictures" in the address, where nothing cannot be written."""


def choose_spec(task: str = "classification") -> TrainingSpec:
    """Draw the controls and return what they say.

    Raises:
        UserError: the choices do not go together.
    """
    address.restore({"data": one_of(data.CATALOG), "model": one_of(models.CATALOG)})
    name = _choose_data()
    model = _choose_model(name)
    base = recipes.recommended(name, model)
    address.restore({field: partial(_parse, field) for field in (*TUNED, "seed")})
    values = {"train_size": _choose_train_size(name, base)}
    with st.expander("More settings", icon=":material/tune:"):
        values |= _choose_more(base)
    spec = base.replace(task=task, **values)
    address.write({"data": name, "model": model} | {field: _written(spec, base, field) for field in (*TUNED, "seed")})
    recipes.check(spec)
    return spec


def one_of(catalog: Mapping[str, Any]) -> address.Parser:
    """Reads a name of this catalogue from the address."""

    def parse(text: str) -> str:
        if text not in catalog:
            raise ValueError("unknown name")
        return text

    return parse


def _parse(field: str, text: str) -> Any:
    """The value of a field as its control has it; ValueError if it is none."""
    if field in CHOICES:
        return one_of(dict.fromkeys(CHOICES[field]))(text)
    if field == "augmentation":
        return augmentation_choice.parse(text)
    if field == "train_size" and text == "all":
        return ALL
    try:
        needed = {"adversarial": "pgd"} if field == "epsilon" else {}
        value = getattr(TrainingSpec(**{field: float(text)}, **needed), field)
    except (SpecError, OverflowError) as error:
        raise ValueError(str(error)) from error
    return value


def _written(spec: TrainingSpec, base: TrainingSpec, field: str) -> str | None:
    """The value of a field in the address; None if it is the usual one."""
    value = getattr(spec, field)
    if value == getattr(base, field):
        return None
    return "all" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def open_spec(spec: TrainingSpec) -> None:
    """Set the controls to this specification (only in a callback, before they are drawn)."""
    st.session_state["data"] = spec.data
    st.session_state["model"] = spec.model
    for name in (*TUNED, "seed"):
        value = getattr(spec, name)
        st.session_state[name] = ALL if value is None else value


def _recommend() -> None:
    """After another data set or network was chosen: the settings that suit it."""
    spec = recipes.recommended(st.session_state["data"], st.session_state["model"])
    for name in TUNED:
        value = getattr(spec, name)
        st.session_state[name] = ALL if value is None else value


def _choose_data() -> str:
    name = st.selectbox(
        "Pictures",
        list(data.CATALOG),
        format_func=lambda name: data.info(name).title,
        key="data",
        persist_state="session",
        on_change=_recommend,
        help="The pictures the network learns from. Each comes with the right answer, its label.",
    )
    st.caption(data.info(name).description)
    return name


def _choose_model(data_name: str) -> str:
    options = [name for name in models.CATALOG if recipes.fits(data_name, name)]
    if st.session_state.get("model", options[0]) not in options:
        st.session_state["model"] = recipes.default_model(data_name)
    name = st.selectbox(
        "Network",
        options,
        index=options.index(recipes.default_model(data_name)),
        format_func=lambda name: models.info(name).title,
        key="model",
        persist_state="session",
        on_change=_recommend,
        help="How the network is built, from the plainest (1958) to the deep ones.",
    )
    info = models.info(name)
    st.caption(f"{info.description} ({info.year})")
    return name


def _choose_train_size(name: str, base: TrainingSpec) -> int | None:
    most = data.info(name).train_count
    sizes = [size for size in TRAIN_SIZES if size < most]
    chosen = st.select_slider(
        "Training pictures",
        merged(sizes, st.session_state.get("train_size", ALL), base.train_size or ALL, last=ALL),
        value=base.train_size or ALL,
        format_func=lambda size: "all" if size == ALL else f"{size:,}",
        key="train_size",
        persist_state="session",
        help="How many pictures it may learn from, evenly from every class. With few, it learns them by heart.",
    )
    return chosen or None


def merged(options: Iterable[Any], *more: Any, last: Any = None) -> list[Any]:
    """The options with these values among them, sorted, `last` at the end."""
    values = sorted({*options, *more} - {last})
    return values if last is None else [*values, last]


def _choose_more(base: TrainingSpec) -> dict[str, Any]:
    return {
        "epochs": st.number_input(
            "Epochs",
            int(BOUNDS["epochs"].low),
            int(BOUNDS["epochs"].high),
            base.epochs,
            key="epochs",
            persist_state="session",
            help="How often the network goes through all training pictures. Too few: it has not learned enough.",
        ),
        "batch_size": slider(
            "Batch size",
            BATCH_SIZES,
            base.batch_size,
            "batch_size",
            "Pictures it looks at before it changes its weights once.",
        ),
        "learning_rate": slider(
            "Learning rate",
            LEARNING_RATES,
            base.learning_rate,
            "learning_rate",
            "How far each step changes the weights. Too small: slow. Too large: it never settles.",
        ),
        "schedule": choice("Schedule", SCHEDULES, SCHEDULE_NAMES, base.schedule, "schedule", "How the rate moves."),
        "optimizer": choice(
            "Optimiser",
            OPTIMIZERS,
            NAMES,
            base.optimizer,
            "optimizer",
            "The rule that turns errors into steps.",
        ),
        "dropout": st.slider(
            "Dropout",
            0.0,
            0.9,
            base.dropout,
            0.05,
            key="dropout",
            persist_state="session",
            help="Share of the network's activations that are silenced at random while it trains, against "
            "learning by heart.",
        ),
        "l2": slider(
            "L2 penalty",
            L2_WEIGHTS,
            base.l2,
            "l2",
            "How strongly large weights are punished, against over-fitting.",
        ),
        "augmentation": augmentation_choice.choose(base.task),
        **_choose_hardening(base),
        "seed": st.number_input(
            "Seed",
            0,
            int(BOUNDS["seed"].high),
            base.seed,
            key="seed",
            persist_state="session",
            help="The start of all chance: first weights, order of the pictures. Same seed, same network.",
        ),
    }


def _choose_hardening(base: TrainingSpec) -> dict[str, Any]:
    kind = choice(
        "Adversarial training",
        ADVERSARIAL,
        ADVERSARIAL_NAMES,
        base.adversarial,
        "adversarial",
        "Let it learn from pictures that were just made to fool it: it becomes harder to fool, and slower to train.",
    )
    if kind == "none":
        return {"adversarial": kind}
    if not st.session_state.get("epsilon"):
        st.session_state["epsilon"] = float(EPSILONS[4])
    epsilon = slider(
        "Strength of its attacks",
        EPSILONS,
        float(EPSILONS[4]),
        "epsilon",
        "By how many of 255 shades a pixel may be changed while it trains (epsilon).",
    )
    return {"adversarial": kind, "epsilon": epsilon}


def slider(label: str, options: Sequence[float], value: float, key: str, help_text: str) -> Any:
    """A slider over these numbers, and over the one that its key has already."""
    return st.select_slider(
        label,
        merged(options, value, st.session_state.get(key, value)),
        value=value,
        format_func=lambda number: f"{number:g}",
        key=key,
        persist_state="session",
        help=help_text,
    )


def choice(label: str, options: Sequence[str], names: dict[str, str], value: str, key: str, help_text: str) -> str:
    """A choice of one of these, shown by its name."""
    return st.selectbox(
        label,
        options,
        index=options.index(value),
        format_func=names.__getitem__,
        key=key,
        persist_state="session",
        help=help_text,
    )

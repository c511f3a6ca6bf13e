"""The pipeline's builder: a card a step, of which one is open; what it says is kept in `state.PIPELINE`."""

from dataclasses import replace

import streamlit as st

from cvlib.augmentation import Pipeline, Step
from cvlib.augmentation.pipeline import MOST_STEPS
from cvlib.augmentation.presets import PRESETS
from cvlib.augmentation.words import summary
from cvlib.augmenting.looking import Shot
from cvlib.ui.augmentation import adding, controls, state
from cvlib.ui.augmentation.cards import Cards, fits
from cvlib.ui.augmentation.state import Subject
from cvlib.ui.errors import escaped

PRESET = "augmentation.preset"
OWN = "own."
"""What a saved pipeline's choice begins with, so that no name can be taken for a preset's."""


def draw(subject: Subject) -> None:
    """Presets, the steps, and the button that adds one."""
    _choose_preset()
    cards = Cards.now()
    if not cards.pipeline.steps:
        st.caption("No transform yet: every draw is the picture itself. Add one, or start from a ready-made pipeline.")
    for place in range(len(cards.ids)):
        _draw_card(cards, place, subject.shot)
    full = len(cards.ids) >= MOST_STEPS
    if st.button(
        "Add a transform", icon=":material/add:", key="augmentation.add", disabled=full, width="stretch",
        help=f"{MOST_STEPS} are as many as fit." if full else "Choose from the list of all transforms.",
    ):  # fmt: skip
        adding.choose(subject.shot)


def _choose_preset() -> None:
    saved = st.session_state.get(state.SAVED, {})
    texts = {name: each.pipeline.to_text() for name, each in PRESETS.items()}
    texts |= {OWN + name: text for name, text in saved.items()}
    now = state.pipeline().to_text()
    st.session_state[PRESET] = next((name for name, text in texts.items() if text == now), None)
    chosen = st.selectbox(
        "Start from", list(texts), index=None, key=PRESET, on_change=_take_preset, args=(texts,),
        format_func=lambda name: PRESETS[name].title if name in PRESETS else f"{name.removeprefix(OWN)} (yours)",
        placeholder="Your own pipeline", help="A ready-made pipeline, to be changed as you like.",
    )  # fmt: skip
    if chosen in PRESETS:
        st.caption(PRESETS[chosen].words)


def _take_preset(texts: dict[str, str]) -> None:
    chosen = st.session_state.get(PRESET)
    if chosen in texts:
        Cards.begin(Pipeline.from_text(texts[chosen]))


def _draw_card(cards: Cards, place: int, shot: Shot) -> None:
    number, step = cards.ids[place], cards.pipeline.steps[place]
    is_open = cards.open == number
    with st.container(border=True, gap="xsmall", key=f"augmentation-card-{number}"):
        key = f"augmentation.on.{number}"
        st.toggle(
            step.card.title, step.on, key=key, on_change=_set, args=(number, "on", key),
            help=f"{step.card.how} Switched off, the step stays here and does nothing.",
        )  # fmt: skip
        with st.container(horizontal=True, wrap=False, gap="xxsmall", vertical_alignment="center"):
            st.caption(escaped(step.card.how if is_open else summary(step) or step.card.how))
            _buttons(cards, place)
        if is_open:
            _draw_settings(number, step)
        if step.on and not fits(step, shot):
            st.caption(f":material/block: **Left out:** it cannot move this picture's {' and '.join(shot.has)} along.")


def _buttons(cards: Cards, place: int) -> None:
    number, title = cards.ids[place], cards.pipeline.steps[place].card.title
    last, is_open = len(cards.ids) - 1, cards.open == number
    for name, icon, words, action, args, disabled in (
        ("open", "expand_less" if is_open else "tune", "Fold" if is_open else "Settings of", Cards.toggle, (number,),
         False),
        ("up", "arrow_upward", "Earlier:", Cards.move, (number, -1), place == 0),
        ("down", "arrow_downward", "Later:", Cards.move, (number, 1), place == last),
        ("remove", "close", "Remove", Cards.remove, (number,), False),
    ):  # fmt: skip
        st.button(f":material/{icon}:", key=f"augmentation.{name}.{number}", type="tertiary", on_click=action,
                  args=args, disabled=disabled, help=f"{words} {title}")  # fmt: skip


def _draw_settings(number: int, step: Step) -> None:
    for parameter in step.card.parameters:
        key = f"augmentation.step.{number}.{parameter.name}"
        controls.control(parameter, step.settings[parameter.name], key=key, on_change=_set,
                         args=(number, parameter.name, key))  # fmt: skip
    key = f"augmentation.probability.{number}"
    st.slider("Probability", 0.0, 1.0, step.probability, 0.05, format="percent", key=key, on_change=_set,
              args=(number, "probability", key), help="How many of the draws it changes.")  # fmt: skip
    st.caption(f":material/warning: {escaped(step.card.caveat)}")


def _set(number: int, name: str, key: str) -> None:
    """Take over a control's value, of the step itself or of a parameter of its transform."""
    value = st.session_state.get(key)
    if value is None:
        return
    own = {"on", "probability"}
    Cards.change(number, lambda step: replace(step, **{name: value}) if name in own else step.set(**{name: value}))

"""Step two: choose what to build on, and train."""

import time

import streamlit as st

from cvlib import networks, recipes
from cvlib.errors import UserError
from cvlib.figures import curves
from cvlib.transfer import asking, backbones, head
from cvlib.ui import network_picker, training_panel
from cvlib.ui.session import engine
from cvlib.ui.transfer import state
from cvlib.ui.transfer.state import Base, Result
from cvlib.ui.words import bounded_accuracy, percent, seconds

MOST_OWN = 12
BASE, WAITING = "transfer.base", "transfer.base.waiting"
FIRST = recipes.recommended("digits", "lenet")


def choose_base() -> Base | None:
    """What is built upon; None where this host has neither a backbone nor a network."""
    own = {network.name: network for network in networks.own(engine().store)[:MOST_OWN]}
    here = [name for name, card in backbones.CATALOG.items() if card.available()]
    options = [*here, *own, *(name for name in backbones.CATALOG if name not in here)]
    if not here and not own:
        st.session_state[WAITING] = True
    elif st.session_state.pop(WAITING, False):
        st.session_state[BASE] = options[0]  # the host's first network has come
    name = st.selectbox(
        "Build on",
        options,
        format_func=lambda name: network_picker.label(own[name]) if name in own else _offer(name, name in here),
        key=BASE,
        persist_state="session",
        help="A network that has learned to see from many other pictures. Its last layer is replaced by yours.",
    )
    if name in own:
        return Base(name, own[name].title, own[name])
    card = backbones.info(name)
    st.caption(f"{card.description} ({card.year})")
    return Base(name, card.title)


def first_network() -> None:
    """A host without any network trains one to build on, while the visitor looks at the pictures."""
    has_backbone = any(card.available() for card in backbones.CATALOG.values())
    if has_backbone or networks.own(engine().store):
        return
    if engine().job(FIRST.digest) is None:
        training_panel.request(FIRST)
    st.caption("This host trains its first network to build on; it will be offered on the left in a few seconds.")
    training_panel.follow(FIRST, pending=lambda: None)


def _offer(name: str, is_here: bool) -> str:
    card = backbones.info(name)
    return f"{card.title} · ImageNet" if is_here else f"{card.title} · to be fetched, {card.megabytes} MB"


def button(base: Base | None) -> bool:
    """The one button of this step; whether it was pressed."""
    made = state.project()
    problems = made.problems()
    pressed = st.button(
        "Train", type="primary", icon=":material/play_arrow:", width="stretch", key="transfer.train",
        disabled=base is None or bool(problems),
    )  # fmt: skip
    for problem in problems:
        st.caption(f":material/front_hand: {problem}")
    return pressed


def run(base: Base) -> None:
    """Train, with a bar, in the place where the result will be."""
    began = time.perf_counter()
    bar = st.progress(0.0, text="The backbone looks at your pictures …")

    def report(share: float) -> None:
        bar.progress(share, text="The backbone looks at your pictures …")

    try:
        state.train(base, state.project(), report, lambda: time.perf_counter() - began)
    finally:
        bar.empty()


def draw(result: Result | None, base: Base | None) -> None:
    """How the training went, and what learned."""
    if result is None:
        st.info("Press **Train**: it takes a few seconds.", icon=":material/play_arrow:")
    else:
        if result.project is not state.project():
            st.warning("The pictures have changed since. Press **Train** again: it is quicker now.")
        summary(result)
    if base is not None:
        _network(base)


def summary(result: Result) -> None:
    """The numbers and the curves."""
    accuracy, learned, duration = st.columns(3)
    held = int(result.held.sum())
    if held:
        right = int((result.probabilities[result.held].argmax(1) == result.project.labels[result.held]).sum())
        low, high = bounded_accuracy(right, held)
        accuracy.metric("Right on held-back pictures", percent(right / held))
        words = f"{right} of {held} pictures that it had not learned from; with so few, the true share lies between "
        st.caption(f"{words}{percent(low)} and {percent(high)} (95 % interval).")
    else:
        accuracy.metric("Right on held-back pictures", "–")
        st.caption("No picture could be held back for a test: add at least three different ones to each class.")
    learned.metric("Learned from", f"{int((~result.held).sum())} pictures")
    duration.metric("Took", seconds(result.seconds))
    for column, metric in zip(st.columns(2), curves.METRICS, strict=True):
        column.vega_lite_chart(
            curves.learning_curve(result.history, metric, epochs=head.EPOCHS), key=f"transfer.{metric}",
            alt=f"The {metric} of training and held-back pictures over the epochs.",
        )  # fmt: skip
    st.caption(curves.reading(result.history))


def _network(base: Base) -> None:
    """Which layers are frozen and which learn, with their numbers of weights."""
    with st.expander("What is frozen and what learns", icon=":material/ac_unit:"):
        try:
            layers = engine().run_with_model(base.name, asking.summary)
        except UserError as error:
            st.caption(str(error))
            return
        frozen = sum(weights for _, weights in layers)
        st.markdown(
            f":material/ac_unit: **Frozen:** the backbone {base.title}, {len(layers)} layers with {frozen:,} weights "
            f"that others' pictures have taught it.  \n:material/local_fire_department: **Learns:** one new layer, "
            f"which weighs the backbone's findings for each of your {len(state.project().class_names)} classes."
        )
        st.caption(
            "Because the backbone does not change, it looks at every picture once only, and its findings are kept: "
            "that is why the second training takes about a second."
        )

"""Step two: choose what to build on, train the head, and let more learn."""

import time
from collections.abc import Sequence

import streamlit as st

from cvlib import networks, recipes
from cvlib.augmentation.presets import title_of
from cvlib.errors import UserError
from cvlib.figures import curves, freezing
from cvlib.transfer import asking, backbones
from cvlib.transfer.augmented import COPIES
from cvlib.ui import address, network_picker, training_panel
from cvlib.ui.errors import escaped
from cvlib.ui.session import engine
from cvlib.ui.transfer import fine_tune, state
from cvlib.ui.transfer.state import Base, Result
from cvlib.ui.words import bounded_accuracy, percent, seconds

MOST_OWN = 12
BASE, WAITING, WANTED = "transfer.base", "transfer.base.waiting", "transfer.base.wanted"
"""The choice; that there was nothing to choose from; what an opened project was built upon."""
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
    _restore(options)
    name = st.selectbox(
        "Build on",
        options,
        format_func=lambda name: network_picker.label(own[name]) if name in own else _offer(name, name in here),
        key=BASE,
        persist_state="session",
        help="A network that has learned to see from many other pictures. Its last layer is replaced by yours.",
    )
    address.write({"base": None if name == options[0] else name})
    if name in own:
        return Base(name, own[name].title, own[name])
    card = backbones.info(name)
    st.caption(f"{card.description} ({card.year})")
    return Base(name, card.title) if name in here else _fetched(name)


def _restore(options: Sequence[str]) -> None:
    """Take the network that the address, or an opened project, names, if this host has it."""
    wanted = st.session_state.pop(WANTED, None) or (
        st.query_params.get("base") if BASE not in st.session_state else None
    )
    if wanted in options:
        st.session_state[BASE] = wanted
    elif wanted is not None:
        st.caption(":material/link_off: The network that was named is not on this host; another one is taken.")


def _fetched(name: str) -> Base | None:
    """The backbone after its download, if the person asks for it and the internet has it."""
    card = backbones.info(name)
    if not st.button(f"Fetch it ({card.megabytes} MB)", icon=":material/download:", key="transfer.fetch"):
        st.caption(":material/info: It is not on this host yet. Fetch it, or choose another network.")
        return None
    with st.spinner(f"Fetching {card.title} …"):
        try:
            engine().run(backbones.fetch, name, timeout=network_picker.FETCH_SECONDS)
        except UserError as error:
            st.warning(escaped(str(error)), icon=":material/cloud_off:")
            return None
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


def run(base: Base, augmentation: str = "") -> None:
    """Train, with a bar, in the place where the result will be.

    Args:
        base: what is built upon.
        augmentation: text of a pipeline, empty for none.
    """
    began = time.perf_counter()
    bar = st.progress(0.0, text="The backbone looks at your pictures …")
    place = st.empty()
    # A press ends this run of the page at its next step; what the backbone has seen so far is kept.
    place.button("Stop", key="transfer.train.stop", icon=":material/stop:")

    def report(share: float) -> None:
        bar.progress(share, text="The backbone looks at your pictures …")

    try:
        state.train(base, state.project(), report, lambda: time.perf_counter() - began, augmentation=augmentation)
    finally:
        bar.empty()
        place.empty()


def draw(result: Result | None, base: Base | None) -> None:
    """How the training went, and what learned."""
    if result is None:
        st.info("Press **Train**: it takes a few seconds.", icon=":material/play_arrow:")
    else:
        if result.project is not state.project():
            st.warning("The pictures have changed since. Press **Train** again: it is quicker now.")
        summary(result)
        fine_tune.draw(result)
    if base is not None:
        _network(base, result)


def summary(result: Result) -> None:
    """The numbers and the curves."""
    accuracy, learned, duration = st.columns(3)
    right, held = result.right()
    if held:
        low, high = bounded_accuracy(right, held)
        accuracy.metric("Right on held-back pictures", percent(right / held))
        words = f"{right} of {held} pictures that it had not learned from; with so few, the true share lies between "
        st.caption(f"{words}{percent(low)} and {percent(high)} (95 % interval).")
    else:
        accuracy.metric("Right on held-back pictures", "–")
        st.caption("No picture could be held back for a test: add at least three different ones to each class.")
    learned.metric("Learned from", f"{int((~result.held).sum())} pictures")
    if result.augmentation:
        learned.caption(f"and {COPIES} changed copies of each: {escaped(title_of(result.augmentation))}")
    duration.metric("Took", seconds(result.seconds))
    for column, metric in zip(st.columns(2), curves.OF_TASK["classification"], strict=True):
        column.vega_lite_chart(
            curves.learning_curve(result.history, metric, epochs=len(result.history["loss"])), key=f"transfer.{metric}",
            alt=f"The {metric} of training and held-back pictures over the epochs.",
        )  # fmt: skip
    st.caption(curves.reading(result.history))


def _network(base: Base, result: Result | None) -> None:
    """Which layers are frozen and which learn, drawn with their numbers of weights."""
    with st.expander("What is frozen and what learns", icon=":material/ac_unit:"):
        try:
            layers = engine().run_with_model(base.name, asking.summary)
        except UserError as error:
            st.caption(str(error))
            return
        mine = result if result is not None and result.base == base else None
        learning = set(mine.learned.changes) if mine else set()
        count = len(state.project().class_names)
        width = mine.features.shape[1] if mine else None
        drawn = [freezing.Layer(name, weights, name in learning) for name, weights in layers]
        drawn.append(freezing.Layer("your new layer", (width + 1) * count if width else count, True))
        st.vega_lite_chart(freezing.layers(drawn), key="transfer.layers", alt=freezing.reading(drawn))
        st.markdown(freezing.reading(drawn))
        if not learning:
            st.caption(
                "Because the backbone does not change, it looks at every picture once only, and its findings are kept: "
                "that is why the second training takes about a second."
            )

"""Fine-tuning by choice: the last layers of the backbone go on learning with the head."""

import time
from dataclasses import replace

import streamlit as st

from cvlib import ongoing
from cvlib.figures import curves
from cvlib.transfer import asking
from cvlib.transfer.asking import Lane
from cvlib.transfer.augmented import COPIES
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.transfer import state
from cvlib.ui.transfer.state import Result
from cvlib.ui.words import bounded_accuracy, percent, seconds

MOST_LAYERS = 20
LAST, EPOCHS, RATE = 3, 12, 1e-4
RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3)
NAMES = {False: "The frozen network", True: "The fine-tuned network"}


def draw(result: Result) -> None:
    """The settings, the training, and which of the two networks is used from there on."""
    frozen: Result = st.session_state[state.RESULT]
    _conclude(frozen)
    tuned: Result | None = st.session_state.get(state.TUNED)
    if tuned is not None:
        _compare(frozen, tuned)
    if frozen.project is not state.project():
        return
    with st.expander("Fine-tune: let the last layers of the backbone learn, too", icon=":material/tune:"):
        st.markdown(
            "The head now answers well enough to guide the layers before it. They go on learning with **small steps**: "
            "large ones would wipe out what a million photos have taught. Normalisation layers stay as they are, "
            "because so few pictures say too little about means and variances." + _copied(frozen.augmentation)
        )
        layers = engine().run_with_model(frozen.base.name, asking.summary)
        places = st.columns(3)
        most = min(MOST_LAYERS, len(layers))
        last = places[0].slider("Layers that learn, from the end", 1, most, min(LAST, most), key="transfer.last") \
            if most > 1 else 1  # fmt: skip
        epochs = places[1].slider("Epochs", 1, 40, EPOCHS, key="transfer.tune.epochs",
                                  help="How often it sees every picture.")  # fmt: skip
        rate = places[2].select_slider("Learning rate", RATES, RATE, format_func=lambda value: f"{value:g}",
                                       key="transfer.rate", help="How large its steps are.")  # fmt: skip
        if st.button("Fine-tune", type="primary", icon=":material/tune:", key="transfer.tune"):
            _run(frozen, last, epochs, rate)


def _copied(augmentation: str) -> str:
    if not augmentation:
        return ""
    return f" Each epoch sees every picture once: as it is, or as one of its {COPIES} changed copies."


def _run(frozen: Result, last: int, epochs: int, rate: float) -> None:
    began = time.perf_counter()
    bar, chart = st.progress(0.0, text="Preparing …"), st.empty()
    st.button("Stop", key="transfer.tune.stop", icon=":material/stop:", help="What it has learned so far is kept.")
    lane = engine().run_with_model(
        frozen.base.name, asking.begin_tuning, frozen.learned.head, frozen.seen(), frozen.project.labels, frozen.held,
        last, rate, frozen.augmentation,
    )  # fmt: skip
    while (done := len(lane.history.get("loss", ()))) < epochs:
        lane = call(asking.go_on, lane)
        st.session_state[state.TUNING] = lane, time.perf_counter() - began
        if done := len(lane.history.get("loss", ())):
            bar.progress(done / epochs, text=f"Epoch {done} of {epochs}")
            metric = "accuracy" if frozen.held.any() else "loss"
            chart.vega_lite_chart(curves.learning_curve(lane.history, metric, epochs=epochs), key=f"transfer.t.{done}")
        else:
            bar.progress(lane.prepared, text="Your pictures pass the frozen layers, once only …")
    st.rerun()


def _conclude(frozen: Result) -> None:
    """Take over what a fine-tuning has brought, also one that was stopped."""
    lane, duration = st.session_state.pop(state.TUNING, (None, 0.0))
    if lane is None or not lane.history:
        return
    st.session_state[state.TUNED] = _outcome(frozen, lane, duration)
    st.session_state.pop(state.LITE, None)
    call(ongoing.forget, [lane.token])


def _outcome(frozen: Result, lane: Lane, duration: float) -> Result:
    learned, probabilities = call(asking.outcome, lane)
    tuned = state.judged(
        frozen.base, frozen.project, frozen.features, frozen.held, learned, lane.history, probabilities, duration
    )
    return replace(tuned, augmentation=frozen.augmentation)


def _compare(frozen: Result, tuned: Result) -> None:
    parts = []
    for name, one in (("frozen", frozen), ("fine-tuned", tuned)):
        right, total = one.right()
        if total:
            low, high = bounded_accuracy(right, total)
            parts.append(f"**{name}** {percent(right / total)} ({percent(low)} to {percent(high)})")
    words = f"Fine-tuning took {seconds(tuned.seconds)}. "
    if parts:
        words += (
            f"Right on held-back pictures: {', '.join(parts)}. Where the 95 % intervals overlap, chance may decide."
        )
    st.markdown(words)
    st.segmented_control(
        "Used from here on", (False, True), default=True, required=True, format_func=NAMES.__getitem__, key=state.USE,
        persist_state="session",
    )  # fmt: skip

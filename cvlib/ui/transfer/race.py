"""The race that proves the point: from scratch, frozen, fine-tuned, on the same pictures."""

import plotly.graph_objects as go
import streamlit as st

from cvlib import ongoing
from cvlib.figures.palette import CLASS_COLORS
from cvlib.transfer import asking, tuning
from cvlib.transfer.asking import Lane
from cvlib.transfer.augmented import COPIES
from cvlib.ui.lesson import lesson
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.transfer import amount, state
from cvlib.ui.transfer.state import Result
from cvlib.ui.words import bounded_accuracy, percent

EPOCHS = 12
LAST = 3
"""Layers of the backbone that go on learning."""
SCRATCH, FROZEN, TUNED = "From scratch", "Frozen backbone", "Fine-tuned"


def draw(result: Result) -> None:
    """The race, or its start."""
    st.markdown(
        f"Three ways to learn from the same {int((~result.held).sum())} pictures: a small network that **starts from "
        "nothing**, your head on a **frozen** backbone, and the same with the backbone's last "
        f"{LAST} layers **fine-tuned** with small steps. Normalisation layers stay as they are: so few pictures "
        "say too little about means and variances." + _copied(result.augmentation)
    )
    if not result.held.any():
        st.info("A race needs held-back pictures to judge it: add at least three different ones to each class.")
        return
    race: dict[str, Lane] | None = st.session_state.get(state.RACE)
    if race is None:
        if not st.button("Start the race", type="primary", icon=":material/flag:", key="transfer.race.start"):
            return
        race = _run(result)
    _draw_lanes({name: lane.history for name, lane in race.items()})
    if all(lane.history for lane in race.values()):
        _verdict(result, race)
    amount.draw(result)


def _copied(augmentation: str) -> str:
    return f" All three learn from {COPIES} changed copies of each picture as well." if augmentation else ""


def _run(result: Result) -> dict[str, Lane]:
    frozen: Result = st.session_state[state.RESULT]
    labels, held = result.project.labels, result.held
    seen, small = result.seen(), amount.small(result)
    place, bar = st.empty(), st.progress(0.0, text="At the start …")
    stop = st.empty()
    stop.button("Stop", key="transfer.race.stop", icon=":material/stop:", help="The laps so far are kept.")
    count = len(result.project.class_names)
    name = result.base.name
    last = min(LAST, len(engine().run_with_model(name, asking.summary)))
    tuned = (frozen.learned.head, seen, labels, held, last, tuning.RATE, frozen.augmentation)
    lanes = {
        SCRATCH: call(asking.begin_from_scratch, small, labels, held, count, frozen.augmentation),
        TUNED: engine().run_with_model(name, asking.begin_tuning, *tuned),
    }
    try:
        for epoch in range(EPOCHS):
            for name, lane in lanes.items():
                while len(lane.history.get("loss", ())) <= epoch:
                    lane = call(asking.go_on, lane)
                lanes[name] = lane
                st.session_state[state.RACE] = dict(lanes)
                with place.container():
                    _draw_lanes({name: lane.history for name, lane in lanes.items()}, key=f"{epoch}.{name}")
            bar.progress((epoch + 1) / EPOCHS, text=f"Lap {epoch + 1} of {EPOCHS}")
    finally:  # also when it is stopped: the worker keeps no pictures
        call(ongoing.forget, [lane.token for lane in lanes.values()])
    for part in (bar, place, stop):
        part.empty()
    return lanes


def _draw_lanes(histories: dict[str, dict[str, list[float]]], key: str = "end") -> None:
    frozen = _frozen_accuracy()
    figure = go.Figure()
    for number, name in enumerate((SCRATCH, TUNED)):
        values = [100 * value for value in histories.get(name, {}).get("val_accuracy", [])]
        figure.add_scatter(x=list(range(1, len(values) + 1)), y=values, name=name, mode="lines+markers",
                           line={"color": CLASS_COLORS[number]})  # fmt: skip
    figure.add_scatter(x=[1, EPOCHS], y=[100 * frozen] * 2, name=f"{FROZEN} (trained above)", mode="lines",
                       line={"color": CLASS_COLORS[2], "dash": "dash"})  # fmt: skip
    figure.update_xaxes(title="laps (epochs)", range=[0.5, EPOCHS + 0.5], fixedrange=True)
    figure.update_yaxes(title="held-back pictures named correctly (%)", range=[0, 102], fixedrange=True)
    figure.update_layout(
        height=360, margin={"l": 0, "r": 5, "t": 5, "b": 0}, legend={"orientation": "h", "yanchor": "top", "y": -0.22}
    )
    st.plotly_chart(figure, key=f"transfer.race.{key}", config={"displayModeBar": False},
                    alt="Accuracy of the three lanes over the epochs.")  # fmt: skip


def _frozen_accuracy() -> float:
    right, total = st.session_state[state.RESULT].right()
    return right / total


def _verdict(result: Result, race: dict[str, Lane]) -> None:
    total = int(result.held.sum())
    ends = {SCRATCH: race[SCRATCH].history["val_accuracy"][-1], FROZEN: _frozen_accuracy(),
            TUNED: race[TUNED].history["val_accuracy"][-1]}  # fmt: skip
    order = (SCRATCH, FROZEN, TUNED)
    best = max(order, key=lambda name: ends[name])
    parts = []
    for name in order:
        low, high = bounded_accuracy(round(ends[name] * total), total)
        parts.append(f"{name.lower()} {percent(ends[name])} ({percent(low)} to {percent(high)})")
    lesson(
        "Which of the three did best on the held-back pictures?",
        order,
        answer=order.index(best),
        explanation=f"At the end: {', '.join(parts)}. In brackets the 95 % interval of {total} pictures: where they "
        "overlap, chance may have decided.",
        key=f"lesson.race.{race[TUNED].token[:8]}",
    )

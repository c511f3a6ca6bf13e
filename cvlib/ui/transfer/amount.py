"""How many pictures does it take? Accuracy of the three ways against the number of pictures a class."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import images, ongoing
from cvlib.figures import learning_amount
from cvlib.transfer import asking, curve
from cvlib.transfer.curve import Step
from cvlib.ui.lesson import lesson
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.transfer import state
from cvlib.ui.transfer.state import Result
from cvlib.ui.words import bounded_accuracy, percent

LAST = 3
NAMES = {curve.SCRATCH: "From scratch", curve.FROZEN: "Frozen backbone", curve.TUNED: "Fine-tuned"}


def small(result: Result) -> np.ndarray:
    """The pictures as the network from scratch takes them: uint8 (N, 64, 64, 3)."""
    side = asking.SCRATCH_SIDE
    return np.stack([images.fit_for_network(one.pixels, (side, side), 3)[0] for one in result.project.pictures])


def draw(result: Result) -> None:
    """The curve, or its start."""
    st.markdown("#### How many pictures does it take?")
    st.markdown(
        "The race again, with 1, 2, 5, 10 … pictures a class, judged on the same held-back pictures each time. Small "
        f"numbers are drawn {curve.REPEATS} times, because one picture more or less decides there."
        + (" All of it without the augmentation." if result.augmentation else "")
    )
    steps: list[Step] | None = st.session_state.get(state.CURVE)
    if steps is None:
        if not st.button("Measure it", type="primary", icon=":material/timeline:", key="transfer.curve.start"):
            return
        steps = _run(result)
    _show(result, steps)


def _run(result: Result) -> list[Step]:
    steps = st.session_state[state.CURVE] = []
    bar, chart, stop = st.progress(0.0, text="Preparing …"), st.empty(), st.empty()
    stop.button("Stop", key="transfer.curve.stop", icon=":material/stop:", help="What was measured so far is kept.")
    token = engine().run_with_model(
        result.base.name, asking.begin_curve, result.features, result.seen(), small(result), result.project.labels,
        result.held, min(LAST, len(engine().run_with_model(result.base.name, asking.summary))),
    )  # fmt: skip
    try:
        while new := call(ongoing.proceed, token):
            bar.progress(new[-1].share, text=f"{percent(new[-1].share)} measured")
            ended = [step for step in new if step.lane is not None]
            if ended:
                steps += ended
                chart.vega_lite_chart(_chart(result, steps), key=f"transfer.curve.{len(steps)}")
    finally:
        call(ongoing.forget, [token])
    for part in (bar, chart, stop):
        part.empty()
    return steps


def points(steps: Sequence[Step], total: int) -> list[learning_amount.Point]:
    """The mean of each lane and size, with the 95 % interval of so many held-back pictures."""
    found: dict[tuple[str, int], list[int]] = {}
    for step in steps:
        found.setdefault((step.lane, step.size), []).append(step.right)
    made = []
    for (lane, size), right in found.items():
        mean = float(np.mean(right))
        low, high = bounded_accuracy(mean, total)
        made.append(learning_amount.Point(NAMES[lane], size, mean / total, low, high))
    return made


def _chart(result: Result, steps: Sequence[Step]) -> dict:
    lanes = [NAMES[lane] for lane in curve.LANES]
    return learning_amount.chart(points(steps, int(result.held.sum())), lanes)


def _show(result: Result, steps: Sequence[Step]) -> None:
    if not steps:
        st.info("It was stopped before anything was measured.")
        if st.button("Measure again", key="transfer.curve.again"):
            st.session_state.pop(state.CURVE)
            st.rerun()
        return
    st.vega_lite_chart(_chart(result, steps), key="transfer.curve.chart",
                       alt="Accuracy of the three ways against the pictures a class.")  # fmt: skip
    total = int(result.held.sum())
    made = points(steps, total)
    sizes = sorted({point.size for point in made})
    size = sizes[-1]
    if len(sizes) > 1:
        size = st.select_slider("Pictures a class", sizes, sizes[min(2, len(sizes) - 1)], key="transfer.curve.size")
    here = {point.lane: point for point in made if point.size == size}
    for place, (name, point) in zip(st.columns(len(here)), here.items(), strict=True):
        place.metric(name, percent(point.share))
        place.caption(f"{percent(point.low)} to {percent(point.high)}")
    frame = pd.DataFrame([{"lane": p.lane, "pictures a class": p.size, "right": p.share, "low": p.low, "high": p.high}
                          for p in made])  # fmt: skip
    st.download_button("Table as CSV", frame.to_csv(index=False), "pictures-per-class.csv", "text/csv",
                       on_click="ignore", icon=":material/download:", key="transfer.curve.csv")  # fmt: skip
    _verdict(made, sizes, total)


def _verdict(made: Sequence[learning_amount.Point], sizes: Sequence[int], total: int) -> None:
    share = {(point.lane, point.size): point.share for point in made}
    scratch, frozen = NAMES[curve.SCRATCH], NAMES[curve.FROZEN]
    gains = {size: share[frozen, size] - share[scratch, size] for size in sizes if (scratch, size) in share}
    if len(gains) < 2:
        return
    best = max(gains, key=gains.__getitem__)
    few = best <= sizes[len(sizes) // 2]
    lesson(
        "With how many pictures does the frozen backbone help most, compared with starting from nothing?",
        ("With few", "With many"),
        answer=0 if few else 1,
        explanation=f"The gain was largest with {best} a class: {percent(share[frozen, best])} instead of "
        f"{percent(share[scratch, best])}. With {sizes[-1]} a class it was {100 * gains[max(gains)]:.0f} points. The "
        f"bars show what chance may do with {total} held-back pictures.",
        key="lesson.amount",
    )

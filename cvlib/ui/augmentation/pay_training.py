"""The trainings with and without a pipeline: a series that goes on by itself, followed, and read from the store."""

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from cvlib import runs
from cvlib.augmenting.paying import Outcome, Pair
from cvlib.engine import State
from cvlib.engine.series import Series
from cvlib.spec import TrainingSpec
from cvlib.ui.session import engine, owner
from cvlib.ui.words import count, seconds

SERIES = "augmentation.pay.series"
"""The series of trainings that this session has begun last."""
OWNER = ".series"
"""A series takes its own turn in the queue, so that a person can train something else meanwhile."""
DRAWN = "augmentation.pay.drawn"
"""Numbers of pictures whose result is on the page already."""
KNOWN = "augmentation.pay.known"
"""Outcomes by the digests of their specifications."""
REFRESH_SECONDS, STOP_SECONDS = 1.0, 2.0
Plan = Mapping[int | None, tuple[Pair, ...]]
"""For each number of pictures what is to be trained."""


def specs_of(plan: Plan) -> Iterator[TrainingSpec]:
    """All trainings, in the order in which they are done."""
    return (spec for pairs in plan.values() for pair in pairs for spec in pair.both)


def names_of(plan: Plan) -> tuple[str, ...]:
    """Their digests, which name the comparison."""
    return tuple(spec.digest for spec in specs_of(plan))


def outcome_of(spec: TrainingSpec) -> Outcome | None:
    """What the training of this specification gave; None if the store does not have it."""
    known = st.session_state.setdefault(KNOWN, {})
    if spec.digest not in known:
        run = runs.load(engine().store, spec.digest)
        if run is None:
            return None
        answers, record = run.test, run.record
        right = answers["probabilities"].argmax(axis=1) == answers["labels"]
        known[spec.digest] = Outcome(right, record["history"], record["seconds"])
    return known[spec.digest]


def outcomes_of(pairs: Sequence[Pair]) -> list[tuple[Outcome, Outcome]] | None:
    """Of every pair; None unless all are there."""
    found = [(outcome_of(pair.without), outcome_of(pair.augmented)) for pair in pairs]
    return None if any(outcome is None for both in found for outcome in both) else found


def series_of(plan: Plan) -> Series | None:
    """The series of trainings that this session has begun for this comparison."""
    series: Series | None = st.session_state.get(SERIES)
    return series if series is not None and series.names == names_of(plan) else None


def button(plan: Plan, missing: Sequence[TrainingSpec]) -> None:
    """The one click that trains what is missing."""
    total, series = len(names_of(plan)), series_of(plan)
    st.button(
        f"Train {count(len(missing), 'network')}" if missing else "Trained",
        type="primary",
        icon=":material/play_arrow:" if missing else ":material/check:",
        key="augmentation.pay.train",
        disabled=not missing or (series is not None and series.is_alive()),
        on_click=_begin,
        args=(plan,),
        help=f"{total - len(missing)} of {total} are trained already; the result stays on this host.",
    )


def _begin(plan: Plan) -> None:
    before: Series | None = st.session_state.get(SERIES)
    if before is not None:
        before.stop()
    st.session_state[DRAWN] = set()
    st.session_state[SERIES] = series = Series(engine(), tuple(specs_of(plan)), owner=owner() + OWNER)
    series.start()


@st.fragment(run_every=REFRESH_SECONDS)
def following(plan: Plan) -> None:
    """Draws how far the series has come, while it goes on by itself."""
    series = series_of(plan)
    missing = [spec for spec in specs_of(plan) if outcome_of(spec) is None]
    drawn = {size for size, pairs in plan.items() if outcomes_of(pairs)}
    if series is None or not missing or not series.is_alive():
        st.rerun()
    series.watched()
    if drawn != st.session_state.get(DRAWN, drawn):
        st.session_state[DRAWN] = drawn
        st.rerun()  # the result of one more number of pictures is there
    bar, cancel = st.columns([5, 1], vertical_alignment="center")
    bar.progress(*_progress(plan, missing))
    if cancel.button("Cancel", key="augmentation.pay.cancel", width="stretch"):
        series.stop()
        series.join(STOP_SECONDS)
        st.rerun()


def _progress(plan: Plan, missing: Sequence[TrainingSpec]) -> tuple[float, str]:
    """The share that is done, and where it stands in words."""
    total = len(names_of(plan))
    jobs = [engine().job(spec.digest) for spec in missing]
    running = max((job.progress for job in jobs if job is not None and job.state is State.RUNNING), default=0.0)
    done = total - len(missing)
    words = f"{done} of {total} networks trained"
    left = _seconds_left(plan, missing)
    if left is not None:
        words += f" · about {seconds(left)} left"
    return min(1.0, (done + running) / total), words


def _seconds_left(plan: Plan, missing: Sequence[TrainingSpec]) -> float | None:
    """By what the others took, those of the same kind first; None while nothing is known."""
    taken: dict[tuple[int | None, bool], list[float]] = {}
    for spec in specs_of(plan):
        if (outcome := outcome_of(spec)) is not None:
            taken.setdefault((spec.train_size, bool(spec.augmentation)), []).append(outcome.seconds)
    if not taken:
        return None
    every = [value for values in taken.values() for value in values]
    alike = [taken.get((spec.train_size, bool(spec.augmentation)), every) for spec in missing]
    return sum(sum(values) / len(values) for values in alike)

"""The trainings with and without a pipeline: asked for one after the other, followed, and read from the store."""

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from cvlib import runs
from cvlib.augmenting.paying import Outcome, Pair
from cvlib.engine import Job, State, limits
from cvlib.errors import Busy, UserError
from cvlib.spec import TrainingSpec
from cvlib.ui.session import engine, owner
from cvlib.ui.words import count, seconds

WANTED = "augmentation.pay.wanted"
"""Digests of the trainings that this session has asked for and still waits for."""
ASKED = "augmentation.pay.asked"
"""Of those, the ones that the engine was asked for already."""
DRAWN = "augmentation.pay.drawn"
"""Numbers of pictures whose result is on the page already."""
KNOWN = "augmentation.pay.known"
"""Outcomes by the digests of their specifications."""
PROBLEM = "augmentation.pay.problem"
"""A plan's digests, and what went wrong with it, in a sentence."""
REFRESH_SECONDS = 1.0
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


def button(plan: Plan, missing: Sequence[TrainingSpec]) -> None:
    """The one click that trains what is missing."""
    total = len(names_of(plan))
    waits = bool(missing) and st.session_state.get(WANTED) == names_of(plan)
    label = f"Train {count(len(missing), 'network')}" if missing else "Trained"
    st.button(
        label,
        type="primary",
        icon=":material/play_arrow:" if missing else ":material/check:",
        key="augmentation.pay.train",
        disabled=not missing or waits,
        on_click=_begin,
        args=(plan,),
        help=f"{total - len(missing)} of {total} are trained already; the result stays on this host.",
    )


def _begin(plan: Plan) -> None:
    st.session_state[WANTED], st.session_state[ASKED] = names_of(plan), set()
    st.session_state[DRAWN] = set()
    st.session_state.pop(PROBLEM, None)


def _end(problem: str | None = None) -> None:
    plan = st.session_state.pop(WANTED, None)
    if problem:
        st.session_state[PROBLEM] = plan, problem
    st.rerun()


@st.fragment(run_every=REFRESH_SECONDS)
def following(plan: Plan) -> None:
    """Asks for one training after the other, for a session may have only one running and one waiting."""
    missing = [spec for spec in specs_of(plan) if outcome_of(spec) is None]
    drawn = {size for size, pairs in plan.items() if outcomes_of(pairs)}
    if not missing:
        _end()
    problem = advance(missing)
    if problem:
        _end(problem)
    if drawn != st.session_state.get(DRAWN, drawn):
        st.session_state[DRAWN] = drawn
        st.rerun()  # the result of one more number of pictures is there
    bar, cancel = st.columns([5, 1], vertical_alignment="center")
    bar.progress(*_progress(plan, missing))
    if cancel.button("Cancel", key="augmentation.pay.cancel", width="stretch"):
        for spec in missing:
            engine().cancel(spec.digest, owner=owner())
        _end("Cancelled. What was trained is kept; press Train to go on.")


def advance(missing: Sequence[TrainingSpec]) -> str | None:
    """See that the engine has as much to do for this session as it may have.

    Args:
        missing: what is still to be trained.

    Returns:
        What went wrong, in a sentence; None if nothing did.
    """
    asked, active = st.session_state.setdefault(ASKED, set()), 0
    for spec in missing:
        job = engine().job(spec.digest, owner=owner())
        if job is not None and job.state.is_active:
            active += 1
        elif job is not None and spec.digest in asked:
            if job.state is not State.DONE or runs.load(engine().store, spec.digest) is None:
                return _problem(job)
        elif active < limits.JOBS_A_SESSION:
            try:
                engine().train(spec, owner=owner())
            except Busy:
                return None  # something else of this session trains; the next look tries again
            except UserError as error:
                return str(error)
            asked.add(spec.digest)
            active += 1
    return None


def _problem(job: Job) -> str:
    if job.state is State.CANCELLED:
        return job.error or "One of the trainings was cancelled. Press Train to go on."
    return job.error or "A trained network could not be kept: the host's disk may be full."


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

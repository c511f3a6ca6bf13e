"""The training panel: asks for a training, shows it while it runs, and says how it ended.

It is one fragment: while a training runs, only the panel refreshes, and once it has ended the page runs once more.
"""

from collections.abc import Callable

import streamlit as st

from cvlib import runs
from cvlib.engine import Job, State
from cvlib.errors import UserError
from cvlib.figures import curves
from cvlib.spec import TrainingSpec
from cvlib.ui.session import engine, owner
from cvlib.ui.words import percent, seconds

REFRESH_SECONDS = 1.0
LEFT = "training.left"
"""Digests of the trainings that this session stopped waiting for."""
PROBLEM = "training.problem"


def request(spec: TrainingSpec) -> None:
    """Ask the engine for this training; a refusal is kept and shown by the panel."""
    _left().discard(spec.digest)
    st.session_state.pop(PROBLEM, None)
    try:
        engine().train(spec, owner=owner())
    except UserError as error:
        st.session_state[PROBLEM] = str(error)


def button(spec: TrainingSpec, *, key: str) -> None:
    """The button that asks for this training; it rests where the store has its result."""
    known = runs.load(engine().store, spec.digest) is not None
    st.button(
        "Trained" if known else "Train",
        type="primary",
        icon=":material/check:" if known else ":material/play_arrow:",
        width="stretch",
        disabled=known,
        key=key,
        on_click=request,
        args=(spec,),
        help="These settings have been trained already: the result is shown." if known else None,
    )


def has_left(spec: TrainingSpec) -> bool:
    """Whether this session cancelled the training."""
    return spec.digest in _left()


def _left() -> set[str]:
    return st.session_state.setdefault(LEFT, set())


def first_network(spec: TrainingSpec) -> None:
    """On a host that has no network yet: train this one while the visitor reads."""
    if engine().job(spec.digest) is None:
        request(spec)
    follow(spec, pending=lambda: st.info("Choose a network on the left."))


def follow(spec: TrainingSpec, *, pending: Callable[[], None]) -> None:
    """Draw the training of this specification: running, waiting, failed or (by `pending`) not begun."""
    if problem := st.session_state.get(PROBLEM):
        st.warning(problem, icon=":material/front_hand:")
    job = engine().job(spec.digest, owner=None if has_left(spec) else owner())
    if job is not None and job.state.is_active and not has_left(spec):
        _running(spec)
    else:
        _ended(spec, job)
        pending()


def _ended(spec: TrainingSpec, job: Job | None) -> None:
    if job is None:
        return
    if job.state is State.FAILED:
        st.error(job.error, icon=":material/error:")
    elif job.state is State.CANCELLED:
        kept = " What it had learned so far is kept below." if job.run else ""
        st.info(f"{job.error or 'Cancelled.'}{kept}", icon=":material/cancel:")
    elif job.state.is_active and has_left(spec):
        st.info("You stopped waiting for this training. It goes on, because somebody else waits for it too.")


@st.fragment(run_every=REFRESH_SECONDS)
def _running(spec: TrainingSpec) -> None:
    job = engine().job(spec.digest, owner=owner())
    if job is None or not job.state.is_active:
        st.rerun()
    bar, button = st.columns([5, 1], vertical_alignment="center")
    bar.progress(job.progress, text=headline(job))
    if button.button("Cancel", key="training.cancel", width="stretch", disabled=job.state is State.CANCELLING):
        if not engine().cancel(spec.digest, owner=owner()):
            _left().add(spec.digest)  # it goes on for others: this session alone stops watching
        st.rerun()
    draw_curves(job.history, spec)


def headline(job: Job) -> str:
    """Where the training stands, in one line."""
    left = f" · about {seconds(job.seconds_left)} left" if job.seconds_left is not None else ""
    if job.state is State.QUEUED:
        if not job.seconds_left:
            return "The engine is starting …"
        return f"Waiting: number {job.place} in the queue{left}"
    if job.state is State.CANCELLING:
        return "Stopping …"
    again = " (started again after its process died)" if job.retried else ""
    if not job.batch:
        return f"{job.phase.capitalize() or 'Starting'} …{again}"
    if job.phase != "training":
        return f"{job.phase.capitalize()} …"
    right = f" · {percent(job.batch['accuracy'])} right" if "accuracy" in job.batch else ""
    return f"Epoch {job.batch['epoch']} of {job.batch['epochs']}{right}{left}{again}"


def draw_curves(history: dict[str, list[float]], spec: TrainingSpec) -> None:
    """The loss and the task's metric over the epochs, in places that keep their height."""
    for column, metric in zip(st.columns(2), curves.OF_TASK[spec.task], strict=True):
        column.vega_lite_chart(
            curves.learning_curve(history, metric, epochs=spec.epochs),
            key=f"training.{metric}",
            alt=f"The {metric} of training and validation pictures over the epochs.",
        )
    st.caption(curves.reading(history))

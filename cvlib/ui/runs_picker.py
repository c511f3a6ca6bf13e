"""Earlier runs: open one again, compare with the last one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st

from cvlib import models, recipes, runs
from cvlib.errors import UnknownName
from cvlib.runs import Run
from cvlib.spec import TrainingSpec
from cvlib.ui import settings
from cvlib.ui.session import engine
from cvlib.ui.words import percent

HEADLINES = {
    "classification": ("Right on test pictures", "Share of the held-out test pictures that it names correctly."),
    "detection": (
        "mAP on test pictures",
        "Mean average precision: how well all its boxes and all true ones go together, if a box counts as right "
        "from an overlap (IoU) of one half on. 100 % is perfect.",
    ),
    "segmentation": (
        "Mean IoU on test pictures",
        "For each class the pixels that are its own and were found, as a share of those that are either; then the mean "
        "over the classes. 100 % is perfect.",
    ),
}

MOST = 30
LAST = "runs.last"
"""Begins the key of (name, headline metric) of the two runs of a task that this session looked at last."""
CHOICE = "runs.choice"


def draw(task: str = "classification", open_spec: Callable[[TrainingSpec], None] = settings.open_spec) -> None:
    """A list of the finished runs of a task; choosing one sets the controls to it, by `open_spec` in a callback."""
    found = [run for run in runs.every(engine().store) if run.spec.task == task][:MOST]
    if not found:
        return
    with st.popover("Earlier runs", icon=":material/history:", width="stretch"):
        st.caption("Everything that was trained on this host and is still kept, newest first.")
        by_name = {run.name: run for run in found}
        st.selectbox(
            "Open a run",
            list(by_name),
            index=None,
            format_func=lambda name: title(by_name[name]),
            placeholder="Choose a run",
            key=f"{CHOICE}.{task}",
            on_change=_open,
            args=(f"{CHOICE}.{task}", open_spec),
            help="Sets all controls to what this run was trained with and shows its result.",
        )


def _open(key: str, open_spec: Callable[[TrainingSpec], None]) -> None:
    name = st.session_state[key]
    run = runs.load(engine().store, name) if name else None
    if run is not None:
        open_spec(run.spec)
        st.session_state[key] = None


def title(run: Run) -> str:
    """A run in one line: network, pictures, accuracy, when."""
    when = datetime.fromisoformat(run.record["created"]).astimezone().strftime("%d %b %H:%M")
    stopped = " (cancelled)" if run.record["stopped"] else ""
    return f"{_model(run)} on {_data(run)} · {percent(headline(run))} · {when}{stopped}"


def _model(run: Run) -> str:
    try:
        return models.info(run.spec.model).title
    except UnknownName:
        return run.spec.model


def _data(run: Run) -> str:
    try:
        return recipes.card_of(run.spec).title
    except UnknownName:
        return run.spec.data


def headline(run: Run) -> float:
    """The one number that says how good a run is, 0 to 1."""
    return run.metrics[recipes.HEADLINE[run.spec.task]]


def metric_against_last(place: Any, run: Run) -> None:
    """The headline metric, with its change against the run of this task that this session looked at before."""
    key = f"{LAST}.{run.spec.task}"
    seen = st.session_state.setdefault(key, [])
    value, (label, help_text) = headline(run), HEADLINES[run.spec.task]
    if not seen or seen[-1][0] != run.name:
        st.session_state[key] = seen = [*seen[-1:], (run.name, value)]
    change = value - seen[0][1] if len(seen) > 1 else None
    place.metric(
        label,
        percent(value),
        delta=None if change is None else f"{100 * change:+.1f} points",
        delta_description=None if change is None else "against the last run",
        help=help_text,
    )

"""Earlier runs: open one again, compare with the last one."""

from datetime import datetime
from typing import Any

import streamlit as st

from cvlib import data, models, runs
from cvlib.errors import UnknownName
from cvlib.runs import Run
from cvlib.ui import settings
from cvlib.ui.session import engine
from cvlib.ui.words import percent

MOST = 30
LAST = "runs.last"
"""(name, accuracy) of the two runs that this session looked at last, the newest at the end."""
CHOICE = "runs.choice"


def draw(task: str = "classification") -> None:
    """A list of the finished runs; choosing one sets the controls to it."""
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
            key=CHOICE,
            on_change=_open,
            help="Sets all controls to what this run was trained with and shows its result.",
        )


def _open() -> None:
    name = st.session_state[CHOICE]
    run = runs.load(engine().store, name) if name else None
    if run is not None:
        settings.open_spec(run.spec)
        st.session_state[CHOICE] = None


def title(run: Run) -> str:
    """A run in one line: network, pictures, accuracy, when."""
    when = datetime.fromisoformat(run.record["created"]).astimezone().strftime("%d %b %H:%M")
    stopped = " (cancelled)" if run.record["stopped"] else ""
    return f"{_model(run)} on {_data(run)} · {percent(run.metrics['accuracy'])} · {when}{stopped}"


def _model(run: Run) -> str:
    try:
        return models.info(run.spec.model).title
    except UnknownName:
        return run.spec.model


def _data(run: Run) -> str:
    try:
        return data.info(run.spec.data).title
    except UnknownName:
        return run.spec.data


def metric_against_last(place: Any, run: Run) -> None:
    """The test accuracy, with its change against the run this session looked at before."""
    seen = st.session_state.setdefault(LAST, [])
    accuracy = run.metrics["accuracy"]
    if not seen or seen[-1][0] != run.name:
        st.session_state[LAST] = seen = [*seen[-1:], (run.name, accuracy)]
    change = accuracy - seen[0][1] if len(seen) > 1 else None
    place.metric(
        "Right on test pictures",
        percent(accuracy),
        delta=None if change is None else f"{100 * change:+.1f} points",
        delta_description=None if change is None else "against the last run",
        help="Share of the held-out test pictures that it names correctly.",
    )

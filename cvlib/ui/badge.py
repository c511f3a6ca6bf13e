"""The engine's badge: device, what runs, what waits."""

import streamlit as st

from cvlib.engine import Status
from cvlib.ui.session import engine

REFRESH_SECONDS = 5.0
PHASES = {
    "off": (":material/power_settings_new:", "The engine starts with the first task"),
    "starting": (":material/hourglass_top:", "The engine is starting"),
    "failed": (":material/error:", "The engine could not be started. The host's log says why"),
    "ready": (":material/memory:", "Ready"),
}


def describe(status: Status) -> str:
    """The state in one line of Markdown that holds nothing a visitor wrote."""
    icon, text = PHASES[status.phase]
    if status.phase == "ready" and status.device:
        text = status.device
    return f"{icon} {text}"


def activity(status: Status) -> str:
    """What runs and what waits, in words."""
    running = len(status.running)
    if not running and not status.queued:
        return "No training is running."
    waiting = f", {status.queued} waiting" if status.queued else ""
    return f"{running} training{'s' if running != 1 else ''} running{waiting}."


@st.fragment(run_every=REFRESH_SECONDS)
def badge() -> None:
    """Draw the badge; it refreshes itself."""
    status = engine().status()
    st.caption(f"{describe(status)}  \n{activity(status)}")

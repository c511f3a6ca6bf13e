"""An explanation for the page: a few passes at a time, with progress and cancel, remembered in the session."""

from typing import Any

import streamlit as st

from cvlib.errors import Cancelled
from cvlib.explain import asking, methods
from cvlib.explain.asking import Request
from cvlib.explain.base import Explanation
from cvlib.ui.subject import Subject, remember
from cvlib.ui.words import seconds

STOPPED = "explain.stopped"


def explained(subject: Subject, request: Request) -> Explanation:
    """The explanation; while it is made, a bar and a button to stop it stand here.

    Raises:
        Cancelled: the person stopped it.
    """
    key = ("map", subject.digest, *_key(request))
    if st.session_state.get(STOPPED) == key:
        st.info("Stopped. Choose something else, or try again.", icon=":material/cancel:")
        if not st.button("Try again", key="explain.again", icon=":material/replay:"):
            raise Cancelled("The explanation was stopped.")
        st.session_state.pop(STOPPED)
    return remember(key, lambda: _make(subject, request, key))


def _key(request: Request) -> tuple[Any, ...]:
    return (request.method, request.target, request.layer, request.seed, tuple(sorted(request.options.items())))


def _make(subject: Subject, request: Request, key: tuple) -> Explanation:
    place = st.empty()
    progress = subject.ask(asking.proceed, subject.seen, request)
    title = methods.info(request.method).title
    while progress.result is None:
        _draw_bar(place, progress, title, key)
        progress = subject.ask(asking.proceed, subject.seen, request, progress)
    place.empty()
    return progress.result


def _draw_bar(place: Any, progress: asking.Progress, title: str, key: tuple) -> None:
    left = progress.seconds / progress.done * (progress.passes - progress.done)
    with place.container(horizontal=True, vertical_alignment="center"):
        st.progress(
            progress.done / progress.passes,
            text=f"{title}: pass {progress.done} of {progress.passes} · about {seconds(left)} left",
        )
        # A press ends this run of the page at its next step; the callback keeps the next run from beginning again.
        st.button("Stop", key=f"explain.stop.{hash(key)}.{progress.done}", on_click=_stop, args=(key,))


def _stop(key: tuple) -> None:
    st.session_state[STOPPED] = key

"""A long work in a worker, followed on the page: a bar, a button to stop it, and its parts as they come."""

from collections.abc import Callable, Iterator
from typing import Any

import streamlit as st

from cvlib import ongoing
from cvlib.ui.session import run as call
from cvlib.ui.words import percent


def follow(
    token: str, share: Callable[[Any], float], *, text: str, key: str, forget: bool = True
) -> Iterator[tuple[Any, ...]]:
    """The parts of a work, as they come. A press of Stop ends this run of the page; what was kept by then stays.

    Args:
        token: of the work, see `cvlib.ongoing`.
        share: of a part, how much of the work is done, 0 to 1.
        text: what is being done.
        key: begins the keys of its widgets.
        forget: whether the worker drops the work at the end; else it is the caller's to drop.
    """
    bar, stop = st.progress(0.0, text=f"{text} …"), st.empty()
    stop.button("Stop", key=f"{key}.stop", icon=":material/stop:")
    try:
        while parts := call(ongoing.proceed, token):
            done = min(1.0, max(0.0, share(parts[-1])))
            bar.progress(done, text=f"{text} · {percent(done)}")
            yield parts
    finally:
        if forget:
            call(ongoing.forget, [token])
    bar.empty()
    stop.empty()

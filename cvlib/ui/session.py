"""Who is looking, and the engine they all share."""

import gc
import uuid
from collections.abc import Callable
from typing import Any

import streamlit as st

from cvlib.engine import Engine

OWNER = "session.owner"


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The server's engine, made at the first call and begun to start in the background."""
    made = Engine()
    made.start()
    # What was imported by now lives as long as the server: the collector need not look at it again.
    gc.freeze()
    return made


def owner() -> str:
    """A random name for this session, under which it takes its turn in the queue."""
    if OWNER not in st.session_state:
        st.session_state[OWNER] = uuid.uuid4().hex
    return st.session_state[OWNER]


def run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function in the engine's warm process; see `Engine.run`."""
    return engine().run(function, *args, **kwargs)

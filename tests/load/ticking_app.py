"""A small page for the client's own test: a fragment that ticks, a fault on demand, an end of the ticking on demand.

It writes down each of its runs, so that the test can compare what the client counted with what the server did.
"""

import os
from pathlib import Path

import streamlit as st

runs = Path(os.environ["TICKING_RUNS"])


def note(kind: str) -> None:
    with runs.open("a") as file:
        file.write(f"{st.query_params['name']} {kind}\n")


@st.fragment(run_every=0.5)
def ticking() -> None:
    st.session_state.ticks = st.session_state.get("ticks", 0) + 1
    note("tick")
    if st.query_params.get("until") == str(st.session_state.ticks):
        st.session_state.ended = True
        st.rerun()


note("run")
if "fault" in st.query_params:
    raise ValueError("a fault on demand")
if not st.session_state.get("ended"):
    ticking()

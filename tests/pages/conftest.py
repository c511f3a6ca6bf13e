"""What the tests of all pages share: one engine a worker, because it takes seconds to start."""

from collections.abc import Iterator

import pytest
import streamlit as st

from cvlib.ui import session


def end_engine() -> None:
    session.engine().close()
    st.cache_resource.clear()


@pytest.fixture(scope="session", autouse=True)
def one_engine() -> Iterator[None]:
    yield
    end_engine()


@pytest.fixture(scope="module", autouse=True)
def an_empty_store() -> Iterator[None]:
    """Every file begins with no run at all, in whatever order they come, and leaves nothing that trains."""
    store = session.engine().store
    for info in store.entries():
        store.remove(info.digest)
    yield
    status = session.engine().status()
    if status.running or status.queued:  # the next file's tests would wait for what a page began by itself
        end_engine()

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
def nothing_left_to_train() -> Iterator[None]:
    """What a page began to train by itself, and no test waits for, would keep the next file's tests waiting."""
    yield
    status = session.engine().status()
    if status.running or status.queued:
        end_engine()

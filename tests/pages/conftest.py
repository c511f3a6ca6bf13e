"""What the tests of all pages share: one engine a worker, because it takes seconds to start."""

from collections.abc import Iterator

import pytest
import streamlit as st

from cvlib.ui import session


@pytest.fixture(scope="session", autouse=True)
def one_engine() -> Iterator[None]:
    yield
    session.engine().close()
    st.cache_resource.clear()

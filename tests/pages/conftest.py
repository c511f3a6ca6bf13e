"""What the tests of all pages share: one engine a worker, because it takes seconds to start."""

import contextlib
from collections.abc import Callable, Iterator

import psutil
import pytest
import streamlit as st

from cvlib.engine import Engine
from cvlib.ui import session
from tests import at_hand
from tests.engine.helpers import training_processes, until


def end_engine() -> None:
    session.engine().close()
    st.cache_resource.clear()


def end_trainings() -> None:
    """Nothing trains any more that a page has begun by itself; the engine stays, and remembers what was cancelled."""
    engine = session.engine()
    for record in list(engine._records.values()):
        for owner in list(record.owners):
            engine.cancel(record.digest, owner=owner)
    until(lambda: _has_ended(engine), seconds=60)


def _has_ended(engine: Engine) -> bool:
    status = engine.status()
    if not status.running and not status.queued:
        return True
    for process in training_processes():  # it would finish its epoch and then test what it has
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return False


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
    end_trainings()


@pytest.fixture
def no_training_left() -> Iterator[None]:
    """For a test that opens a page which begins to train by itself, where nothing is asked of that network."""
    yield
    end_trainings()


@pytest.fixture(scope="session")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., None]:
    """Put runs of these specifications into the engine's store; see `tests.at_hand.hand`."""
    kept = at_hand.shelf(tmp_path_factory)
    return lambda *specs: at_hand.hand(kept, session.engine(), *specs)

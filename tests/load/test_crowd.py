"""Thirty visitors while a network trains: a short run of the load that a workshop makes."""

import asyncio
import statistics
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.browser.conftest import server  # noqa: F401  the fixture
from tests.load.client import crowd, visit

pytestmark = [pytest.mark.load, pytest.mark.timeout(180)]
SESSIONS = 30
SECONDS = 12.0


def finished(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of asynchronous work, done in a thread of its own: the browser tests keep this one's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.mark.parametrize("url", ["http://10.0.0.1:8501/", "http://8.8.8.8/"])
def test_only_this_machine_is_visited(url: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        finished(visit(url, "", seconds=0))


def test_l4_thirty_sessions_watch_a_training(server: str) -> None:  # noqa: F811
    url = f"{server}/classification"
    assert finished(visit(url, "", seconds=90, until="Right on test pictures")).saw  # the default is trained once
    long = "step=Learn&epochs=200&batch_size=8"
    assert not finished(visit(url, long, seconds=0, press="Train")).exceptions
    visits = finished(crowd(url, [long] * SESSIONS, seconds=SECONDS, rerun_every=4.0, spread=True))
    assert not [message for one in visits for message in one.exceptions]
    due, served = sum(one.ticks_due for one in visits), sum(one.ticks_served for one in visits)
    assert due > SESSIONS and served >= 0.95 * due
    reruns = [seconds for one in visits for seconds in one.reruns]
    assert len(reruns) >= SESSIONS and statistics.median(reruns) > 0

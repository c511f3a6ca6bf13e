"""The client itself: what it counts is what the server did."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.browser.serving import serving
from tests.load.client import MOST_SESSIONS, Visit, crowd, visit

pytestmark = pytest.mark.load
APP = Path(__file__).with_name("ticking_app.py")
SECONDS = 2.7


def finished(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of asynchronous work, done in a thread of its own: the browser tests keep this one's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Visit], Counter[str]]]:
    """What five visitors saw, by name, and how often the server ran what for whom."""
    home = tmp_path_factory.mktemp("ticking")
    queries = ["name=one", "name=two", "name=three", "name=fault&fault=1", "name=ends&until=2"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TICKING_RUNS", str(home / "runs"))
        patch.setenv("STREAMLIT_SERVER_FILE_WATCHER_TYPE", "none")
        with serving(APP, home / "log") as url:
            seen = finished(crowd(f"{url}/", queries, seconds=SECONDS, rerun_every=1.8))
            waiting = visit(f"{url}/", "name=waits&fault=1", seconds=20, rerun_every=1.8, until="encountered an error")
            seen.append(finished(waiting))
            queries.append("name=waits")
    done = Counter((home / "runs").read_text().splitlines())
    yield {query.split("&")[0].removeprefix("name="): one for query, one in zip(queries, seen, strict=True)}, done


@pytest.mark.parametrize("name", ["one", "two", "three"])
def test_ticks_and_reruns_are_what_the_server_did(visits: tuple, name: str) -> None:
    seen, done = visits
    one = seen[name]
    assert one.first_run > 0 and one.exceptions == []
    assert len(one.reruns) == 1 and done[f"{name} run"] == 2
    assert 2 <= one.ticks_due == len(one.tick_seconds) and one.ticks_served <= one.ticks_due
    assert done[f"{name} tick"] == 2 + one.ticks_due  # a full run draws the fragment, too


def test_a_fault_on_the_page_is_seen(visits: tuple) -> None:
    seen, done = visits
    assert len(seen["fault"].exceptions) == done["fault run"] == 2
    assert seen["fault"].ticks_due == 0


def test_it_leaves_once_what_it_waits_for_is_shown(visits: tuple) -> None:
    seen, done = visits
    assert seen["waits"].saw and not seen["waits"].reruns and done["waits run"] == 1
    assert not seen["fault"].saw  # it was shown the same, and stayed


def test_a_fragment_that_is_gone_ticks_no_more(visits: tuple) -> None:
    """Its second run, the first tick, asks for the page anew; the answer to that tick is the whole page."""
    seen, done = visits
    assert done["ends tick"] == 2 and seen["ends"].ticks_due == 1
    assert done["ends run"] == 3 and len(seen["ends"].reruns) == 1


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1:8501/", "http://8.8.8.8/", "http://example.org/", "http://[2001::1]/"]
)
def test_only_this_machine_is_visited(url: str) -> None:
    with pytest.raises(ValueError):
        finished(visit(url, "", seconds=0))


def test_the_crowd_is_bounded() -> None:
    with pytest.raises(ValueError, match="at most"):
        finished(crowd("http://127.0.0.1:1/", [""] * (MOST_SESSIONS + 1), seconds=0))


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(OSError):
        finished(visit("http://127.0.0.1:1/", "", seconds=0))

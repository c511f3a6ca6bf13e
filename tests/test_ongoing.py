"""Work that goes on over many calls: kept under a token, for a while, and no longer."""

import time
from collections import OrderedDict

import pytest

from cvlib import ongoing
from cvlib.errors import JobError


@pytest.fixture(autouse=True)
def nothing_kept_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests' works were kept by another clock than the one that a test sets."""
    monkeypatch.setattr(ongoing, "_works", OrderedDict())


def test_parts_come_until_there_are_none() -> None:
    token = ongoing.keep(iter(range(5)))
    assert ongoing.proceed(token) == (0, 1, 2, 3, 4) and ongoing.proceed(token) == ()
    ongoing.forget([token])
    with pytest.raises(JobError, match="Start it again"):
        ongoing.proceed(token)


def test_slow_parts_come_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ongoing, "SECONDS_A_CALL", 0.0)
    token = ongoing.keep(iter("abc"))
    assert [ongoing.proceed(token) for _ in range(4)] == [("a",), ("b",), ("c",), ()]
    ongoing.forget([token])


def test_who_has_left_is_forgotten_and_who_asks_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    left, here = ongoing.keep("pictures"), ongoing.keep("others")
    now[0] += 0.9 * ongoing.SECONDS_KEPT
    assert ongoing.find(here) == "others"
    now[0] += 0.2 * ongoing.SECONDS_KEPT
    assert ongoing.find(here) == "others"
    with pytest.raises(JobError):
        ongoing.find(left)
    ongoing.forget([here])


def test_a_guessed_token_finds_nothing() -> None:
    with pytest.raises(JobError):
        ongoing.find("0" * 32)

"""A series of trainings: one at a time, whoever watches; and how it ends early."""

from types import SimpleNamespace

import pytest

from cvlib import runs
from cvlib.engine import State, series
from cvlib.engine.series import Series
from cvlib.errors import Busy, SpecError
from cvlib.spec import TrainingSpec
from tests.engine.helpers import quick, until


class Pretended:
    """An engine whose trainings take a few looks each, and that notes what it was asked for."""

    def __init__(self, *, looks: float = 3, refuses: Exception | None = None, fails: bool = False) -> None:
        self.store = self.kept = set()
        self.asked, self.cancelled, self.active = [], [], 0
        self.looks, self.refuses, self.fails = looks, refuses, fails

    def train(self, spec: TrainingSpec, *, owner: str) -> None:
        if self.refuses:
            refusal, self.refuses = self.refuses, None
            raise refusal
        self.asked.append(spec.digest)
        self.left = self.looks

    def job(self, digest: str, *, owner: str) -> SimpleNamespace:
        self.left -= 1
        if self.left <= 0 and not self.fails:
            self.kept.add(digest)
        ended = State.FAILED if self.fails else State.DONE
        return SimpleNamespace(state=State.RUNNING if self.left > 0 else ended, error="It broke." if self.fails else "")

    def cancel(self, digest: str, *, owner: str) -> None:
        self.cancelled.append(digest)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "load", lambda store, digest: digest if digest in store else None)
    monkeypatch.setattr(series, "LOOK_SECONDS", 0.01)


SPECS = [quick(seed=seed) for seed in range(3)]


def through(engine: Pretended) -> Series:
    made = Series(engine, SPECS, owner="a")
    made.start()
    made.join(10)
    assert not made.is_alive()
    return made


def test_all_are_trained_one_after_the_other_and_what_is_there_is_passed_over() -> None:
    engine = Pretended()
    engine.kept.add(SPECS[1].digest)
    assert through(engine).problem is None
    assert engine.asked == [SPECS[0].digest, SPECS[2].digest]


def test_a_full_queue_is_waited_for() -> None:
    engine = Pretended(refuses=Busy("Full."))
    assert through(engine).problem is None and len(engine.asked) == 3


def test_a_refusal_ends_it_with_its_sentence() -> None:
    engine = Pretended(refuses=SpecError("It cannot be done."))
    assert through(engine).problem == "It cannot be done." and not engine.asked


def test_a_failure_ends_it_with_its_sentence() -> None:
    engine = Pretended(fails=True)
    assert through(engine).problem == "It broke." and len(engine.asked) == 1


def test_a_fault_ends_it_with_a_sentence_without_details() -> None:
    assert through(Pretended(refuses=KeyError("/secret"))).problem == series.FAULT


def test_it_is_stopped() -> None:
    engine = Pretended(looks=10**6)
    made = Series(engine, SPECS, owner="a")
    made.start()
    until(lambda: engine.asked)
    made.stop()
    made.join(10)
    assert not made.is_alive() and made.problem == series.CANCELLED
    assert engine.cancelled == engine.asked == [SPECS[0].digest]


def test_nothing_is_begun_for_those_who_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "UNWATCHED_SECONDS", -1.0)
    engine = Pretended()
    assert through(engine).problem == series.LEFT and not engine.asked

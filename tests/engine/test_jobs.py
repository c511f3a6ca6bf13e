"""Queue order and books, without any process."""

from hypothesis import given
from hypothesis import strategies as st

from cvlib.engine.jobs import FairShare, Record, State, in_queue_order
from cvlib.spec import TrainingSpec


def record(tag: float, seed: int) -> Record:
    spec = TrainingSpec(seed=seed)
    return Record(spec=spec, digest=spec.digest, tag=tag, submitted=float(seed))


def order(owners: list[str]) -> list[str]:
    """The owners in the order in which their jobs, submitted in the given order, would run."""
    fair = FairShare()
    records = [record(fair.tag(owner), seed) for seed, owner in enumerate(owners)]
    return [owners[queued.spec.seed] for queued in in_queue_order(records)]


def test_no_jobs() -> None:
    assert in_queue_order([]) == []


def test_first_come_first_served_between_equals() -> None:
    assert order(["a", "b", "c"]) == ["a", "b", "c"]


def test_fault_58_many_jobs_of_one_session_wait_behind_the_first_of_everybody() -> None:
    ran = order(["greedy"] * 20 + ["b", "c"])
    assert ran[:3] == ["greedy", "b", "c"]


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30))
def test_the_nth_job_of_a_session_waits_for_no_later_one_of_another(owners: list[str]) -> None:
    ran = order(owners)
    turns = [ran[: position + 1].count(owner) for position, owner in enumerate(ran)]
    assert sorted(ran) == sorted(owners)
    assert turns == sorted(turns)


def test_a_late_session_is_not_behind_those_that_used_the_engine_all_day() -> None:
    fair = FairShare()
    for _ in range(10):
        fair.started(fair.tag("regular"))
    assert fair.tag("late") <= fair.tag("regular")


def test_an_early_idle_session_gains_no_credit() -> None:
    fair = FairShare()
    fair.tag("idle")
    for _ in range(10):
        fair.started(fair.tag("regular"))
    newcomer, idle = fair.tag("new"), fair.tag("idle")
    assert idle >= newcomer


def test_events_build_the_history() -> None:
    books = record(0.0, 1)
    books.on_event({"kind": "started"})
    books.on_event({"kind": "phase", "phase": "training"})
    books.on_event({"kind": "epoch", "epoch": 1, "loss": 0.5, "accuracy": 0.9, "time": 1.0})
    books.on_event({"kind": "unheard of"})
    job = books.snapshot(None, 0.0)
    assert job.state is State.RUNNING
    assert job.history == {"loss": [0.5], "accuracy": [0.9]}


def test_a_second_start_is_a_retry_and_begins_the_history_anew() -> None:
    books = record(0.0, 1)
    books.on_event({"kind": "started"})
    books.on_event({"kind": "epoch", "epoch": 1, "loss": 0.5})
    books.on_event({"kind": "started"})
    job = books.snapshot(None, 0.0)
    assert job.retried and job.history == {}


def test_nothing_changes_after_the_end() -> None:
    books = record(0.0, 1)
    books.state = State.DONE
    books.on_event({"kind": "started"})
    assert books.state is State.DONE and books.starts == 0


def test_only_a_session_that_looks_counts_as_waiting() -> None:
    books = record(0.0, 1)
    books.touch("a")
    assert not books.others_waiting("a")
    books.owners["b"] = -1e9
    assert not books.others_waiting("a")
    books.touch("b")
    assert books.others_waiting("a")

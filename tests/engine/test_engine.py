"""The engine with real workers: what it gives, and what happens when processes are stopped, killed or frozen."""

import contextlib
import dataclasses
import os
import signal
import threading
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from cvlib import data, runs
from cvlib.engine import Engine, State, limits, training_slot
from cvlib.engine.cluster import INTERACTIVE, TRAINING
from cvlib.errors import Busy, JobError, TimeLimit, UnknownName
from cvlib.tasks import classification
from tests.engine.helpers import ended, is_learning, quick, slow, training_processes, until


def boom(message: str) -> None:
    raise UnknownName(message)


def process_id() -> int:
    return os.getpid()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def freeze() -> None:
    signal.pause() if hasattr(signal, "pause") else None
    threading.Event().wait()


def worker_pid(engine: Engine, slot: str) -> int:
    return engine._connected().submit(process_id, resources={slot: 1}, pure=False).result(30)


def test_a_training_ends_in_the_store_and_its_model_predicts(engine: Engine) -> None:
    spec = quick()
    assert engine.train(spec, owner="a").state in (State.QUEUED, State.RUNNING)
    job = ended(engine, spec)
    assert job.state is State.DONE and job.error is None
    assert len(job.history["loss"]) == spec.epochs
    run = runs.load(engine.store, spec.digest)
    images = data.load("digits", seed=spec.split_seed).test.images
    shares = engine.run_with_model(run.name, classification.predict, images)
    np.testing.assert_allclose(shares, run.test["probabilities"], atol=2e-2)


def test_a_second_request_is_answered_from_the_store(engine: Engine) -> None:
    spec = quick()
    engine.train(spec, owner="a")
    ended(engine, spec)
    engine.train(spec, owner="b")
    job = ended(engine, spec)
    assert job.state is State.DONE and job.history == {}  # nothing was trained


def test_errors_of_a_call_reach_the_caller(engine: Engine) -> None:
    with pytest.raises(UnknownName, match="no such thing"):
        engine.run(boom, "no such thing")


def test_a_run_that_is_gone_is_named_so(engine: Engine) -> None:
    with pytest.raises(Exception, match="no longer in the store"):
        engine.run_with_model("0" * 64, classification.predict, np.zeros((1, 8, 8, 1), np.uint8))


def test_fault_50_cancel_while_running_frees_the_slot(engine: Engine) -> None:
    spec = slow(seed=50, model="lenet")
    engine.train(spec, owner="a")
    until(lambda: is_learning(engine, spec))
    assert engine.cancel(spec.digest, owner="a")
    job = ended(engine, spec, seconds=1.5)  # 1 s, and the machine's noise
    assert job.state is State.CANCELLED
    assert not training_processes()
    assert job.run == spec.digest + runs.STOPPED  # what it had learned so far is kept
    run = runs.load(engine.store, job.run)
    assert run.record["stopped"] and 0 < run.metrics["accuracy"] <= 1


def test_fault_50_cancel_while_starting_kills(engine: Engine) -> None:
    spec = slow(seed=51)
    engine.train(spec, owner="a")
    until(lambda: engine.job(spec.digest).state is State.RUNNING)
    engine.cancel(spec.digest, owner="a")
    assert ended(engine, spec, seconds=1.5).state is State.CANCELLED
    until(lambda: not training_processes(), seconds=2)


def test_fault_50_cancel_while_queued(engine: Engine) -> None:
    first, second = slow(seed=52), slow(seed=53)
    engine.train(first, owner="a")
    job = engine.train(second, owner="b")
    assert job.state is State.QUEUED and job.place is not None
    engine.cancel(second.digest, owner="b")
    assert ended(engine, second, seconds=1.0).state is State.CANCELLED
    until(lambda: is_learning(engine, first))
    assert engine.job(first.digest).state is State.RUNNING


def test_cancelled_training_can_be_asked_for_again(engine: Engine) -> None:
    spec = slow(seed=54)
    for _ in range(2):
        engine.train(spec, owner="a")
        until(lambda: is_learning(engine, spec))
        engine.cancel(spec.digest, owner="a")
        assert ended(engine, spec).state is State.CANCELLED


def test_a_training_that_others_wait_for_goes_on(engine: Engine) -> None:
    spec = slow(seed=55)
    engine.train(spec, owner="a")
    engine.train(spec, owner="b")
    assert not engine.cancel(spec.digest, owner="a")
    assert engine.job(spec.digest).state.is_active
    assert engine.cancel(spec.digest, owner="b")


def test_fault_51_a_killed_training_is_started_again_once(engine: Engine) -> None:
    spec = slow(seed=60, epochs=8)
    engine.train(spec, owner="a")
    until(lambda: is_learning(engine, spec))
    for process in training_processes():
        process.kill()
    job = ended(engine, spec)
    assert job.state is State.DONE and job.retried


def test_fault_51_killed_twice_it_stopped_unexpectedly(engine: Engine) -> None:
    spec = slow(seed=61)
    engine.train(spec, owner="a")
    for _ in range(2):
        until(lambda: is_learning(engine, spec))
        for process in training_processes():
            process.kill()
        until(lambda: not is_learning(engine, spec) or not engine.job(spec.digest).state.is_active)
    job = ended(engine, spec)
    assert job.state is State.FAILED and "stopped unexpectedly" in job.error


def test_fault_51_a_killed_worker_costs_its_job_one_retry_and_nobody_else_anything(engine: Engine) -> None:
    spec = slow(seed=62, epochs=8)
    warm = worker_pid(engine, INTERACTIVE)
    slot = worker_pid(engine, TRAINING)
    engine.train(spec, owner="a")
    until(lambda: is_learning(engine, spec))
    os.kill(slot, signal.SIGKILL)
    job = ended(engine, spec)
    assert job.state is State.DONE and job.retried
    assert worker_pid(engine, INTERACTIVE) == warm


def test_fault_51_a_killed_interactive_worker_is_replaced(engine: Engine) -> None:
    with pytest.raises(JobError, match="stopped unexpectedly"):
        engine.run(die)
    assert engine.run(process_id) > 0


def test_a_call_that_hangs_meets_its_limit_and_the_next_one_works(engine: Engine) -> None:
    with pytest.raises(TimeLimit):
        engine.run(freeze, timeout=1)
    assert engine.run(process_id) > 0


@pytest.mark.parametrize("has_spoken", [True, False])
def test_fault_53_a_child_that_never_speaks_counts_as_dead(has_spoken: bool) -> None:
    child = SimpleNamespace(has_spoken=has_spoken)
    patience = dataclasses.replace(limits.training_limits(), start_seconds=-1.0)
    bounds = training_slot._Bounds(child, threading.Event(), patience)
    with contextlib.nullcontext() if has_spoken else pytest.raises(training_slot._Died):
        bounds.check()


def test_fault_52_over_its_memory(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CVLIB_TRAINING_MEMORY_MB", "100")
    spec = slow(seed=70)
    engine.train(spec, owner="a")
    job = ended(engine, spec)
    assert job.state is State.FAILED and "too large for this machine" in job.error


def test_a_training_whose_time_is_up_keeps_what_it_has(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CVLIB_TRAINING_SECONDS", "8")
    spec = slow(seed=72)
    engine.train(spec, owner="a")
    job = ended(engine, spec)
    assert job.state is State.CANCELLED and "time" in job.error
    assert runs.load(engine.store, job.run).metrics["accuracy"] >= 0


def test_fault_53_a_hang_meets_the_hard_limit(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CVLIB_TRAINING_SECONDS", "3")
    spec = slow(seed=71)
    engine.train(spec, owner="a")
    until(training_processes)
    for process in training_processes():
        process.suspend()
    job = ended(engine, spec)
    assert job.state is State.FAILED and "limit on this host" in job.error
    assert not training_processes()


def test_fault_54_a_loss_that_is_not_a_number_explains_the_learning_rate(engine: Engine) -> None:
    spec = slow(seed=72, model="lenet", batch_size=64, optimizer="sgd", learning_rate=10.0, schedule="constant")
    engine.train(spec, owner="a")
    job = ended(engine, spec)
    assert job.state is State.FAILED and "learning rate" in job.error


def test_fault_55_the_training_outlives_the_tab_and_is_there_for_the_reopened_link(engine: Engine) -> None:
    spec = quick(seed=73)
    engine.train(spec, owner="closed tab")
    assert engine.job(spec.digest, owner="reopened") is not None
    assert ended(engine, spec).state is State.DONE


def test_fault_57_full_queue(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "JOBS_QUEUED", 2)
    first = slow(seed=80)
    engine.train(first, owner="first")
    until(lambda: engine.job(first.digest).state is State.RUNNING)
    waiting = [slow(seed=81), slow(seed=82)]
    for number, spec in enumerate(waiting):
        engine.train(spec, owner=str(number))
    with pytest.raises(Busy, match="2 trainings are waiting"):
        engine.train(slow(seed=83), owner="late")
    assert [engine.job(spec.digest).place for spec in waiting] == [1, 2]


def test_fault_58_a_session_has_one_running_and_one_waiting(engine: Engine) -> None:
    admitted = 0
    for seed in range(20):
        try:
            engine.train(slow(seed=100 + seed), owner="greedy")
            admitted += 1
        except Busy:
            continue
    other = quick(seed=120)
    job = engine.train(other, owner="modest")
    assert admitted == limits.JOBS_A_SESSION
    assert job.place <= 2
    until(lambda: is_learning(engine, slow(seed=100)))
    engine.cancel(slow(seed=100).digest, owner="greedy")
    assert ended(engine, other).state is State.DONE  # before greedy's second
    assert engine.job(slow(seed=101).digest).state.is_active


def test_fault_59_a_double_click_is_one_job(engine: Engine) -> None:
    spec = slow(seed=130)
    engine.train(spec, owner="a")
    engine.train(spec, owner="a")
    status = engine.status()
    assert status.queued + len(status.running) == 1


def test_fault_61_guessed_job_ids_are_not_found(engine: Engine) -> None:
    for guess in ("", "0" * 64, "../../etc/passwd", "*"):
        assert engine.job(guess) is None
        assert not engine.cancel(guess, owner="x")


def test_everything_listens_on_the_loopback_only(engine: Engine) -> None:
    engine.run(process_id)
    listening = [
        connection.laddr.ip
        for process in psutil.Process().children(recursive=True)
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening and set(listening) == {"127.0.0.1"}

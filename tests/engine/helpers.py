"""Waiting for the engine, and trainings of known length."""

import time
from collections.abc import Callable

import psutil

from cvlib.engine import Engine, Job
from cvlib.spec import TrainingSpec


def until(condition: Callable[[], object], *, seconds: float = 60.0) -> object:
    """Wait until the condition gives something true, and return that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


def ended(engine: Engine, spec: TrainingSpec, *, seconds: float = 90.0) -> Job:
    """The job of this specification once it has ended."""

    def over() -> Job | None:
        job = engine.job(spec.digest)
        return job if job and not job.state.is_active else None

    return until(over, seconds=seconds)


def is_learning(engine: Engine, spec: TrainingSpec) -> bool:
    """Whether the training has come so far that it reports batches."""
    job = engine.job(spec.digest)
    return bool(job and job.batch)


def quick(**changes: object) -> TrainingSpec:
    """A training of about a second."""
    return TrainingSpec(data="digits", model="softmax_regression", epochs=2).replace(**changes)


def slow(**changes: object) -> TrainingSpec:
    """A training that goes on for a minute unless it is stopped, of a network that is compiled at once."""
    return TrainingSpec(data="digits", model="softmax_regression", epochs=200, batch_size=4).replace(**changes)


def training_processes() -> list[psutil.Process]:
    """The processes in which a training runs: those whose priority is lower than this one's, as far as that goes."""
    lower, found = min(19, psutil.Process().nice() + 10), []
    for process in psutil.Process().children(recursive=True):
        try:
            if process.nice() == lower and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found

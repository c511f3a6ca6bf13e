"""A training as the engine keeps it and as a page sees it."""

import enum
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cvlib.spec import TrainingSpec

FRESH_SECONDS = 15.0
"""A session that has not looked at a job for this long no longer counts as waiting for it."""


class State(enum.StrEnum):
    """Where a job stands. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_active(self) -> bool:
        return self in (State.QUEUED, State.RUNNING, State.CANCELLING)


@dataclass(frozen=True, kw_only=True)
class Job:
    """A snapshot of a training for a page to draw.

    Attributes:
        digest: the specification's digest, which names the job and later the run.
        spec: what is trained.
        state: where it stands.
        place: place in the queue from 1, None unless queued.
        phase: what the training is doing, in words ("loading data", "training", ...).
        progress: share done, 0 to 1.
        seconds_left: estimate until the result, waiting time included; None while unknown.
        seconds: since it started running; None while queued.
        history: one list per metric, one number per epoch so far.
        batch: the newest event inside an epoch (`loss`, `accuracy`, `epoch`, `step`, ...), possibly empty.
        error: the sentence to show if it failed, or if its time was up.
        run: the name of the kept run (a cancelled training keeps what it had under another name); None if
            there is none.
        retried: whether its process died once and was started again.
    """

    digest: str
    spec: TrainingSpec
    state: State
    place: int | None = None
    phase: str = ""
    progress: float = 0.0
    seconds_left: float | None = None
    seconds: float | None = None
    history: dict[str, list[float]] = field(default_factory=dict)
    batch: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    run: str | None = None
    retried: bool = False


@dataclass(kw_only=True, eq=False)
class Record:
    """A job's books inside the engine; only ever touched while the engine's lock is held."""

    spec: TrainingSpec
    digest: str
    tag: float
    generation: int = 0
    state: State = State.QUEUED
    submitted: float = field(default_factory=time.monotonic)
    started: float | None = None
    ended: float | None = None
    starts: int = 0
    owners: dict[str, float] = field(default_factory=dict)
    phase: str = ""
    batch: dict[str, Any] = field(default_factory=dict)
    history: dict[str, list[float]] = field(default_factory=dict)
    error: str | None = None
    run: str | None = None
    future: Any = None

    def touch(self, owner: str) -> None:
        """Note that this session is looking at the job now."""
        self.owners[owner] = time.monotonic()

    def others_waiting(self, owner: str) -> bool:
        """Whether another session has looked at the job lately."""
        oldest = time.monotonic() - FRESH_SECONDS
        return any(seen > oldest for name, seen in self.owners.items() if name != owner)

    def on_event(self, event: dict[str, Any]) -> None:
        """Take in one progress event of the training (see `cvlib.training` for their fields)."""
        handler = getattr(self, f"_on_{event.get('kind')}", None)
        if handler is not None and self.state.is_active:
            handler(event)

    def _on_started(self, _event: dict[str, Any]) -> None:
        self.starts += 1
        self.started = time.monotonic()
        self.history, self.batch, self.phase = {}, {}, "starting"
        if self.state is State.QUEUED:
            self.state = State.RUNNING

    def _on_phase(self, event: dict[str, Any]) -> None:
        self.phase = str(event["phase"])

    def _on_batch(self, event: dict[str, Any]) -> None:
        self.batch = event

    def _on_epoch(self, event: dict[str, Any]) -> None:
        for name, value in event.items():
            if isinstance(value, float) and name not in ("time", "seconds", "seconds_left", "progress"):
                self.history.setdefault(name, []).append(value)

    def snapshot(self, place: int | None, wait_seconds: float) -> Job:
        """The job as a page may see it; `wait_seconds` is the estimate of what stands before it."""
        running = self.started is not None
        left = self.batch.get("seconds_left")
        return Job(
            digest=self.digest,
            spec=self.spec,
            state=self.state,
            place=place,
            phase=self.phase,
            progress=float(self.batch.get("progress", 0.0)),
            seconds_left=wait_seconds if place is not None else left,
            seconds=(self.ended or time.monotonic()) - self.started if running else None,
            history={name: list(values) for name, values in self.history.items()},
            batch=dict(self.batch),
            error=self.error,
            run=self.run,
            retried=self.starts > 1,
        )


def in_queue_order(records: Iterable[Record]) -> list[Record]:
    """The queued jobs in the order in which they will run: fair share first, then first come."""
    queued = [record for record in records if record.state is State.QUEUED]
    return sorted(queued, key=lambda record: (record.tag, record.submitted))


class FairShare:
    """Start-time fair queueing between sessions (Goyal, Vin & Cheng, 1996), every job of weight one.

    A job's tag is one later than its owner's previous job, but never earlier than the job that started last; the
    lowest tag runs first. Somebody who submits many jobs so waits behind everybody's first, and nobody starves.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.last: dict[str, float] = {}

    def tag(self, owner: str) -> float:
        """The tag of this owner's next job."""
        tag = max(self.now, self.last.get(owner, self.now - 1) + 1)
        self.last[owner] = tag
        return tag

    def started(self, tag: float) -> None:
        """Move the clock to a job that starts."""
        self.now = max(self.now, tag)
        self.last = {owner: last for owner, last in self.last.items() if last >= self.now}

"""The engine: the one object through which pages train networks and call what needs TensorFlow."""

import asyncio
import atexit
import contextlib
import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cvlib import lazy
from cvlib.engine import cluster, limits, training_slot, warm
from cvlib.engine.jobs import FairShare, Job, Record, State, in_queue_order
from cvlib.errors import Busy, Cancelled, JobError, RunNotFound, TimeLimit, UserError
from cvlib.spec import TrainingSpec
from cvlib.store import Store

RECORDS_KEPT = 200
"""Ended jobs that the engine remembers, so that a reopened page can say how its training ended."""
FIRST_PAGE_SECONDS = 2.0
"""The warm process serves the first page's pictures before it loads TensorFlow."""
TYPICAL_SECONDS = 15.0
"""What a waiting training is guessed to take before any has ended here."""

TOO_LONG = "The time that a training has on this host was up before it was through."

log = logging.getLogger(__name__)
distributed = lazy.load("distributed")  # 0.3 s that the first page need not wait for


@dataclass(frozen=True, kw_only=True)
class Status:
    """The state of the engine for a badge: `phase` is `off`, `starting`, `ready` or `failed`."""

    phase: str
    device: str | None
    running: tuple[Job, ...]
    queued: int


class Engine:
    """Runs trainings and interactive calls in processes of their own. Safe to share between threads.

    Args:
        store: where finished runs are kept; the default store if None.
    """

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()
        self._lock = threading.RLock()
        self._starting = threading.Lock()
        self._fair = FairShare()
        self._records: dict[str, Record] = {}
        self._to_submit: queue.SimpleQueue[Record] = queue.SimpleQueue()
        self._submitter: threading.Thread | None = None
        self._seconds: list[float] = []
        self._client: Any = None
        self._cluster: Any = None
        self._phase = "off"
        self._device: str | None = None
        atexit.register(self.close)

    # -- starting and ending ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to start the workers in the background; a call that needs them waits for them."""
        with self._lock:
            if self._phase not in ("off", "failed"):
                return
            self._phase = "starting"
        threading.Thread(target=self._start_quietly, daemon=True, name="engine-start").start()

    def _start_quietly(self) -> None:
        try:
            client = self._connected()
            self._warm(client, cluster.TRAINING, training_slot.warm_up)
            time.sleep(FIRST_PAGE_SECONDS)
            self._warm(client, cluster.INTERACTIVE, warm.warm_up)
        except Exception:
            if self._phase in ("closing", "off"):
                return  # it was closed meanwhile
            self._phase = "failed"
            log.exception("The engine could not be started")

    def _warm(self, client: Any, slot: str, function: Callable[[], Any]) -> None:
        future = client.submit(function, resources={slot: 1}, pure=False, key=f"warm-{slot}-{uuid.uuid4().hex}")
        _when_done(future, self._on_warm)

    def _on_warm(self, future: Any) -> None:
        if future.status == "finished" and (device := future.result()):
            self._device = device

    def _connected(self) -> Any:
        """The client, after starting or reconnecting if that is needed."""
        with self._starting:
            if self._client is None or self._client.status not in ("running", "connecting"):
                self._disconnect()
                self._phase = "starting"
                self._client, self._cluster = cluster.connect()
                self._client.subscribe_topic(training_slot.TOPIC, self._on_event)
                self._phase = "ready"
            return self._client

    def _disconnect(self) -> None:
        for part in (self._client, self._cluster):
            if part is not None:
                try:
                    part.close(timeout=3)
                except Exception:
                    log.debug("while closing %r", part, exc_info=True)
        self._client = self._cluster = None

    def close(self) -> None:
        """End the workers that this engine started. A training that runs is lost."""
        with self._starting:
            self._phase = "closing"
            self._disconnect()
            self._phase = "off"

    # -- interactive calls --------------------------------------------------------------------------------------

    def run(self, function: Callable[..., Any], *args: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        """Call `function(*args, **kwargs)` in the warm process and return what it returns.

        Raises:
            TimeLimit: it took longer than `timeout` seconds (`limits.INTERACTIVE_SECONDS`).
            JobError: its process died twice.
            Exception: whatever the function raised.
        """
        timeout = timeout or limits.INTERACTIVE_SECONDS
        future = self._connected().submit(
            function,
            *args,
            **kwargs,
            resources={cluster.INTERACTIVE: 1},
            key=f"{function.__name__}-{uuid.uuid4().hex}",
            pure=False,
        )
        try:
            return future.result(timeout)
        except TimeoutError as error:
            self._restart_interactive()
            raise TimeLimit(f"This took longer than {timeout:.0f} seconds and was ended. Try it again.") from error
        except (distributed.KilledWorker, distributed.CancelledError) as error:
            raise JobError("This stopped unexpectedly. Try it again.") from error

    def _restart_interactive(self) -> None:
        """A call that hangs would hold its place for good: only a new process frees it."""
        client = self._connected()
        workers = client.scheduler_info(n_workers=-1)["workers"]
        stuck = [address for address, worker in workers.items() if cluster.INTERACTIVE in worker["resources"]]
        client.restart_workers(stuck, timeout=30, raise_for_error=False)

    def run_with_model(self, run: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call `function(model, *args, **kwargs)` in the warm process with the Keras model of a kept run.

        Raises:
            RunNotFound: the store does not have the run (any more).
        """
        try:
            return self.run(warm.with_model, run, None, function, args, kwargs)
        except RunNotFound:
            entry = self.store.get(run)
            if entry is None:
                raise
            files = {"model.keras": entry.read("model.keras")}
            return self.run(warm.with_model, run, files, function, args, kwargs)

    # -- trainings ----------------------------------------------------------------------------------------------

    def train(self, spec: TrainingSpec, *, owner: str) -> Job:
        """Start this training for a session, or join it if it is already running.

        Raises:
            Busy: the queue, or this session's share of it, is full.
        """
        with self._lock:
            record = self._records.get(spec.digest)
            if record is None or not record.state.is_active:
                self._admit(owner)
                record = self._new_record(spec, owner, record)
                self._to_submit.put(record)
                self._begin_submitting()
            record.touch(owner)
            return self._snapshot(record)

    def _begin_submitting(self) -> None:
        """One thread submits all trainings, in the order in which they were asked for."""
        if self._submitter is None:
            self._submitter = threading.Thread(target=self._submit_in_order, daemon=True, name="engine-submit")
            self._submitter.start()

    def _submit_in_order(self) -> None:
        while True:
            self._submit(self._to_submit.get())

    def _admit(self, owner: str) -> None:
        active = [record for record in self._records.values() if record.state.is_active]
        if sum(owner in record.owners for record in active) >= limits.JOBS_A_SESSION:
            raise Busy("You already have one training running and one waiting. Wait until one is done, or cancel one.")
        queued = sum(record.state is State.QUEUED for record in active)
        if queued >= limits.JOBS_QUEUED:
            raise Busy(f"{queued} trainings are waiting already, which is as many as fit. Try again in a minute.")

    def _new_record(self, spec: TrainingSpec, owner: str, old: Record | None) -> Record:
        generation = old.generation + 1 if old else 0
        record = Record(spec=spec, digest=spec.digest, tag=self._fair.tag(owner), generation=generation)
        self._records.pop(spec.digest, None)
        self._records[spec.digest] = record
        ended = [digest for digest, other in self._records.items() if not other.state.is_active]
        for digest in ended[:-RECORDS_KEPT]:
            del self._records[digest]
        return record

    def _submit(self, record: Record) -> None:
        try:
            client = self._connected()
            with self._lock:
                if not record.state.is_active:
                    return
                record.future = client.submit(
                    training_slot.run,
                    record.spec.to_dict(),
                    server_store=self.store.identity,
                    limits=limits.training_limits(),
                    resources={cluster.TRAINING: 1},
                    priority=-record.tag,
                    key=_key(record),
                )
                _when_done(record.future, lambda future: self._on_end(record, future))
        except Exception:
            log.exception("A training could not be submitted")
            self._finish(record, State.FAILED, error="The engine could not be started. The host's log says why.")

    def _on_event(self, event: tuple[float, dict[str, Any]]) -> None:
        _, message = event
        with self._lock:
            for record in self._records.values():
                if _key(record) == message.get("job"):
                    record.on_event(message)
                    if message.get("kind") == "started":
                        self._fair.started(record.tag)

    def _on_end(self, record: Record, future: Any) -> None:
        try:
            outcome = future.result(timeout=30)
            if outcome["files"]:
                self.store.put(outcome["run"], outcome["files"], replace=True)
            state = State.CANCELLED if outcome["stopped"] else State.DONE
            is_late = bool(outcome["stopped"]) and outcome["stopped"]["reason"] == training_slot.TIME_UP
            self._finish(record, state, run=outcome["run"], error=TOO_LONG if is_late else None)
        except (Cancelled, distributed.CancelledError):
            self._finish(record, State.CANCELLED)
        except UserError as error:
            self._finish(record, State.FAILED, error=str(error))
        except distributed.KilledWorker:
            self._finish(record, State.FAILED, error="The training stopped unexpectedly, twice. Try it again.")
        except Exception:
            if self._phase not in ("closing", "off"):
                log.exception("A training ended with a fault")
            self._finish(record, State.FAILED, error="The training failed because of a fault in the program.")

    def _finish(self, record: Record, state: State, *, error: str | None = None, run: str | None = None) -> None:
        with self._lock:
            if not record.state.is_active:
                return
            record.state, record.error, record.run = state, error, run
            record.ended = time.monotonic()
            record.future = None
            if state is State.DONE and record.started:
                self._seconds = [*self._seconds[-9:], record.ended - record.started]

    def cancel(self, digest: str, *, owner: str) -> bool:
        """Stop waiting for this training, and stop the training itself unless another session waits for it.

        Returns:
            Whether the training itself stops.
        """
        with self._lock:
            record = self._records.get(digest)
            if record is None or record.state not in (State.QUEUED, State.RUNNING):
                return False
            if record.others_waiting(owner):
                record.owners.pop(owner, None)
                return False
            was_queued, future = record.state is State.QUEUED, record.future
            record.state = State.CANCELLING
        if was_queued:
            self._finish(record, State.CANCELLED)
        threading.Thread(target=self._stop, args=(record, future, was_queued), daemon=True).start()
        return True

    def _stop(self, record: Record, future: Any, was_queued: bool) -> None:
        if future is None:
            return
        if was_queued:
            future.cancel()
        # It may have begun in this moment; then only the flag beside it stops it.
        self._connected().run(training_slot.request_cancel, _key(record), nanny=False)

    # -- looking ------------------------------------------------------------------------------------------------

    def job(self, digest: str, *, owner: str | None = None) -> Job | None:
        """The training of this specification, if there is or lately was one; `owner` says who is looking."""
        with self._lock:
            record = self._records.get(digest)
            if record is None:
                return None
            if owner is not None and record.state.is_active:
                record.touch(owner)
            return self._snapshot(record)

    def _snapshot(self, record: Record) -> Job:
        queue = in_queue_order(self._records.values())
        if record not in queue:
            return record.snapshot(None, 0.0)
        place = queue.index(record)
        return record.snapshot(place + 1, self._wait_seconds(place))

    def _wait_seconds(self, ahead: int) -> float:
        typical = sum(self._seconds) / len(self._seconds) if self._seconds else TYPICAL_SECONDS
        running = self._with_state(State.RUNNING, State.CANCELLING)
        current = [record.batch.get("seconds_left") or typical for record in running]
        return ahead * typical + min(current, default=0.0)

    def _with_state(self, *states: State) -> Iterable[Record]:
        return [record for record in self._records.values() if record.state in states]

    def status(self) -> Status:
        """What the engine is doing, for everybody to see."""
        with self._lock:
            running = tuple(self._snapshot(record) for record in self._with_state(State.RUNNING, State.CANCELLING))
            queued = len(list(self._with_state(State.QUEUED)))
            return Status(phase=self._phase, device=self._device, running=running, queued=queued)


def _when_done(future: Any, then: Callable[[Any], None]) -> None:
    """Call `then(future)` in a thread of its own once the future has ended, however it did.

    Dask's own callbacks share a pool that Python closes first of all when the server ends: what still ran then would
    end in a traceback in its log.
    """

    def wait() -> None:
        with contextlib.suppress(Exception, asyncio.CancelledError):  # cancelled, or its client was closed
            future.exception()
        then(future)

    threading.Thread(target=wait, daemon=True, name="engine-wait").start()


def _key(record: Record) -> str:
    """Dask's key of the task: equal specifications meet in one task, a new try after a failure is another."""
    return f"train-{record.digest}-{record.generation}"

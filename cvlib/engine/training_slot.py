"""The training slot: a Dask task, free of TensorFlow, that starts a training in a process of its own and watches it.

What may go wrong in that process stays there: a cancel first asks and then kills, a hang meets its limit, memory
that leaks goes with the process, and a process that dies is started once more.
"""

import contextlib
import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any

import psutil

from cvlib import errors, lazy
from cvlib.engine.limits import TrainingLimits
from cvlib.errors import Cancelled, JobError, OutOfMemory, TimeLimit, UserError
from cvlib.runs import STOPPED
from cvlib.spec import TrainingSpec
from cvlib.store import Store

TOPIC = "cvlib-training"
TIME_UP = "time"
"""Why a training was stopped that took too long."""
POLL_SECONDS = 0.05
MEMORY_SECONDS = 0.5
WARM_UP_SECONDS = 60.0

log = logging.getLogger(__name__)
distributed = lazy.load("distributed")
_cancels: dict[str, threading.Event] = {}
_lock = threading.Lock()


def request_cancel(key: str) -> None:
    """Ask the training with this task key to stop. Runs in the worker, beside the task."""
    _cancel_event(key).set()


def _cancel_event(key: str) -> threading.Event:
    with _lock:
        return _cancels.setdefault(key, threading.Event())


def context() -> multiprocessing.context.BaseContext:
    """How children are made: forked from a server with Keras loaded, or spawned where that cannot be.

    A CUDA context does not survive a fork, so a host with a GPU spawns.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods() or has_gpu():
        return multiprocessing.get_context("spawn")
    forkserver = multiprocessing.get_context("forkserver")
    forkserver.set_forkserver_preload(["cvlib.engine.child"])
    return forkserver


def has_gpu() -> bool:
    """Whether an NVIDIA GPU is visible, found out without TensorFlow."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "unset") in ("", "-1")
    return not hidden and (os.path.exists("/dev/nvidiactl") or os.path.exists("/proc/driver/nvidia/version"))


def warm_up() -> None:
    """Load Keras into the fork server now, so that the first training need not wait for it."""
    process = context().Process(target=_nothing, daemon=True)
    process.start()
    process.join(WARM_UP_SECONDS)
    process.kill()


def _nothing() -> None:
    """A child that only proves that children can be made."""


def run(spec: dict[str, Any], *, server_store: str, limits: TrainingLimits) -> dict[str, Any]:
    """Train to this specification, unless the store has it. A Dask task.

    Returns:
        `run`: the name under which the model is kept; `stopped`: None, or why it is not complete; `files`: its
        files, if the store named `server_store` does not hold them, else None.
    """
    worker = distributed.get_worker()
    key = worker.get_current_task()

    def say(event: dict[str, Any]) -> None:
        worker.log_event(TOPIC, {"job": key, "time": time.time(), **event})

    say({"kind": "started"})
    try:
        return _run(TrainingSpec.from_dict(spec), _cancel_event(key), say, server_store, limits)
    finally:
        with _lock:
            _cancels.pop(key, None)


def _run(
    spec: TrainingSpec,
    cancel: threading.Event,
    say: Callable[[dict[str, Any]], None],
    server_store: str,
    limits: TrainingLimits,
) -> dict[str, Any]:
    store = Store()
    with store.once(spec.digest), store.lease(spec.digest):
        entry, stopped = store.get(spec.digest), None
        if entry is None:
            files, stopped = _train(spec, cancel, say, limits)
            entry = store.put(spec.digest + (STOPPED if stopped else ""), files, replace=True)
    shared = store.identity == server_store and entry.path("run.json") is not None
    return {
        "run": entry.digest,
        "stopped": stopped,
        "files": None if shared else {name: entry.read(name) for name in entry.names},
    }


def _train(
    spec: TrainingSpec,
    cancel: threading.Event,
    say: Callable[[dict[str, Any]], None],
    limits: TrainingLimits,
) -> tuple[dict[str, bytes], dict[str, Any] | None]:
    for attempt in range(limits.attempts):
        if attempt:
            say({"kind": "started"})
        with contextlib.suppress(_Died):
            return _Child(spec).watch(cancel, say, limits)
    raise JobError("The training stopped unexpectedly, twice. Try it again, or with a smaller network.")


class _Died(Exception):
    """The child ended without a word."""


class _Child:
    """One child process and its end of the pipe."""

    def __init__(self, spec: TrainingSpec) -> None:
        self.channel, far_end = multiprocessing.Pipe()
        self.process = context().Process(target=_child_main, args=(far_end, spec.to_dict()), daemon=True)
        self.process.start()
        self.has_spoken = False
        far_end.close()

    def watch(
        self, cancel: threading.Event, say: Callable[[dict[str, Any]], None], limits: TrainingLimits
    ) -> tuple[dict[str, bytes], dict[str, Any] | None]:
        """Wait for the child's result; raise what ended it instead."""
        bounds = _Bounds(self, cancel, limits)
        try:
            while True:
                for kind, payload in self._receive():
                    if kind == "event":
                        say(payload)
                    elif not cancel.is_set() or kind == "files":
                        files, stopped = _conclude(kind, payload)
                        if stopped and bounds.is_time_up:
                            stopped = {**stopped, "reason": TIME_UP}
                        return files, stopped
                bounds.check()
        except _Died:
            if cancel.is_set():
                raise Cancelled("Cancelled.") from None
            raise
        finally:
            self._end()

    def _receive(self) -> list[tuple[str, Any]]:
        ready = wait([self.channel, self.process.sentinel], timeout=POLL_SECONDS)
        messages = []
        try:
            while self.channel.poll():
                messages.append(self.channel.recv())
                self.has_spoken = True
        except (EOFError, OSError):
            if not messages:
                raise _Died from None
        if self.process.sentinel in ready and not messages and not self.channel.poll():
            raise _Died
        return messages

    def _end(self) -> None:
        self.process.kill()
        self.process.join()
        self.channel.close()


class _Bounds:
    """Cancel, time limit and memory limit of one child."""

    def __init__(self, child: _Child, cancel: threading.Event, limits: TrainingLimits) -> None:
        self.child, self.cancel, self.limits = child, cancel, limits
        self.started = time.monotonic()
        self.asked: float | None = None
        self.is_time_up = False
        self.memory_checked = self.started

    def check(self) -> None:
        now = time.monotonic()
        if self.cancel.is_set():
            self._ask_then_kill(now)
        if not self.child.has_spoken and now - self.started > self.limits.start_seconds:
            raise _Died  # a fork can catch another thread's lock and then waits for ever
        if not self.is_time_up and now - self.started > self.limits.asked_seconds:
            self.is_time_up = True
            self._ask()
        if now - self.started > self.limits.seconds:
            raise TimeLimit(
                f"The training was ended after {self.limits.seconds:.0f} seconds, the limit on this host. "
                "Choose fewer epochs, fewer pictures or a smaller network."
            )
        if now - self.memory_checked > MEMORY_SECONDS:
            self.memory_checked = now
            self._check_memory()

    def _ask_then_kill(self, now: float) -> None:
        if self.asked is None:
            self.asked = now
            self._ask()
        elif now - self.asked > self.limits.cancel_seconds:
            raise Cancelled("Cancelled.")

    def _ask(self) -> None:
        """Ask it to stop and to keep what it has."""
        with contextlib.suppress(OSError):
            self.child.channel.send("cancel")

    def _check_memory(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(self.child.process.pid).memory_info().rss > self.limits.memory_bytes:
                raise _too_large()


def _conclude(kind: str, payload: Any) -> tuple[dict[str, bytes], dict[str, Any] | None]:
    if kind == "files":
        return payload
    if kind == "memory":
        raise _too_large()
    if kind == "refused":
        name, sentence = payload
        raise getattr(errors, name, UserError)(sentence)
    log.error("A training failed:\n%s", payload)
    raise JobError("The training failed because of a fault in the program. The host's log says more.")


def _too_large() -> OutOfMemory:
    return OutOfMemory(
        "This model is too large for this machine. Choose a smaller network, smaller pictures or a smaller batch."
    )


def _child_main(channel: Connection, spec: dict[str, Any]) -> None:
    from cvlib.engine import child

    child.main(channel, spec)

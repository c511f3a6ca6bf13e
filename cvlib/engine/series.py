"""Trainings one after the other, whoever watches: the next is asked for when the last has ended."""

import logging
import threading
import time
from collections.abc import Sequence

from cvlib import runs
from cvlib.engine.handle import Engine
from cvlib.engine.jobs import State
from cvlib.errors import Busy, UserError
from cvlib.spec import TrainingSpec

LOOK_SECONDS = 0.2
UNWATCHED_SECONDS = 900.0
"""Who has not looked for so long has left: no further training is begun for them."""
CANCELLED = "Cancelled. What was trained is kept; press Train to go on."
LEFT = "Nobody was looking any more. What was trained is kept; press Train to go on."
FAULT = "This stopped because of a fault in the program. Press Train to go on."

log = logging.getLogger(__name__)


class Series(threading.Thread):
    """A series of trainings, of which the engine has one at a time, so that everybody else's turn comes in between.

    Args:
        engine: that trains.
        specs: what is to be trained, in this order; what the store has is passed over.
        owner: under which the series takes its turn.

    Attributes:
        names: the digests of the specifications.
        problem: why it ended before it was through, in a sentence; None otherwise.
    """

    def __init__(self, engine: Engine, specs: Sequence[TrainingSpec], *, owner: str) -> None:
        super().__init__(daemon=True, name="training-series")
        self.engine, self.specs, self.owner = engine, tuple(specs), owner
        self.names = tuple(spec.digest for spec in specs)
        self.problem: str | None = None
        self._stopped = threading.Event()
        self.watched()

    def watched(self) -> None:
        """Somebody is looking."""
        self._seen = time.monotonic()

    def stop(self) -> None:
        """Begin no further training, and cancel the one that runs."""
        self.problem = CANCELLED
        self._stopped.set()

    def run(self) -> None:
        """Called by `start`."""
        try:
            for spec in self.specs:
                problem = self._train(spec)
                if problem:
                    self.problem = self.problem or problem
                    return
        except Exception:
            log.exception("A series of trainings failed")
            self.problem = FAULT

    def _train(self, spec: TrainingSpec) -> str | None:
        """Have one trained; what went wrong, in a sentence."""
        while runs.load(self.engine.store, spec.digest) is None:
            if time.monotonic() - self._seen > UNWATCHED_SECONDS:
                return LEFT
            try:
                self.engine.train(spec, owner=self.owner)
            except Busy:
                if self._stopped.wait(LOOK_SECONDS):
                    return CANCELLED
                continue
            except UserError as error:
                return str(error)
            return self._followed(spec)
        return CANCELLED if self._stopped.is_set() else None

    def _followed(self, spec: TrainingSpec) -> str | None:
        """Wait for its end; what went wrong, in a sentence."""
        while True:
            job = self.engine.job(spec.digest, owner=self.owner)
            if job is None or not job.state.is_active:
                break
            if self._stopped.wait(LOOK_SECONDS):
                self.engine.cancel(spec.digest, owner=self.owner)
                return CANCELLED
        if job is not None and job.state is State.CANCELLED:
            return job.error or CANCELLED
        if job is not None and job.state is State.FAILED:
            return job.error or FAULT
        if runs.load(self.engine.store, spec.digest) is None:
            return "A trained network could not be kept: the host's disk may be full."
        return None

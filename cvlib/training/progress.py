"""What a training says of itself while it runs."""

import math
import time
from collections.abc import Callable
from typing import Any

from cvlib.errors import Diverged
from cvlib.spec import TrainingSpec

Report = Callable[[dict[str, Any]], None]
EVERY_SECONDS = 0.25


class Stopped(Exception):
    """The training was asked to stop; what it has learned so far is good."""


class Progress:
    """Turns Keras' callbacks into events, stops on request and on a loss that is not a number.

    Events are plain dicts with a `kind`: `phase` (`phase`), `batch` (`epoch`, `epochs`, `step`, `steps`, `loss`,
    `accuracy` if it is a classifier, `seconds`, `seconds_left`, `progress` 0..1), at most four a second, and `epoch`
    (`epoch`, `loss`, `val_loss`, `learning_rate`, and what else Keras measures).

    Args:
        spec: what is trained.
        steps: steps an epoch.
        report: takes the events.
        cancelled: asked after every execution of a few steps.
        prepares: whether the first step takes so long to prepare that its end is announced, as the phase `training`.
    """

    def __init__(
        self,
        spec: TrainingSpec,
        steps: int,
        report: Report,
        cancelled: Callable[[], bool],
        *,
        prepares: bool = False,
    ) -> None:
        self.prepares = prepares
        self.spec, self.steps, self.report, self.cancelled = spec, steps, report, cancelled
        self.history: dict[str, list[float]] = {}
        self.epoch = 0
        self.started = time.perf_counter()
        self.first_end: tuple[float, int] | None = None
        self.reported = -math.inf

    def on_batch_end(self, step: int, logs: dict[str, float]) -> None:
        """After an execution that ended with this step (from 0); the last one of an epoch may have had fewer steps."""
        self._check(logs["loss"])
        step = min(step, self.steps - 1)
        now = time.perf_counter()
        done = self.epoch * self.steps + step + 1
        if self.first_end is None and self.prepares:
            self.report({"kind": "phase", "phase": "training"})
        self.first_end = self.first_end or (now, done)
        if now - self.reported >= EVERY_SECONDS:
            self.reported = now
            self.report(self._event(step, done, now, logs))
        if self.cancelled():
            raise Stopped

    def _event(self, step: int, done: int, now: float, logs: dict[str, float]) -> dict[str, Any]:
        total = self.steps * self.spec.epochs
        # The first execution compiles, so it says nothing about the pace.
        then, before = self.first_end
        left = (now - then) / (done - before) * (total - done) if done > before else None
        return {
            "kind": "batch",
            "epoch": self.epoch + 1,
            "epochs": self.spec.epochs,
            "step": step + 1,
            "steps": self.steps,
            **{name: float(logs[name]) for name in ("loss", "accuracy") if name in logs},
            "seconds": now - self.started,
            "seconds_left": left,
            "progress": done / total,
        }

    def on_epoch_end(self, logs: dict[str, float], rate: float) -> None:
        """After an epoch and its validation."""
        self._check(logs["loss"])
        values = {name: float(value) for name, value in logs.items()} | {"learning_rate": rate}
        for name, value in values.items():
            self.history.setdefault(name, []).append(value)
        self.epoch += 1
        self.report({"kind": "epoch", "epoch": self.epoch, **values})

    def _check(self, loss: float) -> None:
        if not math.isfinite(loss):
            smaller = self.spec.learning_rate / 10
            raise Diverged(
                f"The training broke down in epoch {self.epoch + 1}: its loss is no longer a number. The learning rate "
                f"of {self.spec.learning_rate:g} is too large, so that every step overshoots. Try a smaller learning "
                f"rate, such as {smaller:g}."
            )


def keras_callback(progress: Progress, judge: Callable[[], dict[str, float]] = dict) -> Any:
    """The Keras callback that feeds this progress, with what `judge` finds after each epoch."""
    import keras

    class _Callback(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            progress.on_batch_end(batch, logs)

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            progress.on_epoch_end({**logs, **judge()}, float(self.model.optimizer.learning_rate))

    return _Callback()

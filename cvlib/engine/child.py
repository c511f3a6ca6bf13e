"""A training in a process of its own: what runs in that process.

`forkserver` imports this module before it forks (see `training_slot.context`), which is why it imports Keras at
its top: each training then starts from a process that has it loaded already.
"""

import contextlib
import os
import threading
import traceback
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

import keras
import tensorflow as tf

from cvlib import training
from cvlib.errors import UserError
from cvlib.spec import TrainingSpec

NICENESS = 10


def main(channel: Connection, spec: dict[str, Any]) -> None:
    """Train, and send what happens through `channel` as `(kind, payload)` pairs.

    Kinds: `event` (a progress dict), then one of `files` ((dict of file name to bytes, stopped or None)),
    `refused` ((class name, sentence) of a `UserError`), `memory` (None), `fault` (a traceback).
    """
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICENESS)
    threading.Thread(target=_end_with_parent, daemon=True, name="watch-parent").start()
    try:
        kind, payload = "files", _train(channel, TrainingSpec.from_dict(spec))
    except UserError as error:
        kind, payload = "refused", (type(error).__name__, str(error))
    except (MemoryError, tf.errors.ResourceExhaustedError):
        kind, payload = "memory", None
    except Exception:
        kind, payload = "fault", traceback.format_exc()
    channel.send((kind, payload))
    channel.close()


def _train(channel: Connection, spec: TrainingSpec) -> tuple[dict[str, bytes], dict[str, Any] | None]:
    trained = training.train(
        spec,
        report=lambda event: channel.send(("event", event)),
        cancelled=channel.poll,  # the parent writes nothing but the cancel
    )
    return training.to_files(trained), trained.stopped


def _end_with_parent() -> None:
    """A worker that is killed takes its training with it."""
    wait([parent_process().sentinel])
    os._exit(1)


__all__ = ["keras", "main"]

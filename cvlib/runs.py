"""Finished runs as the store holds them: read without TensorFlow, for pages and the command line."""

import io
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cvlib.errors import RunNotFound
from cvlib.spec import TrainingSpec
from cvlib.store import Entry, Store

STOPPED = "-stopped"
"""What the name of a cancelled training's run ends with."""


@dataclass(frozen=True)
class Run:
    """One finished (or cancelled and kept) training.

    Attributes:
        name: the specification's digest, with `STOPPED` behind it if the training was cancelled.
        entry: its files in the store.
    """

    name: str
    entry: Entry

    @cached_property
    def record(self) -> dict[str, Any]:
        """What is written in `run.json` (see `cvlib.training.to_files`)."""
        return json.loads(self.entry.read("run.json"))

    @cached_property
    def spec(self) -> TrainingSpec:
        return TrainingSpec.from_dict(self.record["spec"])

    @property
    def metrics(self) -> dict[str, float]:
        return self.record["metrics"]

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(self.record["class_names"])

    @cached_property
    def test(self) -> dict[str, np.ndarray]:
        """`probabilities` float32 (N, K) and `labels` int64 (N,) on the test split."""
        with np.load(io.BytesIO(self.entry.read("test.npz")), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}


def load(store: Store, name: str) -> Run | None:
    """The run of this name, or None."""
    entry = store.get(name)
    return Run(name, entry) if entry else None


def of_spec(store: Store, spec: TrainingSpec) -> Run | None:
    """The run of this specification; if there is none, what a cancelled training of it left."""
    return load(store, spec.digest) or load(store, spec.digest + STOPPED)


def require(store: Store, prefix: str) -> Run:
    """The run whose name begins with `prefix` (at least four characters).

    Raises:
        RunNotFound: no run, or more than one, begins so.
    """
    run = load(store, store.find(prefix))
    if run is None:
        raise RunNotFound("This run was damaged and has been set aside. Train it again.")
    return run


def every(store: Store) -> list[Run]:
    """All runs, newest first; entries that hold no readable run are left out."""
    runs = []
    for info in store.entries():
        run = load(store, info.digest)
        if run is not None and _is_readable(run):
            runs.append(run)
    return runs


def _is_readable(run: Run) -> bool:
    try:
        return bool(run.spec)
    except (ValueError, KeyError, TypeError, RunNotFound):
        return False

"""Networks that several test files need: trained by the first of them, handed to the others."""

import os

import pytest
from filelock import FileLock

from cvlib import recipes, runs
from cvlib.engine import Engine
from cvlib.spec import TrainingSpec
from cvlib.store import Store
from tests.engine.helpers import ended

LENET = recipes.recommended("digits", "lenet", epochs=6)
SOFTMAX = recipes.recommended("digits", "softmax_regression", epochs=6)


def shelf(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The runs of this test session, the same for all its workers; never the store of an engine under test."""
    base = tmp_path_factory.getbasetemp()
    return Store((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "at-hand")


def hand(kept: Store, engine: Engine, *specs: TrainingSpec, seconds: float = 150.0) -> None:
    """See that the engine's store has a run of each specification, the last one the newest.

    Args:
        kept: what this test session has trained so far.
        engine: trains what nobody has trained yet, and whose store gets the runs.
        specs: what is needed.
        seconds: that a training may take.
    """
    for spec in specs:
        with FileLock(kept.root / f"{spec.digest}.lock"):
            if kept.get(spec.digest) is None:
                engine.train(spec, owner="test")
                ended(engine, spec, seconds=seconds)
                _copy(runs.of_spec(engine.store, spec), kept)
            else:
                _copy(runs.load(kept, spec.digest), engine.store)


def _copy(run: runs.Run, store: Store) -> None:
    store.put(run.name, {name: run.entry.read(name) for name in run.entry.names}, replace=True)

"""The processes behind the engine: embedded in this host, or a Dask cluster that somebody else runs."""

import os
from typing import Any

from cvlib import lazy
from cvlib.engine import limits, watch

distributed = lazy.load("distributed")

LOOPBACK = "127.0.0.1"
TRAINING = "training"
INTERACTIVE = "interactive"
INTERACTIVE_CALLS = 2
"""Calls at once in the warm process."""
WATCH = ["cvlib.engine.watch"]
ENVIRONMENT = {
    # A training is a child of its worker's process, and a daemonic worker may have none.
    "DASK_DISTRIBUTED__WORKER__DAEMON": "False",
    # A task whose worker dies is run once more, then given up.
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
    # Nobody looks at what Dask measures of itself, 150 times a second in each of five processes.
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "5s",
    "DASK_LOGGING__DISTRIBUTED": "warning",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def connect() -> tuple[Any, Any]:
    """A client of the cluster at `DASK_SCHEDULER_ADDRESS`, or of one started here.

    Returns:
        The client, and the embedded cluster to close with it (None for a foreign one).
    """
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    cluster = None if address else _embedded()
    return distributed.Client(cluster or address, set_as_default=False, name="vision-workshop"), cluster


def _embedded() -> Any:
    """Scheduler and two workers as processes of this host that listen on the loopback address only."""
    import dask
    from distributed.deploy.spec import SpecCluster
    from distributed.deploy.subprocess import SubprocessScheduler

    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    os.environ["PYTHONPATH"] = _python_path()
    os.environ[watch.SERVER] = watch.server_mark()
    scheduler = {
        "host": LOOPBACK,
        "port": 0,
        "preload": WATCH,
        "dashboard": bool(os.environ.get("CVLIB_DASHBOARD")),
        "dashboard_address": f"{LOOPBACK}:0",
    }
    with dask.config.set({"distributed.worker.daemon": False}):
        return SpecCluster(
            scheduler={"cls": SubprocessScheduler, "options": {"scheduler_kwargs": scheduler}},
            workers={TRAINING: _worker(TRAINING, 1, 0), INTERACTIVE: _worker(INTERACTIVE, INTERACTIVE_CALLS)},
            name="vision-workshop",
            silence_logs=False,
        )


def _worker(kind: str, slots: int, memory_limit: int | None = None) -> dict[str, Any]:
    from distributed.deploy.subprocess import SubprocessWorker

    options = {
        "host": LOOPBACK,
        "nthreads": slots,
        "resources": {kind: slots},
        "memory_limit": limits.interactive_memory() if memory_limit is None else memory_limit,
        "preload": WATCH,
        "preload_nanny": WATCH,
        "dashboard": False,
        "dashboard_address": f"{LOOPBACK}:0",
    }
    return {"cls": SubprocessWorker, "options": {"worker_kwargs": options}}


def _python_path() -> str:
    """`PYTHONPATH` with the folder that holds `cvlib` first: the server may have been started anywhere."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parts = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return os.pathsep.join(dict.fromkeys(parts))

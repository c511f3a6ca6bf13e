"""The engine's processes end with the server, and a cluster that somebody else started serves as well."""

import functools
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cvlib.engine import Engine, State
from cvlib.store import Store
from tests.engine.helpers import ended, quick, until

ROOT = Path(__file__).resolve().parents[2]
SERVER = textwrap.dedent(
    """
    import sys, threading
    from cvlib.engine import Engine
    from tests.engine.helpers import slow, until, is_learning
    engine = Engine()
    spec = slow(seed=int(sys.argv[1]))
    engine.train(spec, owner="a")
    until(lambda: is_learning(engine, spec))
    print("learning", flush=True)
    threading.Event().wait()
    """
)


def serve(home: Path, seed: int) -> tuple[subprocess.Popen, list[psutil.Process]]:
    """A process with an engine that trains, and all the processes below it."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(seed)],
        cwd=ROOT,
        env={**os.environ, "CVLIB_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout.readline() == "learning\n"
    return server, psutil.Process(server.pid).children(recursive=True)


Ended = Callable[[signal.Signals], tuple[Path, list[psutil.Process], list[psutil.Process]]]


@pytest.fixture(scope="module")
def ended_by(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The home of a server that a signal ended while it trained, what ran below it, and what of that outlived it."""

    @functools.cache
    def made(how: signal.Signals) -> tuple[Path, list[psutil.Process], list[psutil.Process]]:
        home = tmp_path_factory.mktemp("ended")
        server, below = serve(home, seed=int(how))
        server.send_signal(how)
        server.wait(10)
        server.stdout.close()
        _, alive = psutil.wait_procs(below, timeout=10)
        return home, below, alive

    return made


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_fault_56_no_orphan_after_the_server_ended_while_training(how: signal.Signals, ended_by: Ended) -> None:
    _, below, alive = ended_by(how)
    assert len(below) >= 6
    assert alive == []


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_fault_56_the_restart_is_clean(ended_by: Ended, monkeypatch: pytest.MonkeyPatch) -> None:
    home, _, _ = ended_by(signal.SIGKILL)
    monkeypatch.setenv("CVLIB_HOME", str(home))
    engine = Engine(Store())
    try:
        spec = quick(seed=7)
        engine.train(spec, owner="a")
        assert ended(engine, spec).state is State.DONE
        assert [entry.digest for entry in engine.store.entries()] == [spec.digest]
    finally:
        engine.close()


def test_a_foreign_cluster_with_two_training_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "CVLIB_HOME": str(tmp_path / "theirs"),
        "DASK_DISTRIBUTED__WORKER__DAEMON": "False",
        "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
        "DASK_LOGGING__DISTRIBUTED": "warning",
    }
    where = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    quiet = ["--host", "127.0.0.1", "--no-dashboard"]
    commands = [
        [*dask, "scheduler", *quiet, "--port", "0", "--scheduler-file", str(where)],
        *[
            [*dask, "worker", *quiet, "--scheduler-file", str(where), "--nthreads", "3"]
            + ["--resources", "training=1 interactive=2"]
        ]
        * 2,
    ]
    processes = [subprocess.Popen(command, env=environment, cwd=tmp_path) for command in commands]
    try:
        until(where.exists, seconds=20)
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", until(lambda: json.loads(where.read_text()))["address"])
        monkeypatch.setenv("CVLIB_HOME", str(tmp_path / "ours"))
        check_foreign_cluster(Engine(Store()))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def check_foreign_cluster(engine: Engine) -> None:
    """Two trainings on workers whose disk is not ours: their runs come over to our store."""
    specs = [quick(seed=1), quick(seed=2)]
    try:
        for spec in specs:
            engine.train(spec, owner=str(spec.seed))
        for spec in specs:
            assert ended(engine, spec).state is State.DONE
            assert engine.store.get(spec.digest) is not None
    finally:
        engine.close()

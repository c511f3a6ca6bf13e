"""What all tests share: a store of their own, and no memory of Streamlit's between them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
ROOT = Path(__file__).resolve().parents[1]


CLOCKS = ("browser", "engine", "load")
"""Folders whose tests watch clocks while other processes work. They come first and stay on one worker."""
BESIDE = 10
"""The priority (*nice*) at which a worker runs all other tests: as low as a training's, so that they take what the
tests that watch clocks leave over and starve no training."""


def _folder(nodeid: str) -> str:
    return nodeid.partition("::")[0].split("/")[-2]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With several workers, a file stays on one, so that what its tests share is made once; `CLOCKS` are one file.

    The longest unit begins first; the others share what is left, so that all workers end at about the same time.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "clocks" if _folder(nodeid) in CLOCKS else nodeid.partition("::")[0]

        def _assign_work_unit(self, node: Any) -> None:
            if "clocks" in self.workqueue:
                self.workqueue.move_to_end("clocks", last=False)
            super()._assign_work_unit(node)

    return ByFile(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """One of several workers steps back for those who watch clocks, before it makes anything for other tests."""
    if "PYTEST_XDIST_WORKER" in os.environ and hasattr(os, "nice") and _folder(item.nodeid) not in CLOCKS:
        os.nice(max(0, BESIDE - os.nice(0)))


@pytest.fixture(autouse=True, scope="session")
def no_store_of_the_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither see nor touch what the person who runs them has trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CVLIB_HOME", str(tmp_path_factory.mktemp("cvlib-home")))
        yield

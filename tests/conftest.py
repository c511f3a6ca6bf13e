"""What all tests share: a store of their own, and no memory of Streamlit's between them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
ROOT = Path(__file__).resolve().parents[1]


LAST = ("browser", "engine", "load")
"""Folders whose tests watch clocks and start processes of low priority, which others would starve: each of them stays
on one worker, when all others are done, the longest first."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With several workers, a file stays on one, so that what its tests share is made once; `LAST` comes last."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            folder = path.split("/")[-2]
            return folder if folder in LAST else path

        def _assign_work_unit(self, node: Any) -> None:
            for folder in LAST:
                if folder in self.workqueue:
                    self.workqueue.move_to_end(folder)
            super()._assign_work_unit(node)

    return ByFile(config, log)


@pytest.fixture(autouse=True, scope="session")
def no_store_of_the_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither see nor touch what the person who runs them has trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CVLIB_HOME", str(tmp_path_factory.mktemp("cvlib-home")))
        yield

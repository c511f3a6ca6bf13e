"""What all tests share: a store of their own, and no memory of Streamlit's between them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True, scope="session")
def no_store_of_the_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither see nor touch what the person who runs them has trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CVLIB_HOME", str(tmp_path_factory.mktemp("cvlib-home")))
        yield
